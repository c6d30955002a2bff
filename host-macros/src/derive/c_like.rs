//! Enums without fields, which are numbers to a guest.
//!
//! The crates that convert numbers to enums do so by a derive of their own (`num_enum`'s wants its name and a
//! `#[repr]` in the user's source besides), which one derive cannot ask of another; so the comparison is here.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DataEnum, DeriveInput, Error, Fields, Ident, Type, parse_quote};

use crate::{derive::Derive, tokens::text};

pub(super) fn expand(
    derive: Derive,
    input: &DeriveInput,
    data: &DataEnum,
    host: &TokenStream,
    errors: &mut Vec<Error>,
) -> Option<TokenStream> {
    Some(Enum::new(input, data, errors)?.expand(derive, input, host))
}

/// An enum without fields, as C has it.
struct Enum<'i> {
    /// The integer that a guest passes.
    repr: Type,
    variants: Vec<&'i Ident>,
}

impl<'i> Enum<'i> {
    fn new(input: &DeriveInput, data: &'i DataEnum, errors: &mut Vec<Error>) -> Option<Self> {
        let before = errors.len();
        for variant in &data.variants {
            if !matches!(variant.fields, Fields::Unit) {
                errors.push(Error::new_spanned(
                    &variant.fields,
                    "a guest passes the number of a variant: remove the fields, and pass them as \
                     parameters of their own",
                ));
            }
        }
        if data.variants.is_empty() {
            errors.push(Error::new_spanned(
                &input.ident,
                "no number stands for an enum without variants: add one",
            ));
        }
        let repr = repr(input, errors);
        (errors.len() == before).then(|| Self {
            repr,
            variants: data.variants.iter().map(|variant| &variant.ident).collect(),
        })
    }

    fn expand(&self, derive: Derive, input: &DeriveInput, host: &TokenStream) -> TokenStream {
        let Self { repr, variants } = self;
        let name = &input.ident;
        let fits = variants.iter().map(|variant| {
            let message = format!(
                "the number of `{variant}` does not fit `{}`, as which a guest passes it: write another \
                 `#[repr(…)]` for the enum",
                text(repr)
            );
            // Of the two derives, each may stand alone.
            quote_spanned! {variant.span()=>
                const _: () = ::core::assert!(
                    #name::#variant as i128 == #name::#variant as #repr as i128,
                    #message
                );
            }
        });
        let fits: TokenStream = fits.collect();
        let implementation = match derive {
            Derive::FromGuest => {
                let names: Vec<_> = variants.iter().map(ToString::to_string).collect();
                let known = format!("the numbers of `{name}`, {}", names.join(", "));
                quote! {
                    #[automatically_derived]
                    impl #host::FromGuest<'_> for #name {
                        type Wasm = <#repr as #host::FromGuest<'static>>::Wasm;

                        fn from_guest(
                            wasm: Self::Wasm,
                            call: &mut #host::Call<'_>,
                        ) -> #host::wasmtime::Result<Self> {
                            let number = <#repr as #host::FromGuest<'_>>::from_guest(wasm, call)?;
                            #(if number == Self::#variants as #repr {
                                return ::core::result::Result::Ok(Self::#variants);
                            })*
                            ::core::result::Result::Err(#host::not_in(number, #known))
                        }
                    }
                }
            }
            Derive::IntoGuest | Derive::ResultCode | Derive::PlainData => quote! {
                #[automatically_derived]
                impl #host::IntoGuest for #name {
                    type Wasm = <#repr as #host::IntoGuest>::Wasm;
                    const INFALLIBLE: bool = <#repr as #host::IntoGuest>::INFALLIBLE;

                    fn into_guest(
                        self,
                        call: &mut #host::Call<'_>,
                    ) -> #host::wasmtime::Result<Self::Wasm> {
                        <#repr as #host::IntoGuest>::into_guest(self as #repr, call)
                    }
                }
            },
        };
        quote!(#implementation #fits)
    }
}

/// The integer of `#[repr(…)]`, an `i32` where there is none, as C has it.
fn repr(input: &DeriveInput, errors: &mut Vec<Error>) -> Type {
    let mut found: Type = parse_quote!(i32);
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        // What is no integer is for rustc to judge.
        let _ = attr.parse_nested_meta(|meta| {
            let Some(ident) = meta.path.get_ident() else {
                return Ok(());
            };
            let text = ident.to_string();
            match text.as_str() {
                "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" => {
                    found = parse_quote!(#ident);
                }
                "isize" | "usize" | "i128" | "u128" => errors.push(Error::new(
                    ident.span(),
                    format!("a guest has no `{text}`: write `u32`, `i32`, `u64` or `i64`"),
                )),
                _ => {}
            }
            Ok(())
        });
    }
    found
}
