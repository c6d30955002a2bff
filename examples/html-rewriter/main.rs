//! Runs the HTML rewriter of the npm package `html-rewriter-wasm`. It is written in Rust and made
//! for browsers with wasm-bindgen. It calls handlers of the host, and these call it back. While a
//! handler awaits something, the guest unwinds its stack, by means of Asyncify.
//!
//! Get the module with `scripts/fetch-guests`, then run it with
//! `cargo run --example html-rewriter`.

use std::{fmt, fs};

use anyhow::{Context as _, bail};
use host_runtime::{
    Guest, GuestPointer, GuestSlice, Handle, Handles, Instance, Runtime, errors::HandleError,
    wasm_import, wasmtime::Engine,
};

/// A JavaScript value.
#[derive(Clone)]
enum Value {
    Undefined,
    Null,
    Text(String),
    Error(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    /// The memory of the guest, and its `buffer`.
    Memory,
    /// The options of a content that is HTML.
    Html,
    /// The function that takes the output.
    Output,
    Handlers(Handlers),
    Handler(Handler),
    /// An element or another part of the document: a pointer to an object of the guest.
    Part(u32),
    Promise(Promise),
}

/// A value that the guest holds.
type Js = Handle<Value>;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Text(text) | Self::Error(text) => text,
            _ => "[object]",
        })
    }
}

