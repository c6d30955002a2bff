//! Trampolines: functions in WebAssembly through which the host calls guests.
//!
//! A callback may be a host function. If the host called it directly, no WebAssembly would run:
//! neither fuel nor an epoch nor Wasmtime's check of the stack would end host functions that call
//! each other, and the callee could not tell for which guest it is called. So such calls go through
//! a small instance, which calls the function in its table.

use std::{
    collections::HashMap,
    fmt,
    mem::MaybeUninit,
    sync::{Mutex, MutexGuard, PoisonError},
};

use smallvec::SmallVec;
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module as Encoder, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmtime::{
    AsContextMut, Caller, Engine, Func, FuncType, Instance, Module, Ref, Table, Val, ValRaw,
};

use crate::{
    abi::{
        AddressType, CallReferences, CoreType, CoreTypes, LONGEST, MadeReferences, Raw, Reference,
        Slots,
    },
    exports::KnownExport,
    message,
    store::{StoreAddress, StoreIdentity},
};

/// The export of the function.
const CALL: &str = "host-runtime:call";

/// The export of the table.
const TABLE: &str = "host-runtime:callee";

/// The type of a function that the host calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallType {
    pub(crate) params: &'static CoreTypes,
    pub(crate) results: &'static CoreTypes,
    pub(crate) address_type: AddressType,
}

impl CallType {
    /// Whether a parameter or a result is a reference.
    #[inline]
    pub(crate) fn has_references(self) -> bool {
        self.params.references || self.results.references
    }

    /// Whether a function of the type `found` takes these parameters, and returns these results.
    pub(crate) fn fits(self, found: &FuncType) -> bool {
        let Self {
            params,
            results,
            address_type,
        } = self;
        let same =
            params.is(found.params(), address_type) && results.is(found.results(), address_type);
        same || (self.has_references()
            && params.are_given_as(found.params(), address_type)
            && results.are_taken_from(found.results(), address_type))
    }
}

/// Prints the type in the text format: `(func (param i32))`.
impl fmt::Display for CallType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = |types: &CoreTypes| -> Vec<_> {
            let types = types.as_slice().iter();
            types.map(|ty| ty.val_type(self.address_type)).collect()
        };
        let (params, results) = (types(self.params), types(self.results));
        f.write_str(&message::func_type(params.into_iter(), results.into_iter()))
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

    /// Makes a call of a function of its type.
    pub(crate) fn call(
        &self,
        mut store: impl AsContextMut,
        call: &mut GuestCall,
    ) -> wasmtime::Result<()> {
        assert!(
            self.ty == call.ty && !self.ty.has_references(),
            "a trampoline is for one type of numbers"
        );
        self.table.set(&mut store, 0, Ref::Func(Some(call.func)))?;
        call.call_raw(self.func, store)
    }
}

/// A function of a guest whose type is known.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFunc {
    func: Func,
    ty: CallType,
}

impl CheckedFunc {
    /// The function, if its type `found` takes and returns values of `ty`.
    pub(crate) fn new(func: Func, found: &FuncType, ty: CallType) -> Option<Self> {
        ty.fits(found).then_some(Self { func, ty })
    }

    #[inline]
    pub(crate) fn ty(&self) -> CallType {
        self.ty
    }

    pub(crate) fn func(&self) -> Func {
        self.func
    }
}

/// One call of a [`CheckedFunc`]: the slots of its parameters and results.
pub struct GuestCall {
    raw: [MaybeUninit<ValRaw>; LONGEST],
    func: Func,
    ty: CallType,
    /// Whether the function has returned.
    returned: bool,
}

