//! A guest in Rust. If a check fails, the guest panics, and its panic hook passes the message to
//! the host.

mod host;

use std::{
    alloc::{alloc, Layout},
    ffi::{c_void, CString},
    mem::MaybeUninit,
    panic,
    ptr::{null, null_mut},
};

use host::{Body, Celsius, Color, Event, File, Flags, Level, View};

#[no_mangle]
pub extern "C" fn _initialize() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        unsafe { host::panic(text.as_ptr(), text.len()) }
    }));
}

fn print(text: &str) {
    unsafe { host::print(text.as_ptr(), text.len()) }
}

fn greet(name: Option<&str>) {
    let (text, length) = name.map_or((null(), 0), |name| (name.as_ptr(), name.len()));
    unsafe { host::greet(text, length) }
}

fn checksum(bytes: &[u8]) -> u32 {
    unsafe { host::checksum(bytes.as_ptr(), bytes.len()) }
}

fn fill(buffer: &mut [u8]) -> &[u8] {
    let length = unsafe { host::fill(buffer.as_mut_ptr(), buffer.len()) };
    &buffer[..length]
}

fn gather(chunks: &[View]) -> usize {
    unsafe { host::gather(chunks.as_ptr(), chunks.len()) }
}

fn parse(text: &str) -> Option<i64> {
    let mut number = 1;
    let known = unsafe { host::parse(text.as_ptr(), text.len(), &mut number) };
    known.then(|| number)
}

fn open_file(name: &str) -> File {
    unsafe { host::open_file(name.as_ptr(), name.len()) }
}

#[no_mangle]
pub extern "C" fn integers_of_all_widths() {
    unsafe {
        host::integers(i8::MIN, u8::MAX, i16::MIN, u16::MAX, i32::MIN, u32::MAX, i64::MIN, u64::MAX);
        assert_eq!(host::complement_i8(i8::MAX), i8::MIN);
        assert_eq!(host::complement_u8(1), 0xfe);
        assert_eq!(host::complement_i16(i16::MAX), i16::MIN);
        assert_eq!(host::complement_u16(1), 0xfffe);
        assert_eq!(host::complement_i32(i32::MAX), i32::MIN);
        assert_eq!(host::complement_u32(1), 0xffff_fffe);
        assert_eq!(host::complement_i64(i64::MAX), i64::MIN);
        assert_eq!(host::complement_u64(1), 0xffff_ffff_ffff_fffe);
    }
}

#[no_mangle]
pub extern "C" fn floats() {
    assert_eq!(unsafe { host::half_f32(3.0) }, 1.5);
    assert_eq!(unsafe { host::half_f64(-0.5) }, -0.25);
}

#[no_mangle]
pub extern "C" fn booleans() {
    assert!(unsafe { host::negate(false) });
    assert!(!unsafe { host::negate(true) });
}

#[no_mangle]
pub extern "C" fn characters() {
    let capital = |character: char| char::from_u32(unsafe { host::capital(character.into()) });
    assert_eq!(capital('k'), Some('K'));
    assert_eq!(capital('é'), Some('É'));
}

#[no_mangle]
pub extern "C" fn enums() {
    assert_eq!(unsafe { host::next_color(Color::Red) }, Color::Green);
    assert_eq!(unsafe { host::next_color(Color::Blue) }, Color::Red);
    assert_eq!(unsafe { host::other_level(Level::Low) }, Level::High);
}

#[no_mangle]
pub extern "C" fn flags() {
    assert_eq!(unsafe { host::grant(Flags(1)) }, Flags(5));
}

#[no_mangle]
pub extern "C" fn newtypes() {
    assert_eq!(unsafe { host::warmer(Celsius(21.5)) }, Celsius(22.5));
}

#[no_mangle]
pub extern "C" fn sizes() {
    assert_eq!(unsafe { host::round_up(13) }, 16);
    assert_eq!(unsafe { host::round_up(usize::MAX - 7) }, usize::MAX - 7);
}

#[no_mangle]
pub extern "C" fn text_with_nul() {
    let texts = ["hello", "", "zoë"].map(|text| CString::new(text).unwrap());
    for text in &texts {
        unsafe { host::print_c(text.as_ptr()) }
    }
    unsafe {
        host::greet_c(texts[2].as_ptr());
        host::greet_c(null());
    }
}

