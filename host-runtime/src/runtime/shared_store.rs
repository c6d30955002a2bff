//! Instances in the store of another one.

use wasmtime::{Extern, Func, Memory, Table};

use crate::{
    abi::{AddressType, CallReferences, MadeReferences},
    convert::{FromGuestOwned, IntoGuest},
    error::{ExportError, NoMemoryError, NoTableError, ValueError, WrongStoreError},
    exports::{self, Found},
    guest::{Access, AsGuest, ExportedFunc, Guest, StoreAccess},
    memory::MemoryRef,
    message::nearest::FunctionNames,
    registry::HostFunction,
    runtime::Instance,
    store::{GuestCall, HostData, InstanceId, StoreIdentity},
};

/// An instance in the store of another one; see
/// [`InstancePre::instantiate_in`](crate::InstancePre::instantiate_in).
#[derive(Clone, Copy, Debug)]
pub struct SharedStoreInstance {
    id: InstanceId,
    guest: wasmtime::Instance,
    /// The memory that the module imports, if it does not export it.
    imported_memory: Option<Memory>,
    address_type: AddressType,
    /// The instance whose store it is in.
    first: InstanceId,
}

impl SharedStoreInstance {
    pub(super) fn new(
        guest: wasmtime::Instance,
        imported_memory: Option<Extern>,
        address_type: AddressType,
        first: InstanceId,
    ) -> Self {
        Self {
            id: InstanceId::new(),
            guest,
            imported_memory: imported_memory.and_then(Extern::into_memory),
            address_type,
            first,
        }
    }

    /// Calls an exported function by its name.
    ///
    /// # Errors
    ///
    /// Those of [`Instance::call`]; [`WrongStoreError`] if it is not in the store of `first`.
    pub fn call<P: IntoGuest, R: FromGuestOwned>(
        &self,
        first: &mut Instance,
        name: &str,
        params: P,
    ) -> anyhow::Result<R> {
        let mut guest = self.guest(first)?;
        guest.with_guest(|guest| guest.call(name, params))
    }

    /// Looks up an exported function. Call it with what [`guest`](Self::guest) returns.
    ///
    /// # Errors
    ///
    /// If there is no function of that name and type, or it is not in the store of `first`.
    pub fn func<P: IntoGuest, R: FromGuestOwned>(
        &self,
        first: &mut Instance,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        let mut guest = self.guest(first)?;
        guest.with_guest(|guest| guest.func(name))
    }

    /// The guest, for functions that take an [`AsGuest`].
    ///
    /// # Errors
    ///
    /// If it is not in the store of `first`.
    pub fn guest<'a>(
        &'a self,
        first: &'a mut Instance,
    ) -> Result<SharedStoreGuest<'a>, WrongStoreError> {
        first.store_of(self.first)?;
        Ok(SharedStoreGuest { own: self, first })
    }

    /// Wasmtime's instance.
    #[must_use]
    pub fn raw(&self) -> wasmtime::Instance {
        self.guest
    }
}

/// A [`SharedStoreInstance`] with its store.
#[derive(Debug)]
pub struct SharedStoreGuest<'a> {
    own: &'a SharedStoreInstance,
    first: &'a mut Instance,
}

impl AsGuest for SharedStoreGuest<'_> {
    fn with_guest<R>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> R) -> R {
        let address_type = self.own.address_type;
        work(&mut Guest::new(self, address_type))
    }

    fn call_instance(
        &mut self,
        id: InstanceId,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        Access::call_instance(self, id, None, call)
    }
}

impl SharedStoreGuest<'_> {
    fn find_memory(&mut self) -> Result<Found, NoMemoryError> {
        let store = &mut self.first.store;
        let names = store.data_mut().guests().names().clone();
        let module = self.own.guest.module(&*store);
        match exports::locate_memory(module, names.memory.as_deref()) {
            Ok(known) => match known.of(self.own.guest, store) {
                Some(export) => Found::new(export),
                None => Err(NoMemoryError::NoneExported),
            },
            Err(reason) => match self.own.imported_memory {
                Some(memory) => Ok(Found::Own(memory)),
                None => Err(reason),
            },
        }
    }
}

impl Access for SharedStoreGuest<'_> {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        match self.find_memory()? {
            Found::Own(memory) => {
                let (bytes, host) = memory.data_and_store_mut(&mut self.first.store);
                Ok((bytes.into(), host))
            }
            Found::Shared(memory) => {
                let bytes = self.first.shared.insert(memory).data();
                Ok((bytes.into(), self.first.store.data_mut()))
            }
        }
    }

    fn grow(&mut self, pages: u64) -> wasmtime::Result<u64> {
        match self.find_memory().map_err(ValueError::NoMemory)? {
            Found::Own(memory) => memory.grow(&mut self.first.store, pages),
            Found::Shared(memory) => memory.grow(pages),
        }
    }

    fn page_size(&mut self) -> wasmtime::Result<u64> {
        Ok(match self.find_memory().map_err(ValueError::NoMemory)? {
            Found::Own(memory) => memory.page_size(&self.first.store),
            Found::Shared(memory) => memory.page_size(),
        })
    }

    fn host(&mut self) -> &mut HostData {
        self.first.host()
    }

    fn store(&mut self) -> Option<&mut dyn StoreAccess> {
        Access::store(self.first)
    }

    fn identity(&mut self) -> Option<StoreIdentity> {
        self.first.identity()
    }

    fn define(&mut self, function: &'static HostFunction) -> wasmtime::Result<Func> {
        self.first.define(function)
    }

    fn export(&mut self, name: &str) -> Option<Extern> {
        self.own.guest.get_export(&mut self.first.store, name)
    }

    fn nearest(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        let module = self.own.guest.module(&self.first.store);
        Some(FunctionNames::of(module).nearest(name))
    }

    fn is_called_by_host(&mut self) -> bool {
        false
    }

    fn table(&mut self) -> Result<Table, NoTableError> {
        let store = &mut self.first.store;
        let names = store.data_mut().guests().names().clone();
        let module = self.own.guest.module(&*store);
        let known = exports::locate_table(module, names.table.as_deref())?;
        let table = known.of(self.own.guest, store).and_then(Extern::into_table);
        table.ok_or(NoTableError::NoneExported)
    }

    fn instance(&mut self) -> Option<InstanceId> {
        Some(self.own.id)
    }

    fn call(&mut self, left: Option<usize>, call: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        Access::call(self.first, left, call)
    }

    fn call_instance(
        &mut self,
        id: InstanceId,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        (id == self.own.id).then(|| Access::call(self.first, left, call))
    }

    fn call_with_references(
        &mut self,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        self.first.call_with_references(left, call, references)
    }
}
