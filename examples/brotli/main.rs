//! Runs the compressor of the npm package `brotli-wasm`, which is written in Rust and made for
//! browsers with wasm-bindgen. It has no reference types. So it holds JavaScript values by numbers,
//! which are handles of the host here.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example brotli`.

use std::fmt;

use anyhow::{Context as _, bail};
use host_runtime::{
    Allocated, Guest, GuestSize, GuestSlice, Handle, Handles, Instance, Runtime,
    errors::HandleError,
    values::{GuestAllocator, ReturnPointer},
    wasm_import,
    wasmtime::Trap,
};
use serde_json::json;

/// A JavaScript value. The guest takes its options as a value, and throws a string or an `Error`.
enum Value {
    Undefined,
    Json(serde_json::Value),
    Text(String),
}

type Js = Handle<Value>;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined => f.write_str("undefined"),
            Self::Json(value) => value.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The allocator of the guest. The one of newer versions of wasm-bindgen,
/// `host_runtime::values::WbindgenMalloc`, has the alignment as a second parameter.
struct Malloc;

impl GuestAllocator for Malloc {
    const EXPORT: &'static str = "__wbindgen_malloc";
    type Params = GuestSize;

    fn params(size: GuestSize, _align: GuestSize) -> GuestSize {
        size
    }
}

/// The imports of the guest: a few JavaScript operations.
#[wasm_import(module = "wbg")]
mod glue {
    use super::{
        Allocated, Guest, GuestSize, GuestSlice, HandleError, Handles, Js, Malloc, ReturnPointer,
        Value, bail,
    };

    #[wasm_import(name = "__wbindgen_is_undefined")]
    pub(super) fn is_undefined(#[state] values: &Handles, value: Js) -> Result<bool, HandleError> {
        Ok(matches!(values.get(value)?, Value::Undefined))
    }

    #[wasm_import(name = "__wbindgen_is_object")]
    pub(super) fn is_object(#[state] values: &Handles, value: Js) -> Result<bool, HandleError> {
        Ok(matches!(values.get(value)?, Value::Json(value) if value.is_object()))
    }

    #[wasm_import(name = "__wbindgen_string_new")]
    pub(super) fn new_string(#[state] values: &mut Handles, text: &str) -> Result<Js, HandleError> {
        values.insert(Value::Text(text.to_owned()))
    }

    #[wasm_import(name = "__wbindgen_error_new")]
    pub(super) fn new_error(
        #[state] values: &mut Handles,
        message: &str,
    ) -> Result<Js, HandleError> {
        values.insert(Value::Text(format!("Error: {message}")))
    }

    /// Removes a value, because the guest does not need it any more.
    #[wasm_import(name = "__wbindgen_object_drop_ref")]
    pub(super) fn drop_value(#[state] values: &mut Handles, value: Js) -> Result<(), HandleError> {
        values.remove(value).map(drop)
    }

    /// `JSON.stringify`. The guest allocates the memory for the text. The pointer and the length
    /// are written to the address that the guest passes as its first argument.
    #[wasm_import(name = "__wbindgen_json_serialize")]
    pub(super) fn to_json(
        #[state] values: &Handles,
        value: Js,
    ) -> Result<ReturnPointer<Allocated<String, Malloc>>, HandleError> {
        Ok(ReturnPointer(values.get(value)?.to_string().into()))
    }

    /// `console.error`, for the message of a panic. The host frees the text.
    #[wasm_import(name = "__wbg_error_09919627ac0992f5")]
    pub(super) fn console_error(mut guest: Guest<'_>, text: GuestSlice<u8>) -> anyhow::Result<()> {
        let message = String::from_utf8(text.to_vec(&mut guest)?)?;
        // The next lines are the stack.
        let first = message.lines().next().unwrap_or_default();
        println!("console.error {first}");
        guest.call("__wbindgen_free", (text.address(), GuestSize(text.len())))
    }

