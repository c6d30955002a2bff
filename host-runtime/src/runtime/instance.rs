//! Instances, each with a store of its own.

use std::{
    fmt, iter,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use wasmtime::{Engine, Extern, SharedMemory, Store};

use crate::{
    abi::{AddressType, GuestSize},
    convert::{FromGuestOwned, IntoGuest},
    error::{ExportError, NoMemoryError, ValueError, WrongStoreError},
    exports::{Found, KnownExport},
    guest::{AsGuest, ExportedFunc, Guest},
    hostcall::FunctionImport,
    memory,
    registry::{GlobalImport, HostFunction},
    runtime::instance_pre::ProvidedItems,
    store::{GuestCall, HostData, InstanceId, MissingStateError, StoreIdentity, Trampolines},
    typed_exports::{BindError, GuestExports},
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
    pub(super) id: InstanceId,
    pub(super) store: Store<HostData>,
    /// The identity of the store, once other code has had it.
    own_store: Option<StoreIdentity>,
    pub(super) guest: wasmtime::Instance,
    pub(super) memory: Result<Found, NoMemoryError>,
    /// Keeps a shared memory alive while its bytes are borrowed.
    pub(super) shared: Option<SharedMemory>,
    pub(super) address_type: AddressType,
    provided: ProvidedItems,
    trampolines: Arc<Trampolines>,
    /// The host functions that the module imports.
    functions: Arc<[&'static HostFunction]>,
    /// Whether one of them takes the `Caller`, by which it can change the store.
    takes_caller: bool,
    /// The host functions that other modules of the store import.
    joined: Vec<Arc<[&'static HostFunction]>>,
}

impl Instance {
    /// Makes an instance in a store of its own. Its memories are cached, unless a host function
    /// that the start function called could have put other instances into the store.
    pub(super) fn new(
        mut store: Store<HostData>,
        instance: wasmtime::Instance,
        memory: InstanceMemory,
        named_memories: &[&'static str],
        provided: ProvidedItems,
        functions: Arc<[&'static HostFunction]>,
        trampolines: &Arc<Trampolines>,
    ) -> Self {
        let InstanceMemory {
            export,
            imported,
            address_type,
        } = memory;
        let memory = match export {
            Ok(known) => match known.of(instance, &mut store) {
                Some(export) => Found::new(export),
                None => Err(NoMemoryError::NoneExported),
            },
            // It belongs to this instance, also if other instances are in the store.
            Err(NoMemoryError::ImportedOnly) => match imported {
                Some(memory) => Found::new(memory),
                None => Err(NoMemoryError::ImportedOnly),
            },
            Err(reason) => Err(reason),
        };
        store.data_mut().guests().keep_instance(instance);
        if let Ok(Found::Own(memory)) = memory {
            store.data_mut().guests().keep_memory(None, memory);
        }
        for &name in named_memories {
            if let Some(memory) = instance.get_memory(&mut store, name) {
                store.data_mut().guests().keep_memory(Some(name), memory);
            }
        }
        let id = store.data_mut().guests().single_instance();
        Self {
            id: id.unwrap_or_else(InstanceId::new),
            store,
            own_store: None,
            guest: instance,
            memory,
            shared: None,
            address_type,
            provided,
            takes_caller: functions.iter().any(|function| function.takes_caller()),
            functions,
            trampolines: Arc::clone(trampolines),
            joined: Vec::new(),
        }
    }

    /// Records the host functions that another module of the store imports.
    pub(super) fn add_functions(&mut self, functions: Arc<[&'static HostFunction]>) {
        self.takes_caller |= functions.iter().any(|function| function.takes_caller());
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

    /// The guest, to reach into it as a host function does: its memory, functions, globals, tables
    /// and states.
    ///
    /// ```
    /// use host_runtime::{Imports, Runtime, values::Malloc};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(Imports::none()).build()?;
    /// let mut instance = runtime.instantiate(r#"(module
    ///     (memory (export "memory") 1)
    ///     (func (export "malloc") (param i32) (result i32) (i32.const 1024)))"#)?;
    /// let mut guest = instance.guest();
    /// let pointer = guest.put::<Malloc>(b"text")?;
    /// assert_eq!(guest.read_str(pointer, 4u32)?, "text");
    /// # Ok(())
    /// # }
    /// ```
    pub fn guest(&mut self) -> Guest<'_> {
        let address_type = self.address_type;
        Guest::new(self, address_type)
    }

    /// Calls an exported function by its name.
    ///
    /// # Errors
    ///
    /// Those of [`Guest::call`].
    pub fn call<P: IntoGuest, R: FromGuestOwned>(
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
    pub fn func<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        self.check_store()?;
        self.guest().func(name)
    }

    /// Looks up and checks all exports that a trait with
    /// [`#[wasm_export]`](macro@crate::wasm_export) declares.
    ///
    /// # Errors
    ///
    /// If the guest does not export one of them, or with another type. The error lists all faults.
    pub fn exports<T: GuestExports>(&mut self) -> Result<T, BindError> {
        self.guest().exports()
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
    /// If the guest has no memory, or several and it is not clear which one to use, see
    /// [`RuntimeBuilder::memory`](crate::RuntimeBuilder::memory); or if threads share it.
    pub fn memory(&mut self) -> Result<&mut [u8], ValueError> {
        if self.check_store().is_err() {
            return Err(ValueError::NoMemory(NoMemoryError::StoreReplaced));
        }
        match &self.memory {
            Ok(Found::Own(memory)) => Ok(memory.data_mut(&mut self.store)),
            Ok(Found::Shared(_)) => Err(ValueError::NoMemory(NoMemoryError::Shared)),
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
    ///
    /// # Errors
    ///
    /// If there is no such state.
    pub fn state<S: 'static>(&self) -> Result<&S, MissingStateError> {
        self.store.data().state_or_error()
    }

    /// The host state of type `S`, to change it.
    ///
    /// # Errors
    ///
    /// If there is no such state.
    pub fn state_mut<S: 'static>(&mut self) -> Result<&mut S, MissingStateError> {
        self.store.data_mut().state_mut_or_error()
    }

    /// The value of an annotated `const` or `static` in this instance; `None` if no guest of its
    /// store imports it. See [`HostGlobal`](crate::items::HostGlobal).
    pub fn global<G: GlobalImport>(&mut self) -> Option<G::Value> {
        self.guest().global::<G>()
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

    /// The store, to read from it with Wasmtime's own interface.
    #[must_use]
    pub fn store(&self) -> &Store<HostData> {
        &self.store
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

    /// How host functions that are put into the guest's table find its memory.
    pub(super) fn function_import(&self) -> FunctionImport {
        FunctionImport {
            address_type: self.address_type,
            trampolines: Arc::clone(&self.trampolines),
            ..FunctionImport::default()
        }
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

    /// Calls a function of the store.
    #[inline]
    pub(super) fn call_func(
        &mut self,
        call: impl FnOnce(&mut Store<HostData>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<()> {
        if self.store.data().has_single_instance() && !self.takes_caller {
            return call(&mut self.store);
        }
        self.call_in_lent_store(call)
    }

    /// Calls a function in a store that other code has had, or may get during the call. That code
    /// may take out a state that a host function needs, which would panic then.
    #[cold]
    fn call_in_lent_store(
        &mut self,
        call: impl FnOnce(&mut Store<HostData>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<()> {
        self.check_store()?;
        if !self.store.data().has_single_instance() {
            self.check_states()?;
        }
        match catch_unwind(AssertUnwindSafe(|| call(&mut self.store))) {
            Ok(returned) => returned,
            Err(panic) => {
                self.check_states()?;
                resume_unwind(panic)
            }
        }
    }

    #[cold]
    fn check_states(&self) -> Result<(), MissingStateError> {
        let modules = iter::once(&self.functions).chain(&self.joined);
        let mut functions = modules.flat_map(|functions| &**functions);
        functions.try_for_each(|function| self.store.data().check(function.state_needs()))
    }

    /// Checks that other code has not replaced the store.
    pub(super) fn check_store(&self) -> Result<(), WrongStoreError> {
        match &self.own_store {
            Some(own) if !own.is(&self.store) => Err(WrongStoreError::Replaced),
            _ => Ok(()),
        }
    }
}

/// Where the memory of a new instance is found.
pub(super) struct InstanceMemory {
    pub(super) export: Result<KnownExport, NoMemoryError>,
    /// The imported memory, if the module does not export it.
    pub(super) imported: Option<Extern>,
    pub(super) address_type: AddressType,
}

impl AsGuest for Instance {
    #[inline]
    fn with_guest<R>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> R) -> R {
        work(&mut self.guest())
    }

    #[inline]
    fn call_instance(
        &mut self,
        id: InstanceId,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        (id == self.id).then(|| self.call_func(|store| call.call(store)))
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("host", self.store.data())
            .finish_non_exhaustive()
    }
}
