//! A macro in a type may expand to a different type at each use.

use host_runtime::wasm_import;

macro_rules! flip {
    () => { i64 };
}

macro_rules! in_item {
    ($ty:ty) => {
        #[wasm_import]
        fn through_a_macro(x: $ty) {
            let _ = x;
        }
    };
}

#[wasm_import]
fn parameter(x: flip!()) {
    let _ = x;
}

#[wasm_import]
fn nested(x: Option<&[flip!()]>) -> Result<flip!(), std::fmt::Error> {
    let _ = x;
    Ok(1)
}

#[wasm_import]
fn state(#[state] x: &mut Vec<flip!()>) {
    x.clear();
}

in_item!(flip!());

fn main() {}
