//! Compares the imports of a module with those that the host offers.

use std::{
    any::{TypeId, type_name},
    collections::{HashMap, HashSet},
};

use wasmtime::{ExternType, FuncType, ImportType, Module, ValType};

use crate::{
    abi::{AddressType, CoreType, CoreTypes, ReturnPointerAt},
    exports,
    hostcall::{Entry, FunctionImport, ImportName},
    linker::{
        AmbiguousImport, Import, LinkReport, LinkedFunction, Mismatch, MismatchRow, MissingImport,
        NearMiss, add_to_linker, subtyping::fits,
    },
    message,
    registry::{Found, HostFunction, HostGlobal, HostImport, Imports, Offer, Pattern},
    store::{MissingStateError, StatePlace},
};

/// How similar two names must be for a suggestion, from 0 to 1.
const ALIKE: f64 = 0.8;

/// The longest name that is compared with others. A guest chooses it, and the time of a comparison
/// grows with its square.
const LONGEST_NAME: usize = 64;

/// How many similar items are suggested for a missing import.
const MOST_NEAR: usize = 3;

/// How many missing imports are compared with the items that the host offers.
const COMPARED: usize = 50;

/// The type of a provided item.
pub(crate) enum ProvidedType {
    /// An item of this type.
    Typed(ExternType),
    /// An item whose type only its store knows.
    Unknown,
}

