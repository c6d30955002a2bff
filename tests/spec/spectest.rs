//! The module `spectest` that the specification's tests import.

use host_runtime::{
    HostData, imports, wasm_import,
    wasmtime::{
        self, Extern, Global, GlobalType, Linker, Memory, MemoryType, Mutability, Ref, RefType,
        Store, Table, TableType, Val,
    },
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

pub(crate) fn define(
    linker: &mut Linker<HostData>,
    store: &mut Store<HostData>,
) -> wasmtime::Result<()> {
    imports![Printed].add_to_linker(linker, |host| host)?;
    let six = "666.6".parse::<f64>().unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is the nearest that there is"
    )]
    let globals = [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::from(six as f32)),
        ("global_f64", Val::from(six)),
    ];
    for (name, value) in globals {
        let ty = GlobalType::new(value.ty(&*store)?, Mutability::Const);
        let global = Global::new(&mut *store, ty, value)?;
        linker.define(&*store, "spectest", name, global)?;
    }
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
