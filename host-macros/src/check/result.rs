//! The rules of results, and the advice for types that guests cannot receive.

use syn::{Error, Path, Type};

use crate::{
    check::{argument, find, is_number, names},
    model::HostFn,
    tokens::{bare, text},
};

const BUFFER: &str = "take a buffer, `out: &mut [u8]`, fill it and return the length";

/// The most results that Wasmtime's typed functions have.
const MOST_RESULTS: usize = 12;

pub(super) fn check(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let Some(ty) = function.result() else { return };
    if let Type::Never(never) = ty {
        errors.push(Error::new_spanned(
            never,
            "a host function returns to the guest or traps: write `Result<(), E>` and return an \
             `Err` to end the guest",
        ));
    }
    let value = ok_type(ty).unwrap_or(ty);
    if let Some(Type::Reference(reference)) = find(value, &|ty| matches!(ty, Type::Reference(_))) {
        let advice = match &*reference.elem {
            Type::Path(path) if !names_text(&path.path) => {
                format!("return `{}` itself", text(&reference.elem))
            }
            elem if names(elem, "str") => {
                format!("return `Allocated<String>`, for which the guest makes room, or {BUFFER}")
            }
            _ => BUFFER.to_owned(),
        };
        errors.push(Error::new_spanned(
            reference,
            format!("a guest cannot reach what the host borrows: {advice}"),
        ));
        return;
    }
    if let Some(remedy) = remedy(bare(value)) {
        errors.push(Error::new_spanned(value, remedy));
    }
}

/// Checks whether a path names an unsized text type, which cannot be returned by itself.
fn names_text(path: &Path) -> bool {
    let last = path.segments.last();
    last.is_some_and(|last| last.ident == "str" || last.ident == "CStr")
}

/// The `R` of `Result<R, E>`. The guest does not get the error.
fn ok_type(ty: &Type) -> Option<&Type> {
    let ty = bare(ty);
    names(ty, "Result").then(|| argument(ty)).flatten()
}

fn remedy(ty: &Type) -> Option<String> {
    let written = text(ty);
    if let Type::Tuple(tuple) = ty
        && tuple.elems.len() > MOST_RESULTS
    {
        return Some(format!(
            "a function has at most {MOST_RESULTS} results: return `ReturnPointer<T>` of a struct \
             that derives `PlainData`"
        ));
    }
    if names(ty, "usize") || names(ty, "isize") {
        return Some(format!(
            "`{written}` is as wide as the host has it: write `GuestSize` for a size or an \
             address, or `u32` if the guest's memory has 32-bit addresses"
        ));
    }
    if names(ty, "String") || names(ty, "Vec") {
        return Some(format!(
            "a guest reads its own memory only: return `Allocated<{written}>`, for which the guest \
             makes room, or {BUFFER}"
        ));
    }
    if !names(ty, "Option") {
        return None;
    }
    let inner = argument(ty).map(bare)?;
    let written = text(inner);
    if names(inner, "String") || names(inner, "Vec") {
        return Some(format!(
            "a guest reads its own memory only: return `Option<Allocated<{written}>>`, for which \
             the guest makes room and of which `None` is a null pointer"
        ));
    }
    is_number(inner).then(|| {
        format!(
            "each number is a value, and none stands for `None`: return `Result<{written}, \
             ErrorCode<E>>`, of which the guest gets a code for the error"
        )
    })
}
