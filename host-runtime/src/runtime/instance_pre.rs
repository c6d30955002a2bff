//! Compiled and linked modules.

use std::{collections::BTreeSet, fmt, sync::Arc};

use wasmtime::{Engine, Extern, ExternType, ImportType, Linker, Module, Store};

use crate::{
    abi::AddressType,
    error::{NoMemoryError, WrongStoreError},
    exports::{self, KnownExport, ModuleExports},
    guest, hostcall,
    linker::{LinkReport, LinkedFunction},
    registry::{HostFunction, HostGlobal},
    runtime::{
        Instance, OtherEngineError, ProvidedImport, Runtime, SharedStoreInstance,
        builder::Settings, instance::InstanceMemory, provided::Source,
    },
    store::{HostData, Trampolines},
};

/// A module that is compiled and linked.
///
/// It can be instantiated many times, from many threads; each instance has a store of its own.
///
/// ```
/// use host_runtime::{Imports, Runtime};
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(Imports::none()).build()?;
/// let adder = runtime.load(
///     r#"(module (func (export "add") (param i32 i32) (result i32)
///         (i32.add (local.get 0) (local.get 1))))"#,
/// )?;
/// std::thread::scope(|scope| {
///     for i in 0..4 {
///         let adder = &adder;
///         scope.spawn(move || {
///             let mut instance = adder.instantiate().unwrap();
///             assert_eq!(instance.call::<(i32, i32), i32>("add", (i, 1)).unwrap(), i + 1);
///         });
///     }
/// });
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct InstancePre {
    module: Module,
    linker: Linker<HostData>,
    /// The linked module, if no import belongs to a store.
    pre: Option<wasmtime::InstancePre<HostData>>,
    used: Arc<[&'static HostFunction]>,
    globals: Vec<&'static HostGlobal>,
    settings: Arc<Settings>,
    trampolines: Arc<Trampolines>,
    memory: Result<KnownExport, NoMemoryError>,
    /// The address type of that memory.
    address_type: AddressType,
    /// The module and name of the import that is the memory, if the module does not export it.
    imported_memory: Option<(String, String)>,
    /// The module and name of the import that is the table of functions.
    imported_table: Option<(String, String)>,
    /// The memories that the used host functions name.
    named_memories: Vec<&'static str>,
    has_initialize: bool,
}

/// The items of a store that were given for imports, except host functions.
pub(super) type ProvidedItems = Vec<(String, String, Extern)>;

impl InstancePre {
    pub(super) fn new(
        runtime: &Runtime,
        module: &Module,
        report: &LinkReport,
    ) -> anyhow::Result<Self> {
        let used: Arc<[_]> = report.used().collect();
        let settings = runtime.settings();
        let address_type = exports::address_type(module, settings.memory());
        settings.check_exports(module, address_type)?;
        let mut linker = Linker::new(runtime.engine());
        let exports = Arc::new(ModuleExports::new(module, settings.names()));
        for LinkedFunction { function, wanted } in report.linked() {
            let wanted = wanted.in_linker(Some(&exports), runtime.trampolines());
            hostcall::define_in_runtime(&mut linker, function, &wanted)?;
        }
        let named_memories: BTreeSet<_> = used.iter().filter_map(|f| f.memory()).collect();
        let host_functions = module.imports().all(|import| {
            matches!(import.ty(), ExternType::Func(_))
                && settings.provided(import.module(), import.name()).is_none()
        });
        let pre = if host_functions {
            Some(linker.instantiate_pre(module)?)
        } else {
            None
        };
        Ok(Self {
            module: module.clone(),
            linker,
            pre,
            used,
            globals: report.used_globals().to_vec(),
            settings: Arc::clone(settings),
            trampolines: Arc::clone(runtime.trampolines()),
            memory: exports.memory.clone(),
            address_type,
            imported_memory: exports::imported_memory(module, settings.memory()),
            imported_table: exports::imported_table(module, settings.names().table.as_deref()),
            named_memories: named_memories.into_iter().collect(),
            has_initialize: matches!(module.get_export("_initialize"), Some(ExternType::Func(_))),
        })
    }

    /// The module.
    ///
    /// [`Runtime::load`] may have added exports to it, by which host functions find its memory.
    /// Their names begin with `host-runtime:`.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Makes an instance: makes a store with the states, runs the module's start function, and
    /// calls `_initialize` if the module exports it, as for a
    /// [reactor](https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md).
    ///
    /// # Errors
    ///
    /// A trap; Wasmtime's error if a limit of the store is reached;
    /// [`MissingStateError`](crate::errors::MissingStateError) if a [state per
    /// instance](crate::RuntimeBuilder::state_per_instance) is missing; the error of
    /// [`configure_store`](crate::RuntimeBuilder::configure_store).
    pub fn instantiate(&self) -> anyhow::Result<Instance> {
        self.instantiate_with(|_| {})
    }

    /// Makes an instance as [`instantiate`](Self::instantiate) does, with states of its own.
    ///
    /// ```
    /// use host_runtime::{Runtime, imports, wasm_import};
    ///
    /// struct Request {
    ///     id: u32,
    /// }
    ///
    /// #[wasm_import(module = "http")]
    /// fn request_id(#[state] request: &Request) -> u32 {
    ///     request.id
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let handler = Runtime::builder()
    ///     .imports(imports![request_id])
    ///     .state_per_instance::<Request>()
    ///     .build()?
    ///     .load(r#"(module
    ///         (import "http" "request_id" (func $id (result i32)))
    ///         (func (export "handle") (result i32) (call $id)))"#)?;
    /// let mut instance = handler.instantiate_with(|host| {
    ///     host.insert(Request { id: 7 });
    /// })?;
    /// assert_eq!(instance.call::<(), i32>("handle", ())?, 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`instantiate`](Self::instantiate).
    pub fn instantiate_with(&self, fill: impl FnOnce(&mut HostData)) -> anyhow::Result<Instance> {
        let host = self.settings.host_data(fill)?;
        let mut store = self.settings.store(self.module().engine(), host)?;
        let named = store.data_mut().guests().names().memory.clone();
        let (export, address_type) = if named.as_deref() == self.settings.memory() {
            (self.memory.clone(), self.address_type)
        } else {
            let (module, name) = (self.module(), named.as_deref());
            let address_type = exports::address_type(module, name);
            (exports::locate_memory(module, name), address_type)
        };
        let (instance, provided) = self.link(&mut store)?;
        let imported = self.imported_memory.as_ref();
        let memory = InstanceMemory {
            export,
            imported: imported.and_then(|import| find(&provided, import)),
            address_type,
        };
        let mut instance = Instance::new(
            store,
            instance,
            memory,
            &self.named_memories,
            provided,
            Arc::clone(&self.used),
            &self.trampolines,
        );
        if self.has_initialize {
            instance.call::<(), ()>("_initialize", ())?;
        }
        Ok(instance)
    }

    /// Makes an instance in the store of `first`, a plug-in for example. The second instance
    /// imports items of the first one by [`ProvidedImport::Extern`](crate::ProvidedImport::Extern).
    ///
    /// ```
    /// use host_runtime::{Imports, ProvidedImport, Runtime, wasmtime::MemoryType};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder()
    ///     .imports(Imports::none())
    ///     .provide("env", "memory", MemoryType::new(1, None))
    ///     .build()?;
    /// let mut first = runtime.instantiate(r#"(module (import "env" "memory" (memory 1)))"#)?;
    ///
    /// let plugins = Runtime::builder()
    ///     .engine(runtime.engine().clone())
    ///     .imports(Imports::none())
    ///     .provide("env", "memory", first.provided("env", "memory").unwrap())
    ///     .provide("env", "base", ProvidedImport::GlobalConst(8.into()))
    ///     .build()?;
    /// let plugin = plugins.load(r#"(module
    ///     (import "env" "memory" (memory 1))
    ///     (import "env" "base" (global $base i32))
    ///     (func (export "run") (i32.store8 (global.get $base) (i32.const 7))))"#)?;
    /// let plugin = plugin.instantiate_in(&mut first)?;
    /// plugin.call::<(), ()>(&mut first, "run", ())?;
    /// assert_eq!(first.read(8u32, 1u32)?, [7]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The states, the limits and the name of the memory are those of the store. To link the
    /// module, declare the states by
    /// [`state_per_instance`](crate::RuntimeBuilder::state_per_instance).
    ///
    /// # Errors
    ///
    /// Those of [`instantiate`](Self::instantiate); [`OtherEngineError`] if the first one is of
    /// another engine; [`MissingStateError`](crate::errors::MissingStateError) if a host function
    /// needs a state that is not in the first one's store.
    pub fn instantiate_in(&self, first: &mut Instance) -> anyhow::Result<SharedStoreInstance> {
        if !Engine::same(first.engine(), self.module.engine()) {
            return Err(OtherEngineError::Instance.into());
        }
        let id = first.id();
        let store = first.invalidate_cache()?;
        for function in &*self.used {
            store.data().check(function.state_needs())?;
        }
        // This comes before the start function: if that fails, functions that it has put into a
        // shared table stay there.
        first.add_functions(Arc::clone(&self.used));
        let store = first.store_of(id)?;
        let (guest, items) = self.link(store)?;
        let imported = self.imported_memory.as_ref();
        let imported = imported.and_then(|import| find(&items, import));
        let joined = SharedStoreInstance::new(guest, imported, self.address_type, id);
        if self.has_initialize {
            joined.call::<(), ()>(first, "_initialize", ())?;
        }
        Ok(joined)
    }

    fn global(&self, module: &str, name: &str) -> Option<&'static HostGlobal> {
        let mut globals = self.globals.iter().copied();
        globals.find(|global| global.module() == module && global.name() == name)
    }

    /// Instantiates the module in a store, with items that belong to the store.
    fn link(
        &self,
        store: &mut Store<HostData>,
    ) -> wasmtime::Result<(wasmtime::Instance, ProvidedItems)> {
        if let Some(pre) = &self.pre {
            return Ok((pre.instantiate(store)?, Vec::new()));
        }
        let mut linker = self.linker.clone();
        // A module may list an import twice.
        linker.allow_shadowing(true);
        let mut items = ProvidedItems::new();
        for import in self.module.imports() {
            let (module, name) = (import.module(), import.name());
            let known = |(m, n, _): &(String, String, Extern)| m == module && n == name;
            if items.iter().any(known) {
                continue;
            }
            let item = if let Some(source) = self.settings.provided(module, name) {
                self.make(store, source, &import)?
            } else if let Some(global) = self.global(module, name) {
                guest::global(store, |host| host, global, self.address_type)?.into()
            } else {
                continue;
            };
            linker.define(&*store, module, name, item.clone())?;
            items.push((module.to_owned(), name.to_owned(), item));
        }
        self.keep_imports(store, &items);
        let instance = linker.instantiate(&mut *store, &self.module)?;
        Ok((instance, items))
    }

    /// Makes a provided item, and checks that it belongs to this store.
    fn make(
        &self,
        store: &mut Store<HostData>,
        source: &Source,
        import: &ImportType<'_>,
    ) -> wasmtime::Result<Extern> {
        let name = || crate::message::import(import.module(), import.name());
        let provided = source.provided(store)?;
        if !provided.is_of_engine(store.engine()) {
            return Err(OtherEngineError::ProvidedImport { import: name() }.into());
        }
        if !provided.is_of_store(store)? {
            return Err(WrongStoreError::ProvidedImport { import: name() }.into());
        }
        let item = provided.make(store, &import.ty())?;
        match provided {
            ProvidedImport::Extern(_) if !self.is_of_store(store, &item) => {
                Err(WrongStoreError::ProvidedImport { import: name() }.into())
            }
            ProvidedImport::SharedMemory(_) if !self.is_of_store(store, &item) => {
                Err(OtherEngineError::ProvidedImport { import: name() }.into())
            }
            _ => Ok(item),
        }
    }

    /// Checks whether an item belongs to a store.
    ///
    /// Wasmtime has no function for this, and most of its functions panic if the answer is no.
    /// `Instance::new` returns an error instead, before it checks the number of imports, which is
    /// wrong here on purpose.
    fn is_of_store(&self, store: &mut Store<HostData>, item: &Extern) -> bool {
        let imports = vec![item.clone(); self.module.imports().len() + 1];
        match wasmtime::Instance::new(store, &self.module, &imports) {
            Err(error) => !error.to_string().contains("cross-`Store`"),
            Ok(_) => false,
        }
    }

    /// Caches the memory and the table that a module imports and does not export, if the store
    /// contains no other instance.
    fn keep_imports(&self, store: &mut Store<HostData>, items: &ProvidedItems) {
        let item = |import: &Option<_>| find(items, import.as_ref()?);
        let guests = store.data_mut().guests();
        if let Some(Extern::Memory(memory)) = item(&self.imported_memory) {
            guests.keep_memory(None, memory);
        }
        if let Some(Extern::Table(table)) = item(&self.imported_table) {
            guests.keep_table(table);
        }
    }
}

/// The item that a store has for one import.
fn find(items: &ProvidedItems, (module, name): &(String, String)) -> Option<Extern> {
    let mut items = items.iter();
    let (_, _, item) = items.find(|(m, n, _)| m == module && n == name)?;
    Some(item.clone())
}

impl fmt::Debug for InstancePre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre")
            .field("module", &self.module().name())
            .finish_non_exhaustive()
    }
}
