//! Sets of imports that the host offers.

use std::{cmp::Reverse, collections::HashSet, fmt, iter::Copied, slice};

use crate::registry::{DuplicateImportsError, HostFunction, HostGlobal, HostImport, Offer};

/// A set of host functions and globals, sorted by module and name.
///
/// [`Imports::collected`] contains all annotated items of the program, [`imports!`](crate::imports)
/// the listed ones. Sets can be filtered and merged:
///
/// ```
/// use host_runtime::{imports, wasm_import};
///
/// #[wasm_import(module = "ffi")]
/// fn print(x: i32) {
///     println!("{x}");
/// }
///
/// #[wasm_import(module = "clock", name = "unix-seconds")]
/// fn seconds() -> u64 {
///     1_700_000_000
/// }
///
/// let all = imports![print].merge(imports![seconds]);
/// assert_eq!(all.len(), 2);
/// let quiet = all.filter(|import| import.module() != "ffi");
/// assert!(quiet.get("clock", "unix-seconds").is_some());
/// assert!(quiet.get("ffi", "print").is_none());
/// ```
#[derive(Clone, Default)]
pub struct Imports {
    /// Each item once, sorted by its own module and name.
    items: Vec<HostImport>,
    /// What the items are offered as, sorted by module and name.
    offers: Vec<Offer>,
    /// The offers by patterns, as indices: sorted by module, the most specific first.
    patterns: Vec<usize>,
}

/// What a set offers for an import.
pub(crate) enum Found<'i> {
    One(&'i Offer),
    /// Two items, by patterns that are equally specific.
    Ambiguous([&'i Offer; 2]),
}

/// An item that `imports!` can list: an annotated function, `const` or `static`, a type with an
/// annotated `impl`, or a `mod`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not annotated with `#[wasm_import]`",
    label = "guests cannot import anything from this",
    note = "put `#[wasm_import]` on the function, the `const` or `static`, or on the `impl` block \
        of the type"
)]
#[doc(hidden)]
pub trait HostImports {
    const IMPORTS: &'static [HostImport];
}

impl Imports {
    /// The empty set.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn new(mut offers: Vec<Offer>) -> Self {
        offers.sort_by(|a, b| a.order().cmp(&b.order()));
        offers.dedup_by(|a, b| a.import() == b.import() && a.item().is(&b.item()));
        let mut items: Vec<_> = offers.iter().map(Offer::item).collect();
        items.sort_by_key(|item| {
            (
                item.module(),
                item.name(),
                item.module_path(),
                item.location(),
                item.id(),
            )
        });
        items.dedup_by(|a, b| a.is(b));
        let mut patterns: Vec<_> = (0..offers.len())
            .filter(|&index| offers[index].pattern().is_some())
            .collect();
        patterns.sort_by_key(|&index| {
            let offer = &offers[index];
            (offer.module(), Reverse(offer.specificity()))
        });
        Self {
            items,
            offers,
            patterns,
        }
    }

    /// What the set offers by exactly this module and name.
    pub(crate) fn find_exact(&self, module: &str, name: &str) -> Option<&Offer> {
        let import = (module, name);
        let found = self
            .offers
            .binary_search_by(|offer| offer.import().cmp(&import));
        found.ok().map(|index| &self.offers[index])
    }

    /// What the set offers for a function that a guest imports: the item of that name, or else the
    /// one with the most specific pattern.
    pub(crate) fn find(&self, module: &str, name: &str) -> Option<Found<'_>> {
        if let Some(offer) = self.find_exact(module, name) {
            return Some(Found::One(offer));
        }
        let matches = |offer: &&Offer| offer.pattern().is_some_and(|pattern| pattern.matches(name));
        let mut patterns = self.patterns_of(module);
        let best = patterns.find(matches)?;
        let rival = patterns
            .take_while(|offer| offer.specificity() == best.specificity())
            .find(|offer| matches(offer) && !offer.item().is(&best.item()));
        Some(match rival {
            None => Found::One(best),
            Some(rival) => Found::Ambiguous([best, rival]),
        })
    }

    /// The offers by patterns for imports of a module, the most specific first.
    fn patterns_of(&self, module: &str) -> impl Iterator<Item = &Offer> {
        let offers = &self.offers;
        let is_before = |index: &usize| offers[*index].module() < module;
        let first = self.patterns.partition_point(is_before);
        let patterns = self.patterns[first..].iter();
        patterns
            .map(move |index| &offers[*index])
            .take_while(move |offer| offer.module() == module)
    }

    /// The host function that a guest imports as `name` from `module`, by its name or a pattern.
    ///
    /// If several patterns match the name, the function with the most specific one is returned; see
    /// [the attribute](crate::docs::attribute). `None` if two functions have equally specific ones.
    #[must_use]
    pub fn get(&self, module: &str, name: &str) -> Option<&'static HostFunction> {
        match self.find(module, name)? {
            Found::One(offer) => offer.item().function(),
            Found::Ambiguous(_) => None,
        }
    }

    /// The global that a guest imports as `name` from `module`.
    #[must_use]
    pub fn global(&self, module: &str, name: &str) -> Option<&'static HostGlobal> {
        self.find_exact(module, name)?.item().global()
    }

    /// Keeps the items for which `keep` returns true, with their aliases.
    #[must_use]
    pub fn filter(mut self, keep: impl FnMut(&HostImport) -> bool) -> Self {
        self.items.retain(keep);
        let kept: HashSet<_> = self.items.iter().map(HostImport::id).collect();
        self.offers
            .retain(|offer| kept.contains(&offer.item().id()));
        Self::new(self.offers)
    }

    /// Adds the items of another set, with their aliases. An item of both is contained once.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.offers.extend(other.offers);
        Self::new(self.offers)
    }

    /// Also offers a function as `name` in `module`; see [`alias`](Self::alias).
    ///
    /// This is for functions without a path, such as the methods of an `impl` block:
    ///
    /// ```
    /// use host_runtime::{imports, wasm_import};
    ///
    /// struct Console;
    ///
    /// #[wasm_import(module = "console")]
    /// impl Console {
    ///     fn log(&self, _x: i32) {}
    ///     fn warn(&self, _x: i32) {}
    /// }
    ///
    /// let set = imports![Console];
    /// let log = set.get("console", "log").unwrap();
    /// let set = set.alias_function("wbg", "__wbg_log_*", log);
    /// assert_eq!(set.get("wbg", "__wbg_log_0a1b").unwrap().name(), "log");
    /// ```
    #[must_use]
    pub fn alias_function(
        mut self,
        module: impl Into<String>,
        name: impl Into<String>,
        function: &'static HostFunction,
    ) -> Self {
        let alias = Offer::alias(module.into(), name.into(), function);
        self.offers.push(alias);
        Self::new(self.offers)
    }

    /// All items, sorted by module and name.
    pub fn iter(&self) -> Copied<slice::Iter<'_, HostImport>> {
        self.items.iter().copied()
    }

    /// The functions, sorted by module and name.
    pub fn functions(&self) -> impl Iterator<Item = &'static HostFunction> {
        self.iter().filter_map(|item| item.function())
    }

    /// The globals, sorted by module and name.
    pub fn globals(&self) -> impl Iterator<Item = &'static HostGlobal> {
        self.iter().filter_map(|item| item.global())
    }

    /// The number of functions and globals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What the items are offered as, sorted by module and name.
    pub(crate) fn offers(&self) -> slice::Iter<'_, Offer> {
        self.offers.iter()
    }

    /// Checks that no two items have the same module and name.
    ///
    /// [`Runtime::builder`](crate::Runtime::builder) and [`add_to_linker`](Self::add_to_linker)
    /// do so before they link anything. Different patterns may match the same import. That is
    /// checked when a module is linked.
    ///
    /// # Errors
    ///
    /// The pairs of items that have the same.
    pub fn check(&self) -> Result<(), DuplicateImportsError> {
        let same = self
            .offers
            .array_windows()
            .filter(|[a, b]| a.import() == b.import());
        DuplicateImportsError::of(same.cloned().collect())
    }
}

