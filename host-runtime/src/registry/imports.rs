//! Sets of host functions.

use std::{fmt, iter::Copied, slice};

use crate::registry::HostFunction;

/// A set of host functions, sorted by module and name.
///
/// [`Imports::collected`] has every annotated function of the program, [`imports!`](crate::imports)
/// those that it lists. Sets can be filtered and merged:
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
/// let quiet = all.filter(|function| function.module() != "ffi");
/// assert!(quiet.get("clock", "unix-seconds").is_some());
/// assert!(quiet.get("ffi", "print").is_none());
/// ```
#[derive(Clone, Default)]
pub struct Imports {
    functions: Vec<&'static HostFunction>,
}

/// What `imports!` can list: an annotated function, a type with an annotated `impl`, a `mod`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not annotated with `#[wasm_import]`",
    label = "no host functions here",
    note = "put `#[wasm_import]` on the function, or on the `impl` block of the type"
)]
#[doc(hidden)]
pub trait HostImports {
    const FUNCTIONS: &'static [&'static HostFunction];
}

impl Imports {
    /// No host functions at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The host function that a guest imports as `name` from `module`.
    #[must_use]
    pub fn get(&self, module: &str, name: &str) -> Option<&'static HostFunction> {
        self.functions
            .binary_search_by(|function| (function.module(), function.name()).cmp(&(module, name)))
            .ok()
            .map(|index| self.functions[index])
    }

    /// Keeps the functions that `keep` is true for.
    #[must_use]
    pub fn filter(mut self, mut keep: impl FnMut(&HostFunction) -> bool) -> Self {
        self.functions.retain(|function| keep(function));
        self
    }

    /// Adds the functions of another set. A function that is in both is there once.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.functions.extend(other.functions);
        self.functions.into_iter().collect()
    }

    /// The functions, sorted by module and name.
    pub fn iter(&self) -> Copied<slice::Iter<'_, &'static HostFunction>> {
        self.functions.iter().copied()
    }

    pub(crate) fn as_slice(&self) -> &[&'static HostFunction] {
        &self.functions
    }

    /// How many functions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether there is no function.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Checks that no two functions have the same module and name.
    ///
    /// [`Runtime::builder`](crate::Runtime::builder) and [`add_to_linker`](Self::add_to_linker)
    /// do so before they link anything.
    ///
    /// # Errors
    ///
    /// The pairs that have, with both places.
    pub fn check(&self) -> Result<(), DuplicateImports> {
        let pairs: Vec<_> = self
            .functions
            .array_windows()
            .filter(|[a, b]| (a.module(), a.name()) == (b.module(), b.name()))
            .map(|&[a, b]| (a, b))
            .collect();
        if pairs.is_empty() {
            Ok(())
        } else {
            Err(DuplicateImports { pairs })
        }
    }
}

impl FromIterator<&'static HostFunction> for Imports {
    fn from_iter<I: IntoIterator<Item = &'static HostFunction>>(functions: I) -> Self {
        let mut functions: Vec<_> = functions.into_iter().collect();
        functions.sort_by_key(|function| {
            (
                function.module(),
                function.name(),
                function.module_path(),
                function.location(),
            )
        });
        functions.dedup_by(|a, b| std::ptr::eq(*a, *b));
        Self { functions }
    }
}

impl<'i> IntoIterator for &'i Imports {
    type Item = &'static HostFunction;
    type IntoIter = Copied<slice::Iter<'i, &'static HostFunction>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.functions).finish()
    }
}

/// Two host functions for one import.
#[derive(Clone, Debug)]
pub struct DuplicateImports {
    pairs: Vec<(&'static HostFunction, &'static HostFunction)>,
}

impl DuplicateImports {
    /// The functions that have the same module and name, in pairs.
    #[must_use]
    pub fn pairs(&self) -> &[(&'static HostFunction, &'static HostFunction)] {
        &self.pairs
    }
}

impl fmt::Display for DuplicateImports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (a, b)) in self.pairs.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            let import = crate::text::import(a.module(), a.name());
            write!(
                f,
                "two host functions are called {import}: {} ({}) and {} ({}); \
                 rename one by `name = \"…\"` or leave it out with `Imports::filter`",
                a.signature(),
                a.location(),
                b.signature(),
                b.location()
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for DuplicateImports {}

/// Lists annotated functions, types with an annotated `impl`, and annotated modules (`mod name`).
///
/// It names the same functions that link-time collection finds, without any link-time magic:
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
    // An item is one or the other; that it may be neither allows a comma after the last.
    ($($(mod $($module:ident)::+)? $($item:ty)?),*) => {
        $crate::__private::listed(&[$(
            $($($module::)+THIS_MODULE_NEEDS_WASM_IMPORT,)?
            $(&[<$item as $crate::__private::HostImports>::FUNCTIONS],)?
        )*])
    };
}

/// The functions that `imports!` lists: of each item, of each of its functions.
#[doc(hidden)]
#[must_use]
pub fn listed(items: &[&[&[&'static HostFunction]]]) -> Imports {
    let functions = items.iter().copied().flatten().copied().flatten();
    functions.copied().collect()
}
