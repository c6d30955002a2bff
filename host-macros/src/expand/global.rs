//! The record and the companion type of a `const` or a `static`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    expand::{
        Crate,
        companion::{Companion, Imports},
    },
    model::HostGlobal,
    tokens::text,
};

impl Crate {
    /// Writes the companion type and the record of a global.
    pub(super) fn global(&self, global: &HostGlobal<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        let (ident, ty) = (&global.global.ident, global.ty);
        let companion = Companion {
            ident,
            vis: &global.global.vis,
            cfgs: global.cfgs().collect(),
        };
        if !sound {
            return self.companion(&companion, None);
        }
        let keyword = &global.global.keyword;
        let code = text(quote!(#keyword #ident: #ty));
        let declaration = self.declaration(&global.import, &code, &global.docs, ident);
        let mutable = global.is_mutable();
        let marker = mutable.then(|| {
            quote! {
                #[automatically_derived]
                impl #host::MutableGlobal for #ident {}
            }
        });
        let prefix = Some(&global.import.prefix).filter(|prefix| !prefix.is_empty());
        let prefix =
            prefix.map(|prefix| quote!(const PREFIX: &'static ::core::primitive::str = #prefix;));
        let record = quote! {
            static __GLOBAL: #host::HostGlobal = #host::HostGlobal::new::<#ident>(#declaration);
            #[automatically_derived]
            impl #host::GlobalImport for #ident {
                type Value = #ty;
                const GLOBAL: &'static #host::HostGlobal = &__GLOBAL;
                const MUTABLE: bool = #mutable;
                #prefix

                fn initial<R>(read: impl ::core::ops::FnOnce(&Self::Value) -> R) -> R {
                    read(&#ident)
                }
            }
            #marker
        };
        let import = quote!(#host::HostImport::Global(&__GLOBAL));
        self.companion(&companion, Some((record, Imports::One(import))))
    }
}
