#[wasm_import]
fn print(mut caller: Caller<'_, App>, text: String, _: i32) -> bool {
    caller.data_mut().print(text)
}
