//! Safe code cannot combine the shim of one item with the record of another item. A user's
//! implementation of `FromGuest` cannot read the value of another parameter.

use host_runtime::__private::{
    Call, FromGuest, HostFunction, Lift, Plain, PlainContext, Record, Shim,
};
use host_runtime::{imports, wasm_import, wasmtime};

#[wasm_import]
fn narrow(x: i32) -> i32 {
    x
}

enum Wide {}

static WIDE: HostFunction = HostFunction::of::<Wide>();

impl Shim for Wide {
    type Kind = Plain;
    const RECORD: Record = <narrow as Shim>::RECORD;
    const FUNCTION: &'static HostFunction = &WIDE;

    fn call(cx: &mut PlainContext<'_>) -> wasmtime::Result<()> {
        <u64 as Lift>::lift(&mut cx.call).map(drop)
    }
}

struct Twice(u64);

impl<'a> FromGuest<'a> for Twice {
    type Wasm = i32;

    fn from_guest(_: i32, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        Lift::lift(call).map(Self)
    }
}

fn main() {
    let _ = imports![narrow];
}
