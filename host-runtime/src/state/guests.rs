//! What a store knows of its guests, so as not to ask Wasmtime in each call.

use std::{any::TypeId, iter};

use wasmtime::{Func, Global, Instance, Memory, Table};

use crate::{
    memory::{Finder, Imported, MemoryName},
    registry::HostGlobal,
    values::Width,
};

/// How many calls of the host into guests may be under way, one within the other: a guest that hands
/// out a host function has the host call itself, by no stack that Wasmtime watches.
const DEEPEST: u32 = 64;

/// An allocator by the type that names it, and the width that its own type has.
type AllocatorId = (TypeId, Width);

/// What is known of the guests of a store.
#[derive(Default)]
pub(crate) struct Guests {
    /// Whether the store holds one instance only, for certain. Not so by default: a `HostData` may
    /// be put into any store.
    sole: bool,
    /// The store's only instance.
    only: Option<Instance>,
    /// Its table of functions, once it was looked for.
    table: Option<Table>,
    /// Its allocators.
    allocators: Vec<(AllocatorId, Func)>,
    /// The memory of host functions that name none.
    finder: Finder,
    /// The memories that host functions name.
    named_finders: Vec<Finder>,
    /// What guests import that export none of it.
    pub(crate) imported: Imported,
    /// The store's own of each annotated global that a guest of it imports.
    globals: Vec<(&'static HostGlobal, Global)>,
    /// Whether a host function may be called by the host itself, as far as is known; see
    /// `Quick::bytes` in `memory/find.rs`.
    careful: bool,
    /// How many calls of the host into guests are under way, one within the other.
    depth: u32,
}

impl Guests {
    pub(super) fn set_memory_name(&mut self, name: String) {
        self.finder = Finder::new(Some(name.into()));
    }

    /// The finder of the memory that a host function names, or of the one that none is named for.
    #[inline]
    pub(crate) fn finder(&mut self, name: Option<&'static str>) -> &mut Finder {
        match name {
            None => &mut self.finder,
            Some(name) => self.named_finder(name),
        }
    }

    fn named_finder(&mut self, name: &'static str) -> &mut Finder {
        let known = self
            .named_finders
            .iter()
            .position(|finder| finder.name() == Some(name));
        let index = known.unwrap_or_else(|| {
            let new = MemoryName::Some(name.into());
            self.named_finders.push(Finder::new(new));
            self.named_finders.len() - 1
        });
        &mut self.named_finders[index]
    }

    /// The table of functions of the store's only instance, if it is known.
    pub(crate) fn table(&self) -> Option<Table> {
        self.table
    }

    /// Keeps the table of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_table(&mut self, table: Option<Table>) {
        if self.sole {
            self.table = table;
        }
    }

    /// The store's own of an annotated global, if a guest of it imports that.
    pub(crate) fn global(&self, wanted: &'static HostGlobal) -> Option<Global> {
        let mut globals = self.globals.iter();
        let (_, global) = globals.find(|(known, _)| std::ptr::eq(*known, wanted))?;
        Some(*global)
    }

    pub(crate) fn add_global(&mut self, of: &'static HostGlobal, global: Global) {
        self.globals.push((of, global));
    }

    /// An allocator of the store's only instance, if it is known.
    pub(crate) fn allocator(&self, id: AllocatorId) -> Option<Func> {
        let (_, func) = self.allocators.iter().find(|(known, _)| *known == id)?;
        Some(*func)
    }

    /// Keeps an allocator of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_allocator(&mut self, id: AllocatorId, func: Func) {
        if self.sole {
            self.allocators.push((id, func));
        }
    }

    /// Keeps the store's only instance, if it is that.
    ///
    /// When a guest exports a host function that it imports, and the host calls that, Wasmtime knows of
    /// no guest.
    pub(crate) fn keep_instance(&mut self, instance: Instance) {
        self.only = self.sole.then_some(instance);
    }

    pub(crate) fn only_instance(&self) -> Option<Instance> {
        self.only
    }

    /// Keeps the memory of the store's only instance, if it is that: it is not looked up again.
    pub(crate) fn keep_memory(&mut self, name: Option<&'static str>, memory: Option<Memory>) {
        if self.sole {
            self.finder(name).set_only(memory);
        }
    }

    /// Says that the store will hold one instance, until [`lend`](Self::lend) is called.
    pub(crate) fn expect_one_instance(&mut self) {
        self.sole = true;
        // Once it is not the only one, time counts less.
        self.careful = true;
    }

    /// Says that the store is in the hands of code that may put another instance into it: from
    /// now on a memory is looked up for the instance that calls.
    pub(crate) fn lend(&mut self) {
        self.sole = false;
        self.only = None;
        self.allocators.clear();
        self.table = None;
        for finder in iter::once(&mut self.finder).chain(&mut self.named_finders) {
            finder.set_only(None);
        }
    }

    /// Forgets all of it but the memory's name.
    pub(super) fn forget(&mut self) {
        self.lend();
        self.globals.clear();
        self.imported = Imported::default();
    }

    /// Whether a host function may be called by the host.
    #[inline]
    pub(crate) fn is_careful(&self) -> bool {
        self.careful || cfg!(panic = "abort")
    }

    /// Notes that a guest is called by the host, and gives what [`end_call`](Self::end_call) is to be told.
    pub(super) fn begin_call(&mut self) -> wasmtime::Result<bool> {
        if self.depth == DEEPEST {
            wasmtime::bail!(
                "{DEEPEST} calls of guests by the host are under way, one within the other"
            );
        }
        self.depth += 1;
        // The function that is called may be one of the host's.
        Ok(std::mem::replace(&mut self.careful, true))
    }

    pub(super) fn end_call(&mut self, careful: bool) {
        self.depth -= 1;
        self.careful = careful;
    }
}
