//! The attribute and the derives, on Rust source in which anything may be wrong.
//!
//! A procedural macro's crate exports nothing else, so its sources are part of this program.

#![no_main]

#[path = "../../host-macros/src/attribute.rs"]
mod attribute;
#[path = "../../host-macros/src/check/mod.rs"]
mod check;
#[path = "../../host-macros/src/derive/mod.rs"]
mod derive;
#[path = "../../host-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../host-macros/src/item.rs"]
mod item;
#[path = "../../host-macros/src/model.rs"]
mod model;
#[path = "../src/mutator.rs"]
mod mutator;
#[path = "../../host-macros/src/names.rs"]
mod names;
#[path = "../../host-macros/src/tokens.rs"]
mod tokens;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use derive::Derive;
use mutator::Random;

/// The longest input in bytes. What is nested a thousand times overflows the stack of any parser.
const LONGEST: usize = 1500;

/// Before parentheses: what they hold comes from a `macro_rules` macro, in a group without
/// delimiters.
const INVISIBLE: &str = "__invisible";

const DERIVES: [Derive; 4] = [
    Derive::FromGuest,
    Derive::IntoGuest,
    Derive::ResultCode,
    Derive::PlainData,
];

fuzz_target!(|text: &str| -> Corpus {
    if text.len() > LONGEST {
        return Corpus::Reject;
    }
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return Corpus::Reject;
    };
    expand_all(with_invisible(tokens));
    Corpus::Keep
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut random = Random::new(seed);
    let text = str::from_utf8(&data[..size]).unwrap_or_default();
    if random.below(8) > 0
        && let Ok(tokens) = text.parse::<TokenStream>()
    {
        let text = mutator::mutate(tokens, &mut random, INVISIBLE).to_string();
        if text.len() <= most {
            data[..text.len()].copy_from_slice(text.as_bytes());
            return text.len();
        }
    }
    fuzzer_mutate(data, size, most)
});

/// Makes the groups without delimiters.
fn with_invisible(tokens: TokenStream) -> TokenStream {
    let mut made: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            made.push(token);
            continue;
        };
        let mut delimiter = group.delimiter();
        // `'__invisible` is a lifetime.
        let is_lifetime = matches!(&made[..], [.., TokenTree::Punct(p), _] if p.as_char() == '\'');
        let marked = made.pop_if(|last| !is_lifetime && last.to_string() == INVISIBLE);
        if marked.is_some() {
            delimiter = Delimiter::None;
        }
        made.push(Group::new(delimiter, with_invisible(group.stream())).into());
    }
    made.into_iter().collect()
}

/// Expands each attribute and each derive in the source.
fn expand_all(source: TokenStream) {
    let tokens: Vec<TokenTree> = source.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        expand_all(group.stream());
        if group.delimiter() != Delimiter::Bracket {
            continue;
        }
        let (name, arguments) = attribute(group);
        let item = item(&tokens[place + 1..]);
        match name.as_str() {
            "wasm_import" => check(&item, &expand::expand(arguments, item.clone())),
            "derive" => {
                for one in DERIVES {
                    check(&item, &derive::derive(one, item.clone()));
                }
            }
            _ => {}
        }
    }
}

/// The last name in the path of an attribute, and what is in its parentheses.
fn attribute(group: &Group) -> (String, TokenStream) {
    let (mut name, mut arguments) = (String::new(), TokenStream::new());
    for token in group.stream() {
        match token {
            TokenTree::Ident(ident) => name = ident.to_string(),
            TokenTree::Group(group) => {
                arguments = group.stream();
                break;
            }
            _ => {}
        }
    }
    (name, arguments)
}

/// The item that begins there: up to a `;`, or to braces that are no part of a value.
fn item(tokens: &[TokenTree]) -> TokenStream {
    let mut is_value = false;
    let mut ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => {
            is_value |= punct.as_char() == '=';
            punct.as_char() == ';'
        }
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_value,
        _ => false,
    };
    let length = tokens.iter().position(&mut ends);
    let tokens = &tokens[..length.map_or(tokens.len(), |length| length + 1)];
    tokens.iter().cloned().collect()
}

/// What comes of something that is an item must be items, whether with errors among them or not.
fn check(item: &TokenStream, output: &TokenStream) {
    let text = output.to_string();
    assert!(
        text.parse::<TokenStream>().is_ok(),
        "not even tokens: {text}"
    );
    if syn::parse2::<syn::Item>(item.clone()).is_err() {
        return;
    }
    if let Err(error) = syn::parse2::<syn::File>(output.clone()) {
        panic!("no items, {error}: {item}\n{text}");
    }
}
