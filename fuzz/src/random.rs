//! A random guest that imports what the trampoline exports, or the host functions themselves.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use host_runtime::wasmtime::{
    self, ExternType, Instance, Linker, Module, Ref, Trap, V128, Val, ValType,
};
use wasm_smith::Config;

use crate::{
    errors::is_exhausted,
    guest::{self, ENGINE, Guest, IMPORTS},
    oracle::{Entry, entries},
    spy,
    trampoline::{Place, Shape},
};

/// What it may use.
const FUEL: u64 = 50_000;
/// How many functions it can choose from.
const FUNCTIONS: usize = 12;

/// Makes one of the input, instantiates it beside the trampoline and calls what it exports.
///
/// Through the trampoline, spies look at each call. A `direct` one is its own caller, and has a memory
/// of its own or none: then it is only seen that the host stands it.
///
/// # Panics
///
/// If a call came to something else than the oracle says.
pub fn run(u: &mut Unstructured<'_>, guest: &mut Guest, shape: Shape, direct: bool) -> Result<()> {
    let mut chosen: Vec<&Entry> = Vec::new();
    for _ in 0..FUNCTIONS {
        let entry = &entries()[usize::from(u.arbitrary::<u8>()?) % entries().len()];
        if !chosen.iter().any(|other| other.name == entry.name) {
            chosen.push(entry);
        }
    }
    let bytes = generate(u, shape, &chosen, direct)?;
    // What is valid to the generator need not be so to this engine.
    let Ok(module) = Module::new(&ENGINE, bytes) else {
        return Ok(());
    };
    guest.store().0.set_fuel(FUEL).expect("fuel is consumed");
    let instance = match guest {
        Guest::OfRuntime(_) => join(guest, &module),
        Guest::Own(..) => link(guest, &module),
    };
    match instance {
        Ok(instance) => call_exports(u, guest, instance, &module, direct),
        Err(error) => {
            check(&error, direct);
            Ok(())
        }
    }
}

fn generate(
    u: &mut Unstructured<'_>,
    shape: Shape,
    chosen: &[&Entry],
    direct: bool,
) -> Result<Vec<u8>> {
    let mut text = String::from("(module ");
    let (module, prefix) = if direct { ("host", "") } else { ("w", "f_") };
    for entry in chosen {
        let (params, results) = (entry.kinds(), entry.results);
        let (params, results) = (
            shape.types("param", &params),
            shape.types("result", results),
        );
        let name = entry.name;
        let _ = write!(
            text,
            r#"(import "{module}" "{prefix}{name}" (func{params}{results}))"#
        );
    }
    if direct {
        text += &shape.globals_text();
    }
    // The generator knows pages of 64 KiB, and no memory of threads here.
    if !shape.bytewise && shape.place != Place::Threads {
        let _ = write!(
            text,
            r#"(import "w" "memory" (memory {}))"#,
            shape.memory_text()
        );
    }
    text.push(')');
    let available = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let config = Config {
        available_imports: Some(available),
        export_everything: true,
        allow_start_export: true,
        max_funcs: FUNCTIONS + 4,
        min_funcs: 1,
        max_imports: FUNCTIONS + 1,
        max_instructions: 60,
        max_memories: 2,
        max_tables: 2,
        max_globals: 4,
        max_data_segments: 4,
        max_element_segments: 4,
        max_types: 8,
        max_type_size: 400,
        max_table_elements: 20,
        memory_max_size_required: true,
        max_memory32_bytes: 3 << 16,
        max_memory64_bytes: 3 << 16,
        memory64_enabled: true,
        threads_enabled: false,
        relaxed_simd_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        ..Config::default()
    };
    Ok(wasm_smith::Module::new(config, u)?.to_bytes())
}

/// As another guest of the trampoline's store, by a runtime.
fn join(guest: &mut Guest, module: &Module) -> anyhow::Result<Instance> {
    let mut builder = guest::builder();
    for (name, item) in offered(guest) {
        builder = builder.provide("w", name, item);
    }
    let prepared = builder.build()?.instantiate_pre(module)?;
    match guest {
        Guest::OfRuntime(first) => Ok(prepared.instantiate_in(first)?.raw()),
        Guest::Own(..) => unreachable!("its store is not of a runtime"),
    }
}

/// In a store of our own.
fn link(guest: &mut Guest, module: &Module) -> anyhow::Result<Instance> {
    let items = offered(guest);
    let (store, _) = guest.store();
    let mut linker = Linker::new(&ENGINE);
    IMPORTS.add_to_linker_for(module, &mut linker, |host| host)?;
    IMPORTS.add_globals_to_linker_for(module, &mut linker, store, |host| host)?;
    for (name, item) in items {
        linker.define(&*store, "w", &name, item)?;
    }
    Ok(linker.instantiate(store, module)?)
}

/// What the trampoline exports.
fn offered(guest: &mut Guest) -> Vec<(String, wasmtime::Extern)> {
    let (store, trampoline) = guest.store();
    let items = trampoline.exports(&mut *store);
    let mut items: Vec<_> = items
        .filter(|item| item.name().starts_with("f_") || item.name() == "memory")
        .map(|item| (item.name().to_owned(), item.into_extern()))
        .collect();
    if let Guest::OfRuntime(instance) = guest {
        let memory = instance.provided("env", "memory");
        items.extend(memory.map(|memory| ("memory".to_owned(), memory)));
    }
    items
}

fn call_exports(
    u: &mut Unstructured<'_>,
    guest: &mut Guest,
    instance: Instance,
    module: &Module,
    direct: bool,
) -> Result<()> {
    let (store, _) = guest.store();
    for export in module.exports() {
        let ExternType::Func(ty) = export.ty() else {
            continue;
        };
        let mut params = Vec::new();
        for ty in ty.params() {
            params.push(value(u, &ty)?);
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        let func = instance.get_func(&mut *store, export.name());
        let outcome = func
            .expect("it is exported")
            .call(&mut *store, &params, &mut results);
        if let Err(error) = outcome {
            let error = error.into();
            check(&error, direct);
            if matches!(error.downcast_ref(), Some(Trap::OutOfFuel)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn value(u: &mut Unstructured<'_>, ty: &ValType) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => Val::I32(u.arbitrary::<u8>()?.into()),
        ValType::I64 => Val::I64(u.arbitrary::<u8>()?.into()),
        ValType::F32 => Val::F32(u.arbitrary()?),
        ValType::F64 => Val::F64(u.arbitrary()?),
        ValType::V128 => Val::V128(V128::from(u.arbitrary::<u128>()?)),
        ValType::Ref(ty) => Ref::null(ty.heap_type()).into(),
    })
}

/// A trap must not have come of a call that should have returned.
fn check(error: &anyhow::Error, direct: bool) {
    let _ = format!("{error:#}");
    if direct {
        return;
    }
    let (left, tired) = spy::with(|spies| (spies.left(), spies.tired()));
    if let Some(left) = left
        && !is_exhausted(error)
        && !tired
    {
        panic!("a trap in {left}: {error:?}");
    }
}
