//! What `imports!` names and link-time collection finds: for a free function or a global a type that is
//! called like it, for an `impl` the type itself, for a `mod` a constant in it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, Visibility};

use crate::{
    check::{self, group::Members},
    expand::Crate,
    item::Impl,
    model::{HostFn, StoreParam, cfgs},
};

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

    /// A companion type, the record beside it and the imports that are in that. Without a record the type
    /// stands in for a faulty item, so that `imports!` finds it and reports nothing more.
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
                let collect = quote!(#host::collect! { #imports });
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

    /// What `imports![mod name]` reads in a module.
    pub(super) fn module_group(&self, members: &Members<'_, '_>, sound: bool) -> TokenStream {
        let host = &self.host();
        let imports = |ident: &Ident, cfgs: Vec<&Attribute>| quote!(#(#cfgs)* <#ident as #host::HostImports>::IMPORTS);
        let functions = members.functions.iter().filter(|_| sound);
        let functions = functions.map(|f| imports(f.ident(), f.cfgs().collect()));
        let globals = members.globals.iter().filter(|_| sound);
        let globals = globals.map(|g| imports(&g.global.ident, g.cfgs().collect()));
        quote! {
            #[doc(hidden)]
            pub const THIS_MODULE_NEEDS_WASM_IMPORT: &[&[#host::HostImport]] =
                &[#(#functions,)* #(#globals,)*];
        }
    }

    /// The records and shims of an `impl` block.
    pub(super) fn type_group(
        &self,
        block: &Impl,
        functions: &[HostFn<'_>],
        sound: bool,
    ) -> TokenStream {
        let host = &self.host();
        let self_ty = &block.self_ty;
        let cfgs = cfgs(&block.attrs);
        let mut shims = TokenStream::new();
        let mut records = Vec::new();
        for (index, function) in functions.iter().enumerate().filter(|_| sound) {
            let (ident, cfgs) = (function.ident(), function.cfgs().collect::<Vec<_>>());
            let name = format_ident!("__Shim{index}");
            let shim = self.shim(function, &name, &quote!(<#self_ty>::#ident));
            shims.extend(quote! {
                #(#cfgs)*
                enum #name {}
                #(#cfgs)*
                const _: () = { #shim };
            });
            let wrapper = match function.store() {
                Some((StoreParam::Caller, _)) => quote!(CallerShim),
                Some((StoreParam::Guest, _)) => quote!(GuestShim),
                None => quote!(Shim),
            };
            let function = quote!(<#name as #host::#wrapper>::FUNCTION);
            records.push(quote!(#(#cfgs)* #host::HostImport::Function(#function)));
        }
        let collect =
            sound.then(|| quote!(#host::collect! { <#self_ty as #host::HostImports>::IMPORTS }));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shims
                #[automatically_derived]
                impl #host::HostImports for #self_ty {
                    const IMPORTS: &'static [#host::HostImport] = &[#(#records),*];
                }
                #collect
            };
        }
    }
}
