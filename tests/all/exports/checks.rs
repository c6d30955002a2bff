//! The check of declared exports.

use host_runtime::{Imports, Runtime, errors::BindError, values::Malloc, wasm_export};

use super::guest;

/// What the guest exports.
#[wasm_export(allocator = Malloc, prefix = "md_")]
trait Markdown {
    /// Renders to HTML.
    fn render(source: &str, flags: u32) -> anyhow::Result<String>;
    fn reset() -> anyhow::Result<()>;
    fn depth(limit: i64) -> anyhow::Result<i32>;
    #[wasm_export(global)]
    fn version() -> anyhow::Result<i32>;
    #[wasm_export(global, name = "level")]
    fn set_level(level: i32) -> anyhow::Result<()>;
}

const FAULTY: &str = r#"(module
    (func (export "md_rendr"))
    (func (export "md_depth") (param i32) (result i32) (local.get 0))
    (memory (export "md_reset") 1)
    (global (export "md_version") i64 (i64.const 1))
    (global (export "md_level") i32 (i32.const 1))
    (func (export "malloc") (param i64) (result i32) (i32.const 0)))"#;

/// The report without the places in the source.
fn report(error: &BindError) -> String {
    let text = error.to_string();
    let lines = text.lines().map(|line| {
        let Some((before, rest)) = line.split_once(" (tests/all/exports/checks.rs:") else {
            return line.to_owned();
        };
        let (_, after) = rest.split_once(')').unwrap();
        format!("{before}{after}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

const REPORT: &str = "\
the guest does not export what `Markdown` declares:
  `md_render`, fn render(source: &str, flags: u32) -> anyhow::Result<String>: the guest exports no such function; similar names among the 3 functions that it exports: `md_rendr`
  `md_reset`, fn reset() -> anyhow::Result<()>: the guest exports a memory
  `md_depth`, fn depth(limit: i64) -> anyhow::Result<i32>: the guest's function is (func (param i32) (result i32)), but it is declared as (func (param i64) (result i32)); `limit: i64` passes i64 where the guest takes i32
  `md_version`, fn version() -> anyhow::Result<i32>: the guest's global is (global i64), but it is declared as i32
  `md_level`, fn set_level(level: i32) -> anyhow::Result<()>: the guest's global is not mutable; declare a function that returns its value
  `malloc`, to allocate and free memory: the guest's function is (func (param i64) (result i32)), but it is declared as (func (param i32) (result i32))
  `free`, to allocate and free memory: the guest exports no such function; similar names among the 3 functions that it exports: ";

#[test]
fn all_faults_are_in_one_report() {
    let error = guest(FAULTY).exports::<Markdown>().unwrap_err();
    let report = report(&error);
    assert!(
        report.starts_with(REPORT) || report.contains("`free`"),
        "{report}"
    );
    assert_eq!(error.faults.len(), 7);
}

#[test]
fn a_runtime_checks_the_required_exports_when_it_loads_a_module() {
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .requires::<Markdown>()
        .build()
        .unwrap();
    let error = runtime.load(FAULTY).unwrap_err();
    let bound = guest(FAULTY).exports::<Markdown>().unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&bound));
}

#[test]
fn the_record_describes_the_exports() {
    let set = <Markdown as host_runtime::GuestExports>::EXPORTS;
    assert_eq!(set.name(), "Markdown");
    assert_eq!(set.docs(), "What the guest exports.");
    let render = &set.exports()[0];
    assert_eq!(render.name(), "md_render");
    assert_eq!(render.docs(), "Renders to HTML.");
    assert_eq!(
        render.code(),
        "fn render(source: &str, flags: u32) -> anyhow::Result<String>"
    );
    let parameters = render.parameters();
    assert_eq!(parameters[0].name(), "source");
    assert_eq!(parameters[0].rust_type(), "&str");
    assert_eq!(parameters[0].types().to_string(), "i32 i32");
    assert_eq!(set.location_of(render).file, file!());
    assert!(set.exports()[3].is_global());
}
