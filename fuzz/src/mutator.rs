//! Changes Rust source token by token, so that most of it stays what it is.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// Words to put into it, one a line.
const WORDS: &str = include_str!("../words.txt");

/// Makes random numbers of a seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 1 | 1)
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("it has 31 bits") % limit
    }
}

/// Replaces a few tokens somewhere in the source. `invisible` is the name before groups that are to
/// have no delimiters.
pub fn mutate(source: TokenStream, random: &mut Random, invisible: &str) -> TokenStream {
    let mut tokens: Vec<TokenTree> = source.into_iter().collect();
    let mut start = random.below(tokens.len() + 1);
    if random.below(2) == 0 {
        // Where a type, an argument or a field begins.
        let before = tokens[..start]
            .iter()
            .rposition(|token| is_one_of(token, ":,&<>"));
        start = before.map_or(0, |before| before + 1);
    }
    if let Some(TokenTree::Group(group)) = tokens.get(start)
        && random.below(4) > 0
    {
        let inner = mutate(group.stream(), random, invisible);
        tokens[start] = Group::new(group.delimiter(), inner).into();
        return tokens.into_iter().collect();
    }
    let rest = &tokens[start..];
    // None, one, or all up to a comma: an argument, the rest of a type, a field.
    let length = match random.below(3) {
        0 => 0,
        1 => rest.len().min(1),
        _ => {
            let end = rest.iter().position(|token| is_one_of(token, ","));
            end.unwrap_or(rest.len())
        }
    };
    let old = &rest[..length];
    let new: TokenStream = match random.below(8) {
        0 => TokenStream::new(),
        1 => [old, old].concat().into_iter().collect(),
        2 => {
            let group = Group::new(Delimiter::Parenthesis, old.iter().cloned().collect());
            let name = Ident::new(invisible, Span::call_site());
            TokenStream::from_iter([TokenTree::Ident(name), TokenTree::Group(group)])
        }
        3 => part(&tokens, random),
        _ => word(random),
    };
    tokens.splice(start..start + length, new);
    tokens.into_iter().collect()
}

fn is_one_of(token: &TokenTree, characters: &str) -> bool {
    matches!(token, TokenTree::Punct(punct) if characters.contains(punct.as_char()))
}

/// A part of the tokens themselves.
fn part(tokens: &[TokenTree], random: &mut Random) -> TokenStream {
    let start = random.below(tokens.len() + 1);
    let length = random.below(tokens.len() - start + 1);
    let part = &tokens[start..start + length];
    part.iter().cloned().collect()
}

fn word(random: &mut Random) -> TokenStream {
    let number = random.below(WORDS.lines().count());
    let word = WORDS.lines().nth(number).unwrap_or_default();
    word.parse().unwrap_or_default()
}
