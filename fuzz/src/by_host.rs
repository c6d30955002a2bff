//! Calls of host functions by the host itself, with no guest there: the trampoline hands out what it imports.

use host_runtime::{
    HostData,
    wasmtime::{self, Instance, Ref, Store, V128, Val},
};

use crate::{
    oracle::{Entry, FUNCTIONS, Value, entries},
    spy,
    trampoline::{EXTERNS, HOSTS, Shape},
};

/// Calls one with what the trampoline would make of the bits that it is passed. The results are as the
/// uniform exports give them.
pub fn call(
    store: &mut Store<HostData>,
    trampoline: Instance,
    shape: Shape,
    entry: &Entry,
    passed: &[u64],
    values: &[Value],
) -> anyhow::Result<Vec<u64>> {
    let place = entries().iter().position(|other| other.name == entry.name);
    let place = place.expect("it is an entry") as u64;
    let Val::FuncRef(Some(func)) = element(store, trampoline, HOSTS, place) else {
        unreachable!("the table is full");
    };
    let params = entry.kinds().into_iter().zip(passed.iter().zip(values));
    let params: Vec<_> = params
        .map(|(kind, (&bits, &value))| param(store, trampoline, shape.core(kind), bits, value))
        .collect::<wasmtime::Result<_>>()?;
    let mut results = vec![Val::I32(0); entry.results.len()];
    func.call(&mut *store, &params, &mut results)?;
    let results = results
        .iter()
        .flat_map(|value| spy::bits(&mut *store, value));
    Ok(results.collect())
}

fn param(
    store: &mut Store<HostData>,
    trampoline: Instance,
    core: &str,
    bits: u64,
    value: Value,
) -> wasmtime::Result<Val> {
    let low = |bits: u64| u32::try_from(bits % (1 << 32)).expect("it is a half");
    Ok(match (value, core) {
        (Value::Bits(bits), "i32") => Val::I32(low(bits).cast_signed()),
        (Value::Bits(bits), "f32") => Val::F32(low(bits)),
        (Value::Bits(bits), "f64") => Val::F64(bits),
        (Value::Bits(bits), _) => Val::I64(bits.cast_signed()),
        (Value::V128(bits), _) => V128::from(bits).into(),
        (Value::Func(_), _) => element(store, trampoline, FUNCTIONS, bits % 16),
        (Value::Object(_), _) => element(store, trampoline, EXTERNS, bits % 8),
        (Value::Any(_), core) => {
            let of = trampoline.get_func(&mut *store, &format!("of_{core}"));
            let of = of.expect("the trampoline exports it");
            let mut made = [Val::I32(0)];
            of.call(store, &[Val::I64(bits.cast_signed())], &mut made)?;
            made[0]
        }
    })
}

/// What is in a table of the trampoline's.
fn element(store: &mut Store<HostData>, trampoline: Instance, table: &str, index: u64) -> Val {
    let table = trampoline.get_table(&mut *store, table);
    let table = table.expect("the trampoline exports it");
    let found: Option<Ref> = table.get(store, index);
    found.expect("it is that long").into()
}
