//! Which memory is the guest's.
//!
//! Looking an export up by name in every call is what makes text dear by hand. Here a memory is
//! found once: as a handle while the store holds one instance only, else as an index into the
//! exports of each module that calls.

use std::{
    borrow::Cow,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::Arc,
};

use wasmtime::{
    AsContext, Caller, Extern, ExternType, Memory, Module, ModuleExport, SharedMemory,
    WasmBacktrace,
};

use crate::{memory::imported_memory, registry::HostFunction, values::Width};

/// How many modules one memory name remembers at a time; more take turns.
const KNOWN_MODULES: usize = 4;

/// What most toolchains call a module's memory.
pub(super) const USUAL_NAME: &str = "memory";

/// Why a guest has no memory that a host function could use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoMemory {
    /// The module exports no memory.
    NoneExported,
    /// The module exports several and none is called `memory`: their names.
    Several(Vec<String>),
    /// The module exports none, and imports several of which none is called `memory`: their names.
    SeveralImported(Vec<String>),
    /// The module exports no memory of the name that the function or the embedder asks for.
    NotNamed {
        /// The name that was asked for.
        wanted: String,
        /// The memories that the module exports.
        exported: Vec<String>,
    },
    /// The memory is shared between threads, and nothing can be borrowed from it.
    Shared,
    /// No guest called: the function was called by the host itself. Or one did that is not on the stack,
    /// since it ended in the call, and whose memory is not called `memory`.
    NoGuest,
    /// A parameter's type reads memory without saying so.
    NotAsked,
}

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoneExported => f.write_str(
                "the guest exports no memory to read it from; export the module's memory",
            ),
            Self::Several(names) => {
                f.write_str("the guest exports several memories (")?;
                crate::text::quoted(f, names)?;
                f.write_str("); name one, by `memory = \"…\"` in the attribute or in the builder")
            }
            Self::SeveralImported(names) => {
                f.write_str("the guest imports several memories (")?;
                crate::text::quoted(f, names)?;
                f.write_str(
                    "); export the one that host functions use, or, if a `Runtime` provides it, import it as \
                     `memory`",
                )
            }
            Self::NotNamed { wanted, exported } => {
                write!(
                    f,
                    "the guest exports no memory called `{wanted}`; it exports "
                )?;
                crate::text::quoted(f, exported)
            }
            Self::Shared => f.write_str(
                "the guest's memory is shared between threads, and nothing can be borrowed from it; \
                 take what is copied, `String` or `Vec<T>`",
            ),
            Self::NoGuest => f.write_str(
                "the host function was called by no guest, or by a tail call of one whose memory is not \
                 called `memory`",
            ),
            Self::NotAsked => f.write_str(
                "nothing in the function's signature says that it reads memory (`FromGuest::MEMORY`)",
            ),
        }
    }
}

/// The name under which a host function looks for the guest's memory: `None` is the only one
/// that the module exports, or `memory` among several.
pub(crate) type MemoryName = Option<Cow<'static, str>>;

/// The name of the export that is the guest's memory.
fn named_memory(module: &Module, wanted: Option<&str>) -> Result<String, NoMemory> {
    let mut exported: Vec<String> = module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Memory(_)))
        .map(|export| export.name().to_owned())
        .collect();
    let wanted_or_usual = wanted.unwrap_or(USUAL_NAME);
    if exported.iter().any(|name| name == wanted_or_usual) {
        return Ok(wanted_or_usual.to_owned());
    }
    match (wanted, exported.len()) {
        (None | Some(USUAL_NAME), 0) => match imported_memory(module) {
            // Which is known once there is an instance.
            Ok(_) => Err(NoMemory::NoneExported),
            Err(reason) => Err(reason),
        },
        (Some(wanted), _) => Err(NoMemory::NotNamed {
            wanted: wanted.to_owned(),
            exported,
        }),
        (None, 1) => Ok(exported.remove(0)),
        (None, _) => Err(NoMemory::Several(exported)),
    }
}

/// Finds one memory, of whichever instance calls.
#[derive(Clone, Default)]
pub(crate) struct Finder {
    name: MemoryName,
    /// Where the memory is among the exports of the modules that have called.
    known: [Option<Known>; KNOWN_MODULES],
    /// Which of them the next one replaces.
    next: usize,
    /// The memory itself, while no other instance can be in the store.
    only: Option<Memory>,
}

