//! The arguments of the attribute.

use heck::{
    ToKebabCase, ToLowerCamelCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
    ToUpperCamelCase,
};
use proc_macro2::TokenStream;
use syn::{
    Error, Ident, LitStr, Path, Result, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::names::Names;

/// The names of the arguments, for messages.
const ARGUMENTS: [&str; 10] = [
    "module",
    "name",
    "names",
    "prefix",
    "rename_all",
    "memory",
    "table",
    "crate",
    "group",
    "skip",
];

/// The arguments of `#[wasm_import(module = "…", …)]`.
#[derive(Clone, Default)]
pub(crate) struct Attribute {
    pub(crate) module: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) names: Option<Names>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) memory: Option<LitStr>,
    pub(crate) table: Option<LitStr>,
    pub(crate) krate: Option<Path>,
    pub(crate) group: Option<Ident>,
    pub(crate) skip: Option<Ident>,
}

impl Attribute {
    /// Parses the arguments. Adds an error for each faulty argument and continues after it.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Vec<Error>) -> Self {
        let mut attribute = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = attribute.argument(input) {
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
        if let (Some(_), Some(names)) = (&attribute.name, &attribute.names) {
            errors.push(Error::new(
                names.key.span(),
                "`name` and `names` exclude each other: write all names in `names`, and remove \
                 `name`",
            ));
        }
        attribute
    }

    /// Combines the arguments of an item with the arguments `outer` of the group around it.
    pub(crate) fn within(&self, outer: &Self) -> Self {
        let own = self.clone();
        Self {
            module: own.module.or_else(|| outer.module.clone()),
            prefix: own.prefix.or_else(|| outer.prefix.clone()),
            rename_all: own.rename_all.or(outer.rename_all),
            memory: own.memory.or_else(|| outer.memory.clone()),
            table: own.table.or_else(|| outer.table.clone()),
            ..own
        }
    }

    fn argument(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key = input.call(Ident::parse_any).map_err(|error| {
            Error::new(
                error.span(),
                "expected an argument such as `module = \"env\"`",
            )
        })?;
        match key.to_string().as_str() {
            "module" => set(&mut self.module, &key, || module(&key, input)),
            "name" => set(&mut self.name, &key, || string(&key, input)),
            "names" => set(&mut self.names, &key, || {
                value(&key, input, "[\"…\"]")?;
                Names::parse(&key, input)
            }),
            "prefix" => set(&mut self.prefix, &key, || string(&key, input)),
            "memory" => set(&mut self.memory, &key, || string(&key, input)),
            "table" => set(&mut self.table, &key, || string(&key, input)),
            "rename_all" => set(&mut self.rename_all, &key, || {
                Case::parse(&string(&key, input)?)
            }),
            "crate" => set(&mut self.krate, &key, || {
                value(&key, input, "::host_runtime")?;
                input.call(Path::parse_mod_style)
            }),
            "group" => set(&mut self.group, &key, || {
                value(&key, input, "Name")?;
                input.parse().map_err(|error: Error| {
                    Error::new(error.span(), "`group` takes a name: write `group = Name`")
                })
            }),
            "skip" => set(&mut self.skip, &key, || {
                if input.peek(Token![=]) {
                    return Err(Error::new(
                        key.span(),
                        "`skip` takes no value: write `skip` alone",
                    ));
                }
                Ok(key.clone())
            }),
            other => Err(unknown(&key, other)),
        }
    }
}

pub(crate) fn set<T>(
    place: &mut Option<T>,
    key: &Ident,
    read: impl FnOnce() -> Result<T>,
) -> Result<()> {
    if place.is_some() {
        return Err(Error::new(
            key.span(),
            format!("`{key}` is given twice; remove one"),
        ));
    }
    *place = Some(read()?);
    Ok(())
}

/// Reads the `=` before a value.
pub(crate) fn value(key: &Ident, input: ParseStream<'_>, example: &str) -> Result<()> {
    if input.parse::<Token![=]>().is_err() || input.is_empty() {
        return Err(Error::new(
            key.span(),
            format!("`{key}` needs a value: write `{key} = {example}`"),
        ));
    }
    Ok(())
}

