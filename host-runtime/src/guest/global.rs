//! The annotated globals of a store.

use wasmtime::{AsContextMut, Global, Store};

use crate::{
    abi::AddressType,
    convert::GlobalVal,
    registry::HostGlobal,
    store::{HostData, StoreAddress, StoreIdentity},
};

/// Returns the global that a store has for an annotated one, and makes it if there is none.
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
    let address = StoreAddress::of(&*store);
    if let Some(items) = project(store.data_mut()).guests().items(address) {
        items.add_global(global.id(), new);
        return Ok(new);
    }
    let identity = StoreIdentity::of(&mut *store);
    let items = project(store.data_mut()).guests().items_or_new(identity);
    items.add_global(global.id(), new);
    Ok(new)
}

/// Returns the global that a store has for an annotated one, if a guest of the store imports it.
pub(crate) fn known_global<T: 'static>(
    mut store: impl AsContextMut<Data = T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
) -> Option<Global> {
    let mut store = store.as_context_mut();
    let address = StoreAddress::of(&store);
    let items = project(store.data_mut()).guests().items(address)?;
    items.global(global.id())
}

/// Reads the value of a global.
pub(crate) fn read_global(store: &mut impl AsContextMut, global: Global) -> Option<GlobalVal> {
    let ty = global.ty(&*store);
    let value = global.get(&mut *store);
    GlobalVal::of(store, value, ty.content()).ok()
}
