//! Results that the host writes to a buffer of the guest.

use host_runtime::{GuestSize, Imports, imports, values::OutBuffer, wasm_import};

use super::{ALLOCATORS, guest};

#[wasm_import]
mod fill {
    use super::*;

    pub fn name(mut out: OutBuffer<'_>) -> GuestSize {
        out.write_all_or_none(b"embedder")
    }
    pub fn part(mut out: OutBuffer<'_, u16>) -> GuestSize {
        out.write(&[1, 2, 3])
    }
    pub fn text(mut out: OutBuffer<'_>) -> GuestSize {
        out.write_text("aé")
    }
}

#[test]
fn a_host_function_writes_what_fits_and_returns_a_length() {
    let call = |imports: Imports, length: u32| {
        let mut guest = guest(imports, "(param i32 i32) (result i32)", ALLOCATORS);
        let result = guest.call::<(u32, u32), u32>("call", (0, length)).unwrap();
        (result, guest.read(0u32, 8u32).unwrap().to_vec())
    };
    assert_eq!(call(imports![fill::name], 7), (8, vec![0; 8]));
    assert_eq!(call(imports![fill::name], 8), (8, b"embedder".to_vec()));
    assert_eq!(
        call(imports![fill::part], 2),
        (2, vec![1, 0, 2, 0, 0, 0, 0, 0])
    );
    assert_eq!(call(imports![fill::part], 9).0, 3);
    assert_eq!(
        call(imports![fill::text], 2),
        (1, b"a\0\0\0\0\0\0\0".to_vec())
    );
    assert_eq!(call(imports![fill::text], 3).0, 3);
}
