//! A view of the guest's memory for one call, and what the call has borrowed of it.

mod borrow;
mod ranges;

pub(crate) use self::borrow::{Claims, position, range};
pub use self::borrow::{GuestMemory, MemoryRef};
