//! What rustc refuses.

use std::{env, fs, path::Path};

/// What rustc says of a case of `ui/fail`.
pub(super) fn rustc(case: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    fs::read_to_string(directory.join(case).with_extension("stderr")).unwrap()
}

/// What rustc refuses: of each a case of `ui/fail`, in which the place is the line.
pub(super) const COMPILING: [(&str, &str, &str, &str); 20] = [
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
        "write the type in place of `T`",
    ),
    (
        "state_by_value",
        "host state is borrowed",
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
        "host state is found by its type",
        "state_remedies.rs:",
        "write `&Box<dyn Clock + Send>`",
    ),
    (
        "parameter_remedies",
        "a guest's pointer points to nothing in the host",
        "parameter_remedies.rs:",
        "write `&CStr`",
    ),
    (
        "vec_of_strings",
        "each element is a pointer and a length",
        "vec_of_strings.rs:",
        "write `SliceList<&str>`",
    ),
    (
        "usize_parameter",
        "is as wide as the host has it",
        "usize_parameter.rs:",
        "write `GuestSize`",
    ),
    (
        "slice_of_bool",
        "a guest's byte may be neither 0 nor 1",
        "slice_of_bool.rs:",
        "write `&mut [u8]`",
    ),
    (
        "option_of_number",
        "none stands for `None`",
        "option_of_number.rs:",
        "and a `bool` beside it",
    ),
    (
        "result_str",
        "a guest cannot reach what the host borrows",
        "result_str.rs:",
        "return `Allocated<String>`",
    ),
    (
        "result_remedies",
        "none stands for `None`",
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
        "nothing can be borrowed beside the `Guest`",
        "borrow_beside_guest.rs:",
        "write `String`",
    ),
    (
        "macro_call_in_mod",
        "is not seen here",
        "macro_call_in_mod.rs:",
        "put `#[wasm_import]` on the functions in the macro",
    ),
    (
        "macro_in_type",
        "may expand to another type each time",
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
        "`&str` cannot be passed to a function of a guest",
        "call_with_text.rs:",
        "by `Instance::write`",
    ),
    (
        "derive_enum_other",
        "must hold the number that a guest passes",
        "derive_enum_other.rs:",
        "write `Unknown(u8)`",
    ),
];
