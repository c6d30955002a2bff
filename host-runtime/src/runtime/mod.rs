//! The runtime: an engine, and the imports and states of its instances.

mod builder;
mod instance;
mod instance_access;
mod instance_pre;
mod module_names;
mod provided;
mod run_error;
mod shared_store;
mod source;

use std::{borrow::Cow, fmt, path::Path, sync::Arc};

use anyhow::Context as _;
use wasmtime::{Engine, ExternType, ImportType, Module};

use crate::{
    exports::{self, ExportNeeds},
    linker::LinkReport,
    registry::{HostFunction, Imports},
    runtime::{builder::Settings, module_names::without_bad_names},
    store::{HostData, Trampolines},
};

pub use self::{
    builder::{BuildError, RuntimeBuilder, StateCloneError},
    instance::Instance,
    instance_pre::InstancePre,
    provided::ProvidedImport,
    run_error::NothingToRunError,
    shared_store::{SharedStoreGuest, SharedStoreInstance},
    source::{InvalidModuleError, NoModuleError},
};

/// Runs modules with the host functions of the program.
///
/// ```standalone_crate
/// use host_runtime::{Runtime, wasm_import};
///
/// #[wasm_import(module = "ffi")]
/// fn double(x: i32) -> i32 {
///     2 * x
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = Runtime::new()?.instantiate(
///     r#"(module
///         (import "ffi" "double" (func $double (param i32) (result i32)))
///         (func (export "quadruple") (param i32) (result i32)
///             (call $double (call $double (local.get 0)))))"#,
/// )?;
/// assert_eq!(guest.call::<i32, i32>("quadruple", 3)?, 12);
/// # Ok(())
/// # }
/// ```
///
/// A runtime is cheap to clone. Clones share the engine.
#[derive(Clone)]
pub struct Runtime {
    engine: Engine,
    imports: Arc<Imports>,
    settings: Arc<Settings>,
    trampolines: Arc<Trampolines>,
}

impl Runtime {
    /// Makes a runtime with all annotated items of the program and without states.
    ///
    /// # Errors
    ///
    /// Those of [`RuntimeBuilder::build`].
    pub fn new() -> anyhow::Result<Self> {
        Self::builder().build()
    }

    /// Returns a builder, to set the imports, states, engine and limits.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
    /// use host_runtime::{Runtime, imports, wasm_import};
    ///
    /// #[derive(Clone, Default)]
    /// struct Hits(Arc<AtomicU32>);
    ///
    /// #[wasm_import(module = "stats")]
    /// fn hit(#[state] hits: &Hits) {
    ///     hits.0.fetch_add(1, Ordering::Relaxed);
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let hits = Hits::default();
    /// let runtime = Runtime::builder()
    ///     .imports(imports![hit])
    ///     .state(hits.clone())
    ///     .build()?;
    /// let page = runtime.load(r#"(module (import "stats" "hit" (func $hit)) (start $hit))"#)?;
    /// page.instantiate()?;
    /// page.instantiate()?;
    /// assert_eq!(hits.0.load(Ordering::Relaxed), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }

    fn from_parts(engine: Engine, imports: Imports, settings: Settings) -> Self {
        Self {
            engine,
            trampolines: Arc::new(Trampolines::new(
                imports.functions().filter_map(HostFunction::memory),
            )),
            imports: Arc::new(imports),
            settings: Arc::new(settings),
        }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The host functions and globals that it offers.
    #[must_use]
    pub fn imports(&self) -> &Imports {
        &self.imports
    }

    fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(super) fn trampolines(&self) -> &Arc<Trampolines> {
        &self.trampolines
    }

    /// Runs a module from a file, `.wasm` or `.wat`: its start function, then `_initialize` and
    /// `_start` if it exports them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and those of [`run`](Self::run).
    pub fn run_file(&self, path: impl AsRef<Path>) -> anyhow::Result<()> {
        let path = path.as_ref();
        let bytes = read(path)?;
        let prepared = self.load_named(&bytes, path)?;
        let run = run(&prepared, &bytes);
        run.with_context(|| format!("cannot run {}", path.display()))
    }

    /// Runs a module, in the binary or the text format, as [`run_file`](Self::run_file) does.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), and a trap;
    /// [`NothingToRunError`](crate::errors::NothingToRunError) if the module has no such function.
    pub fn run(&self, module: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let module = module.as_ref();
        run(&self.load(module)?, module)
    }

    /// Compiles, links and instantiates a module.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load) and [`InstancePre::instantiate`].
    pub fn instantiate(&self, module: impl AsRef<[u8]>) -> anyhow::Result<Instance> {
        self.load(module)?.instantiate()
    }

    /// Compiles and links a module from a file, `.wasm` or `.wat`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and those of [`load`](Self::load).
    pub fn load_file(&self, path: impl AsRef<Path>) -> anyhow::Result<InstancePre> {
        let path = path.as_ref();
        self.load_named(&read(path)?, path)
    }

    fn load_named(&self, module: &[u8], path: &Path) -> anyhow::Result<InstancePre> {
        let loaded = self.load(module);
        loaded.with_context(|| format!("cannot load {}", path.display()))
    }

    /// Compiles and links a module, in the binary format or, with the crate's feature `wat`, in the
    /// text format.
    ///
    /// If the module does not export its memory, or exports it by an unusual name, an export is
    /// added, by which host functions find the memory of the calling instance. The same is done for
    /// the table of functions, if the module imports a host function that calls back. Offsets in
    /// backtraces of such a module are a few dozen bytes larger than those in its file.
    ///
    /// # Errors
    ///
    /// [`NoModuleError`](crate::errors::NoModuleError) if it is not a module; Wasmtime's error if
    /// it is not a valid one, or [`InvalidModuleError`](crate::errors::InvalidModuleError) if the
    /// text of that error cannot be printed as it is; those of
    /// [`instantiate_pre`](Self::instantiate_pre).
    pub fn load(&self, module: impl AsRef<[u8]>) -> anyhow::Result<InstancePre> {
        self.instantiate_pre(&self.compile(module.as_ref())?)
    }

    /// Compiles a module and adds the exports that host functions need.
    fn compile(&self, module: &[u8]) -> anyhow::Result<Module> {
        let module = &*without_bad_names(source::binary(module)?);
        let needs = ExportNeeds {
            memory: self.settings.names().memory.as_deref(),
            table: self.settings.names().table.as_deref(),
            calls_back: |module: &str, name: &str| {
                let function = self.imports.get(module, name);
                function.is_some_and(HostFunction::calls_back)
            },
        };
        let rewritten = exports::add_exports(module, &needs)?;
        match (Module::new(&self.engine, &rewritten), rewritten) {
            (Err(error), Cow::Owned(_)) => {
                // Report the error for the original module: its offsets are those of the file.
                let first = Module::validate(&self.engine, module).err();
                Err(InvalidModuleError::or(first.unwrap_or(error)))
            }
            (compiled, _) => compiled.map_err(InvalidModuleError::or),
        }
    }

    /// Links a module that was compiled by this runtime's [`engine`](Self::engine).
    ///
    /// No exports are added to it. So if a module imports its memory and does not export it, host
    /// functions cannot find that memory once the store may contain another instance.
    ///
    /// The cost depends on the imports of the module, not on the number of host functions. Only
    /// imports that no host function has as its name are compared with the patterns for their
    /// module.
    ///
    /// # Errors
    ///
    /// A [`LinkReport`] of all imports that do not fit; [`OtherEngineError`] if another engine has
    /// compiled the module.
    pub fn instantiate_pre(&self, module: &Module) -> anyhow::Result<InstancePre> {
        if !Engine::same(module.engine(), &self.engine) {
            return Err(OtherEngineError::Module.into());
        }
        let report = self.link_report(module);
        if !report.is_ok() {
            return Err(self.with_unused(report, module).into());
        }
        InstancePre::new(self, module, &report)
    }

    /// Compares the imports of a module with the imports and states of this runtime.
    #[must_use]
    pub fn report(&self, module: &Module) -> LinkReport {
        self.with_unused(self.link_report(module), module)
    }

    fn link_report(&self, module: &Module) -> LinkReport {
        let given = |import: &ImportType<'_>, ty: &ExternType| {
            let source = self.settings.provided(import.module(), import.name())?;
            Some(source.given(ty))
        };
        let mut report = LinkReport::new(&self.imports, module, self.settings.memory(), given);
        report
            .check_store::<HostData, _>(|id| self.settings.provides(id), || self.settings.states());
        report
    }

    fn with_unused(&self, mut report: LinkReport, module: &Module) -> LinkReport {
        report.list_unused(&self.imports, module, self.settings.all_provided());
        report
    }
}

/// An item belongs to another engine than the runtime's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OtherEngineError {
    /// A module.
    #[error(
        "the module was compiled with another engine; compile it with \
         `runtime.engine()`, give the engine to `Runtime::builder().engine(…)`, or have the \
         runtime `load` its bytes"
    )]
    Module,
    /// The instance into whose store another one was to be put.
    #[error(
        "the instance belongs to a runtime with another engine; use one engine for both runtimes, \
         with \
         `Runtime::builder().engine(first.engine().clone())`"
    )]
    Instance,
    /// A provided type or memory.
    #[error(
        "what is provided as {import} was created with another engine; create it with the engine \
         of `Runtime::builder().engine(…)`"
    )]
    ProvidedImport {
        /// The import that it was provided for.
        import: String,
    },
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Runs the start functions of a module.
fn run(prepared: &InstancePre, module: &[u8]) -> anyhow::Result<()> {
    let exports = |name: &str| {
        prepared
            .module()
            .get_export(name)
            .is_some_and(|ty| ty.func().is_some())
    };
    let has_start = || Ok::<_, anyhow::Error>(exports::has_start(&source::binary(module)?));
    if !(exports("_start") || exports("_initialize") || has_start()?) {
        return Err(NothingToRunError::new(prepared.module()).into());
    }
    prepared.instantiate()?.start()
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("imports", &self.imports)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
