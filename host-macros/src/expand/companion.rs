//! Companion types. `imports!` and link-time collection find items by these types. A companion type
//! has the name of the function or global, or the group name of an `impl` block.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Ident, Visibility};

use crate::{check, expand::Crate, model::HostFn};

/// An item that gets a companion type with the same name.
pub(super) struct Companion<'i> {
    pub(super) ident: &'i Ident,
    pub(super) vis: &'i Visibility,
    pub(super) cfgs: Vec<&'i Attribute>,
}

/// The imports of an item, as expressions.
pub(super) enum Imports {
    /// A `HostImport`.
    One(TokenStream),
    /// A slice of them.
    Several(TokenStream),
}

impl Crate {
    /// Writes the companion type of a function, with its record and shim.
    pub(super) fn free(&self, function: &HostFn<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        let ident = function.ident();
        let companion = Companion {
            ident,
            vis: &function.function.vis,
            cfgs: function.cfgs().collect(),
        };
        let record = sound.then(|| {
            let shim = self.shim(function, ident, &quote!(#ident));
            let import = quote!(#host::HostImport::Function(&__FUNCTION));
            (shim, Imports::One(import))
        });
        self.companion(&companion, record)
    }

    /// Writes a companion type, its record and its imports. A faulty item also gets a companion
    /// type, but without a record, so that rustc does not report its uses in `imports!`.
    pub(super) fn companion(
        &self,
        companion: &Companion<'_>,
        record: Option<(TokenStream, Imports)>,
    ) -> TokenStream {
        let host = &self.host();
        let Companion { ident, vis, cfgs } = companion;
        if check::is_primitive(ident) {
            return TokenStream::new();
        }
        let (record, imports, collect) = match record {
            Some((record, Imports::One(import))) => {
                let collect = quote!(#host::collect! { Item(#import) });
                (record, quote!(&[#import]), collect)
            }
            Some((record, Imports::Several(imports))) => {
                (record, imports, self.collect_several(&quote!(#ident)))
            }
            None => (TokenStream::new(), quote!(&[]), TokenStream::new()),
        };
        // If a type with this name exists already, rustc reports that at the item's name. The span
        // belongs to the expansion, so the user's lints do not apply.
        let here = Span::call_site().located_at(ident.span());
        let mut name = Ident::clone(ident);
        name.set_span(here);
        let companion = quote_spanned!(here=> enum #name {});
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #vis #companion

            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #record
                #[automatically_derived]
                impl #host::HostImports for #ident {
                    const IMPORTS: &'static [#host::HostImport] = #imports;
                }
                #collect
            };
        }
    }

    /// Collects the imports of a type.
    pub(super) fn collect_several(&self, ty: &TokenStream) -> TokenStream {
        let host = &self.host();
        quote!(#host::collect! { Items(<#ty as #host::HostImports>::IMPORTS) })
    }
}
