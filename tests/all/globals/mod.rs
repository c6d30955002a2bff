//! Annotated constants and statics, which guests import as globals.

mod declarations;
mod stores;
mod values;

use host_runtime::{Imports, Runtime, wasm_import};

fn runtime(imports: Imports) -> Runtime {
    Runtime::builder().imports(imports).build().unwrap()
}

#[wasm_import(module = "host", name = "__stack_pointer")]
static STACK_POINTER: i32 = 65536;

const PUSHES: &str = r#"(module
    (import "host" "__stack_pointer" (global $sp (mut i32)))
    (func (export "push") (result i32)
        (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
        (global.get $sp)))"#;
