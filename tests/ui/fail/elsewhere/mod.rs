//! The module of `mod_not_inline.rs`.
