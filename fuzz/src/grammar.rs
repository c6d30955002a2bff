//! Text that is nearly Rust: items as an attribute may stand on, with something wrong here and there.

use arbitrary::{Result, Unstructured};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Before parentheses: what they hold comes from a `macro_rules` macro, in a group without delimiters.
const INVISIBLE: &str = "__invisible";

/// How deep items are within items.
const DEEPEST: usize = 3;

const ARGUMENTS: &[&str] = &[
    "module = \"m\"",
    "module = \"\"",
    "module = 'm'",
    "module",
    "module = concat!(\"a\")",
    "name = \"n\"",
    "name = \"π\\0\"",
    "name = b\"n\"",
    "name = 1",
    "rename_all = \"camelCase\"",
    "rename_all = \"SCREAMING-KEBAB-CASE\"",
    "rename_all = \"camelcase\"",
    "memory = \"heap\"",
    "memory()",
    "crate = ::a::b",
    "crate = a::<u8>",
    "crate",
    "skip",
    "skip = true",
    "skip()",
    "modul = \"m\"",
    "\"m\"",
    "= 1",
    "module = \"m\" name = \"n\"",
    "self",
    "r#name = \"n\"",
    "name = r#\"n\"#",
    "name = \"n\"suffix",
    "$x",
    "#[a]",
    "__invisible(module = \"m\")",
    "name = __invisible(\"n\")",
];

const ATTRIBUTES: &[&str] = &[
    "#[wasm_import]",
    "#[wasm_import()]",
    "#[wasm_import(skip)]",
    "#[wasm_import(name = \"x\")]",
    "#[wasm_import = 1]",
    "#[wasm_import{skip}]",
    "#[host_runtime::wasm_import(name = \"y\")]",
    "#[::host_runtime::wasm_import(module = \"z\", crate = x)]",
    "#[cfg(any())]",
    "#[cfg(feature = \"x\")]",
    "#[cfg_attr(all(), wasm_import)]",
    "/// Text.\n",
    "#[doc = \"x\"]",
    "#[doc = include_str!(\"x\")]",
    "#[doc(hidden)]",
    "#[allow(unused)]",
    "#[deprecated]",
    "#[unsafe(no_mangle)]",
    "#[inline]",
    "#[must_use]",
    "#[track_caller]",
    "#![allow(dead_code)]",
    "#[state]",
    "#[]",
    "#[guest(crate = a::b)]",
    "#[guest(crate)]",
    "#[guest]",
    "#[guest = 1]",
    "#[guest(other = 1)]",
    "#[guest(trap)]",
    "#[guest(code = 2)]",
];

const MARKERS: &[&str] = &[
    "#[state]",
    "#[caller]",
    "#[guest]",
    "#[state] #[state]",
    "#[state] #[guest]",
    "#[state = 1]",
    "#[state()]",
    "#[cfg(any())]",
    "#[allow(unused)]",
    "#[a::state]",
    "/** Text. */",
];

const NAMES: &[&str] = &[
    "f",
    "g",
    "r#type",
    "r#fn",
    "π",
    "u8",
    "i32",
    "str",
    "Self",
    "self",
    "_",
    "Kv",
    "call",
    "states",
    "state0",
    "result",
    "host_runtime",
    "__private",
    "String",
    "Option",
    "main",
    "r#match",
    "crate",
];

const PATTERNS: &[&str] = &[
    "a",
    "b",
    "c",
    "mut a",
    "_",
    "(a, b)",
    "Kv(a)",
    "Kv { a, .. }",
    "ref a",
    "ref mut a",
    "&a",
    "&mut a",
    "[a, ..]",
    "a @ 1",
    "1",
    "a | b",
    "call",
    "states",
    "r#in",
    "__invisible(a)",
    "self",
    "mut self",
    "..",
    "x!()",
    "const { 1 }",
    "1..=2",
    "box a",
    "u8",
    "π",
];

