use host_runtime::{Callback, Guest, GuestSize, ValueError, values::GuestMemory, wasm_import};

fn first<'a>(memory: &mut GuestMemory<'a>) -> Result<&'a [u8], ValueError> {
    memory.shared(GuestSize(0), 1)
}

#[wasm_import(module = "ffi")]
fn log(mut guest: Guest<'_>, f: Callback<(), ()>) -> anyhow::Result<()> {
    let text = guest.memory(first)?;
    guest.call(&f, ())?;
    println!("{text:?}");
    Ok(())
}

fn main() {}
