//! Host functions that guests import by several names, and aliases.

use host_runtime::{
    Guest, HostCallError, HostData, Imports, Runtime, imports, wasm_import,
    wasmtime::{Engine, Linker, Module, Store},
};

use super::report;
use crate::support;

#[wasm_import(module = "names", names = ["add", "total_sum", "plus_*"])]
fn add(a: i32, b: i32) -> i32 {
    a + b
}

#[wasm_import(module = "names-console")]
fn log(x: u8) -> i32 {
    i32::from(x)
}

#[wasm_import(module = "names-console")]
fn nested(mut guest: Guest<'_>) -> anyhow::Result<i32> {
    guest.call::<(), i32>("log", ())
}

struct Console(i32);

#[wasm_import(module = "names-console")]
impl Console {
    fn level(&self) -> i32 {
        self.0
    }

    #[wasm_import(names = ["verbose", "is_verbose"])]
    fn is_verbose(&self) -> bool {
        self.0 > 1
    }
}

#[test]
fn a_function_has_several_names() {
    let imports = imports![add];
    assert_eq!(imports.len(), 1);
    assert_eq!(imports.iter().count(), 1);
    let function = imports.get("names", "total_sum").unwrap();
    assert_eq!(function.name(), "add");
    let names: Vec<_> = function.names().collect();
    assert_eq!(names, ["add", "total_sum", "plus_*"]);
    let mut guest = support::guest(
        imports,
        r#"(module
            (import "names" "add" (func $add (param i32 i32) (result i32)))
            (import "names" "total_sum" (func $sum (param i32 i32) (result i32)))
            (import "names" "plus_0a1b" (func $plus (param i32 i32) (result i32)))
            (func (export "run") (result i32)
                (call $add (i32.const 1)
                    (call $sum (i32.const 10) (call $plus (i32.const 100) (i32.const 1000))))))"#,
    );
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 1111);
}

#[test]
fn a_method_has_several_names() {
    let runtime = Runtime::builder()
        .imports(imports![Console])
        .state_with(|| Console(2));
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "names-console" "verbose" (func $a (result i32)))
                (import "names-console" "is_verbose" (func $b (result i32)))
                (func (export "run") (result i32) (i32.add (call $a) (call $b))))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 2);
}

/// A guest may import a function with several types that its own type matches.
#[test]
fn each_name_is_imported_with_a_type_of_its_own() {
    use host_runtime::{HostObject, wasmtime};

    #[wasm_import(module = "names", names = ["object", "new_object"])]
    fn object() -> HostObject<i32> {
        HostObject::new(7)
    }

    let mut guest = support::guest(
        imports![object],
        r#"(module
            (import "names" "object" (func $a (result externref)))
            (import "names" "new_object" (func $b (result (ref extern))))
            (func (export "run") (result externref externref) (call $a) (call $b)))"#,
    );
    let run = guest.raw().get_func(guest.store_mut(), "run").unwrap();
    let mut results = [wasmtime::Val::I32(0); 2];
    run.call(guest.store_mut(), &[], &mut results).unwrap();
    assert!(
        results
            .iter()
            .all(|result| result.unwrap_externref().is_some())
    );
}

#[test]
fn a_mismatch_names_the_import_of_the_guest() {
    let text = report(
        imports![add],
        r#"(module (import "names" "total_sum" (func (param i32))))"#,
    );
    assert!(
        text.contains(
            "`names.total_sum`, fn add(a: i32, b: i32) -> i32 (tests/all/linking/names.rs:LINE) \
             has another type than the guest imports"
        ),
        "{text}"
    );
}

