//! What the chapters in `host-runtime/docs` say must come of a call, independently of how
//! `host-runtime` does it.
//!
//! `rows.rs` is the table of parameters in `types.md`, `entries.rs` the functions of the catalogue,
//! `effects.rs`, `callbacks.rs` and `globals.rs` what they do, and this what all of it happens to.

mod callbacks;
mod effects;
mod entries;
mod globals;
mod lent;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

pub use self::{
    callbacks::{CALLBACKS, FUNCTIONS},
    entries::{Entry, entries},
    globals::{GLOBALS, initial},
};
use self::{lent::Lent, rows::Row};

/// What a call is passed or returns, one core value; with it, what a guest would put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An `i32`.
    I32,
    /// An `i64`.
    I64,
    /// An `f32`.
    F32,
    /// An `f64`.
    F64,
    /// A `v128`.
    V128,
    /// A `funcref`.
    Func,
    /// An `externref`.
    Extern,
    /// An `anyref`.
    Any,
    /// An `eqref`.
    Eq,
    /// An `i31ref`.
    I31,
    /// A `structref`.
    Struct,
    /// An `arrayref`.
    Array,
    /// An `exnref`.
    Exn,
    /// An `i32` or `i64`, as wide as the memory's addresses: an address.
    Pointer,
    /// The same, how many there are.
    Length,
    /// An `i64` of a pointer and a length, the pointer in its lower half.
    Low,
    /// The same, the pointer in its upper half.
    High,
    /// An `i32` that is an address, however wide those of the memory are.
    Pointer32,
}

/// A core value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number's bits; those of smaller ones in the lower half.
    Bits(u64),
    /// A vector's bits.
    V128(u128),
    /// A function of the trampoline's table, or another one.
    Func(Func),
    /// What an `externref` refers to.
    Object(Object),
    /// The number in what any other reference refers to, or null.
    Any(Option<u32>),
}

/// A `funcref`, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Func {
    /// None.
    Null,
    /// The function at that index of the trampoline's table.
    Callback(u32),
    /// Any other.
    Unknown,
}

/// What an `externref` refers to, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Object {
    /// Nothing.
    Null,
    /// A `Thing` with that number.
    Thing(u64),
    /// Something that is no `Thing`, but an `Other`.
    Other,
    /// Nothing of the host's.
    Foreign,
    /// Anything but null.
    Unknown,
}

/// What must come of a call.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// A trap: the parameter of that place is bad.
    Bad(usize),
    /// A trap that is not for a parameter: the function fails.
    Fails,
    /// A trap: the guest wants the result where its memory has no room for it.
    BadReturn,
    /// An error: no guest has called, of whose memory that parameter is, or what the function does.
    NoGuest(Option<usize>),
    /// These results.
    Returns(Vec<Expected>),
    /// The documentation leaves it open.
    Open,
}

/// One result, as the trampoline's uniform exports give it.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// These bits.
    Bits(u64),
    /// This `f32`, or another NaN for a NaN.
    F32(u32),
    /// This `f64`, or another NaN for a NaN.
    F64(u64),
    /// A reference; of it only whether it is null is seen.
    Func(Func),
    /// The same.
    Object(Object),
    /// A handle that has not been given before, to this number.
    Handle(Option<u64>),
}

/// What a parameter's value or the function itself comes to, where it is no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// A trap.
    Trap,
    /// A trap for the place that the guest names for a result.
    Return,
    /// A trap for want of a guest.
    NoGuest,
    /// A trap or none.
    Open,
}

