//! Looks up the memory and the table of functions of the calling instance.
//!
//! Wasmtime's `Caller` looks up exports of the calling instance by name or, if the module is known,
//! by index. So the found items never belong to another instance.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::Arc,
};

use wasmtime::{
    Caller, Extern, ExternType, Instance, Memory, Module, ModuleExport, SharedMemory, Table,
    WasmBacktrace,
};

use crate::{
    abi::AddressType,
    error::{NoMemoryError, NoTableError},
    exports::{
        choose::{Candidates, is_function_table},
        names::{MEMORY, MEMORY_EXPORT, TABLE_EXPORT, TABLES},
    },
};

/// A memory that was found.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A memory of the store.
    Own(Memory),
    /// A memory that threads share.
    Shared(SharedMemory),
}

impl Found {
    pub(crate) fn new(export: Extern) -> Result<Self, NoMemoryError> {
        match export {
            Extern::Memory(memory) => Ok(Self::Own(memory)),
            Extern::SharedMemory(memory) => Ok(Self::Shared(memory)),
            _ => Err(NoMemoryError::NoneExported),
        }
    }
}

/// An export of a known module.
#[derive(Clone)]
pub(crate) struct KnownExport {
    export: ModuleExport,
    name: Arc<str>,
}

impl KnownExport {
    pub(crate) fn new(module: &Module, name: &str) -> Option<Self> {
        Some(Self {
            export: module.get_export_index(name)?,
            name: name.into(),
        })
    }

    /// Looks up the export in an instance; `None` if the instance is of another module.
    pub(crate) fn of(
        &self,
        instance: Instance,
        store: impl wasmtime::AsContextMut,
    ) -> Option<Extern> {
        instance.get_module_export(store, &self.export)
    }

    /// Looks up the export in the calling instance; `None` if that is of another module, or the
    /// host calls.
    pub(crate) fn of_caller<T>(&self, caller: &mut Caller<'_, T>) -> Option<Extern> {
        // Look up by name first. That finds nothing if the host calls, and `get_module_export`
        // would panic then.
        caller.get_export(&self.name)?;
        caller.get_module_export(&self.export)
    }

    /// Returns the export without its name, for a look-up in less than half the time.
    #[inline]
    pub(crate) fn quick(&self) -> QuickExport {
        QuickExport(self.export)
    }
}

/// A [`KnownExport`] without its name.
#[derive(Clone, Copy)]
pub(crate) struct QuickExport(ModuleExport);

impl QuickExport {
    /// Calls `found` with the bytes of the exported memory of the calling instance and the store's
    /// data. Calls `other` with the caller if its module is another one, if threads share the
    /// memory, or if the host calls.
    ///
    /// When the host itself calls a host function, for example one that a guest exports again,
    /// Wasmtime has no instance for the caller, and `get_module_export` panics. Only a look-up by
    /// name tells this in advance. So the panic is caught here; it has changed nothing.
    ///
    /// The closure returns the bytes and not the `Memory`. The parts of a `Memory` have just been
    /// written one by one, and a copy of the whole would stall the processor.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn with_bytes<'a, 's, T, R>(
        self,
        caller: &'a mut Caller<'s, T>,
        found: impl FnOnce(&'a mut [u8], &'a mut T) -> R,
        other: impl FnOnce(&'a mut Caller<'s, T>) -> R,
    ) -> R {
        let mut bytes: Option<NonNull<[u8]>> = None;
        let look = AssertUnwindSafe(|| {
            if let Some(Extern::Memory(memory)) = caller.get_module_export(&self.0) {
                bytes = Some(NonNull::from(memory.data_mut(&mut *caller)));
            }
        });
        let _ = catch_unwind(look);
        let Some(bytes) = bytes else {
            return other(caller);
        };
        // SAFETY: they are the bytes of a memory of the store which no thread shares:
        // `Extern::Memory` is one. The store is borrowed for `'a`, and of it only the data
        // is used meanwhile, which lies apart from the memory, as it does in
        // `Memory::data_and_store_mut`.
        let bytes = unsafe { &mut *bytes.as_ptr() };
        found(bytes, caller.data_mut())
    }
}

/// The names that the embedder gives to the memory and the table of functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportNames {
    pub(crate) memory: Option<Arc<str>>,
    pub(crate) table: Option<Arc<str>>,
}

