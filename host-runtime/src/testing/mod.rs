//! Calls of host functions without WebAssembly, for unit tests.

use std::mem::MaybeUninit;

use wasmtime::{Extern, Func, FuncType, Module, Ref, Table, Val, ValRaw, ValType};

use crate::{
    abi::{GuestSize, LONGEST, Object, Outside, Width},
    convert::Held,
    error::{BadValue, NoMemory},
    guest::{self, Access, Guest, Misplaced},
    hostcall::{Entry, HostCallError, Mode},
    memory::{Claims, GuestMemory, MemoryRef},
    registry::{HostFunction, HostGlobal, Imports},
    store::{CallType, HostData, StatePlace},
};

/// A guest that is not there: a memory and host state, to call host functions with what a guest would
/// pass.
///
/// It goes the same way as a call of a real guest, from the core values on: what is wrong with them
/// is the same error.
///
/// ```
/// use host_runtime::{BadValue, MockGuest, imports, wasm_import};
///
/// #[derive(Default)]
/// struct Log(Vec<String>);
///
/// #[wasm_import(module = "log")]
/// fn line(#[state] log: &mut Log, level: u8, text: &str) -> u32 {
///     log.0.push(format!("{level}: {text}"));
///     log.0.len() as u32
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = MockGuest::new(65536).with(Log::default());
/// guest.write(100, b"hello")?;
/// let results = guest.call(&imports![line], &[1.into(), 100.into(), 5.into()])?;
/// assert_eq!(results[0].unwrap_i32(), 1);
/// assert_eq!(guest.state::<Log>().unwrap().0, ["1: hello"]);
///
/// let error = guest.call(&imports![line], &[256.into(), 0.into(), 0.into()]).unwrap_err();
/// assert!(error.is::<BadValue>());
/// # Ok(())
/// # }
/// ```
///
/// It has no functions, tables and references: a host function that calls back gets an error, and one
/// that takes or returns references, or Wasmtime's `Caller`, cannot be called. What a guest's
/// allocator would make room for lies at the end of the memory.
pub struct MockGuest {
    /// In words, since a guest's memory is aligned as well.
    words: Vec<u128>,
    size: usize,
    width: Width,
    host: HostData,
    /// Where the room ends that results are given, from the end of the memory on.
    free: usize,
    /// The globals that host functions have set.
    globals: Vec<(&'static HostGlobal, Held)>,
}

impl MockGuest {
    /// A guest whose memory has so many bytes, all 0.
    #[must_use]
    pub fn new(memory: usize) -> Self {
        Self {
            words: vec![0; memory.div_ceil(size_of::<u128>())],
            size: memory,
            width: Width::Narrow,
            host: HostData::new(),
            free: memory,
            globals: Vec::new(),
        }
    }

    /// Gives its memory 64-bit addresses: pointers and lengths are `i64`s.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.width = Width::Wide;
        self
    }

    /// Adds host state.
    #[must_use]
    pub fn with<S: Send + 'static>(mut self, state: S) -> Self {
        self.host.insert(state);
        self
    }

    /// The host state of type `S`.
    #[must_use]
    pub fn state<S: 'static>(&self) -> Option<&S> {
        self.host.state()
    }

    /// The store's host data, to change states and limits.
    pub fn host(&mut self) -> &mut HostData {
        &mut self.host
    }

    /// The memory.
    pub fn memory(&mut self) -> &mut [u8] {
        bytes(&mut self.words, self.size)
    }

    /// Writes bytes to the memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// If the memory has no room for them there.
    pub fn write(&mut self, pointer: impl Into<GuestSize>, bytes: &[u8]) -> Result<(), BadValue> {
        let mut claims = Claims::default();
        let memory = MemoryRef::from(self.memory());
        GuestMemory::new(memory, &mut claims).write(pointer.into(), bytes)
    }

    /// Calls the only function of a set with what a guest would pass, and gives what it would get.
    ///
    /// # Errors
    ///
    /// What would trap the guest; and if there is not one function in the set, or it has another type,
    /// or needs a store.
    pub fn call(&mut self, imports: &Imports, arguments: &[Val]) -> wasmtime::Result<Vec<Val>> {
        let mut functions = imports.functions();
        let (Some(function), None) = (functions.next(), functions.next()) else {
            wasmtime::bail!(
                "one function is called at a time, and there are {}",
                imports.len()
            );
        };
        let mut raw = self.arguments(function, arguments)?;
        let mut outside = Outside::default();
        let mode = Mode::new(self.width, false);
        match *function.way() {
            Entry::Plain { enter, .. } => {
                let checked = self.host.check(function.state_needs());
                checked.map_err(|missing| missing.in_place(StatePlace::Mock))?;
                let memory = bytes(&mut self.words, self.size);
                let memory = function
                    .needs()
                    .memory
                    .then(|| MemoryRef::from(memory).into_parts());
                // SAFETY: `enter` is the function's own; `arguments` has made slots of its type, and
                // the memory is borrowed exclusively.
                unsafe {
                    enter(
                        (&mut raw[..]).into(),
                        mode,
                        memory,
                        &mut self.host,
                        Some(&mut outside),
                    )
                }?;
            }
            Entry::Guest { enter } => {
                let width = self.width;
                let guest = Guest::new(self, width);
                // SAFETY: `enter` is the function's own, and `arguments` has made slots of its type for this
                // width.
                unsafe { enter((&mut raw[..]).into(), guest, Some(&mut outside)) }?;
            }
            Entry::Caller { .. } => {
                wasmtime::bail!("{function} takes the `Caller` of a store, and here is none");
            }
        }
        let width = self.width;
        let placed = guest::place(Guest::new(self, width), &mut outside, &mut raw);
        placed.map_err(|Misplaced { culprit, error }| {
            error.context(HostCallError::new(function, culprit))
        })?;
        let results = function.result_types(self.width).enumerate();
        Ok(results.map(|(slot, ty)| value(&raw[slot], &ty)).collect())
    }

    /// The slots of a call, with the arguments in the first.
    fn arguments(
        &self,
        function: &HostFunction,
        arguments: &[Val],
    ) -> wasmtime::Result<Vec<MaybeUninit<ValRaw>>> {
        if function.needs().references {
            wasmtime::bail!("{function} takes or returns references, which are in a store");
        }
        let types: Vec<_> = function.param_types(self.width).collect();
        let slots = types.len().max(LONGEST);
        let mut raw = vec![MaybeUninit::new(ValRaw::i64(0)); slots];
        let given = arguments
            .iter()
            .zip(&types)
            .all(|(argument, ty)| fits(argument, ty));
        if arguments.len() != types.len() || !given {
            let ty = function.type_text(self.width);
            wasmtime::bail!("{function} is {ty}, and is called with {arguments:?}");
        }
        for (slot, argument) in raw.iter_mut().zip(arguments) {
            slot.write(match *argument {
                Val::I32(value) => ValRaw::i32(value),
                Val::I64(value) => ValRaw::i64(value),
                Val::F32(bits) => ValRaw::f32(bits),
                Val::F64(bits) => ValRaw::f64(bits),
                Val::V128(value) => ValRaw::v128(value.as_u128()),
                _ => continue,
            });
        }
        Ok(raw)
    }
}

