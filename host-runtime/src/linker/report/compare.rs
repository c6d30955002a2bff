//! A module held against what the host offers.

use std::any::{TypeId, type_name};

use wasmtime::{ExternType, FuncType, ImportType, Module, ValType};

use crate::{
    linker::{
        Wanted, add,
        fit::fits,
        report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss, Used},
    },
    memory,
    registry::{Entry, HostFunction, HostGlobal, HostImport, Imports},
    text,
    values::{CoreType, CoreTypes, ReturnPointerAt, Width},
};

/// How alike two names must be for one to be taken for the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// The longest name that is compared with others: a guest can choose it, and the time it takes grows
/// with its square.
const LONGEST_NAME: usize = 200;

/// What is given to a module besides the set.
pub(crate) enum Given {
    /// Something of this type.
    Typed(ExternType),
    /// Something whose type its store knows.
    Unknown,
}

impl LinkReport {
    /// `memory` is the name of the guest's memory for functions that name none, and `given` knows what
    /// is offered besides the set, and before it.
    pub(crate) fn new(
        imports: &Imports,
        module: &Module,
        memory: Option<&str>,
        given: impl Fn(&Import) -> Option<Given>,
    ) -> Self {
        let mut report = Self {
            module: module.name().map(str::to_owned),
            used: Vec::new(),
            used_globals: Vec::new(),
            missing: Vec::new(),
            mismatches: Vec::new(),
            missing_states: Vec::new(),
            doubled_states: Vec::new(),
            wrong_callers: Vec::new(),
            data: "",
            unused: Vec::new(),
        };
        let usual = memory::width(module, memory);
        for import in module.imports() {
            let (ty, declared) = (import.ty(), declared(&import));
            if let Some(given) = given(&declared) {
                report.compare_given(declared, &ty, given);
                continue;
            }
            match imports.find(import.module(), import.name()) {
                Some(HostImport::Function(function)) => {
                    let width = memory::width_for(module, function, usual);
                    report.compare_function(declared, &ty, function, width);
                }
                Some(HostImport::Global(global)) => {
                    report.compare_global(declared, &ty, global, usual);
                }
                None => report.missing.push(MissingImport {
                    near: near_misses(imports, &import),
                    import: declared,
                }),
            }
        }
        report
    }

    fn compare_function(
        &mut self,
        import: Import,
        ty: &ExternType,
        function: &'static HostFunction,
        width: Width,
    ) {
        let ty = ty.func();
        let fits = ty.is_some_and(|ty| {
            all_match(ty.params(), function.param_types(width))
                && all_match(function.result_types(width), ty.results())
        });
        let mut used = self.used.iter();
        let used = used.find(|used| std::ptr::eq(used.function, function));
        // A module may list an import twice: then the function has the type that it has already.
        let defined = used.and_then(|used| used.wanted.ty.clone());
        if used.is_none() {
            let ty = ty.filter(|_| fits).cloned();
            let wanted = Wanted {
                width,
                ty,
                ..Wanted::default()
            };
            self.used.push(Used { function, wanted });
            let twice = function.state_twice().map(|state| (function, state));
            self.doubled_states.extend(twice);
        }
        let same = match (&defined, ty) {
            (Some(defined), Some(ty)) => FuncType::eq(defined, ty),
            _ => true,
        };
        if fits && same {
            return;
        }
        self.mismatches.push(Mismatch {
            item: Some(function.into()),
            import,
            host: match defined {
                Some(ty) if fits => text::func_type(ty.params(), ty.results()),
                _ => function.type_text(width),
            },
            rows: ty.map_or_else(Vec::new, |ty| rows(function, width, ty)),
        });
    }

    fn compare_global(
        &mut self,
        import: Import,
        ty: &ExternType,
        global: &'static HostGlobal,
        width: Width,
    ) {
        if !self
            .used_globals
            .iter()
            .any(|used| std::ptr::eq(*used, global))
        {
            self.used_globals.push(global);
        }
        let host = ExternType::Global(global.global_type(width));
        if !fits(&host, ty) {
            self.mismatches.push(Mismatch {
                item: Some(global.into()),
                import,
                host: text::extern_type(&host),
                rows: Vec::new(),
            });
        }
    }

