use host_runtime::wasm_import;

#[wasm_import(group = Lone)]
fn lone() {}

#[wasm_import(group = Whole)]
mod module {
    #[wasm_import(group = Member)]
    pub fn member() {}
}

struct Kv;

#[wasm_import(group = "Text")]
impl Kv {
    fn get(&self) {}
}

struct Log;

#[wasm_import(group)]
impl Log {
    fn set(&self) {}
}

#[wasm_import]
mod nested {
    #[wasm_import(name = "inner", crate = host_runtime)]
    pub mod inner {
        pub fn get() {}
    }

    pub mod again {
        pub fn get() {}
    }
}

fn main() {}
