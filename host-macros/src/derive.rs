//! `#[derive(FromGuest)]` and `#[derive(IntoGuest)]`: C-like enums and newtypes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Data, DataEnum, DeriveInput, Error, Fields, GenericParam, Ident, Index, Lifetime, Member, Path,
    Type, parse_quote, spanned::Spanned,
};

use crate::check;

/// Which of the two traits is derived.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Derive {
    FromGuest,
    IntoGuest,
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
    match &input.data {
        Data::Enum(data) => Enum::new(input, data, errors).map(|e| e.expand(derive, input, &host)),
        Data::Struct(data) => newtype(derive, input, &data.fields, &host, errors),
        Data::Union(data) => {
            errors.push(Error::new(
                data.union_token.span(),
                "a guest passes an enum or a newtype: write one of those in place of `union`",
            ));
            None
        }
    }
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
        match derive {
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
            Derive::IntoGuest => quote! {
                #[automatically_derived]
                impl #host::IntoGuest for #name {
                    type Wasm = <#repr as #host::IntoGuest>::Wasm;

                    fn into_guest(
                        self,
                        call: &mut #host::Call<'_>,
                    ) -> #host::wasmtime::Result<Self::Wasm> {
                        <#repr as #host::IntoGuest>::into_guest(self as #repr, call)
                    }
                }
            },
        }
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

/// A struct of one field, which is passed as that field is.
fn newtype(
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
            "a newtype has one field: pass others as parameters of their own, or implement \
             `PlainData` for a struct that lies in the guest's memory",
        ));
        return None;
    };
    let (name, ty) = (&input.ident, &field.ty);
    let member = field
        .ident
        .clone()
        .map_or(Member::Unnamed(Index::from(0)), Member::Named);
    let (_, own, _) = input.generics.split_for_impl();
    let mut lifetimes = input.generics.lifetimes().map(|param| &param.lifetime);
    // A field that borrows from the guest does so for the time of the call.
    let guest = lifetimes
        .next()
        .cloned()
        .unwrap_or_else(|| Lifetime::new("'__guest", Span::mixed_site()));
    if let Some(second) = lifetimes.next() {
        errors.push(Error::new_spanned(
            second,
            "what is borrowed from a guest is borrowed for one time: use one lifetime",
        ));
        return None;
    }
    // Should the field's type not be one for a guest, rustc underlines it.
    Some(match derive {
        Derive::FromGuest => {
            let field = quote_spanned!(ty.span()=> <#ty as #host::FromGuest<#guest>>);
            quote! {
                #[automatically_derived]
                impl<#guest> #host::FromGuest<#guest> for #name #own {
                    type Wasm = #field::Wasm;
                    const MEMORY: bool = #field::MEMORY;

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
        Derive::IntoGuest => {
            let field = quote_spanned!(ty.span()=> <#ty as #host::IntoGuest>);
            let (generics, own, _) = input.generics.split_for_impl();
            quote! {
                #[automatically_derived]
                impl #generics #host::IntoGuest for #name #own {
                    type Wasm = #field::Wasm;

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
