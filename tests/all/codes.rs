//! Errors that a guest gets as error codes.

use host_runtime::{
    Allocated, ErrorCode, GuestSize, Imports, ResultCode, Runtime, imports,
    values::{LastReturnPointer, ReturnPointer},
    wasm_import,
};

use crate::support;

#[derive(Debug, thiserror::Error, ResultCode)]
enum FsError {
    #[error("there is no such file")]
    #[guest(code = 44)]
    NotFound,
    #[error("{0} is not a file")]
    #[guest(code = 8)]
    NoFile(u32),
    #[error("the disk is gone")]
    #[guest(trap)]
    Disk(#[from] std::io::Error),
}

/// An enum whose discriminants are the codes.
#[derive(ResultCode)]
enum Errno {
    Again = -11,
    #[allow(dead_code, reason = "its code is listed in `CODES`")]
    Inval = -22,
}

/// Succeeds for 0, and fails with the variant that `how` selects.
fn fail(how: u32) -> Result<(), FsError> {
    match how {
        0 => Ok(()),
        1 => Err(FsError::NotFound),
        2 => Err(FsError::NoFile(7)),
        _ => Err(std::io::Error::other("no answer"))?,
    }
}

#[wasm_import]
mod fs {
    use super::*;

    pub fn unit(how: u32) -> Result<(), ErrorCode<FsError>> {
        Ok(fail(how)?)
    }
    pub fn last(how: u32) -> Result<LastReturnPointer<u32>, ErrorCode<FsError>> {
        fail(how)?;
        Ok(LastReturnPointer(99))
    }
    pub fn first(how: u32) -> Result<ReturnPointer<Allocated<String>>, ErrorCode<FsError>> {
        fail(how)?;
        Ok(ReturnPointer("name".to_owned().into()))
    }
    pub fn number(value: u32) -> Result<u32, ErrorCode<Errno>> {
        if value == 5 {
            Err(Errno::Again)?
        } else {
            Ok(value)
        }
    }
    pub fn wide(value: i64) -> Result<i64, ErrorCode<Errno>> {
        if value == 5 {
            Err(Errno::Again)?
        } else {
            Ok(value)
        }
    }
    pub fn size(value: GuestSize) -> Result<GuestSize, ErrorCode<Errno>> {
        if value == GuestSize(5) {
            Err(Errno::Again)?
        } else {
            Ok(value)
        }
    }
    pub fn flag(value: bool) -> Result<bool, ErrorCode<Errno>> {
        if value { Ok(true) } else { Err(Errno::Again)? }
    }
    pub fn traps(how: u32) -> Result<(), FsError> {
        fail(how)
    }
}

fn guest(imports: Imports, ty: &str) -> host_runtime::Instance {
    let name = imports.functions().next().unwrap().name();
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    let module = format!(
        r#"(module (import "env" "{name}" (func $f {ty})) (export "call" (func $f))
            (memory (export "memory") 1)
            (func (export "malloc") (param i32) (result i32) (i32.const 1024)))"#
    );
    runtime.instantiate(module).unwrap()
}

#[test]
fn success_returns_zero_and_a_variant_returns_its_code() {
    let mut guest = guest(imports![fs::unit], "(param i32) (result i32)");
    for (how, code) in [(0, 0), (1, 44), (2, 8)] {
        assert_eq!(guest.call::<u32, i32>("call", how).unwrap(), code);
    }
}

#[test]
fn an_error_without_a_code_traps() {
    let mut coded = guest(imports![fs::unit], "(param i32) (result i32)");
    let error = coded.call::<u32, i32>("call", 3).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(FsError::Disk(_))),
        "{error:?}"
    );
    assert!(
        format!("{error:#}").contains("the host function `env.unit` failed"),
        "{error:#}"
    );

    // Without `ErrorCode` in the signature, every error traps.
    let mut traps = guest(imports![fs::traps], "(param i32)");
    traps.call::<u32, ()>("call", 0).unwrap();
    let error = traps.call::<u32, ()>("call", 1).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(FsError::NotFound)));
}