#[no_mangle]
pub extern "C" fn text_with_length() {
    print("héllo");
    print("h");
    // The pointer of an empty string is dangling.
    print(&String::new());
    greet(Some("llo"));
    greet(None);
}

#[no_mangle]
pub extern "C" fn bytes() {
    assert_eq!(checksum(&[1, 2, 253]), 256);
    assert_eq!(checksum(&[]), 0);
}

#[no_mangle]
pub extern "C" fn out_buffer() {
    let mut buffer = vec![0; 16];
    assert_eq!(fill(&mut buffer), b"of the host!");
    assert_eq!(buffer[12], 0);
    let mut two = *b"xxx";
    assert_eq!(fill(&mut two[..2]), b"of");
    assert_eq!(&two, b"ofx");
    assert_eq!(fill(&mut []), b"");
}

#[no_mangle]
pub extern "C" fn arrays_of_numbers() {
    let numbers = [i32::MAX, i32::MAX, -7];
    let sum = unsafe { host::sum(numbers.as_ptr(), numbers.len()) };
    assert_eq!(sum, 2 * i64::from(i32::MAX) - 7);
    let mut halves = vec![0.5, 1.5];
    unsafe { host::double_all(halves.as_mut_ptr(), halves.len()) }
    assert_eq!(halves, [1.0, 3.0]);
    // The pointer of an empty vector is its alignment.
    let mut none: Vec<f64> = Vec::new();
    unsafe { host::double_all(none.as_mut_ptr(), 0) }
    unsafe { host::double_all(null_mut(), 0) }
}

#[no_mangle]
pub extern "C" fn structs_by_pointer() {
    let mut a = Body { x: 3.0, y: 4.0, mass: 1.5, id: 1 };
    assert_eq!(unsafe { host::distance(&a, &Body::default()) }, 5.0);
    assert_eq!(unsafe { host::distance(&a, &a) }, 0.0);
    unsafe { host::step(&mut a, 0.5) }
    assert_eq!(a, Body { x: 3.5, y: 4.0, mass: 1.5, id: 1 });
}

#[no_mangle]
pub extern "C" fn struct_as_result() {
    let mut body = MaybeUninit::uninit();
    let body = unsafe {
        host::body_of(&mut body, 7);
        body.assume_init()
    };
    assert_eq!(body, Body { x: 14.0, y: 0.0, mass: 1.0, id: 7 });
}

#[no_mangle]
pub extern "C" fn arrays_of_structs() {
    let body = |mass, id| Body { mass, id, ..Body::default() };
    let mut all = vec![body(1.0, 1), body(9.0, 2), body(2.0, 3)];
    assert_eq!(unsafe { host::heaviest(all.as_ptr(), all.len()) }, 1);
    unsafe { host::step_all(all.as_mut_ptr(), all.len(), 2.0) }
    assert!(all.iter().zip(1..).all(|(body, id)| body.x == 2.0 && body.id == id));
}

#[no_mangle]
pub extern "C" fn struct_or_null() {
    let body = Body { mass: 1.0, ..Body::default() };
    assert!(unsafe { host::has_mass(Some(&body)) });
    assert!(!unsafe { host::has_mass(None) });
}

#[no_mangle]
pub extern "C" fn struct_with_padding() {
    unsafe { host::emit(&Event { kind: 3, code: 70000, time: u64::MAX }) }
}

#[no_mangle]
pub extern "C" fn slice_in_memory() {
    unsafe { host::print_view(&View::of("in memory")) }
}

#[no_mangle]
pub extern "C" fn list_of_slices() {
    assert_eq!(gather(&["one", "", "three"].map(View::of)), 8);
    assert_eq!(gather(&[]), 0);
}

#[no_mangle]
pub extern "C" fn slice_in_a_number() {
    let pack = |low: usize, high: usize| low as u64 | (high as u64) << 32;
    let text = "packed";
    unsafe {
        host::print_low(pack(text.as_ptr() as usize, text.len()));
        host::print_high(pack(text.len(), text.as_ptr() as usize));
    }
    let spaces = "  in between ";
    let trimmed = unsafe { host::trim(spaces.as_ptr(), spaces.len()) };
    assert_eq!(trimmed, pack(spaces[2..].as_ptr() as usize, 10));
}

