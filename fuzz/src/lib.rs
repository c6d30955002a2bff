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
mod row;
mod run;
mod seen;
pub mod stores;
mod trampoline;
mod value;
mod world;

use std::{
    backtrace::Backtrace,
    panic::{self, PanicHookInfo},
    sync::Once,
};

pub use drive::drive;

/// Prints panics, unless they are expected. The hook of libFuzzer aborts at every panic; one that
/// leaves the target aborts in any case.
pub fn print_panics(is_expected: fn(&PanicHookInfo<'_>) -> bool) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        panic::set_hook(Box::new(move |panic| {
            if !is_expected(panic) {
                eprintln!("{panic}\n{}", Backtrace::force_capture());
            }
        }));
    });
}