#[test]
fn results_are_written_to_return_pointers_only_on_success() {
    let mut last = guest(imports![fs::last], "(param i32 i32) (result i32)");
    assert_eq!(last.call::<(u32, u32), i32>("call", (1, 16)).unwrap(), 44);
    assert_eq!(last.read(16u32, 4u32).unwrap(), [0; 4]);
    // A pointer that is not used is not checked.
    assert_eq!(
        last.call::<(u32, u32), i32>("call", (2, u32::MAX)).unwrap(),
        8
    );
    assert_eq!(last.call::<(u32, u32), i32>("call", (0, 16)).unwrap(), 0);
    assert_eq!(last.read(16u32, 4u32).unwrap(), 99_u32.to_le_bytes());
    assert!(last.call::<(u32, u32), i32>("call", (0, u32::MAX)).is_err());

    let mut first = guest(imports![fs::first], "(param i32 i32) (result i32)");
    assert_eq!(first.call::<(u32, u32), i32>("call", (16, 0)).unwrap(), 0);
    assert_eq!(first.read(16u32, 8u32).unwrap(), [0, 4, 0, 0, 4, 0, 0, 0]);
    assert_eq!(first.read(1024u32, 4u32).unwrap(), b"name");
}

#[test]
fn the_sign_distinguishes_numbers_from_codes() {
    let mut number = guest(imports![fs::number], "(param i32) (result i32)");
    assert_eq!(number.call::<u32, i32>("call", 7).unwrap(), 7);
    assert_eq!(number.call::<u32, i32>("call", 5).unwrap(), -11);
    assert_eq!(number.call::<i32, i32>("call", i32::MAX).unwrap(), i32::MAX);
    let error = number.call::<u32, i32>("call", 1 << 31).unwrap_err();
    assert!(
        format!("{error:#}").contains(
            "2147483648 as a result looks like an error's code to the guest, which are all below 0"
        ),
        "{error:#}"
    );

    let mut wide = guest(imports![fs::wide], "(param i64) (result i64)");
    assert_eq!(wide.call::<i64, i64>("call", i64::MAX).unwrap(), i64::MAX);
    assert_eq!(wide.call::<i64, i64>("call", 5).unwrap(), -11);
    assert!(wide.call::<i64, i64>("call", -1).is_err());

    let mut flag = guest(imports![fs::flag], "(param i32) (result i32)");
    assert_eq!(flag.call::<u32, i32>("call", 1).unwrap(), 1);
    assert_eq!(flag.call::<u32, i32>("call", 0).unwrap(), -11);
}

/// A `GuestSize` is as wide as the guest's addresses. So is a code that is returned instead of it.
#[test]
fn the_sign_distinguishes_sizes_from_codes() {
    let mut narrow = guest(imports![fs::size], "(param i32) (result i32)");
    assert_eq!(narrow.call::<u32, i32>("call", 7).unwrap(), 7);
    assert_eq!(narrow.call::<u32, i32>("call", 5).unwrap(), -11);
    let error = narrow.call::<u32, i32>("call", 1 << 31).unwrap_err();
    let expected = "2147483648 as a result looks like an error's code to the guest";
    assert!(format!("{error:#}").contains(expected), "{error:#}");

    let mut wide = support::guest(
        imports![fs::size],
        r#"(module (import "env" "size" (func $f (param i64) (result i64)))
                (export "call" (func $f)) (memory (export "memory") i64 1))"#,
    );
    assert_eq!(wide.call::<i64, i64>("call", 1 << 40).unwrap(), 1 << 40);
    assert_eq!(wide.call::<i64, i64>("call", 5).unwrap(), -11);
    assert!(wide.call::<i64, i64>("call", i64::MIN).is_err());
}

#[test]
fn the_derive_lists_the_codes() {
    assert_eq!(FsError::CODES, [44, 8]);
    assert_eq!(Errno::CODES, [-11, -22]);
}

/// A manual implementation whose `code` returns 0, which is not in `CODES`.
struct Forgetful;

impl ResultCode for Forgetful {
    const CODES: &'static [i32] = &[-1];

    fn code(self) -> host_runtime::wasmtime::Result<i32> {
        Ok(0)
    }
}

#[wasm_import]
fn forgets() -> Result<(), ErrorCode<Forgetful>> {
    Err(Forgetful.into())
}

#[test]
fn a_code_that_is_not_listed_traps() {
    let mut guest = guest(imports![forgets], "(result i32)");
    let error = guest.call::<(), i32>("call", ()).unwrap_err();
    assert_eq!(
        error.root_cause().to_string(),
        "0 is not among the codes of `all::codes::Forgetful`"
    );
}