    fn compare_given(&mut self, import: Import, ty: &ExternType, given: Given) {
        if let Given::Typed(host) = given
            && !fits(&host, ty)
        {
            self.mismatches.push(Mismatch {
                item: None,
                import,
                host: text::extern_type(&host),
                rows: Vec::new(),
            });
        }
    }

    /// Adds what a store of `T` must have besides: that data for a `Caller`, and the states that
    /// `provided` knows.
    pub(crate) fn check_store<T: 'static>(&mut self, provided: impl Fn(TypeId) -> bool) {
        self.data = type_name::<T>();
        for function in self.used.iter().map(|used| used.function) {
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
        let unused = imports.iter().filter(|item| match item {
            HostImport::Function(f) => !self.used().any(|used| std::ptr::eq(used, *f)),
            HostImport::Global(g) => !self.used_globals.iter().any(|used| std::ptr::eq(*used, *g)),
        });
        self.unused = unused.collect();
    }
}

fn declared(import: &ImportType<'_>) -> Import {
    Import {
        module: import.module().to_owned(),
        name: import.name().to_owned(),
        ty: text::extern_type(&import.ty()),
    }
}

/// What the host offers whose module or name is the one that is missing, or nearly, the nearest first.
fn near_misses(imports: &Imports, import: &ImportType<'_>) -> Vec<NearMiss> {
    let (module, name) = (import.module(), import.name());
    let mut near: Vec<(f64, NearMiss)> = imports
        .iter()
        .filter(|item| match import.ty() {
            ExternType::Func(_) => item.function().is_some(),
            ExternType::Global(_) => item.global().is_some(),
            _ => false,
        })
        .filter_map(|item| {
            let same_name = item.name() == name;
            let alike = likeness(item.name(), name);
            let module_alike = likeness(item.module(), module);
            let close = same_name || (alike >= ALIKE && module_alike >= ALIKE);
            close.then_some((alike + module_alike, NearMiss { item, same_name }))
        })
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    near.truncate(3);
    near.into_iter().map(|(_, miss)| miss).collect()
}

/// How alike two names are, from 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    if a.len().max(b.len()) > LONGEST_NAME {
        return if a == b { 1.0 } else { 0.0 };
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

/// The parameters and the result, one by one, beside what a guest imports.
fn rows(function: &HostFunction, width: Width, guest: &FuncType) -> Vec<MismatchRow> {
    let core = |types: CoreTypes| -> Vec<_> {
        let types = types.as_slice().iter();
        types.map(|ty| ty.val_type(width)).collect()
    };
    let mut rows = Vec::new();
    let params: Vec<_> = guest.params().collect();
    let mut passed = &params[..];
    let mut parameter = |rust: String, host: Vec<ValType>| {
        let (own, others) = passed.split_at(host.len().min(passed.len()));
        passed = others;
        rows.push(row(rust, &host, own, own, &host));
    };
    let returns = function.needs().returns;
    let pointer = || core(CoreTypes::one(CoreType::Size));
    if returns == ReturnPointerAt::First {
        parameter("return pointer".to_owned(), pointer());
    }
    for own in function.parameters() {
        let rust = format!("{}: {}", own.name(), own.rust_type());
        parameter(rust, core(own.types()));
    }
    if returns == ReturnPointerAt::Last {
        parameter("return pointer".to_owned(), pointer());
    }
    if !passed.is_empty() {
        rows.push(row(String::new(), &[], passed, passed, &[]));
    }
    let (given, wanted) = (core(function.results()), guest.results());
    let wanted: Vec<_> = wanted.collect();
    rows.push(row("result".to_owned(), &given, &wanted, &given, &wanted));
    rows
}

/// One row: what the host and the guest have, and of these what is given and what is taken.
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

/// Whether each of the types that are given matches the one that is taken.
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
    let types = types.iter().map(text::val_type);
    text::list(&mut list, types, " ", "()").expect("a String takes all text");
    list
}
