//! The arguments of `#[wasm_export]`.

use proc_macro2::TokenStream;
use syn::{
    Error, Ident, LitStr, Path, Result, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::attribute::{Case, nearest, set, skip_argument, string, value};

/// The arguments of the attribute on a trait.
const OF_TRAIT: [&str; 4] = ["rename_all", "prefix", "allocator", "crate"];

/// The arguments of the attribute on a function of the trait.
const OF_FUNCTION: [&str; 2] = ["name", "global"];

/// The arguments of `#[wasm_export(…)]` on a trait.
#[derive(Default)]
pub(crate) struct TraitAttribute {
    pub(crate) rename_all: Option<Case>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) allocator: Option<Type>,
    pub(crate) krate: Option<Path>,
}

/// The arguments of `#[wasm_export(…)]` on a function of the trait.
#[derive(Default)]
pub(crate) struct FunctionAttribute {
    pub(crate) name: Option<LitStr>,
    pub(crate) global: Option<Ident>,
}

impl TraitAttribute {
    /// Parses the arguments. Adds an error for each faulty argument and continues after it.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Vec<Error>) -> Self {
        let mut attribute = Self::default();
        parse(arguments, errors, |key, input| {
            match key.to_string().as_str() {
                "rename_all" => set(&mut attribute.rename_all, key, || {
                    Case::parse(&string(key, input)?)
                }),
                "prefix" => set(&mut attribute.prefix, key, || string(key, input)),
                "allocator" => set(&mut attribute.allocator, key, || {
                    value(key, input, "Malloc")?;
                    input.parse()
                }),
                "crate" => set(&mut attribute.krate, key, || {
                    value(key, input, "::host_runtime")?;
                    input.call(Path::parse_mod_style)
                }),
                name => Err(unknown(key, name, &OF_TRAIT)),
            }
        });
        attribute
    }
}

impl FunctionAttribute {
    /// Removes the attribute from a function and parses it.
    pub(crate) fn take(attrs: &mut Vec<syn::Attribute>, errors: &mut Vec<Error>) -> Self {
        let mut attribute = Self::default();
        let mut own = attrs.extract_if(.., |attr| is_wasm_export(attr));
        let Some(first) = own.next() else {
            return attribute;
        };
        for again in own {
            errors.push(Error::new_spanned(
                &again,
                "`#[wasm_export]` is given twice; remove one",
            ));
        }
        match first.meta {
            syn::Meta::Path(_) => {}
            syn::Meta::List(list) => parse(list.tokens, errors, |key, input| {
                match key.to_string().as_str() {
                    "name" => set(&mut attribute.name, key, || string(key, input)),
                    "global" => set(&mut attribute.global, key, || Ok(key.clone())),
                    name => Err(unknown(key, name, &OF_FUNCTION)),
                }
            }),
            syn::Meta::NameValue(meta) => errors.push(Error::new(
                meta.span(),
                "the arguments must be in parentheses: write `#[wasm_export(name = \"…\")]`",
            )),
        }
        attribute
    }
}

fn parse(
    arguments: TokenStream,
    errors: &mut Vec<Error>,
    mut argument: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let read = input
                .call(Ident::parse_any)
                .and_then(|key| argument(&key, input));
            if let Err(error) = read {
                errors.push(error);
                skip_argument(input)?;
            }
            if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                return Err(input.error("expected a comma between two arguments"));
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(arguments) {
        errors.push(error);
    }
}

fn unknown(key: &Ident, name: &str, arguments: &[&str]) -> Error {
    let hint = nearest(name, arguments).map_or_else(
        || format!("the arguments here are `{}`", arguments.join("`, `")),
        |nearest| format!("did you mean `{nearest}`?"),
    );
    Error::new(key.span(), format!("unknown argument `{name}`; {hint}"))
}

/// Checks whether an attribute is `#[wasm_export]`.
pub(crate) fn is_wasm_export(attr: &syn::Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|segment| segment.ident == "wasm_export")
}
