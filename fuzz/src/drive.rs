#![expect(
    clippy::cast_possible_truncation,
    reason = "what is cast is below 2^32, or part of it is wanted"
)]
//! One run: a trampoline, what the input has the fuzzer do with it, and what must come of that.

use arbitrary::{Result, Unstructured};

use crate::{
    by_host,
    errors::{has_stack, is_as_judged, is_exhausted},
    guest::Guest,
    oracle::{Entry, Expected, Func, GLOBALS, Kind, Object, Value, Verdict, World, entries},
    pick::{self, Picker, Sizes},
    random, spy,
    trampoline::{Passed, Place, Returned, SLOT, Shape, slot},
};

/// How many steps one input makes at most.
const STEPS: u32 = 48;

/// Of 256 times that a random guest comes up, in how many there is one.
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
    let (shape, of_runtime) = (shape(&mut u)?, u.arbitrary()?);
    let mut run = Run::new(shape, of_runtime);
    let result = run.steps(&mut u);
    spy::forget();
    result
}

/// Few enough to be compiled in little time, and each width, page and place among them.
fn shape(u: &mut Unstructured<'_>) -> Result<Shape> {
    let (wide, bytewise, place) = match u.arbitrary::<u8>()? % 16 {
        0..3 => (false, false, Place::Usual),
        3 | 4 => (true, false, Place::Usual),
        5..7 => (false, true, Place::Usual),
        7 | 8 => (true, true, Place::Usual),
        9 => (true, true, Place::OtherName),
        10 => (false, false, Place::Several),
        11 | 12 => (false, false, Place::Imported),
        13 => (true, true, Place::Imported),
        14 => (false, false, Place::Threads),
        _ => (true, true, Place::Threads),
    };
    Ok(Shape {
        wide,
        bytewise,
        place,
    })
}

struct Run {
    guest: Guest,
    shape: Shape,
    of_runtime: bool,
    /// Unless there are spies, who have it.
    world: Option<World>,
    picker: Picker,
    /// What is in the trampoline's table of references.
    externs: [Object; 8],
}

impl Run {
    fn new(shape: Shape, of_runtime: bool) -> Self {
        let mut guest = instantiate(shape, of_runtime);
        let world = guest.world(shape);
        let mut externs = [Object::Null; 8];
        externs[7] = Object::Foreign;
        let mut run = Self {
            guest,
            shape,
            of_runtime,
            world: Some(world),
            picker: Picker::default(),
            externs,
        };
        run.write(3, b"m");
        let seen = run.guest.peek(3).expect("the memory has a few bytes");
        assert_eq!(
            seen,
            i32::from(b'm'),
            "the embedder has another memory than the guest"
        );
        run
    }

