//! The guest that calls the host functions, by text.
//!
//! For each host function `x` it exports `f_x`, which calls it, and `h_x`, which is the import
//! itself. It also exports the globals that it imports.

use std::fmt::Write as _;

use host_runtime::wasmtime::{MemoryType, MemoryTypeBuilder};

use crate::{
    functions::{CALLBACKS, FUNCTIONS, GLOBALS},
    value::Kind,
};

/// What kind of memory the guest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Whether addresses have 64 bits.
    pub wide: bool,
    /// Whether pages are of one byte.
    pub bytewise: bool,
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
    /// Few enough to be compiled in little time, and each width, page and place among them.
    pub fn from_byte(byte: u8) -> Self {
        let (wide, bytewise, place) = match byte % 16 {
            0..3 => (false, false, Place::Usual),
            3 | 4 => (true, false, Place::Usual),
            5..7 => (false, true, Place::Usual),
            7 | 8 => (true, true, Place::Usual),
            9 => (true, true, Place::OtherName),
            10 => (false, false, Place::Several),
            11 | 12 => (false, false, Place::Imported),
            13 => (true, true, Place::Imported),
            14 => (false, false, Place::Threads),
            _ => (true, true, Place::Threads),
        };
        Self {
            wide,
            bytewise,
            place,
        }
    }

    /// The bytes of a page.
    pub fn page(self) -> usize {
        if self.bytewise { 1 } else { 1 << 16 }
    }

    /// How many pages the memory has and can have.
    fn pages(self) -> (u64, u64) {
        if self.bytewise { (203, 1000) } else { (1, 3) }
    }

    /// How many bytes the memory can have. That of threads never moves, and the engine reserves it
    /// no room: it grows only as far as the host's page of memory in which it ends.
    pub fn most(self) -> usize {
        let (least, most) = self.pages();
        let stays = self.place == Place::Threads && !self.bytewise;
        let pages = if stays { least } else { most };
        usize::try_from(pages).expect("it is small") * self.page()
    }

    /// The memory's type in Wasmtime.
    pub fn memory(self) -> MemoryType {
        let (least, most) = self.pages();
        let mut ty = MemoryTypeBuilder::new();
        ty.min(least).max(Some(most)).memory64(self.wide);
        if self.bytewise {
            ty.page_size_log2(0);
        }
        ty.build().expect("it is a memory's type")
    }

    /// The memory's type in text.
    pub fn memory_text(self) -> String {
        let (least, most) = self.pages();
        let width = if self.wide { "i64" } else { "i32" };
        let shared = match self.place {
            Place::Threads => "shared",
            _ => "",
        };
        let page = if self.bytewise { "(pagesize 1)" } else { "" };
        format!("{width} {least} {most} {shared} {page}")
    }

    /// Types in text, `(param …)` or `(result …)`.
    pub fn types(self, keyword: &str, kinds: &[Kind]) -> String {
        let mut text = String::new();
        for kind in kinds {
            let _ = write!(text, " ({keyword} {})", kind.ty(self.wide));
        }
        text
    }

    /// Whether the guest imports the globals. Without them all its imports are functions, which are
    /// linked once for all instances.
    pub fn has_globals(self) -> bool {
        self.place != Place::OtherName
    }

    /// The imports of globals, in text.
    pub fn globals_text(self) -> String {
        let mut text = String::new();
        for global in GLOBALS.iter().filter(|_| self.has_globals()) {
            let (name, mut ty) = (global.name, global.kind.ty(self.wide).to_string());
            if global.mutable {
                ty = format!("(mut {ty})");
            }
            let _ = writeln!(text, r#"(import "globals" "{name}" (global ${name} {ty}))"#);
        }
        text
    }

    /// The trampoline.
    pub fn text(self) -> String {
        let memory = self.memory_text();
        let (mut imports, mut exports) = (self.globals_text(), String::new());
        for entry in FUNCTIONS.iter() {
            let (name, kinds) = (entry.name, entry.kinds());
            let params = self.types("param", &kinds);
            let results = self.types("result", &entry.results);
            let passed: Vec<_> = (0..kinds.len())
                .map(|i| format!("(local.get {i})"))
                .collect();
            let passed = passed.join(" ");
            let _ = writeln!(
                imports,
                r#"(import "host" "{name}" (func $host_{name}{params}{results}))"#
            );
            let _ = writeln!(
                exports,
                r#"(export "h_{name}" (func $host_{name}))
                (func $f_{name} (export "f_{name}"){params}{results}
                    (call $host_{name} {passed}))"#
            );
        }
        for global in GLOBALS.iter().filter(|_| self.has_globals()) {
            let name = global.name;
            let _ = writeln!(exports, r#"(export "{name}" (global ${name}))"#);
        }
        let memory = match self.place {
            Place::Imported => format!(r#"(import "env" "memory" (memory $m {memory}))"#),
            Place::OtherName => format!(r#"(memory $m (export "heap") {memory})"#),
            Place::Several => {
                format!(r#"(memory (export "first") 1 1) (memory $m (export "memory") {memory})"#)
            }
            _ => format!(r#"(memory $m (export "memory") {memory})"#),
        };
        let (address, extend, wrap) = if self.wide {
            ("i64", "i64.extend_i32_u", "")
        } else {
            ("i32", "", "i32.wrap_i64")
        };
        let callbacks = CALLBACKS.replace("{p}", address);
        let callbacks = callbacks
            .replace("{extend}", extend)
            .replace("{wrap}", wrap);
        // An `externref` that is nothing of the host's.
        let foreign = r#"(global (export "foreign") externref
            (extern.convert_any (ref.i31 (i32.const 5))))"#;
        format!("(module {imports} {memory} {callbacks} {foreign} {exports})")
    }
}
