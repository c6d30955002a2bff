//! What fits and what does not between a module and the host, all of it at once.

use std::{
    any::{TypeId, type_name},
    fmt,
};

use wasmtime::{ExternType, Module, ValType};

use crate::{
    linker::add,
    memory,
    registry::{Entry, HostFunction, Imports, func_text},
    values::{CoreTypes, Width},
};

/// How alike two names must be for one to be taken for the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// How many unused host functions are printed by name.
const UNUSED_SHOWN: usize = 10;

/// What a module imports, held against what the host offers.
///
/// [`Runtime::prepare`](crate::Runtime::prepare) fails with one if anything is off;
/// [`Imports::report`] makes one for an embedder with its own linker. It prints everything at
/// once:
///
/// ```
/// # use host_runtime::{LinkReport, Runtime, imports, wasm_import};
/// #[wasm_import(module = "ffi")]
/// fn print(_text: &str) {}
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![print]).build()?;
/// let error = runtime.instantiate(r#"(module
///     (import "env" "print" (func (param i32 i32)))
///     (memory (export "memory") 1))"#).unwrap_err();
/// let report: &LinkReport = error.downcast_ref().unwrap();
/// assert_eq!(report.missing()[0].import.module, "env");
/// assert_eq!(report.missing()[0].near[0].function.module(), "ffi");
/// assert!(report.to_string().contains("there is a `print` in `ffi`"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LinkReport {
    module: Option<String>,
    used: Vec<&'static HostFunction>,
    missing: Vec<MissingImport>,
    mismatches: Vec<Mismatch>,
    missing_states: Vec<(&'static HostFunction, &'static str)>,
    doubled_states: Vec<(&'static HostFunction, &'static str)>,
    wrong_callers: Vec<(&'static HostFunction, &'static str)>,
    data: &'static str,
    unused: Vec<&'static HostFunction>,
}

/// An import as the module declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Import {
    /// The module that it is imported from.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its type in the text format: `(func (param i32))`.
    pub ty: String,
}

/// An import that the host does not offer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MissingImport {
    /// What the module imports.
    pub import: Import,
    /// What the host offers that may have been meant, the nearest first.
    pub near: Vec<NearMiss>,
}

/// A host function that may have been meant.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NearMiss {
    /// The function.
    pub function: &'static HostFunction,
    /// Whether it has the very name that is missing, in another module.
    pub same_name: bool,
}

/// A host function whose type is not the one that the module imports.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mismatch {
    /// The function.
    pub function: &'static HostFunction,
    /// What the module imports.
    pub import: Import,
    /// The function's type for this module, in the text format.
    pub host: String,
    /// The parameters and the result one by one: those of the host function, and what the guest
    /// passes beyond them.
    pub rows: Vec<MismatchRow>,
}

/// One parameter, or the result, of a [`Mismatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MismatchRow {
    /// The parameter in Rust, `x: u8`; empty for what only the guest has.
    pub rust: String,
    /// The core types that the host function takes or gives.
    pub host: String,
    /// The core types that the guest passes or expects.
    pub guest: String,
}

impl MismatchRow {
    /// Whether guest and host agree on this one.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.host == self.guest
    }
}

impl Imports {
    /// Holds a module against the set.
    ///
    /// What an embedder's linker has besides is not known here: such imports are among the
    /// [`missing`](LinkReport::missing). States are not looked at, since they are in the store.
    #[must_use]
    pub fn report(&self, module: &Module) -> LinkReport {
        LinkReport::new(self, module, None)
    }
}

impl LinkReport {
    /// `memory` is the name of the guest's memory for functions that name none.
    pub(crate) fn new(imports: &Imports, module: &Module, memory: Option<&str>) -> Self {
        let mut report = Self {
            module: module.name().map(str::to_owned),
            used: Vec::new(),
            missing: Vec::new(),
            mismatches: Vec::new(),
            missing_states: Vec::new(),
            doubled_states: Vec::new(),
            wrong_callers: Vec::new(),
            data: "",
            unused: Vec::new(),
        };
        for import in module.imports() {
            let ty = import.ty();
            let declared = || Import {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                ty: extern_text(&ty),
            };
            let function = imports.get(import.module(), import.name());
            let (Some(function), ExternType::Func(func)) = (function, &ty) else {
                let near = match &ty {
                    ExternType::Func(_) => near_misses(imports, import.module(), import.name()),
                    _ => Vec::new(),
                };
                report.missing.push(MissingImport {
                    import: declared(),
                    near,
                });
                continue;
            };
            // A module may list an import twice.
            if !report.used.iter().any(|used| std::ptr::eq(*used, function)) {
                report.used.push(function);
                let twice = function.state_twice().map(|state| (function, state));
                report.doubled_states.extend(twice);
            }
            let params: Vec<_> = func.params().collect();
            let results: Vec<_> = func.results().collect();
            let width = memory::width(module, function.memory().or(memory));
            if !same(function.param_types(width), &params)
                || !same(function.result_types(width), &results)
            {
                report.mismatches.push(Mismatch {
                    function,
                    import: declared(),
                    host: function.type_text(width),
                    rows: rows(function, width, &params, &results),
                });
            }
        }
        report
    }

