//! What is tested in one program, which links Wasmtime once.
//!
//! All its host functions are collected at link time, and several have one name: a test gives a
//! `Runtime` the set that it is about.

#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    reason = "what a signature is to a guest is what is tested"
)]

mod allocated;
mod bad_input;
mod called_by_the_host;
mod codes;
mod diagnostics;
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
