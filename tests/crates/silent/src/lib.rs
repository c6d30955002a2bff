//! A crate without host functions, which `link!` names by mistake.
