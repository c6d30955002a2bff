//! Functions that use host objects, handles and states.

use host_runtime::{
    Handle, Handles, HostData, HostObject, errors::HandleError, wasm_import, wasmtime::Caller,
};

use crate::functions::prelude::*;

/// The type of a host object.
pub struct Thing(u64);

/// Another type of host object.
struct Other;

/// A state of the store.
#[derive(Clone, Default)]
pub struct Counter(u32);

/// A second state, which `count` borrows along with `Counter`.
#[derive(Clone, Default)]
pub struct Sum(u64);

impl Parameter for HostObject<Thing> {
    const ROW: Row = Row::Thing { null: false };
    const OPTION: Row = Row::Thing { null: true };
}

impl Parameter for HostObject<Other> {
    const ROW: Row = Row::Other;
}

functions! {
    fn object_new(a: u64) -> HostObject<Thing> { HostObject::new(Thing(a)) }
    => [Extern] |_, seen| Ok(vec![Value::Object(Object::Thing(seen[0].number()))]);

    fn other_new() -> HostObject<Other> { HostObject::new(Other) }
    => [Extern] |_, _| Ok(vec![Value::Object(Object::Other)]);

    fn object_value(a: HostObject<Thing>) -> u64 { a.0 }
    => [I64] |_, seen| number(thing(&seen[0]));

    fn objects(a: Option<HostObject<Thing>>, b: u8, c: HostObject<Other>) -> u64 {
        let Other = *c;
        a.map_or(0, |thing| thing.0).wrapping_add(b.into())
    }
    => [I64] |_, seen| number(thing(&seen[0]).wrapping_add(seen[1].number()));

    fn handle_new[#[state] handles: &mut Handles](a: u64) -> Result<Handle<u64>, HandleError> {
        handles.insert(a)
    }
    => [I32] |_, seen| Ok(vec![Value::Handle(Some(seen[0].number()))]);

    fn handle_other[#[state] handles: &mut Handles]() -> Result<Handle<Other>, HandleError> {
        handles.insert(Other)
    }
    => [I32] |_, _| Ok(vec![Value::Handle(None)]);

    fn handle_get[#[state] handles: &Handles](a: Handle<u64>) -> Result<u64, HandleError> {
        handles.get(a).copied()
    }
    => [I64] handle_get;

    fn handle_remove[#[state] handles: &mut Handles](a: Handle<u64>) -> Result<u64, HandleError> {
        handles.remove(a)
    }
    => [I64] |world, seen| {
        let value = handle_get(world, seen)?;
        world.handles.remove(&small(&seen[0]));
        Ok(value)
    };

    fn count[#[state] counter: &mut Counter](
        a: u32, [#[state] sum: &mut Sum] b: &mut [u8]
    ) -> u64 {
        counter.0 = counter.0.wrapping_add(a);
        sum.0 = sum.0.wrapping_add(b.len() as u64);
        b.fill(0x77);
        sum.0.wrapping_add(counter.0.into())
    }
    => [I64] |world, seen| {
        let written = seen[1].range();
        world.counter = world.counter.wrapping_add(small(&seen[0]));
        world.sum = world.sum.wrapping_add(written.len() as u64);
        world.memory[written].fill(0x77);
        number(world.sum.wrapping_add(world.counter.into()))
    };

    fn count_by_caller(a: u16, [mut caller: Caller<'_, HostData>] b: String) -> u64 {
        let counter = caller.data_mut().state_mut::<Counter>();
        let counter = counter.expect("the store has the state");
        counter.0 = counter.0.wrapping_add(a.into());
        u64::from(counter.0).wrapping_add(b.len() as u64)
    }
    => [I64] |world, seen| {
        world.counter = world.counter.wrapping_add(small(&seen[0]));
        number(u64::from(world.counter) + seen[1].range().len() as u64)
    };

    fn reset[#[state] counter: &mut Counter](a: u8) { counter.0 = a.into(); }
    => [] |world, seen| {
        world.counter = small(&seen[0]);
        Ok(vec![])
    };
}

#[wasm_import(module = "host")]
impl Counter {
    fn counted(&self) -> u32 {
        self.0
    }
}

/// The oracle's entry for the method.
pub fn method() -> Entry {
    entry("counted", vec![], &[Kind::I32], |world, _| {
        number(world.counter.into())
    })
}

/// The number of a `Thing`, or 0.
fn thing(seen: &Seen) -> u64 {
    match seen.value() {
        Value::Object(Object::Thing(number)) => number,
        _ => 0,
    }
}

fn small(seen: &Seen) -> u32 {
    u32::try_from(seen.number()).expect("the value fits a `u32`")
}

fn handle_get(world: &mut World, seen: &[Seen]) -> Results {
    match world.handles.get(&small(&seen[0])) {
        Some(Some(value)) => number(*value),
        _ => Err(Fault::Trap),
    }
}
