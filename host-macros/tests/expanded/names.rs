#[wasm_import(module = "wbg", prefix = "__wbg_", names = ["log_*", "warn_*"])]
fn log(text: &str) {
    println!("{text}");
}
