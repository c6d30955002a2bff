//! Host functions that call the guest, host objects that the guest holds, and pointers into the
//! guest's memory.

mod callbacks;
mod objects;
mod places;
mod tables;
