//! The record of an annotated function.

use std::{any::Any, fmt, iter, marker::PhantomData};

use wasmtime::{Engine, FuncType, ValType};

use crate::{
    abi::{AddressType, CoreResults, CoreType, CoreTypes, ReturnPointerAt},
    convert::{FromGuest, IntoGuest},
    exports::NamedExports,
    registry::{Declaration, Location},
    store::StateNeed,
};

/// A host function: the record that `#[wasm_import]` makes of an annotated function.
///
/// ```
/// use host_runtime::{imports, wasm_import};
///
/// /// Adds two numbers.
/// #[wasm_import(module = "math")]
/// fn add(a: i32, b: i32) -> i64 {
///     i64::from(a) + i64::from(b)
/// }
///
/// let imports = imports![add];
/// let function = imports.get("math", "add").unwrap();
/// assert_eq!(function.signature(), "fn add(a: i32, b: i32) -> i64");
/// assert_eq!(function.wasm_type(), "(func (param i32 i32) (result i64))");
/// assert_eq!(function.docs(), "Adds two numbers.");
/// ```
pub struct HostFunction {
    record: Record,
    /// How it is called. Its type is known only to `hostcall`, which is a later layer.
    entry: &'static (dyn Any + Send + Sync),
    shape: CallShape,
}

/// The record that the attribute writes. Not public interface.
#[doc(hidden)]
pub struct Record {
    pub declaration: Declaration,
    pub parameters: &'static [Parameter],
    pub result: ResultShape,
    pub states: &'static [StateNeed],
    pub extras: Option<&'static Extras>,
}

/// The parts of a record that few functions have. They are behind a pointer, so that the records of
/// all others are small. Not public interface.
#[doc(hidden)]
pub struct Extras {
    /// The names after the first one.
    pub names: &'static [&'static str],
    /// The start of each name that the attribute gives by `prefix`.
    pub prefix: &'static str,
    pub exports: NamedExports,
}

/// What a call of the function involves.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(crate) struct CallShape {
    /// The number of core values that the guest passes.
    pub(crate) parameters: u16,
    /// The number of core values that it gets.
    pub(crate) results: u16,
    /// Whether the function reads or borrows memory.
    pub(crate) memory: bool,
    /// Whether several parameters do, so that one may overlap another.
    pub(crate) several_memory: bool,
    /// Whether its type depends on the address type of the guest.
    pub(crate) sizes: bool,
    /// Whether a parameter or a result is a reference.
    pub(crate) references: bool,
    /// Whether the result contains a reference.
    pub(crate) result_references: bool,
    /// Whether the result is written to guest memory after the function returns.
    pub(crate) deferred: bool,
    /// Which parameter is a return pointer, if there is one.
    pub(crate) returns: ReturnPointerAt,
    /// Whether a call cannot fail, whatever the guest passes and the function returns, except by a
    /// panic.
    pub(crate) infallible: bool,
}

impl CallShape {
    /// Whether it only takes and returns numbers, which have the same type for each address type,
    /// and reads no memory.
    #[inline]
    pub(crate) const fn numbers_only(self) -> bool {
        !(self.memory || self.sizes || self.references())
    }

    /// Whether the store is needed before or after the shim.
    #[inline]
    pub(crate) const fn references(self) -> bool {
        self.references || self.deferred
    }
}

/// A parameter that the guest passes.
pub struct Parameter {
    name: &'static str,
    rust_type: &'static str,
    shape: ParameterShape,
}

impl HostFunction {
    /// `entry` is an `Entry` of [`hostcall`](crate::hostcall).
    pub(crate) const fn new(record: Record, entry: &'static (dyn Any + Send + Sync)) -> Self {
        Self {
            shape: CallShape::of(&record),
            record,
            entry,
        }
    }

