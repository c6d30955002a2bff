//! The records that `#[wasm_export]` writes: what a guest is to export.

use std::fmt;

use crate::{
    abi::{CoreResults, CoreType, CoreTypes, Deallocator},
    convert::{FromGuestOwned, GlobalValue, GuestDeallocator, IntoGuest},
    guest::Signature,
    registry::{Location, Source},
};

/// The exports that a trait with `#[wasm_export]` declares.
///
/// [`GuestExports::EXPORTS`](super::GuestExports::EXPORTS) is one.
pub struct ExportSet {
    name: &'static str,
    docs: &'static str,
    source: &'static Source,
    line: u32,
    allocator: Option<&'static Deallocator>,
    exports: &'static [DeclaredExport],
}

/// A function or a global that a guest is to export.
pub struct DeclaredExport {
    name: &'static str,
    code: &'static str,
    docs: &'static str,
    line: u32,
    pub(super) kind: Kind,
}

/// What an export is declared as.
pub(super) enum Kind {
    Function {
        parameters: &'static [ExportParameter],
        params: &'static CoreTypes,
        results: &'static CoreTypes,
        /// Whether memory is allocated for an argument or for the result.
        allocates: bool,
    },
    Global {
        ty: CoreType,
        mutable: bool,
    },
}

/// A parameter of a declared function.
pub struct ExportParameter {
    name: &'static str,
    rust_type: &'static str,
    types: CoreTypes,
}

impl ExportSet {
    /// # Panics
    ///
    /// If a function needs an allocator and there is none: at compile time, where constants are
    /// made.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        docs: &'static str,
        source: &'static Source,
        line: u32,
        allocator: Option<&'static Deallocator>,
        exports: &'static [DeclaredExport],
    ) -> Self {
        let mut index = 0;
        while index < exports.len() {
            if let Kind::Function { allocates, .. } = exports[index].kind {
                assert!(
                    !allocates || allocator.is_some(),
                    "a function of the trait needs memory of the guest: name the guest's \
                     allocator, `#[wasm_export(allocator = Malloc)]` for example"
                );
            }
            index += 1;
        }
        Self {
            name,
            docs,
            source,
            line,
            allocator,
            exports,
        }
    }

    /// The name of the trait.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The doc comment, lines joined.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.docs
    }

    /// The place of the trait in its source.
    #[must_use]
    pub fn location(&self) -> Location {
        self.location_at(self.line)
    }

    /// The declared exports, in the order of the trait.
    #[must_use]
    pub fn exports(&self) -> &'static [DeclaredExport] {
        self.exports
    }

    /// The place of one of the exports in its source.
    #[must_use]
    pub fn location_of(&self, export: &DeclaredExport) -> Location {
        self.location_at(export.line)
    }

    fn location_at(&self, line: u32) -> Location {
        Location {
            file: self.source.file,
            line,
        }
    }

    pub(super) fn allocator(&self) -> Option<&'static Deallocator> {
        self.allocator
    }
}

impl DeclaredExport {
    #[doc(hidden)]
    #[must_use]
    pub const fn function<P: IntoGuest, R: FromGuestOwned>(
        name: &'static str,
        code: &'static str,
        docs: &'static str,
        line: u32,
        parameters: &'static [ExportParameter],
    ) -> Self {
        Self {
            name,
            code,
            docs,
            line,
            kind: Kind::Function {
                parameters,
                params: const { &Signature::<P, R>::PARAMS },
                results: const { &Signature::<P, R>::RESULTS },
                allocates: P::PLACED || Signature::<P, R>::RETURN_AREA,
            },
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn global<G: GlobalValue>(
        name: &'static str,
        code: &'static str,
        docs: &'static str,
        line: u32,
        mutable: bool,
    ) -> Self {
        let kind = Kind::Global {
            ty: G::TYPE,
            mutable,
        };
        Self {
            name,
            code,
            docs,
            line,
            kind,
        }
    }

    /// The name of the export.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The declaration as in the source.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The doc comment, lines joined.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.docs
    }

    /// Whether it is a global; otherwise it is a function.
    #[must_use]
    pub fn is_global(&self) -> bool {
        matches!(self.kind, Kind::Global { .. })
    }

    /// The parameters of a function.
    #[must_use]
    pub fn parameters(&self) -> &'static [ExportParameter] {
        match &self.kind {
            Kind::Function { parameters, .. } => parameters,
            Kind::Global { .. } => &[],
        }
    }
}

impl ExportParameter {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<T: IntoGuest>(name: &'static str, rust_type: &'static str) -> Self {
        Self {
            name,
            rust_type,
            types: <T::Wasm as CoreResults>::TYPES,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The type in Rust, as in the source.
    #[must_use]
    pub fn rust_type(&self) -> &'static str {
        self.rust_type
    }

    /// The core types that the guest gets.
    #[must_use]
    pub fn types(&self) -> CoreTypes {
        self.types
    }
}

/// The record of an allocator.
#[doc(hidden)]
#[must_use]
pub const fn allocator<A: GuestDeallocator>() -> &'static Deallocator {
    Deallocator::of::<A>()
}

impl fmt::Debug for ExportSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.location())
    }
}

impl fmt::Debug for DeclaredExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for ExportParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.rust_type)
    }
}