/// A function of the page that handles a part of the document.
type Handler = fn(&mut Guest<'_>, u32) -> anyhow::Result<Value>;

/// The handlers for the elements of a selector.
#[derive(Clone, Copy, Default)]
struct Handlers {
    element: Option<Handler>,
    text: Option<Handler>,
}

/// The rest of a handler that awaits something, and the part of the document that it handles.
#[derive(Clone, Copy)]
struct Promise {
    rest: fn(&mut Instance, u32) -> anyhow::Result<()>,
    part: u32,
}

/// An exception, such as `Error: no links`.
#[derive(Debug)]
struct Thrown(String);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Thrown {}

/// The message of an exception. Other errors are passed on.
fn thrown(error: anyhow::Error) -> anyhow::Result<String> {
    match error.downcast_ref::<Thrown>() {
        Some(Thrown(message)) => Ok(message.clone()),
        None => Err(error),
    }
}

/// The state of the page.
#[derive(Default)]
struct Page {
    values: Handles,
    output: Vec<u8>,
    promise: Option<Promise>,
    kept: u32,
}

impl Page {
    /// The numbers of the values that are not handles. The guest uses them without asking the host.
    const UNDEFINED: u32 = 32;
    const NULL: u32 = 33;

    fn get(&self, value: Js) -> Result<Value, HandleError> {
        match value.number() {
            Self::UNDEFINED => Ok(Value::Undefined),
            Self::NULL => Ok(Value::Null),
            _ => self.values.get(value).cloned(),
        }
    }

    /// Takes a value that the guest gives away.
    fn take(&mut self, value: Js) -> Result<Value, HandleError> {
        match value.number() {
            Self::UNDEFINED | Self::NULL => self.get(value),
            _ => self.values.remove(value),
        }
    }

    /// Returns a property of handlers, or 0 if there is none.
    fn handler(
        &mut self,
        handlers: Js,
        property: fn(&Handlers) -> Option<Handler>,
    ) -> anyhow::Result<u32> {
        let Value::Handlers(handlers) = self.get(handlers)? else {
            bail!("the guest reads a handler of what has none");
        };
        Ok(match property(&handlers) {
            Some(handler) => self.values.insert(Value::Handler(handler))?.number(),
            None => 0,
        })
    }
}

/// Stands for a boolean property that is absent.
const ABSENT: u32 = 0xFF_FFFF;

/// The imports of the guest that do not call it back.
#[wasm_import(module = "__wbindgen_placeholder__")]
impl Page {
    #[wasm_import(name = "__wbindgen_object_drop_ref")]
    fn drop_value(&mut self, value: Js) -> Result<(), HandleError> {
        self.take(value).map(drop)
    }

    #[wasm_import(name = "__wbindgen_object_clone_ref")]
    fn clone_value(&mut self, value: Js) -> Result<Js, HandleError> {
        let value = self.get(value)?;
        self.values.insert(value)
    }

    #[wasm_import(name = "__wbindgen_string_new")]
    fn new_string(&mut self, text: &str) -> Result<Js, HandleError> {
        self.values.insert(Value::Text(text.to_owned()))
    }

    #[wasm_import(name = "__wbg_new_917809a3e20a4b00")]
    fn new_type_error(&mut self, message: &str) -> Result<Js, HandleError> {
        let message = format!("TypeError: {message}");
        self.values.insert(Value::Error(message))
    }

    #[wasm_import(name = "__wbindgen_rethrow")]
    fn rethrow(&mut self, error: Js) -> anyhow::Result<()> {
        Err(Thrown(self.take(error)?.to_string()).into())
    }

    #[wasm_import(name = "__wbg_new_4fee7e2900033464")]
    fn new_array(&mut self) -> Result<Js, HandleError> {
        self.values.insert(Value::Array(Vec::new()))
    }

    #[wasm_import(name = "__wbg_push_ba9b5e3c25cff8f9")]
    fn push(&mut self, array: Js, value: Js) -> anyhow::Result<u32> {
        let value = self.get(value)?;
        let Value::Array(values) = self.values.get_mut(array)? else {
            bail!("the guest adds a value to what is no array");
        };
        values.push(value);
        Ok(u32::try_from(values.len())?)
    }

    #[wasm_import(name = "__wbindgen_memory")]
    fn memory(&mut self) -> Result<Js, HandleError> {
        self.values.insert(Value::Memory)
    }

    #[wasm_import(name = "__wbg_buffer_89a8560ab6a3d9c6")]
    fn buffer(&mut self, memory: Js) -> Result<Js, HandleError> {
        self.clone_value(memory)
    }

    /// `new Uint8Array(buffer, pointer, length)`.
    #[wasm_import(name = "__wbg_newwithbyteoffsetandlength_e45d8b33c02dc3b5")]
    fn new_bytes(&mut self, _buffer: Js, bytes: &[u8]) -> Result<Js, HandleError> {
        self.values.insert(Value::Bytes(bytes.to_vec()))
    }

    /// `new Uint8Array(bytes)`.
    #[wasm_import(name = "__wbg_new_bd2e1d010adb8a1a")]
    fn copy_bytes(&mut self, bytes: Js) -> Result<Js, HandleError> {
        self.clone_value(bytes)
    }

    #[wasm_import(name = "__wbg_element_c38470ed972aea27")]
    fn element_handler(&mut self, handlers: Js) -> anyhow::Result<u32> {
        self.handler(handlers, |handlers| handlers.element)
    }

    #[wasm_import(name = "__wbg_text_7800bf26cb443911")]
    fn text_handler(&mut self, handlers: Js) -> anyhow::Result<u32> {
        self.handler(handlers, |handlers| handlers.text)
    }

    #[wasm_import(name = "__wbg_element_new")]
    fn new_element(&mut self, part: u32) -> Result<Js, HandleError> {
        self.values.insert(Value::Part(part))
    }

    #[wasm_import(name = "__wbg_textchunk_new")]
    fn new_text_chunk(&mut self, part: u32) -> Result<Js, HandleError> {
        self.values.insert(Value::Part(part))
    }

    #[wasm_import(name = "__wbg_endtag_new")]
    fn new_end_tag(&mut self, part: u32) -> Result<Js, HandleError> {
        self.values.insert(Value::Part(part))
    }

    #[wasm_import(name = "__wbg_html_cd9a0f328493678b")]
    fn is_html(&self, options: Js) -> Result<u32, HandleError> {
        Ok(match self.get(options)? {
            Value::Html => 1,
            _ => ABSENT,
        })
    }

    #[wasm_import(name = "__wbg_instanceof_Promise_c6535fc791fcc4d2")]
    fn is_promise(&self, value: Js) -> Result<bool, HandleError> {
        Ok(matches!(self.get(value)?, Value::Promise(_)))
    }
}

/// The page has no handlers for comments.
#[wasm_import(
    module = "__wbindgen_placeholder__",
    name = "__wbg_comments_ba86bc03331d9378"
)]
fn no_comments_handler(_handlers: Js) -> u32 {
    0
}

