//! A crate that re-exports `host-runtime` for its own users.

pub use host_runtime as engine;