    /// An `Error` whose stack a panic adds to its message.
    #[wasm_import(name = "__wbg_new_693216e109162396")]
    pub(super) fn new_stack(#[state] values: &mut Handles) -> Result<Js, HandleError> {
        values.insert(Value::Text(String::new()))
    }

    #[wasm_import(name = "__wbg_stack_0ddaca5d1abfb52f")]
    pub(super) fn stack(
        #[state] values: &Handles,
        error: Js,
    ) -> Result<ReturnPointer<Allocated<String, Malloc>>, HandleError> {
        Ok(ReturnPointer(values.get(error)?.to_string().into()))
    }

    #[wasm_import(name = "__wbindgen_throw")]
    pub(super) fn throw(message: &str) -> anyhow::Result<()> {
        bail!("Error: {message}")
    }
}

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("brotli_wasm_bg.wasm")?;
    let runtime = Runtime::builder().state_with(Handles::new).build()?;
    let mut guest = runtime.load_file(module)?.instantiate()?;

    let text = "The quick brown fox ✅ jumps over the lazy dog. ".repeat(40);
    let text = text.as_bytes();
    println!("text {} bytes", text.len());
    let options = [
        Value::Undefined,
        Value::Json(json!({ "quality": 1 })),
        Value::Json(json!({ "quality": 11 })),
        Value::Json(json!(7)),
        Value::Json(json!({ "quality": "high" })),
    ];
    for options in options {
        let what = format!("compress {options}");
        let compressed = compress(&mut guest, text, options);
        print(
            &what,
            compressed.map(|bytes| format!("{} bytes", bytes.len())),
        );
    }
    let best = Value::Json(json!({ "quality": 11 }));
    let compressed = compress(&mut guest, text, best)?;
    let decompressed = decompress(&mut guest, &compressed);
    print("decompress", decompressed.map(|bytes| bytes == text));
    let decompressed = decompress(&mut guest, text);
    print("decompress text", decompressed.map(|bytes| bytes.len()));

    let compressed = compress_stream(&mut guest, text)?;
    let decompressed = decompress(&mut guest, &compressed);
    print("decompress stream", decompressed.map(|bytes| bytes == text));
    let decompressed = decompress_stream(&mut guest, text);
    print("stream text", decompressed.map(|output| output.code));
    Ok(())
}

/// Prints a result of the guest, or what it has thrown.
fn print(what: &str, result: anyhow::Result<impl fmt::Display>) {
    match result {
        Ok(value) => println!("{what}: {value}"),
        Err(error) if error.downcast_ref() == Some(&Trap::UnreachableCodeReached) => {
            println!("{what}: thrown RuntimeError: unreachable");
        }
        Err(error) => println!("{what}: thrown {error}"),
    }
}

fn compress(guest: &mut Instance, bytes: &[u8], options: Value) -> anyhow::Result<Vec<u8>> {
    // The guest borrows the options, so the host removes them.
    let options = values(guest)?.insert(options)?;
    let (pointer, length) = put(guest, bytes)?;
    let returned = with_result(guest, |guest, result| {
        guest.call("compress", (result, pointer, length, options.number()))
    });
    values(guest)?.remove(options)?;
    take_bytes(guest, returned?)
}

fn decompress(guest: &mut Instance, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (pointer, length) = put(guest, bytes)?;
    let returned = with_result(guest, |guest, result| {
        guest.call("decompress", (result, pointer, length))
    })?;
    take_bytes(guest, returned)
}

/// The size of an output of a stream.
const CHUNK: u32 = 24;

fn compress_stream(guest: &mut Instance, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    // The flag says that there is a quality.
    let stream: u32 = guest.call("compressstream_new", (1, 5))?;
    let mut compressed = Vec::new();
    let (mut pointer, mut length) = put(guest, bytes)?;
    loop {
        let returned = with_result(guest, |guest, result| {
            guest.call(
                "compressstream_compress",
                (result, stream, pointer, length, CHUNK),
            )
        })?;
        let output = Output::take(guest, returned)?;
        let (code, consumed, size) = (output.code, output.consumed, output.bytes.len());
        println!("stream code {code} consumed {consumed} output {size}");
        compressed.extend(output.bytes);
        if code == Output::SUCCESS {
            break;
        }
        // A null pointer stands for the end of the input.
        (pointer, length) = (0, 0);
    }
    guest.call::<_, ()>("__wbg_compressstream_free", stream)?;
    Ok(compressed)
}

