//! Random guests against a host that has every parameter and result type, with an oracle that knows of
//! each call whether it must trap.

mod by_host;
mod catalogue;
mod drive;
mod errors;
mod globals;
mod guest;
mod oracle;
mod pick;
mod random;
mod spy;
pub mod stores;
mod touch;
mod trampoline;

pub use drive::drive;
