//! The guest that calls the host functions, and is asked to by the fuzzer and by random guests.
//!
//! For each function `x` of the catalogue it exports `f_x`, which has that function's type, and `u_x`,
//! which takes eight `i64` and returns twelve, so that any function is called without looking at its
//! type. `g_x` reads and sets the global `x`, which is exported, too. Between a guest and the host function are spies, if there are some in its table.

use std::fmt::Write as _;

use host_runtime::wasmtime::{Engine, MemoryType, MemoryTypeBuilder, Module};

use crate::oracle::{CALLBACKS, GLOBALS, Kind, entries};

/// What a uniform export takes.
pub type Passed = (u64, u64, u64, u64, u64, u64, u64, u64);
/// What a uniform export returns.
pub type Returned = (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

const RETURNED: usize = 12;

/// The parameter of a uniform export that says where an `externref` that it gets is put.
pub const SLOT: usize = 7;

/// The name of the table of the host functions, for the host to call.
pub const HOSTS: &str = "hosts";

/// The name of the table of references.
pub const EXTERNS: &str = "externs";

/// What kind of memory the guest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Whether addresses have 64 bits.
    pub wide: bool,
    /// Whether pages are of one byte.
    pub bytewise: bool,
    /// Where the memory comes from.
    pub place: Place,
}

/// Where a guest's memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Exported as `memory`.
    Usual,
    /// Exported, the only one, by another name.
    OtherName,
    /// Exported as `memory` beside another one.
    Several,
    /// Imported and not exported.
    Imported,
    /// Exported as `memory`, and shared between threads.
    Threads,
}

impl Shape {
    /// The bytes of a page.
    pub fn page(self) -> usize {
        if self.bytewise { 1 } else { 1 << 16 }
    }

    /// How many pages the memory has and can have.
    fn pages(self) -> (u64, u64) {
        if self.bytewise { (203, 1000) } else { (1, 3) }
    }

    /// How many bytes the memory can have. That of threads never moves, and the engine reserves it no
    /// room: it grows only as far as the host's page of memory in which it ends.
    pub fn most(self) -> usize {
        let (least, most) = self.pages();
        let stays = self.place == Place::Threads && !self.bytewise;
        let pages = if stays { least } else { most };
        usize::try_from(pages).expect("it is small") * self.page()
    }

    /// The memory's type, in Wasmtime.
    pub fn memory(self) -> MemoryType {
        let (least, most) = self.pages();
        let mut ty = MemoryTypeBuilder::new();
        ty.min(least).max(Some(most)).memory64(self.wide);
        if self.bytewise {
            ty.page_size_log2(0);
        }
        ty.build().expect("it is a memory's type")
    }

    /// The memory's type, in text.
    pub fn memory_text(self) -> String {
        let (least, most) = self.pages();
        let width = if self.wide { "i64" } else { "i32" };
        let shared = if self.place == Place::Threads {
            "shared"
        } else {
            ""
        };
        let page = if self.bytewise { "(pagesize 1)" } else { "" };
        format!("{width} {least} {most} {shared} {page}")
    }

