//! Runs the parser for `.ini` files of the npm package `@one-ini/wasm`. It is written in Rust and
//! made for browsers with wasm-bindgen. It builds JavaScript objects by calls to the host, and the
//! host owns the objects.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example one-ini`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, bail};
use host_runtime::{
    Allocated, Guest, HostObject, Instance, Runtime,
    values::{ReturnPointer, WbindgenMalloc},
    wasm_import, wasmtime,
};
use serde_json::json;

/// A JavaScript value. `undefined` is not one of the variants: it is a null reference, `None`.
enum Value {
    Null,
    Bool(bool),
    Text(String),
    Error(String),
    Array(Mutex<Vec<Option<Js>>>),
    /// The properties, in the order in which they were set.
    Object(Mutex<Vec<(String, Option<Js>)>>),
}

type Js = HostObject<Value>;

impl Value {
    fn to_json(&self) -> serde_json::Value {
        let of = |value: &Option<Js>| value.as_ref().map_or(json!(null), |value| value.to_json());
        match self {
            Self::Null => json!(null),
            Self::Bool(value) => json!(value),
            Self::Text(text) | Self::Error(text) => json!(text),
            Self::Array(values) => locked(values).iter().map(of).collect(),
            Self::Object(properties) => {
                let properties = locked(properties);
                let properties = properties
                    .iter()
                    .map(|(key, value)| (key.clone(), of(value)));
                serde_json::Value::Object(properties.collect())
            }
        }
    }
}

fn locked<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of calls of each import.
#[derive(Clone, Default)]
struct Calls(BTreeMap<&'static str, u32>);

impl Calls {
    fn count(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }
}

/// The imports of the guest: a few JavaScript operations. wasm-bindgen makes the numbers in the
/// names.
#[expect(
    clippy::needless_pass_by_value,
    reason = "objects are passed as the guest holds them"
)]
#[wasm_import(module = "./one_ini_bg.js")]
mod glue {
    use super::{
        Allocated, Calls, Guest, HostObject, Js, Mutex, ReturnPointer, TABLE, Value,
        WbindgenMalloc, bail, count, locked,
    };

    /// Adds the constant values to the table in which the guest stores objects.
    #[wasm_import(name = "__wbindgen_init_externref_table")]
    pub(super) fn init_table(mut guest: Guest<'_>) -> anyhow::Result<()> {
        count(&mut guest, "__wbindgen_init_externref_table");
        let first = guest.grow_table(TABLE, 4)?;
        let constants = [Value::Null, Value::Bool(true), Value::Bool(false)];
        // The first new entry is for `undefined`, which is null.
        for (index, value) in (first + 1..).zip(constants) {
            guest.set_table(TABLE, index, Some(HostObject::new(value)))?;
        }
        Ok(())
    }

    #[wasm_import(name = "__wbg_new_62f131e968c83d75")]
    pub(super) fn new_object(#[state] calls: &mut Calls) -> Js {
        calls.count("__wbg_new_62f131e968c83d75");
        HostObject::new(Value::Object(Mutex::default()))
    }

    #[wasm_import(name = "__wbg_new_66075f8c2ea6575e")]
    pub(super) fn new_array(#[state] calls: &mut Calls) -> Js {
        calls.count("__wbg_new_66075f8c2ea6575e");
        HostObject::new(Value::Array(Mutex::default()))
    }

    #[wasm_import(name = "__wbg_set_6be42768c690e380")]
    pub(super) fn set_property(
        #[state] calls: &mut Calls,
        object: Js,
        key: Js,
        value: Option<Js>,
    ) -> anyhow::Result<()> {
        calls.count("__wbg_set_6be42768c690e380");
        let (Value::Object(properties), Value::Text(key)) = (&*object, &*key) else {
            bail!("the guest sets a property of what is no object");
        };
        let mut properties = locked(properties);
        match properties.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = value,
            None => properties.push((key.clone(), value)),
        }
        Ok(())
    }

    #[wasm_import(name = "__wbg_set_7bf9e2df46e7632c")]
    pub(super) fn set_element(
        #[state] calls: &mut Calls,
        array: Js,
        index: u32,
        value: Option<Js>,
    ) -> anyhow::Result<()> {
        calls.count("__wbg_set_7bf9e2df46e7632c");
        let Value::Array(values) = &*array else {
            bail!("the guest sets an element of what is no array");
        };
        let mut values = locked(values);
        let index = usize::try_from(index)?;
        // The guest only appends. The index is checked, because a guest could pass a large one to
        // make the host allocate much memory.
        match values.len() {
            length if index < length => values[index] = value,
            length if index == length => values.push(value),
            length => bail!("the guest sets element {index} of an array of {length}"),
        }
        Ok(())
    }

    #[wasm_import(name = "__wbindgen_cast_0000000000000001")]
    pub(super) fn string(#[state] calls: &mut Calls, text: &str) -> Js {
        calls.count("__wbindgen_cast_0000000000000001");
        HostObject::new(Value::Text(text.to_owned()))
    }

    /// Can fail. Then it puts the error into the guest's table, and tells the guest the index of
    /// the error.
    #[wasm_import(name = "__wbg_fromCodePoint_e00c387b1e85dfa6")]
    pub(super) fn from_code_point(
        mut guest: Guest<'_>,
        code_point: u32,
    ) -> anyhow::Result<Option<Js>> {
        count(&mut guest, "__wbg_fromCodePoint_e00c387b1e85dfa6");
        if let Some(character) = char::from_u32(code_point) {
            return Ok(Some(HostObject::new(Value::Text(character.into()))));
        }
        let error = Value::Error(format!("RangeError: Invalid code point {code_point}"));
        let index: u32 = guest.call("__externref_table_alloc", ())?;
        guest.set_table(TABLE, index.into(), Some(HostObject::new(error)))?;
        guest.call::<_, ()>("__wbindgen_exn_store", index)?;
        Ok(None)
    }

    #[wasm_import(name = "__wbg_Error_ecbf49c1b9d07c30")]
    pub(super) fn error(#[state] calls: &mut Calls, message: &str) -> Js {
        calls.count("__wbg_Error_ecbf49c1b9d07c30");
        HostObject::new(Value::Error(format!("Error: {message}")))
    }

    #[wasm_import(name = "__wbg___wbindgen_throw_df03e93053e0f4bc")]
    pub(super) fn throw(#[state] calls: &mut Calls, message: &str) -> anyhow::Result<()> {
        calls.count("__wbg___wbindgen_throw_df03e93053e0f4bc");
        bail!("{message}")
    }

    /// Returns text. The guest allocates the memory for the text. The pointer and the length are
    /// written to the address that the guest passes as its first argument.
    #[wasm_import(name = "__wbg___wbindgen_debug_string_43c7ccb034739216")]
    pub(super) fn debug_string(
        #[state] calls: &mut Calls,
        value: Option<Js>,
    ) -> ReturnPointer<Allocated<String, WbindgenMalloc>> {
        calls.count("__wbg___wbindgen_debug_string_43c7ccb034739216");
        let text = value.map_or_else(
            || "undefined".to_owned(),
            |value| value.to_json().to_string(),
        );
        ReturnPointer(text.into())
    }
}

