//! Expansions use full paths, so they compile without the prelude.

#![no_implicit_prelude]
#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    reason = "the functions do nothing useful; `hygiene_lints.rs` tests the lints of expansions"
)]

use ::core::{assert_eq, primitive::*};
use ::host_runtime::{imports, values, wasm_export, wasm_import, wasmtime};

#[wasm_export(allocator = values::Malloc, prefix = "bare_")]
trait Exports {
    fn text(guest: &str, guest_: u32) -> ::anyhow::Result<values::ReturnPointer<u64>>;
    fn nothing() -> ::core::result::Result<(), wasmtime::Error>;
    #[wasm_export(global)]
    fn level() -> ::anyhow::Result<i32>;
    #[wasm_export(global, name = "level")]
    fn set_level(level: i32) -> ::anyhow::Result<()>;
}

#[test]
fn a_trait_of_exports_has_a_record() {
    let set = <Exports as ::host_runtime::GuestExports>::EXPORTS;
    assert_eq!(set.exports().len(), 4);
}

#[wasm_import]
const LIMIT: i32 = 8;

#[wasm_import]
static LEVEL: i32 = LIMIT;

struct Kv;

#[wasm_import(module = "bare", memory = "memory")]
fn text(#[state] kv: &Kv, text: &str, out: ::core::option::Option<&mut [u8]>) -> i32 {
    let _ = (kv, text, out);
    1
}

#[wasm_import(module = "bare")]
fn result(#[state] kv: &mut Kv) -> ::core::result::Result<(), ::core::fmt::Error> {
    let _ = kv;
    ::core::result::Result::Ok(())
}

#[wasm_import(module = "bare")]
fn caller(caller: wasmtime::Caller<'_, ()>, x: i32) -> i32 {
    let _ = caller;
    x
}

#[wasm_import(module = "bare")]
fn guest(mut guest: ::host_runtime::Guest<'_>, x: i32) -> ::anyhow::Result<i32> {
    guest.set_global::<LEVEL>(x)?;
    ::core::result::Result::Ok(x)
}

#[wasm_import(module = "bare", prefix = "bare.", names = ["one", "two_*"], table = "table")]
fn names(x: i32) -> i32 {
    x
}

#[wasm_import(module = "bare", prefix = "bare.")]
static PREFIXED: i32 = LIMIT;

#[derive(::host_runtime::ResultCode)]
enum Errno {
    #[guest(code = -1)]
    Again,
    #[guest(trap)]
    Gone,
}

impl ::core::convert::From<Errno> for wasmtime::anyhow::Error {
    fn from(_: Errno) -> Self {
        wasmtime::anyhow::Error::msg("gone")
    }
}

#[wasm_import(module = "bare")]
fn code(gone: bool) -> ::core::result::Result<i32, ::host_runtime::ErrorCode<Errno>> {
    let error = if gone { Errno::Gone } else { Errno::Again };
    ::core::result::Result::Err(::host_runtime::ErrorCode(error))
}

#[wasm_import(module = "bare")]
fn allocated() -> ::host_runtime::Allocated<::std::string::String> {
    ::host_runtime::Allocated::new(::std::string::String::new())
}

#[wasm_import(module = "bare")]
mod module {
    use ::core::primitive::*;

    pub(crate) fn inside(x: i32) -> i32 {
        x
    }
}

#[wasm_import(module = "bare")]
impl Kv {
    fn method(&self, x: f64) -> f64 {
        x
    }
}

#[::core::prelude::v1::test]
fn expansions_compile_without_the_prelude() {
    let all = imports![
        text, result, caller, guest, names, code, allocated, mod module, Kv, LIMIT, LEVEL, PREFIXED,
    ];
    assert_eq!(all.len(), 12);
    assert_eq!(text(&Kv, "", ::core::option::Option::None), 1);
    assert_eq!(result(&mut Kv), ::core::result::Result::Ok(()));
    assert_eq!(module::inside(1), 1);
    assert_eq!(names(1), 1);
    assert_eq!(Kv.method(1.0), 1.0);
}
