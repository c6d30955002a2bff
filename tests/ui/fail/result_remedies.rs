//! For a result type that guests cannot receive, a single error says what to write.

use host_runtime::wasm_import;

#[wasm_import]
mod results {
    fn number() -> Option<i32> {
        None
    }
    fn string() -> String {
        String::new()
    }
    fn fallible() -> Result<Vec<u8>, std::fmt::Error> {
        Ok(Vec::new())
    }
    fn optional() -> Option<String> {
        None
    }
    fn constant() -> &'static str {
        ""
    }
    fn size() -> usize {
        0
    }
    fn many() -> (i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32) {
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }
}

fn main() {}
