//! Link-time collection of all annotated items of a program.

use std::fmt;

use crate::registry::{HostImport, Imports};

/// The annotated items that one attribute adds to the program.
#[doc(hidden)]
pub enum Collected {
    Item(HostImport),
    Items(&'static [HostImport]),
}

inventory::collect!(Collected);

impl Collected {
    fn items(&self) -> &[HostImport] {
        match self {
            Self::Item(item) => std::slice::from_ref(item),
            Self::Items(items) => items,
        }
    }
}

/// A crate that was named by [`link!`](crate::link).
#[doc(hidden)]
pub struct Anchor {
    pub crate_name: &'static str,
    pub file: &'static str,
    pub line: u32,
}

inventory::collect!(Anchor);

impl Imports {
    /// All annotated items that the program was linked with, of all crates.
    ///
    /// The linker leaves out a dependency that no code names, with its items. Name it by
    /// [`link!`](crate::link).
    ///
    /// # Errors
    ///
    /// If a crate that [`link!`](crate::link) names has no annotated items.
    pub fn collected() -> Result<Self, CollectError> {
        let imports: Self = inventory::iter::<Collected>()
            .flat_map(|collected| collected.items().iter().copied())
            .collect();
        let mut silent: Vec<_> = inventory::iter::<Anchor>()
            .filter(|anchor| {
                imports
                    .iter()
                    .all(|item| item.crate_name() != anchor.crate_name)
            })
            .collect();
        if silent.is_empty() {
            return Ok(imports);
        }
        silent.sort_by_key(|anchor| (anchor.crate_name, anchor.file, anchor.line));
        Err(CollectError { silent })
    }
}

/// A crate that [`link!`](crate::link) names has no annotated items.
pub struct CollectError {
    silent: Vec<&'static Anchor>,
}

impl CollectError {
    /// The names of the crates without annotated items.
    pub fn crates(&self) -> impl Iterator<Item = &'static str> {
        self.silent.iter().map(|anchor| anchor.crate_name)
    }
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, anchor) in self.silent.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            let Anchor {
                crate_name,
                file,
                line,
            } = anchor;
            write!(
                f,
                "the crate `{crate_name}`, named by `link!({crate_name})` ({file}:{line}), \
                 contributes no host functions: annotate its functions with `#[wasm_import]` or \
                 remove the `link!`; if Cargo.toml renames it, write `link!({crate_name} = \
                 \"its_own_name\")`"
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for CollectError {}

/// Links a crate of host functions that no other code names, so that [`Imports::collected`] finds
/// them.
///
/// A dependency that is only listed in `Cargo.toml` is not linked, and its functions are missing.
/// With `link!` they are collected. If the crate has none, collecting fails with an error that
/// names this line. For a dependency that Cargo.toml renames, give the crate's own name as well:
/// `link!(renamed = "own_name")`.
///
/// ```standalone_crate
/// // A crate of imports would contribute; `anyhow` has none.
/// host_runtime::link!(anyhow);
///
/// # fn main() {
/// let error = host_runtime::Imports::collected().unwrap_err();
/// assert!(error.to_string().starts_with("the crate `anyhow`, named by `link!(anyhow)`"));
/// # }
/// ```
#[macro_export]
macro_rules! link {
    ($krate:ident) => {
        $crate::link!($krate = ::core::stringify!($krate));
    };
    ($krate:ident = $name:expr) => {
        const _: () = {
            extern crate $krate as _;
            $crate::__private::inventory::submit! {
                $crate::__private::Anchor {
                    crate_name: $name,
                    file: ::core::file!(),
                    line: ::core::line!(),
                }
            }
        };
    };
    ($($name:tt)*) => {
        ::core::compile_error! {
            "`link!` takes the name of a crate as in Rust code, with `_` instead of `-`: write \
`link!(my_imports);`"
        }
    };
}
