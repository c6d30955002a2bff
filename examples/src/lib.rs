//! Programs to read and run: see the folders beside `Cargo.toml`.
