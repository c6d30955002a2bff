//! Random guests against a host that has every parameter and result type, with an oracle that knows of
//! each call whether it must trap.

mod catalogue;
mod drive;
mod guest;
mod oracle;
mod pick;
mod random;
mod spy;
mod touch;
mod trampoline;

pub use drive::drive;
