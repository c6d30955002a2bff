//! Host functions that call the guest back, objects of the host that it holds, and places in its
//! memory.

mod callbacks;
mod objects;
mod places;
mod tables;
