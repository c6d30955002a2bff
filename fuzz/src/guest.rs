//! A trampoline that runs: in a store of a `Runtime`, or in a store and with a linker of our own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, atomic::Ordering::Relaxed},
};

use host_runtime::{
    GuestSize, Handles, HostData, Imports, Instance, InstancePre, Runtime, RuntimeBuilder,
    wasmtime::{
        self, Config, Engine, Extern, Linker, Memory, Module, OptLevel, RegallocAlgorithm,
        SharedMemory, Store,
    },
};

use crate::{
    catalogue::{Counter, Sum},
    globals,
    oracle::{self, Value, World, entries},
    spy,
    trampoline::{Passed, Place, Returned, Shape, global_names},
};

/// What a call may copy.
const BUDGET: usize = 5000;
/// What the fuzzer's own calls may use.
const FUEL: u64 = 200_000;

/// One for all: compiling is quick, and memories are moved when they grow.
pub static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        .memory_reservation(0)
        .memory_reservation_for_growth(0)
        .memory_guard_size(0)
        .gc_heap_reservation(0)
        .gc_heap_reservation_for_growth(1 << 16)
        .gc_heap_guard_size(0)
        .memory_init_cow(false)
        .shared_memory(true)
        .wasm_threads(true)
        .wasm_gc(true)
        .wasm_exceptions(true)
        .wasm_function_references(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_custom_page_sizes(true);
    Engine::new(&config).expect("the engine can be configured so")
});

/// The catalogue.
pub static IMPORTS: LazyLock<Imports> = LazyLock::new(|| {
    let imports = Imports::collected().expect("the catalogue is linked");
    // Beside those of the target `stores`.
    let imports = imports.filter(|import| import.module() != "stores");
    let listed: BTreeSet<_> = entries()
        .iter()
        .map(|entry| entry.name.to_owned())
        .collect();
    let collected = imports
        .functions()
        .map(|function| function.name().to_owned());
    assert_eq!(
        listed,
        collected.collect(),
        "the oracle and the catalogue have the same functions"
    );
    let listed: BTreeSet<_> = global_names().collect();
    let collected = imports.globals().map(|global| global.name().to_owned());
    assert_eq!(
        listed,
        collected.collect(),
        "the oracle and the host have the same globals"
    );
    imports
});

/// The settings of all runtimes here.
pub fn builder() -> RuntimeBuilder {
    Runtime::builder()
        .engine(ENGINE.clone())
        .imports(IMPORTS.clone())
        .state(Counter::default())
        .state(Sum::default())
        .state_with(Handles::new)
        .copy_budget(BUDGET)
        .configure_store(|store| store.set_fuel(FUEL))
}

/// The trampoline of a shape, compiled and linked in both ways.
#[derive(Clone)]
struct Ready {
    prepared: InstancePre,
    /// Imports what the trampoline does of globals, and is looked at in less time.
    globals: Module,
    /// Not for memories that are provided, which only a `Runtime` does.
    linker: Option<(Linker<HostData>, Module)>,
}

thread_local! {
    static READY: RefCell<BTreeMap<Shape, Ready>> = const { RefCell::new(BTreeMap::new()) };
}

impl Ready {
    fn of(shape: Shape) -> Self {
        READY.with_borrow_mut(|ready| {
            ready
                .entry(shape)
                .or_insert_with(|| Self::new(shape))
                .clone()
        })
    }

    fn new(shape: Shape) -> Self {
        let runtime = builder().provide("env", "memory", shape.memory()).build();
        let prepared = runtime.and_then(|runtime| runtime.load(shape.text()));
        let linker = (shape.place != Place::Imported).then(|| {
            let module = shape.compile(&ENGINE);
            let mut linker = Linker::new(&ENGINE);
            IMPORTS
                .add_to_linker_for(&module, &mut linker, |host| host)
                .expect("the trampoline fits the catalogue");
            (linker, module)
        });
        Self {
            prepared: prepared.unwrap_or_else(|error| panic!("{error:?}")),
            globals: shape.compile_globals(&ENGINE),
            linker,
        }
    }
}

/// A trampoline that runs.
pub enum Guest {
    /// The store's only instance, until the store is asked for.
    OfRuntime(Instance),
    /// An instance in a store of our own.
    Own(Store<HostData>, wasmtime::Instance),
}

/// The memory of one, as Wasmtime has it.
#[derive(Clone)]
pub enum Bytes {
    Own(Memory),
    Shared(SharedMemory),
}

impl Guest {
    pub fn new(shape: Shape, of_runtime: bool) -> anyhow::Result<Self> {
        let ready = Ready::of(shape);
        match ready.linker {
            Some((mut linker, module)) if !of_runtime => {
                let mut host = HostData::new()
                    .with(Counter::default())
                    .with(Sum::default())
                    .with(Handles::new());
                host.set_copy_budget(BUDGET);
                let mut store = Store::new(&ENGINE, host);
                store.set_fuel(FUEL)?;
                let globals = &ready.globals;
                IMPORTS.add_globals_to_linker_for(globals, &mut linker, &mut store, |host| host)?;
                let instance = linker.instantiate(&mut store, &module)?;
                Ok(Self::Own(store, instance))
            }
            _ => Ok(Self::OfRuntime(ready.prepared.instantiate()?)),
        }
    }

