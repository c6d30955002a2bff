//! `ARCHITECTURE.md` lists the modules of `host-runtime` and the files with `unsafe` code.
//!
//! A module imports only from the modules above it in the list. Only the files that are listed
//! contain `unsafe` code.

use std::{fs, path::Path};

/// The text between the name of a module and its description, in a line of the list.
const SEPARATOR: &str = "  ";

/// The names of the modules, in the order of `ARCHITECTURE.md`.
fn layers(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let list = text
        .split("```text\nmessage")
        .nth(1)
        .expect("the list of modules");
    let list = format!("message{}", list.split("```").next().unwrap());
    let names = list.lines().map(|line| {
        let name = line.split(SEPARATOR).next().unwrap();
        name.trim_end_matches('/')
            .trim_end_matches(".rs")
            .to_owned()
    });
    names.collect()
}

/// Adds the files of a folder and its subfolders to `found`, as pairs of relative path and content.
fn files(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let name = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        if path.is_dir() {
            files(&path, &name, found);
        } else {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Removes comments and unit tests from a source file. The lines of the code keep their numbers.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let lines = source.lines().map(|line| line.split("//").next().unwrap());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The modules of the crate that `code` imports from, each with the line of the import.
fn imported_modules(code: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') || code[..at].ends_with(char::is_alphanumeric) {
            continue;
        }
        let line = code[..at].lines().count().max(1);
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| -> String {
            let letters = text.trim_start().chars();
            letters
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        if !rest.starts_with('{') {
            named.push((line, word(rest)));
            continue;
        }
        // Take the first word after each comma in the braces, but not in inner braces.
        let mut depth = 0;
        let mut part = String::new();
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => named.push((line, word(&std::mem::take(&mut part)))),
                c => part.push(c),
            }
            if depth == 0 {
                named.push((line, word(&part)));
                break;
            }
        }
    }
    named.retain(|(_, name)| !name.is_empty());
    named
}

#[test]
fn a_module_imports_only_from_the_modules_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let layers = layers(&root);
    let mut sources = Vec::new();
    files(&root.join("host-runtime/src"), "", &mut sources);
    let mut wrong = Vec::new();
    for (file, source) in &sources {
        let module = file.split('/').next().unwrap().trim_end_matches(".rs");
        if ["lib", "macro_support"].contains(&module) {
            continue;
        }
        let place = |name: &str| layers.iter().position(|layer| layer == name);
        let Some(own) = place(module) else {
            wrong.push(format!("{file}: ARCHITECTURE.md does not list `{module}`"));
            continue;
        };
        for (line, name) in imported_modules(&code(source)) {
            match place(&name) {
                Some(other) if other <= own => {}
                Some(_) => wrong.push(format!(
                    "{file}:{line}: `{module}` imports `{name}`, which ARCHITECTURE.md lists below \
                     it"
                )),
                None => wrong.push(format!(
                    "{file}:{line}: `{name}` is not a module of the list: import an item from its \
                     module"
                )),
            }
        }
    }
    for layer in &layers {
        let is_there = |(file, _): &(String, String)| {
            file.split('/').next().unwrap().trim_end_matches(".rs") == layer
        };
        if !sources.iter().any(is_there) {
            wrong.push(format!(
                "ARCHITECTURE.md lists `{layer}`, which does not exist"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imported_modules_finds_all_forms_of_imports() {
    let code = code(
        "use crate::{\n    abi::{Slots, AddressType},\n    call,\n};\n// crate::comment::X\nfn \
         f() { crate::memory::range() }\n\
         macro_rules! m { () => { $crate::__private::x } }\n#[cfg(test)]\nmod tests { use \
         crate::linker::X; }",
    );
    let found: Vec<_> = imported_modules(&code)
        .into_iter()
        .map(|(line, name)| format!("{line} {name}"))
        .collect();
    assert_eq!(found, ["1 abi", "1 call", "6 memory"]);
}

#[test]
fn only_the_listed_files_contain_unsafe_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let table = text.split("| file | its contract |").nth(1).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut named: Vec<_> = rows
        .map(|row| row.split('`').nth(1).unwrap().to_owned())
        .collect();
    let mut sources = Vec::new();
    files(&root.join("host-runtime/src"), "", &mut sources);
    let is_unsafe = |source: &str| {
        let code = code(source).replace("unsafe trait", "");
        ["unsafe {", "unsafe fn", "unsafe impl"]
            .iter()
            .any(|word| code.contains(word))
    };
    let found = sources.iter().filter(|(_, source)| is_unsafe(source));
    let mut found: Vec<_> = found.map(|(file, _)| file.clone()).collect();
    named.sort();
    found.sort();
    assert_eq!(
        found, named,
        "the left list has the files with `unsafe` code, the right one those in ARCHITECTURE.md"
    );
    assert!(found.len() <= 6, "{found:?}");
}
