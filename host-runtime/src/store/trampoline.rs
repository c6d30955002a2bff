//! Trampolines: functions in WebAssembly through which the host calls guests.
//!
//! A callback may be a host function. If the host called it directly, no WebAssembly would run:
//! neither fuel nor an epoch nor Wasmtime's check of the stack would end host functions that call
//! each other, and the callee could not tell for which guest it is called. So such calls go through
//! a small instance, which calls the function in its table.

use std::{
    collections::HashMap,
    mem::MaybeUninit,
    sync::{Mutex, MutexGuard, PoisonError},
};

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module as Encoder, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmtime::{
    AsContextMut, Caller, Engine, Func, FuncType, Instance, Module, Ref, Table, ValRaw,
};

use crate::{
    abi::{AddressType, CoreType, CoreTypes, LONGEST, Raw, Slots},
    exports::KnownExport,
    store::{StoreAddress, StoreIdentity},
};

/// The export of the function.
const CALL: &str = "host-runtime:call";

/// The export of the table.
const TABLE: &str = "host-runtime:callee";

/// The type of a function that the host calls.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct CallType {
    pub(crate) params: &'static CoreTypes,
    pub(crate) results: &'static CoreTypes,
    pub(crate) address_type: AddressType,
}

impl CallType {
    /// Whether the types are equal. Equal addresses are checked first, which is faster.
    fn is_same(self, other: Self) -> bool {
        let same =
            std::ptr::eq(self.params, other.params) && std::ptr::eq(self.results, other.results);
        (same && self.address_type == other.address_type) || self == other
    }
}

/// The trampolines that the host functions of one linker share.
#[derive(Default)]
pub(crate) struct Trampolines {
    /// The compiled modules, one for each type.
    modules: Mutex<Vec<(CallType, Module)>>,
    /// The instances in each store. They are kept here because an embedder may replace the host
    /// data of a store.
    stores: Mutex<HashMap<StoreAddress, (StoreIdentity, Vec<Trampoline>)>>,
    /// The memories that host functions of the linker name.
    named_memories: Vec<&'static str>,
}

impl Trampolines {
    /// `memories` are those that host functions of the linker name.
    pub(crate) fn new(memories: impl Iterator<Item = &'static str>) -> Self {
        let mut named_memories: Vec<_> = memories.collect();
        named_memories.sort_unstable();
        named_memories.dedup();
        Self {
            named_memories,
            ..Self::default()
        }
    }

    /// The memories that host functions of the linker name.
    pub(crate) fn named_memories(&self) -> &[&'static str] {
        &self.named_memories
    }

    /// The identity of a store.
    pub(crate) fn identity(&self, mut store: impl AsContextMut) -> StoreIdentity {
        let address = StoreAddress::of(&store);
        if let Some((known, _)) = lock(&self.stores).get(&address)
            && known.is_at(address)
        {
            return known.clone();
        }
        let identity = StoreIdentity::of(&mut store);
        let mut stores = lock(&self.stores);
        if stores.len().is_power_of_two() {
            stores.retain(|_, (store, _)| store.is_alive());
        }
        stores.insert(address, (identity.clone(), Vec::new()));
        identity
    }

    /// The trampoline for functions of this type in a store.
    pub(crate) fn of_store(
        &self,
        mut store: impl AsContextMut,
        ty: CallType,
    ) -> wasmtime::Result<Trampoline> {
        let identity = self.identity(&mut store);
        let address = StoreAddress::of(&store);
        if let Some((_, known)) = lock(&self.stores).get(&address)
            && let Some(known) = known.iter().find(|known| known.ty == ty)
        {
            return Ok(known.clone());
        }
        let new = self.instantiate(store, ty)?;
        if let Some((known, trampolines)) = lock(&self.stores).get_mut(&address)
            && known.is_same(&identity)
        {
            trampolines.push(new.clone());
        }
        Ok(new)
    }

    /// A new trampoline.
    fn instantiate(
        &self,
        mut store: impl AsContextMut,
        ty: CallType,
    ) -> wasmtime::Result<Trampoline> {
        let module = self.module(store.as_context().engine(), ty)?;
        let Some(export) = KnownExport::new(&module, CALL) else {
            wasmtime::bail!("a trampoline exports its function");
        };
        let instance = Instance::new(&mut store, &module, &[])?;
        let func = instance.get_func(&mut store, CALL);
        let table = instance.get_table(&mut store, TABLE);
        match (func, table) {
            (Some(func), Some(table)) => Ok(Trampoline {
                ty,
                func,
                table,
                export,
            }),
            _ => wasmtime::bail!("a trampoline exports its function and its table"),
        }
    }

    fn module(&self, engine: &Engine, ty: CallType) -> wasmtime::Result<Module> {
        let mut modules = lock(&self.modules);
        let known = modules
            .iter()
            .find(|(known, module)| *known == ty && Engine::same(module.engine(), engine));
        if let Some((_, module)) = known {
            return Ok(module.clone());
        }
        let module = Module::new(engine, encode(ty)?)?;
        modules.push((ty, module.clone()));
        Ok(module)
    }
}

/// What a panic may have left undone is not in the lists yet.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A function that calls what is in its table.
#[derive(Clone)]
pub(crate) struct Trampoline {
    ty: CallType,
    func: Func,
    table: Table,
    export: KnownExport,
}

impl Trampoline {
    /// The type of the functions that it calls.
    pub(crate) fn ty(&self) -> CallType {
        self.ty
    }

    /// Whether it is this one that calls: then the host does.
    pub(crate) fn is_caller<T>(&self, caller: &mut Caller<'_, T>) -> bool {
        self.export.of_caller(caller).is_some()
    }

