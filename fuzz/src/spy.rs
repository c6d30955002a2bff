//! What stands between a guest and the host functions, and asks the oracle of each call.

use std::cell::RefCell;

use host_runtime::{
    HostData,
    wasmtime::{
        self, AnyRef, AsContextMut, Caller, Func, FuncType, Instance, Ref, Rooted, Store, Val,
        ValType, bail,
    },
};

use crate::{
    guest::{Bytes, ENGINE},
    oracle::{self, Kind, Object, Value, Verdict, World, entries},
    trampoline::Shape,
};

/// How many calls of one input are looked at.
const MOST: u32 = 64;

/// What the spies know.
pub struct Spies {
    pub world: World,
    memory: Bytes,
    /// The calls that have not returned, each with what must come of it, and the memory after it.
    pending: Vec<(usize, Verdict, Vec<u8>)>,
    calls: u32,
}

thread_local! {
    static SPIES: RefCell<Option<Spies>> = const { RefCell::new(None) };
}

/// Works with what the spies know.
pub fn with<R>(work: impl FnOnce(&mut Spies) -> R) -> R {
    SPIES.with_borrow_mut(|spies| work(spies.as_mut().expect("there are spies")))
}

/// Sends the spies home.
pub fn forget() {
    SPIES.set(None);
}

impl Spies {
    /// What a call that was left by a trap should have come to, if that is no trap; of all that were left.
    pub fn left(&mut self) -> Option<String> {
        let wrong = self
            .pending
            .iter()
            .find(|(_, verdict, _)| matches!(verdict, Verdict::Returns(_)));
        let said =
            wrong.map(|(index, verdict, _)| format!("{}: {verdict:?}", entries()[*index].name));
        self.pending.clear();
        said
    }

    /// Whether no more calls are looked at.
    pub fn tired(&self) -> bool {
        self.calls > MOST
    }
}

/// Puts spies into a trampoline's table.
pub fn send(
    store: &mut Store<HostData>,
    trampoline: Instance,
    shape: Shape,
    world: World,
    memory: Bytes,
) -> wasmtime::Result<()> {
    SPIES.set(Some(Spies {
        world,
        memory,
        pending: Vec::new(),
        calls: 0,
    }));
    let table = trampoline
        .get_table(&mut *store, "spies")
        .expect("it exports one");
    for (index, entry) in entries().iter().enumerate() {
        let types = |kinds: &[Kind]| {
            kinds
                .iter()
                .map(|&kind| ty(shape, kind))
                .collect::<Vec<_>>()
        };
        let before = FuncType::new(&ENGINE, types(&entry.kinds()), []);
        let before = Func::new(&mut *store, before, move |mut caller, passed, _| {
            before_call(&mut caller, index, passed)
        });
        let after = FuncType::new(&ENGINE, types(entry.results), []);
        let after = Func::new(&mut *store, after, move |mut caller, returned, _| {
            after_call(&mut caller, index, returned);
            Ok(())
        });
        table.set(&mut *store, 2 * index as u64, Ref::Func(Some(before)))?;
        table.set(&mut *store, 2 * index as u64 + 1, Ref::Func(Some(after)))?;
    }
    let spying = trampoline
        .get_global(&mut *store, "spying")
        .expect("it exports one");
    spying.set(store, Val::I32(1))
}

fn ty(shape: Shape, kind: Kind) -> ValType {
    match shape.core(kind) {
        "i32" => ValType::I32,
        "i64" => ValType::I64,
        "f32" => ValType::F32,
        "f64" => ValType::F64,
        "v128" => ValType::V128,
        "funcref" => ValType::FUNCREF,
        "externref" => ValType::EXTERNREF,
        "anyref" => ValType::ANYREF,
        "eqref" => ValType::EQREF,
        "i31ref" => ValType::I31REF,
        "structref" => ValType::STRUCTREF,
        "arrayref" => ValType::ARRAYREF,
        _ => ValType::EXNREF,
    }
}

