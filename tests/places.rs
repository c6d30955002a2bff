//! Places in the guest's memory: structs, buffers to fill, what the host looks at later, and what has no
//! size; and what a guest may do wrong with each.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "host functions get by value what the guest passes, or a pointer to it"
)]

use bytemuck::{Pod, Zeroable};
use host_runtime::{
    Allocated, BadValue, Guest, GuestPointer, GuestSize, GuestSlice, HostCallError, Imports,
    OutBuffer, PlainData, SliceList, imports, wasm_import, wasmtime::Val,
};
use host_tests::{instance, run};

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Point {
    x: u32,
    y: f32,
    name: [u8; 16],
    time: u64,
}

impl PlainData for Point {}

#[wasm_import(module = "places")]
mod places {
    use super::{
        Allocated, BadValue, Guest, GuestPointer, GuestSize, GuestSlice, OutBuffer, Point,
        SliceList,
    };

    pub(super) fn point(point: &Point) -> u32 {
        point.x
    }
    pub(super) fn moved(point: &mut Point, to: &Point) {
        point.x = to.x;
    }
    pub(super) fn points(points: &[Point]) -> u32 {
        points.iter().map(|point| point.x).sum()
    }
    pub(super) fn fill(mut out: OutBuffer<'_>, mut wide: OutBuffer<'_, u64>) -> GuestSize {
        wide.write(&[7]);
        out.write(b"some text")
    }
    pub(super) fn double(mut guest: Guest<'_>, number: GuestPointer<u64>) -> Result<(), BadValue> {
        let value = number.read(&mut guest)?;
        number.write(&mut guest, value * 2)
    }
    pub(super) fn zero(mut guest: Guest<'_>, number: GuestPointer<u64>) -> Result<(), BadValue> {
        number.write(&mut guest, 0)
    }
    /// Writes each part backwards, once the memory has moved.
    pub(super) fn reverse(
        mut guest: Guest<'_>,
        parts: SliceList<GuestSlice<u8>>,
    ) -> Result<u64, BadValue> {
        guest.grow_memory(1).expect("there is room to grow");
        let mut length = 0;
        for part in parts.0 {
            let mut bytes = part.to_vec(&mut guest)?;
            bytes.reverse();
            part.write(&mut guest, &bytes)?;
            length += part.len();
        }
        Ok(length)
    }
    pub(super) fn parts(parts: Option<SliceList<&[u8]>>) -> i32 {
        parts.map_or(-1, |parts| i32::try_from(parts.0.len()).unwrap_or(i32::MAX))
    }
    pub(super) fn nothing(nothing: &[u32; 0], also: &mut [u32; 0]) -> u32 {
        u32::try_from(nothing.len() + also.len()).unwrap_or(u32::MAX)
    }
    pub(super) fn empty() -> Allocated<Vec<u32>> {
        Vec::new().into()
    }
}

/// Which parameter is to blame and why, if any.
fn call(imports: Imports, arguments: &[i32]) -> Result<Vec<Val>, String> {
    let mut guest = instance(imports, b"\x02\0\0\0\0\0\0\0abcdef").unwrap();
    let arguments: Vec<_> = arguments.iter().map(|&x| Val::I32(x)).collect();
    run(&mut guest, &arguments).map_err(|error| {
        let place: &HostCallError = error.downcast_ref().expect("the place of the hostcall");
        let reason: &BadValue = error.downcast_ref().expect("the bad value");
        format!("{}: {reason}", place.parameter().unwrap_or("the function"))
    })
}

fn reason(imports: Imports, arguments: &[i32]) -> String {
    call(imports, arguments).expect_err("what the guest passes is bad")
}

