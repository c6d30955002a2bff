//! The tables in `host-runtime/docs/types.md`, row by row through a real guest: a row that is not
//! run here, or that a guest finds to be otherwise, fails.

mod both;
mod parameters;
mod results;

use std::collections::BTreeMap;

use host_runtime::{Imports, wasmtime::Val};

/// What the guest's memory holds at 64: text, then numbers.
const DATA: &[u8] = b"h\xc3\xa9llo\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\
    \x40\x00\x00\x00\x06\x00\x00\x00\x04\x00\x00\x00h\x00i\x00";
/// The text and its bytes.
const TEXT: [Val; 2] = [Val::I32(64), Val::I32(6)];
/// Where the numbers are.
const NUMBERS: i32 = 72;
/// Where a pointer to the text and its length are.
const INDIRECT: i32 = 80;
/// Where two units of UTF-16 are, their length in bytes before them.
const UNITS: i32 = 92;

/// Where the guest's allocators begin.
const DEFERRED: i32 = 4096;

/// One row: the type as the chapter writes it, a function with it, what a guest passes and gets.
struct Row {
    ty: &'static str,
    imports: Imports,
    passes: Vec<Val>,
    gets: Vec<Val>,
}

fn row(ty: &'static str, imports: Imports, passes: &[Val], gets: &[Val]) -> Row {
    Row {
        ty,
        imports,
        passes: passes.to_vec(),
        gets: gets.to_vec(),
    }
}

/// The rows of the chapter's table with `heading` at its top left: the types of the first column,
/// and the second column.
fn documented(heading: &str) -> BTreeMap<String, String> {
    let chapter = include_str!("../../../host-runtime/docs/types.md");
    let table = chapter
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut rows = BTreeMap::new();
    for line in table {
        let cells: Vec<_> = line
            .split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ']))
            .collect();
        for ty in cells[0].split("`, `") {
            rows.insert(ty.trim_matches('`').to_owned(), cells[1].replace('`', ""));
        }
    }
    assert!(!rows.is_empty(), "the chapter has no table of {heading}");
    rows
}

/// What a guest passes for each type that the chapter lists, and that there is no other.
#[test]
fn every_parameter_of_the_chapter() {
    let mut documented = documented("parameter");
    for kept_by_the_host in [
        "#[state] name: &T",
        "#[state] name: &mut T",
        "Guest<'_>",
        "Caller<'_, T>",
    ] {
        let core = documented.remove(kept_by_the_host);
        assert_eq!(core.as_deref(), Some("nothing"), "{kept_by_the_host}");
    }
    // An object has to be made first: `guests/objects.rs` does.
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    let rows = both::rows().into_iter().chain(parameters::rows());
    check(rows, documented, |function| {
        function.parameters()[0].types().to_string()
    });
}

/// What a guest gets for each type that the chapter lists, and that there is no other.
#[test]
fn every_result_of_the_chapter() {
    let mut documented = documented("result");
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    check(results::rows(), documented, |function| {
        function.results().to_string()
    });
}

fn check(
    rows: impl IntoIterator<Item = Row>,
    mut documented: BTreeMap<String, String>,
    core: impl Fn(&host_runtime::items::HostFunction) -> String,
) {
    let mut run = Vec::new();
    for row in rows {
        let function = row.imports.functions().next().unwrap();
        let mut instance = host_tests::instance(row.imports, DATA).unwrap();
        let gets = host_tests::run(&mut instance, &row.passes).unwrap();
        assert_eq!(format!("{gets:?}"), format!("{:?}", row.gets), "{function}");
        if let Some(says) = documented.remove(row.ty) {
            let core = core(function);
            let matches = match says.as_str() {
                "pointer, length" | "that of …, pointer 0 is None" | "that of Allocated<T, A>" => {
                    core == "i32 i32"
                }
                "pointer" | "its repr, i32 without one" => core == "i32",
                "that of its field" => core == "f64",
                "one result each" => core == "i32 f64 i32",
                "that of R" => core == "i32 i64" || core == "i64",
                "nothing" => core == "()",
                says => core == says,
            };
            assert!(matches, "{}: the chapter says {says}, it is {core}", row.ty);
            run.push(row.ty);
        }
        assert!(run.contains(&row.ty), "{} is not in the chapter", row.ty);
    }
    assert!(documented.is_empty(), "not run: {documented:?}");
}
