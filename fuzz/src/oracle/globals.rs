//! The globals that guests import: what each begins with, and what the host functions that change them do.

use std::mem;

use crate::oracle::{
    Expected, Fault, Func, Kind, Object, Value, World, effects::Results, rows::Seen,
};

/// A type of globals. There are two of each, `CONST_…` and `VAR_…`, which begin with the same.
pub struct Global {
    /// What their names end with.
    pub name: &'static str,
    /// What they hold.
    pub kind: Kind,
    /// What they begin with.
    pub initial: Value,
}

const fn global(name: &'static str, kind: Kind, initial: Value) -> Global {
    Global {
        name,
        kind,
        initial,
    }
}

/// All of them.
pub static GLOBALS: [Global; 16] = [
    global("I32", Kind::I32, Value::Bits(0xFFFF_FFF9)),
    global("U32", Kind::I32, Value::Bits(0xFFFF_FFFF)),
    global("I64", Kind::I64, Value::Bits(1 << 63)),
    global("U64", Kind::I64, Value::Bits(0xFFFF_FFFF_FFFF_FFFE)),
    global("F32", Kind::F32, Value::Bits(0x3FC0_0000)),
    global("F64", Kind::F64, Value::Bits(0xBFD0_0000_0000_0000)),
    global("V128", Kind::V128, Value::V128(5 << 64 | 6)),
    global("SIZE", Kind::Pointer, Value::Bits(4096)),
    global("FUNC", Kind::Func, Value::Func(Func::Null)),
    global("EXTERN", Kind::Extern, Value::Object(Object::Null)),
    global("ANY", Kind::Any, Value::Any(None)),
    global("EQ", Kind::Eq, Value::Any(None)),
    global("I31", Kind::I31, Value::Any(None)),
    global("STRUCT", Kind::Struct, Value::Any(None)),
    global("ARRAY", Kind::Array, Value::Any(None)),
    global("EXN", Kind::Exn, Value::Any(None)),
];

/// What those of a store hold that may change, in that order.
#[must_use]
pub fn initial() -> Vec<Value> {
    GLOBALS.iter().map(|global| global.initial).collect()
}

impl Value {
    /// As a result of a call.
    #[must_use]
    pub fn expected(self, kind: Kind) -> Vec<Expected> {
        let half = |bits: u128| u64::try_from(bits % (1 << 64)).expect("it is a half");
        match (self, kind) {
            (Self::Bits(bits), Kind::F32) => {
                vec![Expected::F32(bits.try_into().expect("it is an `f32`"))]
            }
            (Self::Bits(bits), Kind::F64) => vec![Expected::F64(bits)],
            (Self::Bits(bits), _) => vec![Expected::Bits(bits)],
            (Self::V128(bits), _) => [bits, bits >> 64]
                .map(|bits| Expected::Bits(half(bits)))
                .to_vec(),
            (Self::Func(func), _) => vec![Expected::Func(func)],
            (Self::Object(object), _) => vec![Expected::Object(object)],
            (Self::Any(number), _) => {
                let bits = number.map_or(0, |number| u64::from(number) << 1 | 1);
                vec![Expected::Bits(bits)]
            }
        }
    }

    /// Whether it is what an embedder sees, who knows of a reference whether it is null.
    #[must_use]
    pub fn looks(self, seen: Self) -> bool {
        match (self, seen) {
            (Self::Func(a), Self::Func(b)) => (a == Func::Null) == (b == Func::Null),
            (Self::Object(a), Self::Object(b)) => (a == Object::Null) == (b == Object::Null),
            (Self::Any(a), Self::Any(b)) => a.is_none() == b.is_none(),
            (a, b) => a == b,
        }
    }
}

impl World {
    /// What a global holds, of its full name; `None` if the guest imports none.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<Value> {
        let values = self.globals.as_ref()?;
        let index = |prefix: &str| {
            let name = name.strip_prefix(prefix)?;
            GLOBALS.iter().position(|global| global.name == name)
        };
        match index("CONST_") {
            Some(index) => Some(GLOBALS[index].initial),
            None => Some(values[index("VAR_")?]),
        }
    }

    /// Has the `VAR_…` of that place hold something else; what it held before, if the guest imports it.
    pub fn set_global(&mut self, index: usize, value: Value) -> Option<Value> {
        Some(mem::replace(&mut self.globals.as_mut()?[index], value))
    }
}

/// What a `swap_…` does.
pub(super) fn swap(world: &mut World, name: &str, to: &Seen) -> Results {
    let index = GLOBALS.iter().position(|global| global.name == name);
    let index = index.expect("there is such a global");
    let kind = GLOBALS[index].kind;
    let value = match *to {
        Seen::Number(number) if matches!(kind, Kind::I32 | Kind::F32) => {
            Value::Bits(number % (1 << 32))
        }
        Seen::Number(number) => Value::Bits(number),
        Seen::V128(bits) => Value::V128(bits),
        Seen::Func(func) => Value::Func(func),
        Seen::Object(object) => Value::Object(object),
        Seen::Any(number) => Value::Any(number),
        ref other => unreachable!("{other:?} is nothing that a global holds"),
    };
    let before = world.set_global(index, value).ok_or(Fault::Trap)?;
    Ok(before.expected(kind))
}

/// What `constants` returns: the numbers, and whether all references are null.
pub(super) fn constants(world: &mut World, _: &[Seen], _: (u128, u128)) -> Results {
    if world.globals.is_none() {
        return Err(Fault::Trap);
    }
    let numbers = GLOBALS
        .iter()
        .take_while(|global| global.kind != Kind::Func);
    let mut results: Vec<_> = numbers
        .flat_map(|global| global.initial.expected(global.kind))
        .collect();
    results.push(Expected::Bits(1));
    Ok(results)
}
