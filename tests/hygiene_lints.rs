//! Expansions raise no lint in a crate that denies many lints.

#![deny(
    warnings,
    unused,
    nonstandard_style,
    rust_2018_idioms,
    future_incompatible,
    missing_docs,
    missing_copy_implementations,
    missing_debug_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks
)]
#![forbid(
    unsafe_code,
    dead_code,
    missing_debug_implementations,
    non_camel_case_types,
    unused_imports
)]

use host_runtime::{imports, values::Malloc, wasm_export, wasm_import, wasmtime::Caller};

/// Exports.
#[wasm_export(allocator = Malloc)]
pub trait Exports {
    /// A function.
    fn render(source: &str, flags: u32) -> anyhow::Result<String>;
    /// A global.
    #[wasm_export(global)]
    fn level() -> anyhow::Result<i32>;
    /// Sets it.
    #[wasm_export(global, name = "level")]
    fn set_level(level: i32) -> anyhow::Result<()>;
}

/// Many parameters.
#[wasm_export]
pub trait Many {
    /// A function.
    fn with_many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> anyhow::Result<()>;
}

/// State.
#[derive(Debug, Default, Clone)]
pub struct Kv {
    value: i32,
    text: String,
}

struct Log(bool);

/// A free function.
#[wasm_import(module = "lint")]
#[must_use]
pub fn public(x: i32, text: &str) -> i32 {
    x + i32::from(text.is_empty())
}

#[wasm_import(module = "lint")]
fn private(out: &mut [u8], all: Option<&[f32]>) -> Result<u32, std::io::Error> {
    out.fill(u8::from(all.is_some()));
    u32::try_from(out.len()).map_err(std::io::Error::other)
}

#[wasm_import(module = "lint")]
fn nothing() {}

/// A global.
#[wasm_import(module = "lint")]
pub const LIMIT: i32 = 8;

#[wasm_import(module = "lint")]
static LEVEL: i32 = 8;

#[wasm_import(module = "lint")]
fn named<'a>(#[state] kv: &'a mut Kv, #[state] log: &Log, a: &'a str, b: &'a str) -> (i32, f64) {
    kv.value += i32::from(log.0 || a == b);
    (kv.value, 1.0)
}

#[wasm_import(module = "lint")]
fn with_caller(mut caller: Caller<'_, Kv>, text: String, x: i8) -> bool {
    let kv = caller.data_mut();
    kv.value += i32::from(x);
    kv.text = text;
    true
}

/// An old function.
#[wasm_import(module = "lint")]
#[deprecated]
#[must_use]
#[inline]
pub const fn old() -> i32 {
    1
}

#[wasm_import(module = "lint")]
#[expect(
    unused_variables,
    reason = "the expectation applies to this function only"
)]
fn expecting(x: i32) {}

/// A module.
#[wasm_import(module = "lint.module", rename_all = "kebab-case")]
pub mod module {
    /// A function.
    #[must_use]
    pub fn get_one() -> i32 {
        super::module_helper()
    }

    pub(crate) fn get_two(x: f64) -> f64 {
        x
    }

    fn get_private(x: char) -> char {
        x
    }

    /// All of them.
    #[wasm_import(skip)]
    #[must_use]
    pub fn all() -> char {
        get_private('a')
    }
}

const fn module_helper() -> i32 {
    1
}

#[wasm_import(module = "lint.impl")]
impl Kv {
    /// A method.
    #[must_use]
    pub const fn get(&self) -> i32 {
        self.value
    }

    fn set(&mut self, value: i32, text: &str) -> i32 {
        self.value = value;
        text.clone_into(&mut self.text);
        self.value
    }

    #[wasm_import]
    fn call(mut caller: Caller<'_, Self>) {
        caller.data_mut().value = 0;
    }

    #[deprecated]
    fn old(&self) -> i32 {
        self.value
    }
}

mod inner {
    use host_runtime::wasm_import;

    #[wasm_import(module = "lint")]
    pub(crate) fn inside() {}

    #[wasm_import(module = "lint")]
    pub(super) fn inside_too() {}
}

#[test]
#[allow(deprecated, reason = "the test calls deprecated functions")]
fn annotated_functions_remain_callable_from_rust() {
    let mut kv = Kv::default();
    assert_eq!(public(1, ""), 2);
    assert_eq!(private(&mut [0], None).ok(), Some(1));
    assert_eq!(named(&mut kv, &Log(true), "", ""), (1, 1.0));
    assert_eq!(kv.set(2, "") + kv.get(), 4);
    assert_eq!(old() + module::get_one(), 2);
    assert!(module::get_two(1.0) > 0.0 && module::all() == 'a');
    assert_eq!(kv.old(), 2);
    nothing();
    expecting(1);
    inner::inside();
    inner::inside_too();
    let all = imports![
        LIMIT,
        LEVEL,
        public,
        private,
        nothing,
        named,
        with_caller,
        old,
        expecting,
        inner::inside,
        inner::inside_too,
        mod module,
        Kv,
    ];
    assert_eq!(all.len(), 18);
}
