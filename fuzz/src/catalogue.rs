//! The host functions, at least one for each row of the tables in `host-runtime/docs/types.md`.
//!
//! The parameters that a guest passes are called `a`, `b`, `c` and so on, for the oracle says which of
//! them is the bad one. `oracle/entries.rs` has the same functions, as that chapter has them.

#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::many_single_char_names,
    reason = "what a signature is to a guest is what is tested"
)]

use std::ffi::{CStr, CString};

use host_runtime::{
    Allocated, Callback, CallbackRef, ErrorCode, FromGuest, Guest, GuestPointer, GuestSize,
    GuestSlice, Handle, Handles, HostData, HostObject, IntoGuest, PlainData, ResultCode,
    ValueError,
    errors::HandleError,
    values::{
        AssemblyScriptStr, CabiRealloc, Indirect, LastReturnPointer, OutBuffer, PointerHigh,
        PointerLow, ReturnPointer, SliceList, Utf16,
    },
    wasm_import,
    wasmtime::{
        AnyRef, ArrayRef, Caller, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128,
    },
};

use crate::touch::{self, Digest, Touch};

/// Plain data that is aligned to 4 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Point {
    x: u32,
    y: u16,
    z: [u8; 2],
}

/// Plain data that is aligned to 8 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Block {
    x: f64,
    y: u64,
    z: [u32; 2],
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(u8)]
enum Level {
    Low = 1,
    Middle = 4,
    High = 255,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(i16)]
enum Shift {
    Back = -300,
    None = 0,
    Forth = 300,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
enum Choice {
    Negative = -1,
    Zero,
    One,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(u64)]
enum Large {
    Small = 1,
    Half = 1 << 63,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
struct Celsius(f64);

#[derive(Clone, Copy, FromGuest, IntoGuest)]
struct Chosen {
    choice: Choice,
}

#[derive(FromGuest)]
struct Name<'a>(&'a str);

#[derive(FromGuest)]
struct Out<'a>(&'a mut [u16]);

impl Touch for Name<'_> {
    fn look(&self, digest: &mut Digest) {
        self.0.look(digest);
    }
}

impl Touch for Out<'_> {
    fn look(&self, digest: &mut Digest) {
        self.0.look(digest);
    }

    fn mark(&mut self, seed: u64) {
        self.0.mark(seed);
    }
}

/// Functions that read all they are passed, then write all they may, and return what they read.
macro_rules! touching {
    ($(fn $name:ident($($parameter:ident: $ty:ty),*);)*) => {$(
        #[wasm_import(module = "host")]
        fn $name($($parameter: $ty),*) -> u64 {
            $(let mut $parameter = $parameter;)*
            let mut digest = Digest::new();
            // Not as a method, which would be that of the number behind a reference.
            $(Touch::look(&$parameter, &mut digest);)*
            for (place, parameter) in [$(&mut $parameter as &mut dyn Touch),*].into_iter().enumerate() {
                parameter.mark(digest.seed(place));
            }
            digest.value()
        }
    )*};
}

