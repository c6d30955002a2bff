//! Runs the core of the terminal emulator Ghostty without a browser, in a terminal of 20 columns
//! and 4 rows. The module is from the npm package `ghostty-web`, which is made for browsers.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example ghostty`.

use anyhow::Result;
use host_runtime::{
    GuestPointer, GuestSize, PlainData, Runtime,
    values::{Allocation, GuestAllocator, GuestDeallocator},
    wasm_export, wasm_import,
};

const COLUMNS: u32 = 20;
const ROWS: u32 = 4;

/// The only import of the module. In a browser, it is `console.log`.
///
/// The text can contain any bytes that were sent to the terminal. A `&str` parameter would trap for
/// bytes that are not UTF-8.
#[wasm_import(module = "env")]
fn log(text: &[u8]) {
    println!("[ghostty-vt] {}", String::from_utf8_lossy(text));
}

#[wasm_export(prefix = "ghostty_", allocator = Bytes)]
trait Ghostty {
    fn terminal_new(columns: u32, rows: u32) -> Result<u32>;
    fn terminal_write(terminal: u32, text: &str) -> Result<()>;
    fn terminal_free(terminal: u32) -> Result<()>;
    fn render_state_update(terminal: u32) -> Result<u32>;
    fn render_state_get_cursor_x(terminal: u32) -> Result<u32>;
    fn render_state_get_cursor_y(terminal: u32) -> Result<u32>;
    /// Writes so many cells of the screen, row by row. Returns their number.
    fn render_state_get_viewport(terminal: u32, cells: GuestSize, count: u32) -> Result<u32>;
}

/// The functions by which the module allocates bytes.
struct Bytes;

impl GuestAllocator for Bytes {
    const EXPORT: &'static str = "ghostty_wasm_alloc_u8_array";
    type Params = GuestSize;

    fn params(size: GuestSize, _: GuestSize) -> GuestSize {
        size
    }
}

impl GuestDeallocator for Bytes {
    const FREE: &'static str = "ghostty_wasm_free_u8_array";
    type FreeParams = (GuestSize, GuestSize);

    fn free_params(memory: Allocation) -> Self::FreeParams {
        (memory.pointer, memory.size)
    }
}

/// One cell of the screen.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Cell {
    code_point: u32,
    foreground: [u8; 3],
    others: [u8; 9],
}

type Screen = [[Cell; COLUMNS as usize]; ROWS as usize];

fn main() -> Result<()> {
    let module = host_examples::real_guest("ghostty-vt.wasm")?;
    let guest = &mut Runtime::new()?.load_file(module)?.instantiate()?;
    let ghostty = guest.exports::<Ghostty>()?;
    let terminal = ghostty.terminal_new(guest, COLUMNS, ROWS)?;

    ghostty.terminal_write(guest, terminal, "Hello \x1b[31mred\x1b[0m\r\nlíne 2")?;
    // The terminal does not know these escape sequences, and logs each of them.
    for unknown in ["\x1b[?9999h", "\x1b]9999;x\x07", "\x1b[999x", "\x1b(Q"] {
        ghostty.terminal_write(guest, terminal, unknown)?;
    }

    ghostty.render_state_update(guest, terminal)?;
    let x = ghostty.render_state_get_cursor_x(guest, terminal)?;
    let y = ghostty.render_state_get_cursor_y(guest, terminal)?;
    println!("cursor {x} {y}");

    let size = GuestSize::from(size_of::<Screen>());
    let cells = guest.guest().allocate::<Bytes>(size, GuestSize(4))?;
    let written = ghostty.render_state_get_viewport(guest, terminal, cells, COLUMNS * ROWS)?;
    let screen = GuestPointer::<Screen>::new(cells).read(guest)?;
    println!("viewport cells {written}");
    for (y, row) in screen.iter().enumerate() {
        // An empty cell has the code point 0.
        let characters = row.iter().map(|cell| cell.code_point.max(' '.into()));
        let text: Option<String> = characters.map(char::from_u32).collect();
        println!("row {y} |{}|", text.unwrap_or_default());
    }
    let [red, green, blue] = screen[0][6].foreground;
    println!("fg of \"r\" (col 6) {red} {green} {blue}");
    ghostty.terminal_free(guest, terminal)
}
