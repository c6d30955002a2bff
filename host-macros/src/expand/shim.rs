//! The shim: what makes the parameters, calls the function and passes its result on.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use crate::{
    expand::Crate,
    model::{HostFn, Param, StoreParam},
    tokens::nameable,
};

impl Crate {
    /// The function with its record, `__FUNCTION`, and the shim as a trait implementation of
    /// `shim`.
    pub(super) fn shim(
        &self,
        function: &HostFn<'_>,
        shim: &Ident,
        path: &TokenStream,
    ) -> TokenStream {
        let host = &self.host();
        let (kind, implementation) = match function.store() {
            Some((kind, ty)) => (
                match kind {
                    StoreParam::Caller => quote!(caller),
                    StoreParam::Guest => quote!(guest),
                },
                self.store_shim(function, shim, path, kind, ty),
            ),
            None => (quote!(plain), self.plain_shim(function, shim, path)),
        };
        quote! {
            static __FUNCTION: #host::HostFunction = #host::HostFunction::#kind::<#shim>();
            #implementation
        }
    }

    fn plain_shim(&self, function: &HostFn<'_>, shim: &Ident, path: &TokenStream) -> TokenStream {
        let host = &self.host();
        let states = states(function);
        let names = state_names(&states);
        let types = states.iter().map(|(ty, _)| ty);
        let (map, borrow) = if states.is_empty() {
            (quote!(_), TokenStream::new())
        } else {
            let map = Ident::new("states", Span::mixed_site());
            let borrow = quote!(let (#(#names,)*) = #map.borrow::<(#(#types,)*)>(););
            (quote!(#map), borrow)
        };
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
                self.parameter(&ty)
            }
        });
        let (record, result) = (self.record(function), self.result(function));
        // The implementation is safe: `call` makes the parameters of the record, by the same types
        // and in the same order. Its variables are its own, whatever the user's functions
        // are called.
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            unsafe impl #host::Shim for #shim {
                const RECORD: #host::Record = #record;
                const FUNCTION: &'static #host::HostFunction = &__FUNCTION;

                #[inline]
                fn call(
                    call: &mut #host::Hostcall<'_>,
                    #map: &mut #host::StateMap,
                ) -> #host::wasmtime::Result<()> {
                    #borrow
                    let result = #path(#(#arguments),*);
                    #result(result, call)
                }
            }
        }
    }

    /// What makes a parameter of the next values. Should its type not be one for a guest, rustc
    /// underlines it.
    fn parameter(&self, ty: &TokenStream) -> TokenStream {
        let host = &self.host();
        // The type may come out of a macro of the user's, where our variable has no meaning.
        let call = Ident::new("call", Span::mixed_site());
        quote_spanned!(ty.span()=> <#ty as #host::MakeParameter<'_>>::parameter(#call)?)
    }

    /// What passes a result on. Should its type not be one for a guest, rustc underlines it.
    fn result(&self, function: &HostFn<'_>) -> TokenStream {
        let host = &self.host();
        if let Some(ty) = function.result() {
            let ty = nameable(ty, function.self_ty);
            quote_spanned!(ty.span()=> <#ty as #host::PassResult>::result)
        } else {
            quote!(<() as #host::PassResult>::result)
        }
    }

    /// The shim of a function that takes the whole store, and makes its other parameters first.
    fn store_shim(
        &self,
        function: &HostFn<'_>,
        shim: &Ident,
        path: &TokenStream,
        kind: StoreParam,
        store: &Type,
    ) -> TokenStream {
        let store = nameable(store, function.self_ty);
        // Should the type be another, rustc reports it wherever it is used. If that is one place,
        // it does so once; but code of that place shares its variables, hence their names.
        let here = store.span();
        let host = &self.host_at(here);
        let parameter = format_ident!("{}Parameter", kind.name());
        let checked = quote_spanned!(here=> <fn(#store) as #host::#parameter>);
        let mut names = Vec::new();
        let mut makes = Vec::new();
        let mut arguments = Vec::new();
        for (index, param) in function.params.iter().enumerate() {
            if let Param::Value { ty, .. } = param {
                let name = Ident::new(&format!("parameter{index}"), Span::mixed_site());
                let ty = nameable(ty, function.self_ty);
                makes.push(self.parameter(&ty));
                arguments.push(quote!(#name));
                names.push(name);
            } else {
                arguments.push(quote_spanned!(here=> #checked::pass(__store)));
            }
        }
        let result = self.result(function);
        let parameter_call = Ident::new("call", Span::mixed_site());
        let (wrapper, data, store, call) = match kind {
            StoreParam::Caller => (
                quote!(CallerShim),
                quote_spanned!(here=> type Data = #checked::Data;),
                quote_spanned!(here=> #host::wasmtime::Caller<'_, Self::Data>),
                quote_spanned!(here=> #host::CallerCall<'_, Self::Data>),
            ),
            StoreParam::Guest => (
                quote!(GuestShim),
                TokenStream::new(),
                quote_spanned!(here=> #host::Guest<'_>),
                quote_spanned!(here=> #host::GuestCall<'_>),
            ),
        };
        let record = self.record(function);
        // Not of the user's own code, in which `unsafe` may be forbidden.
        let unsafe_token = quote_spanned!(Span::mixed_site()=> unsafe);
        // The implementation is safe, as that of `plain_shim` is.
        quote_spanned! {here=>
            #[automatically_derived]
            #unsafe_token impl #host::#wrapper for #shim {
                #data
                const RECORD: #host::Record = #record;
                const FUNCTION: &'static #host::HostFunction = &__FUNCTION;

                #[inline]
                fn call(
                    mut __store: #store,
                    __call: &mut #call,
                ) -> #host::wasmtime::Result<()> {
                    let (#(#names,)*) = __call.parameters(
                        &mut __store,
                        |#parameter_call| ::core::result::Result::Ok((#(#makes,)*)),
                    )?;
                    #result(#path(#(#arguments),*), &mut __call.returned())
                }
            }
        }
    }
}

/// The states that a function borrows, each once, and whether as `&mut`.
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

fn state_names(states: &[(TokenStream, bool)]) -> Vec<Ident> {
    (0..states.len())
        .map(|index| Ident::new(&format!("state{index}"), Span::mixed_site()))
        .collect()
}
