//! A program without link-time collection. A runtime has only the host functions that `imports!`
//! lists.

use host_runtime::{Runtime, imports, wasm_import};

#[wasm_import(module = "ffi")]
fn double(x: i32) -> i32 {
    2 * x
}

struct Own(i32);

#[wasm_import(module = "ffi")]
impl Own {
    fn own(&self) -> i32 {
        self.0
    }
}

fn main() -> anyhow::Result<()> {
    let runtime = Runtime::builder()
        .imports(imports![double, Own])
        .state_with(|| Own(21));
    let mut guest = runtime.build()?.instantiate(
        r#"(module
            (import "ffi" "double" (func $double (param i32) (result i32)))
            (import "ffi" "own" (func $own (result i32)))
            (func (export "run") (result i32) (call $double (call $own))))"#,
    )?;
    anyhow::ensure!(guest.call::<(), i32>("run", ())? == 42);
    anyhow::ensure!(
        Runtime::new()?.imports().is_empty(),
        "a runtime has host functions that are not listed"
    );
    println!("the runtime has only the listed functions");
    Ok(())
}
