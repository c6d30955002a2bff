//! The tests with a guest. They are one program, so that Wasmtime is linked once.
//!
//! Several host functions of this program have the same name, so a `Runtime` cannot have all of
//! them. Each test gives its `Runtime` the host functions that it needs.

#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    reason = "the tests need host functions with these signatures"
)]

mod allocated;
mod bad_input;
mod called_by_the_host;
mod codes;
mod diagnostics;
mod exports;
mod globals;
mod groups;
mod guests;
mod handles;
mod isolation;
mod layers;
mod limits;
mod linking;
mod loading;
mod memory;
mod messages;
mod minimal_versions;
mod mock;
mod nested_calls;
mod newtypes;
mod places;
mod provided;
mod public_api;
mod readme;
mod references;
mod running;
mod stores;
mod style;
mod support;
mod traps;
mod types;
