//! The host functions of `hosts.rs`, written by hand for Wasmtime's `Linker`.

use host_runtime::wasmtime::{Caller, Engine, Extern, Linker, Memory, Result, bail};

use crate::work::{Block, File, TEXT, Total, fill_bytes, use_block, use_text};

/// A linker with a function `bench.call` that takes and returns a number.
pub fn scalar(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("bench", "call", |x: i32| x.wrapping_add(1))?;
    Ok(linker)
}

/// As [`scalar`], with a function that uses the store's data.
pub fn state(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("bench", "call", |mut caller: Caller<'_, Total>, x: i32| {
        let total = caller.data_mut();
        total.0 = total.0.wrapping_add(x);
        total.0
    })?;
    Ok(linker)
}

fn memory(caller: &mut Caller<'_, Total>) -> Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => bail!("no memory"),
    }
}

/// A linker with a function that takes text.
pub fn text(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Total>, pointer: u32, length: u32| -> Result<u32> {
            let memory = memory(&mut caller)?;
            let bytes = memory
                .data(&caller)
                .get(pointer as usize..)
                .and_then(|bytes| bytes.get(..length as usize))
                .ok_or_else(|| host_runtime::wasmtime::format_err!("out of bounds"))?;
            Ok(use_text(std::str::from_utf8(bytes)?))
        },
    )?;
    Ok(linker)
}

/// A linker with a function that fills a buffer of the guest.
pub fn fill(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Total>, pointer: u32, length: u32| -> Result<u32> {
            let memory = memory(&mut caller)?;
            let bytes = memory
                .data_mut(&mut caller)
                .get_mut(pointer as usize..)
                .and_then(|bytes| bytes.get_mut(..length as usize))
                .ok_or_else(|| host_runtime::wasmtime::format_err!("out of bounds"))?;
            Ok(fill_bytes(bytes))
        },
    )?;
    Ok(linker)
}

/// A linker with a function that returns text, in memory that the guest allocates.
pub fn give(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Total>| -> Result<(u32, u32)> {
            let text = TEXT.to_owned();
            let Some(Extern::Func(malloc)) = caller.get_export("malloc") else {
                bail!("no malloc");
            };
            let length = u32::try_from(text.len())?;
            let pointer = malloc
                .typed::<u32, u32>(&caller)?
                .call(&mut caller, length)?;
            if pointer == 0 {
                bail!("no room");
            }
            let memory = memory(&mut caller)?;
            let room = memory
                .data_mut(&mut caller)
                .get_mut(pointer as usize..)
                .and_then(|bytes| bytes.get_mut(..text.len()))
                .ok_or_else(|| host_runtime::wasmtime::format_err!("out of bounds"))?;
            room.copy_from_slice(text.as_bytes());
            Ok((pointer, length))
        },
    )?;
    Ok(linker)
}

/// A linker with a function that takes a struct.
pub fn block(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Total>, pointer: u32| -> Result<u32> {
            let memory = memory(&mut caller)?;
            let bytes = memory
                .data(&caller)
                .get(pointer as usize..)
                .and_then(|bytes| bytes.get(..size_of::<Block>()))
                .ok_or_else(|| host_runtime::wasmtime::format_err!("out of bounds"))?;
            let block = bytemuck::try_from_bytes(bytes);
            Ok(use_block(block.map_err(|_| {
                host_runtime::wasmtime::format_err!("misaligned")
            })?))
        },
    )?;
    Ok(linker)
}

/// Values of any type. A handle consists of the index of an entry and its generation.
#[derive(Default)]
pub struct Table(Vec<(u32, Option<Box<dyn std::any::Any + Send>>)>);

/// A linker with a function that looks up a handle.
pub fn handle(engine: &Engine) -> Result<Linker<Table>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("bench", "open", |mut caller: Caller<'_, Table>| -> u32 {
        let table = &mut caller.data_mut().0;
        table.push((1, Some(Box::new(File(0)))));
        u32::try_from(table.len() - 1).unwrap_or(0) | 1 << 20
    })?;
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Table>, handle: u32| -> Result<u32> {
            let (index, generation) = (handle as usize % (1 << 20), handle >> 20);
            let place = caller.data_mut().0.get_mut(index);
            let file = place
                .filter(|place| place.0 == generation)
                .and_then(|place| place.1.as_mut()?.downcast_mut::<File>())
                .ok_or_else(|| host_runtime::wasmtime::format_err!("no handle"))?;
            file.0 = file.0.wrapping_add(1);
            Ok(file.0)
        },
    )?;
    Ok(linker)
}

/// A linker with a function that calls the guest.
pub fn call_back(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Total>, index: u32| -> Result<i32> {
            let table = caller.get_export("__indirect_function_table");
            let Some(Extern::Table(table)) = table else {
                bail!("no table");
            };
            let func = table.get(&mut caller, index.into());
            let Some(host_runtime::wasmtime::Ref::Func(Some(func))) = func else {
                bail!("no function");
            };
            func.typed::<i32, i32>(&caller)?.call(&mut caller, 41)
        },
    )?;
    Ok(linker)
}
