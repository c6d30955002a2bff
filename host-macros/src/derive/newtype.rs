//! Newtypes: structs with one field, which guests pass and receive as that field.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, Error, Fields, Index, Lifetime, Member, spanned::Spanned};

use crate::derive::Derive;

/// Expands a derive macro on a struct.
pub(super) fn expand(
    derive: Derive,
    input: &DeriveInput,
    fields: &Fields,
    host: &TokenStream,
    errors: &mut Vec<Error>,
) -> Option<TokenStream> {
    let mut all = fields.iter();
    let (Some(field), None) = (all.next(), all.next()) else {
        errors.push(Error::new_spanned(
            if fields.is_empty() {
                input.ident.to_token_stream()
            } else {
                fields.to_token_stream()
            },
            "a newtype has exactly one field: pass the other fields as separate parameters, or \
             derive `PlainData` for a struct in guest memory",
        ));
        return None;
    };
    if field.ident.as_ref().is_some_and(|ident| ident == "_") {
        // rustc reports the invalid name.
        return None;
    }
    let (name, ty) = (&input.ident, &field.ty);
    let member = field
        .ident
        .clone()
        .map_or(Member::Unnamed(Index::from(0)), Member::Named);
    let (_, own, _) = input.generics.split_for_impl();
    let mut lifetimes = input.generics.lifetimes().map(|param| &param.lifetime);
    // A field that borrows from the guest does so during the call.
    let guest = lifetimes
        .next()
        .cloned()
        .unwrap_or_else(|| Lifetime::new("'__guest", Span::mixed_site()));
    if let Some(second) = lifetimes.next() {
        errors.push(Error::new_spanned(
            second,
            "a newtype can have only one lifetime parameter: use the same lifetime for everything \
             that it borrows from the guest",
        ));
        return None;
    }
    // If guests cannot pass or receive the field's type, rustc underlines the type.
    Some(match derive {
        Derive::FromGuest => {
            let field = quote_spanned!(ty.span()=> <#ty as #host::FromGuest<#guest>>);
            quote! {
                #[automatically_derived]
                impl<#guest> #host::FromGuest<#guest> for #name #own {
                    type Wasm = #field::Wasm;
                    const VALID: () = {
                        use #host::NotLowered as _;
                        let _ = #host::Probe::<#ty>::PARAMETER;
                    };
                    const MEMORY: bool = #field::MEMORY;
                    const INFALLIBLE: bool = #field::INFALLIBLE;

                    #[inline]
                    fn from_guest(
                        wasm: Self::Wasm,
                        call: &mut #host::Call<#guest>,
                    ) -> #host::wasmtime::Result<Self> {
                        ::core::result::Result::Ok(Self {
                            #member: #field::from_guest(wasm, call)?,
                        })
                    }
                }
            }
        }
        Derive::IntoGuest | Derive::ResultCode | Derive::PlainData => {
            let field = quote_spanned!(ty.span()=> <#ty as #host::IntoGuest>);
            let (generics, own, _) = input.generics.split_for_impl();
            quote! {
                #[automatically_derived]
                impl #generics #host::IntoGuest for #name #own {
                    type Wasm = #field::Wasm;
                    const VALID: () = {
                        // With `Probe`, rustc reports a field that cannot be returned only once.
                        use #host::NotLowered as _;
                        let _ = #host::Probe::<#ty>::RESULT;
                    };

                    #[inline]
                    fn into_guest(
                        self,
                        call: &mut #host::Call<'_>,
                    ) -> #host::wasmtime::Result<Self::Wasm> {
                        #field::into_guest(self.#member, call)
                    }
                }
            }
        }
    })
}
