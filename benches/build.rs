//! Writes a thousand functions, annotated and by hand. A `macro_rules` macro could not make their
//! names.

use std::{env, fmt::Write as _, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    let (mut annotated, mut by_hand) = (String::new(), String::new());
    for i in 0..1000 {
        writeln!(
            annotated,
            "pub fn import_{i}(x: i32) -> i32 {{ x.wrapping_add({i}) }}"
        )
        .expect("a String takes all text");
        writeln!(
            by_hand,
            "linker.func_wrap(\"many\", \"import_{i}\", |x: i32| x.wrapping_add({i}))?;"
        )
        .expect("a String takes all text");
    }
    let annotated = format!(
        "#[host_runtime::wasm_import(module = \"many\")]\n\
         #[allow(missing_docs, clippy::must_use_candidate)]\n\
         pub mod annotated {{\n{annotated}}}\n"
    );
    let by_hand = format!("{{\n{by_hand}}}\n");
    fs::write(Path::new(&out).join("annotated.rs"), annotated).expect("OUT_DIR can be written");
    fs::write(Path::new(&out).join("by_hand.rs"), by_hand).expect("OUT_DIR can be written");
}