    /// The module that guests import it from.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.record.declaration.module
    }

    /// The name that guests import it by. If it has several, this is the first one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.record.declaration.name
    }

    /// All names that guests import it by, as in the attribute. In a name with a `*`, each `*`
    /// stands for any characters.
    ///
    /// ```
    /// use host_runtime::{imports, wasm_import};
    ///
    /// #[wasm_import(module = "wbg", names = ["log", "__wbg_log_*"])]
    /// fn log(_x: i32) {}
    ///
    /// let function = imports![log].get("wbg", "__wbg_log_0a1b").unwrap();
    /// assert_eq!(function.names().collect::<Vec<_>>(), ["log", "__wbg_log_*"]);
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name()).chain(self.further_names().iter().copied())
    }

    /// The names after the first one.
    pub(super) fn further_names(&self) -> &'static [&'static str] {
        match self.record.extras {
            Some(extras) => extras.names,
            None => &[],
        }
    }

    /// What the attribute puts before each name by `prefix`.
    pub(super) fn prefix(&self) -> &'static str {
        self.record.extras.map_or("", |extras| extras.prefix)
    }

    /// The signature in Rust, as in the source.
    #[must_use]
    pub fn signature(&self) -> &'static str {
        self.record.declaration.code
    }

    /// The parameters that a guest passes: no state and no `Caller`.
    #[must_use]
    pub fn parameters(&self) -> &'static [Parameter] {
        self.record.parameters
    }

    /// The core types of the result.
    #[must_use]
    pub fn results(&self) -> CoreTypes {
        self.record.result.types
    }

    /// The doc comment, lines joined.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.record.declaration.docs
    }

    /// The name of the function's crate in Rust code.
    #[must_use]
    pub fn crate_name(&self) -> &'static str {
        self.record.declaration.crate_name()
    }

    /// The path of the Rust module that the function is in.
    #[must_use]
    pub fn module_path(&self) -> &'static str {
        self.record.declaration.source.module_path
    }

    /// The place of the function in its source.
    #[must_use]
    pub fn location(&self) -> Location {
        self.record.declaration.location()
    }

    pub(super) fn shared(&self) -> &Declaration {
        &self.record.declaration
    }

    /// Prints the function, and an import that it is offered for.
    pub(crate) fn imported_as(&self, module: &str, name: &str) -> String {
        self.record.declaration.imported_as(module, name)
    }

    /// The type names of the states that it borrows.
    pub fn states(&self) -> impl Iterator<Item = &'static str> {
        self.state_needs().iter().map(|need| (need.name)())
    }

    /// The name of the export that it takes for the guest's memory, if the attribute gives one.
    #[must_use]
    pub fn memory(&self) -> Option<&'static str> {
        self.named_exports().memory
    }

    /// The name of the export that it takes for the guest's table of functions, if the attribute
    /// gives one.
    #[must_use]
    pub fn table(&self) -> Option<&'static str> {
        self.named_exports().table
    }

    /// The function's type in the text format: `(func (param i32 i32) (result i64))`, for a guest
    /// whose memory has 32-bit addresses.
    #[must_use]
    pub fn wasm_type(&self) -> String {
        self.type_text(AddressType::I32)
    }

    pub(crate) fn type_text(&self, address_type: AddressType) -> String {
        crate::message::func_type(
            self.param_types(address_type),
            self.result_types(address_type),
        )
    }

    /// The `Entry` of the function, whose type `hostcall` knows.
    pub(crate) fn any_entry(&self) -> &'static (dyn Any + Send + Sync) {
        self.entry
    }

    /// The exports that its attribute names.
    pub(crate) fn named_exports(&self) -> NamedExports {
        let extras = self.record.extras;
        extras.map_or_else(NamedExports::default, |extras| extras.exports)
    }

    pub(crate) const fn state_needs(&self) -> &'static [StateNeed] {
        self.record.states
    }

    /// A state that the function borrows twice, under two names for its type. The attribute reports
    /// equal names itself.
    pub(crate) fn state_twice(&self) -> Option<&'static str> {
        let states = self.state_needs();
        let earlier = |i: usize| states[..i].iter().any(|other| other.id == states[i].id);
        let twice = (0..states.len()).find(|&i| earlier(i))?;
        Some((states[twice].name)())
    }

    pub(crate) const fn shape(&self) -> CallShape {
        self.shape
    }

    pub(crate) fn param_types(&self, address_type: AddressType) -> impl Iterator<Item = ValType> {
        let pointer: &[CoreType] = &[CoreType::Size];
        let at = |at| (self.shape.returns == at).then_some(pointer);
        let own = self.record.parameters.iter();
        let own = own.map(|parameter| parameter.shape.types.as_slice());
        let types = at(ReturnPointerAt::First)
            .into_iter()
            .chain(own)
            .chain(at(ReturnPointerAt::Last));
        types.flatten().map(move |ty| ty.val_type(address_type))
    }

    pub(crate) fn result_types(&self, address_type: AddressType) -> impl Iterator<Item = ValType> {
        self.record
            .result
            .types
            .as_slice()
            .iter()
            .map(move |ty| ty.val_type(address_type))
    }

    /// The narrowest types of what it returns.
    pub(crate) fn given_types(&self, address_type: AddressType) -> impl Iterator<Item = ValType> {
        let types = self.record.result.types.as_slice().iter();
        types.map(move |ty| ty.given_type(address_type))
    }

    pub(crate) fn func_type(&self, engine: &Engine, address_type: AddressType) -> FuncType {
        FuncType::new(
            engine,
            self.param_types(address_type),
            self.result_types(address_type),
        )
    }
}

