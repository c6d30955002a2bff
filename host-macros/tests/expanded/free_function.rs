#[wasm_import(module = "kv", name = "get", memory = "heap")]
/// Reads a value.
///
/// The result is its length.
pub fn get_value<'a>(
    #[state] kv: &Kv,
    key: &'a str,
    out: &mut [u8],
    #[state] log: &mut Vec<String>,
) -> Result<u32, KvError> {
    log.push(key.to_owned());
    kv.get(key, out)
}
