//! Small works on tokens: types as the shim may name them, and as messages print them.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// A type as it can be named outside of its function: lifetimes are left to rustc, and `Self` is
/// written out.
pub(crate) fn nameable(ty: &Type, self_ty: Option<&Type>) -> TokenStream {
    rename(ty.to_token_stream(), self_ty)
}

fn rename(tokens: TokenStream, self_ty: Option<&Type>) -> TokenStream {
    let mut renamed = TokenStream::new();
    let mut after_quote = false;
    for token in tokens {
        let quote = matches!(&token, TokenTree::Punct(p) if p.as_char() == '\'');
        let token = match token {
            TokenTree::Ident(lifetime) if after_quote && lifetime != "static" => {
                Ident::new("_", lifetime.span()).into()
            }
            TokenTree::Ident(ident) if ident == "Self" => match self_ty {
                Some(ty) => {
                    renamed.extend(ty.to_token_stream());
                    continue;
                }
                None => ident.into(),
            },
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), rename(group.stream(), self_ty));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        };
        after_quote = quote;
        renamed.extend([token]);
    }
    renamed
}

/// Tokens as one writes them: `&mut [u8]`, not `& mut [u8]`.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text.trim_end().to_owned()
}

fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                word(&ident.to_string(), text);
            }
            TokenTree::Literal(literal) => word(&literal.to_string(), text),
            TokenTree::Punct(punct) => symbol(&punct, text),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.truncate(text.trim_end().len());
                text.push_str(close);
            }
        }
    }
}

/// Writes a word, apart from one before it.
fn word(word: &str, text: &mut String) {
    if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        text.push(' ');
    }
    text.push_str(word);
}

fn symbol(punct: &Punct, text: &mut String) {
    let joint = punct.spacing() == Spacing::Joint;
    match punct.as_char() {
        ',' => text.push_str(", "),
        ':' if joint || text.ends_with(':') => text.push(':'),
        ':' => text.push_str(": "),
        '+' => text.push_str(" + "),
        '=' => text.push_str(" = "),
        '-' if joint => text.push_str(" -"),
        '>' if text.ends_with('-') => text.push_str("> "),
        '\'' => text.push('\''),
        other => {
            if other == '&' && text.ends_with(|c: char| c.is_alphanumeric()) {
                text.push(' ');
            }
            text.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_one_writes() {
        for written in [
            "fn get(key: &str, out: &mut [u8]) -> u32",
            "fn pair(a: (i32, f64)) -> Result<(u8, u8), std::io::Error>",
            "fn borrow<'a>(text: &'a str, all: Option<&'a [f32]>)",
            "dyn Fn(u8) + Send",
        ] {
            assert_eq!(text(written.parse::<TokenStream>().unwrap()), written);
        }
    }
}
