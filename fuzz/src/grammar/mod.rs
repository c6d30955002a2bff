//! Text that is nearly Rust: items as an attribute may stand on, with something wrong here and there.

mod words;

use arbitrary::{Result, Unstructured};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use self::words::{
    ARGUMENTS, ATTRIBUTES, BEGINNINGS, BODIES, CODES, FIELDS, GENERICS, KEYWORDS, MARKERS, NAMES,
    OTHERS, PATTERNS, RECEIVERS, REPRS, TOKENS, TYPES, VALUES, VARIANTS, VISIBILITIES, WHERES,
};

/// Before parentheses: what they hold comes from a `macro_rules` macro, in a group without delimiters.
const INVISIBLE: &str = "__invisible";

/// How deep items are within items.
const DEEPEST: usize = 3;

/// Makes text of the fuzzer's input.
pub struct Grammar<'u, 'a> {
    u: &'u mut Unstructured<'a>,
    depth: usize,
}

impl<'u, 'a> Grammar<'u, 'a> {
    pub fn new(u: &'u mut Unstructured<'a>) -> Self {
        Self { u, depth: 0 }
    }

    fn one(&mut self, of: &[&str]) -> Result<String> {
        Ok(of[usize::from(self.u.arbitrary::<u8>()?) % of.len()].to_owned())
    }

    /// One time in so many.
    fn rarely(&mut self, so_many: u8) -> Result<bool> {
        Ok(self.u.arbitrary::<u8>()? % so_many == 0)
    }

    fn several(
        &mut self,
        most: u8,
        separator: &str,
        mut one: impl FnMut(&mut Self) -> Result<String>,
    ) -> Result<String> {
        let count = self.u.arbitrary::<u8>()? % (most + 1);
        let all = (0..count).map(|_| one(self)).collect::<Result<Vec<_>>>()?;
        Ok(all.join(separator))
    }

    /// What is in the attribute's parentheses.
    pub fn arguments(&mut self) -> Result<String> {
        let separator = if self.rarely(16)? { " " } else { ", " };
        self.several(3, separator, |g| g.one(ARGUMENTS))
    }

    fn attributes(&mut self) -> Result<String> {
        if self.rarely(2)? {
            return Ok(String::new());
        }
        self.several(3, " ", |g| g.one(ATTRIBUTES))
    }

    /// What the attribute stands on.
    pub fn item(&mut self) -> Result<String> {
        self.depth += 1;
        let item = match self.u.arbitrary::<u8>()? % 16 {
            0..7 => self.function()?,
            7 | 8 => self.global()?,
            9..13 if self.depth <= DEEPEST => self.group()?,
            13 => self.derive_input()?,
            14 => self.several(12, " ", |g| g.one(TOKENS))?,
            _ => self.one(OTHERS)?,
        };
        self.depth -= 1;
        // Something that has no place there.
        if self.rarely(24)? {
            let at = item.char_indices().nth(self.u.arbitrary::<u8>()?.into());
            let at = at.map_or(0, |(at, _)| at);
            let (before, after) = item.split_at(at);
            return Ok(format!("{before} {} {after}", self.one(TOKENS)?));
        }
        Ok(item)
    }

    fn function(&mut self) -> Result<String> {
        let parts = [
            self.attributes()?,
            self.one(VISIBILITIES)?,
            self.one(BEGINNINGS)?,
            "fn".to_owned(),
            self.one(NAMES)?,
            self.one(GENERICS)?,
            format!("({})", self.several(5, ", ", Self::parameter)?),
            self.result()?,
            self.one(WHERES)?,
            self.one(BODIES)?,
        ];
        Ok(parts.join(" "))
    }

    /// A `const` or a `static`.
    fn global(&mut self) -> Result<String> {
        let ty = if self.rarely(12)? {
            String::new()
        } else {
            format!(": {}", self.one(TYPES)?)
        };
        let parts = [
            self.attributes()?,
            self.one(VISIBILITIES)?,
            self.one(KEYWORDS)?,
            self.one(NAMES)?,
            ty,
            self.one(VALUES)?,
        ];
        let end = if self.rarely(24)? { "" } else { ";" };
        Ok(parts.join(" ") + end)
    }

    fn variant(&mut self) -> Result<String> {
        Ok(format!("{} {}", self.one(CODES)?, self.one(VARIANTS)?))
    }

    fn parameter(&mut self) -> Result<String> {
        let marker = if self.rarely(3)? {
            self.one(MARKERS)?
        } else {
            String::new()
        };
        if self.rarely(6)? {
            return Ok(format!("{marker} {}", self.one(RECEIVERS)?));
        }
        if self.rarely(24)? {
            return Ok(format!("{marker} ..."));
        }
        Ok(format!(
            "{marker} {}: {}",
            self.one(PATTERNS)?,
            self.one(TYPES)?
        ))
    }

    fn result(&mut self) -> Result<String> {
        Ok(match self.u.arbitrary::<u8>()? % 4 {
            0 => String::new(),
            1 => format!("-> ({},)", self.several(13, ", ", |g| g.one(TYPES))?),
            _ => format!("-> {}", self.one(TYPES)?),
        })
    }

    /// A module or an `impl`.
    fn group(&mut self) -> Result<String> {
        let attributes = self.attributes()?;
        let head = if self.rarely(2)? {
            format!("{} mod {}", self.one(VISIBILITIES)?, self.one(NAMES)?)
        } else {
            format!(
                "impl{} {} {}",
                self.one(GENERICS)?,
                self.one(TYPES)?,
                self.one(WHERES)?
            )
        };
        let members = self.several(4, "\n", Self::item)?;
        Ok(format!("{attributes} {head} {{ {members} }}"))
    }

    /// What a derive stands on.
    pub fn derive_input(&mut self) -> Result<String> {
        let (attributes, repr) = (self.attributes()?, self.one(REPRS)?);
        let (name, generics, bounds) = (self.one(NAMES)?, self.one(GENERICS)?, self.one(WHERES)?);
        let rest = match self.u.arbitrary::<u8>()? % 8 {
            0..4 => format!(
                "enum {name}{generics} {bounds} {{ {} }}",
                self.several(6, ", ", Self::variant)?
            ),
            4 | 5 => format!(
                "struct {name}{generics}({}) {bounds};",
                self.several(2, ", ", |g| g.one(FIELDS))?
            ),
            6 => format!(
                "struct {name}{generics} {bounds} {{ {} }}",
                self.several(2, ", ", |g| g.one(FIELDS))?
            ),
            _ => self.one(OTHERS)?,
        };
        Ok(format!("{attributes} {repr} {rest}"))
    }
}

/// The text as tokens, if it is that.
pub fn tokens(text: &str) -> Option<TokenStream> {
    text.parse().ok().map(invisible)
}

/// Makes the groups without delimiters.
fn invisible(tokens: TokenStream) -> TokenStream {
    let mut made = TokenStream::new();
    let mut next_is = false;
    for token in tokens {
        let token = match token {
            TokenTree::Ident(ident) if ident == INVISIBLE => {
                next_is = true;
                continue;
            }
            TokenTree::Group(group) => {
                let delimiter = if next_is {
                    Delimiter::None
                } else {
                    group.delimiter()
                };
                Group::new(delimiter, invisible(group.stream())).into()
            }
            token => token,
        };
        next_is = false;
        made.extend([token]);
    }
    made
}
