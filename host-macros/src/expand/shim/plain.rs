//! Shims of functions that do not take the whole store.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use crate::{
    expand::{
        Crate,
        shim::{Kind, call, states},
    },
    model::{HostFn, Param},
    tokens::nameable,
};

impl Crate {
    pub(super) fn plain_shim(&self, function: &HostFn<'_>, path: &TokenStream) -> Kind {
        let host = &self.host();
        let states = states(function);
        let names: Vec<_> = (0..states.len())
            .map(|index| Ident::new(&format!("state{index}"), Span::mixed_site()))
            .collect();
        let types = states.iter().map(|(ty, _)| ty);
        let (cx, call) = (Ident::new("cx", Span::mixed_site()), call());
        let borrow = (!states.is_empty())
            .then(|| quote!(let (#(#names,)*) = #cx.states.borrow::<(#(#types,)*)>();));
        let arguments = function.params.iter().map(|param| match param {
            Param::State { ty, mutable, .. } => {
                let ty = nameable(ty, function.self_ty);
                let written = ty.to_string();
                let index = states.iter().position(|(ty, _)| ty.to_string() == written);
                let name = &names[index.unwrap_or_default()];
                if *mutable {
                    quote!(#name)
                } else {
                    quote!(&*#name)
                }
            }
            Param::Value { ty, .. } | Param::Store { ty, .. } => {
                let ty = nameable(ty, function.self_ty);
                self.lift(&ty)
            }
        });
        let lower = self.lower(function);
        let body = quote_spanned! {Span::mixed_site()=>
            let #call = &mut #cx.call;
            #borrow
            let result = #path(#(#arguments),*);
            #lower(result, #call)
        };
        Kind {
            name: quote!(#host::Plain),
            context: quote!(#host::PlainContext<'_>),
            cx,
            body,
            span: Span::mixed_site(),
        }
    }
}
