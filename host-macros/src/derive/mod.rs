//! The derive macros: `FromGuest` and `IntoGuest` for C-like enums and newtypes, `ResultCode` for
//! errors, and `PlainData` for structs.

mod c_like;
mod code;
mod newtype;
mod plain_data;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, GenericParam, Path, spanned::Spanned};

use crate::check;

/// The trait to derive.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Derive {
    FromGuest,
    IntoGuest,
    ResultCode,
    PlainData,
}

/// Expands a derive macro: to the implementation, or to errors and a stub.
pub(crate) fn derive(derive: Derive, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let input = match syn::parse2::<DeriveInput>(tokens) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let expanded = expand(derive, &input, &mut errors);
    if let Some(expanded) = expanded.filter(|_| errors.is_empty()) {
        return expanded;
    }
    let (errors, stub) = (check::report(&errors), stub(derive, &input));
    quote!(#errors #stub)
}

/// Writes an implementation that is never called. It prevents more errors wherever a faulty type is
/// used.
fn stub(derive: Derive, input: &DeriveInput) -> TokenStream {
    let host = host(input, &mut Vec::new());
    let name = &input.ident;
    let (generics, own, clause) = input.generics.split_for_impl();
    match derive {
        Derive::FromGuest => {
            let mut generics = input.generics.clone();
            generics.params.insert(0, syn::parse_quote!('__guest));
            let (generics, _, _) = generics.split_for_impl();
            quote! {
                impl #generics #host::FromGuest<'__guest> for #name #own #clause {
                    type Wasm = i32;

                    fn from_guest(
                        _: i32,
                        _: &mut #host::Call<'__guest>,
                    ) -> #host::wasmtime::Result<Self> {
                        ::core::unreachable!()
                    }
                }
            }
        }
        Derive::IntoGuest => quote! {
            impl #generics #host::IntoGuest for #name #own #clause {
                type Wasm = i32;

                fn into_guest(self, _: &mut #host::Call<'_>) -> #host::wasmtime::Result<i32> {
                    ::core::unreachable!()
                }
            }
        },
        Derive::ResultCode => quote! {
            impl #generics #host::ResultCode for #name #own #clause {
                const CODES: &'static [i32] = &[];

                fn code(self) -> #host::wasmtime::Result<i32> {
                    ::core::unreachable!()
                }
            }
        },
        Derive::PlainData if input.generics.params.is_empty() => {
            plain_data::implementations(input, &host)
        }
        Derive::PlainData => TokenStream::new(),
    }
}

fn expand(derive: Derive, input: &DeriveInput, errors: &mut Vec<Error>) -> Option<TokenStream> {
    let host = host(input, errors);
    check_generics(input, errors);
    let union_token = match (&input.data, derive) {
        (Data::Struct(data), Derive::PlainData) => {
            return plain_data::expand(input, data, &host, errors);
        }
        (_, Derive::PlainData) => {
            errors.push(Error::new_spanned(
                &input.ident,
                "`PlainData` is only for structs, because bytes in guest memory are not always \
                 a valid value of this type: write a `struct`, or borrow an integer instead",
            ));
            return None;
        }
        (Data::Enum(data), Derive::ResultCode) => return code::expand(input, data, &host, errors),
        (Data::Enum(data), _) => return c_like::expand(derive, input, data, &host, errors),
        (Data::Struct(data), Derive::ResultCode) => {
            errors.push(Error::new(
                data.struct_token.span(),
                "`ResultCode` gives a code to each variant of an enum: write an `enum` instead of \
                 a `struct`",
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
        "guests cannot pass or receive a union: write an enum or a newtype instead",
    ));
    None
}

/// The path of `host_runtime` in generated code. `#[guest(crate = path)]` may set it.
fn host(input: &DeriveInput, errors: &mut Vec<Error>) -> TokenStream {
    let mut host = quote!(::host_runtime::__private);
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("guest"))
    {
        let parsed = attr.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error(
                    "unknown argument: write `#[guest(crate = path)]` with the path of \
                     `host_runtime`",
                ));
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
            "a type with this derive cannot be generic: write a concrete type in place of the \
             parameter, or implement the trait by hand",
        ));
    }
}
