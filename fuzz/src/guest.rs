//! An instance of the trampoline, created by a `Runtime` or with Wasmtime's `Store` and `Linker`.

use std::{
    cell::{RefCell, UnsafeCell},
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
};

use host_runtime::{
    GuestSize, Handles, HostData, Imports, Instance, InstancePre, Runtime, RuntimeBuilder,
    wasmtime::{
        self, AsContext, Config, Engine, Extern, Linker, Memory, Module, OptLevel,
        RegallocAlgorithm, SharedMemory, Store,
    },
};

use crate::{
    functions::{Counter, Sum},
    trampoline::{Place, Shape},
};

/// How many bytes a call may copy.
pub const BUDGET: usize = 5000;
/// The fuel for all calls of one run.
const FUEL: u64 = 200_000;

/// The shared engine. It compiles quickly, and memories move when they grow.
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
    Engine::new(&config).expect("the configuration is valid")
});

/// All host functions and globals except those of the target `stores`.
pub static IMPORTS: LazyLock<Imports> = LazyLock::new(|| {
    let imports = Imports::collected().expect("the names are unique");
    imports.filter(|import| import.module() != "stores")
});

/// A builder with the settings that all runtimes of the target `guests` share.
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

/// The compiled trampoline of a shape, prepared by a `Runtime` and for a `Linker`.
#[derive(Clone)]
struct Ready {
    prepared: InstancePre,
    module: Module,
    linker: Linker<HostData>,
}

thread_local! {
    static READY: RefCell<BTreeMap<Shape, Ready>> = const { RefCell::new(BTreeMap::new()) };
}

impl Ready {
    fn new(shape: Shape) -> anyhow::Result<Self> {
        let runtime = builder().provide("env", "memory", shape.memory()).build()?;
        let module = Module::new(&ENGINE, shape.text())?;
        let mut linker = Linker::new(&ENGINE);
        IMPORTS.add_to_linker_for(&module, &mut linker, |host| host)?;
        Ok(Self {
            prepared: runtime.load(shape.text())?,
            module,
            linker,
        })
    }
}

pub enum Guest {
    OfRuntime(Instance),
    Own(Store<HostData>, wasmtime::Instance),
}

impl Guest {
    pub fn new(shape: Shape, of_runtime: bool) -> anyhow::Result<Self> {
        let known = READY.with_borrow(|ready| ready.get(&shape).cloned());
        let mut ready = known.map_or_else(|| Ready::new(shape), Ok)?;
        READY.with_borrow_mut(|all| all.insert(shape, ready.clone()));
        // Only a `Runtime` provides a memory to import.
        if of_runtime || shape.place == Place::Imported {
            return Ok(Self::OfRuntime(ready.prepared.instantiate()?));
        }
        let host = HostData::new().with(Counter::default());
        let mut host = host.with(Sum::default()).with(Handles::new());
        host.set_copy_budget(BUDGET);
        let mut store = Store::new(&ENGINE, host);
        store.set_fuel(FUEL)?;
        let (linker, module) = (&mut ready.linker, &ready.module);
        IMPORTS.add_globals_to_linker_for(module, linker, &mut store, |host| host)?;
        let instance = linker.instantiate(&mut store, module)?;
        Ok(Self::Own(store, instance))
    }

    pub fn store(&mut self) -> (&mut Store<HostData>, wasmtime::Instance) {
        match self {
            Self::OfRuntime(instance) => {
                let raw = instance.raw();
                (instance.store_mut(), raw)
            }
            Self::Own(store, instance) => (store, *instance),
        }
    }

    /// The trampoline's memory.
    pub fn memory(&mut self) -> Bytes {
        let imported = match self {
            Self::OfRuntime(instance) => instance.provided("env", "memory"),
            Self::Own(..) => None,
        };
        let (store, instance) = self.store();
        let mut export = |name| instance.get_export(&mut *store, name);
        match imported
            .or_else(|| export("heap"))
            .or_else(|| export("memory"))
        {
            Some(Extern::Memory(memory)) => Bytes::Own(memory),
            Some(Extern::SharedMemory(memory)) => Bytes::Shared(memory),
            other => unreachable!("{other:?} is not a memory"),
        }
    }

    /// Writes to the memory through the embedder's API.
    pub fn write(&mut self, at: usize, bytes: &[u8]) -> anyhow::Result<()> {
        match (self.memory(), self) {
            (Bytes::Own(_), Self::OfRuntime(instance)) => {
                instance.write(GuestSize(at as u64), bytes)?;
            }
            (Bytes::Own(memory), Self::Own(store, _)) => memory.write(store, at, bytes)?,
            (Bytes::Shared(memory), _) => {
                for (cell, &byte) in memory.data()[at..].iter().zip(bytes) {
                    atomic(cell).store(byte, Relaxed);
                }
            }
        }
        Ok(())
    }
}

/// The memory of a guest.
#[derive(Clone)]
pub enum Bytes {
    Own(Memory),
    Shared(SharedMemory),
}

impl Bytes {
    pub fn copy(&self, store: impl AsContext) -> Vec<u8> {
        match self {
            Self::Own(memory) => memory.data(&store).to_vec(),
            Self::Shared(memory) => {
                let bytes = memory.data().iter();
                bytes.map(|cell| atomic(cell).load(Relaxed)).collect()
            }
        }
    }
}

fn atomic(cell: &UnsafeCell<u8>) -> &AtomicU8 {
    // SAFETY: the byte belongs to a memory that outlives the reference, and there is only one
    // thread, so all concurrent accesses are atomic.
    unsafe { AtomicU8::from_ptr(cell.get()) }
}