impl GuestCall {
    /// Begins a call with 0 or null for each parameter. `ty` is the type of the function, as a
    /// constant where that is possible.
    ///
    /// # Panics
    ///
    /// If the function has another type.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn new(func: &CheckedFunc, ty: CallType) -> Self {
        assert!(func.ty == ty, "slots are for one type");
        let mut raw = [const { MaybeUninit::uninit() }; LONGEST];
        let count = ty.params.as_slice().len();
        for slot in &mut raw[..count] {
            slot.write(ValRaw::v128(0));
        }
        Self {
            raw,
            func: func.func,
            ty,
            returned: false,
        }
    }

    /// The type of the function.
    pub(crate) fn ty(&self) -> CallType {
        self.ty
    }

    pub(crate) fn func(&self) -> Func {
        self.func
    }

    /// To write the parameters.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn parameters<'a>(
        &'a mut self,
        references: Option<&'a mut CallReferences>,
    ) -> Slots<'a> {
        let count = self.ty.params.as_slice().len();
        // SAFETY: no parameter is read, and there are `LONGEST` slots, of which the parameters of a
        // function are no more, as they are of one `CoreTypes`.
        unsafe {
            Slots::new(
                Raw::from(&mut self.raw[..]),
                0,
                count,
                self.ty.address_type,
                references,
            )
        }
    }

    /// The slots of the parameters, to write numbers to them.
    pub(crate) fn numbers(&mut self) -> &mut [MaybeUninit<ValRaw>] {
        &mut self.raw[..self.ty.params.as_slice().len()]
    }

    /// Calls the function with the parameters that are in the slots, which have its results then.
    ///
    /// # Errors
    ///
    /// If it takes or returns references: [`call_with_references`](Self::call_with_references)
    /// calls such functions.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn call(&mut self, store: impl AsContextMut) -> wasmtime::Result<()> {
        if self.ty.has_references() {
            return Err(needs_references());
        }
        self.call_raw(self.func, store)
    }

    /// Calls the function with references as well, and returns those that it returns.
    pub(crate) fn call_with_references(
        &mut self,
        mut store: impl AsContextMut,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        let ty = self.func.ty(&store);
        // The slots have a reference for each parameter that is one, as `CallReferences::make`
        // checks.
        if !references.is_for(ty.params()) {
            wasmtime::bail!("other references than the function takes");
        }
        references.write(&mut store, &mut self.raw)?;
        self.call_raw(self.func, &mut store)?;
        let mut returned = SmallVec::new();
        for (slot, ty) in self.raw.iter().zip(ty.results()) {
            if !ty.is_ref() {
                continue;
            }
            // SAFETY: the function has returned, and has written its results to the first slots.
            let raw = unsafe { slot.assume_init() };
            // SAFETY: the result is of that type, and Wasmtime returned it in this store.
            let value = unsafe { Val::from_raw(&mut store, raw, ty.clone()) };
            match Reference::of(&mut store, value, &ty)? {
                Some(reference) => returned.push(reference),
                None => wasmtime::bail!("such a reference cannot be returned to the host"),
            }
        }
        Ok(CallReferences::new(returned))
    }

    /// Calls `func`, which is the function or one of the same type.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    fn call_raw(&mut self, func: Func, store: impl AsContextMut) -> wasmtime::Result<()> {
        let (params, results) = (self.ty.params.as_slice(), self.ty.results.as_slice());
        let first = self.raw.as_mut_ptr().cast::<ValRaw>();
        let all = std::ptr::slice_from_raw_parts_mut(first, params.len().max(results.len()));
        // SAFETY: the slots have a parameter of each type of the function, and room for all
        // results: `new` has compared the types. Numbers belong to no store. Where the function
        // takes references, `call_with_references` has just written them.
        unsafe { func.call_unchecked(store, all) }?;
        self.returned = true;
        Ok(())
    }

    /// To read the results.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn results<'a>(
        &'a mut self,
        references: Option<&'a mut CallReferences>,
    ) -> Slots<'a> {
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
                references,
            )
        }
    }
}

#[cold]
fn needs_references() -> wasmtime::Error {
    wasmtime::format_err!("the function takes or returns references")
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
