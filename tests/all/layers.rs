//! The modules of `host-runtime` import only from those above them in the list of
//! `ARCHITECTURE.md`, and have `unsafe` code only in the files that it names.

use std::{fs, path::Path};

/// What a line begins with that lists a module, after its name.
const SEPARATOR: &str = "  ";

/// The modules in their order, from `ARCHITECTURE.md`.
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

/// The files of a folder, and of those in it, by their paths below it.
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

/// The code of a file, with as many lines, without comments and tests.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let lines = source.lines().map(|line| line.split("//").next().unwrap());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The modules at the crate's root that a file names, each with its line.
fn named(code: &str) -> Vec<(usize, String)> {
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
        // The first word of each part between commas that are in no other braces.
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
fn a_module_imports_only_from_those_above_it() {
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
        for (line, name) in named(&code(source)) {
            match place(&name) {
                Some(other) if other <= own => {}
                Some(_) => wrong.push(format!(
                    "{file}:{line}: `{module}` imports `{name}`, which ARCHITECTURE.md lists below \
                     it"
                )),
                None => wrong.push(format!(
                    "{file}:{line}: `{name}` is no module of the list: import an item by its module"
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
                "ARCHITECTURE.md lists `{layer}`, which is not there"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_all_forms() {
    let code = code(
        "use crate::{\n    abi::{Slots, AddressType},\n    call,\n};\n// crate::comment::X\nfn \
         f() { crate::memory::range() }\n\
         macro_rules! m { () => { $crate::__private::x } }\n#[cfg(test)]\nmod tests { use \
         crate::linker::X; }",
    );
    let found: Vec<_> = named(&code)
        .into_iter()
        .map(|(line, name)| format!("{line} {name}"))
        .collect();
    assert_eq!(found, ["1 abi", "1 call", "6 memory"]);
}

#[test]
fn unsafe_code_is_in_the_files_that_are_named() {
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
        "the files with `unsafe`, and those that ARCHITECTURE.md names"
    );
    assert!(found.len() <= 6, "{found:?}");
}