/// Calls a function of the page. If it throws an exception, this stores the exception in the guest.
#[wasm_import(
    module = "__wbindgen_placeholder__",
    name = "__wbg_call_6c4ea719458624eb"
)]
fn call(mut guest: Guest<'_>, function: Js, _this: Js, argument: Js) -> anyhow::Result<u32> {
    let page = guest.state::<Page>()?;
    let called = match (page.get(function)?, page.get(argument)?) {
        (Value::Output, Value::Bytes(bytes)) => {
            page.output.extend(bytes);
            Ok(Value::Undefined)
        }
        (Value::Handler(handler), Value::Part(part)) => handler(&mut guest, part),
        _ => bail!("the guest calls what is no function"),
    };
    match called {
        Ok(value) => new_value(&mut guest, value),
        Err(error) => {
            let error = new_value(&mut guest, Value::Error(thrown(error)?))?;
            guest.call::<_, ()>("__wbindgen_exn_store", error)?;
            Ok(0)
        }
    }
}

/// The states of Asyncify.
const UNWINDING: u32 = 1;
const REWINDING: u32 = 2;

/// Begins to unwind the stack of the guest, or ends to rewind it. `stack` is the address of the
/// memory that keeps the stack.
#[wasm_import(
    module = "__wbindgen_placeholder__",
    name = "__wbg_awaitPromise_39a1101fd8518869"
)]
fn await_promise(mut guest: Guest<'_>, stack: u32, promise: Js) -> anyhow::Result<()> {
    if guest.call::<_, u32>("asyncify_get_state", ())? == REWINDING {
        return guest.call("asyncify_stop_rewind", ());
    }
    let page = guest.state::<Page>()?;
    let Value::Promise(promise) = page.get(promise)? else {
        bail!("the guest awaits what is no promise");
    };
    page.promise = Some(promise);
    // The start and the end of the memory that Asyncify may use.
    let range = [stack.wrapping_add(8), stack.wrapping_add(1024)];
    GuestPointer::<[u32; 2]>::new(stack).write(&mut guest, range)?;
    guest.call("asyncify_start_unwind", stack)
}

/// Makes a value that the guest holds.
fn new_value(guest: &mut Guest<'_>, value: Value) -> anyhow::Result<u32> {
    let values = &mut guest.state::<Page>()?.values;
    Ok(values.insert(value)?.number())
}

/// Takes a value that the guest returns.
fn take_value(guest: &mut Guest<'_>, value: u32) -> anyhow::Result<Value> {
    Ok(guest.state::<Page>()?.take(Handle::from_number(value))?)
}

/// Writes text to memory that the guest allocates and later frees.
fn put(guest: &mut Guest<'_>, text: &str) -> anyhow::Result<(u32, u32)> {
    let length = u32::try_from(text.len())?;
    let pointer: u32 = guest.call("__wbindgen_malloc", length)?;
    guest.write(pointer, text.as_bytes())?;
    Ok((pointer, length))
}

/// The text of a property of a part of the document. The guest writes the pointer and the length to
/// its stack.
fn text_of(guest: &mut Guest<'_>, property: &str, part: u32) -> anyhow::Result<String> {
    let result: u32 = guest.call("__wbindgen_add_to_stack_pointer", -16)?;
    guest.call::<_, ()>(property, (result, part))?;
    let [pointer, length] = GuestPointer::<[u32; 2]>::new(result).read(guest)?;
    guest.call::<_, u32>("__wbindgen_add_to_stack_pointer", 16)?;
    let text = GuestSlice::<u8>::new(pointer, length.into()).to_vec(guest)?;
    guest.call::<_, ()>("__wbindgen_free", (pointer, length))?;
    Ok(String::from_utf8(text)?)
}

/// Calls a method that adds text to a part of the document, or replaces the part with it.
fn add_text(guest: &mut Guest<'_>, method: &str, part: u32, text: &str) -> anyhow::Result<()> {
    let (pointer, length) = put(guest, text)?;
    guest.call(method, (part, pointer, length, 0))
}

