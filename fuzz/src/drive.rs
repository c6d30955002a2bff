//! Interprets an input of the target `guests`.

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

/// The maximum number of steps per input.
const STEPS: u32 = 48;

/// How often, out of 256, the step for a random guest generates one. Compiling one takes as long as
/// a thousand calls.
const RANDOM_GUESTS: u8 = 32;

/// Runs the steps in the input and checks each outcome against the oracle.
///
/// # Errors
///
/// If the input ends early.
///
/// # Panics
///
/// If `host-runtime` panics or an outcome differs from the oracle's.
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
                // The oracle does not know what the random guest changed.
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
    /// The index of the function called last.
    last: usize,
}

impl Driver {
    fn new(shape: Shape, of_runtime: bool) -> Self {
        let guest = Guest::new(shape, of_runtime);
        let mut guest = guest.unwrap_or_else(|error| panic!("{shape:?}: {error:?}"));
        let run = Run::new(&mut guest, shape).expect("the trampoline has the expected exports");
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
        // Larger bytes pick a neighbor of the last function, which often takes its results.
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
            params.push(made.expect("the GC heap has space"));
        }
        let mut results = vec![Val::I32(0); entry.results.len()];
        // `Run::call` has checked an error.
        let called = self.run.call(store, by, entry, &params, &mut results);
        if let (Ok(()), [Val::I32(returned)]) = (called, &results[..]) {
            self.picker.keep(returned.cast_unsigned().into());
        }
        self.run.check_runtime_globals(&mut self.guest);
        Ok(())
    }

    /// Sets what the guest's allocators return.
    fn grant(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let world = &mut self.run.state().world;
        let first = self.picker.pointer(u, world)?;
        let second = self.picker.pointer(u, world)?;
        let mode = u32::from(u.arbitrary::<u8>()? % 8);
        let (store, instance) = self.guest.store();
        let grant = instance.get_typed_func::<(u64, u64, u32), ()>(&mut *store, "grant");
        let granted = grant.and_then(|grant| grant.call(store, (first, second, mode)));
        granted.expect("`grant` does not trap");
        (world.grants, world.mode) = ([first, second], mode);
        Ok(())
    }

    /// Sets a global of the guest through Wasmtime's API.
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
        let to = to.expect("the GC heap has space");
        let own = instance.get_global(&mut *store, global.name);
        let set = own.expect("the global is exported").set(&mut *store, to);
        set.expect("the value has the global's type");
        let to = state.references.value(&mut *store, &to);
        let swapped = state.world.swap_global(global.name, to);
        swapped.expect("the guest imports it");
        Ok(())
    }

    /// Creates a second guest and sets a global in it. The first guest's globals must not change.
    fn set_global_beside(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut other = Self::new(self.run.shape, self.of_runtime);
        other.run.check_runtime_globals(&mut other.guest);
        other.set_global(u)?;
        self.run
            .check_globals(self.guest.store().0, &self.run.state());
        self.run.check_runtime_globals(&mut self.guest);
        Ok(())
    }

    /// Writes to the memory through the embedder's API and checks the result.
    fn write(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let world = &mut self.run.state().world;
        let at = self.picker.pointer(u, world)? % world.memory.len() as u64;
        let at = usize::try_from(at).expect("the address is within the memory");
        let mut bytes = self.picker.bytes(u, world)?;
        bytes.truncate(world.memory.len() - at);
        self.guest.write(at, &bytes).expect("the bytes fit");
        world.memory[at..at + bytes.len()].copy_from_slice(&bytes);
        let found = self.run.memory.copy(self.guest.store().0);
        assert!(
            found == world.memory,
            "the memory differs from what was written"
        );
        Ok(())
    }
}
