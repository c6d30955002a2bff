//! Functions on tokens: they convert types for shims, and print types for messages.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Type;

/// The attributes of parameters.
pub(crate) const MARKERS: [&str; 3] = ["state", "caller", "guest"];

/// Converts a type for use outside of its function: replaces named lifetimes by `'_`, and `Self` by
/// the type of the `impl` block.
pub(crate) fn nameable(ty: &Type, self_ty: Option<&Type>) -> TokenStream {
    rename(ty.to_token_stream(), self_ty)
}

fn rename(tokens: TokenStream, self_ty: Option<&Type>) -> TokenStream {
    let mut renamed = TokenStream::new();
    let mut after_quote = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let quote = is_punct(&token, '\'');
        let token = match token {
            TokenTree::Ident(lifetime) if after_quote && lifetime != "static" => {
                Ident::new("_", lifetime.span()).into()
            }
            TokenTree::Ident(ident) if ident == "Self" => {
                let in_path = tokens.peek().is_some_and(|next| is_punct(next, ':'));
                let named = match self_ty {
                    Some(ty) if in_path => quote!(<#ty>),
                    Some(ty) => quote!(#ty),
                    None => quote!(#ident),
                };
                renamed.extend(located_at(named, ident.span()));
                continue;
            }
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

/// Gives the tokens the location of `span`, for errors. Names are resolved as before.
pub(crate) fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), located_at(group.stream(), span)).into();
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(locate).collect()
}

/// The name of the first lifetime in a type, except `'static`.
pub(crate) fn lifetime(ty: &Type) -> Option<Ident> {
    fn find(tokens: TokenStream) -> Option<Ident> {
        let mut after_quote = false;
        tokens.into_iter().find_map(|token| {
            let is_name = after_quote;
            after_quote = is_punct(&token, '\'');
            match token {
                TokenTree::Ident(name) if is_name && name != "static" => Some(name),
                TokenTree::Group(group) => find(group.stream()),
                _ => None,
            }
        })
    }
    find(ty.to_token_stream())
}

/// The name of the first macro that is called in a type.
pub(crate) fn macro_call(ty: &Type) -> Option<Ident> {
    fn find(tokens: TokenStream) -> Option<Ident> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let call = tokens.windows(3).find_map(|window| match window {
            [TokenTree::Ident(name), bang, TokenTree::Group(_)] if is_punct(bang, '!') => {
                Some(name.clone())
            }
            _ => None,
        });
        call.or_else(|| {
            tokens.into_iter().find_map(|token| match token {
                TokenTree::Group(group) => find(group.stream()),
                _ => None,
            })
        })
    }
    find(ty.to_token_stream())
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Removes the attributes of this macro from an item that cannot be expanded, because rustc would
/// report each of them.
pub(crate) fn without_markers(tokens: TokenStream) -> TokenStream {
    let mut rest = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '#') && tokens.next_if(is_marker).is_some() {
            continue;
        }
        let token = match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_markers(group.stream()));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        };
        rest.extend([token]);
    }
    rest
}

/// Checks whether this is the `[…]` of an attribute of this macro.
fn is_marker(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let path = group.stream().into_iter();
    let last = path
        .take_while(|token| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':'))
        .last();
    matches!(last, Some(TokenTree::Ident(last))
        if group.delimiter() == Delimiter::Bracket
            && (last == "wasm_import" || MARKERS.iter().any(|marker| last == marker)))
}

/// Removes the invisible groups that `macro_rules` puts around an `$item:item`, a `$vis:vis` and a
/// `$body:block`. The groups inside an item stay, because they group types and expressions.
pub(crate) fn without_item_groups(tokens: TokenStream) -> TokenStream {
    let mut items = TokenStream::new();
    let mut at_start = true;
    splice(tokens, &mut at_start, &mut items);
    items
}

/// Adds tokens to `items`. `at_start` is true at the start of an item, also after its attributes.
fn splice(tokens: TokenStream, at_start: &mut bool, items: &mut TokenStream) {
    let mut after_hash = false;
    for token in tokens {
        let is_attribute = after_hash;
        after_hash = is_punct(&token, '#') && *at_start;
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                if *at_start || is_block(&group) {
                    splice(group.stream(), at_start, items);
                } else {
                    items.extend([TokenTree::Group(group)]);
                }
            }
            token => {
                *at_start = match &token {
                    TokenTree::Punct(punct) if punct.as_char() == ';' => true,
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => true,
                    TokenTree::Group(_) if is_attribute => true,
                    _ => after_hash || (is_punct(&token, '!') && *at_start),
                };
                items.extend([token]);
            }
        }
    }
}

/// Removes all invisible groups, which macros put around fragments.
pub(crate) fn ungrouped(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            ungrouped(group.stream())
        }
        token => token.into(),
    });
    tokens.collect()
}

/// Checks whether an invisible group contains exactly one group, with braces.
fn is_block(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    let first = tokens.next();
    let is_braces = |token: &TokenTree| {
        matches!(token, TokenTree::Group(inner) if match inner.delimiter() {
            Delimiter::Brace => true,
            Delimiter::None => is_block(inner),
            _ => false,
        })
    };
    first.as_ref().is_some_and(is_braces) && tokens.next().is_none()
}

/// Removes parentheses around a type, and the invisible group around a `$type:ty` of a macro.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// Prints tokens with usual spaces: `&mut [u8]`, not `& mut [u8]`.
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
                if open == "[" && text.ends_with(char::is_alphanumeric) {
                    text.push(' ');
                }
                text.push_str(open);
                write(group.stream(), text);
                text.truncate(text.trim_end().len());
                text.push_str(close);
            }
        }
    }
}

/// Writes a word, with a space before it if the text ends with a word.
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
        ';' => text.push_str("; "),
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

    fn invisible(tokens: &str) -> TokenTree {
        Group::new(Delimiter::None, tokens.parse().unwrap()).into()
    }

    #[test]
    fn removes_groups_around_items_and_bodies_but_not_in_types() {
        let tokens = |text: &str| text.parse::<TokenStream>().unwrap();
        let mut items = tokens("#[doc = \"x\"]");
        items.extend([invisible("pub fn a() {}")]);
        items.extend([invisible("struct S;"), invisible("pub(crate)")]);
        items.extend(tokens("fn b() ->"));
        items.extend([invisible("u8"), invisible("{ 1 }"), invisible("fn c() {}")]);
        let flat = without_item_groups(items);
        let groups = flat.clone().into_iter().filter(
            |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::None),
        );
        assert_eq!(groups.count(), 1, "only the group around the type stays");
        assert_eq!(
            text(flat),
            "#[doc = \"x\"]pub fn a(){}struct S; pub(crate)fn b() -> u8{1}fn c(){}"
        );
    }

    #[test]
    fn prints_types_and_signatures_as_written() {
        for written in [
            "fn get(key: &str, out: &mut [u8]) -> u32",
            "fn pair(a: (i32, f64)) -> Result<(u8, u8), std::io::Error>",
            "fn borrow<'a>(text: &'a str, all: Option<&'a [f32]>)",
            "dyn Fn(u8) + Send",
            "fn array(x: [u8; 4])",
        ] {
            assert_eq!(text(written.parse::<TokenStream>().unwrap()), written);
        }
    }
}
