//! Generates the text of the trampoline, the guest that calls the host functions.
//!
//! For each host function `x`, it exports `f_x`, which calls `x`, and `h_x`, which is the import
//! itself. It also exports the globals that it imports.

use std::fmt::Write as _;

use host_runtime::wasmtime::{MemoryType, MemoryTypeBuilder};

use crate::{
    functions::{CALLBACKS, FUNCTIONS, GLOBALS},
    value::Kind,
};

/// The kind of memory that the trampoline has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Whether addresses have 64 bits.
    pub wide: bool,
    /// Whether a page is one byte.
    pub bytewise: bool,
    pub place: Place,
}

/// How the trampoline exports or imports its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Exported as `memory`.
    Usual,
    /// The only memory, exported by another name.
    OtherName,
    /// Exported as `memory`, with a second exported memory.
    Several,
    /// Imported and not exported.
    Imported,
    /// Exported as `memory`, and shared between threads.
    Threads,
}

impl Shape {
    /// Picks one of ten shapes: few enough to compile quickly, with each width, page and place.
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

    /// The size of a page in bytes.
    pub fn page(self) -> usize {
        if self.bytewise { 1 } else { 1 << 16 }
    }

    /// The initial and the maximum number of pages.
    fn pages(self) -> (u64, u64) {
        if self.bytewise { (203, 1000) } else { (1, 3) }
    }

    /// The maximum size in bytes. A shared memory never moves, and the engine reserves no address
    /// space for its growth, so it can grow only within the last page of the host's memory.
    pub fn most(self) -> usize {
        let (least, most) = self.pages();
        let stays = self.place == Place::Threads && !self.bytewise;
        let pages = if stays { least } else { most };
        usize::try_from(pages).expect("the number is small") * self.page()
    }

    /// The memory's type in Wasmtime.
    pub fn memory(self) -> MemoryType {
        let (least, most) = self.pages();
        let mut ty = MemoryTypeBuilder::new();
        ty.min(least).max(Some(most)).memory64(self.wide);
        if self.bytewise {
            ty.page_size_log2(0);
        }
        ty.build().expect("the type is valid")
    }

    /// The memory's type as text.
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

    /// Types as text, `(param …)` or `(result …)`.
    pub fn types(self, keyword: &str, kinds: &[Kind]) -> String {
        let mut text = String::new();
        for kind in kinds {
            let _ = write!(text, " ({keyword} {})", kind.ty(self.wide));
        }
        text
    }

    /// Whether the guest imports the globals. A guest without them imports only functions, so all
    /// instances share one linking step.
    pub fn has_globals(self) -> bool {
        self.place != Place::OtherName
    }

    /// The imports of globals as text.
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

    /// The trampoline as text.
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
        // An `externref` that the host did not create.
        let foreign = r#"(global (export "foreign") externref
            (extern.convert_any (ref.i31 (i32.const 5))))"#;
        format!("(module {imports} {memory} {callbacks} {foreign} {exports})")
    }
}
