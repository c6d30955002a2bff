//! What a [`Guest`](crate::Guest) reaches of the store that calls.

use wasmtime::{Caller, Extern, Func, FuncType, Ref, Table, ValRaw};

use crate::{
    error::BadValue,
    guest::Access,
    linker::{
        global::read_global,
        hostcall::{find, find_memory},
    },
    memory::{self, Found, MemoryRef, NoMemory},
    outside::{self, Object},
    registry::HostGlobal,
    state::HostData,
    values::Held,
};

/// What toolchains call the table of functions: LLVM's, and AssemblyScript's.
pub(crate) const TABLES: [&str; 2] = ["__indirect_function_table", "table"];

/// A caller, and where its store has the host data.
pub(super) struct CallerAccess<'c, 's, T: 'static, P> {
    pub(super) caller: &'c mut Caller<'s, T>,
    pub(super) project: &'c P,
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> CallerAccess<'_, '_, T, P> {
    /// The table of functions that the guest's module imports, if it exports none.
    fn imported_table(&mut self) -> Option<Table> {
        let only = self.host().guests().only_instance();
        let module = match only {
            Some(only) => Some(only.module(&*self.caller).clone()),
            None => memory::calling_module(self.caller),
        };
        self.host().guests().imported.table(&module?)
    }
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> Access for CallerAccess<'_, '_, T, P> {
    fn memory(
        &mut self,
        name: Option<&'static str>,
    ) -> Result<(bool, MemoryRef<'_>, &mut HostData), Box<NoMemory>> {
        let (threads, memory, data) = find_memory(self.caller, name, self.project)?;
        Ok((threads, memory, (self.project)(data)))
    }

    fn grow(&mut self, name: Option<&'static str>, pages: u64) -> wasmtime::Result<u64> {
        match find(self.caller, name, self.project) {
            Ok(Found::Own(memory)) => memory.grow(&mut *self.caller, pages),
            Ok(Found::OfThreads(memory)) => memory.grow(pages),
            Err(reason) => Err(BadValue::NoMemory(*reason).into()),
        }
    }

    fn host(&mut self) -> &mut HostData {
        (self.project)(self.caller.data_mut())
    }

    fn export(&mut self, name: &str) -> Option<Extern> {
        if let Some(export) = self.caller.get_export(name) {
            return Some(export);
        }
        let only = self.host().guests().only_instance()?;
        only.get_export(&mut *self.caller, name)
    }

    fn table(&mut self) -> Option<Table> {
        if let Some(known) = self.host().guests().table() {
            return Some(known);
        }
        let mut exports = TABLES
            .iter()
            .filter_map(|name| self.export(name)?.into_table());
        let exported = exports.next();
        let exported =
            exported.filter(|table| table.ty(&*self.caller).element().heap_type().is_func());
        let table = exported.or_else(|| self.imported_table());
        self.host().guests().keep_table(table);
        table
    }

    fn entry(&mut self, table: Table, index: u64) -> Option<Ref> {
        table.get(&mut *self.caller, index)
    }

    fn table_size(&mut self, table: Table) -> u64 {
        table.size(&*self.caller)
    }

    fn grow_table(&mut self, table: Table, by: u64) -> wasmtime::Result<u64> {
        table.grow(&mut *self.caller, by, Ref::Extern(None))
    }

    fn set_object(
        &mut self,
        table: Table,
        index: u64,
        object: Option<Object>,
    ) -> wasmtime::Result<()> {
        let reference = match object {
            Some(object) => Some(outside::carry(&mut *self.caller, object)?),
            None => None,
        };
        table.set(&mut *self.caller, index, Ref::Extern(reference))
    }

    fn global(&mut self, global: &'static HostGlobal) -> Option<Held> {
        let own = self.host().guests().global(global)?;
        read_global(self.caller, own)
    }

    fn set_global(&mut self, global: &'static HostGlobal, held: Held) -> wasmtime::Result<()> {
        let Some(own) = self.host().guests().global(global) else {
            return Ok(());
        };
        let value = held.make(&mut *self.caller)?;
        own.set(&mut *self.caller, value)
    }

    fn func_type(&mut self, func: &Func) -> Option<FuncType> {
        Some(func.ty(&*self.caller))
    }

    unsafe fn call(&mut self, func: &Func, raw: *mut [ValRaw]) -> wasmtime::Result<()> {
        // SAFETY: the caller says so.
        unsafe { func.call_unchecked(&mut *self.caller, raw) }
    }
}
