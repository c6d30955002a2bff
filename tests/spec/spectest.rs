//! The module `spectest` that the specification's tests import.

use anyhow::Result;
use host_runtime::{
    Instance, Runtime, RuntimeBuilder, imports, wasm_import,
    wasmtime::{Engine, MemoryType, RefType, SharedMemory, TableType},
};

/// The calls of the host functions, in order.
#[derive(Clone, Default)]
pub(crate) struct Printed(pub(crate) Vec<String>);

#[wasm_import(module = "spectest")]
impl Printed {
    fn print(&mut self) {
        self.0.push("print".to_owned());
    }
    fn print_i32(&mut self, x: i32) {
        self.0.push(format!("print_i32 {x}"));
    }
    fn print_i64(&mut self, x: i64) {
        self.0.push(format!("print_i64 {x}"));
    }
    fn print_f32(&mut self, x: f32) {
        self.0.push(format!("print_f32 {x:?}"));
    }
    fn print_f64(&mut self, x: f64) {
        self.0.push(format!("print_f64 {x:?}"));
    }
    fn print_i32_f32(&mut self, x: i32, y: f32) {
        self.0.push(format!("print_i32_f32 {x} {y:?}"));
    }
    fn print_f64_f64(&mut self, x: f64, y: f64) {
        self.0.push(format!("print_f64_f64 {x:?} {y:?}"));
    }
}

#[wasm_import(module = "spectest", rename_all = "snake_case")]
mod globals {
    #[wasm_import]
    const GLOBAL_I32: i32 = 666;
    #[wasm_import]
    const GLOBAL_I64: i64 = 666;
    #[wasm_import]
    const GLOBAL_F32: f32 = 666.6;
    #[wasm_import]
    const GLOBAL_F64: f64 = 666.6;
}

/// The tables and memories of `spectest`. `instance` imports them. The instances of the script are
/// in its store.
pub(crate) struct Spectest {
    pub(crate) instance: Instance,
    /// `None` if the engine does not support shared memories.
    shared_memory: Option<SharedMemory>,
}

const PROVIDED: [&str; 3] = ["table", "table64", "memory"];

impl Spectest {
    pub(crate) fn new(engine: &Engine) -> Result<Self> {
        let first = builder(engine)
            .state(Printed::default())
            .provide(
                "spectest",
                "table",
                TableType::new(RefType::FUNCREF, 10, Some(20)),
            )
            .provide(
                "spectest",
                "table64",
                TableType::new64(RefType::FUNCREF, 10, Some(20)),
            )
            .provide("spectest", "memory", MemoryType::new(1, Some(2)));
        let runtime = first.build()?;
        let guest = r#"(module
            (import "spectest" "table" (table 10 funcref))
            (import "spectest" "table64" (table i64 10 funcref))
            (import "spectest" "memory" (memory 1)))"#;
        // Without the memory64 proposal, the engine has no tables with 64-bit indices.
        let without = guest.replace(
            r#"(import "spectest" "table64" (table i64 10 funcref))"#,
            "",
        );
        let guest = runtime.load(guest).or_else(|_| runtime.load(without))?;
        Ok(Self {
            instance: guest.instantiate()?,
            shared_memory: SharedMemory::new(engine, MemoryType::shared(1, 2)).ok(),
        })
    }

    /// The builder of a runtime for the modules of a script.
    pub(crate) fn runtime(&self) -> RuntimeBuilder {
        let mut runtime = builder(self.instance.engine()).state_per_instance::<Printed>();
        for name in PROVIDED {
            if let Some(item) = self.instance.provided("spectest", name) {
                runtime = runtime.provide("spectest", name, item);
            }
        }
        match &self.shared_memory {
            Some(memory) => runtime.provide("spectest", "shared_memory", memory.clone()),
            None => runtime,
        }
    }
}

fn builder(engine: &Engine) -> RuntimeBuilder {
    Runtime::builder()
        .engine(engine.clone())
        .imports(imports![Printed, mod globals])
}
