//! What goes wrong in a hostcall, typed.

mod no_memory;
mod no_table;

use std::{ops::Range, str::Utf8Error};

pub use self::{no_memory::NoMemoryError, no_table::NoTableError};

use crate::message;

/// What a guest passed that a host function's parameter cannot be made of.
///
/// It traps the guest. An embedder finds it in the error of the call:
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
/// assert_eq!(reason.to_string(), "300 is not in 0 to 255");
/// let place: &HostCallError = error.downcast_ref().unwrap();
/// assert_eq!(place.parameter(), Some("_x"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// A number outside of what the type holds.
    #[error("{value} is not in {range}")]
    NotIn {
        /// The number as the guest passed it.
        value: i64,
        /// What it may be, in words.
        range: &'static str,
    },
    /// A pointer and a length that reach past the end of the memory.
    #[error(
        "pointer {pointer:#x} and {} reach past the end of the memory, {memory} bytes",
        elements(*length, *size)
    )]
    OutOfBounds {
        /// The first byte.
        pointer: u64,
        /// How many elements.
        length: u64,
        /// How many bytes an element has.
        size: usize,
        /// The size of the memory in bytes.
        memory: usize,
    },
    /// A pointer to numbers that is no multiple of their size.
    #[error(
        "pointer {pointer:#x} is not aligned to {align} bytes; where a guest does not align, take \
         bytes"
    )]
    Misaligned {
        /// The first byte.
        pointer: u64,
        /// What the pointer must be a multiple of.
        align: usize,
    },
    /// A slice that overlaps another parameter's, one of the two being `&mut`.
    #[error(
        "bytes {:#x} to {:#x} overlap bytes {:#x} to {:#x}, which are borrowed already by an \
         earlier parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a \
         copy",
        range.start, range.end, other.start, other.end
    )]
    Overlap {
        /// The bytes that were asked for.
        range: Range<usize>,
        /// Those that are borrowed already.
        other: Range<usize>,
    },
    /// Text without a NUL at its end.
    #[error("there is no NUL from pointer {pointer:#x} to the end of the memory")]
    NoNul {
        /// The first byte.
        pointer: u64,
    },
    /// Text whose NUL does not come soon enough.
    #[error(
        "there is no NUL in the {limit} bytes from pointer {pointer:#x} on, which is the limit of \
         text without a length; `RuntimeBuilder::text_limit` or `HostData::set_text_limit` sets it"
    )]
    TextTooLong {
        /// The first byte.
        pointer: u64,
        /// How many bytes text without a length may have, with its NUL.
        limit: usize,
    },
    /// A list with too many entries.
    #[error(
        "a list of {entries} slices is longer than the limit, {limit}; \
         `RuntimeBuilder::list_limit` or `HostData::set_list_limit` sets it"
    )]
    ListTooLong {
        /// How many entries the guest says that there are.
        entries: u64,
        /// How many there may be.
        limit: usize,
    },
    /// Text that is not UTF-8.
    #[error(
        "the {length} bytes at {pointer:#x} are not UTF-8: {error}; take bytes if it need not be"
    )]
    Utf8 {
        /// The first byte.
        pointer: u64,
        /// How many bytes.
        length: u64,
        /// Where the text stops being UTF-8.
        error: Utf8Error,
    },
    /// More to copy than one call may.
    #[error(
        "{bytes} bytes to copy are more than the {left} that are left of the call's copy budget; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    )]
    OverBudget {
        /// What was to be copied.
        bytes: u64,
        /// What may still be copied in this call.
        left: usize,
    },
    /// An index past the end of a slice of the guest's.
    #[error("{index} is past the end of a slice of {length}")]
    Index {
        /// The index.
        index: u64,
        /// How many elements the slice has.
        length: u64,
    },
    /// A callback that is no function of the type.
    #[error("{0}")]
    Callback(CallbackError),
    /// A null reference where none is taken.
    #[error("it is null; a `{wanted}` is wanted")]
    NullObject {
        /// The type as Rust names it.
        wanted: &'static str,
    },
    /// A reference to something else than the host object that is wanted.
    #[error("it is another object than a `{wanted}`")]
    OtherObject {
        /// The type as Rust names it.
        wanted: &'static str,
    },
    /// A reference that belongs to another store than the guest that gets it.
    #[error(
        "the reference belongs to another store than the guest that gets it, or is no longer \
         rooted; make references in the store of the guest"
    )]
    OtherStore,
    /// No memory to read or write.
    #[error("{0}")]
    NoMemory(NoMemoryError),
}

/// A length as messages print it.
fn elements(length: u64, size: usize) -> String {
    match size {
        1 => format!("length {length}"),
        _ if length == 1 => format!("1 element of {size} bytes"),
        _ => format!("{length} elements of {size} bytes"),
    }
}

/// What a message says of the functions that a guest exports, if they are known.
fn exports(nearest: &[String], functions: Option<usize>) -> String {
    functions.map_or_else(String::new, |functions| {
        format!("; {}", message::nearest::listed(nearest, functions))
    })
}

