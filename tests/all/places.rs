//! Parameters that refer to guest memory: structs, buffers, pointers and lists that the host reads
//! later, and types without size. The tests also pass wrong pointers and lengths for them.

use std::sync::LazyLock;

use host_runtime::{
    Allocated, Guest, GuestPointer, GuestSize, GuestSlice, HostCallError, HostData, Imports,
    InstancePre, MockGuest, PlainData, Runtime, ValueError, imports,
    values::{OutBuffer, SliceList},
    wasm_import,
    wasmtime::Val,
};
use host_tests::{guest, instance, moving, run};
use proptest::prelude::*;

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Point {
    x: u32,
    y: f32,
    name: [u8; 16],
    time: u64,
}

#[wasm_import(module = "places")]
mod places {
    use super::{
        Allocated, Guest, GuestPointer, GuestSize, GuestSlice, OutBuffer, Point, SliceList,
        ValueError,
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
    pub(super) fn double(
        mut guest: Guest<'_>,
        number: GuestPointer<u64>,
    ) -> Result<(), ValueError> {
        let value = number.read(&mut guest)?;
        number.write(&mut guest, value * 2)
    }
    pub(super) fn zero(mut guest: Guest<'_>, number: GuestPointer<u64>) -> Result<(), ValueError> {
        number.write(&mut guest, 0)
    }
    /// Grows the memory, which may move it, and then reverses the bytes of each part.
    pub(super) fn reverse(
        mut guest: Guest<'_>,
        parts: SliceList<GuestSlice<u8>>,
    ) -> Result<u64, ValueError> {
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

/// The results, or the bad parameter and the reason.
fn call(imports: Imports, arguments: &[i32]) -> Result<Vec<Val>, String> {
    let mut guest = instance(imports, b"\x02\0\0\0\0\0\0\0abcdef").unwrap();
    let arguments: Vec<_> = arguments.iter().map(|&x| Val::I32(x)).collect();
    run(&mut guest, &arguments).map_err(|error| {
        let place: &HostCallError = error.downcast_ref().expect("the place of the hostcall");
        let reason: &ValueError = error.downcast_ref().expect("the bad value");
        format!("{}: {reason}", place.parameter().unwrap_or("the function"))
    })
}

fn reason(imports: Imports, arguments: &[i32]) -> String {
    call(imports, arguments).expect_err("the call fails")
}

#[test]
fn references_to_structs_must_be_aligned_in_bounds_and_disjoint() {
    assert_eq!(
        call(imports![places::point], &[64]).unwrap()[0].i32(),
        Some(2)
    );
    assert_eq!(
        reason(imports![places::point], &[68]),
        "point: pointer 0x44 is not aligned to 8 bytes; if guests do not align their data, take \
         bytes"
    );
    assert_eq!(
        reason(imports![places::point], &[65_512]),
        "point: pointer 0xffe8 and length 32 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        reason(imports![places::moved], &[64, 88]),
        "to: bytes 0x58 to 0x78 overlap bytes 0x40 to 0x60, which are borrowed already by an \
         earlier parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a \
         copy"
    );
    call(imports![places::moved], &[64, 96]).unwrap();
    assert_eq!(
        reason(imports![places::points], &[64, 2047]),
        "points: pointer 0x40 and 2047 elements of 32 bytes reach past the end of the memory, \
         65536 bytes"
    );
    assert!(
        reason(imports![places::points], &[60, 1])
            .ends_with("is not aligned to 8 bytes; if guests do not align their data, take bytes")
    );
}

#[test]
fn buffers_must_be_aligned_in_bounds_and_disjoint() {
    let fill = || imports![places::fill];
    let length = call(fill(), &[0, 4, 8, 1]).unwrap();
    assert_eq!(length[0].i32(), Some(4));
    assert_eq!(
        reason(fill(), &[65_530, 7, 8, 1]),
        "out: pointer 0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        reason(fill(), &[0, 4, 12, 1]),
        "wide: pointer 0xc is not aligned to 8 bytes; if guests do not align their data, take bytes"
    );
    assert_eq!(
        reason(fill(), &[0, 9, 8, 1]),
        "wide: bytes 0x8 to 0x10 overlap bytes 0x0 to 0x9, which are borrowed already by an \
         earlier parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a \
         copy"
    );
}

#[test]
fn a_guest_pointer_is_checked_when_it_is_used() {
    // A `GuestPointer` need not be aligned.
    call(imports![places::double], &[65]).unwrap();
    for imports in [imports![places::double], imports![places::zero]] {
        assert_eq!(
            reason(imports.clone(), &[65_529]),
            "the function: pointer 0xfff9 and length 8 reach past the end of the memory, 65536 \
             bytes"
        );
        assert!(reason(imports, &[-1]).starts_with("the function: pointer 0xffffffff and"));
    }
}

#[test]
fn a_list_is_read_before_the_call_and_its_slices_when_they_are_used() {
    let mut guest = instance(imports![places::reverse], b"abcdef").unwrap();
    guest.write(8, &[64, 0, 0, 0, 2, 0, 0, 0]).unwrap();
    guest.write(16, &[66, 0, 0, 0, 4, 0, 0, 0]).unwrap();
    let arguments = |count| [Val::I32(8), Val::I32(count)];
    let length = run(&mut guest, &arguments(2)).unwrap();
    assert_eq!(length[0].i64(), Some(6));
    assert_eq!(guest.read(64, 6).unwrap(), b"bafedc");

    // The third slice is out of bounds. The body of the function fails when it reads the slice.
    guest
        .write(24, &[0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0])
        .unwrap();
    let error = run(&mut guest, &arguments(3)).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), None);
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "pointer 0x7fffffff and length 1 reach past the end of the memory, 196608 bytes"
    );
    assert!(
        reason(imports![places::reverse], &[65_529, 1])
            .starts_with("parts: pointer 0xfff9 and length 8")
    );
}