fn decompress_stream(guest: &mut Instance, bytes: &[u8]) -> anyhow::Result<Output> {
    let stream: u32 = guest.call("decompressstream_new", ())?;
    let (pointer, length) = put(guest, bytes)?;
    let returned = with_result(guest, |guest, result| {
        guest.call(
            "decompressstream_decompress",
            (result, stream, pointer, length, CHUNK),
        )
    });
    guest.call::<_, ()>("__wbg_decompressstream_free", stream)?;
    Output::take(guest, returned?)
}

/// An output of a stream. In JavaScript, it is an object whose properties the guest returns.
struct Output {
    code: u32,
    consumed: u32,
    bytes: Vec<u8>,
}

impl Output {
    const SUCCESS: u32 = 1;

    /// Takes an object of the guest: a pointer to it, an error, and whether there is an error.
    fn take(guest: &mut Instance, [object, error, failed, _]: [u32; 4]) -> anyhow::Result<Self> {
        throw_if(guest, failed, error)?;
        let code = guest.call("__wbg_get_brotlistreamresult_code", object)?;
        let consumed = guest.call("__wbg_get_brotlistreamresult_input_offset", object)?;
        let [pointer, length, ..] = with_result(guest, |guest, result| {
            guest.call("__wbg_get_brotlistreamresult_buf", (result, object))
        })?;
        guest.call::<_, ()>("__wbg_brotlistreamresult_free", object)?;
        Ok(Self {
            code,
            consumed,
            bytes: take_bytes(guest, [pointer, length, 0, 0])?,
        })
    }
}

/// Calls a function that writes its results to memory, on the stack of the guest.
fn with_result(
    guest: &mut Instance,
    call: impl FnOnce(&mut Instance, u32) -> anyhow::Result<()>,
) -> anyhow::Result<[u32; 4]> {
    let result: u32 = guest.call("__wbindgen_add_to_stack_pointer", -16)?;
    let called = call(guest, result);
    let returned = bytemuck::pod_read_unaligned(guest.read(result, 16_u32)?);
    guest.call::<_, u32>("__wbindgen_add_to_stack_pointer", 16)?;
    called.map(|()| returned)
}

/// Writes bytes to memory that the guest allocates and later frees.
fn put(guest: &mut Instance, bytes: &[u8]) -> anyhow::Result<(u32, u32)> {
    let length = u32::try_from(bytes.len())?;
    let pointer: u32 = guest.call("__wbindgen_malloc", length)?;
    guest.write(pointer, bytes)?;
    Ok((pointer, length))
}

/// Takes bytes of the guest: a pointer, a length, an error, and whether there is an error.
fn take_bytes(
    guest: &mut Instance,
    [pointer, length, error, failed]: [u32; 4],
) -> anyhow::Result<Vec<u8>> {
    throw_if(guest, failed, error)?;
    let bytes = guest.read(pointer, length)?.to_vec();
    guest.call::<_, ()>("__wbindgen_free", (pointer, length))?;
    Ok(bytes)
}

/// Takes the value that the guest throws, if it has failed.
fn throw_if(guest: &mut Instance, failed: u32, error: u32) -> anyhow::Result<()> {
    if failed == 0 {
        return Ok(());
    }
    let error: Value = values(guest)?.remove(Handle::from_number(error))?;
    bail!("{error}")
}

/// The values that the guest holds.
fn values(guest: &mut Instance) -> anyhow::Result<&mut Handles> {
    guest.state_mut().context("the values are a state")
}
