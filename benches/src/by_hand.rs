//! The same host functions, by hand against Wasmtime's `Linker`.

use host_runtime::wasmtime::{Caller, Engine, Extern, Linker, Memory, Result, bail};

use crate::hosts::Total;

/// What a function that takes text does with it.
#[must_use]
pub fn use_text(text: &str) -> u32 {
    u32::from(text.as_bytes()[text.len() - 1])
}

/// What a function that takes a buffer does with it.
#[must_use]
pub fn fill_bytes(out: &mut [u8]) -> u32 {
    out.fill(7);
    u32::from(out[0])
}

/// A linker with `bench.call` as a number in and a number out.
///
/// # Errors
///
/// None that is expected.
pub fn scalar(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("bench", "call", |x: i32| x.wrapping_add(1))?;
    Ok(linker)
}

/// The same with the store's data.
///
/// # Errors
///
/// None that is expected.
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

/// Text in.
///
/// # Errors
///
/// None that is expected.
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

/// Bytes out.
///
/// # Errors
///
/// None that is expected.
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
