//! Runs a guest for each row of the tables in `host-runtime/docs/types.md`. A test fails if a row
//! is not run, or if the host function has other core types than the row says.

mod both;
mod parameters;
mod results;

use std::collections::BTreeMap;

use host_runtime::{Imports, wasmtime::Val};

/// The guest's memory from address 64 on.
const DATA: &[u8] = b"h\xc3\xa9llo\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\
    \x40\x00\x00\x00\x06\x00\x00\x00\x04\x00\x00\x00h\x00i\x00";
/// The pointer and the length of the text.
const TEXT: [Val; 2] = [Val::I32(64), Val::I32(6)];
/// The address of the numbers.
const NUMBERS: i32 = 72;
/// The address of a pointer to the text and its length.
const INDIRECT: i32 = 80;
/// The address of two code units of UTF-16. Their length in bytes precedes them.
const UNITS: i32 = 92;

/// The address that the guest's allocators return.
const ALLOCATED: i32 = 4096;

/// A row of a table: the type as in the chapter, a host function of this type, and the values that
/// the guest passes and receives.
struct Row {
    ty: &'static str,
    imports: Imports,
    arguments: Vec<Val>,
    results: Vec<Val>,
}

fn row(ty: &'static str, imports: Imports, arguments: &[Val], results: &[Val]) -> Row {
    Row {
        ty,
        imports,
        arguments: arguments.to_vec(),
        results: results.to_vec(),
    }
}

/// Reads the table of the chapter whose first column has this heading. The result maps each type in
/// the first column to the text in the second.
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

#[test]
fn a_guest_can_pass_each_parameter_type_of_the_chapter() {
    let mut documented = documented("parameter");
    for not_passed_by_the_guest in [
        "#[state] name: &T",
        "#[state] name: &mut T",
        "Guest<'_>",
        "Caller<'_, T>",
    ] {
        let core = documented.remove(not_passed_by_the_guest);
        assert_eq!(
            core.as_deref(),
            Some("nothing"),
            "{not_passed_by_the_guest}"
        );
    }
    // The host must make an object before a guest can pass it. `guests/objects.rs` tests this.
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    let rows = both::rows().into_iter().chain(parameters::rows());
    check(rows, documented, |function| {
        function.parameters()[0].types().to_string()
    });
}

#[test]
fn a_guest_receives_each_result_type_of_the_chapter() {
    let mut documented = documented("result");
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    check(results::rows(), documented, |function| {
        function.results().to_string()
    });
}

/// Runs each row, and compares the types of the rows with those in `documented`. `core` returns the
/// core types of the parameter or the results of a host function.
fn check(
    rows: impl IntoIterator<Item = Row>,
    mut documented: BTreeMap<String, String>,
    core: impl Fn(&host_runtime::items::HostFunction) -> String,
) {
    let mut run = Vec::new();
    for row in rows {
        let function = row.imports.functions().next().unwrap();
        let mut instance = host_tests::instance(row.imports, DATA).unwrap();
        let results = host_tests::run(&mut instance, &row.arguments).unwrap();
        assert_eq!(
            format!("{results:?}"),
            format!("{:?}", row.results),
            "{function}"
        );
        if let Some(documented_core) = documented.remove(row.ty) {
            let core = core(function);
            let matches = match documented_core.as_str() {
                "pointer, length" | "that of …, pointer 0 is None" | "that of Allocated<T, A>" => {
                    core == "i32 i32"
                }
                "pointer" | "its repr, i32 without one" => core == "i32",
                "that of its field" => core == "f64",
                "one result each" => core == "i32 f64 i32",
                "that of R" => core == "i32 i64" || core == "i64",
                "nothing" => core == "()",
                other => core == other,
            };
            assert!(
                matches,
                "{}: the chapter says {documented_core}, but the host function has {core}",
                row.ty
            );
            run.push(row.ty);
        }
        assert!(run.contains(&row.ty), "{} is not in the chapter", row.ty);
    }
    assert!(
        documented.is_empty(),
        "types without a row here: {documented:?}"
    );
}