impl LinkReport {
    /// `memory` is the embedder's name for the guest's memory. `given` returns provided items,
    /// which take precedence over the set.
    pub(crate) fn new(
        imports: &Imports,
        module: &Module,
        memory: Option<&str>,
        given: impl Fn(&ImportType<'_>, &ExternType) -> Option<ProvidedType>,
    ) -> Self {
        let mut report = Self {
            module: module.name().map(str::to_owned),
            linked: Vec::new(),
            used: Vec::new(),
            used_globals: Vec::new(),
            missing: Vec::new(),
            ambiguous: Vec::new(),
            mismatches: Vec::new(),
            missing_states: Vec::new(),
            doubled_states: Vec::new(),
            wrong_callers: Vec::new(),
            data: "",
            unused: Vec::new(),
            unused_provided: Vec::new(),
        };
        let usual = exports::address_type(module, memory);
        let mut address_types = HashMap::new();
        let mut known = Known::default();
        for import in module.imports() {
            let (ty, declared) = (import.ty(), declared(&import));
            // A module may list an import twice.
            let key = (import.module(), import.name());
            let is_first = known.imports.insert(key);
            if let Some(given) = given(&import, &ty) {
                report.compare_given(declared, &ty, given);
                continue;
            }
            let offer = match offered(imports, &import) {
                Some(Found::One(offer)) => offer,
                Some(Found::Ambiguous(offers)) => {
                    if is_first {
                        report.add_ambiguous(declared, offers);
                    }
                    continue;
                }
                None => {
                    if is_first {
                        report.add_missing(imports, &import, declared, &mut known);
                    }
                    continue;
                }
            };
            match offer.item() {
                HostImport::Function(function) => {
                    let address_type =
                        *address_types.entry(function.memory()).or_insert_with(|| {
                            exports::address_type_for(module, function.memory(), usual)
                        });
                    let index = known.linked.get(&key).copied();
                    if index.is_none() {
                        let index = report.linked.len();
                        known.linked.insert(key, index);
                        if known.functions.insert(std::ptr::from_ref(function)) {
                            report.used.push(index);
                        }
                    }
                    report.compare_function(declared, &ty, offer, function, address_type, index);
                }
                HostImport::Global(global) => {
                    report.compare_global(declared, &ty, global, usual);
                }
            }
        }
        // A module may list an import twice.
        let mut seen = HashSet::new();
        report
            .mismatches
            .retain(|mismatch| seen.insert(mismatch.import.clone()));
        let doubled = report.used().filter_map(|function| {
            let state = function.state_twice()?;
            Some((function, state))
        });
        report.doubled_states = doubled.collect();
        report
    }

    fn add_ambiguous(&mut self, import: Import, offers: [&Offer; 2]) {
        let patterns = offers.map(|offer| (offer.name().to_owned(), offer.item()));
        self.ambiguous.push(AmbiguousImport { import, patterns });
    }

    fn add_missing(
        &mut self,
        imports: &Imports,
        import: &ImportType<'_>,
        declared: Import,
        known: &mut Known<'_>,
    ) {
        let near = if self.missing.len() < COMPARED {
            near_misses(imports, import)
        } else {
            Vec::new()
        };
        self.missing.push(MissingImport {
            elsewhere: known.elsewhere(import),
            near,
            import: declared,
        });
    }

    /// `index` is that of the import in `linked`, if the module has listed it before.
    fn compare_function(
        &mut self,
        import: Import,
        ty: &ExternType,
        offer: &Offer,
        function: &'static HostFunction,
        address_type: AddressType,
        index: Option<usize>,
    ) {
        let ty = ty.func();
        let fits = ty.is_some_and(|ty| function_fits(function, address_type, ty));
        let linked = index.and_then(|index| self.linked.get(index));
        // A module may list an import twice: then the function has the type that it has already.
        let defined = linked.and_then(|linked| linked.wanted.ty.clone());
        if linked.is_none() {
            let ty = ty.filter(|_| fits).cloned();
            let wanted = FunctionImport {
                name: ImportName::of(function, &import.module, &import.name),
                address_type,
                ty,
                ..FunctionImport::default()
            };
            self.linked.push(LinkedFunction { function, wanted });
        }
        let same = match (&defined, ty) {
            (Some(defined), Some(ty)) => FuncType::eq(defined, ty),
            _ => true,
        };
        if fits && same {
            return;
        }
        // It would match if the addresses had 32 bits.
        let memory64 = address_type == AddressType::I64
            && ty.is_some_and(|ty| function_fits(function, AddressType::I32, ty));
        self.mismatches.push(Mismatch {
            item: Some(function.into()),
            import,
            pattern: offer.pattern().map(|_| offer.name().to_owned()),
            host: match defined {
                Some(ty) if fits => message::func_type(ty.params(), ty.results()),
                _ => function.type_text(address_type),
            },
            rows: ty.map_or_else(Vec::new, |ty| rows(function, address_type, ty)),
            memory64,
        });
    }

    fn compare_global(
        &mut self,
        import: Import,
        ty: &ExternType,
        global: &'static HostGlobal,
        address_type: AddressType,
    ) {
        if !self
            .used_globals
            .iter()
            .any(|used| std::ptr::eq(*used, global))
        {
            self.used_globals.push(global);
        }
        let host = ExternType::Global(global.global_type(address_type));
        if !fits(&host, ty) {
            self.mismatches.push(Mismatch {
                item: Some(global.into()),
                import,
                pattern: None,
                host: message::extern_type(&host),
                rows: Vec::new(),
                memory64: false,
            });
        }
    }

    fn compare_given(&mut self, import: Import, ty: &ExternType, given: ProvidedType) {
        if let ProvidedType::Typed(host) = given
            && !fits(&host, ty)
        {
            self.mismatches.push(Mismatch {
                item: None,
                import,
                pattern: None,
                host: message::extern_type(&host),
                rows: Vec::new(),
                memory64: false,
            });
        }
    }

    /// Checks the requirements for the store: the type of its data for functions with a `Caller`,
    /// and its states. `provided` tells whether there is a state of a type, and `names` returns the
    /// names of the types.
    pub(crate) fn check_store<T: 'static, N: Iterator<Item = &'static str>>(
        &mut self,
        provided: impl Fn(TypeId) -> bool,
        names: impl Fn() -> N,
    ) {
        self.data = type_name::<T>();
        for function in self.used.iter().map(|&index| self.linked[index].function) {
            if let Entry::Caller { data_name, .. } = function.entry()
                && !add_to_linker::takes::<T>(function)
            {
                self.wrong_callers.push((function, data_name()));
            }
            for need in function.state_needs() {
                if !provided(need.id) {
                    let state = (need.id, (need.name)());
                    let missing = MissingStateError::new(state, StatePlace::Builder, names());
                    self.missing_states.push((function, missing));
                }
            }
        }
    }

    /// Adds the items of the set, and those of `provided`, that the module does not use.
    pub(crate) fn list_unused<'p>(
        &mut self,
        imports: &Imports,
        module: &Module,
        provided: impl Iterator<Item = (&'p str, &'p str)>,
    ) {
        let used: HashSet<_> = module
            .imports()
            .map(|import| (import.module(), import.name()))
            .collect();
        self.unused_provided = provided
            .filter(|import| !used.contains(import))
            .map(|(module, name)| message::import(module, name))
            .collect();
        let functions: HashSet<_> = self.used().map(std::ptr::from_ref).collect();
        let globals: HashSet<_> = self
            .used_globals
            .iter()
            .map(|global| std::ptr::from_ref(*global))
            .collect();
        let unused = imports.iter().filter(|item| match item {
            HostImport::Function(f) => !functions.contains(&std::ptr::from_ref(*f)),
            HostImport::Global(g) => !globals.contains(&std::ptr::from_ref(*g)),
        });
        self.unused = unused.collect();
    }
}

