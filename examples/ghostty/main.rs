//! Runs the core of the terminal emulator Ghostty without a browser, in a terminal of 20 columns
//! and 4 rows. The module is from the npm package `ghostty-web`, which is made for browsers.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example ghostty`.

use anyhow::ensure;
use host_runtime::{Instance, Runtime, wasm_import};

const COLUMNS: u32 = 20;
const ROWS: u32 = 4;

/// The size in bytes of a cell of the screen: a code point, the colours, and more.
const CELL: u32 = 16;

/// The only import of the module. In a browser, it is `console.log`.
///
/// The text can contain any bytes that were sent to the terminal. A `&str` parameter would trap for
/// bytes that are not UTF-8.
#[wasm_import(module = "env")]
fn log(text: &[u8]) {
    println!("[ghostty-vt] {}", String::from_utf8_lossy(text));
}

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("ghostty-vt.wasm")?;
    let mut guest = Runtime::new()?.load_file(module)?.instantiate()?;
    let terminal: u32 = guest.call("ghostty_terminal_new", (COLUMNS, ROWS))?;

    write(&mut guest, terminal, "Hello \x1b[31mred\x1b[0m\r\nlíne 2")?;
    // The terminal does not know these escape sequences, and logs each of them.
    for unknown in ["\x1b[?9999h", "\x1b]9999;x\x07", "\x1b[999x", "\x1b(Q"] {
        write(&mut guest, terminal, unknown)?;
    }

    guest.call::<u32, u32>("ghostty_render_state_update", terminal)?;
    let x: u32 = guest.call("ghostty_render_state_get_cursor_x", terminal)?;
    let y: u32 = guest.call("ghostty_render_state_get_cursor_y", terminal)?;
    println!("cursor {x} {y}");

    let cells = viewport(&mut guest, terminal)?;
    println!("viewport cells {}", cells.len());
    for (y, row) in cells.chunks(COLUMNS as usize).enumerate() {
        let text: String = row.iter().map(|cell| cell.character).collect();
        println!("row {y} |{text}|");
    }
    let [red, green, blue] = cells[6].foreground;
    println!("fg of \"r\" (col 6) {red} {green} {blue}");

    guest.call("ghostty_terminal_free", terminal)
}

/// Sends text to the terminal. The guest allocates the memory for the text.
fn write(guest: &mut Instance, terminal: u32, text: &str) -> anyhow::Result<()> {
    let length = u32::try_from(text.len())?;
    let pointer: u32 = guest.call("ghostty_wasm_alloc_u8_array", length)?;
    guest.write(pointer, text.as_bytes())?;
    guest.call::<_, ()>("ghostty_terminal_write", (terminal, pointer, length))?;
    guest.call("ghostty_wasm_free_u8_array", (pointer, length))
}

/// One cell of the screen.
struct Cell {
    character: char,
    foreground: [u8; 3],
}

impl Cell {
    fn new(bytes: &[u8]) -> Self {
        let code_point = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        Self {
            // An empty cell has the code point 0.
            character: char::from_u32(code_point.max(' '.into()))
                .unwrap_or(char::REPLACEMENT_CHARACTER),
            foreground: [bytes[4], bytes[5], bytes[6]],
        }
    }
}

/// Reads the screen, row by row. The guest allocates the memory for it.
fn viewport(guest: &mut Instance, terminal: u32) -> anyhow::Result<Vec<Cell>> {
    let cells = COLUMNS * ROWS;
    let pointer: u32 = guest.call("ghostty_wasm_alloc_u8_array", cells * CELL)?;
    let written: u32 = guest.call(
        "ghostty_render_state_get_viewport",
        (terminal, pointer, cells),
    )?;
    ensure!(written == cells, "{written} cells instead of {cells}");
    let bytes = guest.read(pointer, cells * CELL)?;
    let screen = bytes.chunks(CELL as usize).map(Cell::new).collect();
    guest.call::<_, ()>("ghostty_wasm_free_u8_array", (pointer, cells * CELL))?;
    Ok(screen)
}
