//! The record of an annotated `const` or `static`.

use std::fmt;

use wasmtime::{GlobalType, Mutability};

use crate::{
    abi::{AddressType, CoreType},
    convert::{GlobalVal, GlobalValue},
    registry::{Declaration, Location},
    store::GlobalId,
};

/// A global that guests import: the record that `#[wasm_import]` makes of a `const` or a `static`.
///
/// A `const` is an immutable global; a `static` is one that guests may change. Each store has its
/// own global. The value in Rust is the initial value.
///
/// ```
/// use host_runtime::{Runtime, imports, wasm_import};
///
/// /// Where the guest's data begins.
/// #[wasm_import(module = "env", name = "__memory_base")]
/// const MEMORY_BASE: i32 = 1024;
///
/// #[wasm_import(module = "env", name = "__stack_pointer")]
/// static STACK_POINTER: i32 = 65536;
///
/// # fn main() -> anyhow::Result<()> {
/// let imports = imports![MEMORY_BASE, STACK_POINTER];
/// let global = imports.global("env", "__stack_pointer").unwrap();
/// assert_eq!(global.declaration(), "static STACK_POINTER: i32");
/// assert_eq!(global.wasm_type(), "(global (mut i32))");
///
/// let runtime = Runtime::builder().imports(imports).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "env" "__memory_base" (global $base i32))
///     (import "env" "__stack_pointer" (global $sp (mut i32)))
///     (func (export "push") (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))))"#)?;
/// guest.call::<(), ()>("push", ())?;
/// assert_eq!(guest.global::<STACK_POINTER>(), Some(65520));
/// # Ok(())
/// # }
/// ```
pub struct HostGlobal {
    declaration: Declaration,
    ty: CoreType,
    mutable: bool,
    prefix: &'static str,
    value: fn(AddressType) -> wasmtime::Result<GlobalVal>,
}

/// A `const` or a `static` with `#[wasm_import]`, named like a type:
/// [`Guest::global::<STACK_POINTER>()`](crate::Guest::global).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a global that guests import",
    label = "there is no global with this name",
    note = "put `#[wasm_import]` on a `const` or a `static` and write its name here"
)]
pub trait GlobalImport: 'static {
    /// The type that it has in Rust.
    type Value: GlobalValue;

    #[doc(hidden)]
    const GLOBAL: &'static HostGlobal;

    /// Whether it is a `static`.
    #[doc(hidden)]
    const MUTABLE: bool;

    /// What the attribute puts before the name by `prefix`.
    #[doc(hidden)]
    const PREFIX: &'static str = "";

    /// Calls `read` with the initial value.
    #[doc(hidden)]
    fn initial<R>(read: impl FnOnce(&Self::Value) -> R) -> R;
}

/// A `static` with `#[wasm_import]`, which guests and host functions may change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a `const`, which cannot change",
    label = "neither guests nor the host can change this",
    note = "write `static` instead of `const`"
)]
pub trait MutableGlobal: GlobalImport {}

impl HostGlobal {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<G: GlobalImport>(declaration: Declaration) -> Self {
        Self {
            declaration,
            ty: G::Value::TYPE,
            mutable: G::MUTABLE,
            prefix: G::PREFIX,
            value: |address_type| G::initial(|value| value.to_global_val(address_type)),
        }
    }

    /// Identifies the global in a store.
    pub(crate) fn id(&self) -> GlobalId {
        GlobalId(std::ptr::from_ref(self).addr())
    }

    /// The module that guests import it from.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.declaration.module
    }

    /// The name that guests import it by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.declaration.name
    }

    /// The item as in the source, without its value: `const MEMORY_BASE: i32`.
    #[must_use]
    pub fn declaration(&self) -> &'static str {
        self.declaration.code
    }

    /// The doc comment, lines joined.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.declaration.docs
    }

    /// The place of the item in its source.
    #[must_use]
    pub fn location(&self) -> Location {
        self.declaration.location()
    }

    /// Whether the guest can change it.
    #[must_use]
    pub fn is_mutable(&self) -> bool {
        self.mutable
    }

    /// The type of its value.
    #[must_use]
    pub fn value_type(&self) -> CoreType {
        self.ty
    }

    /// Its type in the text format: `(global (mut i32))`, for a guest whose memory has 32-bit
    /// addresses.
    #[must_use]
    pub fn wasm_type(&self) -> String {
        crate::message::global_type(&self.global_type(AddressType::I32))
    }

    pub(super) fn shared(&self) -> &Declaration {
        &self.declaration
    }

    /// What the attribute puts before the name by `prefix`.
    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    pub(crate) fn global_type(&self, address_type: AddressType) -> GlobalType {
        let mutability = if self.mutable {
            Mutability::Var
        } else {
            Mutability::Const
        };
        GlobalType::new(self.ty.val_type(address_type), mutability)
    }

    /// The initial value.
    pub(crate) fn value(&self, address_type: AddressType) -> wasmtime::Result<GlobalVal> {
        (self.value)(address_type)
    }
}

/// Prints the import and the item.
impl fmt::Display for HostGlobal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.declaration.fmt(f)
    }
}

impl fmt::Debug for HostGlobal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