touching! {
    fn numbers(a: i32, b: u32, c: i64, d: u64, e: f32, f: f64);
    fn small(a: i8, b: u8, c: i16, d: u16);
    fn truths(a: bool, b: char);

    fn bytes(a: &[u8]);
    fn text(a: &str);
    fn slice_i8(a: &[i8]);
    fn slice_u16(a: &[u16]);
    fn slice_i32(a: &[i32]);
    fn slice_f64(a: &[f64]);
    fn slice_arrays(a: &[[u16; 3]]);
    fn slice_points(a: &[Point]);
    fn slice_blocks(a: &[Block]);
    fn mut_bytes(a: &mut [u8]);
    fn mut_u32(a: &mut [u32]);
    fn mut_blocks(a: &mut [Block]);
    fn one(a: &u64);
    fn one_byte(a: &u8);
    fn one_array(a: &[u16; 3]);
    fn mut_one(a: &mut Point);
    fn string(a: String);
    fn vec_u8(a: Vec<u8>);
    fn vec_u32(a: Vec<u32>);
    fn vec_blocks(a: Vec<Block>);

    fn c_str(a: &CStr);
    fn utf16(a: Utf16<'_>);
    fn script(a: AssemblyScriptStr<'_>);
    fn low_text(a: PointerLow<&str>);
    fn low_mut(a: PointerLow<&mut [u16]>);
    fn high_bytes(a: PointerHigh<&[u8]>);
    fn high_vec(a: PointerHigh<Vec<u16>>);
    fn indirect(a: Indirect<&str>);
    fn indirect_mut(a: Indirect<&mut [u8]>);
    fn indirect_string(a: Indirect<String>);
    fn list(a: SliceList<&[u8]>);
    fn list_mut(a: SliceList<&mut [u8]>);
    fn list_text(a: SliceList<&str>);
    fn list_u32(a: SliceList<&[u32]>);
    fn list_strings(a: SliceList<String>);

    fn option_text(a: Option<&str>);
    fn option_mut(a: Option<&mut [u8]>);
    fn option_one(a: Option<&u32>);
    fn option_mut_one(a: Option<&mut u64>);
    fn option_string(a: Option<String>);
    fn option_vec(a: Option<Vec<u16>>);
    fn option_c_str(a: Option<&CStr>);
    fn option_utf16(a: Option<Utf16<'_>>);
    fn option_script(a: Option<AssemblyScriptStr<'_>>);
    fn name(a: Name<'_>);
    fn c_string(a: CString);
    fn out(a: OutBuffer<'_, u16>);
    fn option_c_string(a: Option<CString>);
    fn option_out(a: Option<OutBuffer<'_>>);
    fn option_low(a: Option<PointerLow<&str>>);
    fn option_high(a: Option<PointerHigh<&mut [u8]>>);
    fn option_indirect(a: Option<Indirect<&str>>);
    fn mut_and_c_string(a: &mut [u8], b: CString);
    fn out_and_vec(a: OutBuffer<'_>, b: Vec<u16>);

    fn two_mut(a: &mut [u8], b: &mut [u8]);
    fn mut_and_shared(a: &mut [u8], b: &[u8]);
    fn shared_and_mut(a: &str, b: &mut [u32]);
    fn two_shared_and_mut(a: &[u8], b: &[u16], c: &mut [u8]);
    fn option_and_mut(a: Option<&str>, b: &mut [u8]);
    fn list_and_mut(a: SliceList<&[u8]>, b: &mut [u8]);
    fn mut_and_list(a: &mut [u8], b: SliceList<&[u8]>);
    fn list_mut_and_text(a: SliceList<&mut [u8]>, b: &str);
    fn mut_and_c_str(a: &mut [u8], b: &CStr);
    fn c_str_and_mut(a: &CStr, b: &mut [u8]);
    fn mut_and_script(a: &mut [u8], b: AssemblyScriptStr<'_>);
    fn script_and_mut(a: AssemblyScriptStr<'_>, b: &mut [u8]);
    fn mut_and_indirect(a: &mut [u8], b: Indirect<&[u8]>);
    fn indirect_and_mut(a: Indirect<&str>, b: &mut [u8]);
    fn string_and_mut(a: String, b: &mut [u8]);
    fn mut_and_string(a: &mut [u8], b: String);
    fn three_mut(a: &mut Point, b: Out<'_>, c: &mut u64);
    fn four(a: &u16, b: &mut Point, c: Option<&mut u32>, d: &mut [u8; 5]);
    fn copies(a: String, b: Vec<u8>, c: Indirect<String>);
    fn mixed(a: i8, b: &str, c: PointerLow<&mut [u8]>, d: bool, e: &mut [u16]);
}

/// Functions that give back what they are passed.
macro_rules! echoes {
    ($($name:ident: $ty:ty),*) => {$(
        #[wasm_import(module = "host")]
        fn $name(a: $ty) -> $ty {
            a
        }
    )*};
}

echoes! {
    echo_i32: i32, echo_u32: u32, echo_i64: i64, echo_u64: u64, echo_f32: f32, echo_f64: f64,
    echo_i8: i8, echo_u8: u8, echo_i16: i16, echo_u16: u16, echo_bool: bool, echo_char: char,
    echo_level: Level, echo_shift: Shift, echo_choice: Choice, echo_large: Large,
    echo_celsius: Celsius, echo_chosen: Chosen, echo_v128: V128, echo_size: GuestSize,
    echo_func: Option<Func>, echo_extern: Option<Rooted<ExternRef>>, echo_any: Option<Rooted<AnyRef>>,
    echo_eq: Option<Rooted<EqRef>>, echo_i31: Option<I31>, echo_struct: Option<Rooted<StructRef>>,
    echo_array: Option<Rooted<ArrayRef>>, echo_exn: Option<Rooted<ExnRef>>,
    echo_object: Option<HostObject<Thing>>, echo_handle: Handle<u64>
}

/// Of a type that a callback can have, where addresses have 32 bits.
#[wasm_import(module = "host")]
fn byte_at(a: &u8) -> i32 {
    i32::from(*a)
}

/// Results of all kinds, and a function that fails.
#[wasm_import(module = "host")]
mod results {
    use super::{PointerHigh, PointerLow};

    pub(super) fn nothing() {}

    pub(super) fn twelve(
        a: u8,
        b: i64,
    ) -> (u8, i64, i8, u16, i16, bool, char, f32, f64, u32, i32, u64) {
        (a, b, -1, 65535, -2, true, 'é', 0.5, -0.5, a.into(), -3, 4)
    }

    pub(super) fn packed_low(a: u32, b: u32) -> PointerLow<(u32, u32)> {
        PointerLow((a, b))
    }

    pub(super) fn packed_high(a: u32, b: u32) -> PointerHigh<(u32, u32)> {
        PointerHigh((a, b))
    }

    /// Fails if `a` is so.
    pub(super) fn fallible(a: bool, b: i16) -> anyhow::Result<(i16, u64)> {
        anyhow::ensure!(!a, "the guest asked for it");
        Ok((b, 7))
    }
}

#[derive(Debug, ResultCode)]
enum Failure {
    #[guest(code = -2)]
    Small,
    #[guest(trap)]
    Large,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it went wrong")
    }
}

impl std::error::Error for Failure {}

impl Failure {
    fn of(number: u8) -> Result<(), ErrorCode<Self>> {
        match number {
            1 => Err(Self::Small.into()),
            2 => Err(Self::Large.into()),
            _ => Ok(()),
        }
    }
}

/// Results for which the guest makes room, or has made it.
#[wasm_import(module = "host")]
mod room {
    use super::{
        Allocated, Block, CString, CabiRealloc, ErrorCode, Failure, GuestPointer, GuestSize,
        GuestSlice, Handle, Indirect, LastReturnPointer, PointerHigh, PointerLow, ReturnPointer,
        touch,
    };

    pub(super) fn give(a: u8) -> Allocated<String> {
        touch::text(a).into()
    }

    pub(super) fn give_words(a: u8, b: &[u8]) -> Allocated<Vec<u32>, CabiRealloc> {
        let _ = b;
        touch::words(a).into()
    }

    pub(super) fn give_low(a: u8) -> PointerLow<Allocated<String>> {
        PointerLow(touch::text(a).into())
    }

    pub(super) fn give_high(a: u8) -> PointerHigh<Allocated<Vec<u32>>> {
        PointerHigh(touch::words(a).into())
    }

    pub(super) fn give_indirect(a: u8) -> Indirect<Allocated<String>> {
        Indirect(touch::text(a).into())
    }

    pub(super) fn give_c_string(a: u8) -> Allocated<CString> {
        CString::new(touch::text(a)).expect("it has no NUL").into()
    }

    pub(super) fn give_perhaps(a: bool) -> Option<Allocated<String>> {
        a.then(|| touch::text(9).into())
    }

    pub(super) fn return_block(a: u64, b: &str) -> ReturnPointer<Block> {
        ReturnPointer(Block {
            x: 1.5,
            y: a,
            z: [u32::try_from(b.len()).unwrap_or(u32::MAX), 7],
        })
    }

    pub(super) fn return_number(a: u64) -> ReturnPointer<u64> {
        ReturnPointer(a)
    }

    pub(super) fn return_text(a: u8) -> LastReturnPointer<Allocated<String>> {
        LastReturnPointer(touch::text(a).into())
    }

    pub(super) fn coded(a: u32, b: u8) -> Result<u32, ErrorCode<Failure>> {
        Failure::of(b)?;
        Ok(a)
    }

    pub(super) fn coded_size(a: GuestSize, b: u8) -> Result<GuestSize, ErrorCode<Failure>> {
        Failure::of(b)?;
        Ok(a)
    }

    pub(super) fn coded_text(
        a: u8,
        b: &str,
    ) -> Result<LastReturnPointer<Allocated<String>>, ErrorCode<Failure>> {
        Failure::of(a)?;
        Ok(LastReturnPointer(b.to_owned().into()))
    }

    /// A bit for each that there is.
    pub(super) fn there(
        a: Option<GuestPointer<u64>>,
        b: Option<GuestSlice<u16>>,
        c: Option<Handle<u64>>,
    ) -> u32 {
        u32::from(a.is_some()) | u32::from(b.is_some()) << 1 | u32::from(c.is_some()) << 2
    }
}

/// What guests hold by reference.
pub struct Thing(u64);

/// What guests hold by reference, and is no `Thing`.
struct Other;

/// A number of the host's.
#[derive(Clone, Default)]
pub struct Counter(u32);

/// Another one, to be borrowed beside it.
#[derive(Clone, Default)]
pub struct Sum(u64);

/// What the host keeps.
#[wasm_import(module = "host")]
mod kept {
    use super::{
        Caller, Counter, Handle, HandleError, Handles, HostData, HostObject, Other, Sum, Thing,
    };

    pub(super) fn object_new(a: u64) -> HostObject<Thing> {
        HostObject::new(Thing(a))
    }

    pub(super) fn other_new() -> HostObject<Other> {
        HostObject::new(Other)
    }

    pub(super) fn object_value(a: HostObject<Thing>) -> u64 {
        a.0
    }

    pub(super) fn objects(a: Option<HostObject<Thing>>, b: u8, c: HostObject<Other>) -> u64 {
        let Other = *c;
        a.map_or(0, |thing| thing.0).wrapping_add(b.into())
    }

    pub(super) fn handle_new(
        #[state] handles: &mut Handles,
        a: u64,
    ) -> Result<Handle<u64>, HandleError> {
        handles.insert(a)
    }

    pub(super) fn handle_other(
        #[state] handles: &mut Handles,
    ) -> Result<Handle<Other>, HandleError> {
        handles.insert(Other)
    }

    pub(super) fn handle_get(
        #[state] handles: &Handles,
        a: Handle<u64>,
    ) -> Result<u64, HandleError> {
        handles.get(a).copied()
    }

    pub(super) fn handle_remove(
        #[state] handles: &mut Handles,
        a: Handle<u64>,
    ) -> Result<u64, HandleError> {
        handles.remove(a)
    }

    pub(super) fn count(
        #[state] counter: &mut Counter,
        a: u32,
        #[state] sum: &mut Sum,
        b: &mut [u8],
    ) -> u64 {
        counter.0 = counter.0.wrapping_add(a);
        sum.0 = sum.0.wrapping_add(b.len() as u64);
        b.fill(0x77);
        sum.0.wrapping_add(counter.0.into())
    }

    pub(super) fn count_by_caller(a: u16, mut caller: Caller<'_, HostData>, b: String) -> u64 {
        let Some(counter) = caller.data_mut().state_mut::<Counter>() else {
            return 0;
        };
        counter.0 = counter.0.wrapping_add(a.into());
        u64::from(counter.0).wrapping_add(b.len() as u64)
    }
}

#[wasm_import(module = "host")]
impl Counter {
    fn counted(&self) -> u32 {
        self.0
    }

    fn reset(&mut self, a: u8) {
        self.0 = a.into();
    }
}

/// Functions that use the guest as they go.
#[wasm_import(module = "host")]
mod late {
    use super::{
        Callback, CallbackRef, Digest, Guest, GuestPointer, GuestSize, GuestSlice, Touch,
        ValueError,
    };

    pub(super) fn pointer_read(
        mut guest: Guest<'_>,
        a: GuestPointer<u64>,
    ) -> Result<u64, ValueError> {
        a.read(&mut guest)
    }

    pub(super) fn pointer_write(
        a: GuestPointer<u32>,
        b: u32,
        mut guest: Guest<'_>,
    ) -> Result<(), ValueError> {
        a.write(&mut guest, b)
    }

    /// All of a slice, and what was copied before.
    pub(super) fn slice_copy(
        mut guest: Guest<'_>,
        a: GuestSlice<u16>,
        b: String,
    ) -> Result<u64, ValueError> {
        let mut digest = Digest::new();
        a.to_vec(&mut guest)?.look(&mut digest);
        b.look(&mut digest);
        Ok(digest.value())
    }

    /// Takes one element and puts it elsewhere.
    pub(super) fn slice_move(
        mut guest: Guest<'_>,
        a: GuestSlice<u32>,
        b: u64,
        c: u64,
    ) -> Result<u32, ValueError> {
        let value = a.get(&mut guest, b)?;
        a.set(&mut guest, c, value)?;
        Ok(value)
    }

    pub(super) fn slice_write(
        mut guest: Guest<'_>,
        a: GuestSlice<u16>,
        b: Vec<u16>,
    ) -> Result<(), ValueError> {
        a.write(&mut guest, &b)
    }

    pub(super) fn grow(mut guest: Guest<'_>, a: u8) -> anyhow::Result<u64> {
        guest.grow_memory(a.into())
    }

    /// Borrows by hand, and says what it got: a bit for each of the three.
    pub(super) fn borrow(
        mut guest: Guest<'_>,
        a: GuestSize,
        b: u64,
        c: GuestSize,
        d: u64,
    ) -> Result<u32, ValueError> {
        guest.memory(|memory| {
            let writable = memory.exclusive(a, b);
            let readable = memory.shared(c, d);
            let copied = memory.read(c, &mut [0; 4]);
            let got = u32::from(writable.is_ok())
                | u32::from(readable.is_ok()) << 1
                | u32::from(copied.is_ok()) << 2;
            if let Ok(writable) = writable {
                writable.fill(0x33);
            }
            got
        })
    }

    pub(super) fn apply(
        mut guest: Guest<'_>,
        a: Callback<i32, i32>,
        b: i32,
    ) -> anyhow::Result<i32> {
        guest.call(&a, b)
    }

    pub(super) fn apply_ref(
        a: CallbackRef<i32, i32>,
        mut guest: Guest<'_>,
        b: i32,
    ) -> anyhow::Result<i32> {
        guest.call(&a, b)
    }

    /// Copies, reads, calls back, and reads what may have changed or moved.
    pub(super) fn around(
        mut guest: Guest<'_>,
        a: Callback<i32, i32>,
        b: i32,
        c: GuestPointer<u16>,
        d: Vec<u8>,
    ) -> anyhow::Result<(u16, i32, u16, u64)> {
        let before = c.read(&mut guest)?;
        let result = guest.call(&a, b)?;
        let after = c.read(&mut guest)?;
        let mut digest = Digest::new();
        d.look(&mut digest);
        Ok((before, result, after, digest.value()))
    }
}
