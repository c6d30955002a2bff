//! A `MockGuest` calls host functions as a real guest does.

use std::ffi::{CStr, CString};

use host_runtime::{
    Callback, Guest, GuestPointer, GuestSlice, HostObject, Imports, MockGuest, ValueError,
    errors::MissingStateError,
    imports,
    values::{AssemblyScriptStr, Indirect, PointerHigh, SliceList, Utf16},
    wasm_import,
    wasmtime::{Caller, Val},
};
use proptest::prelude::*;

use crate::support;

#[wasm_import(module = "all")]
mod all {
    use super::*;

    pub(super) fn slices(a: &[u8], b: &mut [u16], c: Option<&str>) -> u64 {
        b.fill(0x6161);
        (a.len() + b.len() + c.map_or(0, str::len)) as u64
    }
    pub(super) fn plain(a: &u32, b: &mut [u16; 3], c: &u64) -> u64 {
        b[2] = b[0];
        u64::from(*a) + *c
    }
    pub(super) fn copies(a: String, b: Vec<u32>, c: u8) -> u64 {
        (a.len() + b.len()) as u64 + u64::from(c)
    }
    pub(super) fn texts(a: &CStr, b: Utf16<'_>, c: AssemblyScriptStr<'_>) -> u64 {
        (a.count_bytes() + b.0.len() + c.0.0.len()) as u64
    }
    pub(super) fn lists(a: Indirect<&mut [u8]>, b: SliceList<&[u8]>, c: PointerHigh<&str>) -> u64 {
        a.0.fill(0);
        b.0.iter().map(|bytes| bytes.len() as u64).sum::<u64>() + c.0.len() as u64
    }
    pub(super) fn late(
        mut guest: Guest<'_>,
        a: GuestPointer<u32>,
        b: GuestSlice<u16>,
    ) -> Result<u64, ValueError> {
        let value = a.read(&mut guest)?;
        b.write(&mut guest, &[7])?;
        Ok(u64::from(value) + b.to_vec(&mut guest)?.len() as u64)
    }
}

/// An argument. Most arguments are small, so that many of them are valid pointers and lengths.
fn argument() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0..160_i64,
        2 => 65_500..65_540_i64,
        1 => any::<i64>(),
        2 => (0..160_i64, 0..8_i64).prop_map(|(low, high)| low << 32 | high),
    ]
}