fn bytes(words: &mut [u128], size: usize) -> &mut [u8] {
    &mut bytemuck::cast_slice_mut(words)[..size]
}

fn fits(argument: &Val, ty: &ValType) -> bool {
    matches!(
        (argument, ty),
        (Val::I32(_), ValType::I32)
            | (Val::I64(_), ValType::I64)
            | (Val::F32(_), ValType::F32)
            | (Val::F64(_), ValType::F64)
            | (Val::V128(_), ValType::V128)
    )
}

/// What is in a slot that a shim has written, or that was 0 before.
fn value(slot: &MaybeUninit<ValRaw>, ty: &ValType) -> Val {
    // SAFETY: `arguments` has written all slots, and a shim writes values.
    let raw = unsafe { slot.assume_init() };
    match ty {
        ValType::I32 => Val::I32(raw.get_i32()),
        ValType::I64 => Val::I64(raw.get_i64()),
        ValType::F32 => Val::F32(raw.get_f32()),
        ValType::F64 => Val::F64(raw.get_f64()),
        _ => Val::V128(raw.get_v128().into()),
    }
}

impl Access for MockGuest {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemory>> {
        let memory = bytes(&mut self.words, self.size);
        Ok((memory.into(), &mut self.host))
    }

    fn grow(&mut self, _: u64) -> wasmtime::Result<u64> {
        wasmtime::bail!("the memory of a mock guest does not grow")
    }

    fn host(&mut self) -> &mut HostData {
        &mut self.host
    }

    fn export(&mut self, _: &str) -> Option<Extern> {
        None
    }

    fn module(&mut self) -> Option<Module> {
        None
    }

    fn table(&mut self) -> Option<Table> {
        None
    }

    fn entry(&mut self, _: Table, _: u64) -> Option<Ref> {
        None
    }

    fn table_size(&mut self, _: Table) -> u64 {
        0
    }

    fn grow_table(&mut self, _: Table, _: u64) -> wasmtime::Result<u64> {
        no_store()
    }

    fn set_object(&mut self, _: Table, _: u64, _: Option<Object>) -> wasmtime::Result<()> {
        no_store()
    }

    fn room(&mut self, size: u64, align: u64) -> Option<wasmtime::Result<GuestSize>> {
        let at = (self.free as u64).checked_sub(size);
        let at = at.map(|at| at / align.max(1) * align.max(1));
        // 0 is no place, as in a guest.
        let at = at
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at > 0);
        Some(match at {
            Some(at) => {
                self.free = at;
                Ok(GuestSize(at as u64))
            }
            None => Err(wasmtime::format_err!(
                "the mock guest's memory has no room for {size} bytes more"
            )),
        })
    }

    fn global(&mut self, global: &'static HostGlobal) -> Option<Held> {
        let mut known = self.globals.iter();
        match known.find(|(known, _)| std::ptr::eq(*known, global)) {
            Some((_, held)) => Some(held.clone()),
            None => global.value(self.width).ok(),
        }
    }

    fn set_global(&mut self, global: &'static HostGlobal, held: Held) -> wasmtime::Result<()> {
        self.globals
            .retain(|(known, _)| !std::ptr::eq(*known, global));
        self.globals.push((global, held));
        Ok(())
    }

    fn func_type(&mut self, _: &Func) -> Option<FuncType> {
        None
    }

    unsafe fn call(
        &mut self,
        _: &Func,
        _: CallType,
        _: bool,
        _: *mut [ValRaw],
    ) -> wasmtime::Result<()> {
        no_store()
    }
}

fn no_store<R>() -> wasmtime::Result<R> {
    wasmtime::bail!("a mock guest has no functions and tables")
}

impl std::fmt::Debug for MockGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockGuest")
            .field("memory", &self.size)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}
