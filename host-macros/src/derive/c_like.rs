//! C-like enums, which guests pass as integers.
//!
//! Crates such as `num_enum` convert numbers to enums with a derive macro that the user must write
//! on the type. One derive macro cannot apply another one, so this module generates the comparisons
//! itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{DataEnum, DeriveInput, Error, Expr, Fields, Ident, Type, Variant, parse_quote};

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

/// A C-like enum.
struct Enum<'i> {
    /// The integer type that a guest passes.
    repr: Type,
    variants: Vec<&'i Variant>,
    /// The variant that holds the numbers of no other variant.
    other: Option<&'i Ident>,
}

impl<'i> Enum<'i> {
    fn new(input: &DeriveInput, data: &'i DataEnum, errors: &mut Vec<Error>) -> Option<Self> {
        let before = errors.len();
        let repr = repr(input, errors);
        let mut other = None;
        let mut variants = Vec::new();
        for (index, variant) in data.variants.iter().enumerate() {
            if is_other(variant, errors) {
                check_other(variant, index + 1 == data.variants.len(), &repr, errors);
                other = Some(&variant.ident);
                continue;
            }
            variants.push(variant);
            if !matches!(variant.fields, Fields::Unit) {
                errors.push(Error::new_spanned(
                    &variant.fields,
                    "a guest passes only the number of a variant: remove the fields and pass them \
                     as separate parameters, or mark the variant that holds all other numbers with \
                     `#[guest(other)]`",
                ));
            }
        }
        if data.variants.is_empty() {
            errors.push(Error::new_spanned(
                &input.ident,
                "an enum without variants cannot be passed as a number: add a variant",
            ));
        }
        (errors.len() == before).then(|| Self {
            repr,
            variants,
            other,
        })
    }

