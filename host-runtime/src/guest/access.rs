//! How a guest and its store are reached: from a host function, or from outside.

use wasmtime::{
    AsContextMut, Extern, ExternRef, ExternType, Func, FuncType, Global, GlobalType, Ref, Rooted,
    Table, TableType, Val,
};

use crate::{
    abi::{CallReferences, GuestSize, MadeReferences, Object, unwrap_object, wrap_object},
    convert::GlobalVal,
    error::{NoMemoryError, NoTableError, ValueError},
    memory::MemoryRef,
    registry::{HostFunction, HostGlobal},
    store::{GuestCall, HostData, InstanceId, OwnershipProbe, StoreAddress, StoreIdentity},
};

/// A guest, and its store with any data.
pub(crate) trait Access {
    /// Borrows the memory that host functions use.
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>>;

    /// Grows that memory by so many pages. Returns its size in pages before that.
    fn grow(&mut self, pages: u64) -> wasmtime::Result<u64>;

    fn host(&mut self) -> &mut HostData;

    /// The store; `None` for a mock guest, which has none.
    fn store(&mut self) -> Option<&mut dyn StoreAccess>;

    /// The identity of the store.
    fn identity(&mut self) -> Option<StoreIdentity>;

    /// Makes a function of the store that calls a host function.
    fn define(&mut self, function: &'static HostFunction) -> wasmtime::Result<Func>;

    /// The export with this name.
    fn export(&mut self, name: &str) -> Option<Extern>;

    /// Exported functions with similar names, and the number of exported functions, if the module
    /// of the guest is known.
    fn nearest(&mut self, name: &str) -> Option<(Vec<String>, usize)>;

    /// Whether the host calls the host function, for a guest whose exports cannot be looked up.
    fn is_called_by_host(&mut self) -> bool;

    /// The table of functions.
    fn table(&mut self) -> Result<Table, NoTableError>;

    /// The instance, if it is certain which one it is.
    fn instance(&mut self) -> Option<InstanceId>;

    /// The size of a page of the memory in bytes.
    fn page_size(&mut self) -> wasmtime::Result<u64>;

    /// Allocates in the memory of a mock guest, which has no allocator.
    fn reserve(&mut self, _size: u64, _align: u64) -> Option<wasmtime::Result<GuestSize>> {
        None
    }

    /// Calls a function. `left` is the rest of the copy budget of the hostcall that makes the call,
    /// if it has used some.
    fn call(&mut self, left: Option<usize>, call: &mut GuestCall<'_>) -> wasmtime::Result<()>;

    /// Calls a function of the instance `id`; `None` if the guest is not certainly that instance.
    fn call_instance(
        &mut self,
        id: InstanceId,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>>;

    /// Calls a function with references as well, and returns those that it returns.
    fn call_with_references(
        &mut self,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences>;

    /// The value of an annotated global, if a guest of the store imports it.
    fn global(&mut self, global: &'static HostGlobal) -> Option<GlobalVal> {
        let own = known_global(self, global)?;
        self.store()?.global(own).ok()
    }

    /// Sets the value of an annotated global, if a guest of the store imports it.
    fn set_global(&mut self, global: &'static HostGlobal, held: GlobalVal) -> wasmtime::Result<()> {
        let Some(own) = known_global(self, global) else {
            return Ok(());
        };
        set(self, own, held)
    }

    /// Checks whether a value belongs to the store.
    fn owns(&mut self, value: &Val) -> wasmtime::Result<bool> {
        if !OwnershipProbe::is_reference(value) {
            return Ok(true);
        }
        let Some(address) = self.store().map(|store| store.address()) else {
            return Ok(false);
        };
        let known = self.host().guests().items(address).map(|items| items.probe);
        let mut probe = if let Some(probe) = known {
            probe
        } else if let Some(identity) = self.identity() {
            self.host().guests().items_or_new(identity).probe
        } else {
            return Ok(false);
        };
        let Some(store) = self.store() else {
            return Ok(false);
        };
        let owns = store.probe(&mut probe, value)?;
        if let Some(items) = self.host().guests().items(address) {
            items.probe = probe;
        }
        Ok(owns)
    }
}

/// The global of the store for an annotated one, if a guest of the store imports it.
fn known_global<A: Access + ?Sized>(access: &mut A, global: &'static HostGlobal) -> Option<Global> {
    let address = access.store()?.address();
    access.host().guests().items(address)?.global(global.id())
}

/// Sets the value of a global of the store.
pub(super) fn set<A: Access + ?Sized>(
    access: &mut A,
    global: Global,
    held: GlobalVal,
) -> wasmtime::Result<()> {
    let Some(store) = access.store() else {
        return Ok(());
    };
    let value = store.make(held)?;
    if !access.owns(&value)? {
        return Err(ValueError::OtherStore.into());
    }
    match access.store() {
        Some(store) => store.set_global(global, value),
        None => Ok(()),
    }
}

/// What needs a store only, for any data of the store.
pub(crate) trait StoreAccess {
    fn address(&self) -> StoreAddress;
    fn type_of(&self, export: &Extern) -> ExternType;
    fn func_type(&self, func: &Func) -> FuncType;
    fn table_type(&self, table: Table) -> TableType;
    fn table_size(&self, table: Table) -> u64;
    fn entry(&mut self, table: Table, index: u64) -> Option<Ref>;
    fn set_entry(&mut self, table: Table, index: u64, entry: Ref) -> wasmtime::Result<()>;
    /// Returns the size before.
    fn grow_table(&mut self, table: Table, by: u64, entry: Ref) -> wasmtime::Result<u64>;
    fn wrap_object(&mut self, object: Object) -> wasmtime::Result<Rooted<ExternRef>>;
    fn unwrap_object(&self, reference: Rooted<ExternRef>) -> wasmtime::Result<Option<Object>>;
    fn global_type(&self, global: Global) -> GlobalType;
    fn global(&mut self, global: Global) -> wasmtime::Result<GlobalVal>;
    fn set_global(&mut self, global: Global, value: Val) -> wasmtime::Result<()>;
    fn make(&mut self, held: GlobalVal) -> wasmtime::Result<Val>;
    /// Makes the references for the parameters of a function.
    fn make_references(
        &mut self,
        references: CallReferences,
        of: &Func,
    ) -> wasmtime::Result<MadeReferences>;
    fn probe(&mut self, probe: &mut OwnershipProbe, value: &Val) -> wasmtime::Result<bool>;
    /// Whether both are the same function. They belong to the store.
    fn is_same(&mut self, one: Func, other: Func) -> bool;
}

impl<S: AsContextMut> StoreAccess for S {
    fn address(&self) -> StoreAddress {
        StoreAddress::of(self)
    }

    fn type_of(&self, export: &Extern) -> ExternType {
        export.ty(self)
    }

    fn func_type(&self, func: &Func) -> FuncType {
        func.ty(self)
    }

    fn table_type(&self, table: Table) -> TableType {
        table.ty(self)
    }

    fn table_size(&self, table: Table) -> u64 {
        table.size(self)
    }

    fn entry(&mut self, table: Table, index: u64) -> Option<Ref> {
        table.get(self, index)
    }

    fn set_entry(&mut self, table: Table, index: u64, entry: Ref) -> wasmtime::Result<()> {
        table.set(self, index, entry)
    }

    fn grow_table(&mut self, table: Table, by: u64, entry: Ref) -> wasmtime::Result<u64> {
        table.grow(self, by, entry)
    }

    fn wrap_object(&mut self, object: Object) -> wasmtime::Result<Rooted<ExternRef>> {
        wrap_object(self, object)
    }

    fn unwrap_object(&self, reference: Rooted<ExternRef>) -> wasmtime::Result<Option<Object>> {
        unwrap_object(self, reference)
    }

    fn global_type(&self, global: Global) -> GlobalType {
        global.ty(self)
    }

    fn global(&mut self, global: Global) -> wasmtime::Result<GlobalVal> {
        let ty = global.ty(&*self);
        let value = global.get(&mut *self);
        GlobalVal::of(self, value, ty.content())
    }

    fn set_global(&mut self, global: Global, value: Val) -> wasmtime::Result<()> {
        global.set(self, value)
    }

    fn make(&mut self, held: GlobalVal) -> wasmtime::Result<Val> {
        held.make(self)
    }

    fn make_references(
        &mut self,
        references: CallReferences,
        of: &Func,
    ) -> wasmtime::Result<MadeReferences> {
        let ty = of.ty(&*self);
        references.make(self, ty.params())
    }

    fn probe(&mut self, probe: &mut OwnershipProbe, value: &Val) -> wasmtime::Result<bool> {
        probe.owns(self, value)
    }

    fn is_same(&mut self, one: Func, other: Func) -> bool {
        one.to_raw(&mut *self) == other.to_raw(&mut *self)
    }
}