/// The export name of the guest's table of objects.
const TABLE: &str = "__wbindgen_externrefs";

fn count(guest: &mut Guest<'_>, name: &'static str) {
    if let Ok(calls) = guest.state::<Calls>() {
        calls.count(name);
    }
}

const INI: &str = "; top\nroot = true\n\n[*.{js,ts}]\nindent_style = tab\n# n\u{f6}te\n\
    [*.md]\ntrim = false\n";

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("one_ini_bg.wasm")?;
    let runtime = Runtime::builder().state(Calls::default()).build()?;
    let mut guest = runtime.load_file(module)?.instantiate()?;
    guest.call::<(), ()>("__wbindgen_start", ())?;

    let (pointer, length) = guest.call::<(), (u32, u32)>("version", ())?;
    let version = String::from_utf8(guest.read(pointer, length)?.to_vec())?;
    println!("version {version}");
    guest.call::<_, ()>("__wbindgen_free", (pointer, length, 1))?;

    let ini = put(&mut guest, INI.as_bytes())?;
    let parsed = guest.call::<_, Option<_>>("parse_to_json", ini)?;
    let parsed = object(&mut guest, parsed)?.context("the guest returns no object")?;
    println!("{}", parsed.to_json());

    let ini = put(&mut guest, INI.as_bytes())?;
    let (pointer, length, _, failed) = parse_to_array(&mut guest, ini)?;
    let bytes = guest.read(pointer, length * 4)?;
    let tokens = bytes
        .chunks_exact(4)
        .map(bytemuck::pod_read_unaligned::<u32>);
    let tokens: Vec<_> = tokens.map(|token| token.to_string()).collect();
    println!("tokens {failed} {}", tokens.join(" "));

    let not_utf8 = put(&mut guest, &[0x61, 0xFF, 0xFE])?;
    let (_, length, error, failed) = parse_to_array(&mut guest, not_utf8)?;
    if failed == 0 {
        println!("no error {length}");
    } else {
        let error = take(&mut guest, error)?;
        let Some(Value::Error(message)) = error.as_deref() else {
            bail!("the guest fails with something else than an error");
        };
        println!("error {message}");
    }
    let calls = guest.state::<Calls>().context("the calls are a state")?;
    for (name, times) in &calls.0 {
        println!("called {name} {times}");
    }
    Ok(())
}

/// A pointer, a length, the index of an error in the table, and whether there is an error.
type Parsed = (u32, u32, u32, u32);

fn parse_to_array(guest: &mut Instance, ini: (u32, u32)) -> anyhow::Result<Parsed> {
    guest.call("parse_to_uint32array", ini)
}

/// Writes bytes to memory that the guest allocates and later frees.
fn put(guest: &mut Instance, bytes: &[u8]) -> anyhow::Result<(u32, u32)> {
    let length = u32::try_from(bytes.len())?;
    let pointer: u32 = guest.call("__wbindgen_malloc", (length, 1))?;
    guest.write(pointer, bytes)?;
    Ok((pointer, length))
}

/// The object that a reference of the guest refers to.
fn object(
    guest: &mut Instance,
    reference: Option<wasmtime::Rooted<wasmtime::ExternRef>>,
) -> anyhow::Result<Option<Js>> {
    match reference {
        Some(reference) => Ok(HostObject::from_ref(guest.store_mut(), reference)?),
        None => Ok(None),
    }
}

/// Removes an object from the guest's table and returns it.
fn take(guest: &mut Instance, index: u32) -> anyhow::Result<Option<Js>> {
    let instance = guest.raw();
    let table = instance
        .get_table(guest.store_mut(), TABLE)
        .context("the guest exports its table")?;
    let value = table.get(guest.store_mut(), index.into());
    let object = match value {
        Some(wasmtime::Ref::Extern(reference)) => object(guest, reference)?,
        _ => None,
    };
    guest.call::<_, ()>("__externref_table_dealloc", index)?;
    Ok(object)
}
