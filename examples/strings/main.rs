//! Text, bytes and numbers in the guest's memory, as `&str`, slices and what owns them.
//!
//! A guest passes each as a pointer and a length. No host function below sees a pointer: what it
//! gets has been checked against the guest's memory.
//!
//! Run it with `cargo run --example strings`.

use host_runtime::{HostCallError, Runtime, ValueError, wasm_import};

#[wasm_import(module = "text")]
mod text {
    use super::Notes;

    /// `&str` is the guest's own bytes, borrowed for the call and known to be UTF-8.
    fn say(line: &str) {
        println!("{line}");
    }

    /// `String` is a copy, for a function that keeps it.
    fn note(#[state] notes: &mut Notes, line: String) {
        notes.0.push(line);
    }

    /// `Option<&str>` is `None` for a null pointer, and `&mut [u8]` is room to write to.
    ///
    /// A guest cannot take a `String` that the host made, so it brings the room. It learns how
    /// long the greeting is; one that does not fit is not written, and the guest may come again.
    fn greet(name: Option<&str>, room: &mut [u8]) -> u32 {
        let greeting = format!("Hello, {}!", name.unwrap_or("whoever you are"));
        if let Some(room) = room.get_mut(..greeting.len()) {
            room.copy_from_slice(greeting.as_bytes());
        }
        greeting.len().try_into().unwrap_or(u32::MAX)
    }
}

#[wasm_import(module = "numbers")]
mod numbers {
    /// `&[f32]` is the guest's own numbers; its length counts numbers, not bytes.
    #[expect(clippy::cast_precision_loss, reason = "no guest has that many numbers")]
    fn mean(numbers: &[f32]) -> f32 {
        numbers.iter().sum::<f32>() / numbers.len() as f32
    }

    /// `Vec<u8>` is a copy, to be changed without the guest's bytes changing.
    fn median(mut bytes: Vec<u8>) -> u8 {
        bytes.sort_unstable();
        bytes.get(bytes.len() / 2).copied().unwrap_or(0)
    }

    fn show(mean: f32, median: u8) {
        println!("The mean is {mean} and the median {median}.");
    }
}

/// What `text.note` has kept.
#[derive(Clone, Default)]
struct Notes(Vec<String>);

fn main() -> anyhow::Result<()> {
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/strings/guest.wat");
    let runtime = Runtime::builder().state(Notes::default()).build()?;
    let mut guest = runtime.load_file(guest)?.instantiate()?;
    guest.call::<(), ()>("run", ())?;

    if let Some(Notes(notes)) = guest.state() {
        println!("Noted: {}.", notes.join(", "));
    }

    // A guest that passes nonsense is stopped before the host function begins, and the error says
    // which parameter it was and why.
    for nonsense in ["read_past_the_end", "greet_in_place"] {
        let error = guest.call::<(), ()>(nonsense, ()).unwrap_err();
        let parameter = error.downcast_ref().and_then(HostCallError::parameter);
        let reason = error.downcast_ref::<ValueError>();
        let (Some(parameter), Some(reason)) = (parameter, reason) else {
            return Err(error);
        };
        println!("Refused `{parameter}`: {reason}.");
    }
    Ok(())
}
