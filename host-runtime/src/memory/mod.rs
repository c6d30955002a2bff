//! The guest's memory: which one it is, and what a call has borrowed of it.

mod borrow;
mod find;
mod ranges;

pub(crate) use self::borrow::{Claims, range};
pub(crate) use self::find::{Finder, MemoryName, ask_stack, locate, unshared};
pub use self::{borrow::GuestMemory, find::NoMemory};
