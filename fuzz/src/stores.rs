//! Checks that host functions access the memory of the guest that calls them, with two stores and
//! several guests in each.
//!
//! The host function `mark` fills bytes of the calling guest's memory with that guest's number. The
//! guests call it directly, through a shared table, and from a callback. Meanwhile, start functions
//! trap, host functions panic, and the embedder swaps stores and host data. A memory must never
//! contain the number of another guest.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
};

use arbitrary::{Result, Unstructured};
use host_runtime::{
    Callback, FromGuestOwned, Guest, Instance, IntoGuest, ProvidedImport, Runtime,
    SharedStoreInstance,
    errors::MissingStateError,
    imports, wasm_import,
    wasmtime::{
        Config, Engine, MemoryType, Module, OptLevel, RefType, RegallocAlgorithm, TableType,
    },
};

#[derive(Default)]
struct Expected(u8);

/// The panic payload of `fail`.
pub struct Panic;

#[wasm_import(module = "stores")]
fn mark(#[state] expected: &Expected, out: &mut [u8]) {
    out.fill(expected.0);
}

#[wasm_import(module = "stores")]
fn back(mut guest: Guest<'_>, callback: Callback<(u32, u32), ()>) -> anyhow::Result<()> {
    guest.call(&callback, (0, 4))
}

#[wasm_import(module = "stores")]
fn fail(_text: String) {
    panic_any(Panic);
}

/// The size of the shared table.
const TABLE: u32 = 8;
/// The maximum number of guests per store.
const MOST: usize = 6;

