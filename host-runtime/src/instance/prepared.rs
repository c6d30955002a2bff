//! A module that is compiled and linked, to be instantiated any number of times.

use std::{collections::BTreeSet, fmt, sync::Arc};

use wasmtime::{ExternType, InstancePre, Linker, Module, ModuleExport};

use crate::{
    instance::{Instance, Runtime, builder::Settings},
    linker,
    memory::{self, NoMemory},
    registry::{Entry, HostFunction},
    state::HostData,
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
pub struct Prepared {
    pre: InstancePre<HostData>,
    settings: Arc<Settings>,
    memory: Result<ModuleExport, NoMemory>,
    /// The memories that the used host functions name.
    named_memories: Vec<&'static str>,
    has_initialize: bool,
}

impl Prepared {
    pub(super) fn new(
        runtime: &Runtime,
        module: &Module,
        used: &[&'static HostFunction],
    ) -> anyhow::Result<Self> {
        let settings = runtime.settings();
        let mut linker = Linker::new(runtime.engine());
        let project: linker::Projection<HostData> = Arc::new(|host| host);
        for &function in used {
            let wanted = function.memory().or(settings.memory());
            let width = memory::width(module, wanted);
            match *function.entry() {
                Entry::Plain {
                    define: Some(define),
                    ..
                } => define(&mut linker)?,
                Entry::Plain {
                    define: None,
                    enter,
                } => linker::define(&mut linker, function, width, |host| host, enter)?,
                Entry::Guest { enter } => {
                    linker::define_with_guest(&mut linker, function, width, |host| host, enter)?;
                }
                Entry::Caller { define, .. } => define(&mut linker, width, &project)?,
            }
        }
        let named_memories: BTreeSet<_> = used.iter().filter_map(|f| f.memory()).collect();
        Ok(Self {
            pre: linker.instantiate_pre(module)?,
            settings: Arc::clone(settings),
            memory: memory::locate(module, settings.memory()),
            named_memories: named_memories.into_iter().collect(),
            has_initialize: matches!(module.get_export("_initialize"), Some(ExternType::Func(_))),
        })
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Module {
        self.pre.module()
    }

    /// Makes an instance: a store with the states, the module's start function, and
    /// `_initialize` if the module exports it, as a
    /// [reactor](https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md) does.
    ///
    /// # Errors
    ///
    /// A trap, and what Wasmtime's limits refuse; [`MissingState`](crate::MissingState) if a
    /// state was promised [per instance](crate::RuntimeBuilder::state_per_instance); what setting
    /// the [store](crate::RuntimeBuilder::store) up ends with.
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
        let mut host = self.settings.host_data(fill)?;
        host.expect_one_instance();
        let named = host.finder(None).name();
        let memory = if named == self.settings.memory() {
            self.memory.clone()
        } else {
            memory::locate(self.module(), named)
        };
        if let Ok(export) = memory {
            host.finder(None).learn(export);
        }
        for &name in &self.named_memories {
            host.finder(Some(name)).learn_module(self.module());
        }
        let mut store = self.settings.store(self.module().engine(), host)?;
        let instance = self.pre.instantiate(&mut store)?;
        let mut instance = Instance::new(store, instance, memory, &self.named_memories);
        if self.has_initialize {
            instance.call::<(), ()>("_initialize", ())?;
        }
        Ok(instance)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("module", &self.module().name())
            .finish_non_exhaustive()
    }
}
