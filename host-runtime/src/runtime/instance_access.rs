//! An [`Instance`] as a guest.

use wasmtime::{Extern, Func, Table};

use crate::{
    abi::{CallReferences, MadeReferences},
    error::{NoMemoryError, NoTableError, ValueError},
    exports::{self, Found},
    guest::{Access, StoreAccess},
    hostcall,
    memory::MemoryRef,
    message::nearest::FunctionNames,
    registry::HostFunction,
    runtime::Instance,
    store::{GuestCall, HostData, InstanceId, StoreIdentity},
};

impl Access for Instance {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        if self.check_store().is_err() {
            return Err(Box::new(NoMemoryError::StoreReplaced));
        }
        match &self.memory {
            Ok(Found::Own(memory)) => {
                let (bytes, host) = memory.data_and_store_mut(&mut self.store);
                Ok((bytes.into(), host))
            }
            Ok(Found::Shared(memory)) => {
                let bytes = self.shared.insert(memory.clone()).data();
                Ok((bytes.into(), self.store.data_mut()))
            }
            Err(reason) => Err(Box::new(reason.clone())),
        }
    }

    fn grow(&mut self, pages: u64) -> wasmtime::Result<u64> {
        self.check_store()?;
        match &self.memory {
            Ok(Found::Own(memory)) => memory.grow(&mut self.store, pages),
            Ok(Found::Shared(memory)) => memory.grow(pages),
            Err(reason) => Err(ValueError::NoMemory(reason.clone()).into()),
        }
    }

    fn page_size(&mut self) -> wasmtime::Result<u64> {
        self.check_store()?;
        match &self.memory {
            Ok(Found::Own(memory)) => Ok(memory.page_size(&self.store)),
            Ok(Found::Shared(memory)) => Ok(memory.page_size()),
            Err(reason) => Err(ValueError::NoMemory(reason.clone()).into()),
        }
    }

    fn host(&mut self) -> &mut HostData {
        self.store.data_mut()
    }

    fn store(&mut self) -> Option<&mut dyn StoreAccess> {
        Some(&mut self.store)
    }

    fn identity(&mut self) -> Option<StoreIdentity> {
        Some(StoreIdentity::of(&mut self.store))
    }

    fn define(&mut self, function: &'static HostFunction) -> wasmtime::Result<Func> {
        self.check_store()?;
        self.add_functions([function].into());
        let wanted = self.function_import();
        hostcall::make_in_runtime(&mut self.store, function, &wanted)
    }

    fn export(&mut self, name: &str) -> Option<Extern> {
        self.check_store().ok()?;
        self.guest.get_export(&mut self.store, name)
    }

    fn nearest(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        self.check_store().ok()?;
        Some(FunctionNames::of(self.guest.module(&self.store)).nearest(name))
    }

    fn is_called_by_host(&mut self) -> bool {
        false
    }

    fn table(&mut self) -> Result<Table, NoTableError> {
        if self.check_store().is_err() {
            return Err(NoTableError::NoneExported);
        }
        if let Some(known) = self.store.data_mut().guests().only_table() {
            return Ok(known);
        }
        let names = self.store.data_mut().guests().names().clone();
        let module = self.guest.module(&self.store);
        let known = exports::locate_table(module, names.table.as_deref())?;
        let table = known.of(self.guest, &mut self.store);
        let table = table.and_then(Extern::into_table);
        let table = table.ok_or(NoTableError::NoneExported)?;
        self.store.data_mut().guests().keep_table(table);
        Ok(table)
    }

    fn instance(&mut self) -> Option<InstanceId> {
        Some(self.id)
    }

    fn call(&mut self, _: Option<usize>, call: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        self.call_func(|store| call.call(store))
    }

    fn call_instance(
        &mut self,
        id: InstanceId,
        _: Option<usize>,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        (id == self.id).then(|| self.call_func(|store| call.call(store)))
    }

    fn call_with_references(
        &mut self,
        _: Option<usize>,
        call: &mut GuestCall<'_>,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        let mut returned = CallReferences::default();
        self.call_func(|store| {
            returned = call.call_with_references(store, references)?;
            Ok(())
        })?;
        Ok(returned)
    }
}
