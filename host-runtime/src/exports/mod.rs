//! Finds the memory and the table of functions among the exports of the calling instance.

mod choose;
mod learned;
mod lookup;
mod names;
mod reserved;

pub(crate) use self::{
    learned::{LearnedModule, LearnedModules},
    lookup::{
        ExportNames, Found, GuestExports, KnownExport, ModuleExports, QuickExport, address_type,
        address_type_for, calling_module, imported_memory, imported_table, locate_memory,
        locate_table, module_without_exports, named_memory,
    },
    reserved::{ExportNeeds, add_exports, has_start},
};
pub use self::{lookup::NamedExports, reserved::ReservedExportError};
