//! A newtype is passed to and from a guest like its field. This is true for fields of all types.

use std::ffi::{CStr, CString};

use host_runtime::{
    Allocated, Callback, CallbackRef, FromGuest, GuestPointer, GuestSize, GuestSlice, Handle,
    HostObject, Imports, IntoGuest, MockGuest, ValueError, imports,
    values::{
        AssemblyScriptStr, AssemblyScriptString, Indirect, LastReturnPointer, Nullable, OutBuffer,
        PointerHigh, PointerLow, ReturnPointer, SliceList, Utf16,
    },
    wasm_import,
    wasmtime::{ExternRef, Func, I31, Rooted, V128, Val},
};
use host_tests::{instance, run};

#[derive(FromGuest, IntoGuest)]
enum Level {
    Low = 1,
}

#[derive(FromGuest, IntoGuest)]
struct Celsius(f64);

/// The core type of the only function in a set.
fn wasm_type(imports: &Imports) -> String {
    imports
        .functions()
        .next()
        .expect("`imports` has one function")
        .wasm_type()
}

/// Compares a function that takes a newtype with a function that takes the type of its field.
macro_rules! parameters {
    ($($name:ident $(<$lifetime:lifetime>)?: $ty:ty,)*) => {$(
        #[test]
        fn $name() {
            #[derive(FromGuest)]
            struct Newtype$(<$lifetime>)?(#[allow(dead_code, reason = "no guest calls it")] $ty);

            #[wasm_import]
            fn wrapped$(<$lifetime>)?(_x: Newtype$(<$lifetime>)?) {}

            #[wasm_import]
            fn bare$(<$lifetime>)?(_x: $ty) {}

            assert_eq!(wasm_type(&imports![wrapped]), wasm_type(&imports![bare]));
        }
    )*};
}

mod a_newtype_parameter_has_the_core_type_of_its_field {
    use super::*;

    parameters! {
        numbers: u64,
        ranges: i8,
        characters: char,
        vectors: V128,
        sizes: GuestSize,
        enums: Level,
        newtypes: Celsius,
        text<'a>: &'a str,
        bytes<'a>: &'a mut [u8],
        optional_text<'a>: Option<&'a str>,
        references_to_data<'a>: &'a mut u64,
        copies: Vec<u32>,
        text_with_nul<'a>: &'a CStr,
        utf16<'a>: Utf16<'a>,
        strings<'a>: AssemblyScriptStr<'a>,
        buffers<'a>: OutBuffer<'a, u16>,
        low<'a>: PointerLow<&'a [u8]>,
        high: PointerHigh<String>,
        indirect<'a>: Indirect<&'a mut [u8]>,
        lists<'a>: SliceList<&'a [u8]>,
        lists_used_late: Option<SliceList<GuestSlice<u8>>>,
        pointers: GuestPointer<u32>,
        slices: GuestSlice<f32>,
        handles: Handle<String>,
        optional_handles: Option<Handle<String>>,
        objects: HostObject<String>,
        functions: Option<Func>,
        functions_never_null: Func,
        references: Option<Rooted<ExternRef>>,
        small_numbers: I31,
        callbacks: Callback<(i32, f64), i64>,
        callbacks_by_reference: CallbackRef<(), ()>,
    }
}

/// Compares a function that returns a newtype with a function that returns the field.
macro_rules! results {
    ($($name:ident: $ty:ty = $value:expr,)*) => {$(
        #[test]
        #[allow(clippy::unnecessary_wraps, reason = "the type of the value is tested")]
        fn $name() {
            #[derive(IntoGuest)]
            struct Newtype($ty);

            #[wasm_import]
            fn wrapped() -> Newtype {
                Newtype($value)
            }

            #[wasm_import]
            fn bare() -> $ty {
                $value
            }

            let got = |imports: Imports| {
                let ty = wasm_type(&imports);
                let arguments = vec![Val::I32(512); usize::from(ty.contains("param"))];
                let mut guest = instance(imports, b"").unwrap();
                let results = run(&mut guest, &arguments).unwrap();
                // References of different stores cannot be compared.
                let numbers = results.into_iter().filter(|value| value.ref_().is_none());
                let numbers = numbers.map(|value| format!("{value:?}"));
                (ty, numbers.collect::<Vec<_>>(), [512_u32, 4096].map(|at| guest.read(at, 64_u32).unwrap().to_vec()))
            };
            assert_eq!(got(imports![wrapped]), got(imports![bare]));
        }
    )*};
}

mod a_newtype_result_is_the_same_as_its_field {
    use super::*;

    results! {
        numbers: i16 = -7,
        booleans: bool = true,
        vectors: V128 = V128::from(7),
        sizes: GuestSize = GuestSize(7),
        enums: Level = Level::Low,
        newtypes: Celsius = Celsius(36.6),
        several: (i32, f64) = (1, 2.0),
        nothing: () = (),
        packed: PointerHigh<(u32, u32)> = PointerHigh((1, 2)),
        text: Allocated<String> = "text".to_owned().into(),
        text_with_nul: Allocated<CString> = c"text".to_owned().into(),
        packed_text: PointerLow<Allocated<String>> = PointerLow("text".to_owned().into()),
        no_text: Option<Allocated<String>> = None,
        strings: AssemblyScriptString = AssemblyScriptString("text".to_owned()),
        places: ReturnPointer<u64> = ReturnPointer(u64::MAX),
        last_places: LastReturnPointer<u32> = LastReturnPointer(u32::MAX),
        fallible: Result<u32, std::fmt::Error> = Ok(7),
        objects: HostObject<String> = HostObject::new(String::new()),
        functions: Option<Func> = None,
        references: Option<Rooted<ExternRef>> = None,
    }
}

#[derive(FromGuest)]
struct Name<'a>(&'a str);

