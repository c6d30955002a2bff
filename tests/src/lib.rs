//! Tests only: see the files beside `Cargo.toml`.
