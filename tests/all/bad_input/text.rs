//! Bad text.

use host_runtime::{ValueError, imports};
use host_tests::{instance, run};

use super::{ffi, other, reason, trap, values};

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert_eq!(
        trap(imports![ffi::text], &[64, 2]),
        "the guest called `ffi.text` with a bad `text: &str` (tests/all/bad_input/mod.rs:LINE): \
         the 2 bytes at 0x40 are not UTF-8: invalid utf-8 sequence of 1 bytes from index 0; take \
         bytes if they may be something else"
    );
    assert!(trap(imports![ffi::optional], &[64, 1]).contains("are not UTF-8"));
    assert!(trap(imports![ffi::copied], &[64, 1, 0, 0]).contains("are not UTF-8"));
}

#[test]
fn a_newtype_of_text_that_is_not_utf8_is_refused() {
    assert_eq!(
        trap(imports![other::named], &[64, 1]),
        "the guest called `ffi.named` with a bad `name: Name<'_>` \
         (tests/all/bad_input/mod.rs:LINE): the 1 bytes at 0x40 are not UTF-8: invalid utf-8 \
         sequence of 1 bytes from index 0; take bytes if they may be something else"
    );
}

#[test]
fn c_text_without_a_nul_is_refused() {
    let whole_memory = [0, 65_536];
    let mut guest = instance(imports![other::c], b"").unwrap();
    guest.memory().unwrap().fill(b'x');
    let error = run(&mut guest, &values(&[0, 0, 9])).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "there is no NUL from pointer 0x9 to the end of the memory"
    );
    // The search for the NUL does not read bytes that are borrowed as `&mut`.
    let error = run(&mut guest, &values(&[16, 4, 9])).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(ValueError::Overlap { .. })),
        "{error:?}"
    );
    guest.write(15, &[0]).unwrap();
    assert_eq!(
        run(&mut guest, &values(&[16, 4, 9])).unwrap()[0].unwrap_i64(),
        4 + 6
    );
    assert!(reason(imports![other::c], &[0, 0, -1]).contains("reach past the end"));
    assert!(reason(imports![other::c], &[whole_memory[0], whole_memory[1], 9]).contains("overlap"));
}

#[test]
fn utf16_and_assembly_script_text_is_checked() {
    assert_eq!(
        reason(imports![other::utf16], &[65, 1]),
        "pointer 0x41 is not aligned to 2 bytes; if guests do not align their data, take bytes"
    );
    assert_eq!(
        reason(imports![other::script], &[3]),
        "3 is not a valid `AssemblyScriptStr`: expected a pointer to text after a header of 4 bytes"
    );
    let mut guest = instance(imports![other::script], b"").unwrap();
    guest.write(100, &[0xFF, 0xFF, 0xFF, 0x7F]).unwrap();
    let error = run(&mut guest, &values(&[104])).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "pointer 0x68 and 1073741823 elements of 2 bytes reach past the end of the memory, 65536 \
         bytes"
    );
    assert!(reason(imports![other::script], &[-2]).contains("reach past the end"));
}