impl<'a> Nullable<'a> for Name<'a> {
    fn is_null(wasm: &Self::Wasm) -> bool {
        <&str>::is_null(wasm)
    }
}

#[wasm_import]
fn greet(name: Option<Name<'_>>) -> i32 {
    name.map_or(-1, |name| i32::try_from(name.0.len()).unwrap_or(i32::MAX))
}

#[test]
fn an_option_of_a_newtype_that_implements_nullable_may_be_null() {
    let mut guest = MockGuest::new(64);
    let mut greet =
        |at: i32, length: i32| guest.call(&imports![greet], &[at.into(), length.into()]);
    assert_eq!(greet(0, 3).unwrap()[0].i32(), Some(-1));
    assert_eq!(greet(1, 3).unwrap()[0].i32(), Some(3));
    assert!(greet(64, 1).unwrap_err().is::<ValueError>());
}

mod other_variants {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, FromGuest, IntoGuest)]
    #[repr(u16)]
    enum Errno {
        Perm = 1,
        NoEnt,
        Again = 11,
        #[guest(other)]
        Unknown(u16),
    }

    #[wasm_import]
    fn pass(errno: Errno) -> Errno {
        errno
    }

    #[wasm_import]
    fn tell(errno: Errno) -> u64 {
        match errno {
            Errno::Perm => 100,
            Errno::NoEnt => 200,
            Errno::Again => 300,
            Errno::Unknown(number) => 1000 + u64::from(number),
        }
    }

    #[derive(Clone, Copy, FromGuest)]
    enum Signed {
        Zero,
        One,
        #[guest(other)]
        Other(i32),
    }

    #[wasm_import]
    fn signed(x: Signed) -> i32 {
        match x {
            Signed::Zero => 10,
            Signed::One => 11,
            Signed::Other(number) => number,
        }
    }

    #[test]
    fn the_variant_for_other_numbers_holds_a_number_that_no_variant_has() {
        let mut guest = MockGuest::new(0);
        let mut call = |imports: &Imports, number| {
            let results = guest.call(imports, &[Val::I32(number)]).unwrap();
            results[0]
                .i32()
                .map_or_else(|| results[0].unwrap_i64(), i64::from)
        };
        for number in [1, 2, 11, 0, 3, 65535] {
            assert_eq!(call(&imports![pass], number), i64::from(number));
        }
        let told = [1, 2, 11, 12].map(|number| call(&imports![tell], number));
        assert_eq!(told, [100, 200, 300, 1012]);
        let signed = [0, 1, -1].map(|number| call(&imports![signed], number));
        assert_eq!(signed, [10, 11, -1]);
        // The number is not in the range of the `repr`.
        let mut guest = MockGuest::new(0);
        assert!(guest.call(&imports![pass], &[Val::I32(65536)]).is_err());
    }
}
