//! What a host function sees of a parameter.

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
    /// Nothing, for a pointer 0.
    Null,
    /// Something, for another pointer.
    Some(Box<Seen>),
    List(Vec<Seen>),
    /// A pointer and a length that are used while the function runs.
    Place(u64, u64),
}

impl Seen {
    /// Reads all of it, as [`Parameter::read`](crate::parameter::Parameter::read) does.
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

    /// Writes all of it that may be written, as
    /// [`Parameter::write`](crate::parameter::Parameter::write) does.
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
            other => unreachable!("{other:?} is no number"),
        }
    }

    /// As a core value.
    pub fn value(&self) -> Value {
        match self {
            Self::Number(number) => Value::Bits(*number),
            Self::Value(value) => *value,
            other => unreachable!("{other:?} is no core value"),
        }
    }

    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Bytes(range, _) => range.clone(),
            other => unreachable!("{other:?} is not of bytes"),
        }
    }

    pub fn place(&self) -> (u64, u64) {
        match self {
            Self::Place(pointer, length) => (*pointer, *length),
            other => unreachable!("{other:?} is no place"),
        }
    }
}
