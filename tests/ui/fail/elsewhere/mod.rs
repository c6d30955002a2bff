//! The module that `mod_not_inline.rs` declares.
