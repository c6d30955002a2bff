//! Functions that access the guest's memory through `Guest` while they run.

use host_runtime::{Guest, GuestPointer, GuestSize, GuestSlice, ValueError, wasm_import};

use crate::functions::prelude::*;

functions! {
    fn pointer_read[mut guest: Guest<'_>](a: GuestPointer<u64>) -> Result<u64, ValueError> {
        a.read(&mut guest)
    }
    => [I64] |world, seen| number(from_bytes(world.at(seen[0].number(), 8)?));

    fn pointer_write(
        a: GuestPointer<u32>, [mut guest: Guest<'_>] b: u32
    ) -> Result<(), ValueError> {
        a.write(&mut guest, b)
    }
    => [] |world, seen| {
        let value = &seen[1].number().to_le_bytes()[..4];
        world.at(seen[0].number(), 4)?.copy_from_slice(value);
        Ok(vec![])
    };

    fn slice_copy[mut guest: Guest<'_>](a: GuestSlice<u16>, b: String) -> Result<u64, ValueError> {
        let mut digest = Digest::new();
        a.to_vec(&mut guest)?.read(&mut digest);
        b.read(&mut digest);
        Ok(digest.value())
    }
    => [I64] |world, seen| {
        let (pointer, length) = seen[0].place();
        let length = u128::from(length) * 2;
        let mut digest = Digest::new();
        digest.bytes(world.at(pointer, length)?);
        world.charge(length, length)?;
        seen[1].read(&world.memory, &mut digest);
        number(digest.value())
    };

    fn slice_move[mut guest: Guest<'_>](
        a: GuestSlice<u32>, b: u64, c: u64
    ) -> Result<u32, ValueError> {
        let value = a.get(&mut guest, b)?;
        a.set(&mut guest, c, value)?;
        Ok(value)
    }
    => [I32] |world, seen| {
        let from = nth(&seen[0], &seen[1], 4)?;
        let bytes = world.at(from, 4)?.to_vec();
        let to = nth(&seen[0], &seen[2], 4)?;
        world.at(to, 4)?.copy_from_slice(&bytes);
        number(from_bytes(&bytes))
    };

    fn slice_write[mut guest: Guest<'_>](
        a: GuestSlice<u16>, b: Vec<u16>
    ) -> Result<(), ValueError> {
        a.write(&mut guest, &b)
    }
    => [] |world, seen| {
        let (pointer, length) = seen[0].place();
        let bytes = world.memory[seen[1].range()].to_vec();
        if bytes.len() as u64 / 2 > length {
            return Err(Fault::Trap);
        }
        world.at(pointer, bytes.len() as u128)?.copy_from_slice(&bytes);
        Ok(vec![])
    };

    fn grow[mut guest: Guest<'_>](a: u8) -> anyhow::Result<u64> {
        guest.grow_memory(a.into())
    }
    => [I64] |world, seen| {
        world.check_guest()?;
        number(world.grow(seen[0].number()).ok_or(Fault::Trap)?)
    };

    // Returns a bit for each of the three accesses that succeeded.
    fn borrow[mut guest: Guest<'_>](
        a: GuestSize, b: u64, c: GuestSize, d: u64
    ) -> Result<u32, ValueError> {
        guest.memory(|memory| {
            let writable = memory.exclusive(a, b);
            let readable = memory.shared(c, d);
            let copied = memory.read(c, &mut [0; 4]);
            let got = u32::from(writable.is_ok())
                | u32::from(readable.is_ok()) << 1
                | u32::from(copied.is_ok()) << 2;
            if let Ok(writable) = writable {
                writable.fill(0x33);
            }
            got
        })
    }
    => [I32] |world, seen| {
        world.check_guest()?;
        let [a, b, c, d] = [0, 1, 2, 3].map(|place| seen[place].number());
        let writable = world.borrow(a, b.into(), true);
        let readable = world.borrow(c, d.into(), false);
        let copied = world.copy(c, 4);
        if let Ok(writable) = &writable {
            world.memory[writable.clone()].fill(0x33);
        }
        let bits = [writable.is_ok(), readable.is_ok(), copied.is_ok()].map(u64::from);
        number(bits[0] | bits[1] << 1 | bits[2] << 2)
    };
}

/// The address of an element. Returns a trap if the index is out of bounds.
fn nth(slice: &Seen, index: &Seen, size: u64) -> Result<u64, Fault> {
    let (pointer, length) = slice.place();
    let index = Some(index.number()).filter(|&index| index < length);
    let offset = index.and_then(|index| index.checked_mul(size));
    let address = offset.and_then(|offset| pointer.checked_add(offset));
    address.ok_or(Fault::Trap)
}
