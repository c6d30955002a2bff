//! Calls of host functions without WebAssembly, for unit tests.

use wasmtime::{Extern, Func, Table, Val};

use crate::{
    abi::{AddressType, CallReferences, GuestSize, MadeReferences},
    convert::GlobalVal,
    error::{NoMemoryError, NoTableError, ValueError},
    guest::{Access, Guest, PlacementError, StoreAccess},
    hostcall::{Entry, HostCallError, MockSlots},
    memory::{Claims, GuestMemory, MemoryRef},
    registry::{HostFunction, HostGlobal, Imports},
    store::{GuestCall, HostData, InstanceId, StatePlace, StoreIdentity},
};

/// A mock guest: a memory and host state, to call host functions in unit tests with the core values
/// that a guest would pass.
///
/// A call works like the call of a real guest, and has the same errors.
///
/// ```
/// use host_runtime::{ValueError, MockGuest, imports, wasm_import};
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
/// assert!(error.is::<ValueError>());
/// # Ok(())
/// # }
/// ```
///
/// It has no functions, tables and references. A host function that calls back gets an error. A
/// host function with references or Wasmtime's `Caller` cannot be called. Results that a guest's
/// allocator would place are written to the end of the memory.
pub struct MockGuest {
    /// In words, because the memory of a guest is aligned as well.
    words: Vec<u128>,
    size: usize,
    address_type: AddressType,
    host: HostData,
    /// The end of the free memory: results are allocated from the end of the memory downwards.
    free: usize,
    /// The globals that host functions have set.
    globals: Vec<(&'static HostGlobal, GlobalVal)>,
}

impl MockGuest {
    /// Makes a guest with a memory of so many zero bytes.
    #[must_use]
    pub fn new(memory: usize) -> Self {
        Self {
            words: vec![0; memory.div_ceil(size_of::<u128>())],
            size: memory,
            address_type: AddressType::I32,
            host: HostData::new(),
            free: memory,
            globals: Vec::new(),
        }
    }

    /// Gives its memory 64-bit addresses: pointers and lengths are `i64`s.
    #[must_use]
    pub fn memory64(mut self) -> Self {
        self.address_type = AddressType::I64;
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
    /// If the bytes are out of bounds.
    pub fn write(&mut self, pointer: impl Into<GuestSize>, bytes: &[u8]) -> Result<(), ValueError> {
        let mut claims = Claims::default();
        let memory = MemoryRef::from(self.memory());
        GuestMemory::new(memory, &mut claims).write(pointer.into(), bytes)
    }

    /// Calls the only function of a set with these core values, and returns the core values that a
    /// guest would get.
    ///
    /// # Errors
    ///
    /// The error that would trap a guest; an error if the set does not contain exactly one
    /// function, or the function has another type or needs a store.
    pub fn call(&mut self, imports: &Imports, arguments: &[Val]) -> anyhow::Result<Vec<Val>> {
        let mut functions = imports.functions();
        let (Some(function), None) = (functions.next(), functions.next()) else {
            anyhow::bail!("expected one function to call, found {}", imports.len());
        };
        let address_type = self.address_type;
        if function.shape().references {
            anyhow::bail!("{function} takes or returns references, which need a store");
        }
        let Some(mut slots) = MockSlots::new(function, address_type, arguments) else {
            let ty = function.type_text(address_type);
            anyhow::bail!("{function} is {ty}, but it is called with {arguments:?}");
        };
        let mut references = CallReferences::default();
        match *function.entry() {
            Entry::Plain { enter, .. } => {
                let checked = self.host.check(function.state_needs());
                checked.map_err(|missing| missing.in_place(StatePlace::Mock))?;
                let memory = bytes(&mut self.words, self.size);
                let memory = function.shape().memory.then(|| MemoryRef::from(memory));
                enter(slots.slots(), memory, &mut self.host, Some(&mut references))?;
            }
            Entry::Guest { enter } => {
                let guest = Guest::new(self, address_type);
                enter(slots.slots(), guest, Some(&mut references))?;
            }
            Entry::Caller { .. } => {
                anyhow::bail!(
                    "{function} takes the `Caller` of a store, but a mock guest has no \
                                               store"
                );
            }
        }
        let placed = slots.place(Guest::new(self, address_type), &mut references);
        placed.map_err(|PlacementError { failed_at, error }| {
            error.context(HostCallError::new(function, failed_at))
        })?;
        Ok(slots.values())
    }
}

fn bytes(words: &mut [u128], size: usize) -> &mut [u8] {
    &mut bytemuck::cast_slice_mut(words)[..size]
}

impl Access for MockGuest {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        let memory = bytes(&mut self.words, self.size);
        Ok((memory.into(), &mut self.host))
    }

    fn grow(&mut self, _: u64) -> wasmtime::Result<u64> {
        wasmtime::bail!("the memory of a mock guest cannot grow")
    }

    fn host(&mut self) -> &mut HostData {
        &mut self.host
    }

    fn store(&mut self) -> Option<&mut dyn StoreAccess> {
        None
    }

    fn identity(&mut self) -> Option<StoreIdentity> {
        None
    }

    fn define(&mut self, _: &'static HostFunction) -> wasmtime::Result<Func> {
        no_store()
    }

    fn export(&mut self, _: &str) -> Option<Extern> {
        None
    }

    fn nearest(&mut self, _: &str) -> Option<(Vec<String>, usize)> {
        None
    }

    fn is_called_by_host(&mut self) -> bool {
        false
    }

    fn table(&mut self) -> Result<Table, NoTableError> {
        Err(NoTableError::NoneExported)
    }

    fn instance(&mut self) -> Option<InstanceId> {
        None
    }

    fn page_size(&mut self) -> wasmtime::Result<u64> {
        Ok(1 << 16)
    }

    fn reserve(&mut self, size: u64, align: u64) -> Option<wasmtime::Result<GuestSize>> {
        let at = (self.free as u64).checked_sub(size);
        let at = at.map(|at| at / align.max(1) * align.max(1));
        // 0 is the null pointer, as in a guest.
        let at = at
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at > 0);
        Some(match at {
            Some(at) => {
                self.free = at;
                Ok(GuestSize(at as u64))
            }
            None => Err(wasmtime::format_err!(
                "the mock guest's memory has no {size} free bytes left"
            )),
        })
    }

    fn global(&mut self, global: &'static HostGlobal) -> Option<GlobalVal> {
        let mut known = self.globals.iter();
        match known.find(|(known, _)| std::ptr::eq(*known, global)) {
            Some((_, held)) => Some(held.clone()),
            None => global.value(self.address_type).ok(),
        }
    }

    fn set_global(&mut self, global: &'static HostGlobal, held: GlobalVal) -> wasmtime::Result<()> {
        self.globals
            .retain(|(known, _)| !std::ptr::eq(*known, global));
        self.globals.push((global, held));
        Ok(())
    }

    fn call(&mut self, _: Option<usize>, _: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        no_store()
    }

    fn call_instance(
        &mut self,
        _: InstanceId,
        _: Option<usize>,
        _: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        None
    }

    fn call_with_references(
        &mut self,
        _: Option<usize>,
        _: &mut GuestCall<'_>,
        _: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        no_store()
    }
}

fn no_store<R>() -> wasmtime::Result<R> {
    wasmtime::bail!("a mock guest has no functions or tables")
}

impl std::fmt::Debug for MockGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockGuest")
            .field("memory", &self.size)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}