impl FromIterator<HostImport> for Imports {
    fn from_iter<I: IntoIterator<Item = HostImport>>(items: I) -> Self {
        Self::new(items.into_iter().flat_map(Offer::own).collect())
    }
}

impl FromIterator<&'static HostFunction> for Imports {
    fn from_iter<I: IntoIterator<Item = &'static HostFunction>>(functions: I) -> Self {
        functions.into_iter().map(HostImport::from).collect()
    }
}

impl<'i> IntoIterator for &'i Imports {
    type Item = HostImport;
    type IntoIter = Copied<slice::Iter<'i, HostImport>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.offers).finish()
    }
}

/// Lists annotated functions, `const`s and `static`s, types with an annotated `impl`, and annotated
/// modules (`mod name`).
///
/// It lists the same items that link-time collection finds, without link-time collection:
///
/// ```
/// use host_runtime::{imports, wasm_import};
///
/// #[wasm_import(module = "ffi")]
/// fn print(x: i32) {
///     println!("{x}");
/// }
///
/// #[wasm_import(module = "kv")]
/// mod kv {
///     pub fn get(_key: &str) -> i32 {
///         0
///     }
///     pub fn size() -> i32 {
///         1
///     }
/// }
///
/// struct Clock(u64);
///
/// #[wasm_import(module = "clock")]
/// impl Clock {
///     fn now(&self) -> u64 {
///         self.0
///     }
/// }
///
/// assert_eq!(imports![print, kv::get, Clock].len(), 3);
/// assert_eq!(imports![mod kv].len(), 2);
/// ```
#[macro_export]
macro_rules! imports {
    ($($items:tt)*) => { $crate::__private::imports!($crate; $($items)*) };
}

/// A list of annotated items, which the attribute writes for a module and `imports!` for its list.
#[doc(hidden)]
pub struct Listed {
    /// The items.
    pub items: &'static [&'static [HostImport]],
    /// The annotated modules.
    pub modules: &'static [Self],
}

impl Listed {
    fn add_to(&self, all: &mut Vec<HostImport>) {
        all.extend(self.items.iter().copied().flatten());
        for module in self.modules {
            module.add_to(all);
        }
    }
}

/// Makes the set of an `imports!` list.
#[doc(hidden)]
#[must_use]
pub fn listed(list: &Listed) -> Imports {
    let mut all = Vec::new();
    list.add_to(&mut all);
    all.into_iter().collect()
}
