//! The settings of a runtime.

use std::{
    any::{TypeId, type_name},
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use wasmtime::{Config, Engine, Module, Store, StoreContextMut};

use crate::{
    abi::AddressType,
    exports::ExportNames,
    registry::Imports,
    runtime::{OtherEngineError, ProvidedImport, Runtime, provided::Source},
    store::{
        DEFAULT_CALL_DEPTH, DEFAULT_COPY_BUDGET, DEFAULT_LIST_LIMIT, DEFAULT_TEXT_LIMIT, HostData,
        StatePlace,
    },
    typed_exports::{self, BindError, ExportSet, GuestExports},
};

/// Settings of a [`Runtime`]; see [`Runtime::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct RuntimeBuilder {
    imports: Option<Imports>,
    engine: Option<Engine>,
    config: Option<Config>,
    allow_no_imports: bool,
    errors: Vec<String>,
    pub(super) settings: Settings,
}

/// Settings of a [`RuntimeBuilder`] that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Settings that are given twice or exclude each other. Each has a line.
    #[error("{}", .0.join("\n"))]
    Contradictions(Vec<String>),
    /// No host function or global was collected at link time.
    #[error(
        "no host function was collected at link time; annotate functions with `#[wasm_import]`, \
         name the crates that have them by `host_runtime::link!(name)`, or list them by \
         `Runtime::builder().imports(imports![…])`; a static library that another linker links \
         keeps them only with `--whole-archive`; if there are to be none, call \
         `Runtime::builder().allow_no_imports()`"
    )]
    NothingCollected,
}

/// The `clone` of a state instantiates a module, and the instance needs a clone of the same state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cloning the state `{state}` for an instance creates another instance that needs a clone of \
     it; create the state with `RuntimeBuilder::state_with` instead"
)]
pub struct StateCloneError {
    state: &'static str,
}

/// The settings that stores and links are made with.
pub(super) struct Settings {
    states: Vec<StateSource>,
    names: ExportNames,
    copy_budget: usize,
    text_limit: usize,
    list_limit: usize,
    call_depth: u32,
    store: Option<SetStore>,
    provided: BTreeMap<(String, String), Source>,
    /// What modules must export.
    requires: Vec<&'static ExportSet>,
}

/// The source of one state of each instance.
struct StateSource {
    id: TypeId,
    name: &'static str,
    /// `None` if the embedder gives each instance its own.
    make: Option<MakeState>,
}

type MakeState = Arc<dyn Fn(&mut HostData) -> Result<(), StateCloneError> + Send + Sync>;
type SetStore = Arc<dyn Fn(&mut Store<HostData>) -> wasmtime::Result<()> + Send + Sync>;

impl RuntimeBuilder {
    pub(super) fn new() -> Self {
        Self {
            imports: None,
            engine: None,
            config: None,
            allow_no_imports: false,
            errors: Vec::new(),
            settings: Settings {
                states: Vec::new(),
                names: ExportNames::default(),
                copy_budget: DEFAULT_COPY_BUDGET,
                text_limit: DEFAULT_TEXT_LIMIT,
                list_limit: DEFAULT_LIST_LIMIT,
                call_depth: DEFAULT_CALL_DEPTH,
                store: None,
                provided: BTreeMap::new(),
                requires: Vec::new(),
            },
        }
    }

    /// Offers these imports instead of all that were collected at link time.
    ///
    /// Without the crate's feature `collect`, a runtime has no other imports.
    ///
    /// To offer several sets, join them by [`Imports::merge`]. A second call of this method is an
    /// error of [`build`](Self::build).
    pub fn imports(mut self, imports: Imports) -> Self {
        if self.imports.replace(imports).is_some() {
            self.twice(
                "`imports` is called twice; combine the sets with \
                                    `Imports::merge`"
                    .to_owned(),
            );
        }
        self
    }

    /// Allows that no host function was collected at link time. By default that is an error.
    ///
    /// The usual cause is a crate of imports that no code names, or a static library that was
    /// linked without `--whole-archive`.
    pub fn allow_no_imports(mut self) -> Self {
        self.allow_no_imports = true;
        self
    }