#[no_mangle]
pub extern "C" fn out_pointer() {
    assert_eq!(parse("-9223372036854775808"), Some(i64::MIN));
    assert_eq!(parse("many"), None);
    assert_eq!(parse("5"), Some(5));
}

#[derive(Default)]
struct Total {
    sum: i32,
    calls: i32,
}

unsafe extern "C" fn add(context: *mut c_void, number: i32) -> i32 {
    let total = &mut *context.cast::<Total>();
    total.sum += number;
    total.calls += 1;
    if number < 0 { total.calls } else { 0 }
}

#[no_mangle]
pub extern "C" fn function_pointer() {
    let numbers = [20, 30, -8, 1000];
    let mut total = Total::default();
    let context = (&mut total as *mut Total).cast();
    let calls = unsafe { host::each(numbers.as_ptr(), numbers.len(), add, context) };
    assert_eq!(calls, 3);
    assert_eq!(total.sum, 42);
}

extern "C" fn grow() {
    // The memory may move when it grows by 1000 pages.
    let fresh = vec![b'f'; 1000 << 16];
    print(std::str::from_utf8(&fresh[..1]).unwrap());
    print("from within");
}

#[no_mangle]
pub extern "C" fn callback_that_grows_the_memory() {
    let mut calls = 41;
    unsafe { host::around("around".as_ptr(), 6, &mut calls, grow) }
    assert_eq!(calls, 42);
}

/// The allocator that wasm-bindgen exports.
#[no_mangle]
pub extern "C" fn __wbindgen_malloc(size: usize, align: usize) -> *mut u8 {
    match Layout::from_size_align(size, align) {
        Ok(layout) if size > 0 => unsafe { alloc(layout) },
        _ => align as *mut u8,
    }
}

/// The alignment is 1, because `String` and `CString` free memory with this alignment.
#[no_mangle]
pub extern "C" fn malloc(size: usize) -> *mut u8 {
    __wbindgen_malloc(size, 1)
}

/// Takes ownership of a text that the host wrote to memory that this guest allocated.
fn owned(view: impl FnOnce(&mut MaybeUninit<View>)) -> String {
    let mut result = MaybeUninit::uninit();
    view(&mut result);
    unsafe {
        let View { text, length } = result.assume_init();
        String::from_raw_parts(text as *mut u8, length, length)
    }
}

#[no_mangle]
pub extern "C" fn allocated_text() {
    let name = unsafe { CString::from_raw(host::host_name()) };
    assert_eq!(name.to_str(), Ok("höst"));
    let first = owned(|view| unsafe { host::title(view, 7) });
    let second = owned(|view| unsafe { host::title(view, 12) });
    assert_eq!((&*first, &*second), ("volume 7", "volume 12"));
}

#[no_mangle]
pub extern "C" fn allocated_text_of_wasm_bindgen() {
    let titles: Vec<_> = (0..100).map(|volume| owned(|view| unsafe { host::title_of_bindgen(view, volume) })).collect();
    assert_eq!(titles[99], "volume 99");
}

#[no_mangle]
pub extern "C" fn result_codes() {
    let mut size = 77;
    assert_eq!(unsafe { host::find("".as_ptr(), 0, &mut size) }, -44);
    assert_eq!(size, 77);
    assert_eq!(unsafe { host::find("name".as_ptr(), 4, &mut size) }, 0);
    assert_eq!(size, 4);
}

#[no_mangle]
pub extern "C" fn handles() {
    let (a, b) = (open_file("a.txt"), open_file("b.txt"));
    assert_ne!(a, b);
    unsafe {
        assert_eq!(host::read_byte(a), 'a' as i32);
        assert_eq!(host::read_byte(a), '.' as i32);
        assert_eq!(host::read_byte(b), 'b' as i32);
        host::close_file(a);
        assert_eq!(host::read_byte(b), '.' as i32);
    }
}

#[no_mangle]
pub extern "C" fn stale_handle() {
    let file = open_file("a");
    unsafe {
        host::close_file(file);
        host::read_byte(file);
    }
}

#[no_mangle]
pub extern "C" fn fails() {
    assert_eq!(unsafe { host::half_f64(3.0) }, 1.0, "half of three");
}
