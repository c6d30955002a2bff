//! The oracle's model of the parameter that a host function receives.

use std::ops::Range;

use crate::{
    digest::{self, Digest},
    value::Value,
};

#[derive(Clone, Debug)]
pub enum Seen {
    /// The bits of a number; a negative one is sign-extended.
    Number(u64),
    /// A vector or a reference.
    Value(Value),
    /// Bytes of the memory, and whether they may be written.
    Bytes(Range<usize>, bool),
    /// `None`, for a null pointer.
    Null,
    /// `Some`, for any other pointer.
    Some(Box<Seen>),
    List(Vec<Seen>),
    /// A pointer and a length that the function accesses through `Guest`.
    Place(u64, u64),
}

impl Seen {
    /// Does what [`Parameter::read`](crate::parameter::Parameter::read) does.
    pub fn read(&self, memory: &[u8], digest: &mut Digest) {
        match self {
            Self::Number(number) => digest.number(*number),
            Self::Bytes(range, _) => digest.bytes(&memory[range.clone()]),
            Self::Null => digest.number(0),
            Self::Some(inner) => {
                digest.number(1);
                inner.read(memory, digest);
            }
            Self::List(all) => {
                digest.number(all.len() as u64);
                for each in all {
                    each.read(memory, digest);
                }
            }
            other => unreachable!("{other:?} is not read"),
        }
    }

    /// Does what [`Parameter::write`](crate::parameter::Parameter::write) does.
    pub fn write(&self, memory: &mut [u8], seed: u64) {
        match self {
            Self::Bytes(range, true) => digest::fill(&mut memory[range.clone()], seed),
            Self::Some(inner) => inner.write(memory, seed),
            Self::List(all) => {
                for (index, each) in all.iter().enumerate() {
                    each.write(memory, digest::element(seed, index));
                }
            }
            _ => {}
        }
    }

    pub fn number(&self) -> u64 {
        match self {
            Self::Number(number) => *number,
            other => unreachable!("{other:?} is not a number"),
        }
    }

    /// Converts the parameter to a core value.
    pub fn value(&self) -> Value {
        match self {
            Self::Number(number) => Value::Bits(*number),
            Self::Value(value) => *value,
            other => unreachable!("{other:?} is not a core value"),
        }
    }

    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Bytes(range, _) => range.clone(),
            other => unreachable!("{other:?} has no range"),
        }
    }

    pub fn place(&self) -> (u64, u64) {
        match self {
            Self::Place(pointer, length) => (*pointer, *length),
            other => unreachable!("{other:?} is not a place"),
        }
    }
}