    /// Takes out what is provided otherwise.
    pub(crate) fn forgive(&mut self, provided: impl Fn(&Import) -> bool) {
        self.missing.retain(|missing| !provided(&missing.import));
    }

    /// Adds what a store of `T` must have besides: that data for a `Caller`, and the states that
    /// `provided` knows.
    pub(crate) fn check_store<T: 'static>(&mut self, provided: impl Fn(TypeId) -> bool) {
        self.data = type_name::<T>();
        for &function in &self.used {
            if let Entry::Caller { data_name, .. } = function.entry()
                && !add::takes::<T>(function)
            {
                self.wrong_callers.push((function, data_name()));
            }
            for need in function.state_needs() {
                if !provided(need.id) {
                    self.missing_states.push((function, (need.name)()));
                }
            }
        }
    }

    /// Adds what the host offers and the module does not use.
    pub(crate) fn list_unused(&mut self, imports: &Imports) {
        self.unused = imports
            .iter()
            .filter(|function| !self.used.iter().any(|used| std::ptr::eq(*used, *function)))
            .collect();
    }

    /// Whether the module can be linked.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.missing.is_empty()
            && self.mismatches.is_empty()
            && self.missing_states.is_empty()
            && self.doubled_states.is_empty()
            && self.wrong_callers.is_empty()
    }

    /// The host functions that the module imports.
    #[must_use]
    pub fn used(&self) -> &[&'static HostFunction] {
        &self.used
    }

    /// The imports that the host does not offer.
    #[must_use]
    pub fn missing(&self) -> &[MissingImport] {
        &self.missing
    }

    /// The imports whose type is not the host function's.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// The functions that need a state which nobody provides, with the state's type.
    #[must_use]
    pub fn missing_states(&self) -> &[(&'static HostFunction, &'static str)] {
        &self.missing_states
    }

    /// The functions that borrow a state twice, under two names for its type, with that type.
    #[must_use]
    pub fn doubled_states(&self) -> &[(&'static HostFunction, &'static str)] {
        &self.doubled_states
    }

    /// The functions that take the `Caller` of another store data, with that data's type.
    #[must_use]
    pub fn wrong_callers(&self) -> &[(&'static HostFunction, &'static str)] {
        &self.wrong_callers
    }

    /// What the host offers and the module does not use.
    #[must_use]
    pub fn unused(&self) -> &[&'static HostFunction] {
        &self.unused
    }
}

fn same(host: impl Iterator<Item = ValType>, guest: &[ValType]) -> bool {
    let mut guest = guest.iter();
    host.into_iter()
        .all(|ty| guest.next().is_some_and(|other| ValType::eq(&ty, other)))
        && guest.next().is_none()
}

/// The functions whose module or name is the one that is missing, or nearly.
fn near_misses(imports: &Imports, module: &str, name: &str) -> Vec<NearMiss> {
    let mut near: Vec<(f64, NearMiss)> = imports
        .iter()
        .filter_map(|function| {
            let same_name = function.name() == name;
            let alike = strsim::normalized_damerau_levenshtein(function.name(), name);
            let module_alike = strsim::normalized_damerau_levenshtein(function.module(), module);
            let close = same_name || (alike >= ALIKE && module_alike >= ALIKE);
            close.then_some((
                alike + module_alike,
                NearMiss {
                    function,
                    same_name,
                },
            ))
        })
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.truncate(3);
    near.into_iter().map(|(_, miss)| miss).collect()
}

fn rows(
    function: &HostFunction,
    width: Width,
    params: &[ValType],
    results: &[ValType],
) -> Vec<MismatchRow> {
    let core = |types: CoreTypes| {
        let types: Vec<_> = types
            .as_slice()
            .iter()
            .map(|ty| ty.val_type(width))
            .collect();
        type_list(&types)
    };
    let mut rows = Vec::new();
    let mut rest = params;
    for parameter in function.parameters() {
        let types = parameter.types();
        let (own, others) = rest.split_at(types.as_slice().len().min(rest.len()));
        rest = others;
        rows.push(MismatchRow {
            rust: format!("{}: {}", parameter.name(), parameter.rust_type()),
            host: core(types),
            guest: type_list(own),
        });
    }
    if !rest.is_empty() {
        rows.push(MismatchRow {
            rust: String::new(),
            host: type_list(&[]),
            guest: type_list(rest),
        });
    }
    rows.push(MismatchRow {
        rust: "result".to_owned(),
        host: core(function.results()),
        guest: type_list(results),
    });
    rows
}

fn type_list(types: &[ValType]) -> String {
    let mut text = String::new();
    let types = types.iter().map(crate::text::val_type);
    crate::text::list(&mut text, types, " ", "()").expect("a String takes all text");
    text
}

