use host_runtime::{Allocated, FromGuest, IntoGuest, values::Call, wasm_import, wasmtime};

struct Text;

impl FromGuest<'_> for Text {
    type Wasm = <Allocated<String> as IntoGuest>::Wasm;

    fn from_guest(_: Self::Wasm, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self)
    }
}

#[wasm_import]
fn show(_text: Text) {}

fn main() {}
