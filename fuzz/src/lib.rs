//! Guests against a host that has every parameter and result type, with an oracle that knows of
//! each call whether it must trap.

mod digest;
mod drive;
mod functions;
mod guest;
mod judge;
mod parameter;
mod pick;
mod random;
mod references;
mod returned;
mod row;
mod run;
mod seen;
pub mod stores;
mod trampoline;
mod value;
mod world;

pub use drive::drive;
