//! The guest's memory: which one it is, and what a call has borrowed of it.

mod borrow;
mod find;
mod imported;
mod ranges;

pub(crate) use self::borrow::{Claims, MemoryRef, range};
pub(crate) use self::find::{
    Finder, Found, Known, MemoryName, ask_stack, calling_module, locate, width, width_for,
};
pub(crate) use self::imported::{Imported, imported_memory, imported_table};
pub use self::{borrow::GuestMemory, find::NoMemory};