impl Finder {
    pub(crate) fn new(name: MemoryName) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The memory of the store's only instance, if that is certain.
    #[inline]
    pub(crate) fn only(&self) -> Option<Memory> {
        self.only
    }

    /// Keeps the memory of the store's only instance, or forgets it.
    pub(crate) fn set_only(&mut self, memory: Option<Memory>) {
        self.only = memory;
    }

    /// The export at `index` of those that are known.
    #[inline]
    pub(crate) fn known(&self, index: usize) -> Option<&Known> {
        self.known.get(index)?.as_ref()
    }

    /// Remembers where a module has its memory.
    pub(crate) fn learn(&mut self, known: Known) {
        self.known[self.next] = Some(known);
        self.next = (self.next + 1) % KNOWN_MODULES;
    }

    /// Remembers where `module` has its memory, if it has it.
    pub(crate) fn learn_module(&mut self, module: &Module) {
        if let Ok(known) = locate(module, self.name.as_deref()) {
            self.learn(known);
        }
    }
}

/// Where a module exports its memory, or anything at all if it imports it.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) export: ModuleExport,
    name: Arc<str>,
    /// The module, if it imports its memory.
    importer: Option<Module>,
}

impl Known {
    /// Something that the module exports, by which it is known again.
    fn importer(module: &Module) -> Option<Self> {
        let first = module.exports().next()?;
        Some(Self {
            export: module.get_export_index(first.name())?,
            name: first.name().into(),
            importer: Some(module.clone()),
        })
    }

    /// The memory of the guest that calls, if it is of this module; `imported` knows those that are
    /// imported.
    pub(crate) fn memory<T>(
        &self,
        caller: &mut Caller<'_, T>,
        imported: impl FnOnce(&mut T, &Module) -> Option<Found>,
    ) -> Option<Result<Found, NoMemory>> {
        let found = self.exported(caller)?;
        match &self.importer {
            Some(module) => imported(caller.data_mut(), module).map(Ok),
            None => Some(Found::new(found)),
        }
    }

    /// What the guest that calls exports there; `None` if its module is another one, or the host calls.
    fn exported<T>(&self, caller: &mut Caller<'_, T>) -> Option<Extern> {
        // By name first, which finds nothing where the host calls.
        caller.get_export(&self.name)?;
        caller.get_module_export(&self.export)
    }

    /// For a look in less than half the time.
    #[inline]
    pub(crate) fn quick(&self) -> Quick {
        Quick(self.export)
    }
}

/// A [`Known`] export without its name.
#[derive(Clone, Copy)]
pub(crate) struct Quick(ModuleExport);

impl Quick {
    /// The bytes of the memory that the guest which calls exports there; `None` if its module is another one,
    /// if threads share the memory, or the host calls. They are there, and nobody else's, until the store is
    /// used again.
    ///
    /// When the host itself calls a host function, one that a guest exports again for example, Wasmtime
    /// has no instance for the caller, and `get_module_export` panics. Nothing tells beforehand but a
    /// look-up by name, so here the panic is caught; it has changed nothing.
    ///
    /// What leaves the closure is the bytes and not the `Memory`: that has just been written, in parts, and
    /// the processor would wait for them to copy it as a whole.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub(crate) fn bytes<T>(self, caller: &mut Caller<'_, T>) -> Option<NonNull<[u8]>> {
        let mut bytes = None;
        let look = AssertUnwindSafe(|| {
            if let Some(Extern::Memory(memory)) = caller.get_module_export(&self.0) {
                bytes = Some(NonNull::from(memory.data_mut(caller)));
            }
        });
        let _ = catch_unwind(look);
        bytes
    }
}

pub(crate) fn locate(module: &Module, wanted: Option<&str>) -> Result<Known, NoMemory> {
    let name = named_memory(module, wanted)?;
    let export = module.get_export_index(&name);
    Ok(Known {
        export: export.ok_or(NoMemory::NoneExported)?,
        name: name.into(),
        importer: None,
    })
}