    /// The world as it is before any call.
    pub fn world(&mut self, shape: Shape) -> World {
        World {
            wide: shape.wide,
            threads: shape.place == Place::Threads,
            page: shape.page(),
            most: shape.most(),
            budget: BUDGET as u64,
            alone: matches!(self, Self::OfRuntime(_)) && shape.place != Place::Threads,
            no_guest: false,
            memory: self.copy(shape),
            counter: 0,
            sum: 0,
            handles: BTreeMap::new(),
            given: BTreeSet::new(),
            grants: [0; 2],
            mode: 0,
            globals: shape.has_globals().then(oracle::initial),
        }
    }

    pub fn call(&mut self, name: &str, passed: Passed) -> anyhow::Result<Returned> {
        match self {
            Self::OfRuntime(instance) => instance.call(name, passed),
            Self::Own(store, instance) => {
                let func = instance.get_typed_func::<Passed, Returned>(&mut *store, name)?;
                Ok(func.call(&mut *store, passed)?)
            }
        }
    }

    /// What the guest finds in a global, which it then sets if it may.
    pub fn swap(&mut self, global: &str, to: u64) -> anyhow::Result<(u64, u64)> {
        let name = format!("g_{global}");
        match self {
            Self::OfRuntime(instance) => instance.call(&name, to),
            Self::Own(store, instance) => {
                let func = instance.get_typed_func::<u64, (u64, u64)>(&mut *store, &name)?;
                Ok(func.call(&mut *store, to)?)
            }
        }
    }

    /// What the embedder finds in all globals, `None` in those that the guest does not import.
    pub fn globals(&mut self) -> Vec<(String, Option<Value>)> {
        match self {
            Self::OfRuntime(instance) => globals::held(instance),
            Self::Own(store, instance) => global_names()
                .map(|name| {
                    let global = instance.get_global(&mut *store, &name);
                    let held = global.map(|global| global.get(&mut *store));
                    (name, held.map(|held| spy::of_guest(&mut *store, &held)))
                })
                .collect(),
        }
    }

    /// The byte at an address, as the guest sees it.
    pub fn peek(&mut self, at: u64) -> anyhow::Result<i32> {
        match self {
            Self::OfRuntime(instance) => instance.call("peek", at),
            Self::Own(store, instance) => {
                let func = instance.get_typed_func::<u64, i32>(&mut *store, "peek")?;
                Ok(func.call(&mut *store, at)?)
            }
        }
    }

    /// Says what the guest's allocators return.
    pub fn grant(&mut self, grants: [u64; 2], mode: u64) -> anyhow::Result<()> {
        let passed = (grants[0], grants[1], mode);
        match self {
            Self::OfRuntime(instance) => instance.call("grant", passed),
            Self::Own(store, instance) => {
                let func = instance.get_typed_func::<(u64, u64, u64), ()>(&mut *store, "grant")?;
                Ok(func.call(&mut *store, passed)?)
            }
        }
    }

    /// Lends the store, after which it need not have one instance only.
    pub fn store(&mut self) -> (&mut Store<HostData>, wasmtime::Instance) {
        match self {
            Self::OfRuntime(instance) => {
                let raw = instance.raw();
                (instance.store_mut(), raw)
            }
            Self::Own(store, instance) => (store, *instance),
        }
    }

    /// The memory as Wasmtime has it.
    pub fn bytes(&mut self, shape: Shape) -> Bytes {
        let imported = match self {
            Self::OfRuntime(instance) => instance.provided("env", "memory"),
            Self::Own(..) => None,
        };
        let name = if shape.place == Place::OtherName {
            "heap"
        } else {
            "memory"
        };
        let (store, instance) = self.store();
        match imported.or_else(|| instance.get_export(store, name)) {
            Some(Extern::Memory(memory)) => Bytes::Own(memory),
            Some(Extern::SharedMemory(memory)) => Bytes::Shared(memory),
            other => unreachable!("{other:?} is no memory"),
        }
    }

    pub fn copy(&mut self, shape: Shape) -> Vec<u8> {
        if shape.place != Place::Threads
            && let Self::OfRuntime(instance) = self
        {
            return instance.memory().expect("it has one").to_vec();
        }
        let bytes = self.bytes(shape);
        bytes.copy(self.store().0)
    }

    pub fn write(&mut self, shape: Shape, at: usize, bytes: &[u8]) {
        if shape.place != Place::Threads
            && let Self::OfRuntime(instance) = self
        {
            return instance
                .write(GuestSize(at as u64), bytes)
                .expect("there is room");
        }
        match self.bytes(shape) {
            Bytes::Own(memory) => {
                memory.data_mut(self.store().0)[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Bytes::Shared(memory) => {
                for (cell, &byte) in memory.data()[at..].iter().zip(bytes) {
                    atomic(cell).store(byte, Relaxed);
                }
            }
        }
    }
}

impl Bytes {
    pub fn copy(&self, store: impl wasmtime::AsContext) -> Vec<u8> {
        match self {
            Self::Own(memory) => memory.data(&store).to_vec(),
            Self::Shared(memory) => memory
                .data()
                .iter()
                .map(|cell| atomic(cell).load(Relaxed))
                .collect(),
        }
    }
}

fn atomic(cell: &std::cell::UnsafeCell<u8>) -> &std::sync::atomic::AtomicU8 {
    // SAFETY: it is a byte of a memory that lives as long, and nobody accesses it otherwise: there is
    // one thread only.
    unsafe { std::sync::atomic::AtomicU8::from_ptr(cell.get()) }
}
