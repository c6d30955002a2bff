//! Errors of hostcalls.

mod export;
mod no_memory;
mod no_table;
mod wrong_store;

use std::{ops::Range, str::Utf8Error};

pub use self::{
    export::ExportError, no_memory::NoMemoryError, no_table::NoTableError,
    wrong_store::WrongStoreError,
};

/// The guest passed a value that cannot be converted to the host function's parameter.
///
/// The guest traps. An embedder can downcast the error of the call to this type:
///
/// ```
/// # use host_runtime::{ValueError, HostCallError, Imports, Runtime, imports, wasm_import};
/// #[wasm_import(module = "ffi")]
/// fn poke(_x: u8) {}
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![poke]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "ffi" "poke" (func (param i32)))
///     (export "poke" (func 0)))"#)?;
/// let error = guest.call::<i32, ()>("poke", 300).unwrap_err();
/// let reason: &ValueError = error.downcast_ref().unwrap();
/// assert_eq!(reason.to_string(), "300 is not a valid `u8`: expected 0 to 255");
/// let place: &HostCallError = error.downcast_ref().unwrap();
/// assert_eq!(place.parameter(), Some("_x"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The type has no value for a number.
    #[error("{value} is not a valid `{ty}`: expected {expected}")]
    Invalid {
        /// The number as the guest passed it.
        value: i64,
        /// The name of the type.
        ty: &'static str,
        /// The valid numbers, in words.
        expected: &'static str,
    },
    /// A pointer and a length reach past the end of the memory.
    #[error(
        "pointer {pointer:#x} and {} reach past the end of the memory, {memory} bytes",
        elements(*length, *size)
    )]
    OutOfBounds {
        /// The first byte.
        pointer: u64,
        /// The number of elements.
        length: u64,
        /// The size of an element in bytes.
        size: usize,
        /// The size of the memory in bytes.
        memory: usize,
    },
    /// A pointer is not aligned.
    #[error(
        "pointer {pointer:#x} is not aligned to {align} bytes; if guests do not align their data, \
         take bytes"
    )]
    Misaligned {
        /// The first byte.
        pointer: u64,
        /// The alignment of the type.
        align: usize,
    },
    /// A slice overlaps the slice of another parameter, and one of the two is `&mut`.
    #[error(
        "bytes {:#x} to {:#x} overlap bytes {:#x} to {:#x}, which are borrowed already by an \
         earlier parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a \
         copy",
        range.start, range.end, other.start, other.end
    )]
    Overlap {
        /// The bytes of this slice.
        range: Range<usize>,
        /// The bytes that are borrowed already.
        other: Range<usize>,
    },
    /// Text has no NUL at its end.
    #[error("there is no NUL from pointer {pointer:#x} to the end of the memory")]
    NoNul {
        /// The first byte.
        pointer: u64,
    },
    /// Text has no NUL within the limit.
    #[error(
        "there is no NUL in the {limit} bytes from pointer {pointer:#x}, the limit for text \
         without a length; `RuntimeBuilder::text_limit` or `HostData::set_text_limit` sets it"
    )]
    TextTooLong {
        /// The first byte.
        pointer: u64,
        /// The limit of text without a length in bytes, with its NUL.
        limit: usize,
    },
    /// A list has too many entries.
    #[error(
        "a list of {entries} slices is longer than the limit, {limit}; \
         `RuntimeBuilder::list_limit` or `HostData::set_list_limit` sets it"
    )]
    ListTooLong {
        /// The number of entries that the guest passed.
        entries: u64,
        /// The limit.
        limit: usize,
    },
    /// Text is not UTF-8.
    #[error(
        "the {length} bytes at {pointer:#x} are not UTF-8: {error}; take bytes if they may be \
         something else"
    )]
    Utf8 {
        /// The first byte.
        pointer: u64,
        /// The number of bytes.
        length: u64,
        /// The place of the first byte that is not UTF-8.
        error: Utf8Error,
    },
    /// A call copies more bytes than its copy budget allows.
    #[error(
        "copying {bytes} bytes exceeds the copy budget of the call, which has {left} bytes left; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    )]
    OverBudget {
        /// The number of bytes to copy.
        bytes: u64,
        /// The rest of the copy budget of the call.
        left: usize,
    },
    /// An index is past the end of a slice in guest memory.
    #[error("{index} is past the end of a slice of {length}")]
    Index {
        /// The index.
        index: u64,
        /// The number of elements of the slice.
        length: u64,
    },
    /// A callback cannot be called.
    #[error("{0}")]
    Callback(CallbackError),
    /// A reference is null, and the parameter takes none that is.
    #[error("it is null: expected a `{wanted}`")]
    NullObject {
        /// The name of the Rust type.
        wanted: &'static str,
    },
    /// A reference refers to another type of host object, or to another object.
    #[error("it is another object: expected a `{wanted}`")]
    OtherObject {
        /// The name of the Rust type.
        wanted: &'static str,
    },
    /// A reference belongs to another store than the guest that gets it.
    #[error(
        "the reference belongs to another store, or is no longer rooted; create references in the \
         store of the guest that gets them"
    )]
    OtherStore,
    /// There is no memory to read or write.
    #[error("{0}")]
    NoMemory(NoMemoryError),
}

