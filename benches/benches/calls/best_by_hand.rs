//! Host functions that take text, written by hand as an expert writes them: the `Memory` is kept in
//! the data of the store, so that no call looks it up.

use host_runtime::wasmtime::{
    Caller, Engine, Instance, Linker, Memory, Module, Result, Store, TypedFunc, format_err,
};

use crate::work::{use_bytes, use_text};

/// The data of the store.
#[derive(Default)]
pub struct Kept {
    memory: Option<Memory>,
    total: u32,
}

/// The bytes that the guest passes.
fn bytes(memory: &[u8], pointer: u32, length: u32) -> Result<&[u8]> {
    let rest = memory.get(pointer as usize..);
    let bytes = rest.and_then(|bytes| bytes.get(..length as usize));
    bytes.ok_or_else(|| format_err!("out of bounds"))
}

fn memory(caller: &Caller<'_, Kept>) -> Result<Memory> {
    let memory = caller.data().memory;
    memory.ok_or_else(|| format_err!("no memory"))
}

/// A linker with a function that takes text.
pub fn text(engine: &Engine) -> Result<Linker<Kept>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |caller: Caller<'_, Kept>, pointer: u32, length: u32| -> Result<u32> {
            let memory = memory(&caller)?;
            let bytes = bytes(memory.data(&caller), pointer, length)?;
            Ok(use_text(std::str::from_utf8(bytes)?))
        },
    )?;
    Ok(linker)
}

/// A linker with a function that takes text, and changes the store's data.
pub fn text_and_state(engine: &Engine) -> Result<Linker<Kept>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |mut caller: Caller<'_, Kept>, pointer: u32, length: u32| -> Result<u32> {
            let memory = memory(&caller)?;
            let (memory, kept) = memory.data_and_store_mut(&mut caller);
            let text = std::str::from_utf8(bytes(memory, pointer, length)?)?;
            kept.total = kept.total.wrapping_add(use_text(text));
            Ok(kept.total)
        },
    )?;
    Ok(linker)
}

/// A linker with a function that takes bytes.
pub fn slice(engine: &Engine) -> Result<Linker<Kept>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "bench",
        "call",
        |caller: Caller<'_, Kept>, pointer: u32, length: u32| -> Result<u32> {
            let memory = memory(&caller)?;
            Ok(use_bytes(bytes(memory.data(&caller), pointer, length)?))
        },
    )?;
    Ok(linker)
}

/// An instance whose memory is kept, and its function `run`.
pub fn instantiate(
    linker: &Linker<Kept>,
    guest: &str,
) -> Result<(Store<Kept>, TypedFunc<u32, u32>)> {
    let mut store = Store::new(linker.engine(), Kept::default());
    let module = Module::new(linker.engine(), guest)?;
    let instance: Instance = linker.instantiate(&mut store, &module)?;
    store.data_mut().memory = instance.get_memory(&mut store, "memory");
    let run = instance.get_typed_func(&mut store, "run")?;
    Ok((store, run))
}
