//! Host functions that call guest functions, and the guest functions they call.

use host_runtime::{Callback, CallbackRef, Guest, GuestPointer, wasm_import};

use crate::{functions::prelude::*, value::Func};

/// The name of the trampoline's table of functions.
pub const TABLE: &str = "__indirect_function_table";

/// The functions in that table, as WebAssembly text. [`predict`] models what they do. `{p}` is the
/// type of an address. `{extend}` converts an `i32` to it and `{wrap}` an `i64`.
pub const CALLBACKS: &str = r#"
    (func $at (param i32) (result {p}) local.get 0 {extend})
    (global $first (mut i64) (i64.const 0))
    (global $second (mut i64) (i64.const 0))
    (global $mode (mut i32) (i32.const 0))
    (func (export "grant") (param i64 i64 i32)
        (global.set $first (local.get 0))
        (global.set $second (local.get 1))
        (global.set $mode (local.get 2)))
    (func $allocate (result {p}) (local $given i64)
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (unreachable)))
        (if (i32.eq (global.get $mode) (i32.const 2)) (then (drop (memory.grow $m ({p}.const 1)))))
        (local.set $given (global.get $first))
        (global.set $first (global.get $second))
        (global.set $second (local.get $given))
        local.get $given {wrap})
    (func (export "malloc") (param {p}) (result {p}) (call $allocate))
    (func (export "cabi_realloc") (param {p} {p} {p} {p}) (result {p}) (call $allocate))
    (type $callback (func (param i32) (result i32)))
    (func $next (type $callback) (i32.add (local.get 0) (i32.const 1)))
    (func $trap (type $callback) (unreachable))
    (func $other)
    (func $grow (type $callback)
        (drop (memory.grow $m ({p}.const 1)))
        (local.get 0))
    (func $poke (type $callback)
        (i32.store8 $m (call $at (local.get 0)) (i32.const 90))
        (local.get 0))
    (func $again (type $callback)
        (if (result i32) (i32.and (local.get 0) (i32.const 7))
            (then (call $f_apply ({p}.const 6) (i32.sub (local.get 0) (i32.const 1))))
            (else (call $f_apply ({p}.const 1) (local.get 0)))))
    (func $mark (type $callback)
        (i32.wrap_i64 (call $f_mut_bytes
            (call $at (i32.and (local.get 0) (i32.const 63))) ({p}.const 8))))
    (table $functions (export "__indirect_function_table") 16 16 funcref)
    (elem (table $functions) (i32.const 1) func $next $trap $other $grow $poke $again $mark
        $host_echo_i32 $host_byte_at)
"#;

functions! {
    // With 32-bit addresses, this import has the type of a callback.
    fn byte_at(a: &u8) -> i32 {
        i32::from(*a)
    }
    => [I32] |world, seen| number(world.memory[seen[0].range().start].into());

    fn apply[mut guest: Guest<'_>](a: Callback<i32, i32>, b: i32) -> anyhow::Result<i32> {
        guest.call(&a, b)
    }
    => [I32] |world, seen| number(call_at(world, &seen[0], &seen[1])?);

    fn apply_ref(
        a: CallbackRef<i32, i32>, [mut guest: Guest<'_>] b: i32
    ) -> anyhow::Result<i32> {
        guest.call(&a, b)
    }
    => [I32] |world, seen| match seen[0].value() {
        Value::Func(Func::Callback(index)) => number(call(world, index.into(), &seen[1])?),
        Value::Func(Func::Null) => Err(Fault::Trap),
        _ => Err(Fault::Open),
    };

    // The callback may change or move the memory between the two reads.
    fn around[mut guest: Guest<'_>](
        a: Callback<i32, i32>, b: i32, c: GuestPointer<u16>, d: Vec<u8>
    ) -> anyhow::Result<(u16, i32, u16, u64)> {
        let before = c.read(&mut guest)?;
        let result = guest.call(&a, b)?;
        let after = c.read(&mut guest)?;
        let mut digest = Digest::new();
        d.read(&mut digest);
        Ok((before, result, after, digest.value()))
    }
    => [I32, I32, I32, I64] |world, seen| {
        let pointer = seen[2].number();
        let mut digest = Digest::new();
        seen[3].read(&world.memory, &mut digest);
        let before = from_bytes(world.at(pointer, 2)?);
        let result = call_at(world, &seen[0], &seen[1])?;
        let after = from_bytes(world.at(pointer, 2)?);
        Ok([before, result, after, digest.value()].map(Bits).to_vec())
    };
}

/// Predicts the result of a `Callback`. Without a guest, there is no table.
fn call_at(world: &mut World, index: &Seen, x: &Seen) -> Result<u64, Fault> {
    if world.no_guest {
        return Err(Fault::Trap);
    }
    call(world, index.number(), x)
}

/// Predicts the result of calling the function at an index of the trampoline's table.
fn call(world: &mut World, index: u64, x: &Seen) -> Result<u64, Fault> {
    // The host now calls a guest, so a guest is known for nested calls.
    let no_guest = std::mem::take(&mut world.no_guest);
    let result = predict(world, index, x.number(), no_guest);
    world.no_guest = no_guest;
    result
}

fn predict(world: &mut World, index: u64, x: u64, no_guest: bool) -> Result<u64, Fault> {
    let unsigned = x % (1 << 32);
    match index {
        1 => Ok(x.wrapping_add(1)),
        4 => {
            world.grow(1);
            Ok(x)
        }
        5 => {
            world.at(unsigned, 1)?[0] = 90;
            Ok(x)
        }
        6 => Ok((x & !7) + 1),
        7 => {
            world.begin();
            let seen = <&mut [u8]>::ROW.accept(&[Bits(x & 63), Bits(8)], world)?;
            match touch(world, &[seen])?[..] {
                [Bits(digest)] => Ok(digest),
                _ => unreachable!("`touch` returns a digest"),
            }
        }
        // Host functions. The host calls them directly, so `byte_at` may have no guest.
        8 => Ok(x),
        9 if !world.wide && no_guest => Err(Fault::NoGuest),
        9 if !world.wide => Ok(world.at(unsigned, 1)?[0].into()),
        // Null, `$trap`, `$other` with its different type, and indices past the end.
        _ => Err(Fault::Trap),
    }
}
