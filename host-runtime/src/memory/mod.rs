//! The guest's memory: which one it is, and what a call has borrowed of it.

mod borrow;
mod choose;
mod find;
mod learned;
mod no_memory;
mod ranges;
mod reserved;

pub(crate) use self::borrow::{Claims, MemoryRef, position, range};
pub(crate) use self::find::{
    ExportNames, Found, GuestExports, KnownExport, ModuleExports, QuickExport, calling_module,
    explain, imported_memory, imported_table, locate_memory, named_memory, width, width_for,
};
pub(crate) use self::learned::LearnedModules;
pub(crate) use self::reserved::{Needs, add_exports, has_start};
pub use self::{borrow::GuestMemory, no_memory::NoMemory, reserved::ReservedExportError};
