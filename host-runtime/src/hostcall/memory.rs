//! The memory of the guest that calls a host function.

use std::sync::Arc;

use wasmtime::{Caller, SharedMemory};

use crate::{
    error::NoMemoryError,
    exports::{self, Found, GuestExports, LearnedModule},
    hostcall::{error::no_memory, function_import::Lookup},
    memory::MemoryRef,
    registry::HostFunction,
    store::{CallingGuest, HostData, StoreAddress},
};

/// Borrows the guest's memory and the store's data.
///
/// `shared` keeps a shared memory alive while its bytes are borrowed.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn guest_memory<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    function: &'static HostFunction,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> wasmtime::Result<(MemoryRef<'a>, &'a mut T)> {
    find_memory(caller, shared, lookup, project).map_err(|reason| no_memory(*reason, function))
}

/// As [`guest_memory`], with an error that names no function.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn find_memory<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<(MemoryRef<'a>, &'a mut T), Box<NoMemoryError>> {
    let guests = project(caller.data_mut()).guests();
    // Other ways to find the memory are apart: where they meet, it would be copied to the stack.
    if let Some(memory) = guests.only_memory(lookup.exports.memory_name()) {
        let (bytes, data) = memory.data_and_store_mut(caller);
        return Ok((bytes.into(), data));
    }
    find_other(caller, shared, lookup, project)
}

/// Borrows the memory if it is not cached.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
fn find_other<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<(MemoryRef<'a>, &'a mut T), Box<NoMemoryError>> {
    let guests = project(caller.data_mut()).guests();
    let quick = if guests.may_be_called_by_host() {
        None
    } else {
        guests.learned.first(lookup.exports.memory_name())
    };
    match quick {
        Some(export) => export.with_bytes(
            caller,
            |bytes, data| Ok((bytes.into(), data)),
            |caller| look_up(caller, shared, lookup, project),
        ),
        None => look_up(caller, shared, lookup, project),
    }
}

#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
fn look_up<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<(MemoryRef<'a>, &'a mut T), Box<NoMemoryError>> {
    match find(caller, &lookup.exports, project)? {
        Found::Own(memory) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            Ok((bytes.into(), data))
        }
        Found::Shared(memory) => {
            let bytes = shared.insert(memory).data();
            Ok((bytes.into(), caller.data_mut()))
        }
    }
}

/// Looks up the memory of the calling guest.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn find<T: 'static>(
    caller: &mut Caller<'_, T>,
    exports: &GuestExports,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Found, Box<NoMemoryError>> {
    let guests = project(caller.data_mut()).guests();
    match guests.only_memory(exports.memory_name()) {
        Some(memory) => Ok(Found::Own(memory)),
        None => find_export(caller, exports, project),
    }
}

/// Looks up the memory among the exports of the calling instance.
#[cold]
#[inline(never)]
fn find_export<T: 'static>(
    caller: &mut Caller<'_, T>,
    exports: &GuestExports,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Found, Box<NoMemoryError>> {
    let name = exports.memory_name();
    let wanted = project(caller.data_mut()).guests().names().memory.clone();
    let wanted = wanted.as_deref();
    if let Some(memory) = exports.find_memory(caller, wanted) {
        let guests = project(caller.data_mut()).guests();
        if !guests.may_be_called_by_host() && !guests.learned.has_first(name) {
            let module = calling_module(caller, &project);
            let known = module.and_then(|module| match name {
                Some(name) => module.named_memory(name),
                None => module.memory.clone().ok(),
            });
            let export = known.map(|known| known.quick());
            project(caller.data_mut())
                .guests()
                .learned
                .set_first(name, export);
        }
        return Ok(memory);
    }
    if let Some(guest) = calling_guest(caller, &project)
        && let Some(memory) = memory_of(&guest, name)
    {
        return Ok(memory);
    }
    let Some(module) = calling_module(caller, &project) else {
        return Err(Box::new(without_exports(caller, name, wanted)));
    };
    if let (None, Ok(known)) = (name, &module.memory)
        && let Some(memory) = known.of_caller(caller)
    {
        return Found::new(memory).map_err(Box::new);
    }
    Err(Box::new(module.no_memory(name)))
}

/// The memory of the guest for which the host calls a host function.
fn memory_of(guest: &CallingGuest, name: Option<&'static str>) -> Option<Found> {
    let Some(name) = name else {
        return guest.memory.clone();
    };
    let mut named = guest.named_memories.iter();
    named.find_map(|(known, memory)| (*known == name).then(|| memory.clone()))
}

/// Explains why there is no memory, if the calling module has no exports or no guest calls.
fn without_exports<T>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    wanted: Option<&str>,
) -> NoMemoryError {
    let Some(module) = exports::module_without_exports(caller) else {
        return NoMemoryError::NoGuest;
    };
    let located = exports::locate_memory(&module, name.or(wanted));
    located.err().unwrap_or(NoMemoryError::NoGuest)
}

/// The guest for which the host calls this host function, if the host calls it.
pub(super) fn calling_guest<T: 'static>(
    caller: &mut Caller<'_, T>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Option<Arc<CallingGuest>> {
    let address = StoreAddress::of(&*caller);
    let guests = project(caller.data_mut()).guests();
    let guest = guests.calls().calling()?;
    if !guest.store.is_at(address) {
        return None;
    }
    let trampolines = guests.items(address)?.trampolines().to_vec();
    let is_host = trampolines.iter().any(|one| one.is_caller(caller));
    is_host.then_some(guest)
}

/// The module of the calling guest, if it can be told.
pub(super) fn calling_module<T: 'static>(
    caller: &mut Caller<'_, T>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Option<Arc<LearnedModule>> {
    let mut index = 0;
    while let Some(known) = project(caller.data_mut()).guests().learned.tried(index) {
        if known.calls(caller) {
            return Some(known);
        }
        index += 1;
    }
    let module = exports::calling_module(caller)?;
    let guests = project(caller.data_mut()).guests();
    let names = guests.names().clone();
    guests.learned.learn(&module, &names)
}
