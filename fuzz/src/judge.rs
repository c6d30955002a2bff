//! Predicts the outcome of a call from the documentation in `host-runtime/docs`, independently of
//! the implementation.

#![expect(clippy::unnecessary_wraps, reason = "effects return `Results`")]

use crate::{
    digest::Digest,
    row::Row,
    seen::Seen,
    value::{Kind, Value},
    world::{Fault, Results, World},
};

/// A host function, as the oracle knows it.
pub struct Entry {
    /// The name in Rust and in WebAssembly.
    pub name: &'static str,
    /// The rows of the parameters, including return pointers.
    pub parameters: Vec<Row>,
    /// The kinds of the core results.
    pub results: Vec<Kind>,
    /// Predicts the results and updates the world, if all parameters are accepted.
    pub effect: Effect,
}

pub type Effect = fn(&mut World, &[Seen]) -> Results;

/// The expected results, or the fault and the index of the parameter that causes it.
pub type Verdict = Result<Vec<Value>, (Fault, Option<usize>)>;

impl Entry {
    /// The kinds of the core parameters.
    pub fn kinds(&self) -> Vec<Kind> {
        self.parameters.iter().flat_map(Row::kinds).collect()
    }
}

impl World {
    /// Predicts the outcome of a call, and updates the world.
    pub fn judge(&mut self, entry: &Entry, mut values: &[Value]) -> Verdict {
        // Errors do not count return pointers as parameters of the function.
        let own = |row: &&Row| !matches!(row, Row::Return);
        let place = |index: usize| entry.parameters[..index].iter().filter(own).count();
        if self.no_guest
            && let Some(first) = entry.parameters.iter().position(Row::is_of_memory)
        {
            return Err((Fault::NoGuest, Some(place(first))));
        }
        self.begin();
        let mut seen = Vec::new();
        for (index, row) in entry.parameters.iter().enumerate() {
            let (passed, rest) = values.split_at(row.kinds().len());
            let accepted = row.accept(passed, self);
            seen.push(accepted.map_err(|fault| (fault, Some(place(index))))?);
            values = rest;
        }
        let results = (entry.effect)(self, &seen).map_err(|fault| (fault, None))?;
        let results = results.iter().zip(&entry.results);
        Ok(results
            .map(|(result, &kind)| result.cut(kind, self.wide))
            .collect())
    }

    /// Whether the results are the expected ones. Records the handles among them.
    pub fn settle(&mut self, entry: &Entry, expected: &[Value], found: &[Value]) -> bool {
        let mut results = expected.iter().zip(found).zip(&entry.results);
        results.all(|((expected, &found), &kind)| match (*expected, found) {
            (Value::Handle(value), Value::Bits(bits)) => {
                let handle = u32::try_from(bits).expect("a handle is an `i32`");
                self.handles.insert(handle, value);
                handle != 0 && self.given.insert(handle)
            }
            (expected, found) => expected.may_be(found, kind),
        })
    }
}

/// The effect of functions of [`touching!`](crate::functions): reads all parameters, writes those
/// that are mutable, and returns the digest.
pub fn touch(world: &mut World, seen: &[Seen]) -> Results {
    let mut digest = Digest::new();
    for each in seen {
        each.read(&world.memory, &mut digest);
    }
    for (place, each) in seen.iter().enumerate() {
        each.write(&mut world.memory, digest.seed(place));
    }
    number(digest.value())
}

/// The effect of a function that returns its parameter.
pub fn echo(_: &mut World, seen: &[Seen]) -> Results {
    Ok(vec![seen[0].value()])
}

/// A single numeric result.
pub fn number(bits: u64) -> Results {
    Ok(vec![Value::Bits(bits)])
}