/// A type of an import in the text format.
fn extern_text(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => func_text(ty.params(), ty.results()),
        ExternType::Global(ty) if ty.mutability().is_var() => {
            format!("(global (mut {}))", ty.content())
        }
        ExternType::Global(ty) => format!("(global {})", ty.content()),
        ExternType::Table(ty) => {
            let maximum = ty.maximum().map_or(String::new(), |max| format!(" {max}"));
            format!("(table {}{maximum} {})", ty.minimum(), ty.element())
        }
        ExternType::Memory(ty) => {
            let maximum = ty.maximum().map_or(String::new(), |max| format!(" {max}"));
            let shared = if ty.is_shared() { " shared" } else { "" };
            format!("(memory {}{maximum}{shared})", ty.minimum())
        }
        ExternType::Tag(ty) => format!("(tag {})", func_text(ty.ty().params(), ty.ty().results())),
    }
}

impl fmt::Display for LinkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module {
            Some(name) => write!(f, "the module `{name}` ")?,
            None => f.write_str("the module ")?,
        }
        if self.is_ok() {
            write!(f, "fits: {} host functions are used", self.used.len())?;
        } else {
            f.write_str("does not fit the host:")?;
        }
        for missing in &self.missing {
            write_missing(f, missing)?;
        }
        for mismatch in &self.mismatches {
            write_mismatch(f, mismatch)?;
        }
        for (function, state) in &self.missing_states {
            write!(
                f,
                "\n  state `{state}` is missing: {function} needs it; \
                 provide one by `Runtime::builder().state(…)`"
            )?;
        }
        for &(function, state) in &self.doubled_states {
            write!(f, "\n  {}", DoubledState { function, state })?;
        }
        for &(function, wanted) in &self.wrong_callers {
            let data = self.data;
            write!(
                f,
                "\n  {}",
                WrongCaller {
                    function,
                    wanted,
                    data
                }
            )?;
        }
        self.write_unused(f)
    }
}

/// A function that borrows one state under two names for its type.
pub(super) struct DoubledState {
    pub(super) function: &'static HostFunction,
    pub(super) state: &'static str,
}

impl fmt::Display for DoubledState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, state } = self;
        write!(
            f,
            "{function} borrows the state `{state}` twice, under two names for one type; write one \
             `#[state]` parameter"
        )
    }
}

/// A function that takes the `Caller` of another store data than the store's.
pub(super) struct WrongCaller {
    pub(super) function: &'static HostFunction,
    pub(super) wanted: &'static str,
    pub(super) data: &'static str,
}

impl fmt::Display for WrongCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            wanted,
            data,
        } = self;
        write!(
            f,
            "{function} takes `Caller<'_, {wanted}>`, and the store's data is `{data}`"
        )
    }
}

fn write_missing(f: &mut fmt::Formatter<'_>, missing: &MissingImport) -> fmt::Result {
    let Import { module, name, ty } = &missing.import;
    let import = crate::text::import(module, name);
    write!(f, "\n  {import} is missing, {ty}")?;
    for near in &missing.near {
        let function = near.function;
        if near.same_name {
            let (name, module) = (function.name(), function.module());
            write!(f, "\n      there is a `{name}` in `{module}`: ")?;
        } else {
            let import = crate::text::import(function.module(), function.name());
            write!(f, "\n      there is {import}: ")?;
        }
        write!(f, "{} ({})", function.signature(), function.location())?;
    }
    if !missing.near.is_empty() {
        return Ok(());
    }
    if ty.starts_with("(func") {
        write!(
            f,
            "\n      write a function with `#[wasm_import(module = {module:?}, name = {name:?})]`, or \
             name the crate that has it by `link!`"
        )
    } else {
        write!(
            f,
            "\n      provide one by `Runtime::builder().provide({module:?}, {name:?}, …)`"
        )
    }
}

fn write_mismatch(f: &mut fmt::Formatter<'_>, mismatch: &Mismatch) -> fmt::Result {
    let Mismatch {
        function,
        import,
        host,
        rows,
    } = mismatch;
    write!(
        f,
        "\n  {function} has another type than the guest imports\
         \n      host:  {host}\
         \n      guest: {}",
        import.ty
    )?;
    for row in rows.iter().filter(|row| !row.agrees()) {
        let MismatchRow { rust, host, guest } = row;
        if rust.is_empty() {
            write!(f, "\n      the guest passes {guest} more")?;
        } else {
            write!(
                f,
                "\n      `{rust}` is {host} here and {guest} in the guest"
            )?;
        }
    }
    Ok(())
}

impl LinkReport {
    fn write_unused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unused.is_empty() {
            return Ok(());
        }
        f.write_str("\n  offered and not used: ")?;
        let shown = self.unused.iter().take(UNUSED_SHOWN);
        let names = shown.map(|f| crate::text::import(f.module(), f.name()));
        crate::text::list(f, names, ", ", "")?;
        match self.unused.len().saturating_sub(UNUSED_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for LinkReport {}
