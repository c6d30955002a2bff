use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    #[cfg_attr(all(), wasm_import(name = "getValue"))]
    pub fn get_value() {}

    #[cfg_attr(all(), cfg(any()))]
    pub fn sometimes() {}

    #[cfg_attr(all(), wasm_import)]
    pub const LEVEL: i32 = 1;
}

// A macro passes a fragment on in an invisible group.
macro_rules! passed_on {
    ($name:ident, $attribute:meta, $item:item) => {
        #[wasm_import(module = "ffi")]
        mod $name {
            #[cfg_attr(all(), $attribute)]
            $item
        }
    };
}

passed_on!(of_function, host_runtime::wasm_import(name = "getValue"), pub fn get_value() {});
passed_on!(of_module, cfg(any()), pub mod inner { pub fn get_value() {} });
passed_on!(of_constant, wasm_import, pub const LEVEL: i32 = 1;);

fn main() {}
