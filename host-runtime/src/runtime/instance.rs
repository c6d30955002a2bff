//! Instances, each with a store of its own.

use std::{
    fmt, iter,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use wasmtime::{Engine, Extern, Memory, Store};

use crate::{
    abi::GuestSize,
    convert::GlobalValue,
    error::{NoMemoryError, ValueError},
    exports::{Found, KnownExport},
    guest, memory,
    registry::{GlobalImport, HostFunction},
    runtime::{
        ExportError, ExportParams, ExportResults, ExportedFunc, WrongStoreError,
        instance_pre::ProvidedItems,
    },
    store::{HostData, MissingStateError, StoreIdentity},
};

/// An instance of a module, with a store of its own.
///
/// ```
/// use host_runtime::{Imports, Runtime};
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(Imports::none()).build()?;
/// let mut guest = runtime.instantiate(
///     r#"(module
///         (memory (export "memory") 1)
///         (func (export "sum") (param $at i32) (result i32)
///             (i32.add (i32.load8_u (local.get $at))
///                      (i32.load8_u offset=1 (local.get $at)))))"#,
/// )?;
/// guest.write(100, &[40, 2])?;
/// let sum = guest.func::<i32, i32>("sum")?;
/// assert_eq!(sum.call(&mut guest, 100)?, 42);
/// # Ok(())
/// # }
/// ```
pub struct Instance {
    id: InstanceId,
    store: Store<HostData>,
    /// The identity of the store, once other code has had it.
    own_store: Option<StoreIdentity>,
    guest: wasmtime::Instance,
    memory: Result<Memory, NoMemoryError>,
    provided: ProvidedItems,
    /// The host functions that the module imports.
    functions: Arc<[&'static HostFunction]>,
    /// The host functions that other modules of the store import.
    joined: Vec<Arc<[&'static HostFunction]>>,
}

impl Instance {
    /// Makes an instance in a store of its own. Its memories are cached, unless a host function
    /// that the start function called could have put other instances into the store.
    pub(super) fn new(
        mut store: Store<HostData>,
        instance: wasmtime::Instance,
        memory: Result<KnownExport, NoMemoryError>,
        named_memories: &[&'static str],
        imported_memory: Option<Extern>,
        provided: ProvidedItems,
        functions: Arc<[&'static HostFunction]>,
    ) -> Self {
        let memory = match memory {
            Ok(known) => match known.of(instance, &mut store) {
                Some(export) => Found::new(export).and_then(Found::unshared),
                None => Err(NoMemoryError::NoneExported),
            },
            // It belongs to this instance, also if other instances are in the store.
            Err(NoMemoryError::ImportedOnly) => match imported_memory {
                Some(memory) => Found::new(memory).and_then(Found::unshared),
                None => Err(NoMemoryError::ImportedOnly),
            },
            Err(reason) => Err(reason),
        };
        store.data_mut().guests().keep_instance(instance);
        if let Ok(memory) = memory {
            store.data_mut().guests().keep_memory(None, memory);
        }
        for &name in named_memories {
            if let Some(memory) = instance.get_memory(&mut store, name) {
                store.data_mut().guests().keep_memory(Some(name), memory);
            }
        }
        Self {
            id: InstanceId::new(),
            store,
            own_store: None,
            guest: instance,
            memory,
            provided,
            functions,
            joined: Vec::new(),
        }
    }

    /// Records the host functions that another module of the store imports.
    pub(super) fn add_functions(&mut self, functions: Arc<[&'static HostFunction]>) {
        self.joined.push(functions);
    }

    /// The item that the instance got for the import `name` from `module`, if that is a provided
    /// item or a global.
    #[must_use]
    pub fn provided(&self, module: &str, name: &str) -> Option<Extern> {
        let mut provided = self.provided.iter();
        let found = provided.find(|(m, n, _)| m == module && n == name)?;
        Some(found.2.clone())
    }

    /// Calls an exported function by its name.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if there is no function of that name and type; otherwise those of
    /// [`ExportedFunc::call`].
    pub fn call<P: ExportParams, R: ExportResults>(
        &mut self,
        name: &str,
        params: P,
    ) -> anyhow::Result<R> {
        self.func(name)?.call(self, params)
    }

    /// Looks up an exported function.
    ///
    /// # Errors
    ///
    /// If there is no function of that name and type.
    pub fn func<P: ExportParams, R: ExportResults>(
        &mut self,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        self.check_store()?;
        self.func_of(self.guest, name)
    }

    /// Calls `_start`, if the module exports it: the entry point of a WASI command.
    ///
    /// # Errors
    ///
    /// A trap; [`WrongStoreError`] if the store was replaced by another one.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.check_store()?;
        match self.guest.get_func(&mut self.store, "_start") {
            Some(_) => self.call("_start", ()),
            None => Ok(()),
        }
    }

    /// The bytes of the guest's memory.
    ///
    /// # Errors
    ///
    /// If the guest has no memory, or several and it is not clear which one to use; see
    /// [`RuntimeBuilder::provide`](crate::RuntimeBuilder::provide).
    pub fn memory(&mut self) -> Result<&mut [u8], ValueError> {
        if self.check_store().is_err() {
            return Err(ValueError::NoMemory(NoMemoryError::StoreReplaced));
        }
        match &self.memory {
            Ok(memory) => Ok(memory.data_mut(&mut self.store)),
            Err(reason) => Err(ValueError::NoMemory(reason.clone())),
        }
    }

    /// Reads `length` bytes of the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// If the bytes are out of bounds, or there is no memory.
    pub fn read(
        &mut self,
        pointer: impl Into<GuestSize>,
        length: impl Into<GuestSize>,
    ) -> Result<&[u8], ValueError> {
        let memory = self.memory()?;
        let range = memory::range(pointer.into(), length.into().0, memory.len())?;
        Ok(&memory[range])
    }

    /// Writes bytes to the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// If the bytes are out of bounds, or there is no memory.
    pub fn write(&mut self, pointer: impl Into<GuestSize>, bytes: &[u8]) -> Result<(), ValueError> {
        let memory = self.memory()?;
        let range = memory::range(pointer.into(), bytes.len() as u64, memory.len())?;
        memory[range].copy_from_slice(bytes);
        Ok(())
    }

    /// The host state of type `S`.
    #[must_use]
    pub fn state<S: 'static>(&self) -> Option<&S> {
        self.store.data().state()
    }

    /// The host state of type `S`, to change it.
    #[must_use]
    pub fn state_mut<S: 'static>(&mut self) -> Option<&mut S> {
        self.store.data_mut().state_mut()
    }

    /// The value of an annotated `const` or `static` in this instance; `None` if no guest of its
    /// store imports it. See [`HostGlobal`](crate::items::HostGlobal).
    pub fn global<G: GlobalImport>(&mut self) -> Option<G::Value> {
        let own = guest::known_global(&mut self.store, |host| host, G::GLOBAL)?;
        G::Value::from_global_val(guest::read_global(&mut self.store, own)?)
    }

    /// The engine that the instance runs in.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Wasmtime's instance, for use with [`store_mut`](Self::store_mut).
    #[must_use]
    pub fn raw(&self) -> wasmtime::Instance {
        self.guest
    }

    /// The store, for use with Wasmtime's own interface.
    ///
    /// Code that has the store can put other instances into it. So from now on hostcalls that use
    /// memory look up which instance calls. That takes longer.
    pub fn store_mut(&mut self) -> &mut Store<HostData> {
        self.store.data_mut().guests().invalidate_cache();
        if self.own_store.is_none() {
            self.own_store = Some(StoreIdentity::of(&mut self.store));
        }
        &mut self.store
    }

    pub(super) fn id(&self) -> InstanceId {
        self.id
    }

    /// The store, to put another instance into it.
    pub(super) fn invalidate_cache(&mut self) -> Result<&mut Store<HostData>, WrongStoreError> {
        self.check_store()?;
        self.store.data_mut().guests().invalidate_cache();
        Ok(&mut self.store)
    }

    /// The store, if `id` is this instance.
    pub(super) fn store_of(
        &mut self,
        id: InstanceId,
    ) -> Result<&mut Store<HostData>, WrongStoreError> {
        if id != self.id {
            return Err(WrongStoreError::OtherInstance);
        }
        self.check_store()?;
        Ok(&mut self.store)
    }

    /// The store, to call a function of the instance `id`. If other code has had the store, this
    /// checks that the states exist which host functions need.
    pub(super) fn store_to_call(&mut self, id: InstanceId) -> anyhow::Result<&mut Store<HostData>> {
        let store = self.store_of(id)?;
        if !store.data_mut().guests().has_single_instance() {
            self.check_states()?;
        }
        Ok(&mut self.store)
    }

    #[cold]
    pub(super) fn check_states(&self) -> Result<(), MissingStateError> {
        let modules = iter::once(&self.functions).chain(&self.joined);
        let mut functions = modules.flat_map(|functions| &**functions);
        functions.try_for_each(|function| self.store.data().check(function.state_needs()))
    }

    /// Checks that other code has not replaced the store.
    fn check_store(&self) -> Result<(), WrongStoreError> {
        match &self.own_store {
            Some(own) if !own.is(&self.store) => Err(WrongStoreError::Replaced),
            _ => Ok(()),
        }
    }

    /// Looks up an exported function of an instance of the store.
    fn func_of<P: ExportParams, R: ExportResults>(
        &mut self,
        guest: wasmtime::Instance,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        let Some(func) = guest.get_func(&mut self.store, name) else {
            return Err(ExportError::missing(guest.module(&self.store), name));
        };
        match func.typed(&self.store) {
            Ok(func) => Ok(ExportedFunc {
                func,
                instance: self.id,
            }),
            Err(error) => Err(ExportError::wrong_type(name, &func.ty(&self.store), &error)),
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("host", self.store.data())
            .finish_non_exhaustive()
    }
}

/// Identifies an [`Instance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InstanceId(u64);

impl InstanceId {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Relaxed))
    }
}

/// An instance in the store of another one; see
/// [`InstancePre::instantiate_in`](crate::InstancePre::instantiate_in).
#[derive(Clone, Copy, Debug)]
pub struct SharedStoreInstance {
    guest: wasmtime::Instance,
    /// The instance whose store it is in.
    first: InstanceId,
}

impl SharedStoreInstance {
    pub(super) fn new(guest: wasmtime::Instance, first: InstanceId) -> Self {
        Self { guest, first }
    }

    /// Calls an exported function by its name.
    ///
    /// # Errors
    ///
    /// Those of [`Instance::call`]; [`WrongStoreError`] if it is not in the store of `first`.
    pub fn call<P: ExportParams, R: ExportResults>(
        &self,
        first: &mut Instance,
        name: &str,
        params: P,
    ) -> anyhow::Result<R> {
        self.func(first, name)?.call(first, params)
    }

    /// Looks up an exported function.
    ///
    /// # Errors
    ///
    /// If there is no function of that name and type, or it is not in the store of `first`.
    pub fn func<P: ExportParams, R: ExportResults>(
        &self,
        first: &mut Instance,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        first.store_of(self.first)?;
        first.func_of(self.guest, name)
    }

    /// Wasmtime's instance.
    #[must_use]
    pub fn raw(&self) -> wasmtime::Instance {
        self.guest
    }
}
