//! The types of results.

use host_runtime::{
    Allocated, ErrorCode, ResultCode, imports,
    values::{
        AssemblyScriptString, Indirect, LastReturnPointer, PointerHigh, PointerLow, ReturnPointer,
    },
    wasm_import,
    wasmtime::Val,
};

use super::{ALLOCATED, NUMBERS, Row, both, row};

#[wasm_import]
fn give_allocated() -> Allocated<String> {
    "abc".to_owned().into()
}

#[wasm_import]
fn give_allocated_low() -> PointerLow<Allocated<String>> {
    PointerLow("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_high() -> PointerHigh<Allocated<String>> {
    PointerHigh("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_behind() -> Indirect<Allocated<String>> {
    Indirect("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_option() -> Option<Allocated<String>> {
    None
}

#[wasm_import]
fn give_assembly_script() -> AssemblyScriptString {
    AssemblyScriptString("abc".to_owned())
}

#[wasm_import]
fn give_return_pointer(x: u32) -> ReturnPointer<u32> {
    ReturnPointer(x)
}

#[wasm_import]
fn give_last_return_pointer(x: u32) -> LastReturnPointer<u32> {
    LastReturnPointer(x)
}

#[derive(ResultCode)]
enum Errno {
    Inval = 7,
}

#[derive(ResultCode)]
enum Negative {
    Inval = -3,
}

#[wasm_import]
fn give_code(fine: bool) -> Result<(), ErrorCode<Errno>> {
    fine.then_some(()).ok_or(Errno::Inval.into())
}

#[wasm_import]
fn give_number_or_code(fine: bool) -> Result<i64, ErrorCode<Negative>> {
    fine.then_some(1).ok_or(Negative::Inval.into())
}

#[wasm_import]
fn give_nothing() {}

#[wasm_import]
fn give_tuple() -> (i32, f64, u8) {
    (-1, 0.5, 255)
}

#[wasm_import]
fn give_low() -> PointerLow<(u32, u32)> {
    PointerLow((64, 6))
}

#[wasm_import]
fn give_high() -> PointerHigh<(u32, u32)> {
    PointerHigh((64, 6))
}

#[wasm_import]
fn give_result() -> Result<(bool, i64), std::num::ParseIntError> {
    Ok((true, "-5".parse()?))
}

#[wasm_import]
fn give_anyhow() -> anyhow::Result<char> {
    Ok('A')
}

#[wasm_import]
fn give_wasmtime() -> host_runtime::wasmtime::Result<()> {
    Ok(())
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("()", imports![give_nothing], &[], &[]),
        row(
            "PointerLow<(u32, u32)>",
            imports![give_low],
            &[],
            &[Val::I64(0x0000_0006_0000_0040)],
        ),
        row(
            "PointerHigh<(u32, u32)>",
            imports![give_high],
            &[],
            &[Val::I64(0x0000_0040_0000_0006)],
        ),
        row(
            "(A, B, …)",
            imports![give_tuple],
            &[],
            &[Val::I32(-1), 0.5f64.into(), Val::I32(255)],
        ),
        row(
            "Result<R, E>",
            imports![give_result],
            &[],
            &[Val::I32(1), Val::I64(-5)],
        ),
        row("Result<R, E>", imports![give_anyhow], &[], &[Val::I32(65)]),
        row("Result<R, E>", imports![give_wasmtime], &[], &[]),
    ];
    rows.extend(memory_and_code_results());
    rows.extend(both::rows());
    rows
}

/// Results that are in the guest's memory or are result codes.
fn memory_and_code_results() -> Vec<Row> {
    vec![
        row(
            "Allocated<T, A>",
            imports![give_allocated],
            &[],
            &[Val::I32(ALLOCATED), Val::I32(3)],
        ),
        row(
            "PointerLow<Allocated<T, A>>",
            imports![give_allocated_low],
            &[],
            &[Val::I64(3 << 32 | i64::from(ALLOCATED))],
        ),
        row(
            "PointerHigh<Allocated<T, A>>",
            imports![give_allocated_high],
            &[],
            &[Val::I64(i64::from(ALLOCATED) << 32 | 3)],
        ),
        row(
            "Indirect<Allocated<T, A>>",
            imports![give_allocated_behind],
            &[],
            &[Val::I32(ALLOCATED)],
        ),
        row(
            "Option<Allocated<T, A>>",
            imports![give_allocated_option],
            &[],
            &[Val::I32(0), Val::I32(0)],
        ),
        row(
            "AssemblyScriptString",
            imports![give_assembly_script],
            &[],
            &[Val::I32(ALLOCATED)],
        ),
        row(
            "ReturnPointer<T>",
            imports![give_return_pointer],
            &[Val::I32(NUMBERS), Val::I32(5)],
            &[],
        ),
        row(
            "LastReturnPointer<T>",
            imports![give_last_return_pointer],
            &[Val::I32(5), Val::I32(NUMBERS)],
            &[],
        ),
        row(
            "Result<(), ErrorCode<E>>",
            imports![give_code],
            &[Val::I32(0)],
            &[Val::I32(7)],
        ),
        row(
            "Result<(), ErrorCode<E>>",
            imports![give_code],
            &[Val::I32(1)],
            &[Val::I32(0)],
        ),
        row(
            "Result<R, ErrorCode<E>>",
            imports![give_number_or_code],
            &[Val::I32(1)],
            &[Val::I64(1)],
        ),
        row(
            "Result<R, ErrorCode<E>>",
            imports![give_number_or_code],
            &[Val::I32(0)],
            &[Val::I64(-3)],
        ),
    ]
}