/// How wide the addresses of the module's memory are: of the one that host functions use, or if there
/// is none, of one that it imports.
pub(crate) fn width(module: &Module, wanted: Option<&str>) -> Width {
    let exported = named_memory(module, wanted).ok();
    let exported = exported.and_then(|name| module.get_export(&name));
    if let Some(ExternType::Memory(ty)) = exported {
        return Width::of(&ty);
    }
    let imported = imported_memory(module).ok();
    let chosen = module.imports().filter(|import| {
        imported.is_none_or(|imported| (import.module(), import.name()) == imported)
    });
    // Without one of them, all may still be alike.
    let exports = module.exports().map(|export| export.ty());
    let types = chosen.map(|import| import.ty()).chain(exports);
    let mut widths = types.filter_map(|ty| ty.memory().map(Width::of));
    let first = widths.next().unwrap_or_default();
    if widths.all(|width| width == first) {
        first
    } else {
        Width::Narrow
    }
}

/// The same for one host function, where `usual` is for those that name no memory: to find that takes all of a
/// module's exports.
pub(crate) fn width_for(module: &Module, function: &HostFunction, usual: Width) -> Width {
    let named = function.memory();
    named.map_or(usual, |name| width(module, Some(name)))
}

/// A memory that was found.
#[derive(Clone)]
pub(crate) enum Found {
    /// One of the store's own.
    Own(Memory),
    /// One that other threads use as well.
    OfThreads(SharedMemory),
}

impl Found {
    pub(crate) fn new(export: Extern) -> Result<Self, NoMemory> {
        match export {
            Extern::Memory(memory) => Ok(Self::Own(memory)),
            Extern::SharedMemory(memory) => Ok(Self::OfThreads(memory)),
            _ => Err(NoMemory::NoneExported),
        }
    }

    /// Where it begins, which no other does.
    pub(crate) fn address(&self, store: &impl AsContext) -> usize {
        match self {
            Self::Own(memory) => memory.data_ptr(store).addr(),
            Self::OfThreads(memory) => memory.data().as_ptr().addr(),
        }
    }

    /// The memory, if references into it can be made.
    pub(crate) fn unshared(self) -> Result<Memory, NoMemory> {
        match self {
            Self::Own(memory) => Ok(memory),
            Self::OfThreads(_) => Err(NoMemory::Shared),
        }
    }
}

/// Whether it is an instance of this module that calls, as far as its exports tell.
fn calls<T>(caller: &mut Caller<'_, T>, module: &Module) -> bool {
    Known::importer(module).is_some_and(|known| known.exported(caller).is_some())
}

/// The module of the guest that calls, if the stack tells.
#[cold]
pub(crate) fn calling_module<T>(caller: &mut Caller<'_, T>) -> Option<Module> {
    let stack = WasmBacktrace::force_capture(&*caller);
    let module = stack.frames().first()?.module();
    calls(caller, module).then(|| module.clone())
}

/// Finds the memory of a module that is not known yet, and where that module exports it.
///
/// Wasmtime does not tell a host function its caller's module, but the innermost frame of the
/// guest's stack is the one that called. After a tail call it is not: then the name must do. A module that
/// exports no memory may have imported one, which `imported` knows.
#[cold]
pub(crate) fn ask_stack<T>(
    caller: &mut Caller<'_, T>,
    wanted: Option<&str>,
    imported: impl FnOnce(&mut T, &Module) -> Option<Found>,
) -> Result<(Option<Known>, Found), NoMemory> {
    let stack = WasmBacktrace::force_capture(&*caller);
    let frame = stack.frames().first();
    let located = frame.map_or(Err(NoMemory::NoGuest), |frame| {
        locate(frame.module(), wanted)
    });
    if let Ok(known) = &located
        && let Some(memory) = known.exported(caller)
    {
        return Ok((Some(known.clone()), Found::new(memory)?));
    }
    if let Err(NoMemory::NoneExported) = located
        && let Some(known) = frame.and_then(|frame| Known::importer(frame.module()))
        && let Some(memory) = known.memory(caller, imported)
    {
        return Ok((Some(known), memory?));
    }
    if let Some(memory) = caller.get_export(wanted.unwrap_or(USUAL_NAME)) {
        return Ok((None, Found::new(memory)?));
    }
    // Below a call of the host's own, and after a tail call, that frame is another's.
    let other = frame
        .and_then(|frame| Known::importer(frame.module()))
        .is_some_and(|known| known.exported(caller).is_none());
    Err(match located {
        Err(reason) if !other => reason,
        _ => NoMemory::NoGuest,
    })
}