/// As `add_text`, for HTML.
fn add_html(guest: &mut Guest<'_>, method: &str, part: u32, html: &str) -> anyhow::Result<()> {
    let (pointer, length) = put(guest, html)?;
    let options = new_value(guest, Value::Html)?;
    guest.call(method, (part, pointer, length, options))
}

fn change_link(guest: &mut Guest<'_>, element: u32) -> anyhow::Result<Value> {
    let name = text_of(guest, "element_tag_name", element)?;
    let namespace = guest.call("element_namespace_uri", element)?;
    let namespace = take_value(guest, namespace)?;
    println!("element {name} in {namespace}");
    let attributes = guest.call("element_attributes", element)?;
    if let Value::Array(attributes) = take_value(guest, attributes)? {
        for attribute in &attributes {
            if let Value::Array(attribute) = attribute
                && let [name, value] = &attribute[..]
            {
                println!("attribute {name}={value}");
            }
        }
    }
    let (pointer, length) = put(guest, "title")?;
    let title = guest.call("element_getAttribute", (element, pointer, length))?;
    println!("title {}", take_value(guest, title)?);

    let (name, value) = (put(guest, "rel")?, put(guest, "\"nofollow\"")?);
    let attribute = (element, name.0, name.1, value.0, value.1);
    guest.call::<_, ()>("element_setAttribute", attribute)?;
    let (pointer, length) = put(guest, "b")?;
    guest.call::<_, ()>("element_set_tag_name", (element, pointer, length))?;
    add_html(guest, "element_before", element, "<i>")?;
    add_text(guest, "element_after", element, "<i>")?;
    let handler = new_value(guest, Value::Handler(change_end_tag))?;
    guest.call::<_, ()>("element_onEndTag", (element, handler))?;
    Ok(Value::Undefined)
}

fn change_end_tag(guest: &mut Guest<'_>, tag: u32) -> anyhow::Result<Value> {
    println!("end tag {}", text_of(guest, "endtag_name", tag)?);
    add_text(guest, "endtag_before", tag, "!")?;
    Ok(Value::Undefined)
}

fn change_text(guest: &mut Guest<'_>, chunk: u32) -> anyhow::Result<Value> {
    let text = text_of(guest, "textchunk_text", chunk)?;
    let is_last = guest.call::<_, u32>("textchunk_last_in_text_node", chunk)? != 0;
    println!("text [{text}] {is_last}");
    if !is_last {
        add_text(guest, "textchunk_replace", chunk, &text.to_uppercase())?;
    }
    Ok(Value::Undefined)
}

/// In JavaScript, an `async` function. The rest runs while the stack of the guest is unwound.
fn change_later(guest: &mut Guest<'_>, element: u32) -> anyhow::Result<Value> {
    let name = text_of(guest, "element_tag_name", element)?;
    println!("before the await in {name}");
    Ok(Value::Promise(Promise {
        part: element,
        rest: |guest, element| {
            println!("after the await");
            let (pointer, length) = put_input(guest, "later")?;
            guest.call("element_setInnerContent", (element, pointer, length, 0))
        },
    }))
}

fn refuse(_: &mut Guest<'_>, _: u32) -> anyhow::Result<Value> {
    Err(Thrown("Error: no links".to_owned()).into())
}

fn change_name(guest: &mut Guest<'_>, element: u32) -> anyhow::Result<Value> {
    guest.state::<Page>()?.kept = element;
    let (pointer, length) = put(guest, "a b")?;
    if let Err(error) = guest.call::<_, ()>("element_set_tag_name", (element, pointer, length)) {
        println!("caught {}", thrown(error)?);
    }
    Ok(Value::Undefined)
}

/// The chunks of a document. The second one begins within a tag.
const DOCUMENT: [&str; 2] = [
    "<!DOCTYPE html><p>See <a hr",
    "ef=\"/a?b\">the café</a></p>",
];