#[test]
fn structs() {
    assert_eq!(
        call(imports![places::point], &[64]).unwrap()[0].i32(),
        Some(2)
    );
    assert_eq!(
        reason(imports![places::point], &[68]),
        "point: pointer 0x44 is not aligned to 8 bytes"
    );
    assert_eq!(
        reason(imports![places::point], &[65_512]),
        "point: pointer 0xffe8 and length 32 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        reason(imports![places::moved], &[64, 88]),
        "to: bytes 0x58 to 0x78 overlap those of another parameter, 0x40 to 0x60, and one of the two is `&mut`"
    );
    call(imports![places::moved], &[64, 96]).unwrap();
    assert_eq!(
        reason(imports![places::points], &[64, 2047]),
        "points: pointer 0x40 and length 65504 reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(imports![places::points], &[60, 1]).ends_with("is not aligned to 8 bytes"));
}

#[test]
fn buffers_to_fill() {
    let fill = || imports![places::fill];
    let length = call(fill(), &[0, 4, 8, 1]).unwrap();
    assert_eq!(length[0].i32(), Some(4));
    assert_eq!(
        reason(fill(), &[65_530, 7, 8, 1]),
        "out: pointer 0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        reason(fill(), &[0, 4, 12, 1]),
        "wide: pointer 0xc is not aligned to 8 bytes"
    );
    assert_eq!(
        reason(fill(), &[0, 9, 8, 1]),
        "wide: bytes 0x8 to 0x10 overlap those of another parameter, 0x0 to 0x9, and one of the two is `&mut`"
    );
}

#[test]
fn pointers_that_are_used_late() {
    // No place in memory is needed to be aligned for it.
    call(imports![places::double], &[65]).unwrap();
    for imports in [imports![places::double], imports![places::zero]] {
        assert_eq!(
            reason(imports.clone(), &[65_529]),
            "the function: pointer 0xfff9 and length 8 reach past the end of the memory, 65536 bytes"
        );
        assert!(reason(imports, &[-1]).starts_with("the function: pointer 0xffffffff and"));
    }
}

#[test]
fn lists_that_are_used_late() {
    let mut guest = instance(imports![places::reverse], b"abcdef").unwrap();
    guest.write(8, &[64, 0, 0, 0, 2, 0, 0, 0]).unwrap();
    guest.write(16, &[66, 0, 0, 0, 4, 0, 0, 0]).unwrap();
    let arguments = |count| [Val::I32(8), Val::I32(count)];
    let length = run(&mut guest, &arguments(2)).unwrap();
    assert_eq!(length[0].i64(), Some(6));
    assert_eq!(guest.read(64, 6).unwrap(), b"bafedc");

    // The list is read when the function is called, what it lists when it is used.
    guest
        .write(24, &[0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0])
        .unwrap();
    let error = run(&mut guest, &arguments(3)).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), None);
    assert_eq!(
        error.downcast_ref::<BadValue>().unwrap().to_string(),
        "pointer 0x7fffffff and length 1 reach past the end of the memory, 196608 bytes"
    );
    assert!(
        reason(imports![places::reverse], &[65_529, 1])
            .starts_with("parts: pointer 0xfff9 and length 8")
    );
}

#[test]
fn lists_that_are_left_out() {
    let parts = |arguments| call(imports![places::parts], arguments).unwrap()[0].i32();
    assert_eq!(parts(&[0, 3]), Some(-1));
    assert_eq!(parts(&[8, 0]), Some(0));
}

/// What has no size has a place all the same, which is within the memory or at its very end.
#[test]
fn what_has_no_size() {
    let nothing = || imports![places::nothing];
    for arguments in [[0, 0], [64, 64], [65_536, 65_536], [64, 65_536]] {
        assert_eq!(call(nothing(), &arguments).unwrap()[0].i32(), Some(0));
    }
    assert_eq!(
        reason(nothing(), &[65_540, 0]),
        "nothing: pointer 0x10004 and length 0 reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(nothing(), &[0, -4]).starts_with("also: pointer 0xfffffffc and length 0"));
    let empty = call(imports![places::empty], &[]).unwrap();
    assert_eq!(empty[1].i32(), Some(0));
}