    /// A core type in text.
    pub fn core(self, kind: Kind) -> &'static str {
        match kind {
            Kind::I32 | Kind::Pointer32 => "i32",
            Kind::I64 | Kind::Low | Kind::High => "i64",
            Kind::F32 => "f32",
            Kind::F64 => "f64",
            Kind::V128 => "v128",
            Kind::Func => "funcref",
            Kind::Extern => "externref",
            Kind::Any => "anyref",
            Kind::Eq => "eqref",
            Kind::I31 => "i31ref",
            Kind::Struct => "structref",
            Kind::Array => "arrayref",
            Kind::Exn => "exnref",
            Kind::Pointer | Kind::Length => {
                if self.wide {
                    "i64"
                } else {
                    "i32"
                }
            }
        }
    }

    /// Types in text, `(param …)` or `(result …)`.
    pub fn types(self, keyword: &str, kinds: &[Kind]) -> String {
        kinds.iter().fold(String::new(), |mut text, &kind| {
            let _ = write!(text, " ({keyword} {})", self.core(kind));
            text
        })
    }

    /// Whether the guest imports the globals. Without them all its imports are functions, which are linked
    /// once for all instances.
    pub fn has_globals(self) -> bool {
        self.place != Place::OtherName
    }

    /// The imports of globals, in text.
    pub fn globals_text(self) -> String {
        if !self.has_globals() {
            return String::new();
        }
        GLOBALS.iter().fold(String::new(), |mut text, global| {
            let (name, core) = (global.name, self.core(global.kind));
            for (prefix, ty) in [("CONST", core.to_owned()), ("VAR", format!("(mut {core})"))] {
                let name = format!("{prefix}_{name}");
                let _ = writeln!(text, r#"(import "globals" "{name}" (global ${name} {ty}))"#);
            }
            text
        })
    }

    /// The trampoline.
    pub fn compile(self, engine: &Engine) -> Module {
        let text = self.text();
        Module::new(engine, &text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
    }

    /// A module that has such a memory, and of the trampoline's imports the globals.
    pub fn compile_globals(self, engine: &Engine) -> Module {
        let (imports, memory) = (self.globals_text(), self.memory_text());
        let text = format!(r#"(module {imports} (memory (export "memory") {memory}))"#);
        Module::new(engine, &text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
    }

    /// The trampoline in the text format.
    pub fn text(self) -> String {
        let mut text = String::from("(module\n");
        let memory = self.memory_text();
        if self.place == Place::Imported {
            let _ = writeln!(text, r#"(import "env" "memory" (memory $m {memory}))"#);
        }
        for entry in entries() {
            let (name, kinds) = (entry.name, entry.kinds());
            let params = self.types("param", &kinds);
            let results = self.types("result", entry.results);
            let _ = writeln!(
                text,
                r#"(import "host" "{name}" (func $host_{name}{params}{results}))"#
            );
        }
        text += &self.globals_text();
        let _ = match self.place {
            Place::Usual | Place::Threads => {
                writeln!(text, r#"(memory $m (export "memory") {memory})"#)
            }
            Place::OtherName => writeln!(text, r#"(memory $m (export "heap") {memory})"#),
            Place::Several => writeln!(
                text,
                r#"(memory (export "first") 1 1) (memory $m (export "memory") {memory})"#
            ),
            Place::Imported => Ok(()),
        };
        let address = self.core(Kind::Pointer);
        let extend = if self.wide { "i64.extend_i32_u" } else { "" };
        // Without an instruction, the parentheses would be a mistake.
        let callbacks = match extend {
            "" => CALLBACKS
                .replace("({extend} (local.get 0))", "(local.get 0)")
                .replace(
                    "({extend} (i32.and (local.get 0) (i32.const 63)))",
                    "(i32.and (local.get 0) (i32.const 63))",
                ),
            extend => CALLBACKS.replace("{extend}", extend),
        };
        let given = if self.wide {
            "(local.get $given)"
        } else {
            "(i32.wrap_i64 (local.get $given))"
        };
        text += &callbacks.replace("{p}", address).replace("{given}", given);
        let wrap = if self.wide {
            "(local.get 0)"
        } else {
            "(i32.wrap_i64 (local.get 0))"
        };
        let _ = writeln!(
            text,
            r#"(table $spies (export "spies") {} funcref)
            (table $externs (export "{EXTERNS}") 8 externref)
            (global $spying (export "spying") (mut i32) (i32.const 0))
            (func (export "peek") (param i64) (result i32) (i32.load8_u $m {wrap}))
            (func $start (table.set $externs (i32.const 7)
                (extern.convert_any (ref.i31 (i32.const 5)))))
            (start $start)"#,
            2 * entries().len()
        );
        text += &holders();
        let hosts = entries().iter().fold(String::new(), |mut names, entry| {
            let _ = write!(names, " $host_{}", entry.name);
            names
        });
        let _ = writeln!(text, r#"(table (export "{HOSTS}") funcref (elem{hosts}))"#);
        for index in 0..entries().len() {
            self.typed(index, &mut text);
            self.uniform(index, &mut text);
        }
        if self.has_globals() {
            self.globals(&mut text);
        }
        text + ")"
    }

    /// `g_x`: gives what a global holds, in two `i64`, and sets it to what the third makes.
    fn globals(self, text: &mut String) {
        for (index, name) in global_names().enumerate() {
            let core = self.core(GLOBALS[index / 2].kind);
            let get = format!("(global.get ${name})");
            let given = given(core, &get);
            let rest = if core == "v128" { "" } else { "(i64.const 0)" };
            let set = if name.starts_with("VAR") {
                format!("(global.set ${name} {})", made(core, "(local.get 0)"))
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                r#"(func (export "g_{name}") (param i64) (result i64 i64) {given} {rest} {set})
                (export "{name}" (global ${name}))"#
            );
        }
    }

    /// `f_x`: the host function between its two spies.
    fn typed(self, index: usize, text: &mut String) {
        let entry = &entries()[index];
        let (name, kinds) = (entry.name, entry.kinds());
        let (params, results) = (
            self.types("param", &kinds),
            self.types("result", entry.results),
        );
        let locals = self.types("local", entry.results);
        let _ = writeln!(
            text,
            r#"(func $f_{name} (export "f_{name}"){params}{results}{locals}"#
        );
        let returned = kinds.len()..kinds.len() + entry.results.len();
        let passed = each("local.get", 0..kinds.len());
        let returns = each("local.get", returned.clone());
        let keep = each("local.set", returned.rev());
        let after_params = self.types("param", entry.results);
        let (before, after) = (2 * index, 2 * index + 1);
        let _ = writeln!(
            text,
            "(if (global.get $spying) (then {passed} (call_indirect $spies {params} (i32.const {before}))))
            {passed} (call $host_{name}) {keep}
            (if (global.get $spying) (then {returns} (call_indirect $spies {after_params} (i32.const {after}))))
            {returns})"
        );
    }

    /// `u_x`: calls `f_x`, whatever its type.
    fn uniform(self, index: usize, text: &mut String) {
        let entry = &entries()[index];
        let (name, kinds) = (entry.name, entry.kinds());
        assert!(
            kinds.len() <= SLOT,
            "`{name}` has more core parameters than the trampoline passes"
        );
        let _ = write!(text, r#"(func (export "u_{name}")"#);
        *text += &" (param i64)".repeat(8);
        *text += &" (result i64)".repeat(RETURNED);
        *text += &self.types("local", entry.results);
        for (local, &kind) in kinds.iter().enumerate() {
            *text += &made(self.core(kind), &format!("(local.get {local})"));
        }
        let _ = writeln!(text, "(call $f_{name})");
        *text += &each("local.set", (8..8 + entry.results.len()).rev());
        let mut count = 0;
        for (place, &kind) in entry.results.iter().enumerate() {
            let local = format!("(local.get {})", place + 8);
            let given = match self.core(kind) {
                "externref" => format!(
                    "(table.set $externs (i32.add (i32.const 1)
                        (i32.rem_u (i32.wrap_i64 (local.get {SLOT})) (i32.const 6))) {local})
                    (i64.extend_i32_u (ref.is_null {local}))"
                ),
                core => given(core, &local),
            };
            *text += &given;
            count += 1 + usize::from(kind == Kind::V128);
        }
        *text += &"(i64.const 0)".repeat(RETURNED - count);
        *text += ")\n";
    }
}

/// All globals, those of one type one after the other.
pub fn global_names() -> impl Iterator<Item = String> {
    let both = |name: &str| [format!("CONST_{name}"), format!("VAR_{name}")];
    GLOBALS.iter().flat_map(move |global| both(global.name))
}

/// A value of a core type, of an `i64`.
fn made(core: &str, whole: &str) -> String {
    let half = format!("(i32.wrap_i64 {whole})");
    match core {
        "i32" => half,
        "i64" => whole.to_owned(),
        "f32" => format!("(f32.reinterpret_i32 {half})"),
        "f64" => format!("(f64.reinterpret_i64 {whole})"),
        "v128" => format!(
            "(i64x2.replace_lane 1 (i64x2.splat {whole}) (i64.rotl {whole} (i64.const 17)))"
        ),
        "funcref" => format!("(table.get $functions (i32.and {half} (i32.const 15)))"),
        "externref" => format!("(table.get $externs (i32.and {half} (i32.const 7)))"),
        _ => format!("(call $of_{core} {whole})"),
    }
}

/// A value of a core type as one or two `i64`.
fn given(core: &str, value: &str) -> String {
    match core {
        "i32" => format!("(i64.extend_i32_u {value})"),
        "i64" => value.to_owned(),
        "f32" => format!("(i64.extend_i32_u (i32.reinterpret_f32 {value}))"),
        "f64" => format!("(i64.reinterpret_f64 {value})"),
        "v128" => format!("(i64x2.extract_lane 0 {value}) (i64x2.extract_lane 1 {value})"),
        "funcref" | "externref" => format!("(i64.extend_i32_u (ref.is_null {value}))"),
        _ => format!("(call $in_{core} {value})"),
    }
}

/// For each other type of references `of_x`, which makes one of an `i64`, null or with a number in it, and
/// `in_x`, which makes the `i64` again.
fn holders() -> String {
    const IN_I31: &str = "(i31.get_u (ref.cast (ref i31) (local.get 0)))";
    let mut text = String::from(
        "(type $struct (struct (field i32)))
        (type $array (array i32))
        (tag $exn (param i32))\n",
    );
    for (heap, of, within) in [
        ("any", "ref.i31", IN_I31),
        ("eq", "ref.i31", IN_I31),
        ("i31", "ref.i31", IN_I31),
        (
            "struct",
            "struct.new $struct",
            "(struct.get $struct 0 (ref.cast (ref $struct) (local.get 0)))",
        ),
        (
            "array",
            "(i32.const 1) array.new $array",
            "(array.get $array (ref.cast (ref $array) (local.get 0)) (i32.const 0))",
        ),
        (
            "exn",
            "(block $caught (param i32) (result exnref)
                (try_table (param i32) (catch_all_ref $caught) throw $exn) (unreachable))",
            "(block $caught (result i32)
                (try_table (catch $exn $caught) (throw_ref (local.get 0))) (unreachable))",
        ),
    ] {
        let _ = writeln!(
            text,
            r#"(func $of_{heap}ref (export "of_{heap}ref") (param i64) (result {heap}ref)
                (if (i64.eqz (i64.and (local.get 0) (i64.const 1))) (then (return (ref.null {heap}))))
                (i32.and (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 1))) (i32.const 0x7fffffff))
                {of})
            (func $in_{heap}ref (param {heap}ref) (result i64)
                (if (ref.is_null (local.get 0)) (then (return (i64.const 0))))
                (i64.or (i64.const 1) (i64.shl (i64.extend_i32_u {within}) (i64.const 1))))"#
        );
    }
    text
}

/// An instruction for each of these locals.
fn each(instruction: &str, locals: impl Iterator<Item = usize>) -> String {
    locals.fold(String::new(), |mut text, local| {
        let _ = write!(text, "({instruction} {local})");
        text
    })
}

/// Where a uniform export puts an `externref` that it gets.
pub fn slot(passed: u64) -> usize {
    1 + (passed % (1 << 32) % 6) as usize
}