/// Everything that calls depend on.
#[expect(clippy::struct_excessive_bools, reason = "each is a matter of its own")]
#[derive(Clone, Debug)]
pub struct World {
    /// Whether addresses have 64 bits.
    pub wide: bool,
    /// Whether threads share the memory, so that nothing can be borrowed.
    pub threads: bool,
    /// The bytes of a page.
    pub page: usize,
    /// The most bytes that the memory can have.
    pub most: usize,
    /// What one call may copy.
    pub budget: u64,
    /// Whether the host knows the guest even where it calls a host function itself: the guest is alone in
    /// its store, and nobody has been lent that.
    pub alone: bool,
    /// Whether it is the host that calls, and does not know the guest.
    pub no_guest: bool,
    /// The memory before the call, and after it when it has been judged.
    pub memory: Vec<u8>,
    /// The `Counter` and the `Sum` of the host.
    pub counter: u32,
    /// See `counter`.
    pub sum: u64,
    /// The handles that are alive, with their values if those are numbers.
    pub handles: BTreeMap<u32, Option<u64>>,
    /// All that have been given.
    pub given: BTreeSet<u32>,
    /// What the guest's allocators return, in turn.
    pub grants: [u64; 2],
    /// What they do before that: trap for 1, grow the memory for 2.
    pub mode: u64,
    /// What each `VAR_…` holds, if the guest imports them.
    pub globals: Option<Vec<Value>>,
}

impl World {
    /// Says what must come of a call, and does to the world what that does.
    pub fn judge(&mut self, entry: &Entry, values: &[Value]) -> Verdict {
        if entry
            .parameters
            .iter()
            .any(|row| matches!(row, Row::Caller))
        {
            self.alone = false;
        }
        let named = |row: &&Row| !matches!(row, Row::Return | Row::Caller);
        let mut rows = entry.parameters.iter().filter(named);
        if self.no_guest
            && let Some(place) = rows.position(Row::is_of_memory)
        {
            return Verdict::NoGuest(Some(place));
        }
        let mut values = values.iter().copied();
        let mut seen = Vec::new();
        let mut lent = Lent::new(self);
        let mut place = 0;
        for row in entry.parameters {
            match row.admit(&mut values, &mut lent) {
                Ok(value) => seen.push(value),
                Err(Fault::Trap | Fault::Return) => return Verdict::Bad(place),
                Err(Fault::NoGuest) => return Verdict::NoGuest(Some(place)),
                Err(Fault::Open) => return Verdict::Open,
            }
            place += usize::from(named(&row));
        }
        let budget = lent.left();
        match (entry.effect)(self, &seen, budget) {
            Ok(results) => Verdict::Returns(results),
            Err(Fault::Trap) => Verdict::Fails,
            Err(Fault::Return) => Verdict::BadReturn,
            Err(Fault::NoGuest) => Verdict::NoGuest(None),
            Err(Fault::Open) => Verdict::Open,
        }
    }

    /// What a function that uses the guest as it goes asks first.
    fn guest(&self) -> Result<(), Fault> {
        if self.no_guest {
            return Err(Fault::NoGuest);
        }
        Ok(())
    }

    /// Whether the results are those that were expected; notes what is only known now.
    pub fn settle(&mut self, expected: &[Expected], got: &[u64]) -> bool {
        expected.len() == got.len()
            && expected
                .iter()
                .zip(got)
                .all(|(expected, &got)| match *expected {
                    Expected::Bits(bits) => bits == got,
                    Expected::F32(bits) => {
                        let nan = f32::from_bits(bits).is_nan();
                        let got_32 = u32::try_from(got).map(f32::from_bits);
                        u64::from(bits) == got || (nan && got_32.is_ok_and(f32::is_nan))
                    }
                    Expected::F64(bits) => {
                        let nan = f64::from_bits(bits).is_nan();
                        bits == got || (nan && f64::from_bits(got).is_nan())
                    }
                    Expected::Func(func) => got == u64::from(func == Func::Null),
                    Expected::Object(object) => got == u64::from(object == Object::Null),
                    Expected::Handle(value) => match u32::try_from(got) {
                        Ok(handle) => {
                            self.handles.insert(handle, value);
                            handle != 0 && self.given.insert(handle)
                        }
                        Err(_) => false,
                    },
                })
    }
}
