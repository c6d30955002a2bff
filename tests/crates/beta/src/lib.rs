//! Host functions of a crate that only `link!` names.

/// The compiler may put this module into a separate object file.
mod inner {
    #[host_runtime::wasm_import(module = "beta")]
    mod functions {
        fn minus(x: i32) -> i32 {
            -x
        }
    }
}

/// A counter for guests.
#[derive(Clone, Debug, Default)]
pub struct Counter(i32);

#[host_runtime::wasm_import(module = "beta")]
impl Counter {
    fn count(&mut self) -> i32 {
        self.0 += 1;
        self.0
    }
}
