//! Which memory and which table are a guest's: the exports of the instance that calls.

mod choose;
mod learned;
mod lookup;
mod reserved;

pub use self::reserved::ReservedExportError;
pub(crate) use self::{
    learned::LearnedModules,
    lookup::{
        ExportNames, Found, GuestExports, KnownExport, ModuleExports, NamedExports, QuickExport,
        address_type, address_type_for, calling_module, explain, imported_memory, imported_table,
        locate_memory, named_memory,
    },
    reserved::{ExportNeeds, add_exports, has_start},
};
