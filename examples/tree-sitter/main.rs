//! Runs the parser Tree-sitter from the npm package `web-tree-sitter`, with a grammar that is
//! loaded at run time. The parser and the grammar are two guests that share a memory and a table.
//! The host provides both.
//!
//! Get the modules with `scripts/fetch-guests`, then run it with `cargo run --example tree-sitter`.

use std::{ffi::CStr, fs};

use anyhow::{Context as _, bail};
use host_runtime::{
    Guest, Instance, ProvidedImport, Runtime, RuntimeBuilder, SharedStoreInstance, wasm_import,
    wasmtime::{Extern, MemoryType, Ref, RefType, TableType},
};
use wasmparser::{Dylink0Subsection, KnownCustom, MemInfo, Parser, Payload};

/// The maximum number of UTF-16 units that the guest reads at a time. Its buffer has one more unit,
/// for a NUL.
const CHUNK: usize = 5000;

/// The text to parse, in UTF-16 as in JavaScript, and counts of what the parser does.
#[derive(Clone, Default)]
struct Source {
    units: Vec<u16>,
    reads: u32,
    lexed: u32,
    parsed: u32,
}

#[wasm_import]
impl Source {
    /// Gives the parser the text that starts at the unit `index`.
    #[wasm_import(name = "tree_sitter_parse_callback")]
    fn read(
        &mut self,
        buffer: &mut [u16; CHUNK + 1],
        index: u32,
        _row: u32,
        _column: u32,
        length: &mut u32,
    ) {
        self.reads += 1;
        let rest = self.units.get(index as usize..).unwrap_or_default();
        let chunk = &rest[..rest.len().min(CHUNK)];
        buffer[..chunk.len()].copy_from_slice(chunk);
        buffer[chunk.len()] = 0;
        *length = u32::try_from(chunk.len()).expect("a chunk is small");
    }

    #[wasm_import(name = "tree_sitter_log_callback")]
    fn log(&mut self, is_lex: bool, message: &CStr) {
        if is_lex {
            self.lexed += 1;
            return;
        }
        if self.parsed < 3 {
            println!("log| {}", message.to_string_lossy());
        }
        self.parsed += 1;
    }
}

/// Imports of the parser that this program does not use, and the import that grows the memory.
#[wasm_import]
mod env {
    use super::{Guest, bail};

    pub(super) fn tree_sitter_progress_callback(_offset: u32, _has_error: u32) -> u32 {
        0
    }
    pub(super) fn tree_sitter_query_progress_callback(_offset: u32) -> u32 {
        0
    }
    #[wasm_import(name = "_abort_js")]
    pub(super) fn abort() -> anyhow::Result<()> {
        bail!("abort")
    }
    /// Grows the memory for the guest's allocator, to `want` bytes in total.
    pub(super) fn emscripten_resize_heap(mut guest: Guest<'_>, want: u32) -> bool {
        let size = guest.memory(|memory| memory.size() as u64);
        let missing = u64::from(want).saturating_sub(size.unwrap_or_default());
        guest.grow_memory(missing.div_ceil(1 << 16)).is_ok()
    }
}

#[wasm_import(module = "wasi_snapshot_preview1")]
mod wasi {
    /// The WASI error codes for a function that is not supported, and for a file that cannot seek.
    const NOT_SUPPORTED: u32 = 52;
    const NO_SEEK: u32 = 70;

    pub(super) fn fd_write(_fd: u32, _list: u32, _count: u32, _written: u32) -> u32 {
        NOT_SUPPORTED
    }
    pub(super) fn fd_seek(_fd: u32, _offset: i64, _whence: u32, _at: u32) -> u32 {
        NO_SEEK
    }
    pub(super) fn fd_close(_fd: u32) -> u32 {
        NOT_SUPPORTED
    }
}