fn before_call(
    caller: &mut Caller<'_, HostData>,
    index: usize,
    passed: &[Val],
) -> wasmtime::Result<()> {
    with(|spies| {
        spies.calls += 1;
        if spies.tired() {
            bail!("that is enough");
        }
        spies.world.memory = spies.memory.copy(&*caller);
        let values: Vec<_> = passed
            .iter()
            .map(|value| of_guest(&mut *caller, value))
            .collect();
        let verdict = spies.world.judge(&entries()[index], &values);
        let after = spies.world.memory.clone();
        spies.pending.push((index, verdict, after));
        Ok(())
    })
}

fn after_call(caller: &mut Caller<'_, HostData>, index: usize, returned: &[Val]) {
    with(|spies| {
        let (pending, verdict, after) = spies.pending.pop().expect("it was called");
        assert_eq!(pending, index, "calls return in order");
        let name = entries()[index].name;
        let got: Vec<u64> = returned
            .iter()
            .flat_map(|value| bits(&mut *caller, value))
            .collect();
        match verdict {
            Verdict::Open => {}
            Verdict::Returns(expected) => {
                assert!(
                    spies.world.settle(&expected, &got),
                    "`{name}` returned {got:x?} in place of {expected:x?}"
                );
                let left = spies.memory.copy(&*caller);
                let differs = left.iter().zip(&after).position(|(a, b)| a != b);
                assert!(
                    left == after,
                    "`{name}` returned {got:x?} and left another memory, from {differs:x?} on, of {} bytes for {}",
                    left.len(),
                    after.len()
                );
            }
            verdict => panic!("`{name}` returned {got:x?} in place of {verdict:?}"),
        }
    });
}

/// A core value as the oracle has it.
pub fn of_guest(mut store: impl AsContextMut, value: &Val) -> Value {
    match value {
        Val::I32(number) => Value::Bits(number.cast_unsigned().into()),
        Val::I64(number) => Value::Bits(number.cast_unsigned()),
        Val::F32(bits) => Value::Bits((*bits).into()),
        Val::F64(bits) => Value::Bits(*bits),
        Val::V128(vector) => Value::V128(vector.as_u128()),
        Val::FuncRef(None) => Value::Func(oracle::Func::Null),
        Val::FuncRef(Some(_)) => Value::Func(oracle::Func::Unknown),
        Val::ExternRef(None) => Value::Object(Object::Null),
        Val::ExternRef(Some(_)) => Value::Object(Object::Unknown),
        Val::AnyRef(reference) => Value::Any(reference.map(|any| number(store, any))),
        Val::ExnRef(reference) => Value::Any(reference.map(|exn| first(&exn.field(&mut store, 0)))),
        other => unreachable!("no host function takes {other:?}"),
    }
}

/// The number in a reference, if it has such a one as the trampoline makes.
fn number(mut store: impl AsContextMut, reference: Rooted<AnyRef>) -> u32 {
    if let Ok(Some(number)) = reference.as_i31(&store) {
        number.get_u32()
    } else if let Ok(Some(fields)) = reference.as_struct(&store) {
        first(&fields.field(&mut store, 0))
    } else if let Ok(Some(array)) = reference.as_array(&store) {
        first(&array.get(&mut store, 0))
    } else {
        u32::MAX
    }
}

fn first(value: &wasmtime::Result<Val>) -> u32 {
    match value {
        Ok(Val::I32(number)) => number.cast_unsigned(),
        _ => u32::MAX,
    }
}

/// A result as the uniform exports give it.
pub fn bits(store: impl AsContextMut, value: &Val) -> Vec<u64> {
    match of_guest(store, value) {
        Value::Bits(bits) => vec![bits],
        Value::V128(vector) => {
            let bytes = vector.to_le_bytes();
            let half = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
            vec![half(0), half(8)]
        }
        Value::Func(func) => vec![(func == oracle::Func::Null).into()],
        Value::Object(object) => vec![(object == Object::Null).into()],
        Value::Any(number) => vec![number.map_or(0, |number| u64::from(number) << 1 | 1)],
    }
}