/// Why a callback cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// There is no table to look into.
    #[error("{0}")]
    NoTable(NoTableError),
    /// No export has the name.
    #[error("the guest exports no function called `{}`{}", message::escaped(.name), exports(
        .nearest,
        *.functions
    ))]
    NoExport {
        /// The name.
        name: String,
        /// Functions that the guest exports: those whose names are like it, the nearest first, or
        /// if there are none, the first few.
        nearest: Vec<String>,
        /// How many functions it exports, if that is known.
        functions: Option<usize>,
    },
    /// The exports of the guest cannot be looked up, because the host calls the host function.
    #[error(
        "the host calls this host function for a guest, so the guest's export `{}` cannot be \
         looked up here; look it up by `Guest::call` in the host function that makes the call",
        message::escaped(.name)
    )]
    CalledByHost {
        /// The name of the export.
        name: String,
    },
    /// The function that the guest exports under the name has another type.
    #[error("the guest's `{}` is {found}, and is called as {wanted}", message::escaped(.name))]
    ExportOfOtherType {
        /// The name.
        name: String,
        /// Its type in the text format.
        found: String,
        /// What the host function calls it as.
        wanted: String,
    },
    /// The index is past the end of the table.
    #[error("there is no function {index} in the guest's table, which has {size}")]
    OutOfBounds {
        /// The index.
        index: u64,
        /// The size of the table.
        size: u64,
    },
    /// A null reference, or a place in the table that is empty.
    #[error("{}", match index {
        Some(0) => String::from(
            "the callback is a null pointer; take an `Option` of it where that is allowed",
        ),
        Some(index) => format!("there is no function at {index} of the guest's table: it is null"),
        None => "the callback is null".to_owned(),
    })]
    Null {
        /// The index into the table.
        index: Option<u64>,
    },
    /// The function belongs to another store.
    #[error(
        "the callback belongs to another store than the guest that calls; keep a `CallbackRef` in \
         a state of its own store"
    )]
    OtherStore,
    /// The function has another type.
    #[error("the callback is {found}, and is called as {wanted}")]
    OtherType {
        /// Its type in the text format.
        found: String,
        /// What the host function calls it as.
        wanted: String,
    },
}

/// Why a guest's allocator has made no room for a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllocationError {
    /// No export has the allocator's name.
    #[error(
        "the guest exports no function `{export}` to make room for the result by; export it, or \
         name another in `Allocated<_, …>`"
    )]
    NoExport {
        /// The name.
        export: &'static str,
    },
    /// The function has another type.
    #[error(
        "the guest's `{export}` is {found}, and to make room for the result it is called as \
         {wanted}"
    )]
    OtherType {
        /// The name.
        export: &'static str,
        /// Its type in the text format.
        found: String,
        /// What it is called as.
        wanted: String,
    },
    /// It has returned a null pointer.
    #[error("the guest's `{export}` has no room for {size} bytes: it returned a null pointer")]
    Null {
        /// The name.
        export: &'static str,
        /// How many bytes are wanted.
        size: u64,
    },
    /// It has returned a pointer that is no multiple of the alignment.
    #[error("the guest's `{export}` returned {pointer:#x}, which is not aligned to {align} bytes")]
    Misaligned {
        /// The name.
        export: &'static str,
        /// What it returned.
        pointer: u64,
        /// What it must be a multiple of.
        align: u64,
    },
    /// It has returned what is not in the memory.
    #[error(
        "the guest's `{export}` returned {pointer:#x}, and {size} bytes from there reach past the \
         end of the memory, {memory} bytes"
    )]
    OutOfBounds {
        /// The name.
        export: &'static str,
        /// What it returned.
        pointer: u64,
        /// How many bytes are wanted.
        size: u64,
        /// The size of the memory in bytes.
        memory: usize,
    },
}

/// Why the host may not call the guest now.
///
/// A host function gets it from [`Guest::call`](crate::Guest::call), and can go on without the
/// call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuestCallError {
    /// As many calls of the host into guests are under way as may be, one within the other.
    #[error(
        "{limit} calls of the guest by the host are under way, one within the other, which is the \
         limit; `RuntimeBuilder::call_depth` or `HostData::set_call_depth` sets it"
    )]
    TooDeep {
        /// How many there may be.
        limit: u32,
    },
    /// A call within the same outermost call has reached that limit, or the end of the stack.
    #[error(
        "a call of the guest by the host has reached the limit of nested calls or of the stack; \
         until the outermost of them has returned, no other is made"
    )]
    Refused,
}

impl ValueError {
    /// A number that is not in `range`, which says in words what it may be: "0 to 255".
    #[cold]
    pub fn not_in(value: impl Into<i64>, range: &'static str) -> Self {
        Self::NotIn {
            value: value.into(),
            range,
        }
    }
}

/// The error of a number that no variant of an enum has: what a derive calls.
#[doc(hidden)]
#[cold]
pub fn not_in(number: impl Into<i128>, known: &'static str) -> wasmtime::Error {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bits as the guest passed them"
    )]
    let value = number.into() as i64;
    ValueError::not_in(value, known).into()
}

/// What a hostcall has failed by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailedAt {
    Function,
    /// What the guest passed for this parameter.
    Parameter(usize),
    /// That no guest is there, of whose memory this parameter would be made.
    NoGuest(usize),
    /// Where the guest wants the result.
    ReturnPointer,
}
