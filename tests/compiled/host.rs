//! The host functions that the compiled guests import. Some of them record their arguments.

#![expect(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    reason = "the signatures are those of the imports of the guests"
)]

use std::{
    ffi::{CStr, CString},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::bail;
use host_runtime::{
    Allocated, Callback, ErrorCode, FromGuest, Guest, GuestPointer, GuestSize, GuestSlice, Handle,
    Handles, HostObject, IntoGuest, PlainData, ResultCode, ValueError,
    errors::HandleError,
    values::{
        AssemblyScriptStr, AssemblyScriptString, CabiRealloc, Indirect, LastReturnPointer,
        OutBuffer, PointerHigh, PointerLow, ReturnPointer, SliceList, Utf16, WbindgenMalloc,
    },
    wasm_import,
    wasmtime::V128,
};

/// The arguments that host functions have recorded, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(pub(crate) Vec<String>);

impl Seen {
    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

macro_rules! complements {
    ($($name:ident: $ty:ty),*) => {$(
        #[wasm_import(module = "host")]
        fn $name(x: $ty) -> $ty {
            !x
        }
    )*};
}

complements! {
    complement_i8: i8, complement_u8: u8, complement_i16: i16, complement_u16: u16,
    complement_i32: i32, complement_u32: u32, complement_i64: i64, complement_u64: u64
}

#[derive(Clone, Copy, Debug, FromGuest, IntoGuest)]
enum Color {
    Red,
    Green = 5,
    Blue,
}

#[derive(FromGuest, IntoGuest)]
#[repr(u8)]
enum Level {
    Low = 1,
    High = 200,
}

#[derive(FromGuest, IntoGuest)]
struct Flags(u32);

#[derive(FromGuest, IntoGuest)]
struct Celsius(f64);

#[wasm_import(module = "host")]
mod numbers {
    use super::*;

    fn integers(
        #[state] seen: &mut Seen,
        int8: i8,
        uint8: u8,
        int16: i16,
        uint16: u16,
        int32: i32,
        uint32: u32,
        int64: i64,
        uint64: u64,
    ) {
        seen.note(format!("{int8} {uint8} {int16} {uint16}"));
        seen.note(format!("{int32} {uint32} {int64} {uint64}"));
    }

    fn half_f32(x: f32) -> f32 {
        x / 2.0
    }

    fn half_f64(x: f64) -> f64 {
        x / 2.0
    }

    fn negate(x: bool) -> bool {
        !x
    }

    fn capital(letter: char) -> char {
        letter.to_uppercase().next().unwrap_or(letter)
    }

    fn next_color(#[state] seen: &mut Seen, color: Color) -> Color {
        seen.note(format!("{color:?}"));
        match color {
            Color::Red => Color::Green,
            Color::Green => Color::Blue,
            Color::Blue => Color::Red,
        }
    }

    fn other_level(level: Level) -> Level {
        match level {
            Level::Low => Level::High,
            Level::High => Level::Low,
        }
    }

    fn grant(flags: Flags) -> Flags {
        Flags(flags.0 | 4)
    }

    fn warmer(celsius: Celsius) -> Celsius {
        Celsius(celsius.0 + 1.0)
    }

    fn round_up(#[state] seen: &mut Seen, size: GuestSize) -> GuestSize {
        seen.note(size.0.to_string());
        GuestSize(size.0.next_multiple_of(8))
    }

    fn add_lanes(a: V128, b: V128) -> V128 {
        let lanes = |vector: V128| -> [i32; 4] { bytemuck::cast(vector.as_u128()) };
        let (a, b) = (lanes(a), lanes(b));
        let sum: [i32; 4] = std::array::from_fn(|lane| a[lane] + b[lane]);
        bytemuck::cast::<_, u128>(sum).into()
    }

    fn divide(dividend: i32, divisor: i32) -> (i32, i32) {
        (dividend / divisor, dividend % divisor)
    }
}

#[wasm_import(module = "host")]
impl Seen {
    fn print(&mut self, text: &str) {
        self.note(text);
    }

    fn print_c(&mut self, text: &CStr) {
        self.note(text.to_string_lossy());
    }

    fn print_string(&mut self, text: AssemblyScriptStr<'_>) {
        self.note(text.to_string());
    }

    fn greet(&mut self, name: Option<&str>) {
        self.note(format!("hello, {}", name.unwrap_or("whoever you are")));
    }

    fn greet_c(&mut self, name: Option<&CStr>) {
        let name = name.map(CStr::to_string_lossy);
        self.greet(name.as_deref());
    }

    fn greet_string(&mut self, name: Option<AssemblyScriptStr<'_>>) {
        let name = name.map(|name| name.to_string());
        self.greet(name.as_deref());
    }

    fn print_wide(&mut self, text: Utf16<'_>) {
        self.note(String::from_utf16_lossy(text.0));
    }

    fn print_view(&mut self, text: Indirect<&str>) {
        self.note(text.0);
    }

    fn print_low(&mut self, text: PointerLow<&str>) {
        self.note(text.0);
    }

    fn print_high(&mut self, text: PointerHigh<&str>) {
        self.note(text.0);
    }

    fn gather(&mut self, chunks: SliceList<&[u8]>) -> GuestSize {
        let all = chunks.0.join(&b'|');
        self.note(String::from_utf8_lossy(&all));
        GuestSize(chunks.0.iter().map(|chunk| chunk.len() as u64).sum())
    }

    fn emit(&mut self, event: &Event) {
        self.note(format!("{} {} {}", event.kind, event.code, event.time));
    }
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Body {
    x: f64,
    y: f64,
    mass: f32,
    id: u32,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Event {
    kind: u8,
    padding: [u8; 3],
    code: u32,
    time: u64,
}

#[wasm_import(module = "host")]
mod memory {
    use super::*;

    fn checksum(bytes: &[u8]) -> u32 {
        bytes.iter().copied().map(u32::from).sum()
    }

    fn fill(buffer: &mut [u8]) -> GuestSize {
        let text = b"of the host!";
        let length = text.len().min(buffer.len());
        buffer[..length].copy_from_slice(&text[..length]);
        GuestSize(length as u64)
    }

    /// Returns the length of the description. Writes it only if the buffer is long enough.
    fn describe(mut out: OutBuffer<'_>) -> GuestSize {
        out.write_all_or_none(b"as long as it is")
    }

    fn sum(numbers: &[i32]) -> i64 {
        numbers.iter().copied().map(i64::from).sum()
    }

    fn sum_copied(numbers: Vec<i32>) -> i64 {
        sum(&numbers)
    }

    fn double_all(numbers: &mut [f64]) {
        for number in numbers {
            *number *= 2.0;
        }
    }

    fn distance(a: &Body, b: &Body) -> f64 {
        (a.x - b.x).hypot(a.y - b.y)
    }

    fn step(body: &mut Body, x: f64) {
        body.x += x;
    }

    /// The declaration in C is `struct body body_of(uint32_t id)`.
    fn body_of(id: u32) -> ReturnPointer<Body> {
        ReturnPointer(Body {
            x: f64::from(id) * 2.0,
            y: 0.0,
            mass: 1.0,
            id,
        })
    }

    /// The index of the body with the greatest mass.
    fn heaviest(bodies: &[Body]) -> GuestSize {
        let masses = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| (index, body.mass));
        let heaviest = masses.max_by(|a, b| a.1.total_cmp(&b.1));
        GuestSize(heaviest.map_or(0, |(index, _)| index as u64))
    }

    fn step_all(bodies: &mut [Body], x: f64) {
        for body in bodies {
            step(body, x);
        }
    }

    fn has_mass(body: Option<&Body>) -> bool {
        body.is_some_and(|body| body.mass > 0.0)
    }
}

/// Functions that write to guest memory while they run, and functions that call callbacks.
#[wasm_import(module = "host")]
mod guests {
    use super::*;

    fn parse(
        mut guest: Guest<'_>,
        text: String,
        number: GuestPointer<i64>,
    ) -> Result<bool, ValueError> {
        let Ok(parsed) = text.parse() else {
            return Ok(false);
        };
        number.write(&mut guest, parsed)?;
        Ok(true)
    }

    /// Calls `f` with each number until `f` returns a result that is not 0.
    fn each(
        mut guest: Guest<'_>,
        numbers: GuestSlice<i32>,
        f: Callback<(GuestSize, i32), i32>,
        context: GuestSize,
    ) -> anyhow::Result<i32> {
        for number in numbers.to_vec(&mut guest)? {
            let result = guest.call(&f, (context, number))?;
            if result != 0 {
                return Ok(result);
            }
        }
        Ok(0)
    }

    fn around(
        mut guest: Guest<'_>,
        text: String,
        calls: GuestPointer<u32>,
        f: Callback<(), ()>,
    ) -> anyhow::Result<()> {
        note(&mut guest, format!("before: {text}"));
        guest.call(&f, ())?;
        note(&mut guest, format!("after: {text}"));
        let before = calls.read(&mut guest)?;
        calls.write(&mut guest, before + 1)?;
        Ok(())
    }

    /// Returns the pointer and the length of the text without the spaces around it.
    fn trim(mut guest: Guest<'_>, text: GuestSlice<u8>) -> anyhow::Result<PointerLow<(u32, u32)>> {
        let bytes = text.to_vec(&mut guest)?;
        let spaces = bytes.len() - bytes.trim_ascii_start().len();
        let length = bytes.trim_ascii().len();
        let start = u32::try_from(text.address().0)? + u32::try_from(spaces)?;
        Ok(PointerLow((start, u32::try_from(length)?)))
    }

    #[wasm_import(skip)]
    fn note(guest: &mut Guest<'_>, what: String) {
        if let Ok(seen) = guest.state::<Seen>() {
            seen.note(what);
        }
    }
}

struct File(std::vec::IntoIter<u8>);

#[wasm_import(module = "host")]
mod files {
    use super::*;

    /// Opens a file whose content is its name.
    fn open_file(#[state] files: &mut Handles, name: &str) -> Result<Handle<File>, HandleError> {
        files.insert(File(name.as_bytes().to_vec().into_iter()))
    }

    fn read_byte(#[state] files: &mut Handles, file: Handle<File>) -> Result<i32, HandleError> {
        let file = files.get_mut(file)?;
        Ok(file.0.next().map_or(-1, i32::from))
    }

    fn close_file(#[state] files: &mut Handles, file: Handle<File>) -> Result<(), HandleError> {
        files.remove(file).map(drop)
    }
}

/// The reason why a file is not found.
#[derive(Debug, thiserror::Error, ResultCode)]
enum FindError {
    #[error("there is no such file")]
    #[guest(code = -44)]
    Missing,
    #[error("the disk is gone")]
    #[guest(trap)]
    Disk(#[from] std::io::Error),
}

/// The size of a file, which is the length of its name.
fn size_of(name: &str) -> Result<u32, FindError> {
    match name {
        "" => Err(FindError::Missing),
        "disk" => Err(std::io::Error::other("no answer"))?,
        name => Ok(name.len().try_into().unwrap_or(u32::MAX)),
    }
}

/// Results that are written to memory that the guest allocates, and error codes.
#[wasm_import(module = "host")]
mod results {
    use super::*;

    /// The declaration in C is `char *host_name(void)`. The guest frees the text.
    fn host_name() -> Allocated<CString> {
        c"höst".to_owned().into()
    }

    /// The declaration in C is `struct view title(uint32_t volume)`.
    fn title(volume: u32) -> ReturnPointer<Allocated<String>> {
        ReturnPointer(format!("volume {volume}").into())
    }

    /// Returns the pointer and the length of the title in one number.
    fn title_in_a_number(volume: u32) -> PointerLow<Allocated<String>> {
        PointerLow(format!("volume {volume}").into())
    }

    /// Returns the pointer and the length of the title as two results.
    fn title_in_two(volume: u32) -> Allocated<String> {
        format!("volume {volume}").into()
    }

    /// Returns the title in memory of the allocator of wasm-bindgen.
    fn title_of_bindgen(volume: u32) -> ReturnPointer<Allocated<String, WbindgenMalloc>> {
        ReturnPointer(format!("volume {volume}").into())
    }

    /// Returns the title as the canonical ABI of the component model does.
    fn title_of_component(volume: u32) -> LastReturnPointer<Allocated<String, CabiRealloc>> {
        LastReturnPointer(format!("volume {volume}").into())
    }

    /// Returns the title as a string of AssemblyScript.
    fn title_of_assembly_script(volume: u32) -> AssemblyScriptString {
        AssemblyScriptString(format!("volume {volume}"))
    }

    fn squares(count: u32) -> ReturnPointer<Allocated<Vec<u64>>> {
        let squares: Vec<u64> = (0..count.into()).map(|n| n * n).collect();
        ReturnPointer(squares.into())
    }

    /// The declaration in C is `int32_t find(const char *, size_t, uint32_t *size)`.
    fn find(name: &str) -> Result<LastReturnPointer<u32>, ErrorCode<FindError>> {
        Ok(LastReturnPointer(size_of(name)?))
    }

    /// Returns the size, or a code below 0.
    fn find_size(name: &str) -> Result<u32, ErrorCode<FindError>> {
        Ok(size_of(name)?)
    }
}

struct Counter(AtomicU32);

#[wasm_import(module = "host")]
mod objects {
    use super::*;

    fn counter() -> HostObject<Counter> {
        HostObject::new(Counter(AtomicU32::new(0)))
    }

    fn count(counter: HostObject<Counter>) -> u32 {
        counter.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn is_counter(object: Option<HostObject<Counter>>) -> bool {
        object.is_some()
    }
}

#[wasm_import(module = "host", name = "limit")]
const LIMIT: i32 = 42;

#[wasm_import(module = "host", name = "calls")]
pub(crate) static CALLS: i32 = 7;

/// The error numbers of WASI that these functions return.
#[derive(IntoGuest)]
#[repr(u16)]
enum Errno {
    Success = 0,
    BadFile = 8,
}

#[wasm_import(module = "wasi_snapshot_preview1")]
mod wasi {
    use super::*;

    fn fd_write(
        #[state] seen: &mut Seen,
        fd: i32,
        chunks: SliceList<&[u8]>,
        written: &mut u32,
    ) -> anyhow::Result<Errno> {
        if fd != 1 {
            return Ok(Errno::BadFile);
        }
        let all = chunks.0.concat();
        *written = u32::try_from(all.len())?;
        seen.note(String::from_utf8_lossy(&all));
        Ok(Errno::Success)
    }

    fn fd_read(fd: i32, chunks: SliceList<&mut [u8]>, read: &mut u32) -> Errno {
        if fd != 0 {
            return Errno::BadFile;
        }
        let mut input = b"input".iter();
        *read = 0;
        for place in chunks.0.into_iter().flatten() {
            let Some(byte) = input.next() else { break };
            *place = *byte;
            *read += 1;
        }
        Errno::Success
    }
}

/// The functions that guests call when a check fails.
mod failures {
    use super::*;

    /// The macro `assert` in C calls this function.
    #[wasm_import(name = "__assert_fail")]
    fn assert_fail(
        condition: &CStr,
        file: &CStr,
        line: u32,
        function: &CStr,
    ) -> anyhow::Result<()> {
        let text = CStr::to_string_lossy;
        bail!(
            "{} in {} does not hold ({}:{line})",
            text(condition),
            text(function),
            text(file)
        )
    }

    /// `assert` and `throw` in AssemblyScript call this function.
    #[wasm_import]
    fn abort(
        message: Option<AssemblyScriptStr<'_>>,
        file: Option<AssemblyScriptStr<'_>>,
        line: u32,
        column: u32,
    ) -> anyhow::Result<()> {
        let text = |text: Option<AssemblyScriptStr<'_>>| {
            text.map_or_else(|| "nothing".to_owned(), |text| text.to_string())
        };
        bail!("{} ({}:{line}:{column})", text(message), text(file))
    }

    #[wasm_import(module = "host")]
    fn panic(text: &str) -> anyhow::Result<()> {
        bail!("{text}")
    }
}

/// The functions that the standard library of AssemblyScript imports.
mod assembly_script {
    use super::*;

    #[wasm_import]
    fn trace(
        #[state] seen: &mut Seen,
        message: AssemblyScriptStr<'_>,
        count: i32,
        first: f64,
        second: f64,
        third: f64,
        fourth: f64,
        fifth: f64,
    ) {
        let all = [first, second, third, fourth, fifth];
        let given = usize::try_from(count)
            .ok()
            .and_then(|count| all.get(..count));
        seen.note(format!("{message}: {given:?}"));
    }

    #[wasm_import(name = "console.log")]
    fn log(#[state] seen: &mut Seen, text: AssemblyScriptStr<'_>) {
        seen.note(text.to_string());
    }

    #[wasm_import(name = "Date.now")]
    fn now() -> f64 {
        1_234_567_890_123.0
    }

    /// The seed for the random numbers of AssemblyScript.
    #[wasm_import]
    fn seed() -> f64 {
        0.5
    }
}