/// The state of a comparison.
#[derive(Default)]
struct Known<'m> {
    imports: HashSet<(&'m str, &'m str)>,
    /// The index of each import that is a host function among the linked ones.
    linked: HashMap<(&'m str, &'m str), usize>,
    /// The host functions that the module imports.
    functions: HashSet<*const HostFunction>,
    /// All items of the program, once an import is missing.
    program: Option<Imports>,
}

impl Known<'_> {
    /// Looks up an import that is not in the set among the items of the program.
    fn elsewhere(&mut self, import: &ImportType<'_>) -> Option<HostImport> {
        let program = self.program.get_or_insert_with(program);
        match offered(program, import)? {
            Found::One(offer) | Found::Ambiguous([offer, _]) => Some(offer.item()),
        }
    }
}

/// All items of the program.
#[cfg(feature = "collect")]
fn program() -> Imports {
    Imports::collected().unwrap_or_default()
}

/// Nothing is collected.
#[cfg(not(feature = "collect"))]
fn program() -> Imports {
    Imports::none()
}

/// What a set offers for an import. Only functions are offered by patterns.
fn offered<'i>(imports: &'i Imports, import: &ImportType<'_>) -> Option<Found<'i>> {
    if let ExternType::Func(_) = import.ty() {
        return imports.find(import.module(), import.name());
    }
    let offer = imports.find_exact(import.module(), import.name());
    offer.map(Found::One)
}

/// Checks whether the type of a host function matches that of an import.
fn function_fits(function: &HostFunction, address_type: AddressType, ty: &FuncType) -> bool {
    all_match(ty.params(), function.param_types(address_type))
        && all_match(function.given_types(address_type), ty.results())
}

fn declared(import: &ImportType<'_>) -> Import {
    Import {
        module: import.module().to_owned(),
        name: import.name().to_owned(),
        ty: message::shortened(message::extern_type(&import.ty())),
    }
}

/// Finds offered items whose module or name equals that of the missing import or is similar to it,
/// the most similar first.
fn near_misses(imports: &Imports, import: &ImportType<'_>) -> Vec<NearMiss> {
    let (module, name) = (import.module(), import.name());
    let mut near: Vec<(f64, bool, &Offer)> = imports
        .offers()
        .filter(|offer| match import.ty() {
            ExternType::Func(_) => offer.item().function().is_some(),
            ExternType::Global(_) => offer.item().global().is_some(),
            _ => false,
        })
        .filter_map(|offer| {
            let (alike, same_name) = match offer.pattern() {
                Some(pattern) => pattern_likeness(pattern, name),
                None => name_likeness(offer.name(), name),
            };
            let module_alike = likeness(offer.module(), module);
            let close = same_name || (alike >= ALIKE && module_alike >= ALIKE);
            close.then_some((alike + module_alike, same_name, offer))
        })
        .collect();
    near.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let mut misses: Vec<NearMiss> = Vec::new();
    for (_, same_name, offer) in near {
        let item = offer.item();
        // A function may be offered by several names.
        if misses.len() < MOST_NEAR && misses.iter().all(|miss| !miss.item.is(&item)) {
            misses.push(NearMiss {
                item,
                module: offer.module().to_owned(),
                name: offer.name().to_owned(),
                same_name,
            });
        }
    }
    misses
}

/// The similarity of an offered name to a missing one, from 0 to 1, and whether they are equal.
fn name_likeness(offered: &str, name: &str) -> (f64, bool) {
    if is_same_but_for_style(offered, name) {
        return (1.0, offered == name);
    }
    (likeness(offered, name), offered == name)
}

/// The similarity of the ends of a pattern to those of a missing name, from 0 to 1, and whether the
/// pattern matches the name.
fn pattern_likeness(pattern: Pattern<'_>, name: &str) -> (f64, bool) {
    if pattern.literals() == 0 {
        // It matches every name, so it says nothing about this one.
        return (0.0, false);
    }
    if pattern.matches(name) {
        return (1.0, true);
    }
    let (start, end) = pattern.ends();
    if (start, end) == ("", "") || name.len() > LONGEST_NAME {
        return (0.0, false);
    }
    let characters: Vec<_> = name.chars().collect();
    let (first, last) = (start.chars().count(), end.chars().count());
    let middle = characters.len().saturating_sub(last).max(first);
    let ends = characters
        .iter()
        .take(first)
        .chain(characters.iter().skip(middle));
    let ends: String = ends.collect();
    (likeness(&(start.to_owned() + end), &ends), false)
}

/// The similarity of two names, from 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    // Names of such different lengths cannot be similar.
    let too_long = (longer - shorter) * 5 > longer;
    if a == b || longer > LONGEST_NAME || too_long {
        return if a == b { 1.0 } else { 0.0 };
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

/// Checks whether two names differ only in case and in separators of words: `getElementById` and
/// `get_element_by_id`.
pub(super) fn is_same_but_for_style(a: &str, b: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase)
    }
    a.len().max(b.len()) <= LONGEST_NAME && letters(a).next().is_some() && letters(a).eq(letters(b))
}

