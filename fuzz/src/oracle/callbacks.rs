//! The functions of the trampoline that the host calls back, and the host functions that do so.

use std::mem;

use crate::{
    oracle::{
        Expected, Fault, Func, Value, Verdict, World,
        effects::{Results, at, func, grow, number},
        entries,
        rows::Seen,
    },
    touch::Digest,
};

/// The name of the trampoline's table of functions.
pub const FUNCTIONS: &str = "__indirect_function_table";

/// The functions in the trampoline's table that can be called, as WebAssembly text. [`call`] knows what
/// they do. `$m` is the memory, and `{p}` the type of its addresses.
pub const CALLBACKS: &str = r#"
    (global $first (mut i64) (i64.const 0))
    (global $second (mut i64) (i64.const 0))
    (global $mode (mut i32) (i32.const 0))
    (func (export "grant") (param i64 i64 i64)
        (global.set $first (local.get 0))
        (global.set $second (local.get 1))
        (global.set $mode (i32.wrap_i64 (local.get 2))))
    (func $room (result {p}) (local $given i64)
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (unreachable)))
        (if (i32.eq (global.get $mode) (i32.const 2)) (then (drop (memory.grow $m ({p}.const 1)))))
        (local.set $given (global.get $first))
        (global.set $first (global.get $second))
        (global.set $second (local.get $given))
        {given})
    (func (export "malloc") (param {p}) (result {p}) (call $room))
    (func (export "cabi_realloc") (param {p} {p} {p} {p}) (result {p}) (call $room))
    (type $callback (func (param i32) (result i32)))
    (func $next (type $callback) (i32.add (local.get 0) (i32.const 1)))
    (func $trap (type $callback) (unreachable))
    (func $other)
    (func $grow (type $callback)
        (drop (memory.grow $m ({p}.const 1)))
        (local.get 0))
    (func $poke (type $callback)
        (i32.store8 $m ({extend} (local.get 0)) (i32.const 90))
        (local.get 0))
    (func $again (type $callback)
        (if (result i32) (i32.and (local.get 0) (i32.const 7))
            (then (call $f_apply ({p}.const 6) (i32.sub (local.get 0) (i32.const 1))))
            (else (call $f_apply ({p}.const 1) (local.get 0)))))
    (func $mark (type $callback)
        (i32.wrap_i64 (call $f_mut_bytes
            ({extend} (i32.and (local.get 0) (i32.const 63))) ({p}.const 8))))
    (table $functions (export "__indirect_function_table") 16 16 funcref)
    (elem (table $functions) (i32.const 1) func $next $trap $other $grow $poke $again $mark
        $host_echo_i32 $host_byte_at)
"#;

/// What a call of the function at an index of that table comes to.
fn call(world: &mut World, index: u64, x: i32) -> Result<i32, Fault> {
    // Whoever has called the host, now it calls a guest.
    let no_guest = mem::take(&mut world.no_guest);
    let result = called(world, index, x, no_guest);
    world.no_guest = no_guest;
    result
}

fn called(world: &mut World, index: u64, x: i32, no_guest: bool) -> Result<i32, Fault> {
    match index {
        1 => Ok(x.wrapping_add(1)),
        4 => {
            grow(world, 1);
            Ok(x)
        }
        5 => {
            at(world, x.cast_unsigned().into(), 1)?[0] = 90;
            Ok(x)
        }
        6 => Ok((x & !7) + 1),
        7 => {
            let entry = entries().iter().find(|entry| entry.name == "mut_bytes");
            let pointer = u64::from((x & 63).cast_unsigned());
            let passed = [Value::Bits(pointer), Value::Bits(8)];
            match world.judge(entry.expect("it is an entry"), &passed) {
                Verdict::Returns(results) => match results[..] {
                    [Expected::Bits(bits)] => Ok(int(bits)),
                    _ => unreachable!("it returns a digest"),
                },
                _ => Err(Fault::Trap),
            }
        }
        // Two of the host's own, of which one reads the memory of the guest on whose behalf it is called.
        8 => Ok(x),
        9 if !world.wide && !world.alone && no_guest => Err(Fault::NoGuest),
        9 if !world.wide => Ok(at(world, x.cast_unsigned().into(), 1)?[0].into()),
        // Null, one that traps, one of another type, and past the end.
        _ => Err(Fault::Trap),
    }
}

/// The same by the guest's table, which is unknown where no guest is.
fn call_at(world: &mut World, index: u64, x: i32) -> Result<i32, Fault> {
    if world.no_guest {
        return Err(Fault::Trap);
    }
    call(world, index, x)
}

/// The lower half.
fn int(bits: u64) -> i32 {
    u32::try_from(bits % (1 << 32))
        .expect("it is a half")
        .cast_signed()
}

fn signed(number: i32) -> Expected {
    Expected::Bits(number.cast_unsigned().into())
}

pub(super) fn apply(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let result = call_at(world, seen[0].number(), int(seen[1].number()))?;
    Ok(vec![signed(result)])
}

pub(super) fn apply_ref(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    match func(&seen[0]) {
        Func::Callback(index) => {
            let result = call(world, index.into(), int(seen[1].number()))?;
            Ok(vec![signed(result)])
        }
        Func::Null => Err(Fault::Trap),
        Func::Unknown => Err(Fault::Open),
    }
}

pub(super) fn around(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let pointer = seen[2].number();
    let mut digest = Digest::new();
    seen[3].look(&world.memory, &mut digest);
    let before = number(at(world, pointer, 2)?);
    let result = call_at(world, seen[0].number(), int(seen[1].number()))?;
    let after = number(at(world, pointer, 2)?);
    Ok(vec![
        Expected::Bits(before),
        signed(result),
        Expected::Bits(after),
        Expected::Bits(digest.value()),
    ])
}