#[test]
fn an_optional_list_may_be_null() {
    let parts = |arguments| call(imports![places::parts], arguments).unwrap()[0].i32();
    assert_eq!(parts(&[0, 3]), Some(-1));
    assert_eq!(parts(&[8, 0]), Some(0));
}

#[test]
fn a_pointer_to_a_type_without_size_may_have_any_value() {
    let nothing = || imports![places::nothing];
    for arguments in [[0, 0], [64, 64], [65_536, 65_536], [64, 65_540], [-4, -1]] {
        assert_eq!(call(nothing(), &arguments).unwrap()[0].i32(), Some(0));
    }
    let empty = call(imports![places::empty], &[]).unwrap();
    assert_eq!(empty[1].i32(), Some(0));
}

#[wasm_import(module = "places")]
fn mixed(a: &u32, b: &mut [u64], c: &[u8], d: &mut [u32; 0]) -> u64 {
    b.fill(u64::MAX);
    u64::from(*a) + (b.len() + c.len() + d.len()) as u64
}

/// The first bad parameter of `mixed`, according to the rules in the chapter on types.
fn first_bad([a, b, b_len, c, c_len, d]: [u64; 6]) -> Option<&'static str> {
    const SIZE: u64 = 65_536;
    let apart = |(s, e): (u64, u64), (t, f): (u64, u64)| s == e || t == f || e <= t || f <= s;
    let (at_a, at_b) = ((a, a + 4), (b, b + 8 * b_len));
    let at_c = (c, c + c_len);
    if at_a.1 > SIZE || !a.is_multiple_of(4) {
        Some("a")
    } else if (b_len > 0 && at_b.1 > SIZE)
        || !apart(at_a, at_b)
        || (b_len > 0 && !b.is_multiple_of(8))
    {
        Some("b")
    } else if (c_len > 0 && at_c.1 > SIZE) || !apart(at_b, at_c) {
        Some("c")
    } else if d <= SIZE && !d.is_multiple_of(4) {
        Some("d")
    } else {
        None
    }
}

fn address() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => (0..16_u64).prop_map(|n| n * 8),
        1 => 0..128_u64,
        1 => 65_500..=65_540_u64,
        1 => any::<u32>().prop_map(u64::from),
    ]
}

fn length() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..5_u64, 1 => any::<u32>().prop_map(u64::from)]
}