    /// Records that settings contradict each other.
    fn twice(&mut self, error: String) {
        self.errors.push(error);
    }

    /// Gives every instance a clone of this state. An instance has one state of each type.
    ///
    /// To share state between instances, put it behind an `Arc`. Threads that make instances clone
    /// the state at the same time. If it is not `Sync`, use [`state_with`](Self::state_with).
    pub fn state<S: Clone + Send + Sync + 'static>(self, state: S) -> Self {
        let state = Prototype::new(state);
        self.add_state::<S>(Some(Arc::new(move |host| {
            host.insert(state.cloned()?);
            Ok(())
        })))
    }

    /// Makes a state for every instance by this closure. An instance has one state of each type.
    pub fn state_with<S: Send + 'static>(
        self,
        make: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        self.add_state::<S>(Some(Arc::new(move |host| {
            host.insert(make());
            Ok(())
        })))
    }

    /// Declares a state that the embedder gives to each instance by
    /// [`InstancePre::instantiate_with`](crate::InstancePre::instantiate_with).
    pub fn state_per_instance<S: Send + 'static>(self) -> Self {
        self.add_state::<S>(None)
    }

    fn add_state<S: 'static>(mut self, make: Option<MakeState>) -> Self {
        let id = TypeId::of::<S>();
        let name = type_name::<S>();
        if self.settings.provides(id) {
            self.twice(format!(
                "the state `{name}` is provided twice; remove one, or wrap it in a type of your own"
            ));
            return self;
        }
        self.settings.states.push(StateSource { id, name, make });
        self
    }

    /// Names the export that is the guest's memory, for host functions whose attribute names none.
    ///
    /// By default, this is the only memory that the module exports, or the one called `memory`.
    pub fn memory(mut self, name: impl Into<String>) -> Self {
        let name: String = name.into();
        if let Some(first) = self.settings.names.memory.replace(name.as_str().into()) {
            self.twice(format!(
                "`memory` is called twice, with `{first}` and `{name}`; remove one"
            ));
        }
        self
    }

    /// Names the export that is the guest's table of functions, for [callbacks](crate::Callback).
    ///
    /// By default, this is the table called `__indirect_function_table` or `table`, or else the
    /// only table of functions that the module exports, or, if it exports none, the only one that
    /// it has.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        let name: String = name.into();
        if let Some(first) = self.settings.names.table.replace(name.as_str().into()) {
            self.twice(format!(
                "`table` is called twice, with `{first}` and `{name}`; remove one"
            ));
        }
        self
    }

    /// Limits text without a length, such as a `&CStr`, to so many bytes with its NUL. A hostcall
    /// looks no further for the NUL. The default is [`DEFAULT_TEXT_LIMIT`].
    pub fn text_limit(mut self, bytes: usize) -> Self {
        self.settings.text_limit = bytes;
        self
    }

    /// Limits a [`SliceList`](crate::values::SliceList) to so many entries. The default is
    /// [`DEFAULT_LIST_LIMIT`].
    pub fn list_limit(mut self, entries: usize) -> Self {
        self.settings.list_limit = entries;
        self
    }

    /// Checks for each module that it exports what a trait with
    /// [`#[wasm_export]`](macro@crate::wasm_export) declares. Linking fails with a
    /// [`BindError`](crate::errors::BindError) otherwise.
    ///
    /// ```
    /// use host_runtime::{Imports, Runtime, errors::BindError, wasm_export};
    ///
    /// #[wasm_export]
    /// trait Plugin {
    ///     fn run(input: u32) -> anyhow::Result<u32>;
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder()
    ///     .imports(Imports::none())
    ///     .requires::<Plugin>()
    ///     .build()?;
    /// let error = runtime.load("(module)").unwrap_err();
    /// assert!(error.is::<BindError>());
    /// # Ok(())
    /// # }
    /// ```
    pub fn requires<T: GuestExports>(mut self) -> Self {
        self.settings.requires.push(T::EXPORTS);
        self
    }

    /// Limits the depth of nested calls of the host into guests. The default is
    /// [`DEFAULT_CALL_DEPTH`](crate::DEFAULT_CALL_DEPTH).
    ///
    /// A host function that makes a deeper call gets a
    /// [`GuestCallError`](crate::errors::GuestCallError).
    pub fn call_depth(mut self, calls: u32) -> Self {
        self.settings.call_depth = calls;
        self
    }

    /// Limits how many bytes one hostcall copies out of the guest's memory, for `String` and
    /// `Vec<T>` parameters for example. The default is [`DEFAULT_COPY_BUDGET`].
    pub fn copy_budget(mut self, bytes: usize) -> Self {
        self.settings.copy_budget = bytes;
        self
    }

    /// Configures every store before its guest runs a start function: its fuel, epoch deadline or
    /// limiter.
    ///
    /// Code that has the store can put other instances into it. So hostcalls that use memory look
    /// up which instance calls, as after [`Instance::store_mut`](crate::Instance::store_mut). That
    /// takes longer.
    ///
    /// ```
    /// use host_runtime::{Imports, Runtime, wasmtime::{Config, Trap}};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let mut config = Config::new();
    /// config.consume_fuel(true);
    /// let runtime = Runtime::builder()
    ///     .imports(Imports::none())
    ///     .config(config)
    ///     .configure_store(|store| store.set_fuel(1_000))
    ///     .build()?;
    /// let endless = "(module (func $f (loop $again (br $again))) (start $f))";
    /// let error = runtime.instantiate(endless).unwrap_err();
    /// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure_store(
        mut self,
        set: impl Fn(&mut Store<HostData>) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) -> Self {
        if self.settings.store.replace(Arc::new(set)).is_some() {
            self.twice(
                "`configure_store` is called twice; combine both functions in \
                                    one"
                .to_owned(),
            );
        }
        self
    }

    /// Provides a memory, a table, a global or a tag that guests import, or an export of another
    /// guest of their store, which may be a function.
    ///
    /// Host functions use a memory that the guest imports, whether the guest exports it again or
    /// not. If it imports several, they use the one that it imports as `memory`. For callbacks,
    /// they use an imported table in the same way: of several, the one called
    /// `__indirect_function_table` or `table`.
    ///
    /// ```
    /// use host_runtime::{ProvidedImport, Runtime, imports, wasm_import, wasmtime::MemoryType};
    ///
    /// #[wasm_import(module = "ffi")]
    /// fn length(text: &str) -> u32 {
    ///     text.len() as u32
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder()
    ///     .imports(imports![length])
    ///     .provide("env", "memory", MemoryType::new(1, Some(2)))
    ///     .provide("env", "__stack_pointer", ProvidedImport::GlobalVar(65536.into()))
    ///     .build()?;
    /// let mut guest = runtime.instantiate(r#"(module
    ///     (import "env" "memory" (memory 1))
    ///     (import "env" "__stack_pointer" (global (mut i32)))
    ///     (import "ffi" "length" (func $length (param i32 i32) (result i32)))
    ///     (data (i32.const 0) "hello")
    ///     (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 5))))"#)?;
    /// assert_eq!(guest.call::<(), u32>("run", ())?, 5);
    /// assert_eq!(guest.read(0u32, 5u32)?, b"hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A global gets the type of the import. So `Val::null_extern_ref()` also fits an import of a
    /// subtype of `externref`. A provided item takes precedence over annotated items whose name or
    /// pattern fits. A provided item that no module imports has no effect; reports list it as
    /// [`unused_provided`](crate::LinkReport::unused_provided).
    pub fn provide(
        self,
        module: impl Into<String>,
        name: impl Into<String>,
        provided: impl Into<ProvidedImport>,
    ) -> Self {
        self.source(
            module.into(),
            name.into(),
            Source::ProvidedType(provided.into()),
        )
    }

    /// Provides an import that this closure makes for each store: a global with a reference to a
    /// host value, for example, or a table with functions in it.
    ///
    /// The closure can put instances into the store. So hostcalls that use memory take longer, as
    /// after [`configure_store`](Self::configure_store).
    ///
    /// ```
    /// use host_runtime::{Imports, ProvidedImport, Runtime, wasmtime::{ExternRef, Val}};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder()
    ///     .imports(Imports::none())
    ///     .provide_with("env", "document", |store| {
    ///         let document = ExternRef::new(store, "a document")?;
    ///         Ok(ProvidedImport::GlobalConst(Val::ExternRef(Some(document))))
    ///     })
    ///     .build()?;
    /// let mut guest = runtime.instantiate(r#"(module
    ///     (import "env" "document" (global $document (ref extern)))
    ///     (func (export "is_null") (result i32) (ref.is_null (global.get $document))))"#)?;
    /// assert_eq!(guest.call::<(), i32>("is_null", ())?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn provide_with(
        self,
        module: impl Into<String>,
        name: impl Into<String>,
        make: impl Fn(StoreContextMut<'_, HostData>) -> wasmtime::Result<ProvidedImport>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.source(module.into(), name.into(), Source::Made(Arc::new(make)))
    }

    fn source(mut self, module: String, name: String, source: Source) -> Self {
        let shown = crate::message::import(&module, &name);
        if self
            .settings
            .provided
            .insert((module, name), source)
            .is_some()
        {
            self.twice(format!("{shown} is provided twice; remove one"));
        }
        self
    }

    /// Sets the configuration of the engine.
    pub fn config(mut self, config: Config) -> Self {
        if self.config.replace(config).is_some() {
            self.twice("`config` is called twice; remove one".to_owned());
        }
        self
    }

    /// Uses an existing engine. It excludes a [`config`](Self::config).
    pub fn engine(mut self, engine: Engine) -> Self {
        if self.engine.replace(engine).is_some() {
            self.twice("`engine` is called twice; remove one".to_owned());
        }
        self
    }

    /// Builds the runtime.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if settings contradict each other, or nothing was collected at link time;
    /// [`CollectError`](crate::errors::CollectError) if a crate that [`link!`](crate::link) names
    /// has no host functions; [`DuplicateImportsError`](crate::errors::DuplicateImportsError) if
    /// two items are one import; [`OtherEngineError`](crate::errors::OtherEngineError) if a
    /// provided item was made with another engine; Wasmtime's error if the configuration is not
    /// valid.
    pub fn build(mut self) -> anyhow::Result<Runtime> {
        if self.engine.is_some() && self.config.is_some() {
            self.twice(
                "both `engine` and `config` are called, but an engine already has a \
                 configuration; remove \
                 one"
                .to_owned(),
            );
        }
        if !self.errors.is_empty() {
            return Err(BuildError::Contradictions(self.errors).into());
        }
        let imports = match self.imports {
            Some(imports) => imports,
            #[cfg(feature = "collect")]
            None => {
                let collected = Imports::collected()?;
                if collected.is_empty() && !self.allow_no_imports {
                    return Err(BuildError::NothingCollected.into());
                }
                collected
            }
            #[cfg(not(feature = "collect"))]
            None => Imports::none(),
        };
        imports.check()?;
        let engine = match (self.engine, self.config) {
            (Some(engine), _) => engine,
            (None, Some(config)) => Engine::new(&config)?,
            (None, None) => Engine::default(),
        };
        self.settings.check_engine(&engine)?;
        Ok(Runtime::from_parts(engine, imports, self.settings))
    }
}

