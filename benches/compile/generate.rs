//! Writes five hundred functions. A third of them use numbers only, a third use text and state, and
//! a third use numbers and state.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=../generate.rs");
    let by_hand = env::var("CARGO_PKG_NAME").is_ok_and(|name| name.ends_with("by-hand"));
    let functions: String = (1..=500)
        .map(|i| match (by_hand, i % 3) {
            (false, 0) => format!(
                r#"
#[wasm_import(module = "many")]
pub fn number_{i}(a: i32, b: f64) -> i64 {{
    i64::from(a) + b as i64 + {i}
}}
"#
            ),
            (false, 1) => format!(
                r#"
#[wasm_import(module = "many")]
pub fn text_{i}(#[state] total: &mut Total, text: &str) -> i64 {{
    total.0 += text.len() as i64 + {i};
    total.0
}}
"#
            ),
            (false, _) => format!(
                r#"
#[wasm_import(module = "many")]
pub fn state_{i}(#[state] total: &mut Total, x: i64) -> i64 {{
    total.0 += x + {i};
    total.0
}}
"#
            ),
            (true, 0) => format!(
                r#"
    linker.func_wrap("many", "number_{i}", |a: i32, b: f64| -> i64 {{
        i64::from(a) + b as i64 + {i}
    }})?;
"#
            ),
            (true, 1) => format!(
                r#"
    linker.func_wrap(
        "many",
        "text_{i}",
        |mut caller: Caller<'_, Total>, pointer: u32, length: u32| -> Result<i64> {{
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {{
                return Err(format_err!("no memory"));
            }};
            let (bytes, total) = memory.data_and_store_mut(&mut caller);
            let text = bytes
                .get(pointer as usize..)
                .and_then(|bytes| bytes.get(..length as usize))
                .ok_or_else(|| format_err!("out of bounds"))?;
            total.0 += std::str::from_utf8(text)?.len() as i64 + {i};
            Ok(total.0)
        }},
    )?;
"#
            ),
            (true, _) => format!(
                r#"
    linker.func_wrap(
        "many",
        "state_{i}",
        |mut caller: Caller<'_, Total>, x: i64| -> i64 {{
            let total = caller.data_mut();
            total.0 += x + {i};
            total.0
        }},
    )?;
"#
            ),
        })
        .collect();
    let functions = if by_hand {
        format!(
            "/// Defines them.\npub fn define(linker: &mut Linker<Total>) -> Result<()> {{\n\
             {functions}    Ok(())\n}}\n"
        )
    } else {
        functions
    };
    let out = env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("functions.rs"), functions).expect("OUT_DIR can be written");
}
