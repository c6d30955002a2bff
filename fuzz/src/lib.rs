//! Guests that call host functions with every parameter and result type, and an oracle that
//! predicts the outcome of each call.

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

/// Replaces libFuzzer's panic hook, which aborts on every panic, with one that prints unexpected
/// panics. A panic that leaves the target still aborts.
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