/// The number of types, at most 16.
#[expect(clippy::cast_possible_truncation, reason = "it is below 17")]
const fn count(types: &CoreTypes) -> u16 {
    types.as_slice().len() as u16
}

impl CallShape {
    pub(crate) const fn of(record: &Record) -> Self {
        let mut shape = Self {
            parameters: 0,
            results: count(&record.result.types),
            memory: false,
            several_memory: false,
            sizes: record.result.types.sizes,
            references: record.result.types.references,
            result_references: record.result.types.references,
            deferred: record.result.deferred,
            returns: record.result.returns,
            // A size may be too large for the address type of the guest.
            infallible: record.result.infallible && !record.result.types.sizes,
        };
        if !matches!(shape.returns, ReturnPointerAt::None) {
            shape.parameters += 1;
            shape.sizes = true;
        }
        let mut i = 0;
        while i < record.parameters.len() {
            let parameter = record.parameters[i].shape;
            shape.parameters += count(&parameter.types);
            shape.several_memory |= shape.memory && parameter.memory;
            shape.memory |= parameter.memory;
            shape.sizes |= parameter.types.sizes;
            shape.references |= parameter.types.references;
            shape.infallible &= parameter.infallible;
            i += 1;
        }
        shape
    }
}

/// Prints the import and the Rust function: `` `ffi.print`, fn print(x: i32) (src/main.rs:7) ``.
impl fmt::Display for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.declaration.fmt(f)
    }
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Parameter {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, rust_type: &'static str, shape: ParameterShape) -> Self {
        Self {
            name,
            rust_type,
            shape,
        }
    }

    /// The parameter's name in Rust.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The parameter's type, as in the source.
    #[must_use]
    pub fn rust_type(&self) -> &'static str {
        self.rust_type
    }

    /// Whether its type reads or borrows memory.
    pub(crate) fn uses_memory(&self) -> bool {
        self.shape.memory
    }

    /// The core values that the guest passes for it.
    #[must_use]
    pub fn types(&self) -> CoreTypes {
        self.shape.types
    }
}

/// The core types of a parameter's type, and its other properties.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct ParameterShape {
    types: CoreTypes,
    memory: bool,
    infallible: bool,
}

/// The core types of a result's type, and its other properties.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct ResultShape {
    types: CoreTypes,
    deferred: bool,
    returns: ReturnPointerAt,
    infallible: bool,
}

/// Gives the shape of a type, also if the type has none.
///
/// If a type cannot be passed, rustc reports that once, in the shim, where it underlines the type.
/// A record that required the same trait would repeat the error. So the constants below are used if
/// the trait is implemented, and those of [`NotLowered`] otherwise.
#[doc(hidden)]
pub struct Probe<'a, T: ?Sized>(PhantomData<&'a T>);

impl<'a, T: FromGuest<'a>> Probe<'a, T> {
    pub const PARAMETER: ParameterShape = {
        let () = T::VALID;
        ParameterShape {
            types: <T::Wasm as CoreResults>::TYPES,
            memory: T::MEMORY,
            infallible: T::INFALLIBLE,
        }
    };
}

impl<T: IntoGuest> Probe<'_, T> {
    pub const RESULT: ResultShape = {
        let () = T::VALID;
        ResultShape {
            types: <T::Wasm as CoreResults>::TYPES,
            deferred: <T::Wasm as CoreResults>::DEFERRED,
            returns: <T::Wasm as CoreResults>::RETURN_POINTER,
            infallible: T::INFALLIBLE,
        }
    };
}

#[doc(hidden)]
pub trait NotLowered {
    const PARAMETER: ParameterShape = ParameterShape {
        types: CoreTypes::NONE,
        memory: false,
        infallible: false,
    };
    const RESULT: ResultShape = ResultShape {
        types: CoreTypes::NONE,
        deferred: false,
        returns: ReturnPointerAt::None,
        infallible: false,
    };
}

impl<T: ?Sized> NotLowered for Probe<'_, T> {}
