//! The globals that a store has of those that are annotated.

use wasmtime::{AsContextMut, Extern, ExternType, Global, Linker, Store};

use crate::{
    linker::fit::fits,
    registry::HostGlobal,
    state::{HostData, StoreIdentity},
    values::{Held, Width},
};

/// Defines the store's own of an annotated global, if another module of the store has not had it defined.
pub(super) fn define_global<T: 'static>(
    linker: &mut Linker<T>,
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
    width: Width,
) -> wasmtime::Result<()> {
    let there = linker.get(&mut *store, global.module(), global.name());
    let own = ExternType::Global(global.global_type(width));
    let fits = |item: Extern| fits(&own, &item.ty(&*store));
    if there.is_ok_and(fits) && known_global(&mut *store, &project, global).is_some() {
        return Ok(());
    }
    let own = self::global(store, project, global, width)?;
    linker.define(&*store, global.module(), global.name(), own)?;
    Ok(())
}

/// The store's own of an annotated global: the one that it has, or a new one.
pub(crate) fn global<T: 'static>(
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
    width: Width,
) -> wasmtime::Result<Global> {
    if let Some(known) = known_global(&mut *store, &project, global) {
        return Ok(known);
    }
    let value = global.value(width)?.make(store)?;
    let new = Global::new(&mut *store, global.global_type(width), value)?;
    let known = project(store.data_mut()).guests().store();
    if !known.is_some_and(|known| known.is(&*store)) {
        let identity = StoreIdentity::of(&mut *store);
        project(store.data_mut()).guests().set_store(identity);
    }
    project(store.data_mut()).guests().add_global(global, new);
    Ok(new)
}

/// The store's own of an annotated global, if a guest of the store imports that.
pub(crate) fn known_global<T: 'static>(
    mut store: impl AsContextMut<Data = T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
) -> Option<Global> {
    let mut store = store.as_context_mut();
    let (global, owner) = project(store.data_mut()).guests().global(global)?;
    // The host data may have been in another store when the global was made.
    owner.is(&store).then_some(global)
}

/// What a global holds now.
pub(crate) fn read_global(store: &mut impl AsContextMut, global: Global) -> Option<Held> {
    let ty = global.ty(&*store);
    let value = global.get(&mut *store);
    Held::of(store, value, ty.content()).ok()
}
