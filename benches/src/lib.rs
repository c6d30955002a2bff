//! What a hostcall costs through `host-runtime` and by hand: the two sides of each comparison.

pub mod by_hand;
pub mod guests;
pub mod hosts;
pub mod many;
