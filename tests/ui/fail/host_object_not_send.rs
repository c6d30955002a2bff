use std::rc::Rc;

use host_runtime::{HostObject, wasm_import};

#[wasm_import(module = "ffi")]
fn draw(_canvas: HostObject<Rc<u8>>) {}

fn main() {}
