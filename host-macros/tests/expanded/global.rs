#[wasm_import(module = "env", name = "__stack_pointer")]
/// Where the guest's stack ends.
pub static STACK_POINTER: i32 = 65536;