#[test]
fn the_advice_for_a_missing_import_is_to_add_a_name() {
    let import = |imports: Imports, module: &str, name: &str| {
        report(
            imports,
            &format!(r#"(module (import "{module}" "{name}" (func)))"#),
        )
    };
    let similar = import(imports![add], "names", "total_sun");
    assert!(
        similar.contains(
            "there is `names.total_sum`: fn add(a: i32, b: i32) -> i32 \
             (tests/all/linking/names.rs:LINE)\n      if that is meant, add `\"total_sun\"` to \
             the `names` of its attribute"
        ),
        "{similar}"
    );
    let elsewhere = import(imports![add], "math", "total_sum");
    assert!(
        elsewhere.contains(
            "there is a `total_sum` in `names`: fn add(a: i32, b: i32) -> i32 \
             (tests/all/linking/names.rs:LINE)\n      if that is meant, offer it as `\"math\", \
             \"total_sum\"` with `Imports::alias`"
        ),
        "{elsewhere}"
    );
    let alias = imports![log].alias::<log>("names-wbg", "__wbg_log_0a1b");
    let alias = import(alias, "names-wbg", "__wbg_log_0a1c");
    assert!(
        alias.contains(
            "there is `names-wbg.__wbg_log_0a1b`: fn log(x: u8) -> i32 \
             (tests/all/linking/names.rs:LINE)\n      if that is meant, offer it as \
             `\"names-wbg\", \"__wbg_log_0a1c\"` with `Imports::alias`"
        ),
        "{alias}"
    );
}

#[test]
fn a_linker_defines_all_names() {
    #[wasm_import(module = "names", names = ["one", "uno"])]
    fn one() -> i32 {
        1
    }

    let engine = Engine::default();
    let imports = imports![one].alias::<one>("numbers", "eins");
    let linker = support::linker(&engine, &imports);
    let mut store = Store::new(&engine, HostData::new());
    let mut defined: Vec<_> = linker
        .iter(&mut store)
        .map(|(module, name, _)| format!("{module}.{name}"))
        .collect();
    defined.sort();
    assert_eq!(defined, ["names.one", "names.uno", "numbers.eins"]);
}

#[test]
fn an_alias_offers_a_function_also_by_another_import() {
    let imports = imports![log, nested]
        .alias::<log>("names-wbg", "__wbg_log_*")
        .alias::<nested>("names-wbg", "__wbg_nested_0a1b");
    assert_eq!(imports.len(), 2);
    let mut guest = support::guest(
        imports,
        r#"(module
            (import "names-console" "log" (func $log (param i32) (result i32)))
            (import "names-wbg" "__wbg_log_0a1b" (func $alias (param i32) (result i32)))
            (import "names-wbg" "__wbg_nested_0a1b" (func $nested (result i32)))
            (func (export "log") (result i32) (call $alias (i32.const 300)))
            (func (export "own") (result i32) (call $log (i32.const 300)))
            (func (export "both") (result i32)
                (i32.add (call $log (i32.const 1)) (call $alias (i32.const 2))))
            (func (export "nest") (result i32) (call $nested)))"#,
    );
    assert_eq!(guest.call::<(), i32>("both", ()).unwrap(), 3);
    let mut error = |name| {
        let error = guest.call::<(), i32>(name, ()).unwrap_err();
        error.downcast_ref::<HostCallError>().unwrap().clone()
    };
    let failed = error("log");
    assert_eq!(
        (failed.module(), failed.name(), failed.function().name()),
        ("names-wbg", "__wbg_log_0a1b", "log")
    );
    for (name, message) in [
        (
            "log",
            "the guest called `names-wbg.__wbg_log_0a1b` with a bad `x: u8` \
             (tests/all/linking/names.rs:LINE)",
        ),
        (
            "own",
            "the guest called `names-console.log` with a bad `x: u8` \
             (tests/all/linking/names.rs:LINE)",
        ),
        (
            "nest",
            "the guest called `names-wbg.__wbg_log_0a1b` with a bad `x: u8` \
             (tests/all/linking/names.rs:LINE), below 1 call of `names-wbg.__wbg_nested_0a1b`",
        ),
    ] {
        let error = error(name).to_string();
        assert_eq!(support::without_lines(&error), message);
    }
}

#[test]
fn an_alias_belongs_to_its_function() {
    let alias = Imports::none().alias::<log>("names-wbg", "log");
    assert!(alias.get("names-wbg", "log").is_some());
    assert!(
        alias.get("names-console", "log").is_none(),
        "it is only the alias"
    );
    assert_eq!(alias.len(), 1);
    let merged = imports![log, add].merge(alias);
    assert_eq!(merged.len(), 2);
    assert!(merged.get("names-wbg", "log").is_some());
    assert!(merged.get("names-console", "log").is_some());
    let without = merged.filter(|import| import.name() != "log");
    assert!(without.get("names-wbg", "log").is_none());
    assert_eq!(without.len(), 1);
    // The same alias twice, or an alias that is the own name, changes nothing.
    let same = imports![log].alias::<log>("names-console", "log");
    let same = same.alias::<log>("wbg", "log").alias::<log>("wbg", "log");
    assert!(same.check().is_ok());
    // A `*` in the module is no pattern.
    let module = imports![log].alias::<log>("names-*", "log");
    assert!(module.get("names-wbg", "log").is_none());
    assert!(module.get("names-*", "log").is_some());
}

#[test]
fn a_method_has_an_alias() {
    let console = imports![Console];
    let level = console.get("names-console", "level").unwrap();
    let console = console.alias_function("names-wbg", "__wbg_level_*", level);
    let runtime = Runtime::builder()
        .imports(console)
        .state_with(|| Console(5));
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "names-wbg" "__wbg_level_0a1b" (func $level (result i32)))
                (func (export "run") (result i32) (call $level)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 5);
}

#[test]
fn an_alias_that_is_taken_is_a_duplicate() {
    let taken = imports![log, add].alias::<log>("names", "total_sum");
    let error = taken.check().unwrap_err();
    assert_eq!(error.pairs().len(), 1);
    assert_eq!(
        support::without_lines(&error.to_string()),
        "two host functions are called `names.total_sum`: fn add(a: i32, b: i32) -> i32 \
         (tests/all/linking/names.rs:LINE) and fn log(x: u8) -> i32 \
         (tests/all/linking/names.rs:LINE); give the alias another name or leave it out with \
         `Imports::filter`"
    );
}

#[test]
fn an_exact_alias_wins_over_a_pattern() {
    let imports = imports![add].alias::<log>("names", "plus_ten");
    let function = imports.get("names", "plus_ten").unwrap();
    assert_eq!(function.name(), "log");
    assert_eq!(imports.get("names", "plus_one").unwrap().name(), "add");
    let engine = Engine::default();
    let module = r#"(module
        (import "names" "plus_ten" (func (param i32) (result i32)))
        (import "names" "plus_one" (func (param i32 i32) (result i32))))"#;
    let module = Module::new(&engine, module).unwrap();
    let mut linker = Linker::<HostData>::new(&engine);
    imports
        .add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    assert_eq!(linker.iter(&mut store).count(), 2);
}