    fn steps(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        for _ in 0..STEPS {
            match u.arbitrary::<u8>()? {
                0..160 => {
                    if !self.call(u, false)? {
                        return Ok(());
                    }
                }
                160..176 => self.grant(u)?,
                176..188 => {
                    if !self.call(u, true)? {
                        return Ok(());
                    }
                }
                188..204 => {
                    if !self.swap(u)? {
                        return Ok(());
                    }
                }
                204..208 => self.beside(u)?,
                208..248 => {
                    let sizes = self.sizes();
                    let at = self.picker.pointer(u, sizes)? % sizes.memory;
                    let mut bytes = self.picker.bytes(u, sizes)?;
                    let (at, room) = (at as usize, (sizes.memory - at) as usize);
                    bytes.truncate(room);
                    self.write(at, &bytes);
                }
                248..254 => self.send_spies(),
                // A random guest has to be compiled, which takes as long as a thousand calls.
                _ if u.arbitrary::<u8>()? >= RANDOM_GUESTS => {}
                _ => {
                    if u.arbitrary::<u8>()? < 128 {
                        self.send_spies();
                        random::run(u, &mut self.guest, self.shape, false)?;
                    } else {
                        random::run(u, &mut self.guest, self.shape, true)?;
                    }
                    // What it has done to the world is not known.
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What there is to pick from now.
    fn sizes(&self) -> Sizes {
        match &self.world {
            Some(world) => Sizes::of(world),
            None => spy::with(|spies| Sizes::of(&spies.world)),
        }
    }

    /// Does something to the world, whoever has it.
    fn with_world<R>(&mut self, work: impl FnOnce(&mut World) -> R) -> R {
        match &mut self.world {
            Some(world) => work(world),
            None => spy::with(|spies| work(&mut spies.world)),
        }
    }

    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.guest.write(self.shape, at, bytes);
        self.with_world(|world| world.memory[at..at + bytes.len()].copy_from_slice(bytes));
    }

    /// Chooses what the guest's allocators do.
    fn grant(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let sizes = self.sizes();
        let grants = [
            self.picker.pointer(u, sizes)?,
            self.picker.pointer(u, sizes)?,
        ];
        let mode = u64::from(u.arbitrary::<u8>()? % 8);
        self.guest
            .grant(grants, mode)
            .expect("there is fuel for it");
        self.with_world(|world| (world.grants, world.mode) = (grants, mode));
        Ok(())
    }

    /// Has the guest read a global, and set it if it may; whether the guest can go on after that.
    fn swap(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        if !self.shape.has_globals() {
            return Ok(true);
        }
        let index = usize::from(u.arbitrary::<u8>()?);
        let (global, variable) = (index / 2 % GLOBALS.len(), index % 2 == 0);
        let (name, kind) = (GLOBALS[global].name, GLOBALS[global].kind);
        let name = format!("{}_{name}", if variable { "VAR" } else { "CONST" });
        let bits = pick::number(u)?;
        let got = match self.guest.swap(&name, bits) {
            Err(error) if is_exhausted(&error) => return Ok(false),
            got => got.expect("nothing there traps"),
        };
        let to = self.value(kind, bits);
        let held = self.with_world(|world| {
            let held = world.global(&name);
            if variable {
                world.set_global(global, to);
            }
            held.expect("the guest imports it")
        });
        let expected = held.expected(kind);
        let got = &[got.0, got.1][..expected.len()];
        assert!(
            self.with_world(|world| world.settle(&expected, got)),
            "{:?}: `{name}` holds {held:x?}, and the guest finds {got:x?}",
            self.shape
        );
        self.compare_globals();
        Ok(true)
    }

    /// Looks at all globals as the embedder does.
    fn compare_globals(&mut self) {
        let seen = self.guest.globals();
        let shape = self.shape;
        self.with_world(|world| compare_globals(world, &seen, shape));
    }

    /// Has another guest of the same runtime set a global. Each has its own.
    fn beside(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut other = instantiate(self.shape, self.of_runtime);
        let world = other.world(self.shape);
        compare_globals(&world, &other.globals(), self.shape);
        if self.shape.has_globals() {
            let index = usize::from(u.arbitrary::<u8>()?) % GLOBALS.len();
            let name = format!("VAR_{}", GLOBALS[index].name);
            let swapped = other.swap(&name, pick::number(u)?);
            swapped.expect("there is fuel for it");
        }
        self.compare_globals();
        Ok(())
    }

    fn send_spies(&mut self) {
        let Some(mut world) = self.world.take() else {
            return;
        };
        world.alone = false;
        let memory = self.guest.bytes(self.shape);
        let (store, instance) = self.guest.store();
        spy::send(store, instance, self.shape, world, memory).expect("there is room for spies");
    }

    /// Has the guest call a function, or calls it without a guest; whether the guest can go on after that.
    fn call(&mut self, u: &mut Unstructured<'_>, by_host: bool) -> Result<bool> {
        let entry = &entries()[usize::from(u.arbitrary::<u8>()?) % entries().len()];
        let kinds = entry.kinds();
        let mut passed = self.picker.values(u, &kinds, self.sizes())?;
        passed.resize(SLOT, 0);
        passed.push(u.arbitrary::<u8>()?.into());
        let values = kinds
            .iter()
            .zip(&passed)
            .map(|(&kind, &bits)| self.value(kind, bits));
        let values: Vec<_> = values.collect();

        // Spies have a world of their own, which they have judged when a guest's call returns.
        let (mut world, spied) = match self.world.take() {
            Some(world) => (world, false),
            None => (spy::with(|spies| spies.world.clone()), true),
        };
        if by_host {
            (world.alone, world.no_guest) = (false, true);
        }
        let verdict = world.judge(entry, &values);
        world.no_guest = false;
        let outcome = if by_host {
            let (store, trampoline) = self.guest.store();
            by_host::call(store, trampoline, self.shape, entry, &passed, &values)
        } else {
            let returned = self
                .guest
                .call(&format!("u_{}", entry.name), tuple(&passed));
            returned.map(flat)
        };
        let context = || {
            let who = if by_host { "the host" } else { "a guest" };
            format!(
                "{:?}: `{}` of {values:x?} called by {who}, {verdict:x?}",
                self.shape, entry.name
            )
        };
        if let Err(error) = &outcome
            && (is_exhausted(error) || (spied && spy::with(|spies| spies.tired())))
        {
            return Ok(false);
        }
        if spied && let Some(left) = spy::with(spy::Spies::left) {
            panic!("{}: a trap in {left}", context());
        }
        match (&verdict, &outcome) {
            (Verdict::Returns(expected), Ok(returned)) => {
                let got = &returned[..expected.len()];
                assert!(
                    world.settle(expected, got),
                    "{}: returned {got:x?}",
                    context()
                );
            }
            (Verdict::Open, _) => world.memory = self.guest.copy(self.shape),
            (verdict, Err(error))
                if is_as_judged(error, entry, verdict) && (by_host || has_stack(error)) => {}
            (_, outcome) => panic!("{}: {outcome:?}", context()),
        }
        assert!(
            self.guest.copy(self.shape) == world.memory,
            "{}: another memory is left",
            context()
        );
        if !by_host {
            self.keep(entry, &verdict, outcome.is_ok(), slot(passed[SLOT]));
        }
        match (spied, by_host) {
            (false, _) => self.world = Some(world),
            (true, true) => spy::with(|spies| spies.world = world),
            // What an open call has done to the memory, they have not seen.
            (true, false) => spy::with(|spies| spies.world.memory = world.memory),
        }
        self.compare_globals();
        Ok(true)
    }

    /// What the trampoline makes of the bits that it is passed.
    fn value(&self, kind: Kind, bits: u64) -> Value {
        let low = bits % (1 << 32);
        match kind {
            Kind::I64 | Kind::F64 | Kind::Low | Kind::High => Value::Bits(bits),
            Kind::Pointer | Kind::Length if self.shape.wide => Value::Bits(bits),
            Kind::I32 | Kind::F32 | Kind::Pointer32 | Kind::Pointer | Kind::Length => {
                Value::Bits(low)
            }
            Kind::V128 => Value::V128(u128::from(bits) | u128::from(bits.rotate_left(17)) << 64),
            Kind::Func => match low % 16 {
                0 | 10.. => Value::Func(Func::Null),
                index => Value::Func(Func::Callback(index as u32)),
            },
            Kind::Extern => Value::Object(self.externs[low as usize % 8]),
            _ if low.is_multiple_of(2) => Value::Any(None),
            _ => Value::Any(Some((bits >> 1) as u32 & 0x7FFF_FFFF)),
        }
    }

    /// Notes which reference the trampoline has put into its table.
    fn keep(&mut self, entry: &Entry, verdict: &Verdict, returned: bool, slot: usize) {
        if !returned || !entry.results.contains(&Kind::Extern) {
            return;
        }
        self.externs[slot] = match verdict {
            Verdict::Returns(expected) => match expected[..] {
                [Expected::Object(object)] => object,
                _ => unreachable!("`{}` returns an object", entry.name),
            },
            _ => Object::Unknown,
        };
    }
}

fn instantiate(shape: Shape, of_runtime: bool) -> Guest {
    let guest = Guest::new(shape, of_runtime);
    guest.unwrap_or_else(|error| panic!("{shape:?}: {error:?}"))
}

/// Each global must hold what the world says.
fn compare_globals(world: &World, seen: &[(String, Option<Value>)], shape: Shape) {
    for (name, seen) in seen {
        let held = world.global(name);
        assert!(
            match (held, seen) {
                (Some(held), Some(seen)) => held.looks(*seen),
                (held, seen) => held.is_none() && seen.is_none(),
            },
            "{shape:?}: `{name}` holds {held:x?}, and the embedder finds {seen:x?}"
        );
    }
}

fn tuple(p: &[u64]) -> Passed {
    (p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7])
}

fn flat(r: Returned) -> Vec<u64> {
    vec![r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8, r.9, r.10, r.11]
}
