use std::rc::Rc;

use host_runtime::{BadHandle, Handle, Handles, wasm_import};

#[wasm_import(module = "ffi")]
fn open(#[state] handles: &mut Handles) -> Result<Handle<Rc<u8>>, BadHandle> {
    handles.insert(Rc::new(0))
}

fn main() {}
