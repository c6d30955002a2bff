//! A random guest that imports the trampoline's exports or the host functions.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use host_runtime::{
    HostData,
    wasmtime::{
        Caller, Export, Extern, Func, FuncType, Instance, Linker, Module, Ref, Trap, V128, Val,
        ValType,
    },
};
use wasm_smith::Config;

use crate::{
    functions::FUNCTIONS,
    guest::{self, Bytes, ENGINE, Guest, IMPORTS},
    judge::Entry,
    run::{By, Run},
    trampoline::{Place, Shape},
    value::Kind,
};

/// The fuel for a random guest.
const FUEL: u64 = 50_000;
/// The maximum number of functions it can import.
const CHOICE: usize = 12;

/// Generates a guest, instantiates it in the trampoline's store and calls its exports.
///
/// The oracle checks each call that goes through the trampoline. A `direct` guest imports the host
/// functions and has its own memory or none; its calls must only not panic.
pub fn run(u: &mut Unstructured<'_>, guest: &mut Guest, run: &Run, direct: bool) -> Result<()> {
    let mut chosen: Vec<&'static Entry> = Vec::new();
    for _ in 0..CHOICE {
        let entry = &FUNCTIONS[usize::from(u.arbitrary::<u8>()?) % FUNCTIONS.len()];
        if !chosen.iter().any(|other| other.name == entry.name) {
            chosen.push(entry);
        }
    }
    let bytes = generate(u, run.shape, &chosen, direct)?;
    guest.store().0.set_fuel(FUEL).expect("fuel is consumed");
    let offered = offered(guest, run, &chosen);
    // The start function may trap, and the engine may reject a module that the generator accepts.
    let Ok(instance) = instantiate(guest, &bytes, offered) else {
        return Ok(());
    };
    let (store, _) = guest.store();
    let exports: Vec<Func> = instance
        .exports(&mut *store)
        .filter_map(Export::into_func)
        .collect();
    for func in exports {
        let ty = func.ty(&*store);
        let params = ty.params().map(|ty| value(u, &ty));
        let params = params.collect::<Result<Vec<_>>>()?;
        let mut results = vec![Val::I32(0); ty.results().len()];
        if let Err(error) = func.call(&mut *store, &params, &mut results) {
            let _ = format!("{error:#}");
            if matches!(error.downcast_ref(), Some(Trap::OutOfFuel)) {
                break;
            }
        }
    }
    Ok(())
}

fn generate(
    u: &mut Unstructured<'_>,
    shape: Shape,
    chosen: &[&Entry],
    direct: bool,
) -> Result<Vec<u8>> {
    let mut text = String::from("(module ");
    let module = if direct { "host" } else { "w" };
    for entry in chosen {
        let name = entry.name;
        let params = shape.types("param", &entry.kinds());
        let results = shape.types("result", &entry.results);
        let _ = write!(
            text,
            r#"(import "{module}" "{name}" (func{params}{results}))"#
        );
    }
    if direct {
        text += &shape.globals_text();
    }
    // The generator supports only pages of 64 KiB. Its threads proposal is disabled below.
    if !shape.bytewise && shape.place != Place::Threads {
        let memory = shape.memory_text();
        let _ = write!(text, r#"(import "w" "memory" (memory {memory}))"#);
    }
    text.push(')');
    let available = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let config = Config {
        available_imports: Some(available),
        export_everything: true,
        max_funcs: CHOICE + 4,
        min_funcs: 1,
        max_imports: CHOICE + 1,
        max_instructions: 60,
        max_memories: 2,
        max_tables: 2,
        max_globals: 4,
        max_types: 8,
        max_type_size: 400,
        max_table_elements: 20,
        memory_max_size_required: true,
        max_memory32_bytes: 3 << 16,
        max_memory64_bytes: 3 << 16,
        // Proposals that the engine does not enable.
        threads_enabled: false,
        relaxed_simd_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        ..Config::default()
    };
    Ok(wasm_smith::Module::new(config, u)?.to_bytes())
}

/// The imports from the trampoline: checked calls of its functions, and its memory.
fn offered(guest: &mut Guest, run: &Run, chosen: &[&'static Entry]) -> Vec<(&'static str, Extern)> {
    let memory = guest.memory();
    let (store, _) = guest.store();
    let mut offered = Vec::new();
    for &entry in chosen {
        let types = |kinds: &[Kind]| {
            let types = kinds.iter().map(|kind| kind.ty(run.shape.wide));
            types.collect::<Vec<_>>()
        };
        let ty = FuncType::new(&ENGINE, types(&entry.kinds()), types(&entry.results));
        let run = run.clone();
        let func = move |caller: Caller<'_, HostData>, params: &[Val], results: &mut [Val]| {
            run.call(caller, By::Guest, entry, params, results)
        };
        offered.push((entry.name, Func::new(&mut *store, ty, func).into()));
    }
    if let Bytes::Own(memory) = memory {
        offered.push(("memory", memory.into()));
    }
    offered
}

/// Instantiates the random guest in the trampoline's store, in the way the trampoline was.
fn instantiate(
    guest: &mut Guest,
    bytes: &[u8],
    offered: Vec<(&'static str, Extern)>,
) -> anyhow::Result<Instance> {
    match guest {
        Guest::OfRuntime(first) => {
            let mut builder = guest::builder();
            for (name, item) in offered {
                builder = builder.provide("w", name, item);
            }
            let prepared = builder.build()?.load(bytes)?;
            Ok(prepared.instantiate_in(first)?.raw())
        }
        Guest::Own(store, _) => {
            let module = Module::new(&ENGINE, bytes)?;
            let mut linker = Linker::new(&ENGINE);
            IMPORTS.add_to_linker_for(&module, &mut linker, |host| host)?;
            IMPORTS.add_globals_to_linker_for(&module, &mut linker, &mut *store, |host| host)?;
            for (name, item) in offered {
                linker.define(&*store, "w", name, item)?;
            }
            Ok(linker.instantiate(store, &module)?)
        }
    }
}

fn value(u: &mut Unstructured<'_>, ty: &ValType) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => Val::I32(u.arbitrary::<u8>()?.into()),
        ValType::I64 => Val::I64(u.arbitrary::<u8>()?.into()),
        ValType::F32 => Val::F32(u.arbitrary()?),
        ValType::F64 => Val::F64(u.arbitrary()?),
        ValType::V128 => V128::from(u.arbitrary::<u128>()?).into(),
        ValType::Ref(ty) => Ref::null(ty.heap_type()).into(),
    })
}
