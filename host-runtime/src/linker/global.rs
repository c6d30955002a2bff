//! Adds the globals of a store to an embedder's linker.

use wasmtime::{Extern, ExternType, Linker, Store};

use crate::{
    abi::AddressType,
    guest::{self, known_global},
    linker::subtyping::fits,
    registry::HostGlobal,
    store::HostData,
};

/// Defines the global of a store for an annotated one, unless it is defined already for another
/// module of the store.
pub(super) fn define_global<T: 'static>(
    linker: &mut Linker<T>,
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
    address_type: AddressType,
) -> wasmtime::Result<()> {
    let there = linker.get(&mut *store, global.module(), global.name());
    let own = ExternType::Global(global.global_type(address_type));
    let fits = |item: Extern| fits(&own, &item.ty(&*store));
    if there.is_ok_and(fits) && known_global(&mut *store, &project, global).is_some() {
        return Ok(());
    }
    let own = guest::global(store, project, global, address_type)?;
    linker.define(&*store, global.module(), global.name(), own)?;
    Ok(())
}
