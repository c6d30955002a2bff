//! The globals that a store has of those that are annotated.

use wasmtime::{AsContextMut, Global, Store};

use crate::{
    abi::AddressType,
    convert::GlobalVal,
    registry::HostGlobal,
    store::{HostData, StoreIdentity},
};

/// The store's own of an annotated global: the one that it has, or a new one.
pub(crate) fn global<T: 'static>(
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
    address_type: AddressType,
) -> wasmtime::Result<Global> {
    if let Some(known) = known_global(&mut *store, &project, global) {
        return Ok(known);
    }
    let value = global.value(address_type)?.make(store)?;
    let new = Global::new(&mut *store, global.global_type(address_type), value)?;
    let known = project(store.data_mut()).guests().store();
    if !known.is_some_and(|known| known.is(&*store)) {
        let identity = StoreIdentity::of(&mut *store);
        project(store.data_mut()).guests().set_store(identity);
    }
    project(store.data_mut())
        .guests()
        .add_global(global.id(), new);
    Ok(new)
}

/// The store's own of an annotated global, if a guest of the store imports that.
pub(crate) fn known_global<T: 'static>(
    mut store: impl AsContextMut<Data = T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
) -> Option<Global> {
    let mut store = store.as_context_mut();
    let (global, owner) = project(store.data_mut()).guests().global(global.id())?;
    // The host data may have been in another store when the global was made.
    owner.is(&store).then_some(global)
}

/// What a global holds now.
pub(crate) fn read_global(store: &mut impl AsContextMut, global: Global) -> Option<GlobalVal> {
    let ty = global.ty(&*store);
    let value = global.get(&mut *store);
    GlobalVal::of(store, value, ty.content()).ok()
}
