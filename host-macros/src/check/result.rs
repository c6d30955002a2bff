//! The rules for results. Reports types that guests cannot receive, and gives advice.

use syn::{Error, Path, Type};

use crate::{
    check::{argument, find, is_number, names},
    model::HostFn,
    tokens::{bare, text},
};

const BUFFER: &str = "take a buffer `out: &mut [u8]`, fill it, and return the length";

/// The maximum number of results of Wasmtime's typed functions.
const MOST_RESULTS: usize = 12;

pub(super) fn check(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let Some(ty) = function.result() else { return };
    if let Type::Never(never) = ty {
        errors.push(Error::new_spanned(
            never,
            "a host function must return to the guest or trap: write `Result<(), E>`, and return \
             an `Err` to trap",
        ));
    }
    let value = ok_type(ty).unwrap_or(ty);
    if let Some(Type::Reference(reference)) = find(value, &|ty| matches!(ty, Type::Reference(_))) {
        let advice = match &*reference.elem {
            Type::Path(path) if !names_text(&path.path) => {
                format!("return `{}` itself", text(&reference.elem))
            }
            elem if names(elem, "str") => {
                format!(
                    "return `Allocated<String>`, which is written to memory that the guest \
                     allocates, or {BUFFER}"
                )
            }
            _ => BUFFER.to_owned(),
        };
        errors.push(Error::new_spanned(
            reference,
            format!("a guest cannot use a reference to host memory: {advice}"),
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
            "a host function can have at most {MOST_RESULTS} results: return `ReturnPointer<T>`, \
             where `T` is a struct that derives `PlainData`"
        ));
    }
    if names(ty, "usize") || names(ty, "isize") {
        return Some(format!(
            "`{written}` has the width of addresses in the host, not in the guest: write \
             `GuestSize` for a size or an address, or `u32` if the guest's memory has 32-bit \
             addresses"
        ));
    }
    if names(ty, "String") || names(ty, "Vec") {
        return Some(format!(
            "a guest can read only its own memory: return `Allocated<{written}>`, which is written \
             to memory that the guest allocates, or {BUFFER}"
        ));
    }
    if !names(ty, "Option") {
        return None;
    }
    let inner = argument(ty).map(bare)?;
    let written = text(inner);
    if names(inner, "String") || names(inner, "Vec") {
        return Some(format!(
            "a guest can read only its own memory: return `Option<Allocated<{written}>>`, which is \
             written to memory that the guest allocates; `None` is a null pointer"
        ));
    }
    is_number(inner).then(|| {
        format!(
            "no number is reserved for `None`, so a guest cannot receive `Option<{written}>`: \
             return `Result<{written}, ErrorCode<E>>`, which gives the guest a code for an error"
        )
    })
}
