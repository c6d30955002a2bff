use host_runtime::wasm_import;

struct Counter(u32);

macro_rules! methods {
    () => {
        fn hidden(&self) {}
    };
}

#[wasm_import(module = "counter")]
impl Counter {
    fn get(&self) -> u32 {
        self.0
    }
    methods! {}
}

fn main() {}
