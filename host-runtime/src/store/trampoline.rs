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

/// The number of bits that a core type takes in [`CallType::code`].
const TYPE_BITS: u32 = 5;

/// How many core types fit into that code, beside their numbers and the address type.
const MOST_IN_CODE: usize = 10;

/// The export of the table.
const TABLE: &str = "host-runtime:callee";

/// The type of a function that the host calls.
#[derive(Clone, Copy, Debug)]
pub struct CallType {
    params: &'static CoreTypes,
    results: &'static CoreTypes,
    address_type: AddressType,
    /// The types in one number, so that calls compare them at once; 0 if they are too many.
    code: u64,
}

impl PartialEq for CallType {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && (self.code != 0 || self.is_equal(other))
    }
}

impl CallType {
    #[inline]
    pub(crate) const fn new(
        params: &'static CoreTypes,
        results: &'static CoreTypes,
        address_type: AddressType,
    ) -> Self {
        let (first, second) = (params.as_slice(), results.as_slice());
        // The type is the same for each address type, so the code is a constant.
        let address_type = if params.sizes || results.sizes {
            address_type
        } else {
            AddressType::I32
        };
        let mut code = 0;
        if first.len() + second.len() <= MOST_IN_CODE {
            code = (first.len() as u64) << 4 | second.len() as u64;
            code = code << 2 | 1 | (address_type as u64) << 1;
            let mut index = 0;
            while index < first.len() {
                code = code << TYPE_BITS | first[index] as u64;
                index += 1;
            }
            let mut index = 0;
            while index < second.len() {
                code = code << TYPE_BITS | second[index] as u64;
                index += 1;
            }
        }
        Self {
            params,
            results,
            address_type,
            code,
        }
    }

    pub(crate) fn address_type(self) -> AddressType {
        self.address_type
    }

    #[cold]
    fn is_equal(&self, other: &Self) -> bool {
        self.address_type == other.address_type
            && self.params == other.params
            && self.results == other.results
    }

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
            ..
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
        call: &mut GuestCall<'_>,
    ) -> wasmtime::Result<()> {
        assert!(
            self.ty == call.func.ty && !self.ty.has_references(),
            "a trampoline is for one type of numbers"
        );
        self.table
            .set(&mut store, 0, Ref::Func(Some(call.func.func)))?;
        GuestCall::call_raw(&mut call.raw, call.func, &self.func, store)?;
        call.returned = true;
        Ok(())
    }
}

/// A function of a guest whose type is known.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFunc {
    func: Func,
    ty: CallType,
    /// The number of slots that the parameters or the results take.
    slots: usize,
    /// Whether it takes or returns references.
    references: bool,
}

impl CheckedFunc {
    /// The function, if its type `found` takes and returns values of `ty`.
    pub(crate) fn new(func: Func, found: &FuncType, ty: CallType) -> Option<Self> {
        let slots = ty.params.as_slice().len().max(ty.results.as_slice().len());
        ty.fits(found).then_some(Self {
            func,
            ty,
            slots,
            references: ty.has_references(),
        })
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
pub struct GuestCall<'f> {
    raw: [MaybeUninit<ValRaw>; LONGEST],
    func: &'f CheckedFunc,
    /// Whether the function has returned.
    returned: bool,
}

impl<'f> GuestCall<'f> {
    /// Begins a call with 0 or null for each parameter. `ty` is the type of the function, as a
    /// constant where that is possible.
    ///
    /// # Panics
    ///
    /// If the function has another type.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn new(func: &'f CheckedFunc, ty: CallType) -> Self {
        assert!(func.ty == ty, "slots are for one type");
        let mut raw = [const { MaybeUninit::uninit() }; LONGEST];
        let count = ty.params.as_slice().len();
        for slot in &mut raw[..count] {
            slot.write(ValRaw::v128(0));
        }
        Self {
            raw,
            func,
            returned: false,
        }
    }

    /// The type of the function.
    pub(crate) fn ty(&self) -> CallType {
        self.func.ty
    }

    pub(crate) fn func(&self) -> Func {
        self.func.func
    }

    /// To write the parameters. `ty` is the type of the function, as for [`new`](Self::new).
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn parameters<'a>(
        &'a mut self,
        ty: CallType,
        references: Option<&'a mut CallReferences>,
    ) -> Slots<'a> {
        let count = ty.params.as_slice().len();
        // SAFETY: no parameter is read, and there are `LONGEST` slots, of which the parameters of a
        // function are no more, as they are of one `CoreTypes`.
        unsafe {
            Slots::new(
                Raw::from(&mut self.raw[..]),
                0,
                count,
                ty.address_type,
                references,
            )
        }
    }

    /// The slots of the parameters, to write numbers to them.
    pub(crate) fn numbers(&mut self) -> &mut [MaybeUninit<ValRaw>] {
        &mut self.raw[..self.func.ty.params.as_slice().len()]
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
        if self.func.references {
            return Err(needs_references());
        }
        Self::call_raw(&mut self.raw, self.func, &self.func.func, store)?;
        self.returned = true;
        Ok(())
    }

    /// Calls the function with references as well, and returns those that it returns.
    pub(crate) fn call_with_references(
        &mut self,
        mut store: impl AsContextMut,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        let func = self.func.func;
        let ty = func.ty(&store);
        // The slots have a reference for each parameter that is one, as `CallReferences::make`
        // checks.
        if !references.is_for(ty.params()) {
            wasmtime::bail!("other references than the function takes");
        }
        references.write(&mut store, &mut self.raw)?;
        Self::call_raw(&mut self.raw, self.func, &func, &mut store)?;
        self.returned = true;
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

    /// Calls `callee`, which is `func` or a function of the same type.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    fn call_raw(
        raw: &mut [MaybeUninit<ValRaw>; LONGEST],
        func: &CheckedFunc,
        callee: &Func,
        store: impl AsContextMut,
    ) -> wasmtime::Result<()> {
        let first = raw.as_mut_ptr().cast::<ValRaw>();
        let all = std::ptr::slice_from_raw_parts_mut(first, func.slots);
        // SAFETY: the slots have a parameter of each type of the function, and room for all
        // results: `new` has compared the types. Numbers belong to no store. Where the function
        // takes references, `call_with_references` has just written them.
        unsafe { callee.call_unchecked(store, all) }
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
        let ty = &self.func.ty;
        let count = ty.results.as_slice().len();
        // SAFETY: the function has returned, and has written its results to the first slots.
        unsafe {
            Slots::new(
                Raw::from(&mut self.raw[..]),
                count,
                0,
                ty.address_type,
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
