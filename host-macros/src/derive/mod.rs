//! The derives: `FromGuest` and `IntoGuest` of C-like enums and newtypes, `ResultCode` of errors.

mod c_like;
mod code;
mod newtype;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, GenericParam, Path, spanned::Spanned};

use crate::check;

/// Which of the traits is derived.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Derive {
    FromGuest,
    IntoGuest,
    ResultCode,
}

/// The implementation, or what is wrong with the type.
pub(crate) fn derive(derive: Derive, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let expanded = match syn::parse2::<DeriveInput>(tokens) {
        Ok(input) => expand(derive, &input, &mut errors),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let errors = check::report(&errors);
    expanded.filter(|_| errors.is_empty()).unwrap_or(errors)
}

fn expand(derive: Derive, input: &DeriveInput, errors: &mut Vec<Error>) -> Option<TokenStream> {
    let host = host(input, errors);
    check_generics(input, errors);
    let union_token = match (&input.data, derive) {
        (Data::Enum(data), Derive::ResultCode) => return code::expand(input, data, &host, errors),
        (Data::Enum(data), _) => return c_like::expand(derive, input, data, &host, errors),
        (Data::Struct(data), Derive::ResultCode) => {
            errors.push(Error::new(
                data.struct_token.span(),
                "each variant of an enum has a code: write an `enum` in place of `struct`",
            ));
            return None;
        }
        (Data::Struct(data), _) => {
            return newtype::expand(derive, input, &data.fields, &host, errors);
        }
        (Data::Union(data), _) => data.union_token,
    };
    errors.push(Error::new(
        union_token.span(),
        "a guest passes an enum or a newtype: write one of those in place of `union`",
    ));
    None
}

/// How the implementation names `host_runtime`: by `#[guest(crate = path)]`, if that is there.
fn host(input: &DeriveInput, errors: &mut Vec<Error>) -> TokenStream {
    let mut host = quote!(::host_runtime::__private);
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("guest"))
    {
        let parsed = attr.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("write `#[guest(crate = path)]`, where `host_runtime` is"));
            }
            let path: Path = meta.value()?.call(Path::parse_mod_style)?;
            host = quote!(#path::__private);
            Ok(())
        });
        errors.extend(parsed.err());
    }
    host
}

fn check_generics(input: &DeriveInput, errors: &mut Vec<Error>) {
    for param in &input.generics.params {
        let (GenericParam::Type(_) | GenericParam::Const(_)) = param else {
            continue;
        };
        errors.push(Error::new_spanned(
            param,
            "what a guest passes is of one type: write that type in place of the parameter, or \
             implement the trait by hand",
        ));
    }
}