pub(crate) fn string(key: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    value(key, input, "\"…\"")?;
    input.parse().map_err(|error: Error| {
        Error::new(
            error.span(),
            format!("`{key}` takes a string: write `{key} = \"…\"`"),
        )
    })
}

/// Reads the name of a module, which cannot be a pattern.
fn module(key: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    let module = string(key, input)?;
    if module.value().contains('*') {
        return Err(Error::new(
            module.span(),
            "`*` stands for any characters only in `name` and `names`: write the whole name of \
             the module; `Imports::alias` offers the function for other modules",
        ));
    }
    Ok(module)
}

fn unknown(key: &Ident, name: &str) -> Error {
    let nearest = nearest(name, &ARGUMENTS);
    let hint = nearest.map_or_else(
        || {
            "the arguments are `module`, `name`, `names`, `prefix`, `rename_all`, `memory`, \
             `table`, `crate`, `group` and `skip`"
                .into()
        },
        |nearest| format!("did you mean `{nearest}`?"),
    );
    Error::new(key.span(), format!("unknown argument `{name}`; {hint}"))
}

/// The candidate that is most similar to the unknown `name`, if it is similar enough.
pub(crate) fn nearest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let alike = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), candidate);
    let best = candidates
        .iter()
        .max_by(|a, b| alike(&a.to_lowercase()).total_cmp(&alike(&b.to_lowercase())))?;
    (alike(&best.to_lowercase()) > 0.75).then_some(*best)
}

/// Skips a faulty argument, up to the next comma.
pub(crate) fn skip_argument(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// The case of import names.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Camel,
    Pascal,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
    Lower,
    Upper,
}

impl Case {
    const NAMES: [(&'static str, Self); 8] = [
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
    ];

    pub(crate) fn parse(literal: &LitStr) -> Result<Self> {
        let value = literal.value();
        if let Some((_, case)) = Self::NAMES.iter().find(|(name, _)| *name == value) {
            return Ok(*case);
        }
        let names = Self::NAMES.map(|(name, _)| name);
        let hint = nearest(&value, &names).map_or_else(
            || format!("the cases are `{}`", names.join("`, `")),
            |nearest| format!("did you mean `{nearest}`?"),
        );
        Err(Error::new(
            literal.span(),
            format!("unknown case `{value}`; {hint}"),
        ))
    }

    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Camel => name.to_lower_camel_case(),
            Self::Pascal => name.to_upper_camel_case(),
            Self::Snake => name.to_snake_case(),
            Self::ScreamingSnake => name.to_shouty_snake_case(),
            Self::Kebab => name.to_kebab_case(),
            Self::ScreamingKebab => name.to_shouty_kebab_case(),
            Self::Lower => name.to_lowercase(),
            Self::Upper => name.to_uppercase(),
        }
    }
}

/// Reads the attribute on a member of a `mod` or `impl`, and finds repeated attributes.
impl Attribute {
    /// Removes repeated attributes from an item, and reports them.
    pub(crate) fn take_again(attrs: &mut Vec<syn::Attribute>, errors: &mut Vec<Error>) {
        if let Some(again) = attrs.iter().find(|attr| is_wasm_import(attr)) {
            errors.push(twice(again));
            attrs.retain(|attr| !is_wasm_import(attr));
        }
    }

    /// If an item has the attribute, removes it from the item and parses it.
    pub(crate) fn take(attrs: &mut Vec<syn::Attribute>, errors: &mut Vec<Error>) -> Option<Self> {
        let index = attrs.iter().position(is_wasm_import)?;
        let attr = attrs.remove(index);
        Self::take_again(attrs, errors);
        match attr.meta {
            syn::Meta::Path(_) => Some(Self::default()),
            syn::Meta::List(list) => Some(Self::parse(list.tokens, errors)),
            syn::Meta::NameValue(meta) => {
                errors.push(Error::new(
                    meta.span(),
                    "the arguments must be in parentheses: write `#[wasm_import(module = \"…\")]`",
                ));
                None
            }
        }
    }
}

fn twice(again: &syn::Attribute) -> Error {
    Error::new_spanned(again, "`#[wasm_import]` is given twice; remove one")
}

/// Checks whether an attribute is `#[wasm_import]`.
pub(crate) fn is_wasm_import(attr: &syn::Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|segment| segment.ident == "wasm_import")
}
