//! Calls host functions through a trampoline and checks each call against the oracle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host_runtime::{
    HostCallError, HostData, ValueError,
    errors::NoMemoryError,
    wasmtime::{self, AsContextMut, Instance, Trap, Val, WasmBacktrace, bail},
};

use crate::{
    functions::{self, GLOBALS},
    guest::{BUDGET, Bytes, Guest},
    judge::{Entry, Verdict},
    references::References,
    trampoline::{Place, Shape},
    value::Value,
    world::{Fault, World},
};

/// The maximum number of checked calls per run. Further calls fail.
const MOST: u32 = 128;

/// Who calls a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    /// The trampoline, whose export calls the host function.
    Guest,
    /// The host, through an export that is the host function itself.
    Host,
}

/// The state of a run.
pub struct State {
    pub world: World,
    pub references: References,
    calls: u32,
    /// Whether a call ran out of fuel or stack, so that the state is no longer known.
    pub lost: bool,
}

/// A run of the trampoline. Its clones, such as those in a random guest's imports, share its state.
#[derive(Clone)]
pub struct Run {
    pub shape: Shape,
    instance: Instance,
    pub memory: Bytes,
    state: Arc<Mutex<State>>,
}

impl Run {
    pub fn new(guest: &mut Guest, shape: Shape) -> wasmtime::Result<Self> {
        let memory = guest.memory();
        let (store, instance) = guest.store();
        let globals = GLOBALS.iter().map(|global| (global.name, global.initial));
        let world = World {
            wide: shape.wide,
            threads: shape.place == Place::Threads,
            page: shape.page(),
            most: shape.most(),
            budget: BUDGET as u64,
            memory: memory.copy(&*store),
            globals: shape.has_globals().then(|| globals.collect()),
            ..World::default()
        };
        let state = State {
            world,
            references: References::new(store, instance)?,
            calls: 0,
            lost: false,
        };
        Ok(Self {
            shape,
            instance,
            memory,
            state: Arc::new(Mutex::new(state)),
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a function and checks the outcome against the oracle.
    ///
    /// # Errors
    ///
    /// If the call traps, as the oracle predicts, or is not checked.
    pub fn call(
        &self,
        mut store: impl AsContextMut<Data = HostData>,
        by: By,
        entry: &Entry,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let mut state = self.state();
        state.calls += 1;
        if state.lost || state.calls > MOST {
            bail!("no further calls are checked");
        }
        let values = state.references.values(&mut store, params);
        state.world.memory = self.memory.copy(&store);
        state.world.no_guest = by == By::Host;
        let verdict = state.world.judge(entry, &values);
        // The function may call the guest, whose nested calls lock the state.
        drop(state);
        let prefix = if by == By::Guest { "f" } else { "h" };
        let name = format!("{prefix}_{}", entry.name);
        let func = self.instance.get_func(&mut store, &name);
        let func = func.expect("the function is exported");
        let outcome = func.call(&mut store, params, results);

        let mut state = self.state();
        let context = || {
            let (shape, name) = (self.shape, entry.name);
            format!("{shape:?}: `{name}` of {values:x?}, called by {by:?}, {verdict:x?}")
        };
        if let Err(error) = &outcome
            && let Some(Trap::OutOfFuel | Trap::StackOverflow) = error.downcast_ref()
        {
            state.lost = true;
            return outcome;
        }
        let got = state.references.values(&mut store, results);
        match (&verdict, &outcome) {
            (Err((Fault::Open, _)), _) => state.world.memory = self.memory.copy(&store),
            (Ok(expected), Ok(())) => {
                let right = state.world.settle(entry, expected, &got);
                assert!(right, "{}: returned {got:x?}", context());
            }
            (Err(_), Err(error)) => {
                let says_so = is_as_judged(error, entry, &verdict);
                assert!(says_so, "{}: {error:?}", context());
                let has_stack = by == By::Host || error.is::<WasmBacktrace>();
                assert!(has_stack, "{}: {error:?}", context());
            }
            _ => panic!("{}: {outcome:?}, {got:x?}", context()),
        }
        let same_memory = self.memory.copy(&store) == state.world.memory;
        assert!(same_memory, "{}: the memory differs", context());
        self.check_globals(&mut store, &state);
        for (place, (result, &got)) in results.iter().zip(&got).enumerate() {
            let known = verdict.as_ref().map_or(got, |expected| expected[place]);
            if let (Ok(()), Value::Object(object)) = (&outcome, known) {
                state.references.keep(&mut store, result, object)?;
            }
        }
        outcome
    }

    /// Checks that each global holds the value that the oracle predicts.
    pub fn check_globals(&self, mut store: impl AsContextMut, state: &State) {
        let found = GLOBALS.iter().map(|global| {
            let found = self.instance.get_global(&mut store, global.name)?;
            let found = found.get(&mut store);
            Some(state.references.value(&mut store, &found))
        });
        self.compare_globals(state, found.collect());
    }

    /// Checks the same through `Instance::global`, if the guest is of a `Runtime`.
    pub fn check_runtime_globals(&self, guest: &mut Guest) {
        if let Guest::OfRuntime(instance) = guest {
            self.compare_globals(&self.state(), functions::held(instance));
        }
    }

    /// Compares the values found with the predicted ones. Globals that are not imported are `None`.
    fn compare_globals(&self, state: &State, found: Vec<Option<Value>>) {
        for (global, found) in GLOBALS.iter().zip(found) {
            let (shape, name, kind) = (self.shape, global.name, global.kind);
            let held = state.world.globals.as_ref().map(|globals| globals[name]);
            let right = match (held, found) {
                (Some(held), Some(found)) => held.may_be(found, kind),
                (held, found) => held.is_none() && found.is_none(),
            };
            assert!(right, "{shape:?}: `{name}`: {held:x?}, found {found:x?}");
        }
    }
}

/// Whether the error reports what the oracle predicts: the function, the bad parameter or return
/// pointer if any, and whether there was no guest.
fn is_as_judged(error: &wasmtime::Error, entry: &Entry, verdict: &Verdict) -> bool {
    let _ = format!("{error:#}");
    let Err((fault, place)) = *verdict else {
        return false;
    };
    let parameter = place.map(|place| &"abcdefgh"[place..=place]);
    let names_it = error.downcast_ref::<HostCallError>().is_some_and(|error| {
        if error.function().name() != entry.name {
            // The failure is in a nested call.
            let is_caller = error.callers().any(|caller| caller.name() == entry.name);
            return place.is_none() && fault != Fault::Return && is_caller;
        }
        error.parameter() == parameter && error.is_return_pointer() == (fault == Fault::Return)
    });
    let reason = error.downcast_ref();
    let no_guest = matches!(reason, Some(ValueError::NoMemory(NoMemoryError::NoGuest)));
    names_it && (fault != Fault::NoGuest || no_guest)
}
