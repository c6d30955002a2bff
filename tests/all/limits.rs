//! Empty slices, and limits on the length of text and of lists.

use std::ffi::{CStr, CString};

use host_runtime::{
    Guest, GuestSize, GuestSlice, MockGuest, Runtime, ValueError, imports,
    values::{Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasm_import,
};
use host_tests::{guest, run};

use crate::support;

#[wasm_import]
mod empty {
    use super::*;

    pub fn bytes(x: &[u8]) -> GuestSize {
        x.len().into()
    }
    pub fn text(x: &str) -> GuestSize {
        x.len().into()
    }
    pub fn doubles(x: &[f64]) -> GuestSize {
        x.len().into()
    }
    pub fn writable(x: &mut [u64]) -> GuestSize {
        x.len().into()
    }
    pub fn string(x: String) -> GuestSize {
        x.len().into()
    }
    pub fn copied(x: Vec<u64>) -> GuestSize {
        x.len().into()
    }
    pub fn buffer(x: OutBuffer<'_>) -> GuestSize {
        x.0.len().into()
    }
    pub fn units(x: Utf16<'_>) -> GuestSize {
        x.0.len().into()
    }
    pub fn list(x: SliceList<&[u8]>) -> GuestSize {
        x.0.len().into()
    }
    pub fn lazy(mut guest: Guest<'_>, x: GuestSlice<u64>) -> Result<GuestSize, ValueError> {
        x.write(&mut guest, &[])?;
        Ok(x.to_vec(&mut guest)?.len().into())
    }
    pub fn maybe(x: Option<&str>) -> GuestSize {
        x.map_or(7, str::len).into()
    }
}

/// Compilers pass any pointer for an empty slice.
#[test]
fn an_empty_slice_may_have_any_pointer() {
    for function in imports![mod empty].functions() {
        let imports = imports![mod empty].filter(|import| import.name() == function.name());
        let mut instance = support::guest(imports.clone(), guest(function, b""));
        let mut mock = MockGuest::new(65536);
        for pointer in [1, 3, 65536, 65537, i32::MAX, i32::MIN, -1] {
            let arguments = [pointer.into(), 0.into()];
            for results in [
                run(&mut instance, &arguments),
                mock.call(&imports, &arguments),
            ] {
                let results = results.unwrap_or_else(|error| panic!("{function}: {error:?}"));
                assert_eq!(results[0].unwrap_i32(), 0, "{function}");
            }
        }
    }
}

/// For these types, the pointer and the length are not two parameters.
#[test]
fn an_empty_packed_or_indirect_slice_may_have_any_pointer() {
    #[wasm_import]
    fn low(x: PointerLow<&str>) -> GuestSize {
        x.0.len().into()
    }
    #[wasm_import]
    fn high(x: PointerHigh<&mut [u8]>) -> GuestSize {
        x.0.len().into()
    }
    #[wasm_import]
    fn indirect(x: Indirect<&[u16]>) -> GuestSize {
        x.0.len().into()
    }
    let mut mock = MockGuest::new(65536);
    mock.write(64, &[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        .unwrap();
    let low = mock
        .call(&imports![low], &[0xFFFF_FFFF_i64.into()])
        .unwrap();
    let high = mock
        .call(&imports![high], &[(-1_i64 << 32).into()])
        .unwrap();
    let indirect = mock.call(&imports![indirect], &[64.into()]).unwrap();
    for results in [low, high, indirect] {
        assert_eq!(results[0].unwrap_i32(), 0);
    }
}

#[test]
fn an_empty_slice_may_have_any_pointer_in_a_64_bit_memory() {
    let mut mock = MockGuest::new(65536).memory64();
    for pointer in [65537, i64::MAX, -1] {
        let results = mock.call(&imports![empty::copied], &[pointer.into(), 0_i64.into()]);
        assert_eq!(results.unwrap()[0].unwrap_i64(), 0);
    }
}

#[test]
fn an_instance_reads_and_writes_empty_slices_at_any_pointer() {
    let mut instance = support::guest(
        imports![empty::bytes],
        r#"(module (memory (export "memory") 1))"#,
    );
    assert_eq!(instance.read(u32::MAX, 0_u32).unwrap(), []);
    instance.write(u32::MAX, &[]).unwrap();
}

#[wasm_import]
fn borrowed(text: &CStr) -> GuestSize {
    text.count_bytes().into()
}

#[wasm_import]
fn owned(text: CString) -> GuestSize {
    text.count_bytes().into()
}

/// The NUL counts towards the limit.
#[test]
fn text_without_a_length_has_a_limit() {
    for imports in [imports![borrowed], imports![owned]] {
        let mut mock = MockGuest::new(65536);
        mock.memory().fill(b'x');
        mock.write(109, b"\0").unwrap();
        mock.host().set_text_limit(10);
        let results = mock.call(&imports, &[100.into()]).unwrap();
        assert_eq!(results[0].unwrap_i32(), 9);
        let error = mock.call(&imports, &[99.into()]).unwrap_err();
        let reason: &ValueError = error.downcast_ref().unwrap();
        assert_eq!(
            reason.to_string(),
            "there is no NUL in the 10 bytes from pointer 0x63, the limit for text without a \
             length; `RuntimeBuilder::text_limit` or `HostData::set_text_limit` sets it"
        );
        // Here the memory ends before the limit is reached.
        let error = mock.call(&imports, &[65530.into()]).unwrap_err();
        assert!(matches!(
            error.downcast_ref(),
            Some(ValueError::NoNul { .. })
        ));
        let error = mock.call(&imports, &[65537.into()]).unwrap_err();
        assert!(matches!(
            error.downcast_ref(),
            Some(ValueError::OutOfBounds { .. })
        ));
    }
}

#[test]
fn a_runtime_limits_text_and_lists() {
    let function = imports![borrowed].get("env", "borrowed").unwrap();
    let runtime = Runtime::builder().imports(imports![borrowed]).text_limit(3);
    let mut instance = runtime
        .build()
        .unwrap()
        .instantiate(guest(function, b"abc"))
        .unwrap();
    let error = run(&mut instance, &[64.into()]).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::TextTooLong { limit: 3, .. })
    ));
    let function = imports![empty::list].get("env", "list").unwrap();
    let runtime = Runtime::builder()
        .imports(imports![empty::list])
        .list_limit(1);
    let mut instance = runtime
        .build()
        .unwrap()
        .instantiate(guest(function, &[0; 16]))
        .unwrap();
    run(&mut instance, &[64.into(), 1.into()]).unwrap();
    let error = run(&mut instance, &[64.into(), 2.into()]).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "a list of 2 slices is longer than the limit, 1; `RuntimeBuilder::list_limit` or \
         `HostData::set_list_limit` sets it"
    );
}