/// The exports of a module that host functions use.
pub(crate) struct ModuleExports {
    module: Module,
    /// The embedder's names for them.
    names: ExportNames,
    pub(crate) memory: Result<KnownExport, NoMemoryError>,
    table: Option<KnownExport>,
}

impl ModuleExports {
    pub(crate) fn new(module: &Module, names: &ExportNames) -> Self {
        Self {
            module: module.clone(),
            names: names.clone(),
            memory: locate_memory(module, names.memory.as_deref()),
            table: locate_table(module, names.table.as_deref()).ok(),
        }
    }
}

/// The exports that the attribute of a host function names.
#[doc(hidden)]
#[derive(Clone, Copy, Default)]
pub struct NamedExports {
    pub memory: Option<&'static str>,
    pub table: Option<&'static str>,
}

/// The exports that a host function looks up in the calling instance.
#[derive(Clone, Default)]
pub(crate) struct GuestExports {
    /// The name of the memory in its attribute.
    memory_name: Option<&'static str>,
    /// The name of the table in its attribute.
    table_name: Option<&'static str>,
    /// The memory in the module that it was linked for, if the module exports it.
    memory: Option<KnownExport>,
    /// The table in that module.
    table: Option<KnownExport>,
    /// The embedder's names at the time of linking.
    names: ExportNames,
}

impl GuestExports {
    /// For instances of any module.
    pub(crate) fn of_any(named: NamedExports) -> Self {
        Self {
            memory_name: named.memory,
            table_name: named.table,
            ..Self::default()
        }
    }

    /// For instances of one module, and of others by name.
    pub(crate) fn of_module(named: NamedExports, module: &ModuleExports) -> Self {
        Self {
            memory: match named.memory {
                Some(name) => named_memory(&module.module, name),
                None => module.memory.clone().ok(),
            },
            table: match named.table {
                Some(name) => named_table(&module.module, name),
                None => module.table.clone(),
            },
            names: module.names.clone(),
            ..Self::of_any(named)
        }
    }

    /// The name of the memory in its attribute.
    #[inline]
    pub(crate) fn memory_name(&self) -> Option<&'static str> {
        self.memory_name
    }

    /// The name of the table in its attribute.
    pub(crate) fn table_name(&self) -> Option<&'static str> {
        self.table_name
    }

    /// Looks up the memory of the calling instance, if it is exported by a known name.
    pub(crate) fn find_memory<T>(
        &self,
        caller: &mut Caller<'_, T>,
        embedders: Option<&str>,
    ) -> Option<Found> {
        // The embedder may have set another name since.
        let is_current = self.memory_name.is_some() || self.names.memory.as_deref() == embedders;
        let known = self.memory.as_ref().filter(|_| is_current);
        if let Some(memory) = known.and_then(|known| known.of_caller(caller)) {
            return Found::new(memory).ok();
        }
        let mut named = |name: &str| Found::new(caller.get_export(name)?).ok();
        match self.memory_name {
            Some(name) => named(name),
            None => embedders
                .and_then(&mut named)
                .or_else(|| named(MEMORY_EXPORT))
                .or_else(|| named(MEMORY).filter(|_| embedders.is_none())),
        }
    }

    /// Looks up the table of functions of the calling instance, if it is exported by a known name.
    pub(crate) fn find_table<T>(
        &self,
        caller: &mut Caller<'_, T>,
        embedders: Option<&str>,
    ) -> Option<Table> {
        let is_current = self.table_name.is_some() || self.names.table.as_deref() == embedders;
        let known = self.table.as_ref().filter(|_| is_current);
        if let Some(table) = known.and_then(|known| known.of_caller(caller)) {
            return table.into_table();
        }
        let mut named = |name: &str| {
            let table = caller.get_export(name)?.into_table()?;
            is_function_table(&table.ty(&*caller).into()).then_some(table)
        };
        if let Some(name) = self.table_name {
            return named(name);
        }
        let found = embedders.and_then(&mut named);
        let found = found.or_else(|| named(TABLE_EXPORT));
        found.or_else(|| {
            let mut usual = TABLES.into_iter().filter(|_| embedders.is_none());
            usual.find_map(named)
        })
    }
}

