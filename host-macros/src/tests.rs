//! Tests of the expansion: its output for some items, and that no input causes a panic.

use std::{env, fs, path::Path};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::{prelude::*, sample::select};

use crate::expand::expand;

/// Compares the expansion of each `tests/expanded/<case>.rs` with `<case>.expanded.rs` in the same
/// directory.
///
/// To update the expected files, run `BLESS=1 cargo test -p host-macros`, and review the changes.
#[test]
fn expansions_match_expected_files() {
    for case in ["free_function", "method", "caller", "global", "names"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expanded");
        let source = fs::read_to_string(directory.join(case).with_extension("rs")).unwrap();
        let expanded = directory.join(case).with_extension("expanded.rs");
        let now = pretty(&expand_source(&source));
        if env::var_os("BLESS").is_some() {
            fs::write(&expanded, &now).unwrap();
        }
        let before = fs::read_to_string(&expanded).unwrap_or_default();
        assert!(before == now, "the expansion of `{case}` changed:\n{now}");
    }
}

/// Expands a file with one item that begins with `#[wasm_import(…)]`.
fn expand_source(source: &str) -> TokenStream {
    let mut tokens = source.parse::<TokenStream>().unwrap().into_iter().skip(1);
    let Some(TokenTree::Group(attribute)) = tokens.next() else {
        panic!("the file must begin with the attribute")
    };
    let arguments = attribute
        .stream()
        .into_iter()
        .find_map(|token| match token {
            TokenTree::Group(arguments) => Some(arguments.stream()),
            _ => None,
        });
    expand(arguments.unwrap_or_default(), tokens.collect())
}

fn pretty(tokens: &TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens.clone()).unwrap())
}

/// Generates the tokens of one of these texts.
fn one_of(texts: &'static str, separator: char) -> impl Strategy<Value = TokenStream> {
    let texts: Vec<_> = texts.split(separator).map(str::trim).collect();
    select(texts).prop_map(|text| text.parse().unwrap())
}

/// Generates up to `most` parts in sequence.
fn several(
    part: impl Strategy<Value = TokenStream>,
    most: usize,
) -> impl Strategy<Value = TokenStream> {
    prop::collection::vec(part, 0..=most).prop_map(TokenStream::from_iter)
}

fn within(
    delimiter: Delimiter,
    inner: impl Strategy<Value = TokenStream>,
) -> impl Strategy<Value = TokenStream> {
    inner.prop_map(move |inner| TokenTree::from(Group::new(delimiter, inner)).into())
}

/// Generates any tokens, in nested groups.
fn tokens() -> impl Strategy<Value = TokenStream> {
    let word = one_of(
        "fn mod impl struct enum trait use const static type for where pub unsafe async extern dyn \
         mut ref crate self Self r#type f x T str u8 i32 usize Kv Caller Option Result state \
         caller cfg wasm_import module name names prefix rename_all memory skip \
         'a '_ 'static \"text\" b\"x\" \
         'c' 1 2.5 = , : :: ; -> => & && < > ! ? # _ .. ... * + | @ $",
        ' ',
    );
    let tree = word.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            within(Delimiter::Parenthesis, several(inner.clone(), 5)),
            within(Delimiter::Bracket, several(inner.clone(), 5)),
            within(Delimiter::Brace, several(inner.clone(), 5)),
            within(Delimiter::None, several(inner, 5)),
        ]
    });
    several(tree, 8)
}

/// Generates tokens similar to a parameter.
fn parameter() -> impl Strategy<Value = TokenStream> {
    let attribute = one_of("; #[state]; #[caller]; #[cfg(any())]; #[other]", ';');
    let pattern = one_of("x; mut x; _; (x, y); Kv(x); r#in; ref x; &x", ';');
    let ty = one_of(
        "i32/ &str/ &'a mut [u8]/ Option<&'static str>/ Kv/ &mut Kv/ Self/ &Self/ Self::Item/
         Caller<'_, Kv>/ &mut Caller<()>/ impl Fn()/ str/ [u8]/ dyn Any/ !/ (i32, (&u8,))/
         [&u8; 2]/ fn(&'a u8) -> Self/ *const u8/ a::b::<c>::d/ &'a Kv<'a>",
        '/',
    );
    let colon = one_of(":", ';');
    let typed = (attribute, pattern, colon, ty)
        .prop_map(|parts| TokenStream::from_iter(<[_; 4]>::from(parts)));
    let other = one_of("self; &self; &'a mut self; self: Box<Self>; _: ...", ';');
    (prop_oneof![4 => typed, 1 => other], one_of(",", ';'))
        .prop_map(|parts| TokenStream::from_iter(<[_; 2]>::from(parts)))
}

/// Generates tokens similar to a function.
fn function() -> impl Strategy<Value = TokenStream> {
    let beginning = one_of(
        "fn f; pub fn r#type; unsafe fn u8; async fn f; extern \"C\" fn f; fn f<'a, T>;
         #[wasm_import(skip)] fn f; #[wasm_import = 1] #[wasm_import] fn f;
         #[cfg(any())] const fn f; /** Text. */ fn g",
        ';',
    );
    let inputs = within(Delimiter::Parenthesis, several(parameter(), 4));
    let result = one_of(
        "; -> i32; -> !; -> &str; -> Result<Self, &'a str>; -> impl Fn(); -> Result<>;
         -> (Option<&u8>,) where T: Copy",
        ';',
    );
    let body = within(Delimiter::Brace, tokens());
    (beginning, inputs, result, body)
        .prop_map(|parts| TokenStream::from_iter(<[_; 4]>::from(parts)))
}

/// Generates tokens similar to a global.
fn global() -> impl Strategy<Value = TokenStream> {
    let beginning = one_of(
        "const X; static X; pub static mut X; const _; #[wasm_import] static u8; static",
        ';',
    );
    let ty = one_of("/ : i32/ : &'a str/ : Option<Func>/ : [u8; 2]", '/');
    let value = one_of("= 1;/ = if a { 1 } else { 2 };/ ;/ =", '/');
    (beginning, ty, value).prop_map(|parts| TokenStream::from_iter(<[_; 3]>::from(parts)))
}

/// Generates tokens similar to an item.
fn item() -> impl Strategy<Value = TokenStream> {
    let head = one_of(
        "mod m; pub mod m; impl Kv; impl<T> Kv<T>; impl Kv<'_>; trait T",
        ';',
    );
    let member = prop_oneof![3 => function(), 1 => global(), 1 => tokens()];
    let group = (head, within(Delimiter::Brace, several(member, 4)))
        .prop_map(|parts| TokenStream::from_iter(<[_; 2]>::from(parts)));
    prop_oneof![function(), global(), group, tokens()]
}

/// Generates tokens similar to the arguments of the attribute.
fn arguments() -> impl Strategy<Value = TokenStream> {
    let argument = one_of(
        "module = \"m\",; module = \"*\",; name = \"\",; names = [\"a\", \"b*\"],; names = [],;
         names = [\"a\" 1],; prefix = \"p.\",; rename_all = \"camelCase\",; rename_all = \"x\",;
         memory = 1,; crate = a::b,; crate =,; skip,; skip = 1,; nam = \"x\"; \"x\"",
        ';',
    );
    prop_oneof![3 => several(argument, 3), 1 => tokens()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_causes_a_panic(arguments in arguments(), item in item()) {
        let _ = expand(arguments, item);
    }
}