    /// Calls a function of its type.
    pub(crate) fn call(
        &self,
        mut store: impl AsContextMut,
        callee: &CheckedFunc,
        slots: &mut CallSlots,
    ) -> wasmtime::Result<()> {
        assert!(self.ty == callee.ty, "a trampoline is for one type");
        self.table
            .set(&mut store, 0, Ref::Func(Some(callee.func)))?;
        let own = CheckedFunc {
            func: self.func,
            ty: callee.ty,
        };
        own.call(store, slots)
    }
}

/// A function of a guest that takes and returns numbers of a known type.
#[derive(Clone, Copy)]
pub(crate) struct CheckedFunc {
    func: Func,
    ty: CallType,
}

impl CheckedFunc {
    /// The function, if `found`, which is its type, is `ty`.
    pub(crate) fn new(func: Func, found: &FuncType, ty: CallType) -> Option<Self> {
        let numbers = !(ty.params.references || ty.results.references);
        let same = ty.params.is(found.params(), ty.address_type)
            && ty.results.is(found.results(), ty.address_type);
        (numbers && same).then_some(Self { func, ty })
    }

    pub(crate) fn ty(&self) -> CallType {
        self.ty
    }

    /// Calls it with the parameters that are in the slots, which have its results then.
    pub(crate) fn call(
        &self,
        store: impl AsContextMut,
        slots: &mut CallSlots,
    ) -> wasmtime::Result<()> {
        assert!(slots.ty.is_same(self.ty), "slots are for one type");
        let count = self
            .ty
            .params
            .as_slice()
            .len()
            .max(self.ty.results.as_slice().len());
        let first = slots.raw.as_mut_ptr().cast::<ValRaw>();
        let all = std::ptr::slice_from_raw_parts_mut(first, count);
        // SAFETY: the slots have a parameter of each type, as `CallSlots::new` makes them, and room
        // for all results. They are numbers, which belong to no store. `CheckedFunc::new`
        // has compared the type.
        unsafe { self.func.call_unchecked(store, all) }?;
        slots.returned = true;
        Ok(())
    }
}

/// The slots of a call of a [`CheckedFunc`].
pub(crate) struct CallSlots {
    raw: [MaybeUninit<ValRaw>; LONGEST],
    ty: CallType,
    /// Whether the function has returned.
    returned: bool,
}

impl CallSlots {
    /// With 0 for each parameter.
    #[inline]
    pub(crate) fn new(ty: CallType) -> Self {
        let mut raw = [const { MaybeUninit::uninit() }; LONGEST];
        let count = ty.params.as_slice().len();
        for slot in &mut raw[..count] {
            slot.write(ValRaw::v128(0));
        }
        Self {
            raw,
            ty,
            returned: false,
        }
    }

    /// To write the parameters.
    #[inline]
    pub(crate) fn parameters(&mut self) -> Slots<'_> {
        let count = self.ty.params.as_slice().len();
        // SAFETY: no parameter is read, and there are `LONGEST` slots, of which the parameters of a
        // function are no more, as they are of one `CoreTypes`.
        unsafe {
            Slots::new(
                Raw::from(&mut self.raw[..]),
                0,
                count,
                self.ty.address_type,
                None,
            )
        }
    }

    /// To read the results.
    #[inline]
    pub(crate) fn results(&mut self) -> Slots<'_> {
        assert!(
            self.returned,
            "results are there once the function has returned"
        );
        let count = self.ty.results.as_slice().len();
        // SAFETY: the function has returned, and has written its results to the first slots.
        unsafe {
            Slots::new(
                Raw::from(&mut self.raw[..]),
                count,
                0,
                self.ty.address_type,
                None,
            )
        }
    }
}

/// A module whose function calls the one in its table, with what it gets itself.
fn encode(ty: CallType) -> wasmtime::Result<Vec<u8>> {
    let types = |types: &CoreTypes| -> wasmtime::Result<Vec<ValType>> {
        let types = types.as_slice().iter();
        types.map(|one| val_type(*one, ty.address_type)).collect()
    };
    let (params, results) = (types(ty.params)?, types(ty.results)?);
    let mut function = Function::new([]);
    let mut body = function.instructions();
    for (index, _) in (0..).zip(&params) {
        body.local_get(index);
    }
    body.i32_const(0).call_indirect(0, 0).end();

    let mut types = TypeSection::new();
    types.ty().function(params, results);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: Some(1),
        shared: false,
    });
    let mut exports = ExportSection::new();
    exports.export(CALL, ExportKind::Func, 0);
    exports.export(TABLE, ExportKind::Table, 0);
    let mut code = CodeSection::new();
    code.function(&function);
    // For backtraces.
    let mut names = NameSection::new();
    names.module("host-runtime");
    let mut function_names = NameMap::new();
    function_names.append(0, "callback");
    names.functions(&function_names);
    let mut module = Encoder::new();
    module
        .section(&types)
        .section(&functions)
        .section(&tables)
        .section(&exports)
        .section(&code)
        .section(&names);
    Ok(module.finish())
}

fn val_type(ty: CoreType, address_type: AddressType) -> wasmtime::Result<ValType> {
    Ok(match (ty, address_type) {
        (CoreType::I32, _) | (CoreType::Size, AddressType::I32) => ValType::I32,
        (CoreType::I64, _) | (CoreType::Size, AddressType::I64) => ValType::I64,
        (CoreType::F32, _) => ValType::F32,
        (CoreType::F64, _) => ValType::F64,
        (CoreType::V128, _) => ValType::V128,
        _ => wasmtime::bail!("callbacks take and return numbers only"),
    })
}
