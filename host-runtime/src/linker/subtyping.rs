//! Checks whether an item matches the type of an import.
//!
//! These are the rules of the specification's [external
//! subtyping](https://webassembly.github.io/spec/core/valid/matching.html#external-types).

use wasmtime::{ExternType, GlobalType, MemoryType, TableType, ValType};

/// Checks whether an item of the type `host` matches an import of the type `guest`.
pub(super) fn fits(host: &ExternType, guest: &ExternType) -> bool {
    match (host, guest) {
        (ExternType::Func(host), ExternType::Func(guest)) => host.matches(guest),
        (ExternType::Global(host), ExternType::Global(guest)) => global_fits(host, guest),
        (ExternType::Table(host), ExternType::Table(guest)) => table_fits(host, guest),
        (ExternType::Memory(host), ExternType::Memory(guest)) => memory_fits(host, guest),
        (ExternType::Tag(host), ExternType::Tag(guest)) => {
            wasmtime::FuncType::eq(host.ty(), guest.ty())
        }
        _ => false,
    }
}

fn global_fits(host: &GlobalType, guest: &GlobalType) -> bool {
    let (a, b) = (host.content(), guest.content());
    host.mutability() == guest.mutability()
        && (ValType::eq(a, b) || (host.mutability().is_const() && a.matches(b)))
}

fn table_fits(host: &TableType, guest: &TableType) -> bool {
    let same_element = wasmtime::RefType::eq(host.element(), guest.element());
    same_element
        && host.is_64() == guest.is_64()
        && limits_fit(
            (host.minimum(), host.maximum()),
            (guest.minimum(), guest.maximum()),
        )
}

fn memory_fits(host: &MemoryType, guest: &MemoryType) -> bool {
    host.is_64() == guest.is_64()
        && host.is_shared() == guest.is_shared()
        && host.page_size() == guest.page_size()
        && limits_fit(
            (host.minimum(), host.maximum()),
            (guest.minimum(), guest.maximum()),
        )
}

/// Checks the limits: the item has at least the minimum, and does not grow past the maximum.
fn limits_fit(host: (u64, Option<u64>), guest: (u64, Option<u64>)) -> bool {
    let grows_no_further = match (host.1, guest.1) {
        (_, None) => true,
        (Some(host), Some(guest)) => host <= guest,
        (None, Some(_)) => false,
    };
    host.0 >= guest.0 && grows_no_further
}