const TYPES: &[&str] = &[
    "i32",
    "u8",
    "bool",
    "char",
    "usize",
    "u128",
    "()",
    "!",
    "_",
    "str",
    "&str",
    "&'a str",
    "&'static str",
    "&'_ mut [u8]",
    "&mut [f32]",
    "[u8]",
    "[u8; 4]",
    "&[u8; N]",
    "&mut &mut u8",
    "String",
    "Vec<u8>",
    "Vec<Vec<&'a u8>>",
    "std::vec::Vec<u8>",
    "Option<&str>",
    "Option<i32>",
    "Option<Option<&'a mut [u8]>>",
    "Option<&'b mut Kv<'a>>",
    "Kv",
    "&Kv",
    "&mut Kv<'a, T>",
    "Self",
    "&Self",
    "&mut Self",
    "Self::Item",
    "<Self as T>::Item",
    "<T>::Item",
    "Guest",
    "Guest<'_>",
    "Guest<'a>",
    "&Guest<'_>",
    "&mut Guest<'_>",
    "host_runtime::Guest<'_>",
    "Option<Guest<'_>>",
    "Caller<'_, Kv>",
    "Caller",
    "Caller<'a, Self>",
    "&mut Caller<'_, ()>",
    "wasmtime::Caller<'_, T>",
    "Caller<'_, &'a u8>",
    "impl Fn()",
    "impl IntoIterator<Item = &'a u8> + 'a",
    "dyn Any",
    "&dyn Any",
    "Box<dyn Fn(&u8) -> Self + 'a>",
    "fn(&'a u8) -> Self",
    "for<'x> fn(&'x u8)",
    "unsafe extern \"C\" fn(i32, ...)",
    "*const u8",
    "*mut Self",
    "(i32, (&u8,))",
    "(i32)",
    "((&str))",
    "__invisible(&str)",
    "__invisible(&'a mut [__invisible(u8)])",
    "__invisible(Guest<'_>)",
    "__invisible(Caller<'_, Kv>)",
    "&__invisible(Kv)",
    "Result<i32, &str>",
    "Result<Self, E>",
    "Result<(), String>",
    "Result<>",
    "Result",
    "Result<Option<&u8>>",
    "anyhow::Result<(i32, u8)>",
    "std::result::Result<u8, Box<dyn Error>>",
    "a::b::<c>::d",
    "::a::B",
    "m!()",
    "m![a, b]",
    "typeof(x)",
    "[u8; { 1 + 1 }]",
    "&[impl Fn()]",
    "HostObject<Kv>",
    "Handle<[u8]>",
    "SliceList<&mut [u8]>",
    "PointerLow<(u32, u32)>",
    "Callback<(i32,), ()>",
    "Callback<(i32, &'a u8), Self>",
    "GuestPointer<Self>",
    "Utf16",
    "Utf16<'_>",
    "CStr",
    "&CStr",
    "&'a Option<&'b str>",
    "Cow<'_, str>",
    "Kv<'_>",
    "Kv<{ N }>",
    "Kv<N = 1>",
    "Kv<T: Copy>",
    "Fn(u8) -> u8",
    "super::Kv",
    "crate::Kv",
    "self::Kv",
    "r#type",
    "?Sized",
    "u8 + 'a",
    "Code<Kv>",
    "Result<(), Code<Kv>>",
    "Result<LastReturnPointer<Allocated<String, A>>, Code<Kv>>",
    "ReturnPointer<Allocated<&'a str>>",
    "OutBuffer<'_, u8>",
    "CString",
    "GuestSize",
];

const BEGINNINGS: &[&str] = &[
    "",
    "",
    "",
    "",
    "unsafe",
    "async",
    "const",
    "extern \"C\"",
    "extern",
    "const async unsafe extern \"C\"",
    "default",
    "safe",
    "gen",
    "auto",
];

const VISIBILITIES: &[&str] = &[
    "",
    "",
    "",
    "pub",
    "pub(crate)",
    "pub(super)",
    "pub(in a::b)",
    "crate",
    "priv",
    "pub()",
];

const GENERICS: &[&str] = &[
    "",
    "",
    "",
    "",
    "<>",
    "<'a>",
    "<'a: 'b, 'b>",
    "<T>",
    "<T: Copy = u8>",
    "<const N: usize>",
    "<'a, T: 'a + ?Sized, const N: u8 = 1>",
    "<#[cfg(any())] 'a>",
    "<T,>",
    "<'_>",
    "<'static>",
    "<T: for<'x> Fn(&'x u8)>",
];

const WHERES: &[&str] = &[
    "",
    "",
    "",
    "where",
    "where Self: Sized",
    "where T: Copy,",
    "where for<'x> &'x T: Fn()",
    "where 'a: 'b",
    "where T = u8",
];

const RECEIVERS: &[&str] = &[
    "&self",
    "&mut self",
    "self",
    "mut self",
    "&'a self",
    "&'a mut self",
    "self: &Self",
    "self: &mut Self",
    "self: Box<Self>",
    "self: &'a Kv",
    "mut self: &Self",
    "self: __invisible(&Self)",
    "&mut mut self",
];

const BODIES: &[&str] = &[
    "{}",
    "{ a }",
    "{ todo!() }",
    "{ if a { 1 } else { 2 } }",
    "{ #![allow(x)] }",
    "{ let x = ; }",
    "{ fn g() {} #[wasm_import] fn h() {} }",
    "{ 'a: loop { break 'a } }",
    "{ r#\"}\"# }",
    ";",
    "= 1;",
    "",
    "{ $x }",
];

