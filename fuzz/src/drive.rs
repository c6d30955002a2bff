#![expect(
    clippy::cast_possible_truncation,
    reason = "what is cast is below 2^32, or part of it is wanted"
)]
//! One run: a trampoline, what the input has the fuzzer do with it, and what must come of that.

use arbitrary::{Result, Unstructured};
use host_runtime::{
    HostCallError,
    wasmtime::{Trap, WasmBacktrace},
};

use crate::{
    guest::Guest,
    oracle::{Entry, Expected, Func, Kind, Object, Value, Verdict, World, entries},
    pick::{Picker, Sizes},
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
    let Ok(guest) = Guest::new(shape, of_runtime) else {
        panic!("the trampoline can be instantiated");
    };
    let mut run = Run::new(guest, shape);
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
    /// Unless there are spies, who have it.
    world: Option<World>,
    picker: Picker,
    /// What is in the trampoline's table of references.
    externs: [Object; 8],
}

impl Run {
    fn new(mut guest: Guest, shape: Shape) -> Self {
        let world = guest.world(shape);
        let mut externs = [Object::Null; 8];
        externs[7] = Object::Foreign;
        let mut run = Self {
            guest,
            shape,
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
                    let index = usize::from(u.arbitrary::<u8>()?) % entries().len();
                    if !self.call(u, &entries()[index])? {
                        return Ok(());
                    }
                }
                160..184 => self.grant(u)?,
                184..248 => {
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

    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.guest.write(self.shape, at, bytes);
        let write = |world: &mut World| world.memory[at..at + bytes.len()].copy_from_slice(bytes);
        match &mut self.world {
            Some(world) => write(world),
            None => spy::with(|spies| write(&mut spies.world)),
        }
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
        let grant = |world: &mut World| (world.grants, world.mode) = (grants, mode);
        match &mut self.world {
            Some(world) => grant(world),
            None => spy::with(|spies| grant(&mut spies.world)),
        }
        Ok(())
    }

    fn send_spies(&mut self) {
        let Some(world) = self.world.take() else {
            return;
        };
        let memory = self.guest.bytes(self.shape);
        let (store, instance) = self.guest.store();
        spy::send(store, instance, self.shape, world, memory).expect("there is room for spies");
    }

    /// Calls a function; whether the guest can go on after that.
    fn call(&mut self, u: &mut Unstructured<'_>, entry: &Entry) -> Result<bool> {
        let kinds = entry.kinds();
        let mut passed = self.picker.values(u, &kinds, self.sizes())?;
        passed.resize(SLOT, 0);
        passed.push(u.arbitrary::<u8>()?.into());
        let values = kinds
            .iter()
            .zip(&passed)
            .map(|(&kind, &bits)| self.value(kind, bits));
        let values: Vec<_> = values.collect();

        // Spies have a world of their own, which they have judged when the call returns.
        let (mut world, spied) = match self.world.take() {
            Some(world) => (world, false),
            None => (spy::with(|spies| spies.world.clone()), true),
        };
        let verdict = world.judge(entry, &values);
        let outcome = self
            .guest
            .call(&format!("u_{}", entry.name), tuple(&passed));
        let context = || {
            format!(
                "{:?}: `{}` of {values:x?}, {verdict:x?}",
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
                let got = &flat(*returned)[..expected.len()];
                assert!(
                    world.settle(expected, got),
                    "{}: returned {got:x?}",
                    context()
                );
            }
            (Verdict::Bad(place), Err(error)) => {
                assert!(
                    is_of(error, entry, Some(*place)),
                    "{}: {error:?}",
                    context()
                );
            }
            (Verdict::Fails, Err(error)) => {
                assert!(is_of(error, entry, None), "{}: {error:?}", context());
            }
            (Verdict::Open, _) => world.memory = self.guest.copy(self.shape),
            (_, outcome) => panic!("{}: {outcome:?}", context()),
        }
        assert!(
            self.guest.copy(self.shape) == world.memory,
            "{}: another memory is left",
            context()
        );
        self.keep(entry, &verdict, outcome.is_ok(), slot(passed[SLOT]));
        if spied {
            // What an open call has done to the memory, they have not seen.
            spy::with(|spies| spies.world.memory = world.memory);
        } else {
            self.world = Some(world);
        }
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
            Kind::Func => match low % 8 {
                0 => Value::Func(Func::Null),
                index => Value::Func(Func::Callback(index as u32)),
            },
            Kind::Extern => Value::Object(self.externs[low as usize % 8]),
            Kind::Any if low.is_multiple_of(2) => Value::Any(None),
            Kind::Any => Value::Any(Some((bits >> 1) as u32 & 0x7FFF_FFFF)),
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

/// Whether a call has used up what it may, which the oracle knows nothing of.
fn is_exhausted(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(Trap::OutOfFuel | Trap::StackOverflow)
    )
}

/// Whether the error says of the function that it failed, or which of its parameters is bad.
fn is_of(error: &anyhow::Error, entry: &Entry, place: Option<usize>) -> bool {
    let parameter = place.map(|place| &"abcdefgh"[place..=place]);
    let _ = error.to_string();
    error.downcast_ref::<WasmBacktrace>().is_some()
        && error.downcast_ref::<HostCallError>().is_some_and(|error| {
            error.function().name() == entry.name && error.parameter() == parameter
        })
}

fn tuple(p: &[u64]) -> Passed {
    (p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7])
}

fn flat(r: Returned) -> [u64; 12] {
    [r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8, r.9, r.10, r.11]
}