    fn expand(&self, derive: Derive, input: &DeriveInput, host: &TokenStream) -> TokenStream {
        let Self { repr, .. } = self;
        let name = &input.ident;
        let variants: Vec<_> = self.variants.iter().map(|variant| &variant.ident).collect();
        let (numbers, check) = self.numbers(name);
        let implementation = match derive {
            Derive::FromGuest => {
                let ty = name.to_string();
                let expected = format!("the number of {}", alternatives(&variants));
                let infallible = self.other.map(|_| {
                    quote! {
                        const INFALLIBLE: bool = <#repr as #host::FromGuest<'static>>::INFALLIBLE;
                    }
                });
                let rest = if let Some(other) = self.other {
                    quote!(::core::result::Result::Ok(Self::#other(number)))
                } else {
                    let error = quote!(#host::invalid_number(number, #ty, #expected));
                    quote!(::core::result::Result::Err(#error))
                };
                quote! {
                    #[automatically_derived]
                    impl #host::FromGuest<'_> for #name {
                        type Wasm = <#repr as #host::FromGuest<'static>>::Wasm;
                        #infallible

                        fn from_guest(
                            wasm: Self::Wasm,
                            call: &mut #host::Call<'_>,
                        ) -> #host::wasmtime::Result<Self> {
                            let number = <#repr as #host::FromGuest<'_>>::from_guest(wasm, call)?;
                            #(if number == #numbers {
                                return ::core::result::Result::Ok(Self::#variants);
                            })*
                            #rest
                        }
                    }
                }
            }
            Derive::IntoGuest | Derive::ResultCode | Derive::PlainData => {
                let other = self
                    .other
                    .map(|other| quote!(Self::#other(number) => number,));
                quote! {
                    #[automatically_derived]
                    impl #host::IntoGuest for #name {
                        type Wasm = <#repr as #host::IntoGuest>::Wasm;
                        const INFALLIBLE: bool = <#repr as #host::IntoGuest>::INFALLIBLE;

                        fn into_guest(
                            self,
                            call: &mut #host::Call<'_>,
                        ) -> #host::wasmtime::Result<Self::Wasm> {
                            let number = match self {
                                #(Self::#variants => #numbers,)*
                                #other
                            };
                            <#repr as #host::IntoGuest>::into_guest(number, call)
                        }
                    }
                }
            }
        };
        // Each of the two derives may be used alone, so each of them writes the check.
        quote! {
            const _: () = {
                #check
                #implementation
            };
        }
    }

    /// The numbers of the variants as expressions, and the constants that belong to them: either
    /// checks of the numbers, or the numbers themselves.
    fn numbers(&self, name: &Ident) -> (Vec<TokenStream>, TokenStream) {
        let repr = &self.repr;
        let mut before: Option<Ident> = None;
        let mut numbers = Vec::new();
        let mut beside = TokenStream::new();
        for (index, variant) in self.variants.iter().enumerate() {
            let ident = &variant.ident;
            if self.other.is_none() {
                let message = format!(
                    "the number of `{ident}` does not fit in `{}`, the type that a guest passes: \
                     write a `#[repr(…)]` whose type can hold it",
                    text(repr)
                );
                beside.extend(quote_spanned! {ident.span()=>
                    const _: () = ::core::assert!(
                        #name::#ident as i128 == #name::#ident as #repr as i128,
                        #message
                    );
                });
                numbers.push(quote!((#name::#ident as #repr)));
                continue;
            }
            // A variant cannot be cast if a variant of the enum has a field.
            let number = format_ident!("__NUMBER{index}");
            let value = match (&variant.discriminant, &before) {
                (Some((_, value)), _) => quote!(#value),
                (None, Some(before)) => quote!(#before + 1),
                (None, None) => quote!(0),
            };
            beside.extend(quote!(const #number: #repr = #value;));
            numbers.push(quote!(#number));
            before = Some(number);
        }
        (numbers, beside)
    }
}

/// Checks whether a variant has the attribute `#[guest(other)]`.
fn is_other(variant: &Variant, errors: &mut Vec<Error>) -> bool {
    let mut other = false;
    let attrs = variant.attrs.iter();
    for attr in attrs.filter(|attr| attr.path().is_ident("guest")) {
        let parsed = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("other") {
                other = true;
                return Ok(());
            }
            if meta.path.is_ident("trap") {
                // This and `code` belong to `ResultCode`, which the type may derive as well.
                return Ok(());
            }
            if meta.path.is_ident("code") {
                return meta.value()?.parse::<Expr>().map(drop);
            }
            Err(meta.error(
                "unknown argument: write `#[guest(other)]` on the variant that holds all other \
                 numbers",
            ))
        });
        errors.extend(parsed.err());
    }
    other
}

/// Checks that the variant for other numbers is the last one, has no discriminant, and has one
/// field of the type that a guest passes.
fn check_other(variant: &Variant, is_last: bool, repr: &Type, errors: &mut Vec<Error>) {
    let (ident, repr) = (&variant.ident, text(repr));
    let holds_it = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => text(&fields.unnamed[0].ty) == repr,
        _ => false,
    };
    if !holds_it {
        errors.push(Error::new_spanned(
            variant,
            format!(
                "the `#[guest(other)]` variant must hold the number that a guest passes: write \
                 `{ident}({repr})`"
            ),
        ));
    } else if !is_last {
        errors.push(Error::new_spanned(
            ident,
            "the `#[guest(other)]` variant must be the last variant: move it to the end",
        ));
    } else if let Some((_, value)) = &variant.discriminant {
        errors.push(Error::new_spanned(
            value,
            "the `#[guest(other)]` variant has no number of its own: remove the discriminant",
        ));
    }
}

/// The integer type of `#[repr(…)]`, or `i32` without one, which is the type of an enum in C.
fn repr(input: &DeriveInput, errors: &mut Vec<Error>) -> Type {
    let mut found: Type = parse_quote!(i32);
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        // rustc reports unknown arguments.
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
                    format!("guests cannot pass a `{text}`: write `u32`, `i32`, `u64` or `i64`"),
                )),
                _ => {}
            }
            Ok(())
        });
    }
    found
}

/// The names as "A", "A or B", or "A, B or C".
fn alternatives(names: &[&Ident]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
