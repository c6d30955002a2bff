//! Runs the Markdown parser of the npm package `markdown-wasm`, which is written in C and made for
//! browsers with Emscripten. The names of its imports and exports are single letters. It grows its
//! memory by a call to the host, and calls a function of the host by a function pointer.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example markdown`.

use anyhow::{Context as _, ensure};
use host_runtime::{
    Guest, GuestPointer, GuestSize, HostData, Instance, Runtime, imports,
    values::GuestAllocator,
    wasm_import,
    wasmtime::{Func, Linker, Ref},
};

/// The exports of the guest. In the source of the package, they have these names.
mod exports {
    pub(super) const WASM_CALL_CTORS: &str = "c";
    pub(super) const WREALLOC: &str = "d";
    pub(super) const WFREE: &str = "e";
    pub(super) const WERR_GET_CODE: &str = "f";
    pub(super) const TABLE: &str = "i";
    pub(super) const PARSE_UTF8: &str = "j";
}

/// `wrealloc(pointer, size)`, which allocates if the pointer is null.
struct Wrealloc;

impl GuestAllocator for Wrealloc {
    const EXPORT: &'static str = exports::WREALLOC;
    type Params = (GuestSize, GuestSize);

    fn params(size: GuestSize, _align: GuestSize) -> Self::Params {
        (GuestSize(0), size)
    }
}

/// `emscripten_resize_heap`, the only import of the guest. It grows the memory to `want` bytes in
/// total, or by a fifth if that is more.
#[wasm_import(module = "a", name = "a")]
fn resize_heap(mut guest: Guest<'_>, want: u32) -> bool {
    let size = guest.memory(|memory| memory.size() as u64);
    let size = size.unwrap_or_default();
    let new = u64::from(want).max(size + size / 5);
    guest.grow_memory((new - size).div_ceil(1 << 16)).is_ok()
}

/// Makes HTML of a code block. The guest does not import this function; it gets it in its table.
///
/// Returns the length of the HTML, and writes its address to `html`. The guest frees the HTML. If
/// the result is negative, the guest makes the HTML itself.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a function with a `Guest` cannot borrow"
)]
#[wasm_import(module = "page")]
fn on_code_block(
    mut guest: Guest<'_>,
    language: String,
    code: String,
    html: GuestPointer<u32>,
) -> anyhow::Result<i32> {
    let bytes = code.len();
    println!(
        "onCodeBlock [{language}] {bytes} bytes [{}]",
        code.trim_end()
    );
    if language.is_empty() {
        return Ok(-1);
    }
    let text = format!("<mark>{}</mark>", code.to_uppercase());
    let pointer = guest.allocate::<Wrealloc>(text.len().into(), GuestSize(1))?;
    guest.write(pointer, text.as_bytes())?;
    html.write(&mut guest, u32::try_from(pointer.0)?)?;
    Ok(i32::try_from(text.len())?)
}

/// Options of the parser.
#[derive(Clone, Copy)]
struct Options {
    parse_flags: u32,
    output_flags: u32,
    /// A function pointer, or null.
    on_code_block: u32,
}

const STRIKETHROUGH: u32 = 1 << 9;
const NO_HTML: u32 = 1 << 5 | 1 << 6;
const HTML: u32 = 1;
const XHTML: u32 = 2;
const ALLOW_SCRIPT_LINKS: u32 = 4;

const DEFAULT: Options = Options {
    // Tables and task lists, and permissive headings and links.
    parse_flags: 1 | 1 << 1 | 1 << 2 | 1 << 8 | STRIKETHROUGH | 1 << 11,
    output_flags: HTML,
    on_code_block: 0,
};

const SOURCE: &str = "# Hello, *world* ✅\n\n- [x] task\n\n\
    ```js\nif (a < b) run()\n```\n\n    plain\n\n\
    <b>raw</b> ~~old~~ [link](javascript:run)  \nhttps://example.org\n";

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("markdown.wasm")?;
    let mut guest = Runtime::new()?.load_file(module)?.instantiate()?;
    guest.call::<(), ()>(exports::WASM_CALL_CTORS, ())?;
    let mut markdown = Markdown::new(guest)?;

    println!("--- default flags");
    println!("{}", markdown.parse(SOURCE, DEFAULT)?);
    println!("--- no raw HTML, links to scripts, XHTML");
    let strict = Options {
        parse_flags: NO_HTML | STRIKETHROUGH,
        output_flags: HTML | XHTML | ALLOW_SCRIPT_LINKS,
        ..DEFAULT
    };
    println!("{}", markdown.parse(SOURCE, strict)?);
    println!("--- code blocks of the page");
    let with_function = Options {
        on_code_block: add_on_code_block(&mut markdown.guest)?,
        ..DEFAULT
    };
    println!("{}", markdown.parse(SOURCE, with_function)?);

    println!("--- memory");
    let large = "* item _with_ `code` and [link](http://example.org/)\n".repeat(100_000);
    for source in ["small", &large] {
        let html = markdown.parse(source, DEFAULT)?;
        println!(
            "{} bytes of Markdown, {} bytes of HTML, {} bytes of memory",
            source.len(),
            html.len(),
            markdown.guest.memory()?.len()
        );
    }
    Ok(())
}

/// The parser.
struct Markdown {
    guest: Instance,
    /// The guest writes the address of the HTML here.
    html: u32,
}

impl Markdown {
    fn new(mut guest: Instance) -> anyhow::Result<Self> {
        let html = guest.call(exports::WREALLOC, (0, 4))?;
        Ok(Self { guest, html })
    }

    /// Makes HTML of Markdown. The HTML stays in memory that the guest uses again for the next one.
    fn parse(&mut self, source: &str, options: Options) -> anyhow::Result<String> {
        let Self { guest, html } = self;
        let length = u32::try_from(source.len())?;
        let pointer: u32 = guest.call(exports::WREALLOC, (0, length))?;
        guest.write(pointer, source.as_bytes())?;
        let Options {
            parse_flags,
            output_flags,
            on_code_block,
        } = options;
        let html_length: u32 = guest.call(
            exports::PARSE_UTF8,
            (
                pointer,
                length,
                parse_flags,
                output_flags,
                *html,
                on_code_block,
            ),
        )?;
        guest.call::<_, ()>(exports::WFREE, pointer)?;
        let error: u32 = guest.call(exports::WERR_GET_CODE, ())?;
        ensure!(error == 0, "the parser fails with the error code {error}");
        let html: u32 = bytemuck::pod_read_unaligned(guest.read(*html, 4_u32)?);
        Ok(String::from_utf8(guest.read(html, html_length)?.to_vec())?)
    }
}

/// Puts `on_code_block` into the guest's table of functions. Its index there is a function pointer
/// for the guest.
fn add_on_code_block(guest: &mut Instance) -> anyhow::Result<u32> {
    let mut linker = Linker::new(guest.engine());
    imports![on_code_block].add_to_linker(&mut linker, |host: &mut HostData| host)?;
    let function = linker.get(guest.store_mut(), "page", "on_code_block")?;
    let function: Func = function.into_func().context("it is a function")?;
    let table = guest.raw().get_table(guest.store_mut(), exports::TABLE);
    let table = table.context("the guest exports its table")?;
    let index = table.grow(guest.store_mut(), 1, Ref::Func(Some(function)))?;
    Ok(u32::try_from(index)?)
}
