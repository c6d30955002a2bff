//! Adds host functions to an embedder's linker.

use std::{
    any::{TypeId, type_name},
    ptr,
    sync::Arc,
};

use wasmtime::{Linker, Module, Store};

use crate::{
    abi::AddressType,
    exports::{self, ExportNames, ModuleExports},
    hostcall::{Entry, FunctionImport, ImportName, define},
    linker::{
        LinkReport, LinkedFunction,
        global::define_global,
        report::{DoubledState, WrongCaller},
    },
    message,
    registry::{DuplicateImportsError, HostFunction, HostGlobal, HostImport, Imports, Offer},
    store::{HostData, Trampolines},
};

/// Why host functions could not be added to a linker.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Two items are one import.
    #[error(transparent)]
    Duplicates(#[from] DuplicateImportsError),
    /// Functions have patterns for names, and the linker is for any module. Each has a line.
    #[error("{}", .0.join("\n"))]
    Patterns(Vec<String>),
    /// The module and the host do not fit.
    #[error("{0}")]
    Report(Box<LinkReport>),
    /// Functions take the `Caller` for another type of store data than the linker's.
    #[error("{}", wrong_callers(.functions, .data))]
    WrongCaller {
        /// The functions.
        functions: Vec<&'static HostFunction>,
        /// The type of the linker's store data.
        data: &'static str,
    },
    /// Functions borrow one state twice, under two names for its type.
    #[error("{}", doubled_states(.0))]
    DoubledState(Vec<&'static HostFunction>),
    /// Wasmtime refuses a definition, for example because the linker has one of that name.
    #[error("{item} cannot be defined in the linker: {}", shown(.error))]
    Define {
        /// The function or global.
        item: HostImport,
        /// Wasmtime's error.
        error: wasmtime::Error,
    },
}

/// The text of Wasmtime's error, which may contain names that a guest has chosen.
fn shown(error: &wasmtime::Error) -> String {
    let text = error.to_string();
    message::foreign_line(&text).unwrap_or(text)
}

fn wrong_callers(functions: &[&'static HostFunction], data: &'static str) -> String {
    let lines = functions.iter().map(|&function| {
        let wanted = match function.entry() {
            Entry::Caller { data_name, .. } => data_name(),
            Entry::Plain { .. } | Entry::Guest { .. } => data,
        };
        let wrong = WrongCaller {
            function: function.to_string(),
            wanted,
            data,
        };
        format!("{wrong}; remove it with `Imports::filter`")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The message for a function that cannot be defined without a module.
fn pattern_without_module(offer: &Offer) -> String {
    format!(
        "{offer} is offered by a pattern, which matches imports of a module: use \
         `Imports::add_to_linker_for` with the module, or leave the function out with \
         `Imports::filter`"
    )
}

fn doubled_states(functions: &[&'static HostFunction]) -> String {
    let lines = functions.iter().filter_map(|&function| {
        let state = function.state_twice()?;
        let function = function.to_string();
        Some(DoubledState { function, state }.to_string())
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Imports {
    /// Defines all functions of the set in an embedder's linker.
    ///
    /// `project` returns the [`HostData`] in the embedder's store data.
    ///
    /// ```
    /// use host_runtime::{HostData, imports, wasm_import, wasmtime};
    /// use wasmtime::{Engine, Linker, Module, Store};
    ///
    /// struct App {
    ///     host: HostData,
    /// }
    ///
    /// struct Total(i32);
    ///
    /// #[wasm_import(module = "app")]
    /// fn add(#[state] total: &mut Total, x: i32) {
    ///     total.0 += x;
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// imports![add].add_to_linker(&mut linker, |app: &mut App| &mut app.host)?;
    /// linker.func_wrap("app", "by_hand", || 41)?;
    ///
    /// let module = Module::new(&engine, r#"(module
    ///     (import "app" "add" (func $add (param i32)))
    ///     (import "app" "by_hand" (func $by_hand (result i32)))
    ///     (func (export "run") (call $add (call $by_hand)) (call $add (i32.const 1))))"#)?;
    /// let mut store = Store::new(&engine, App { host: HostData::new().with(Total(0)) });
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
    /// assert_eq!(store.data().host.state::<Total>().unwrap().0, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Host functions use the memory of the calling instance, among the exports of its module. They
    /// expect 32-bit addresses. For a module with a 64-bit memory, or one whose imports have other
    /// types that match those of the host functions, use
    /// [`add_to_linker_for`](Self::add_to_linker_for). Functions whose names are patterns also need
    /// it, because only the imports of a module tell what a pattern matches. Globals belong to a
    /// store: [`add_globals_to_linker`](Self::add_globals_to_linker) defines them. A missing state
    /// is an error of the call that needs it, because a linker does not know the states of stores.
    ///
    /// # Errors
    ///
    /// [`LinkError`] if two items are one import, if one has a pattern for a name, if one takes the
    /// `Caller` for other store data, or if one borrows a state twice. Nothing is defined then.
    pub fn add_to_linker<T, P>(&self, linker: &mut Linker<T>, project: P) -> Result<(), LinkError>
    where
        T: 'static,
        P: Fn(&mut T) -> &mut HostData + Clone + Send + Sync + 'static,
    {
        self.check()?;
        let patterns = self.offers().filter(|offer| offer.pattern().is_some());
        let patterns: Vec<_> = patterns.map(pattern_without_module).collect();
        if !patterns.is_empty() {
            return Err(LinkError::Patterns(patterns));
        }
        let functions = self.offers().filter_map(|offer| {
            let function = offer.item().function()?;
            let wanted = FunctionImport {
                name: ImportName::of(function, offer.module(), offer.name()),
                ..FunctionImport::default()
            };
            Some(LinkedFunction { function, wanted })
        });
        add(&functions.collect::<Vec<_>>(), None, linker, project)
    }

    /// Defines the functions that `module` imports, and no others.
    ///
    /// A function whose name is a pattern is defined for each import that the pattern matches.
    /// Imports that are not in the set may be defined by the embedder.
    ///
    /// # Errors
    ///
    /// Those of [`add_to_linker`](Self::add_to_linker) except for patterns, and
    /// [`LinkError::Report`] if a function or a global has another type than the module imports, or
    /// if an import matches patterns of two functions, neither of which is more specific.
    pub fn add_to_linker_for<T, P>(
        &self,
        module: &Module,
        linker: &mut Linker<T>,
        project: P,
    ) -> Result<(), LinkError>
    where
        T: 'static,
        P: Fn(&mut T) -> &mut HostData + Clone + Send + Sync + 'static,
    {
        self.check()?;
        let report = self.report(module);
        if !report.is_consistent() {
            return Err(LinkError::Report(Box::new(report)));
        }
        let exports = Arc::new(ModuleExports::new(module, &ExportNames::default()));
        add(report.linked(), Some(&exports), linker, project)
    }

    /// Defines all globals of the set for `store`. Instances of that store share them.
    ///
    /// ```
    /// use host_runtime::{HostData, imports, wasm_import, wasmtime};
    /// use wasmtime::{Engine, Linker, Module, Store};
    ///
    /// #[wasm_import(module = "app")]
    /// static LEVEL: i32 = 41;
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// let mut store = Store::new(&engine, HostData::new());
    /// imports![LEVEL].add_globals_to_linker(&mut linker, &mut store, |host| host)?;
    /// let module = Module::new(&engine, r#"(module
    ///     (import "app" "LEVEL" (global $level (mut i32)))
    ///     (func (export "run") (result i32)
    ///         (global.set $level (i32.add (global.get $level) (i32.const 1)))
    ///         (global.get $level)))"#)?;
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    /// assert_eq!(run.call(&mut store, ())?, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A [`GuestSize`](crate::GuestSize) has 32 bits.
    ///
    /// # Errors
    ///
    /// [`LinkError`] if two items are one import, or if the linker has another item of a global's
    /// name.
    pub fn add_globals_to_linker<T: 'static>(
        &self,
        linker: &mut Linker<T>,
        store: &mut Store<T>,
        project: impl Fn(&mut T) -> &mut HostData,
    ) -> Result<(), LinkError> {
        self.check()?;
        add_globals(self.globals(), linker, store, project, AddressType::I32)
    }

    /// Defines the globals that `module` imports, unless this method has defined them before.
    ///
    /// # Errors
    ///
    /// Those of [`add_globals_to_linker`](Self::add_globals_to_linker), and [`LinkError::Report`]
    /// if something has another type than the module imports.
    pub fn add_globals_to_linker_for<T: 'static>(
        &self,
        module: &Module,
        linker: &mut Linker<T>,
        store: &mut Store<T>,
        project: impl Fn(&mut T) -> &mut HostData,
    ) -> Result<(), LinkError> {
        self.check()?;
        let report = self.report(module);
        if !report.is_consistent() {
            return Err(LinkError::Report(Box::new(report)));
        }
        let globals = report.used_globals().iter().copied();
        add_globals(
            globals,
            linker,
            store,
            project,
            exports::address_type(module, None),
        )
    }
}

fn add_globals<T: 'static>(
    globals: impl Iterator<Item = &'static HostGlobal>,
    linker: &mut Linker<T>,
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    address_type: AddressType,
) -> Result<(), LinkError> {
    for global in globals {
        define_global(linker, store, &project, global, address_type).map_err(|error| {
            LinkError::Define {
                item: global.into(),
                error,
            }
        })?;
    }
    Ok(())
}

fn add<T, P>(
    functions: &[LinkedFunction],
    module: Option<&Arc<ModuleExports>>,
    linker: &mut Linker<T>,
    project: P,
) -> Result<(), LinkError>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Clone + Send + Sync + 'static,
{
    let wrong = those(functions, |function| !takes::<T>(function));
    if !wrong.is_empty() {
        return Err(LinkError::WrongCaller {
            functions: wrong,
            data: type_name::<T>(),
        });
    }
    let doubled = those(functions, |function| function.state_twice().is_some());
    if !doubled.is_empty() {
        return Err(LinkError::DoubledState(doubled));
    }
    let all = functions.iter().filter_map(|used| used.function.memory());
    let trampolines = Arc::new(Trampolines::new(all));
    for LinkedFunction { function, wanted } in functions {
        let wanted = wanted.in_linker(module, &trampolines);
        let defined = define(linker, function, &wanted, project.clone());
        defined.map_err(|error| LinkError::Define {
            item: (*function).into(),
            error,
        })?;
    }
    Ok(())
}

/// The functions for which `are` returns true, each once.
fn those(
    functions: &[LinkedFunction],
    are: impl Fn(&HostFunction) -> bool,
) -> Vec<&'static HostFunction> {
    let mut found: Vec<&'static HostFunction> = Vec::new();
    for function in functions.iter().map(|linked| linked.function) {
        if are(function) && !found.iter().any(|known| ptr::eq(*known, function)) {
            found.push(function);
        }
    }
    found
}

/// Checks whether a linker for the store data `T` can define `function`.
pub(super) fn takes<T: 'static>(function: &HostFunction) -> bool {
    match function.entry() {
        Entry::Plain { .. } | Entry::Guest { .. } => true,
        Entry::Caller { data, .. } => data() == TypeId::of::<T>(),
    }
}
