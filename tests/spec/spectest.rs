//! The module `spectest` that the specification's tests import.

use host_runtime::{
    HostData, imports, wasm_import,
    wasmtime::{self, Extern, Linker, Memory, MemoryType, Ref, RefType, Store, Table, TableType},
};

/// The calls of the host, in order.
#[derive(Default)]
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

pub(crate) fn define(
    linker: &mut Linker<HostData>,
    store: &mut Store<HostData>,
) -> wasmtime::Result<()> {
    imports![Printed].add_to_linker(linker, |host| host)?;
    imports![mod globals].add_globals_to_linker(linker, store, |host| host)?;
    let null = || Ref::Func(None);
    let table = TableType::new(RefType::FUNCREF, 10, Some(20));
    let table64 = TableType::new64(RefType::FUNCREF, 10, Some(20));
    let items: [(&str, Extern); 3] = [
        ("table", Table::new(&mut *store, table, null())?.into()),
        ("table64", Table::new(&mut *store, table64, null())?.into()),
        (
            "memory",
            Memory::new(&mut *store, MemoryType::new(1, Some(2)))?.into(),
        ),
    ];
    for (name, item) in items {
        linker.define(&*store, "spectest", name, item)?;
    }
    Ok(())
}
