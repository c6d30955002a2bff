use host_runtime::{FromGuest, values::Call, wasmtime};

struct Forged(u64);

impl<'a> FromGuest<'a> for Forged {
    type Wasm = i32;

    fn from_guest(_: i32, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        <u64 as FromGuest>::parameter(call).map(Self)
    }
}

fn main() {}
