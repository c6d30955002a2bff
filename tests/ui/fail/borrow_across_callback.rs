use host_runtime::{Callback, Guest, GuestSize, ValueError, values::GuestMemory, wasm_import, wasmtime};

fn first<'a>(memory: &mut GuestMemory<'a>) -> Result<&'a [u8], ValueError> {
    memory.shared(GuestSize(0), 1)
}

#[wasm_import(module = "ffi")]
fn log(mut guest: Guest<'_>, f: Callback<(), ()>) -> wasmtime::Result<()> {
    let text = guest.memory(first)?;
    guest.call(&f, ())?;
    println!("{text:?}");
    Ok(())
}

fn main() {}
