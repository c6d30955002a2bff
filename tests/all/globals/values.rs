//! The values of globals, of every type and width.

use host_runtime::{Guest, GuestSize, imports, wasm_import, wasmtime};
use wasmtime::{AnyRef, ExternRef, Func, Rooted};

use super::runtime;
use crate::support;

/// A `const` and a `static` of one type, and a guest that returns both and says whether they are
/// the same as what is given.
macro_rules! of_every_type {
    ($($test:ident: $ty:ty = $value:expr, $wasm:literal, $same:literal;)*) => {$(
        #[test]
        fn $test() {
            #[wasm_import]
            const CONSTANT: $ty = $value;
            #[wasm_import]
            static VARIABLE: $ty = $value;

            let mut guest = support::guest(imports![CONSTANT, VARIABLE], concat!(
                    r#"(module
                        (import "env" "CONSTANT" (global $c "#, $wasm, r#"))
                        (import "env" "VARIABLE" (global $v (mut "#, $wasm, r#")))
                        (func (export "change") (global.set $v (global.get $v)))
                        (func (export "same") (result i32)
                            (local $x "#, $wasm, r#")
                            (local.set $x (global.get $c))
                            (if (i32.eqz (block (result i32) "#, $same, r#")) (then (return (i32.const 0))))
                            (local.set $x (global.get $v))
                            (block (result i32) "#, $same, ")))",
                ));
            guest.call::<(), ()>("change", ()).unwrap();
            assert_eq!(guest.call::<(), i32>("same", ()).unwrap(), 1);
            let same = |value: Option<$ty>| format!("{:?}", value.unwrap()) == format!("{:?}", VARIABLE);
            assert!(same(guest.global::<CONSTANT>()));
            assert!(same(guest.global::<VARIABLE>()));
        }
    )*};
}

of_every_type! {
    i32_is_i32: i32 = -7, "i32", "(i32.eq (local.get $x) (i32.const -7))";
    u32_is_i32: u32 = u32::MAX, "i32", "(i32.eq (local.get $x) (i32.const -1))";
    i64_is_i64: i64 = i64::MIN, "i64", "(i64.eq (local.get $x) (i64.const 0x8000000000000000))";
    u64_is_i64: u64 = u64::MAX - 1, "i64", "(i64.eq (local.get $x) (i64.const -2))";
    f32_is_f32: f32 = 1.5, "f32", "(f32.eq (local.get $x) (f32.const 1.5))";
    f64_is_f64: f64 = -0.25, "f64", "(f64.eq (local.get $x) (f64.const -0.25))";
    u128_is_v128: u128 = 5, "v128",
        "(i64.eq (i64x2.extract_lane 0 (local.get $x)) (i64.const 5))";
    size_is_i32: GuestSize = GuestSize(4096), "i32", "(i32.eq (local.get $x) (i32.const 4096))";
    func_is_funcref: Option<Func> = None, "funcref", "(ref.is_null (local.get $x))";
    extern_is_externref: Option<Rooted<ExternRef>> = None, "externref", "(ref.is_null (local.get \
        $x))";
    any_is_anyref: Option<Rooted<AnyRef>> = None, "anyref", "(ref.is_null (local.get $x))";
}

#[wasm_import(module = "limits")]
const BASE: GuestSize = GuestSize(0x1_0000_0000);

#[test]
fn a_size_is_as_wide_as_the_memory() {
    let guest = |memory: &str, ty: &str| {
        let source = format!(
            r#"(module (import "limits" "BASE" (global $b {ty}))
                (memory (export "memory") {memory} 1)
                (func (export "base") (result {ty}) (global.get $b)))"#
        );
        runtime(imports![BASE]).instantiate(source)
    };
    let mut wide = guest("i64", "i64").unwrap();
    assert_eq!(wide.call::<(), u64>("base", ()).unwrap(), 0x1_0000_0000);
    let error = guest("", "i32").unwrap_err().to_string();
    assert_eq!(error, "4294967296 does not fit the guest's i32");
}

#[wasm_import(module = "limits")]
static END: GuestSize = GuestSize(8);

#[wasm_import(module = "limits", memory = "big")]
fn set_end(mut guest: Guest<'_>, to: GuestSize) -> anyhow::Result<()> {
    guest.set_global::<END>(to)
}

/// A global has one width, whichever memory a function is for.
#[test]
fn a_size_has_one_width_whichever_memory_a_function_is_for() {
    let mut guest = support::guest(
        imports![END, set_end],
        r#"(module
                (import "limits" "END" (global $end (mut i32)))
                (import "limits" "set_end" (func $set (param i64)))
                (memory (export "memory") 1)
                (memory (export "big") i64 1)
                (func (export "run") (result i32) (call $set (i64.const 77)) (global.get $end)))"#,
    );
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 77);
}
