//! What must come of a call, as the chapters in `host-runtime/docs` say, independently of how
//! `host-runtime` does it.

#![expect(clippy::unnecessary_wraps, reason = "an effect may fail")]

use crate::{
    digest::Digest,
    row::Row,
    seen::Seen,
    value::{Kind, Value},
    world::{Fault, Results, World},
};

/// A function that is called.
pub struct Entry {
    /// Its name in Rust and in Wasm.
    pub name: &'static str,
    /// What a guest passes, the pointers for results among it.
    pub parameters: Vec<Row>,
    /// What a guest gets.
    pub results: Vec<Kind>,
    /// What the function does if all parameters are accepted.
    pub effect: Effect,
}

pub type Effect = fn(&mut World, &[Seen]) -> Results;

/// The results, or why there are none and which parameter is the reason.
pub type Verdict = Result<Vec<Value>, (Fault, Option<usize>)>;

impl Entry {
    /// The core values that a guest passes.
    pub fn kinds(&self) -> Vec<Kind> {
        self.parameters.iter().flat_map(Row::kinds).collect()
    }
}

impl World {
    /// Says what must come of a call, and does to the world what the call does.
    pub fn judge(&mut self, entry: &Entry, mut values: &[Value]) -> Verdict {
        // Pointers for results are no parameters of the function.
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

    /// Whether the results are as judged; notes the handles among them.
    pub fn settle(&mut self, entry: &Entry, expected: &[Value], found: &[Value]) -> bool {
        let mut results = expected.iter().zip(found).zip(&entry.results);
        results.all(|((expected, &found), &kind)| match (*expected, found) {
            (Value::Handle(value), Value::Bits(bits)) => {
                let handle = u32::try_from(bits).expect("it is an `i32`");
                self.handles.insert(handle, value);
                handle != 0 && self.given.insert(handle)
            }
            (expected, found) => expected.may_be(found, kind),
        })
    }
}

/// The effect of [`touching!`](crate::functions): reads all, writes all that may be written, and
/// returns what was read.
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

/// One number.
pub fn number(bits: u64) -> Results {
    Ok(vec![Value::Bits(bits)])
}
