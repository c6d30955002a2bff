//! What an input has the fuzzer do with a trampoline.

use arbitrary::{Result, Unstructured};
use host_runtime::wasmtime::Val;

use crate::{
    functions::{FUNCTIONS, GLOBALS},
    guest::Guest,
    pick::{self, Picker},
    random,
    run::{By, Run},
    trampoline::Shape,
};

/// How many steps one input makes at most.
const STEPS: u32 = 48;

/// Of 256 times that a random guest comes up, in how many there is one. It has to be compiled,
/// which takes as long as a thousand calls.
const RANDOM_GUESTS: u8 = 32;

/// Does what the input says. Whatever that is, the host must not panic, and no call must come to
/// something else than the oracle says.
///
/// # Errors
///
/// If the input ends.
///
/// # Panics
///
/// If it does.
pub fn drive(data: &[u8]) -> Result<()> {
    let mut u = Unstructured::new(data);
    let (shape, of_runtime) = (Shape::from_byte(u.arbitrary()?), u.arbitrary()?);
    let mut driver = Driver::new(shape, of_runtime);
    for _ in 0..STEPS {
        match u.arbitrary::<u8>()? {
            0..160 => driver.call(&mut u, By::Guest)?,
            160..176 => driver.grant(&mut u)?,
            176..188 => driver.call(&mut u, By::Host)?,
            188..204 => driver.set_global(&mut u)?,
            204..208 => driver.set_global_beside(&mut u)?,
            208..248 => driver.write(&mut u)?,
            _ if u.arbitrary::<u8>()? >= RANDOM_GUESTS => {}
            _ => {
                let direct = u.arbitrary()?;
                random::run(&mut u, &mut driver.guest, &driver.run, direct)?;
                // What it has done to the world is not known.
                return Ok(());
            }
        }
        if driver.run.state().lost {
            break;
        }
    }
    Ok(())
}

struct Driver {
    guest: Guest,
    of_runtime: bool,
    run: Run,
    picker: Picker,
    /// The place of the function that was called last.
    last: usize,
}

impl Driver {
    fn new(shape: Shape, of_runtime: bool) -> Self {
        let guest = Guest::new(shape, of_runtime);
        let mut guest = guest.unwrap_or_else(|error| panic!("{shape:?}: {error:?}"));
        let run = Run::new(&mut guest, shape).expect("the trampoline is as it is written");
        Self {
            guest,
            of_runtime,
            run,
            picker: Picker::default(),
            last: 0,
        }
    }

    fn call(&mut self, u: &mut Unstructured<'_>, by: By) -> Result<()> {
        let byte = usize::from(u.arbitrary::<u8>()?);
        // Functions that take what others return are near to them.
        self.last = if byte < FUNCTIONS.len() {
            byte
        } else {
            (self.last + FUNCTIONS.len() + byte % 9 - 4) % FUNCTIONS.len()
        };
        let entry = &FUNCTIONS[self.last];
        let kinds = entry.kinds();
        let picked = self.picker.values(u, &kinds, &self.run.state().world)?;
        let (store, _) = self.guest.store();
        let mut params = Vec::new();
        for (&kind, bits) in kinds.iter().zip(picked) {
            let wide = self.run.shape.wide;
            let made = self
                .run
                .state()
                .references
                .make(&mut *store, kind, bits, wide);
            params.push(made.expect("there is room for it"));
        }
        let mut results = vec![Val::I32(0); entry.results.len()];
        // An error has been judged.
        let called = self.run.call(store, by, entry, &params, &mut results);
        if let (Ok(()), [Val::I32(returned)]) = (called, &results[..]) {
            self.picker.keep(returned.cast_unsigned().into());
        }
        self.run.check_runtime_globals(&mut self.guest);
        Ok(())
    }

    /// Chooses what the guest's allocators do.
    fn grant(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let world = &mut self.run.state().world;
        let first = self.picker.pointer(u, world)?;
        let second = self.picker.pointer(u, world)?;
        let mode = u32::from(u.arbitrary::<u8>()? % 8);
        let (store, instance) = self.guest.store();
        let grant = instance.get_typed_func::<(u64, u64, u32), ()>(&mut *store, "grant");
        let granted = grant.and_then(|grant| grant.call(store, (first, second, mode)));
        granted.expect("there is fuel for it");
        (world.grants, world.mode) = ([first, second], mode);
        Ok(())
    }

    /// Sets a global, as the guest could.
    fn set_global(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let global = &GLOBALS[usize::from(u.arbitrary::<u8>()?) % GLOBALS.len()];
        let bits = pick::number(u)?;
        if !self.run.shape.has_globals() || !global.mutable {
            return Ok(());
        }
        let (store, instance) = self.guest.store();
        let state = &mut *self.run.state();
        let to = state
            .references
            .make(&mut *store, global.kind, bits, self.run.shape.wide);
        let to = to.expect("there is room for it");
        let own = instance.get_global(&mut *store, global.name);
        let set = own.expect("it is exported").set(&mut *store, to);
        set.expect("it is of the type");
        let to = state.references.value(&mut *store, &to);
        let swapped = state.world.swap_global(global.name, to);
        swapped.expect("the guest imports it");
        Ok(())
    }

    /// Has another guest of the same runtime begin, and set one. Each has its own globals.
    fn set_global_beside(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut other = Self::new(self.run.shape, self.of_runtime);
        other.run.check_runtime_globals(&mut other.guest);
        other.set_global(u)?;
        self.run
            .check_globals(self.guest.store().0, &self.run.state());
        self.run.check_runtime_globals(&mut self.guest);
        Ok(())
    }

    /// Writes to the memory, and looks whether the guest has it there.
    fn write(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let world = &mut self.run.state().world;
        let at = self.picker.pointer(u, world)? % world.memory.len() as u64;
        let at = usize::try_from(at).expect("it is within the memory");
        let mut bytes = self.picker.bytes(u, world)?;
        bytes.truncate(world.memory.len() - at);
        self.guest.write(at, &bytes).expect("there is room");
        world.memory[at..at + bytes.len()].copy_from_slice(&bytes);
        let found = self.run.memory.copy(self.guest.store().0);
        assert!(
            found == world.memory,
            "the embedder has another memory than the guest"
        );
        Ok(())
    }
}
