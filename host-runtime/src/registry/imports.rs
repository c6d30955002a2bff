//! Sets of imports that the host offers.

use std::{fmt, iter::Copied, slice};

use crate::registry::{HostFunction, HostGlobal, HostImport};

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
    items: Vec<HostImport>,
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

    /// The function or global that a guest imports as `name` from `module`.
    pub(crate) fn find(&self, module: &str, name: &str) -> Option<HostImport> {
        self.items
            .binary_search_by(|item| (item.module(), item.name()).cmp(&(module, name)))
            .ok()
            .map(|index| self.items[index])
    }

    /// The host function that a guest imports as `name` from `module`.
    #[must_use]
    pub fn get(&self, module: &str, name: &str) -> Option<&'static HostFunction> {
        self.find(module, name)?.function()
    }

    /// The global that a guest imports as `name` from `module`.
    #[must_use]
    pub fn global(&self, module: &str, name: &str) -> Option<&'static HostGlobal> {
        self.find(module, name)?.global()
    }

    /// Keeps the items for which `keep` returns true.
    #[must_use]
    pub fn filter(mut self, keep: impl FnMut(&HostImport) -> bool) -> Self {
        self.items.retain(keep);
        self
    }

    /// Adds the items of another set. An item of both is contained once.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.items.extend(other.items);
        self.items.into_iter().collect()
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

    /// Checks that no two items have the same module and name.
    ///
    /// [`Runtime::builder`](crate::Runtime::builder) and [`add_to_linker`](Self::add_to_linker)
    /// do so before they link anything.
    ///
    /// # Errors
    ///
    /// The pairs of items that have the same.
    pub fn check(&self) -> Result<(), DuplicateImportsError> {
        let pairs: Vec<_> = self
            .items
            .array_windows()
            .filter(|[a, b]| (a.module(), a.name()) == (b.module(), b.name()))
            .map(|&[a, b]| (a, b))
            .collect();
        if pairs.is_empty() {
            Ok(())
        } else {
            Err(DuplicateImportsError { pairs })
        }
    }
}

impl FromIterator<HostImport> for Imports {
    fn from_iter<I: IntoIterator<Item = HostImport>>(items: I) -> Self {
        let mut items: Vec<_> = items.into_iter().collect();
        items.sort_by_key(|item| {
            (
                item.module(),
                item.name(),
                item.module_path(),
                item.location(),
            )
        });
        items.dedup_by(|a, b| a.is(b));
        Self { items }
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
        f.debug_list().entries(&self.items).finish()
    }
}

/// Two host functions or globals for one import.
#[derive(Clone, Debug)]
pub struct DuplicateImportsError {
    pairs: Vec<(HostImport, HostImport)>,
}

impl DuplicateImportsError {
    /// The items that have the same module and name, in pairs.
    #[must_use]
    pub fn pairs(&self) -> &[(HostImport, HostImport)] {
        &self.pairs
    }
}

impl fmt::Display for DuplicateImportsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (a, b)) in self.pairs.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            let what = match (a, b) {
                (HostImport::Function(_), HostImport::Function(_)) => "two host functions are",
                (HostImport::Global(_), HostImport::Global(_)) => "two globals are",
                _ => "a host function and a global are both",
            };
            let import = crate::message::import(a.module(), a.name());
            write!(
                f,
                "{what} called {import}: {} ({}) and {} ({}); rename one with `name = \"…\"` or \
                 leave it out with `Imports::filter`",
                a.code(),
                a.location(),
                b.code(),
                b.location()
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for DuplicateImportsError {}

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
