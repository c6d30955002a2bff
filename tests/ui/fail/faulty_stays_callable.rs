use host_runtime::{imports, wasm_import};

#[wasm_import(module = "ffi")]
fn first<T>(x: T) -> T {
    x
}

#[wasm_import(module = "ffi")]
mod ffi {
    pub async fn second() {}

    pub fn third() -> i32 {
        3
    }
}

struct Kv;

#[wasm_import(module = "kv")]
impl Kv {
    unsafe fn fourth(&self) -> i32 {
        4
    }
}

fn main() {
    let _ = first(1) + ffi::third();
    let _ = unsafe { Kv.fourth() };
    let _ = ffi::second();
    let _ = imports![first, ffi::third, mod ffi, Kv];
}
