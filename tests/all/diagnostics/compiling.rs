//! Mistakes that the compiler reports.

use std::{env, fs, path::Path};

/// The expected output of rustc for a case of `ui/fail`.
pub(super) fn stderr(case: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    fs::read_to_string(directory.join(case).with_extension("stderr")).unwrap()
}

/// Mistakes that the compiler reports, each with a case of `ui/fail`. The place is the line.
pub(super) const COMPILING: [(&str, &str, &str, &str); 21] = [
    (
        "names_beside_name",
        "`name` and `names` exclude each other",
        "names_beside_name.rs:",
        "write all names in `names`",
    ),
    (
        "async_fn",
        "cannot be `async` yet",
        "async_fn.rs:",
        "remove `async`",
    ),
    (
        "generic_type",
        "it cannot be generic",
        "generic_type.rs:",
        "write a concrete type in place of `T`",
    ),
    (
        "state_by_value",
        "a host function can only borrow host state",
        "state_by_value.rs:",
        "write `&Kv` or `&mut Kv`",
    ),
    (
        "state_forgotten",
        "`&mut Kv` cannot be a parameter",
        "state_forgotten.rs:",
        "for host state write `#[state]",
    ),
    (
        "state_remedies",
        "host state is looked up by its type",
        "state_remedies.rs:",
        "write `&Box<dyn Clock + Send>`",
    ),
    (
        "parameter_remedies",
        "a guest's pointer is not a valid pointer in the host",
        "parameter_remedies.rs:",
        "write `&CStr`",
    ),
    (
        "vec_of_strings",
        "a guest passes each element as a pointer and a length",
        "vec_of_strings.rs:",
        "write `SliceList<&str>`",
    ),
    (
        "usize_parameter",
        "has the width of addresses in the host",
        "usize_parameter.rs:",
        "write `GuestSize`",
    ),
    (
        "slice_of_bool",
        "a byte in guest memory is not always a valid `bool`",
        "slice_of_bool.rs:",
        "write `&mut [u8]`",
    ),
    (
        "option_of_number",
        "no number is reserved for `None`",
        "option_of_number.rs:",
        "add a `bool` parameter",
    ),
    (
        "result_str",
        "a guest cannot use a reference to host memory",
        "result_str.rs:",
        "return `Allocated<String>`",
    ),
    (
        "result_remedies",
        "no number is reserved for `None`",
        "result_remedies.rs:",
        "return `Result<i32, ErrorCode<E>>`",
    ),
    (
        "result_string_error",
        "is not an error that a trap can carry",
        "result_string_error.rs:",
        "write `anyhow::Error`",
    ),
    (
        "borrow_beside_guest",
        "a function that takes `Guest` cannot borrow in another parameter",
        "borrow_beside_guest.rs:",
        "write `String`",
    ),
    (
        "macro_call_in_mod",
        "cannot see the expansion of",
        "macro_call_in_mod.rs:",
        "put `#[wasm_import]` on the functions in the macro",
    ),
    (
        "macro_in_type",
        "may expand to a different type each time",
        "macro_in_type.rs:",
        "write `type Name = flip!(…);`",
    ),
    (
        "code_of_two_variants",
        "1 is already the code of `One`",
        "code_of_two_variants.rs:",
        "write another code for `Another`",
    ),
    (
        "plain_data",
        "`Padded` has padding bytes between its fields",
        "plain_data.rs:",
        "add a field for the padding",
    ),
    (
        "call_with_text",
        "`&str` cannot be passed to a guest",
        "call_with_text.rs:",
        "is `Placed<&str>`, which is written to guest memory",
    ),
    (
        "derive_enum_other",
        "must hold the number that a guest passes",
        "derive_enum_other.rs:",
        "write `Unknown(u8)`",
    ),
];
