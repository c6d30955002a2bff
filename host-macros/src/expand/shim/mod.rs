//! The shim, which converts the parameters, calls the function and passes its result to the guest.
//! Each kind of shim has its own file.

mod plain;
mod store;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, spanned::Spanned};

use crate::{
    expand::Crate,
    model::{HostFn, Param},
    tokens::nameable,
};

/// The parts of an implementation of `Shim` that depend on the kind of shim.
struct Kind {
    /// The type `Shim::Kind`.
    name: TokenStream,
    /// The type of the context.
    context: TokenStream,
    /// The variable that holds the context.
    cx: Ident,
    /// The body of `Shim::call`.
    body: TokenStream,
    /// The span at which rustc reports errors about the kind.
    span: Span,
}

impl Crate {
    /// Writes the static `__FUNCTION`, and the implementation of `Shim` for the type `shim`.
    /// `path` names the function.
    pub(super) fn shim(
        &self,
        function: &HostFn<'_>,
        shim: &Ident,
        path: &TokenStream,
    ) -> TokenStream {
        let Kind {
            name,
            context,
            cx,
            body,
            span,
        } = match function.store() {
            Some((kind, ty)) => self.store_shim(function, path, kind, ty),
            None => self.plain_shim(function, path),
        };
        let host = &self.host_at(span);
        let record = self.record(function);
        // The user's code may forbid `unsafe`, so the span of this token is not in that code.
        let unsafe_token = quote_spanned!(Span::mixed_site()=> unsafe);
        // The implementation is sound, because `call` converts the parameters that the record
        // lists, with the same types and in the same order.
        quote_spanned! {span=>
            static __FUNCTION: #host::HostFunction = #host::HostFunction::of::<#shim>();
            #[automatically_derived]
            #unsafe_token impl #host::Shim for #shim {
                type Kind = #name;
                const RECORD: #host::Record = #record;
                const FUNCTION: &'static #host::HostFunction = &__FUNCTION;

                #[inline]
                fn call(#cx: &mut #context) -> #host::wasmtime::Result<()> {
                    #body
                }
            }
        }
    }

    /// The expression that converts the next parameter. If guests cannot pass its type, rustc
    /// underlines the type.
    fn lift(&self, ty: &TokenStream) -> TokenStream {
        let host = &self.host();
        let call = call();
        quote_spanned!(ty.span()=> <#ty as #host::Lift<'_>>::lift(#call)?)
    }

    /// The function that passes the result to the guest. If guests cannot receive its type, rustc
    /// underlines the type.
    fn lower(&self, function: &HostFn<'_>) -> TokenStream {
        let host = &self.host();
        if let Some(ty) = function.result() {
            let ty = nameable(ty, function.self_ty);
            quote_spanned!(ty.span()=> <#ty as #host::Lower>::lower)
        } else {
            quote!(<() as #host::Lower>::lower)
        }
    }
}

/// The variable for the hostcall. Because of its span, it differs from any variable with the same
/// name in the user's code.
fn call() -> Ident {
    Ident::new("call", Span::mixed_site())
}

/// The types of the states that a function borrows, without duplicates. The flag is true for
/// `&mut`.
pub(super) fn states(function: &HostFn<'_>) -> Vec<(TokenStream, bool)> {
    let mut states: Vec<(TokenStream, bool)> = Vec::new();
    for param in &function.params {
        if let Param::State { ty, mutable, .. } = param {
            let ty = nameable(ty, function.self_ty);
            if states
                .iter()
                .all(|(other, _)| other.to_string() != ty.to_string())
            {
                states.push((ty, *mutable));
            }
        }
    }
    states
}
