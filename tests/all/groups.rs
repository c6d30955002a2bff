//! Link-time collection and `imports!` find every host function in an annotated `mod` or `impl`, at
//! any depth. They do not find items that are skipped.

use host_runtime::{Imports, Runtime, imports, wasm_import};

/// The names of the imports in a set, as `module.name`.
fn names(imports: &Imports) -> Vec<String> {
    let names = imports
        .iter()
        .map(|import| format!("{}.{}", import.module(), import.name()));
    names.collect()
}

fn is_collected(module: &str, name: &str) -> bool {
    let collected = Imports::collected().unwrap();
    collected
        .iter()
        .any(|import| import.module() == module && import.name() == name)
}

#[wasm_import(module = "groups-outer", rename_all = "camelCase", memory = "heap")]
mod outer {
    pub fn top_level() {}

    pub mod inner {
        fn private_one() {}

        pub mod innermost {
            pub fn deep_down() {}
        }
    }

    #[wasm_import(module = "groups-other", memory = "other")]
    pub mod other {
        pub fn own_module(_text: &str) {}

        #[wasm_import(name = "LIMIT")]
        pub const LIMIT: i32 = 3;
    }

    #[wasm_import(skip)]
    pub mod helpers {
        pub fn not_for_guests(_: Vec<Vec<u8>>) {}
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn a_unit_test_is_not_a_host_function() {}
    }

    #[cfg(any())]
    mod left_out {
        fn left_out() {}
    }

    pub struct Clock(pub u32);

    impl Clock {
        pub fn plain(&self, _: Vec<Vec<u8>>) -> u32 {
            self.0
        }
    }

    #[wasm_import(module = "groups-clock")]
    impl Clock {
        fn clock_now(&self) -> u32 {
            self.plain(Vec::new())
        }
    }
}

#[test]
fn a_nested_module_belongs_to_the_group_and_inherits_its_arguments() {
    let all = [
        "groups-clock.clockNow",
        "groups-other.LIMIT",
        "groups-other.ownModule",
        "groups-outer.deepDown",
        "groups-outer.privateOne",
        "groups-outer.topLevel",
    ];
    let listed = imports![mod outer];
    assert_eq!(names(&listed), all);
    for import in &listed {
        assert!(is_collected(import.module(), import.name()), "{import}");
    }
    let memory = |name| listed.get("groups-outer", name).unwrap().memory();
    assert_eq!(memory("deepDown"), Some("heap"));
    assert_eq!(
        listed.get("groups-other", "ownModule").unwrap().memory(),
        Some("other")
    );
    outer::helpers::not_for_guests(Vec::new());
}

#[test]
fn imports_lists_a_nested_module_by_its_path() {
    assert_eq!(
        names(&imports![mod outer::inner::innermost]),
        ["groups-outer.deepDown"]
    );
    let several = imports![
        mod self::outer::other,
        outer::Clock,
        #[cfg(any())]
        nothing::of_that_name,
    ];
    assert_eq!(several.len(), 3);
    assert!(imports![].is_empty());
}

/// A state with three annotated `impl` blocks.
struct Console(Vec<String>);

#[wasm_import(module = "groups-env")]
impl Console {
    fn log(&mut self, x: i32) {
        self.0.push(format!("log {x}"));
    }
}

#[wasm_import(module = "groups-wasi", group = ConsoleWasi)]
impl Console {
    fn write(&mut self, x: i32) {
        self.0.push(format!("write {x}"));
    }
}

#[wasm_import(module = "groups-js", group = ConsoleJs)]
impl Console {
    fn error(&mut self, x: i32) {
        self.0.push(format!("error {x}"));
    }
}

#[test]
fn a_type_may_have_several_annotated_impl_blocks() {
    assert_eq!(names(&imports![Console]), ["groups-env.log"]);
    assert_eq!(names(&imports![ConsoleWasi]), ["groups-wasi.write"]);
    assert!(is_collected("groups-js", "error"));
    let mut guest = Runtime::builder()
        .imports(imports![Console, ConsoleWasi, ConsoleJs])
        .state_with(|| Console(Vec::new()))
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "groups-env" "log" (func $log (param i32)))
                (import "groups-wasi" "write" (func $write (param i32)))
                (import "groups-js" "error" (func $error (param i32)))
                (func (export "run")
                    (call $log (i32.const 1)) (call $write (i32.const 2)) (call $error (i32.const 3))))"#,
        )
        .unwrap();
    guest.call::<(), ()>("run", ()).unwrap();
    assert_eq!(
        guest.state::<Console>().unwrap().0,
        ["log 1", "write 2", "error 3"]
    );
}
