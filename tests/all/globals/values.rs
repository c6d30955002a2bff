//! The values of globals of each type.

use host_runtime::{Guest, GuestSize, imports, wasm_import, wasmtime};
use wasmtime::{AnyRef, ExternRef, Func, Rooted};

use super::runtime;
use crate::support;

/// A test for each type. A guest imports a `const` and a `static` of the type, and returns whether
/// both have the expected value.
macro_rules! tests_of_types {
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
                            (if (i32.eqz (block (result i32) "#, $same, r#"))
                                (then (return (i32.const 0))))
                            (local.set $x (global.get $v))
                            (block (result i32) "#, $same, ")))",
                ));
            guest.call::<(), ()>("change", ()).unwrap();
            assert_eq!(guest.call::<(), i32>("same", ()).unwrap(), 1);
            let same = |value: Option<$ty>| {
                format!("{:?}", value.unwrap()) == format!("{:?}", VARIABLE)
            };
            assert!(same(guest.global::<CONSTANT>()));
            assert!(same(guest.global::<VARIABLE>()));
        }
    )*};
}

tests_of_types! {
    an_i32_is_an_i32: i32 = -7, "i32", "(i32.eq (local.get $x) (i32.const -7))";
    a_u32_is_an_i32: u32 = u32::MAX, "i32", "(i32.eq (local.get $x) (i32.const -1))";
    an_i64_is_an_i64: i64 = i64::MIN, "i64",
        "(i64.eq (local.get $x) (i64.const 0x8000000000000000))";
    a_u64_is_an_i64: u64 = u64::MAX - 1, "i64", "(i64.eq (local.get $x) (i64.const -2))";
    an_f32_is_an_f32: f32 = 1.5, "f32", "(f32.eq (local.get $x) (f32.const 1.5))";
    an_f64_is_an_f64: f64 = -0.25, "f64", "(f64.eq (local.get $x) (f64.const -0.25))";
    a_u128_is_a_v128: u128 = 5, "v128",
        "(i64.eq (i64x2.extract_lane 0 (local.get $x)) (i64.const 5))";
    a_guest_size_is_an_i32: GuestSize = GuestSize(4096), "i32",
        "(i32.eq (local.get $x) (i32.const 4096))";
    a_func_is_a_funcref: Option<Func> = None, "funcref", "(ref.is_null (local.get $x))";
    an_extern_ref_is_an_externref: Option<Rooted<ExternRef>> = None, "externref",
        "(ref.is_null (local.get $x))";
    an_any_ref_is_an_anyref: Option<Rooted<AnyRef>> = None, "anyref",
        "(ref.is_null (local.get $x))";
}

#[wasm_import(module = "limits")]
const BASE: GuestSize = GuestSize(0x1_0000_0000);

#[test]
fn a_guest_size_has_the_width_of_the_addresses_of_the_memory() {
    let guest = |memory: &str, ty: &str| {
        let source = format!(
            r#"(module (import "limits" "BASE" (global $b {ty}))
                (memory (export "memory") {memory} 1)
                (func (export "base") (result {ty}) (global.get $b)))"#
        );
        runtime(imports![BASE]).instantiate(source)
    };
    let mut memory64 = guest("i64", "i64").unwrap();
    assert_eq!(memory64.call::<(), u64>("base", ()).unwrap(), 0x1_0000_0000);
    let error = guest("", "i32").unwrap_err().to_string();
    assert_eq!(error, "4294967296 does not fit the guest's i32");
}

#[wasm_import(module = "limits")]
static END: GuestSize = GuestSize(8);

#[wasm_import(module = "limits", memory = "big")]
fn set_end(mut guest: Guest<'_>, to: GuestSize) -> anyhow::Result<()> {
    guest.set_global::<END>(to)
}

#[test]
fn the_width_of_a_global_does_not_depend_on_the_memory_of_a_function() {
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
