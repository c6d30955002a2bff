//! Bad pointers and lengths.

use host_runtime::{HostCallError, ValueError, imports, wasmtime::Val};
use host_tests::{instance, run};

use super::{ffi, other, reason, trap, values};
use crate::support;

#[test]
fn pointers_out_of_bounds_are_refused() {
    assert_eq!(
        trap(imports![ffi::text], &[65_530, 7]),
        "the guest called `ffi.text` with a bad `text: &str` (tests/all/bad_input/mod.rs:LINE): \
         pointer 0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    let negative = trap(imports![ffi::text], &[-1, 1]);
    assert!(negative.ends_with(
        "pointer 0xffffffff and length 1 reach past the end of the memory, 65536 bytes"
    ));
    let long = trap(imports![ffi::text], &[0, -1]);
    assert!(long.ends_with(
        "pointer 0x0 and length 4294967295 reach past the end of the memory, 65536 bytes"
    ));
    let overflowing = trap(imports![ffi::numbers], &[4, 0x4000_0000]);
    assert!(overflowing.ends_with(
        "pointer 0x4 and 1073741824 elements of 4 bytes reach past the end of the memory, 65536 \
         bytes"
    ));
}

#[test]
fn misaligned_slices_are_refused() {
    assert_eq!(
        trap(imports![ffi::numbers], &[2, 1]),
        "the guest called `ffi.numbers` with a bad `list: &[u32]` \
         (tests/all/bad_input/mod.rs:LINE): pointer 0x2 is not aligned to 4 bytes; if guests do \
         not align their data, take bytes"
    );
    assert!(trap(imports![ffi::wide], &[4, 1]).ends_with(
        "pointer 0x4 is not aligned to 8 bytes; if guests do not align their data, take bytes"
    ));
    assert!(trap(imports![ffi::copied], &[0, 0, 1, 1]).ends_with(
        "pointer 0x1 is not aligned to 2 bytes; if guests do not align their data, take bytes"
    ));
}

#[test]
fn pointers_to_plain_data_must_be_aligned_in_bounds_and_disjoint() {
    assert_eq!(
        trap(imports![other::number], &[66]),
        "the guest called `ffi.number` with a bad `number: &u32` \
         (tests/all/bad_input/mod.rs:LINE): pointer 0x42 is not aligned to 4 bytes; if guests do \
         not align their data, take bytes"
    );
    assert_eq!(
        reason(imports![other::number], &[65_533]),
        "pointer 0xfffd and length 4 reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(imports![other::number], &[-4]).starts_with("pointer 0xfffffffc and length 4"));
    assert_eq!(
        reason(imports![other::out], &[8, 10]),
        "bytes 0xa to 0xe overlap bytes 0x8 to 0xc, which are borrowed already by an earlier \
         parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a copy"
    );
    let mut guest = instance(imports![other::out], b"").unwrap();
    run(&mut guest, &values(&[8, 12])).unwrap();
    assert_eq!(guest.read(8, 8).unwrap(), [1, 0, 0, 0, 2, 0, 2, 0]);
}

#[test]
fn packed_and_indirect_pointers_are_checked() {
    let call = |imports, packed: i64| {
        let mut guest = instance(imports, b"").unwrap();
        let error = run(&mut guest, &[Val::I64(packed)]).unwrap_err();
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(
        call(imports![other::low], 0x0000_0007_0000_fffa),
        "pointer 0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        call(imports![other::high], -1),
        "pointer 0xffffffff and length 4294967295 reach past the end of the memory, 65536 bytes"
    );
    assert!(
        reason(imports![other::indirect], &[65_529]).starts_with("pointer 0xfff9 and length 8")
    );
    let mut guest = instance(imports![other::indirect], b"").unwrap();
    guest.write(4, &[0xF0, 0xFF, 0, 0, 17, 0, 0, 0]).unwrap();
    let error = run(&mut guest, &values(&[4])).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), Some("text"));
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "pointer 0xfff0 and length 17 reach past the end of the memory, 65536 bytes"
    );
}

#[test]
fn slices_in_a_list_are_checked() {
    assert!(reason(imports![other::list], &[65_536, 1]).contains("reach past the end"));
    assert!(reason(imports![other::list], &[0, -1]).contains("reach past the end"));
    // The zeroed memory holds two empty slices. Then the second slice covers its own entry in the
    // list, and the third slice lies within the second.
    let mut guest = instance(imports![other::list], b"").unwrap();
    assert_eq!(
        run(&mut guest, &values(&[0, 2])).unwrap()[0].unwrap_i64(),
        2
    );
    guest.write(8, &[8, 0, 0, 0, 8, 0, 0, 0]).unwrap();
    guest.write(16, &[12, 0, 0, 0, 1, 0, 0, 0]).unwrap();
    let error = run(&mut guest, &values(&[0, 3])).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(ValueError::Overlap { .. })),
        "{error:?}"
    );
}

#[test]
fn overlapping_slices_are_refused_if_one_is_mutable() {
    assert_eq!(
        trap(imports![ffi::two], &[100, 10, 109, 10]),
        "the guest called `ffi.two` with a bad `target: &mut [u8]`, which overlaps `source: &[u8]` \
         (tests/all/bad_input/mod.rs:LINE): bytes 0x6d to 0x77 overlap bytes 0x64 to 0x6e, which \
         are borrowed already by an earlier parameter or slice, and one of the two is `&mut`; take \
         one as a `Vec`, which is a copy"
    );
    assert!(trap(imports![ffi::both], &[0, 10, 0, 10]).contains("bad `b: &mut [u8]`"));
    assert!(trap(imports![ffi::both], &[0, 10, 9, 1]).contains("overlap"));
}

#[test]
fn shared_slices_and_empty_slices_may_overlap() {
    let mut guest = instance(imports![ffi::shared], b"abc").unwrap();
    assert_eq!(
        run(&mut guest, &values(&[64, 3, 64, 3])).unwrap()[0].unwrap_i64(),
        6
    );
    let mut guest = instance(imports![ffi::both], b"").unwrap();
    run(&mut guest, &values(&[0, 10, 10, 10])).unwrap();
    assert_eq!(guest.read(9, 2).unwrap(), [1, 2]);
    // An empty slice overlaps nothing.
    run(&mut guest, &values(&[0, 10, 5, 0])).unwrap();
}

#[test]
fn a_guest_without_a_memory_may_pass_numbers_but_no_text() {
    let mut guest = support::guest(
        imports![ffi::text, ffi::byte],
        r#"(module
                (import "ffi" "text" (func $text (param i32 i32) (result i64)))
                (import "ffi" "byte" (func $byte (param i32) (result i32)))
                (func (export "text") (result i64) (call $text (i32.const 0) (i32.const 0)))
                (func (export "byte") (result i32) (call $byte (i32.const 7))))"#,
    );
    let error = guest.call::<(), i64>("text", ()).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), Some("text"));
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the guest exports no memory; give the module a memory, and export it unless \
         `Runtime::load` loads the module"
    );
    assert_eq!(guest.call::<(), i32>("byte", ()).unwrap(), 7);
}
