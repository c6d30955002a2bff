//! What `imports!` names and link-time collection finds: a type that is called like a free function
//! or a global, or as an `impl` block says.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Ident, Visibility};

use crate::{check, expand::Crate, model::HostFn};

/// An item that gets a companion type of its name.
pub(super) struct Companion<'i> {
    pub(super) ident: &'i Ident,
    pub(super) vis: &'i Visibility,
    pub(super) cfgs: Vec<&'i Attribute>,
}

impl Crate {
    /// A function's companion type, with its record and shim.
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
            (shim, quote!(&[#host::HostImport::Function(&__FUNCTION)]))
        });
        self.companion(&companion, record)
    }

    /// A companion type, the record beside it and the imports that are in that. Without a record
    /// the type stands in for a faulty item, so that `imports!` finds it and reports nothing
    /// more.
    pub(super) fn companion(
        &self,
        companion: &Companion<'_>,
        record: Option<(TokenStream, TokenStream)>,
    ) -> TokenStream {
        let host = &self.host();
        let Companion { ident, vis, cfgs } = companion;
        if check::is_primitive(ident) {
            return TokenStream::new();
        }
        let (record, imports, collect) = match record {
            Some((record, imports)) => {
                let collect = quote!(#host::collect! { <#ident as #host::HostImports>::IMPORTS });
                (record, imports, collect)
            }
            None => (TokenStream::new(), quote!(&[]), TokenStream::new()),
        };
        // Should a type of that name be there already, rustc reports it at the item's name. The
        // span is still the expansion's own, for which users' lints do not hold.
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
}