/// Compares each parameter and the result with the type of the import.
fn rows(function: &HostFunction, address_type: AddressType, guest: &FuncType) -> Vec<MismatchRow> {
    let core = |types: CoreTypes| -> Vec<_> {
        let types = types.as_slice().iter();
        types.map(|ty| ty.val_type(address_type)).collect()
    };
    let pointer = || {
        (
            "return pointer".to_owned(),
            core(CoreTypes::one(CoreType::Size)),
        )
    };
    let returns = function.shape().returns;
    let mut parameters = Vec::new();
    parameters.extend((returns == ReturnPointerAt::First).then(pointer));
    parameters.extend(function.parameters().iter().map(|own| {
        let rust = format!("{}: {}", own.name(), own.rust_type());
        (rust, core(own.types()))
    }));
    parameters.extend((returns == ReturnPointerAt::Last).then(pointer));
    let passed: Vec<_> = guest.params().collect();
    let hosts: Vec<_> = parameters.iter().map(|(_, host)| &host[..]).collect();
    let mut rest = &passed[..];
    let mut rows = Vec::new();
    let taken = align(&hosts, &passed);
    for ((rust, host), taken) in parameters.iter().zip(taken) {
        let (own, others) = rest.split_at(taken);
        rest = others;
        rows.push(row(rust.clone(), host, own, own, host));
    }
    if !rest.is_empty() {
        rows.push(row(String::new(), &[], rest, rest, &[]));
    }
    let (given, wanted) = (core(function.results()), guest.results());
    let wanted: Vec<_> = wanted.collect();
    rows.push(row("result".to_owned(), &given, &wanted, &given, &wanted));
    rows
}

/// Assigns the values that a guest passes to parameters, such that as few values as possible are
/// missing, left over or of another type. Returns the number of values of each parameter.
fn align(parameters: &[&[ValType]], passed: &[ValType]) -> Vec<usize> {
    let passed = &passed[..passed.len().min(MOST_ALIGNED)];
    // For each parameter and value: the cost from there on, and the number of values that the
    // parameter takes.
    let mut best = vec![vec![(0, 0); passed.len() + 1]; parameters.len() + 1];
    for (left, (cost, _)) in best[parameters.len()].iter_mut().rev().enumerate() {
        *cost = left;
    }
    for (index, host) in parameters.iter().enumerate().rev() {
        for at in 0..=passed.len() {
            let most = host.len().min(passed.len() - at);
            let ways = (0..=most).rev().map(|taken| {
                let pairs = passed[at..at + taken].iter().zip(host.iter());
                let wrong = pairs.filter(|(passed, host)| !passed.matches(host)).count();
                // A missing parameter is less likely than one with fewer values.
                let absent = usize::from(taken == 0 && !host.is_empty());
                let own = host.len() - taken + absent + 2 * wrong;
                (own + best[index + 1][at + taken].0, taken)
            });
            best[index][at] = ways.min_by_key(|(cost, _)| *cost).unwrap_or_default();
        }
    }
    let mut at = 0;
    let taken = (0..parameters.len()).map(|index| {
        let (_, taken) = best[index][at];
        at += taken;
        taken
    });
    taken.collect()
}

/// How many values of a guest are compared one by one.
const MOST_ALIGNED: usize = 64;

/// How many types of a row are printed.
const TYPES_SHOWN: usize = 16;

/// Makes one row of the types of the host and the guest, and compares the given types with the
/// taken ones.
fn row(
    rust: String,
    host: &[ValType],
    guest: &[ValType],
    given: &[ValType],
    taken: &[ValType],
) -> MismatchRow {
    MismatchRow {
        rust,
        host: type_list(host),
        guest: type_list(guest),
        fits: all_match(given.iter().cloned(), taken.iter().cloned()),
    }
}

/// Checks whether each given type matches the taken one.
fn all_match(
    mut given: impl Iterator<Item = ValType>,
    mut taken: impl Iterator<Item = ValType>,
) -> bool {
    let all = taken
        .by_ref()
        .all(|taken| given.next().is_some_and(|given| given.matches(&taken)));
    all && given.next().is_none()
}

fn type_list(types: &[ValType]) -> String {
    let mut list = String::new();
    let shown = types.iter().take(TYPES_SHOWN).map(message::val_type);
    message::list(&mut list, shown, " ", "()").expect("a String takes all text");
    match types.len().saturating_sub(TYPES_SHOWN) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}