impl Settings {
    /// The name of the guest's memory, if the embedder gave one.
    pub(super) fn memory(&self) -> Option<&str> {
        self.names.memory.as_deref()
    }

    /// The exports of guests that the embedder names.
    pub(super) fn names(&self) -> &ExportNames {
        &self.names
    }

    /// Whether instances have a state of this type.
    pub(super) fn provides(&self, id: TypeId) -> bool {
        self.states.iter().any(|source| source.id == id)
    }

    /// The names of the types of states that instances have.
    pub(super) fn states(&self) -> impl Iterator<Item = &'static str> {
        self.states.iter().map(|source| source.name)
    }

    /// Checks that a module exports what it must.
    pub(super) fn check_exports(
        &self,
        module: &Module,
        address_type: AddressType,
    ) -> Result<(), BindError> {
        let mut required = self.requires.iter();
        required.try_for_each(|set| typed_exports::check(set, &mut &*module, address_type))
    }

    /// The provided item that guests import from `module` as `name`.
    pub(super) fn provided(&self, module: &str, name: &str) -> Option<&Source> {
        self.provided.get(&(module.to_owned(), name.to_owned()))
    }

    /// Checks that provided types belong to the engine.
    fn check_engine(&self, engine: &Engine) -> Result<(), OtherEngineError> {
        let mut provided = self.provided.iter();
        match provided.find(|(_, source)| !source.is_of_engine(engine)) {
            Some(((module, name), _)) => Err(OtherEngineError::ProvidedImport {
                import: crate::message::import(module, name),
            }),
            None => Ok(()),
        }
    }

    /// The modules and names of all that is provided.
    pub(super) fn all_provided(&self) -> impl Iterator<Item = (&str, &str)> {
        let provided = self.provided.keys();
        provided.map(|(module, name)| (&**module, &**name))
    }

    /// Makes a store and configures it.
    pub(super) fn store(
        &self,
        engine: &Engine,
        host: HostData,
    ) -> wasmtime::Result<Store<HostData>> {
        let mut store = Store::new(engine, host);
        match &self.store {
            None => store.data_mut().guests().expect_one_instance(),
            // The configuration may contain callbacks that instantiate modules at any time, such
            // as the one of an epoch deadline.
            Some(set) => {
                set(&mut store)?;
                store.data_mut().guests().forget();
            }
        }
        Ok(store)
    }

    /// Makes the data of a new store: the states, and those that `fill` adds.
    pub(super) fn host_data(&self, fill: impl FnOnce(&mut HostData)) -> anyhow::Result<HostData> {
        let mut host = HostData::new();
        host.set_copy_budget(self.copy_budget);
        host.set_text_limit(self.text_limit);
        host.set_list_limit(self.list_limit);
        host.set_call_depth(self.call_depth);
        if let Some(name) = &self.names.memory {
            host.set_memory_name(name.as_ref());
        }
        if let Some(name) = &self.names.table {
            host.set_table_name(name.as_ref());
        }
        for make in self.states.iter().filter_map(|source| source.make.as_ref()) {
            make(&mut host)?;
        }
        fill(&mut host);
        // `fill` may have put in host data of another store.
        host.guests().forget();
        match self.states.iter().find(|source| !host.has(source.id)) {
            Some(source) => {
                let missing = host.missing((source.id, source.name));
                Err(missing.in_place(StatePlace::Instance).into())
            }
            None => Ok(host),
        }
    }
}

