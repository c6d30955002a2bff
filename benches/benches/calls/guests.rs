//! The guests of the benchmarks. Both versions of the host functions use the same guests.

/// The number of hostcalls in one call of a guest's `run`.
pub const CALLS: u32 = 1_000;

/// A guest that calls `bench.call` in a loop. `arguments` are the arguments of the call, in the
/// text format.
fn looping(ty: &str, arguments: &str) -> String {
    format!(
        r#"(module
            (import "bench" "call" (func $call {ty}))
            (memory (export "memory") 1)
            (data (i32.const 64) "thirty-two bytes of plain ASCII!")
            (func (export "run") (param $n i32) (result i32)
                (local $sum i32)
                (loop $again
                    (local.set $sum (i32.add (local.get $sum) (call $call {arguments})))
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (br_if $again (local.get $n)))
                (local.get $sum)))"#
    )
}

/// Passes a number.
pub fn scalar() -> String {
    looping("(param i32) (result i32)", "(local.get $n)")
}

/// Passes the pointer and length of 32 bytes.
pub fn slice() -> String {
    looping(
        "(param i32 i32) (result i32)",
        "(i32.const 64) (i32.const 32)",
    )
}

/// Passes the pointer of 64 bytes.
pub fn pointer() -> String {
    looping("(param i32) (result i32)", "(i32.const 64)")
}

/// Passes a handle that the host returned before.
pub fn handle() -> String {
    r#"(module
        (import "bench" "open" (func $open (result i32)))
        (import "bench" "call" (func $call (param i32) (result i32)))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32) (local $handle i32)
            (local.set $handle (call $open))
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $call (local.get $handle))))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $again (local.get $n)))
            (local.get $sum)))"#
        .to_owned()
}

/// Passes the index of a function in its table. The function adds 1.
pub fn callback() -> String {
    r#"(module
        (import "bench" "call" (func $call (param i32) (result i32)))
        (table (export "__indirect_function_table") 2 funcref)
        (elem (i32.const 1) func $one)
        (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $call (i32.const 1))))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $again (local.get $n)))
            (local.get $sum)))"#
        .to_owned()
}

/// Gets text in memory that its `malloc` returns. This is always the same memory.
pub fn allocator() -> String {
    r#"(module
        (import "bench" "call" (func $call (result i32 i32)))
        (memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32) (i32.const 1024))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (i32.add (call $call))))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $again (local.get $n)))
            (local.get $sum)))"#
        .to_owned()
}

/// Imports ten of a thousand functions, and calls none.
pub fn ten_of_a_thousand() -> String {
    let imports: String = (0..10)
        .map(|i| {
            format!(
                r#"(import "many" "import_{}" (func (param i32) (result i32)))"#,
                i * 97
            )
        })
        .collect();
    format!("(module {imports})")
}

/// Passes the pointer and length of so many bytes of text.
pub fn text(length: u32, ascii: bool) -> String {
    let text = if ascii {
        "plain text as is "
    } else {
        "näïve Straße 日本語"
    };
    let mut text = text.repeat(length as usize / text.len() + 1);
    text.truncate(text.floor_char_boundary(length as usize));
    while text.len() < length as usize {
        text.push('.');
    }
    let guest = looping(
        "(param i32 i32) (result i32)",
        &format!("(i32.const 64) (i32.const {length})"),
    );
    guest
        .replace("(export \"memory\") 1)", "(export \"memory\") 20)")
        .replace("thirty-two bytes of plain ASCII!", &text)
}

/// The functions of a guest that the host calls. `malloc` always returns the same memory.
const EXPORTS: &str = r#"
    (global (export "level") i32 (i32.const 3))
    (func (export "malloc") (param i32) (result i32) (i32.const 1024))
    (func (export "free") (param i32))
    (func (export "length") (param i32 i32) (result i32) (local.get 1))
    (func (export "add_one") (param i32) (result i32)
        (i32.add (local.get 0) (i32.const 1)))"#;

/// Exports functions.
pub fn exports() -> String {
    format!(r#"(module (memory (export "memory") 1) {EXPORTS})"#)
}

/// Exports functions, and passes the number of calls that the host is to make.
pub fn calling() -> String {
    format!(
        r#"(module
            (import "bench" "call" (func $call (param i32) (result i32)))
            (memory (export "memory") 1)
            {EXPORTS}
            (func (export "run") (param i32) (result i32) (call $call (local.get 0))))"#
    )
}

/// Exports functions, and passes the pointer and length of 32 bytes.
pub fn text_and_exports() -> String {
    slice().replace("(data ", &format!("{EXPORTS} (data "))
}
