use host_runtime::wasm_import;

struct S<const N: usize>;

#[wasm_import(module = "kv")]
fn all(
    #[state] _a: &S<0>,
    #[state] _b: &S<1>,
    #[state] _c: &S<2>,
    #[state] _d: &S<3>,
    #[state] _e: &S<4>,
    #[state] _f: &S<5>,
    #[state] _g: &S<6>,
    #[state] _h: &S<7>,
    #[state] _i: &S<8>,
) {
}

fn main() {}
