//! A crate that has no host functions, though it should.
