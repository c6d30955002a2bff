//! What `imports!` names and link-time collection finds: for a free function a type that is called
//! like it, for an `impl` the type itself, for a `mod` a constant in it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::{
    check,
    expand::Crate,
    item::Impl,
    model::{HostFn, StoreParam, cfgs},
};

impl Crate {
    /// A function's companion type, with its record and shim. If the function is not `sound`,
    /// the type stands in for it, so that `imports!` finds it and reports nothing more.
    pub(super) fn free(&self, function: &HostFn<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        if check::is_primitive(function.ident()) {
            return TokenStream::new();
        }
        let (ident, vis) = (function.ident(), &function.function.vis);
        let cfgs: Vec<_> = function.cfgs().collect();
        let (shim, functions) = if sound {
            let shim = self.shim(function, ident, &quote!(#ident));
            (shim, quote!(&[&FUNCTION]))
        } else {
            (TokenStream::new(), quote!(&[]))
        };
        let collect = sound.then(|| quote!(#host::collect! { #functions }));
        // Should a type of that name be there already, rustc reports it at the function's name. The
        // span is still the expansion's own, for which users' lints do not hold.
        let here = Span::call_site().located_at(ident.span());
        let mut companion = ident.clone();
        companion.set_span(here);
        let companion = quote_spanned!(here=> enum #companion {});
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #vis #companion

            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shim
                #[automatically_derived]
                impl #host::HostImports for #ident {
                    const FUNCTIONS: &'static [&'static #host::HostFunction] = #functions;
                }
                #collect
            };
        }
    }

    /// What `imports![mod name]` reads in a module.
    pub(super) fn module_group(&self, functions: &[HostFn<'_>], sound: bool) -> TokenStream {
        let host = &self.host();
        let functions = functions.iter().filter(|_| sound).map(|function| {
            let (ident, cfgs) = (function.ident(), function.cfgs());
            quote!(#(#cfgs)* <#ident as #host::HostImports>::FUNCTIONS)
        });
        quote! {
            #[doc(hidden)]
            pub const THIS_MODULE_NEEDS_WASM_IMPORT: &[&[&#host::HostFunction]] = &[#(#functions),*];
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
            records.push(quote!(#(#cfgs)* <#name as #host::#wrapper>::FUNCTION));
        }
        let collect =
            sound.then(|| quote!(#host::collect! { <#self_ty as #host::HostImports>::FUNCTIONS }));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shims
                #[automatically_derived]
                impl #host::HostImports for #self_ty {
                    const FUNCTIONS: &'static [&'static #host::HostFunction] = &[#(#records),*];
                }
                #collect
            };
        }
    }
}
