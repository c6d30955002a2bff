//! Text, bytes and numbers in guest memory, as `&str`, slices and their owned types.
//!
//! A guest passes each of them as a pointer and a length. The host functions get Rust values.
//! Before a call, the pointers and lengths are checked against the guest's memory.
//!
//! Run it with `cargo run --example strings`.

use host_runtime::{HostCallError, Runtime, ValueError, wasm_import};

#[wasm_import(module = "text")]
mod text {
    use super::Notes;

    /// `&str` borrows bytes of the guest for the time of the call. They are checked to be UTF-8.
    fn say(line: &str) {
        println!("{line}");
    }

    /// `String` is a copy, for a function that stores the text.
    fn note(#[state] notes: &mut Notes, line: String) {
        notes.0.push(line);
    }

    /// `Option<&str>` is `None` for a null pointer. `&mut [u8]` is a buffer that the host writes
    /// to.
    ///
    /// The guest passes the buffer for the greeting, and gets the length of the greeting. If the
    /// greeting does not fit, it is not written, and the guest can call again with a larger buffer.
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
    /// `&[f32]` borrows numbers of the guest. Its length is the number of elements, not of bytes.
    #[expect(clippy::cast_precision_loss, reason = "no guest has that many numbers")]
    fn mean(numbers: &[f32]) -> f32 {
        numbers.iter().sum::<f32>() / numbers.len() as f32
    }

    /// `Vec<u8>` is a copy. The function can change it without a change of the guest's bytes.
    fn median(mut bytes: Vec<u8>) -> u8 {
        bytes.sort_unstable();
        bytes.get(bytes.len() / 2).copied().unwrap_or(0)
    }

    fn show(mean: f32, median: u8) {
        println!("The mean is {mean} and the median {median}.");
    }
}

/// The lines that `text.note` stored.
#[derive(Clone, Default)]
struct Notes(Vec<String>);

fn main() -> anyhow::Result<()> {
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/strings/guest.wat");
    let runtime = Runtime::builder().state(Notes::default()).build()?;
    let mut guest = runtime.load_file(guest)?.instantiate()?;
    guest.call::<(), ()>("run", ())?;

    if let Ok(Notes(notes)) = guest.state() {
        println!("Noted: {}.", notes.join(", "));
    }

    // If a guest passes invalid values, it traps before the host function runs. The error says
    // which parameter is invalid and why.
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
