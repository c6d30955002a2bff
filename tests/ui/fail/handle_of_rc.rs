use std::rc::Rc;

use host_runtime::{Handle, Handles, errors::HandleError, wasm_import};

#[wasm_import(module = "ffi")]
fn open(#[state] handles: &mut Handles) -> Result<Handle<Rc<u8>>, HandleError> {
    handles.insert(Rc::new(0))
}

fn main() {}
