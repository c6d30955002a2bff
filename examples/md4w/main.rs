//! Runs the Markdown renderer of the npm package `md4w`, which is written in C and Zig. It passes
//! text as a pointer and a length packed in one `i64`. It passes its output to the host in pieces,
//! and lets the host highlight code.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example md4w`.

use anyhow::Context as _;
use host_runtime::{Instance, Runtime, values::PointerLow, wasm_import};

/// The page, made from the pieces that the guest emits.
#[derive(Clone, Default)]
struct Page {
    html: String,
    chunks: u32,
}

#[wasm_import(rename_all = "camelCase")]
impl Page {
    /// A finished piece of the output.
    fn emit_chunk(&mut self, chunk: PointerLow<&str>) {
        self.chunks += 1;
        self.html.push_str(chunk.0);
    }

    /// A piece of code. The host adds the highlighted code to the page.
    fn emit_code_block(&mut self, language: PointerLow<&str>, code: PointerLow<&str>) {
        let (language, code) = (language.0, code.0);
        let bytes = code.len();
        println!(
            "emitCodeBlock [{language}] {bytes} bytes [{}]",
            code.trim_end()
        );
        let code = code.to_uppercase();
        for part in ["<pre class=\"hl-", language, "\">", &code, "</pre>"] {
            self.html += part;
        }
    }
}

/// The Markdown extensions that the package enables, such as tables and task lists.
const FLAGS: u32 = 0x0001 | 0x0002 | 0x0004 | 0x0100 | 0x0200 | 0x0800;

const MARKDOWN: &str = "# Hello, *world* ✅\n\n- [x] task one\n- item ~~two~~\n\n\
    ```js\nconsole.log(\"hi\")\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n";

/// Options of the renderer: the chunk size, whether the host highlights code, and the output
/// format.
#[derive(Clone, Copy)]
struct Options {
    buffer: u32,
    highlighter: u32,
    renderer: u32,
}

const HTML: Options = Options {
    buffer: 4096,
    highlighter: 0,
    renderer: 0,
};

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("md4w-small.wasm")?;
    let runtime = Runtime::builder().state(Page::default()).build()?;
    let mut guest = runtime.load_file(module)?.instantiate()?;

    let page = render(&mut guest, MARKDOWN, HTML)?;
    println!("{}\nchunks {}", page.html, page.chunks);
    println!("--- with host highlighter");
    let highlighted = Options {
        highlighter: 1,
        ..HTML
    };
    let page = render(&mut guest, MARKDOWN, highlighted)?;
    println!("{}\nchunks {}", page.html, page.chunks);
    println!("--- json");
    let json = Options {
        renderer: 2,
        ..HTML
    };
    println!("{}", render(&mut guest, "# Hi *you*\n", json)?.html);
    let streamed = Options {
        buffer: 512,
        ..HTML
    };
    let page = render(&mut guest, &"word *em* `code`\n\n".repeat(500), streamed)?;
    println!(
        "--- streamed {} chars in {} chunks",
        page.html.len(),
        page.chunks
    );
    Ok(())
}

/// Renders Markdown. The guest allocates the memory for it. `render` returns the last piece of the
/// output.
fn render(guest: &mut Instance, markdown: &str, options: Options) -> anyhow::Result<Page> {
    let source: u64 = guest.call("allocMem", u32::try_from(markdown.len())?)?;
    let PointerLow((pointer, _)) = source.into();
    guest.write(pointer, markdown.as_bytes())?;
    let Options {
        buffer,
        highlighter,
        renderer,
    } = options;
    let last: u64 = guest.call("render", (source, FLAGS, buffer, highlighter, renderer))?;
    let PointerLow((pointer, length)) = last.into();
    let last = String::from_utf8_lossy(guest.read(pointer, length)?).into_owned();
    let page = guest.state_mut::<Page>().context("the page is a state")?;
    let mut page = std::mem::take(page);
    page.html += &last;
    Ok(page)
}