/// Prints a length.
fn elements(length: u64, size: usize) -> String {
    match size {
        1 => format!("length {length}"),
        _ if length == 1 => format!("1 element of {size} bytes"),
        _ => format!("{length} elements of {size} bytes"),
    }
}

/// Why a callback cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// There is no table of functions.
    #[error("{0}")]
    NoTable(NoTableError),
    /// The index is past the end of the table.
    #[error("there is no function {index} in the guest's table, which has {size}")]
    OutOfBounds {
        /// The index.
        index: u64,
        /// The size of the table.
        size: u64,
    },
    /// The callback is a null reference, or the entry of the table is null.
    #[error("{}", match index {
        Some(0) => String::from(
            "the callback is a null pointer; if guests may pass null, take an `Option`",
        ),
        Some(index) => format!("there is no function at {index} of the guest's table: it is null"),
        None => "the callback is null".to_owned(),
    })]
    Null {
        /// The index into the table, if the callback is one.
        index: Option<u64>,
    },
    /// The function belongs to another store.
    #[error(
        "the callback belongs to another store; keep a `CallbackRef` in a state of its own store"
    )]
    OtherStore,
    /// The function has another type.
    #[error("the callback is {found}, but it is called as {wanted}")]
    OtherType {
        /// Its type in the text format.
        found: String,
        /// The type that the host function calls it with.
        wanted: String,
    },
}

/// Why a guest's allocator could not allocate or free memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllocationError {
    /// No export has the allocator's name.
    #[error(
        "the guest exports no function `{export}`, by which the host allocates or frees memory; \
         export it, or name another allocator, in `Allocated<_, …>` for example"
    )]
    NoExport {
        /// The name.
        export: &'static str,
    },
    /// The function has another type.
    #[error(
        "the guest's `{export}` is {found}, but to allocate or free memory it is called as {wanted}"
    )]
    OtherType {
        /// The name.
        export: &'static str,
        /// Its type in the text format.
        found: String,
        /// The type that it is called with.
        wanted: String,
    },
    /// The allocator returned a null pointer.
    #[error("the guest's `{export}` cannot allocate {size} bytes: it returned a null pointer")]
    Null {
        /// The name.
        export: &'static str,
        /// The requested size in bytes.
        size: u64,
    },
    /// The allocator returned a pointer that is not aligned.
    #[error("the guest's `{export}` returned {pointer:#x}, which is not aligned to {align} bytes")]
    Misaligned {
        /// The name.
        export: &'static str,
        /// The returned pointer.
        pointer: u64,
        /// The requested alignment.
        align: u64,
    },
    /// The allocator returned a range outside of the memory.
    #[error(
        "the guest's `{export}` returned {pointer:#x}, and {size} bytes from there reach past the \
         end of the memory, {memory} bytes"
    )]
    OutOfBounds {
        /// The name.
        export: &'static str,
        /// The returned pointer.
        pointer: u64,
        /// The requested size in bytes.
        size: u64,
        /// The size of the memory in bytes.
        memory: usize,
    },
}

/// Why the host may not call the guest now.
///
/// [`Guest::call`](crate::Guest::call) returns it. The host function can handle the error and go
/// on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuestCallError {
    /// The limit of nested calls of the host into guests is reached.
    #[error(
        "{limit} nested calls from the host to guests are running, which is the limit; \
         `RuntimeBuilder::call_depth` or `HostData::set_call_depth` sets it"
    )]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// A nested call has reached that limit or the end of the stack, and the outermost call has not
    /// returned yet.
    #[error(
        "a nested call from the host to a guest has reached the limit of nested calls or of the \
         stack; no other such call is possible until the outermost call has returned"
    )]
    Refused,
}

impl ValueError {
    /// Makes the error of a number for which the type `ty` has no value. `expected` says which
    /// numbers are valid, for example "0 to 255".
    #[cold]
    pub fn invalid(value: impl Into<i64>, ty: &'static str, expected: &'static str) -> Self {
        Self::Invalid {
            value: value.into(),
            ty,
            expected,
        }
    }
}

/// Makes the error of a number that no variant of an enum has. Derives call this.
#[doc(hidden)]
#[cold]
pub fn invalid_number(
    number: impl Into<i128>,
    ty: &'static str,
    expected: &'static str,
) -> wasmtime::Error {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bits as the guest passed them"
    )]
    let value = number.into() as i64;
    ValueError::invalid(value, ty, expected).into()
}

/// The part of a hostcall that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailedAt {
    Function,
    /// The conversion of this parameter.
    Parameter(usize),
    /// The conversion of this parameter, because no guest calls whose memory it would use.
    NoGuest(usize),
    /// The write to the return pointer.
    ReturnPointer,
}
