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

/// Go's names are of this kind.
#[wasm_import(module = "groups-go", prefix = "syscall/js.", rename_all = "camelCase")]
mod go {
    pub fn value_get() -> i32 {
        1
    }

    #[wasm_import(name = "copyBytesToGo")]
    pub fn copy() -> i32 {
        2
    }

    #[wasm_import(names = ["valueCall", "valueCall_*"])]
    pub fn call_value() -> i32 {
        3
    }

    #[wasm_import(prefix = "")]
    pub fn reset() -> i32 {
        4
    }

    pub mod inner {
        pub fn value_set() -> i32 {
            5
        }
    }

    #[wasm_import(prefix = "runtime.")]
    pub mod runtime {
        pub fn wasm_exit() -> i32 {
            6
        }
    }

    #[wasm_import(name = "limit")]
    pub const LIMIT: i32 = 7;
}

#[wasm_import(module = "groups-go", prefix = "console.", group = ConsoleGo)]
impl Console {
    fn count(&self) -> i32 {
        i32::try_from(self.0.len()).unwrap_or(i32::MAX)
    }
}

#[test]
fn a_prefix_is_put_before_each_name_of_a_group() {
    let all = imports![mod go, ConsoleGo];
    assert_eq!(
        names(&all),
        [
            "groups-go.console.count",
            "groups-go.reset",
            "groups-go.runtime.wasmExit",
            "groups-go.syscall/js.copyBytesToGo",
            "groups-go.syscall/js.limit",
            "groups-go.syscall/js.valueCall",
            "groups-go.syscall/js.valueGet",
            "groups-go.syscall/js.valueSet",
        ]
    );
    let functions = [
        "syscall/js.valueGet",
        "syscall/js.copyBytesToGo",
        "syscall/js.valueCall",
        "syscall/js.valueCall_2",
        "reset",
        "syscall/js.valueSet",
        "runtime.wasmExit",
    ];
    let declared: String = functions
        .iter()
        .map(|name| format!(r#"(import "groups-go" "{name}" (func ${name} (result i32)))"#))
        .collect();
    let sum = functions
        .iter()
        .fold("(global.get $limit)".to_owned(), |sum, name| {
            format!("(i32.add (call ${name}) {sum})")
        });
    let mut guest = Runtime::builder()
        .imports(all)
        .state_with(|| Console(Vec::new()))
        .build()
        .unwrap()
        .instantiate(format!(
            r#"(module {declared}
                (import "groups-go" "syscall/js.limit" (global $limit i32))
                (func (export "run") (result i32) {sum}))"#
        ))
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 31);
}

/// The advice takes into account what the group puts before the name.
#[test]
fn the_advice_for_a_missing_import_leaves_out_the_prefix() {
    let message = |import: &str, ty: &str| {
        let runtime = Runtime::builder().imports(imports![mod go]).build();
        let module = format!(r#"(module (import "groups-go" "{import}" {ty}))"#);
        runtime.unwrap().load(module).unwrap_err().to_string()
    };
    for (import, ty, advice) in [
        ("syscall/js.valueGte", "(func)", r#"`name = "valueGte"`"#),
        ("syscall/js.limits", "(global i32)", r#"`name = "limits"`"#),
        (
            "syscall-js.valueGet",
            "(func)",
            r#"`prefix = "", name = "syscall-js.valueGet"`"#,
        ),
    ] {
        let message = message(import, ty);
        let advice = format!("if that is meant, add {advice} to its attribute");
        assert!(message.contains(&advice), "{message}");
    }
}
