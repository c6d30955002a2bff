//! The view of guest memory for one call, and the ranges that the call has borrowed.

mod borrow;
mod ranges;

pub(crate) use self::borrow::{Claims, position, range};
pub use self::borrow::{GuestMemory, MemoryRef};