#[test]
fn the_error_for_a_slice_gives_the_number_of_elements_and_their_size() {
    #[wasm_import]
    fn sum(numbers: &[u32]) -> u32 {
        numbers.iter().sum()
    }
    #[wasm_import]
    fn copied_sum(numbers: Vec<u32>) -> u32 {
        numbers.iter().sum()
    }
    for imports in [imports![sum], imports![copied_sum]] {
        let mut mock = MockGuest::new(65536);
        let error = mock
            .call(&imports, &[8.into(), 0x4000_0000.into()])
            .unwrap_err();
        assert_eq!(
            error.downcast_ref::<ValueError>().unwrap().to_string(),
            "pointer 0x8 and 1073741824 elements of 4 bytes reach past the end of the memory, \
             65536 bytes"
        );
    }
}

#[test]
fn an_overlap_in_the_body_of_a_host_function_blames_no_parameter() {
    #[wasm_import]
    fn twice(mut guest: Guest<'_>) -> Result<(), ValueError> {
        guest.memory(|memory| {
            memory.exclusive(GuestSize(0), 8)?;
            memory.shared(GuestSize(4), 8).map(drop)
        })?
    }
    let error = MockGuest::new(64).call(&imports![twice], &[]).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "bytes 0x4 to 0xc overlap bytes 0x0 to 0x8, which are borrowed already by an earlier \
         parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a copy"
    );
}
