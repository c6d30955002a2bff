//! References to functions, host values and garbage-collected values, as parameters, results and
//! globals.

mod globals;
mod types;
mod values;

use host_runtime::{
    Imports, Runtime, wasm_import,
    wasmtime::{AnyRef, ArrayRef, Config, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef},
};

/// Expressions for a struct and an exception. The module must define `$point` and `$thrown`.
const POINT: &str = "(struct.new $point (i32.const 1))";
const THROWN: &str =
    "(block $e (result (ref exn)) (try_table (catch_all_ref $e) (throw $thrown)) (unreachable))";

fn runtime(imports: Imports) -> Runtime {
    let mut config = Config::new();
    config.wasm_gc(true).wasm_exceptions(true);
    let runtime = Runtime::builder().imports(imports).config(config);
    runtime.build().unwrap()
}

#[wasm_import(module = "host")]
mod host {
    use super::*;

    pub(super) fn same_func(f: Option<Func>) -> Option<Func> {
        f
    }
    pub(super) fn same_extern(
        x: Option<Rooted<ExternRef>>,
        _between: i32,
    ) -> (i64, Option<Rooted<ExternRef>>) {
        (1, x)
    }
    pub(super) fn same_any(x: Option<Rooted<AnyRef>>) -> Option<Rooted<AnyRef>> {
        x
    }
}

/// Defines host functions that take and return a reference that is never null.
macro_rules! never_null {
    ($($name:ident: $ty:ty;)*) => {
        #[wasm_import(module = "never")]
        mod never {
            use super::*;

            $(pub(super) fn $name(x: $ty) -> $ty {
                x
            })*
        }
    };
}

never_null! {
    func: Func;
    external: Rooted<ExternRef>;
    any: Rooted<AnyRef>;
    eq: Rooted<EqRef>;
    i31: I31;
    fields: Rooted<StructRef>;
    array: Rooted<ArrayRef>;
    exn: Rooted<ExnRef>;
}