fn main() -> anyhow::Result<()> {
    let mut parser = load_parser()?;
    let language = load_grammar(&mut parser)?;
    let abi: u32 = parser.call("ts_language_abi_version", language)?;
    let symbols: u32 = parser.call("ts_language_symbol_count", language)?;
    let name: u32 = parser.call("ts_language_name", language)?;
    println!(
        "abi {abi} symbols {symbols} name {}",
        text(&mut parser, name)?
    );

    // The parser writes its results to this buffer.
    let buffer: u32 = parser.call("ts_init", ())?;
    let [newest, oldest] = numbers(&mut parser, buffer)?;
    println!("supported abi {oldest} .. {newest}");
    parser.call::<(), ()>("ts_parser_new_wasm", ())?;
    let handle = numbers(&mut parser, buffer)?;
    let set: u32 = parser.call("ts_parser_set_language", (handle[0], language))?;
    println!("set_language {set}");

    println!(
        "{}",
        parse(
            &mut parser,
            handle,
            r#"{"a": [1, true, "x"], "b": null}"#,
            false
        )?
    );
    println!("{}", parse(&mut parser, handle, r#"{"a": [1, }"#, false)?);
    let tree = parse(&mut parser, handle, r#"["é", "✅"]"#, true)?;
    let source = parser.state::<Source>().context("the source is a state")?;
    let (lexed, parsed) = (source.lexed, source.parsed);
    println!("{tree} lex messages {lexed} parse messages {parsed}");
    let big = format!("[{}null]", r#"{"k":[1,2,3]},"#.repeat(50_000));
    let tree = parse(&mut parser, handle, &big, false)?;
    let reads = parser.state::<Source>().map_or(0, |source| source.reads);
    println!(
        "big {} bytes of tree, source read in {reads} calls",
        tree.len()
    );
    Ok(())
}

/// Provides the memory and the table of the parser, and the globals for the positions of its data,
/// its table entries, its stack and its heap. The parser's linker chose these values.
fn provide(builder: RuntimeBuilder) -> RuntimeBuilder {
    const GOT: &str = "GOT.mem";
    let table = TableType::new(RefType::FUNCREF, 31, None);
    builder
        .provide("env", "memory", MemoryType::new(512, Some(32_768)))
        .provide("env", "__indirect_function_table", table)
        .provide(
            "env",
            "__memory_base",
            ProvidedImport::GlobalConst(1024.into()),
        )
        .provide("env", "__table_base", ProvidedImport::GlobalConst(1.into()))
        .provide(
            "env",
            "__stack_pointer",
            ProvidedImport::GlobalVar(82_240.into()),
        )
        .provide(GOT, "__stack_low", ProvidedImport::GlobalVar(16_704.into()))
        .provide(
            GOT,
            "__stack_high",
            ProvidedImport::GlobalVar(82_240.into()),
        )
        .provide(GOT, "__heap_base", ProvidedImport::GlobalVar(82_240.into()))
}

fn load_parser() -> anyhow::Result<Instance> {
    let runtime = provide(Runtime::builder())
        .state(Source::default())
        .build()?;
    let module = host_examples::real_guest("web-tree-sitter.wasm")?;
    let mut parser = runtime.load_file(module)?.instantiate()?;
    for initialize in ["__wasm_apply_data_relocs", "__wasm_call_ctors"] {
        if let Ok(initialize) = parser.func::<(), ()>(initialize) {
            initialize.call(&mut parser, ())?;
        }
    }
    Ok(parser)
}

/// Loads the grammar for JSON into the store of the parser, as Emscripten's dynamic linker does.
/// Returns the pointer to the grammar's language.
fn load_grammar(parser: &mut Instance) -> anyhow::Result<u32> {
    let module = fs::read(host_examples::real_guest("tree-sitter-json.wasm")?)?;
    let needs = needs(&module)?;
    println!(
        "grammar needs {} bytes, {} table slots",
        needs.memory_size, needs.table_size
    );
    let allocated: u32 = parser.call("calloc", (needs.memory_size + 16, 1))?;
    let base = (allocated + 15) & !15;

    let memory = parser.provided("env", "memory").context("it is provided")?;
    let table = parser.provided("env", "__indirect_function_table");
    let Some(Extern::Table(table)) = table else {
        bail!("the table is provided");
    };
    let slot = table.grow(parser.store_mut(), needs.table_size.into(), Ref::Func(None))?;
    let runtime = Runtime::builder()
        .engine(parser.engine().clone())
        .provide("env", "memory", memory)
        .provide("env", "__indirect_function_table", Extern::from(table))
        .provide(
            "env",
            "__memory_base",
            ProvidedImport::GlobalConst(base.cast_signed().into()),
        )
        .provide(
            "env",
            "__table_base",
            ProvidedImport::GlobalConst(i32::try_from(slot)?.into()),
        )
        .build()?;
    let grammar: SharedStoreInstance = runtime.load(module)?.instantiate_in(parser)?;
    for initialize in ["__wasm_apply_data_relocs", "__wasm_call_ctors"] {
        if let Ok(initialize) = grammar.func::<(), ()>(parser, initialize) {
            initialize.call(&mut grammar.guest(parser)?, ())?;
        }
    }
    grammar.call(parser, "tree_sitter_json", ())
}

/// The memory and the table entries that a module for dynamic linking needs, from its [section
/// `dylink.0`](https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md).
fn needs(module: &[u8]) -> anyhow::Result<MemInfo> {
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else {
            continue;
        };
        let KnownCustom::Dylink0(subsections) = section.as_known() else {
            continue;
        };
        for subsection in subsections {
            if let Dylink0Subsection::MemInfo(needs) = subsection? {
                return Ok(needs);
            }
        }
    }
    bail!("the module is not made for dynamic linking")
}

/// Parses a text and returns its tree as an S-expression.
fn parse(
    parser: &mut Instance,
    handle: [u32; 2],
    source: &str,
    log: bool,
) -> anyhow::Result<String> {
    let state = parser
        .state_mut::<Source>()
        .context("the source is a state")?;
    state.units = source.encode_utf16().collect();
    state.reads = 0;
    let [this, input] = handle;
    parser.call::<_, ()>("ts_parser_enable_logger_wasm", (this, u32::from(log)))?;
    let tree: u32 = parser.call("ts_parser_parse_wasm", (this, input, 0, 0, 0))?;
    parser.call::<_, ()>("ts_tree_root_node_wasm", tree)?;
    let string: u32 = parser.call("ts_node_to_string_wasm", tree)?;
    let result = text(parser, string)?;
    parser.call::<_, ()>("free", string)?;
    parser.call::<_, ()>("ts_tree_delete", tree)?;
    Ok(result)
}

/// Reads the text at a pointer, up to a NUL.
fn text(guest: &mut Instance, pointer: u32) -> anyhow::Result<String> {
    let rest = guest.memory()?.get(pointer as usize..).unwrap_or_default();
    Ok(CStr::from_bytes_until_nul(rest)?.to_str()?.to_owned())
}

/// Reads two numbers at a pointer.
fn numbers(guest: &mut Instance, pointer: u32) -> anyhow::Result<[u32; 2]> {
    Ok(bytemuck::pod_read_unaligned(guest.read(pointer, 8_u32)?))
}