fn main() -> anyhow::Result<()> {
    let module = fs::read(host_examples::real_guest("html_rewriter_bg.wasm")?)?;
    let engine = Engine::default();
    let builder = Runtime::builder()
        .engine(engine.clone())
        .state_with(Page::default);
    // This program does not use all functions of the package.
    let builder = host_examples::fail_missing(builder, &engine, &module)?;
    let mut guest = builder.build()?.instantiate(module)?;
    let element = |handler: Handler| Handlers {
        element: Some(handler),
        text: None,
    };

    println!("--- elements and text");
    let handlers = Handlers {
        text: Some(change_text),
        ..element(change_link)
    };
    rewrite(&mut guest, "a[href]", handlers)?;
    println!("--- a handler that awaits");
    rewrite(&mut guest, "a", element(change_later))?;
    println!("--- a handler that throws");
    rewrite(&mut guest, "a", element(refuse))?;
    println!("--- a handler that catches an error of the guest");
    rewrite(&mut guest, "a", element(change_name))?;
    // The guest still has the element, but refuses to change it.
    let kept = guest.state_mut::<Page>()?.kept;
    if let Err(error) = guest.call::<_, ()>("element_remove", kept) {
        println!("thrown {}", thrown(error)?);
    }
    println!("--- a bad selector");
    rewrite(&mut guest, "a:hover", Handlers::default())
}

/// Rewrites the document, and prints it or the exception.
fn rewrite(guest: &mut Instance, selector: &str, handlers: Handlers) -> anyhow::Result<()> {
    match rewritten(guest, selector, handlers) {
        Ok(html) => println!("{html}"),
        Err(error) => println!("thrown {}", thrown(error)?),
    }
    Ok(())
}

fn rewritten(guest: &mut Instance, selector: &str, handlers: Handlers) -> anyhow::Result<String> {
    let state = guest.state_mut::<Page>()?;
    state.output.clear();
    let output = state.values.insert(Value::Output)?;
    let rewriter: u32 = guest.call("htmlrewriter_new", (output.number(), 0))?;
    // The guest has borrowed the function, and cloned it for itself.
    let state = guest.state_mut::<Page>()?;
    state.take(output)?;
    let handlers = state.values.insert(Value::Handlers(handlers))?.number();
    let (pointer, length) = put_input(guest, selector)?;
    guest.call::<_, ()>("htmlrewriter_on", (rewriter, pointer, length, handlers))?;

    for chunk in DOCUMENT {
        let (pointer, length) = put_input(guest, chunk)?;
        run(guest, rewriter, |guest| {
            guest.call("htmlrewriter_write", (rewriter, pointer, length))
        })?;
    }
    run(guest, rewriter, |guest| {
        guest.call("htmlrewriter_end", rewriter)
    })?;
    guest.call::<_, ()>("__wbg_htmlrewriter_free", rewriter)?;
    let output = &guest.state_mut::<Page>()?.output;
    Ok(String::from_utf8(output.clone())?)
}

/// Calls a method of the rewriter. If a handler awaits something, the method returns early. Then
/// the rest of the handler runs, and the method is called again, to rewind its stack and continue.
fn run(
    guest: &mut Instance,
    rewriter: u32,
    method: impl Fn(&mut Instance) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stack: u32 = guest.call("htmlrewriter_asyncify_stack_ptr", rewriter)?;
    method(guest)?;
    while guest.call::<_, u32>("asyncify_get_state", ())? == UNWINDING {
        guest.call::<_, ()>("asyncify_stop_unwind", ())?;
        let promise = guest.state_mut::<Page>()?.promise.take();
        let promise = promise.context("the guest awaits a promise")?;
        (promise.rest)(guest, promise.part)?;
        guest.call::<_, ()>("asyncify_start_rewind", stack)?;
        method(guest)?;
    }
    Ok(())
}

/// Writes text to memory that the guest allocates and later frees.
fn put_input(guest: &mut Instance, text: &str) -> anyhow::Result<(u32, u32)> {
    let length = u32::try_from(text.len())?;
    let pointer: u32 = guest.call("__wbindgen_malloc", length)?;
    guest.write(pointer, text.as_bytes())?;
    Ok((pointer, length))
}
