//! Errors that a guest receives as result codes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, DataEnum, DeriveInput, Error, Expr, ExprLit, ExprUnary, Ident, Lit, UnOp, Variant,
};

use crate::model::cfgs;

pub(super) fn expand(
    input: &DeriveInput,
    data: &DataEnum,
    host: &TokenStream,
    errors: &mut Vec<Error>,
) -> Option<TokenStream> {
    let before = errors.len();
    let (mut arms, mut codes, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &data.variants {
        let (ident, cfgs) = (&variant.ident, cfgs(&variant.attrs).collect::<Vec<_>>());
        match outcome(variant) {
            Ok(Outcome::ErrorCode(code)) => {
                if let Some(number) = literal(&code) {
                    check_literal(number, &code, &variant.ident, &mut seen, errors);
                }
                // The constant has a type, so rustc reports a code that is not an `i32`.
                let code = quote!({ const CODE: i32 = #code; CODE });
                arms.push(quote! {
                    #(#cfgs)* Self::#ident { .. } => ::core::result::Result::Ok(#code)
                });
                codes.push(quote!(#(#cfgs)* #code));
            }
            Ok(Outcome::Trap) => arms.push(quote! {
                #(#cfgs)*
                Self::#ident { .. } => ::core::result::Result::Err(#host::trap(self))
            }),
            Err(error) => errors.push(error),
        }
    }
    if data.variants.is_empty() {
        errors.push(Error::new_spanned(
            &input.ident,
            "an enum without variants has no codes: add a variant",
        ));
    }
    let name = &input.ident;
    let (generics, own, clause) = input.generics.split_for_impl();
    (errors.len() == before).then(|| {
        quote! {
            #[automatically_derived]
            impl #generics #host::ResultCode for #name #own #clause {
                const CODES: &'static [i32] = &[#(#codes),*];

                fn code(self) -> #host::wasmtime::Result<i32> {
                    match self {
                        #(#arms,)*
                    }
                }
            }
        }
    })
}

/// The value of an integer literal, which may be negative.
fn literal(code: &Expr) -> Option<i128> {
    match code {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => literal(expr)?.checked_neg(),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        _ => None,
    }
}

/// Checks a code that is a literal: its range, and that no earlier variant has the same code.
fn check_literal(
    number: i128,
    code: &Expr,
    variant: &Ident,
    seen: &mut Vec<(i128, Ident)>,
    errors: &mut Vec<Error>,
) {
    if number == 0 {
        errors.push(Error::new_spanned(
            code,
            "0 means success, so it cannot be the code of an error: write another number",
        ));
    } else if i32::try_from(number).is_err() {
        errors.push(Error::new_spanned(
            code,
            "a code is an `i32`: write a number from -2147483648 to 2147483647",
        ));
    } else if let Some((_, first)) = seen.iter().find(|(known, _)| *known == number) {
        errors.push(Error::new_spanned(
            code,
            format!(
                "{number} is already the code of `{first}`: write another code for `{variant}`"
            ),
        ));
    }
    seen.push((number, variant.clone()));
}

/// How a guest sees an error.
enum Outcome {
    ErrorCode(Expr),
    Trap,
}

fn outcome(variant: &Variant) -> Result<Outcome, Error> {
    let mut found = None;
    for attr in variant
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("guest"))
    {
        let outcome = parse(attr)?;
        if found.replace(outcome).is_some() {
            return Err(Error::new_spanned(
                attr,
                "a variant can have only one code or `trap`: remove one of the two attributes",
            ));
        }
    }
    let discriminant = variant.discriminant.as_ref();
    match (found, discriminant) {
        (Some(outcome), _) => Ok(outcome),
        (None, Some((_, number))) => Ok(Outcome::ErrorCode(number.clone())),
        (None, None) => Err(Error::new_spanned(
            &variant.ident,
            format!(
                "`{}` has no code: write `#[guest(code = …)]`, or `#[guest(trap)]` if this error \
                 should trap",
                variant.ident
            ),
        )),
    }
}

fn parse(attr: &Attribute) -> Result<Outcome, Error> {
    let mut found = None;
    attr.parse_nested_meta(|meta| {
        let outcome = if meta.path.is_ident("code") {
            Outcome::ErrorCode(meta.value()?.parse()?)
        } else if meta.path.is_ident("trap") {
            Outcome::Trap
        } else {
            return Err(
                meta.error("unknown argument: write `#[guest(code = …)]` or `#[guest(trap)]`")
            );
        };
        if found.replace(outcome).is_some() {
            return Err(meta.error(
                "a variant can have only one code or `trap`: remove one of the two arguments",
            ));
        }
        Ok(())
    })?;
    found.ok_or_else(|| {
        Error::new_spanned(
            attr,
            "missing argument: write `#[guest(code = …)]` or `#[guest(trap)]`",
        )
    })
}