/// The memories that guests have, each as an import and a definition.
const MEMORIES: [(&str, &str); 5] = [
    ("", r#"(memory (export "memory") 1)"#),
    ("", r#"(memory (export "heap") 1)"#),
    ("", r#"(memory (export "a") (export "b") 1)"#),
    ("", "(memory 1)"),
    (r#"(import "env" "memory" (memory 0))"#, ""),
];

/// The exports to call. Each takes a table index, which some ignore.
const EXPORTS: [&str; 8] = [
    "grow",
    "mark",
    "tail",
    "put own",
    "put import",
    "put fail",
    "indirect",
    "back",
];

/// The text of a guest with one of [`MEMORIES`]. `start` is the body of its start function.
fn module((imported, own): (&str, &str), start: &str) -> String {
    format!(
        r#"(module
            (type $mark (func (param i32 i32)))
            (import "env" "table" (table $table {TABLE} funcref))
            {imported}
            (import "stores" "mark" (func $mark (type $mark)))
            (import "stores" "back" (func $back (param i32)))
            (import "stores" "fail" (func $fail (param i32 i32)))
            {own}
            (elem declare func $own $mark $fail)
            (func $own (type $mark) (call $mark (local.get 0) (local.get 1)))
            (func (export "first") (result i32)
                (if (i32.eqz (memory.size)) (then (return (i32.const 0))))
                (i32.load (i32.const 0)))
            (func (export "grow") (param i32) (drop (memory.grow (i32.const 1))))
            (func (export "mark") (param i32) (call $mark (i32.const 0) (i32.const 4)))
            (func (export "tail") (param i32) (return_call $mark (i32.const 0) (i32.const 4)))
            (func (export "put own") (param i32) (table.set (local.get 0) (ref.func $own)))
            (func (export "put import") (param i32) (table.set (local.get 0) (ref.func $mark)))
            (func (export "put fail") (param i32) (table.set (local.get 0) (ref.func $fail)))
            (func (export "indirect") (param i32)
                (call_indirect (type $mark) (i32.const 0) (i32.const 4) (local.get 0)))
            (func (export "back") (param i32) (call $back (local.get 0)))
            (func $start {start})
            (start $start))"#
    )
}

/// The function at an index of the table.
#[derive(Clone, Copy)]
enum Place {
    Empty,
    /// A function that the guest with this number defines. It calls `mark`.
    Own(u8),
    /// The import `mark`. It marks the memory of the guest that calls it.
    Import,
    /// The import `fail`, which panics.
    Fail,
}

/// A store and its guests.
struct World {
    first: Instance,
    joined: Vec<SharedStoreInstance>,
    /// The number of the first guest. The others have the following numbers.
    base: u8,
    table: [Place; TABLE as usize],
}

/// Runs the steps in the input and checks all memories after each step.
///
/// # Errors
///
/// If the input ends early.
///
/// # Panics
///
/// If a memory has the mark of another guest, or a call panics unexpectedly.
pub fn drive(data: &[u8]) -> Result<()> {
    let mut u = Unstructured::new(data);
    let mut config = Config::new();
    // Without reservations, empty memories share one address.
    config.memory_reservation(0).memory_guard_size(0);
    config.memory_reservation_for_growth(0);
    config.cranelift_opt_level(OptLevel::None);
    config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    let engine = Engine::new(&config).expect("the configuration is valid");
    let first = World::new(&engine, 1, &mut u)?;
    let mut worlds = [first, World::new(&engine, 101, &mut u)?];
    while !u.is_empty() {
        let [a, b] = &mut worlds;
        let chosen = if u.ratio(1, 3)? { &mut *b } else { &mut *a };
        match u.int_in_range(0..=9)? {
            0 => chosen.join(&mut u)?,
            1 => drop(chosen.first.store_mut()),
            2 => mem::swap(
                a.first.store_mut().data_mut(),
                b.first.store_mut().data_mut(),
            ),
            3 => {
                let data = chosen.first.store_mut().data_mut();
                drop(mem::take(data));
                if u.ratio(2, 3)? {
                    data.insert(Expected::default());
                }
            }
            4 => {
                mem::swap(a.first.store_mut(), b.first.store_mut());
                // Calls may fail now, but must not panic.
                let _ = a.first.call::<u32, ()>("mark", 0);
                mem::swap(a.first.store_mut(), b.first.store_mut());
            }
            _ => chosen.call(&mut u)?,
        }
        worlds.iter_mut().for_each(World::check);
    }
    Ok(())
}

impl World {
    fn new(engine: &Engine, base: u8, u: &mut Unstructured<'_>) -> Result<Self> {
        let table = TableType::new(RefType::FUNCREF, TABLE, Some(TABLE));
        let first = runtime(engine, table.into()).instantiate(module(*u.choose(&MEMORIES)?, ""));
        Ok(Self {
            first: first.expect("all imports are provided"),
            joined: Vec::new(),
            base,
            table: [Place::Empty; TABLE as usize],
        })
    }

    /// Adds a guest that the runtime or the embedder compiles. Its start function may trap.
    fn join(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        if self.joined.len() + 1 == MOST {
            return Ok(());
        }
        let table = self.first.provided("env", "table").expect("`table` exists");
        let runtime = runtime(self.first.engine(), table.into());
        let (place, fails) = (u.int_in_range(0..=TABLE - 1)?, u.ratio(1, 3)?);
        let start = if fails {
            format!("(table.set (i32.const {place}) (ref.func $own)) unreachable")
        } else {
            String::new()
        };
        let module = module(*u.choose(&MEMORIES)?, &start);
        let prepared = if u.ratio(1, 3)? {
            let module = Module::new(runtime.engine(), module).expect("the module is valid");
            runtime.instantiate_pre(&module)
        } else {
            runtime.load(module)
        };
        self.expect(self.number(self.joined.len() + 1));
        // Without the state, the start function does not run.
        let starts = self.first.state::<Expected>().is_ok();
        let prepared = prepared.expect("all imports are provided");
        match prepared.instantiate_in(&mut self.first) {
            Ok(joined) => self.joined.push(joined),
            // Its function stays in the table. Its memory is not checked.
            Err(_) if fails && starts => self.table[place as usize] = Place::Own(0),
            Err(error) => assert!(!starts, "{error:?}"),
        }
        Ok(())
    }

    /// The number of a guest.
    fn number(&self, guest: usize) -> u8 {
        self.base + u8::try_from(guest).expect("`MOST` fits a `u8`")
    }

    /// Sets the number that `mark` writes.
    fn expect(&mut self, number: u8) {
        if let Ok(expected) = self.first.state_mut::<Expected>() {
            expected.0 = number;
        }
    }

    fn call(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let guest = u.int_in_range(0..=self.joined.len())?;
        let own = self.number(guest);
        let place = u.int_in_range(0..=TABLE - 1)?;
        let (name, at) = (*u.choose(&EXPORTS)?, place as usize);
        let called = matches!(name, "indirect" | "back").then_some(self.table[at]);
        self.expect(match called {
            Some(Place::Own(owner)) => owner,
            _ => own,
        });
        let returned = catch_unwind(AssertUnwindSafe(|| {
            self.invoke::<_, ()>(guest, name, place)
        }));
        // A call may fail, for instance if the memory or the state is missing.
        let changed = match returned {
            Ok(returned) => returned.is_ok(),
            Err(panic) => {
                assert!(panic.is::<Panic>(), "`{name}` panics");
                assert!(
                    matches!(called, Some(Place::Fail)),
                    "`{name}` does not call `fail`"
                );
                false
            }
        };
        match name {
            "put own" if changed => self.table[at] = Place::Own(own),
            "put import" if changed => self.table[at] = Place::Import,
            "put fail" if changed => self.table[at] = Place::Fail,
            _ => {}
        }
        Ok(())
    }

    fn invoke<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        guest: usize,
        name: &str,
        params: P,
    ) -> anyhow::Result<R> {
        match guest.checked_sub(1) {
            None => self.first.call(name, params),
            Some(joined) => self.joined[joined].call(&mut self.first, name, params),
        }
    }

    /// Checks that each memory has either no mark or its guest's.
    fn check(&mut self) {
        for guest in 0..=self.joined.len() {
            let first: u32 = match self.invoke(guest, "first", ()) {
                Ok(first) => first,
                // The embedder took the state out of the store.
                Err(error) if error.is::<MissingStateError>() => continue,
                Err(error) => panic!("`first` failed: {error:?}"),
            };
            let own = u32::from(self.number(guest)) * 0x0101_0101;
            assert!(
                [0, own].contains(&first),
                "guest {own:#x} is marked {first:#x}"
            );
        }
    }
}

fn runtime(engine: &Engine, table: ProvidedImport) -> Runtime {
    Runtime::builder()
        .engine(engine.clone())
        .imports(imports![mark, back, fail])
        .state_with(|| Expected(0))
        .provide("env", "table", table)
        .provide("env", "memory", MemoryType::new(0, Some(1)))
        .build()
        .expect("the settings are valid")
}