/// The first words in the memory.
fn words() -> impl Strategy<Value = Vec<u32>> {
    let word = prop_oneof![4 => 0..40_u32, 1 => any::<u32>(), 1 => Just(0x0061_0062)];
    prop::collection::vec(word, 40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// For any arguments and any memory, the result or the error is the same, and so is the memory
    /// after the call.
    #[test]
    fn a_mock_guest_calls_as_a_guest_does(
        which in 0..6_usize,
        arguments in prop::collection::vec(argument(), 6),
        words in words(),
    ) {
        let imports: [Imports; 6] = [
            imports![all::slices], imports![all::plain], imports![all::copies],
            imports![all::texts], imports![all::lists], imports![all::late],
        ];
        let imports = &imports[which];
        let function = imports.functions().next().unwrap();
        let types = function.parameters().iter().flat_map(|p| {
            p.types().as_slice().iter().map(ToString::to_string).collect::<Vec<_>>()
        });
        #[allow(clippy::cast_possible_truncation)]
        let values: Vec<Val> = types.zip(&arguments).map(|(ty, &argument)| {
            if ty == "i64" { Val::I64(argument) } else { Val::I32(argument as i32) }
        }).collect();

        let bytes = bytemuck::cast_slice::<u32, u8>(&words);
        let mut real = host_tests::instance(imports.clone(), b"").unwrap();
        real.write(0, bytes).unwrap();
        let mut mock = MockGuest::new(65_536);
        mock.write(0, bytes).unwrap();
        let got = host_tests::run(&mut real, &values);
        let mocked = mock.call(imports, &values);
        match (got, mocked) {
            (Ok(got), Ok(mocked)) => prop_assert_eq!(format!("{got:?}"), format!("{mocked:?}")),
            (Err(got), Err(mocked)) => prop_assert_eq!(
                got.downcast_ref::<ValueError>().expect("a `ValueError`"),
                mocked.downcast_ref::<ValueError>().expect("a `ValueError`")
            ),
            (got, mocked) => prop_assert!(false, "guest: {:?}, mock guest: {:?}", got, mocked),
        }
        prop_assert_eq!(&real.memory().unwrap()[..200], &mock.memory()[..200]);
    }
}

#[wasm_import(module = "odd")]
mod odd {
    use super::*;

    pub(super) fn call_back(mut guest: Guest<'_>, f: Callback<(), ()>) -> anyhow::Result<()> {
        guest.call(&f, ())
    }
    pub(super) fn object(_x: Option<HostObject<u8>>) {}
    pub(super) fn caller(_caller: Caller<'_, ()>) {}
    pub(super) fn state(#[state] _x: &String) {}
    pub(super) fn wide(text: &str) -> u64 {
        text.len() as u64
    }
}

fn reason(imports: Imports, arguments: &[Val]) -> String {
    let error = MockGuest::new(0).call(&imports, arguments).unwrap_err();
    support::without_lines(&format!("{error:#}"))
}

#[test]
fn the_error_says_what_a_mock_guest_cannot_do() {
    assert_eq!(
        reason(imports![mod odd], &[]),
        "expected one function to call, found 5"
    );
    assert_eq!(
        reason(imports![odd::object], &[Val::I32(0)]),
        "`odd.object`, fn object(_x: Option<HostObject<u8>>) (tests/all/mock.rs:LINE) takes or \
         returns references, which need a store"
    );
    assert_eq!(
        reason(imports![odd::caller], &[]),
        "`odd.caller`, fn caller(_caller: Caller<'_, ()>) (tests/all/mock.rs:LINE) takes the \
         `Caller` of a store, but a mock guest has no store"
    );
    assert!(reason(imports![odd::call_back], &[Val::I32(0)]).contains("exports no table"));
    assert_eq!(
        reason(imports![odd::wide], &[Val::I64(0), Val::I32(0)]),
        "`odd.wide`, fn wide(text: &str) -> u64 (tests/all/mock.rs:LINE) is (func (param i32 i32) \
         (result i64)), but it is called with [I64(0), I32(0)]"
    );
    let error = MockGuest::new(0)
        .call(&imports![odd::state], &[])
        .unwrap_err();
    assert!(error.is::<MissingStateError>());
    let text = error.to_string();
    assert!(
        text.ends_with("provide one with `MockGuest::with(…)`"),
        "{text}"
    );
}

#[test]
fn a_mock_guest_may_have_64_bit_addresses() {
    let mut guest = MockGuest::new(100).memory64();
    guest.write(90, b"text").unwrap();
    let got = guest
        .call(&imports![odd::wide], &[Val::I64(90), Val::I64(4)])
        .unwrap();
    assert_eq!(got[0].unwrap_i64(), 4);
    let error = guest
        .call(&imports![odd::wide], &[Val::I64(-1), Val::I64(4)])
        .unwrap_err();
    assert!(error.is::<ValueError>());
}

#[wasm_import]
fn text_beside_a_buffer(out: &mut [u8], text: CString) -> u32 {
    u32::try_from(out.len() + text.count_bytes()).unwrap()
}

/// The bytes after the NUL do not belong to the text, so another parameter may use them.
#[test]
fn text_without_a_length_ends_at_its_nul() {
    let mut guest = MockGuest::new(64);
    guest.write(0u32, b"ab\0").unwrap();
    let mut call = |out: i32| {
        let arguments = [out.into(), Val::I32(8), Val::I32(0)];
        guest.call(&imports![text_beside_a_buffer], &arguments)
    };
    assert_eq!(call(3).unwrap()[0].unwrap_i32(), 10);
    let error = call(2).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::Overlap { .. })
    ));

    guest.memory().fill(b'x');
    let mut reason = |at: i32| {
        let arguments = [Val::I32(0), Val::I32(0), at.into()];
        let error = guest.call(&imports![text_beside_a_buffer], &arguments);
        error
            .unwrap_err()
            .downcast::<ValueError>()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        reason(60),
        "there is no NUL from pointer 0x3c to the end of the memory"
    );
    assert_eq!(
        reason(65),
        "pointer 0x41 and length 1 reach past the end of the memory, 64 bytes"
    );
}

/// The text has 4000 bytes.
#[test]
fn a_text_that_exceeds_the_copy_budget_is_an_error() {
    let mut guest = MockGuest::new(4096);
    guest.memory().fill(b'x');
    guest.memory()[4000] = 0;
    let arguments = [Val::I32(0), Val::I32(0), Val::I32(0)];
    guest.host().set_copy_budget(4000);
    assert!(
        guest
            .call(&imports![text_beside_a_buffer], &arguments)
            .is_ok()
    );
    guest.host().set_copy_budget(3999);
    let error = guest
        .call(&imports![text_beside_a_buffer], &arguments)
        .unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::OverBudget {
            bytes: 4000,
            left: 3999
        })
    ));
}
