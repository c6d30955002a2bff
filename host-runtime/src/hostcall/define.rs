//! A host function in a linker, whichever way it is called.

use std::sync::Arc;

use wasmtime::Linker;

use crate::{
    hostcall::{Entry, Projection, Wanted, plain, with_guest},
    registry::HostFunction,
    store::HostData,
};

/// Defines a function in a linker of any store data.
pub(crate) fn define<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &Wanted,
    project: P,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    match *function.way() {
        Entry::Plain { enter, .. } => plain::define(linker, function, wanted, project, enter),
        Entry::Guest { enter } => {
            with_guest::define_with_guest(linker, function, wanted, project, enter)
        }
        Entry::Caller { define, .. } => {
            let project: Projection<T> = Arc::new(project);
            define(linker, wanted, &project)
        }
    }
}

/// Defines a function in the linker of a [`Runtime`](crate::Runtime).
pub(crate) fn define_in_runtime(
    linker: &mut Linker<HostData>,
    function: &'static HostFunction,
    wanted: &Wanted,
) -> wasmtime::Result<()> {
    match *function.way() {
        Entry::Plain {
            define: Some(define),
            ..
        } => define(linker, wanted),
        _ => define(linker, function, wanted, |host| host),
    }
}
