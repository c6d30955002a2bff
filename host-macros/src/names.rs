//! The list of names of an import: `names = ["…", "…"]`.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use syn::{
    Error, Ident, LitStr, Result, Token, bracketed,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    token,
};

/// The argument `names`. The list is not empty, and its names differ.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) key: Ident,
    pub(crate) list: Vec<LitStr>,
}

impl Names {
    /// Reads the list after the `=`.
    pub(crate) fn parse(key: &Ident, input: ParseStream<'_>) -> Result<Self> {
        let no_list = |span| {
            Error::new(
                span,
                "`names` takes a list of strings: write `names = [\"…\", \"…\"]`",
            )
        };
        if !input.peek(token::Bracket) {
            return Err(no_list(input.span()));
        }
        let content;
        bracketed!(content in input);
        let content: TokenStream = content.parse()?;
        let list = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(content);
        let list = list.map_err(|error| no_list(error.span()))?;
        let names = Self {
            key: key.clone(),
            list: list.into_iter().collect(),
        };
        names.check()?;
        Ok(names)
    }

    fn check(&self) -> Result<()> {
        if self.list.is_empty() {
            return Err(Error::new(
                self.key.span(),
                "`names` has no name: write `names = [\"…\"]`, or remove it to use the name in \
                 Rust",
            ));
        }
        let mut seen = HashSet::new();
        let faults = self.list.iter().filter_map(|name| {
            let value = name.value();
            if value.is_empty() {
                let text = "this name is empty: write the name of an import, or remove it";
                return Some(Error::new(name.span(), text));
            }
            let text = format!("`{value}` is given twice in `names`; remove one");
            let is_first = seen.insert(value);
            (!is_first).then(|| Error::new(name.span(), text))
        });
        let all = faults.reduce(|mut all, fault| {
            all.combine(fault);
            all
        });
        all.map_or(Ok(()), Err)
    }
}