/// A change of the memory, or an access to it, while a host function runs.
#[derive(Clone, Debug)]
enum Step {
    /// The host grows the memory by a number of pages.
    Grow(u64),
    /// The host calls the guest, which grows the memory.
    GuestGrows(u64),
    Write(u64, u64),
    Read(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let address = || prop_oneof![0..65_536_u64, 65_520..65_545_u64, 0..400_000_u64];
    prop_oneof![
        1 => (0..3_u64).prop_map(Step::Grow),
        1 => (0..3_u64).prop_map(Step::GuestGrows),
        3 => (address(), any::<u64>()).prop_map(|(at, value)| Step::Write(at, value)),
        3 => address().prop_map(Step::Read),
    ]
}

/// The steps to do, and the result of each step.
struct Steps(Vec<Step>, Vec<Option<u64>>);

#[wasm_import(module = "places")]
fn steps(mut guest: Guest<'_>) -> u64 {
    let steps = guest
        .state::<Steps>()
        .expect("the test inserts it")
        .0
        .clone();
    let mut done = Vec::new();
    for step in steps {
        done.push(match step {
            Step::Grow(pages) => guest.grow_memory(pages).ok(),
            Step::GuestGrows(pages) => guest.call("grow", pages).ok().filter(|&old| old < 5),
            Step::Write(at, value) => {
                let place = GuestPointer::<u64>::new(at);
                place.write(&mut guest, value).ok().map(|()| 0)
            }
            Step::Read(at) => GuestPointer::<u64>::new(at).read(&mut guest).ok(),
        });
    }
    guest.state::<Steps>().expect("the test inserts it").1 = done;
    0
}

/// The expected results of the steps, in a memory of one page that may grow to four pages.
fn expected(steps: &[Step]) -> Vec<Option<u64>> {
    const PAGE: usize = 65_536;
    let mut memory = vec![0_u8; PAGE];
    let range = |memory: &[u8], at: u64| {
        let at = usize::try_from(at).unwrap();
        (at + 8 <= memory.len()).then_some(at..at + 8)
    };
    let step = |step: &Step| match *step {
        Step::Grow(pages) | Step::GuestGrows(pages) => {
            let old = memory.len() / PAGE;
            let new = old + usize::try_from(pages).unwrap();
            (new <= 4).then(|| {
                memory.resize(new * PAGE, 0);
                old as u64
            })
        }
        Step::Write(at, value) => range(&memory, at).map(|range| {
            memory[range].copy_from_slice(&value.to_le_bytes());
            0
        }),
        Step::Read(at) => range(&memory, at)
            .map(|range| u64::from_le_bytes(memory[range].try_into().expect("8 bytes"))),
    };
    steps.iter().map(step).collect()
}

/// A guest that calls `mixed`, and a guest that calls `steps`, whose memory moves when it grows.
static GUESTS: LazyLock<[InstancePre; 2]> = LazyLock::new(|| {
    let imports = imports![mixed];
    let mixed = guest(
        imports
            .functions()
            .next()
            .expect("`imports` has one function"),
        b"",
    );
    let growing = r#"(module
        (import "places" "steps" (func $steps (result i64)))
        (memory (export "memory") 1 4)
        (func (export "grow") (param i64) (result i64)
            (i64.extend_i32_s (memory.grow (i32.wrap_i64 (local.get 0)))))
        (func (export "run") (result i64) (call $steps)))"#;
    let runtime = Runtime::builder().imports(imports);
    let steps = Runtime::builder()
        .config(moving())
        .imports(imports![steps])
        .state_per_instance::<Steps>();
    [
        runtime.build().unwrap().load(mixed).unwrap(),
        steps.build().unwrap().load(growing).unwrap(),
    ]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A guest and a mock guest give the same result.
    #[test]
    fn a_parameter_is_converted_if_it_is_in_bounds_aligned_and_disjoint(
        a in address(),
        b in address(),
        b_len in length(),
        c in address(),
        c_len in length(),
        d in address(),
    ) {
        let arguments = [a, b, b_len, c, c_len, d];
        #[expect(clippy::cast_possible_truncation, reason = "the arguments have 32 bits")]
        let values = arguments.map(|x| Val::I32(x as i32));
        let (mut real, mut mock) = (GUESTS[0].instantiate().unwrap(), MockGuest::new(65_536));
        for result in [run(&mut real, &values), mock.call(&imports![mixed], &values)] {
            let blamed = result.as_ref().err().map(|error| {
                assert!(error.is::<ValueError>(), "{error:?}");
                error.downcast_ref::<HostCallError>().unwrap().parameter().unwrap()
            });
            prop_assert_eq!(blamed, first_bad(arguments));
            if let Ok(results) = result {
                prop_assert_eq!(results[0].i64(), i64::try_from(b_len + c_len).ok());
            }
        }
        let written = |at: u64| first_bad(arguments).is_none() && (b..b + 8 * b_len).contains(&at);
        for memory in [real.memory().unwrap(), mock.memory()] {
            prop_assert!((0..).zip(memory).all(|(at, &mut byte)| (byte == u8::MAX) == written(at)));
        }
    }

    #[test]
    fn a_host_function_uses_the_current_memory_after_each_growth(
        todo in prop::collection::vec(step(), 1..24),
    ) {
        let host = |host: &mut HostData| {
            host.insert(Steps(todo.clone(), Vec::new()));
        };
        let mut guest = GUESTS[1].instantiate_with(host).unwrap();
        guest.call::<(), u64>("run", ()).unwrap();
        prop_assert_eq!(&guest.state::<Steps>().unwrap().1, &expected(&todo));
    }
}