/// A state of which each instance gets a clone.
struct Prototype<S> {
    state: S,
    /// The threads that clone it now.
    cloning: Mutex<Vec<ThreadId>>,
}

impl<S: Clone> Prototype<S> {
    fn new(state: S) -> Self {
        Self {
            state,
            cloning: Mutex::default(),
        }
    }

    /// Returns a clone, or an error if this thread is cloning the state already.
    fn cloned(&self) -> Result<S, StateCloneError> {
        let this = thread::current().id();
        let mut cloning = lock(&self.cloning);
        if cloning.contains(&this) {
            let state = type_name::<S>();
            return Err(StateCloneError { state });
        }
        cloning.push(this);
        drop(cloning);
        let _ended = Cloned(&self.cloning, this);
        // No lock is held: the clone may wait for another thread that makes an instance.
        Ok(self.state.clone())
    }
}

/// Removes a thread from the list when the clone ends, also if it panics.
struct Cloned<'c>(&'c Mutex<Vec<ThreadId>>, ThreadId);

impl Drop for Cloned<'_> {
    fn drop(&mut self) {
        lock(self.0).retain(|thread| *thread != self.1);
    }
}

fn lock(cloning: &Mutex<Vec<ThreadId>>) -> MutexGuard<'_, Vec<ThreadId>> {
    cloning.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("imports", &self.imports)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states: Vec<_> = self.states.iter().map(|source| source.name).collect();
        f.debug_struct("Settings")
            .field("states", &states)
            .field("names", &self.names)
            .field("copy_budget", &self.copy_budget)
            .finish_non_exhaustive()
    }
}
