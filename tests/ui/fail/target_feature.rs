use host_runtime::wasm_import;

#[wasm_import]
#[target_feature(enable = "avx2")]
fn sum(a: &[f32]) -> f32 {
    a.iter().sum()
}

fn main() {}