/// Finds the export of the memory for host functions that name none.
pub(crate) fn locate_memory(
    module: &Module,
    wanted: Option<&str>,
) -> Result<KnownExport, NoMemoryError> {
    let exported = |name: &str| named_memory(module, name);
    if let Some(known) = wanted
        .and_then(exported)
        .or_else(|| exported(MEMORY_EXPORT))
    {
        return Ok(known);
    }
    let chosen = Candidates::memories(module).choose_memory(wanted)?;
    let known = chosen
        .export
        .and_then(|name| KnownExport::new(module, name));
    known.ok_or(NoMemoryError::ImportedOnly)
}

/// Finds the memory that a module exports by this name.
pub(crate) fn named_memory(module: &Module, name: &str) -> Option<KnownExport> {
    module.get_export(name)?.memory()?;
    KnownExport::new(module, name)
}

/// Finds the export of a module's table of functions.
pub(crate) fn locate_table(
    module: &Module,
    wanted: Option<&str>,
) -> Result<KnownExport, NoTableError> {
    let exported = |name| named_table(module, name);
    if let Some(known) = wanted.and_then(exported).or_else(|| exported(TABLE_EXPORT)) {
        return Ok(known);
    }
    let chosen = Candidates::tables(module).choose_table(wanted)?;
    let known = chosen
        .export
        .and_then(|name| KnownExport::new(module, name));
    known.ok_or(NoTableError::NoneExported)
}

/// Finds the table of functions that a module exports by this name.
fn named_table(module: &Module, name: &str) -> Option<KnownExport> {
    let ty = module.get_export(name)?;
    is_function_table(&ty).then(|| KnownExport::new(module, name))?
}

/// Finds the module and name of the import that is a module's memory, if the module exports none.
pub(crate) fn imported_memory(module: &Module, wanted: Option<&str>) -> Option<(String, String)> {
    let chosen = Candidates::memories(module).choose_memory(wanted).ok()?;
    let (module, name) = chosen.import?;
    Some((module.to_owned(), name.to_owned()))
}

/// Finds the module and name of the import that is the table of functions.
pub(crate) fn imported_table(module: &Module, wanted: Option<&str>) -> Option<(String, String)> {
    let chosen = Candidates::tables(module).choose_table(wanted).ok()?;
    let (module, name) = chosen.import?;
    Some((module.to_owned(), name.to_owned()))
}

/// The address type of the memory that host functions use, or, if there is none, of all memories of
/// the module, if they have the same.
pub(crate) fn address_type(module: &Module, wanted: Option<&str>) -> AddressType {
    let known = locate_memory(module, wanted).ok();
    let exported = known.and_then(|known| module.get_export(&known.name));
    if let Some(ExternType::Memory(ty)) = exported {
        return AddressType::of(&ty);
    }
    let imported = imported_memory(module, wanted);
    let chosen = module.imports().filter(|import| match &imported {
        Some((module, name)) => (import.module(), import.name()) == (module, name),
        None => true,
    });
    let exports = module.exports().map(|export| export.ty());
    let types = chosen.map(|import| import.ty()).chain(exports);
    let mut address_types = types.filter_map(|ty| ty.memory().map(AddressType::of));
    let first = address_types.next().unwrap_or_default();
    if address_types.all(|address_type| address_type == first) {
        first
    } else {
        AddressType::I32
    }
}

/// The address type for one host function. `usual` is the one for functions that name no memory: it
/// is computed once, because that takes all exports of the module.
pub(crate) fn address_type_for(
    module: &Module,
    named: Option<&str>,
    usual: AddressType,
) -> AddressType {
    named.map_or(usual, |name| address_type(module, Some(name)))
}

/// Finds the module of the calling guest by the stack, if the module exports something.
///
/// The innermost frame belongs to the caller, except after a tail call and for a call by the host.
/// The exports of the caller show whether it does.
#[cold]
pub(crate) fn calling_module<T>(caller: &mut Caller<'_, T>) -> Option<Module> {
    let stack = WasmBacktrace::force_capture(&*caller);
    let module = stack.frames().first()?.module();
    let first = module.exports().next()?;
    let known = KnownExport::new(module, first.name())?;
    known.of_caller(caller).map(|_| module.clone())
}

/// Finds the module of the innermost frame, if it exports nothing. It is the calling module, except
/// after a tail call and for a call by the host.
#[cold]
pub(crate) fn module_without_exports<T>(caller: &mut Caller<'_, T>) -> Option<Module> {
    let stack = WasmBacktrace::force_capture(&*caller);
    let module = stack.frames().first()?.module();
    module.exports().next().is_none().then(|| module.clone())
}