/// What the names of variants stand after.
const CODES: &[&str] = &[
    "",
    "",
    "#[guest(code = -2)]",
    "#[guest(code = 0)]",
    "#[guest(code = A + 1)]",
    "#[guest(code = { 1 })]",
    "#[guest(code = __invisible(3))]",
    "#[guest(code = \"x\")]",
    "#[guest(code =)]",
    "#[guest(code)]",
    "#[guest(trap)]",
    "#[guest(trap, code = 1)]",
    "#[guest(trap = 1)]",
    "#[guest()]",
    "#[guest]",
    "#[guest(trap)] #[guest(code = 4)]",
    "#[cfg(any())] #[guest(code = 5)]",
];

const KEYWORDS: &[&str] = &[
    "const",
    "static",
    "static",
    "static mut",
    "const mut",
    "unsafe static",
];

const VALUES: &[&str] = &[
    "= 1",
    "= 1",
    "= -1.5",
    "= GuestSize::new(1)",
    "= const { 1 }",
    "= if A { 1 } else { 2 }",
    "= { fn f() {} 1 }",
    "= |a| { a; }",
    "= __invisible(1)",
    "=",
    "",
    "= $x",
    "= 1; const Y: u8 = 2",
];

const OTHERS: &[&str] = &[
    "const X: u8 = if A { 1 } else { 2 };",
    "const _: () = { fn f() {} };",
    "static mut X: &str = \"f\";",
    "use a::{b, c as d};",
    "use self::*;",
    "extern crate a;",
    "type T<'a> = &'a u8;",
    "type T;",
    "m! { fn f() {} }",
    "m!(a);",
    "macro_rules! m { ($($x:tt)*) => {} }",
    "macro m() {}",
    "union U { a: u8 }",
    "trait T { fn f(); const X: u8; }",
    "trait T = Copy;",
    "extern \"C\" { fn f(); static X: u8; }",
    "unsafe extern \"C\" {}",
    "struct S;",
    "struct S(u8);",
    "enum E {}",
    "impl T for Kv {}",
    "impl !T for Kv {}",
    "unsafe impl T for Kv {}",
    "const fn f() {}",
    "global_asm!(\"\");",
    ";",
    "fn",
    "}",
    "pub",
    "auto trait T {}",
    "reuse a::b;",
    "const { 1 }",
    "static X: u8;",
];

const FIELDS: &[&str] = &[
    "u8",
    "pub u8",
    "&'a str",
    "a: u8",
    "pub a: &'a mut [u8]",
    "r#type: f64",
    "#[cfg(any())] a: u8",
    "#[guest] u8",
    "a: Self",
    "a: Option<Kv<'a>>",
    "_: u8",
    "a: impl Fn()",
    "a: m!()",
];

const VARIANTS: &[&str] = &[
    "A",
    "B = 1",
    "C = -1",
    "D = 1 << 63",
    "E = X",
    "F = { 1 }",
    "G(u8)",
    "H { a: u8 }",
    "I()",
    "#[cfg(any())] J",
    "r#K",
    "L = b'x'",
    "M = 'x'",
    "N = 340282366920938463463374607431768211455",
    "Self",
    "O = A as isize",
    "P = include!(\"x\")",
    "#[default] Q",
    "A = 0x10u8",
    "R = (|| 1)()",
];

const REPRS: &[&str] = &[
    "",
    "#[repr(u8)]",
    "#[repr(i64)]",
    "#[repr(C)]",
    "#[repr(C, u16)]",
    "#[repr(transparent)]",
    "#[repr(usize)]",
    "#[repr]",
    "#[repr()]",
    "#[repr(u8)] #[repr(i8)]",
    "#[repr(u128)]",
    "#[repr(align(8), u32)]",
    "#[repr = 1]",
    "#[repr(Rust)]",
    "#[repr(a::b)]",
    "#[repr(packed(1 + 1))]",
    "#[repr(\"u8\")]",
];

const TOKENS: &[&str] = &[
    "fn",
    "mod",
    "impl",
    "struct",
    "enum",
    "#",
    "!",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "'a",
    "'",
    "\"x\"",
    "1",
    "1.5",
    "=",
    ",",
    ":",
    "::",
    ";",
    "->",
    "=>",
    "&",
    "&&",
    "...",
    "..",
    "@",
    "$",
    "self",
    "Self",
    "mut",
    "state",
    "caller",
    "guest",
    "wasm_import",
    "r#a",
    "__invisible()",
    "__invisible(,)",
    "1..",
    "-1",
    "b'x'",
    "c\"x\"",
    "#!",
    "|",
    "?",
    "*",
    "_",
    "where",
    "dyn",
    "for",
    "unsafe",
    "async",
];

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
