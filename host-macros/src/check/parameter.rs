//! Reports parameter types that guests cannot pass, if the syntax shows this, and gives advice.

use syn::{Error, Type};

use crate::{
    check::{argument, is_number, names},
    tokens::{bare, text},
};

const CALLBACK: &str = "a guest passes a function as an index into its table: write \
    `Callback<P, R>` with the types of the parameters and results, and call it with a parameter of \
    type `Guest<'_>`";

/// Refuses a type whose name shows that guests cannot pass it.
pub(super) fn check(name: &str, ty: &Type, errors: &mut Vec<Error>) {
    let remedy = match bare(ty) {
        Type::Reference(reference) => {
            let mutability = if reference.mutability.is_some() {
                "mut "
            } else {
                ""
            };
            borrowed(name, mutability, &reference.elem)
        }
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            let types: Vec<_> = tuple.elems.iter().map(text).collect();
            Some(format!(
                "a guest cannot pass a tuple: write one parameter for each value, with the types \
                 `{}`",
                types.join("`, `"),
            ))
        }
        ty => owned(ty),
    };
    if let Some(remedy) = remedy {
        errors.push(Error::new_spanned(ty, remedy));
    }
}

fn owned(ty: &Type) -> Option<String> {
    let inner = argument(ty).map(bare);
    let message = match ty {
        Type::Ptr(pointer) => pointer_to(&pointer.elem),
        Type::FnPtr(_) => CALLBACK.to_owned(),
        Type::ImplTrait(_) if is_closure(ty) => CALLBACK.to_owned(),
        ty if names(ty, "Box") && inner.is_some_and(is_closure) => CALLBACK.to_owned(),
        ty if names(ty, "usize") || names(ty, "isize") => format!(
            "`{}` has the width of addresses in the host, not in the guest: write `GuestSize` for \
             a size or an address, or `u32` if the guest's memory has 32-bit addresses",
            text(ty)
        ),
        ty if names(ty, "Vec") => return elements("&", inner?),
        ty if ["GuestPointer", "GuestSlice", "OutBuffer"]
            .iter()
            .any(|name| names(ty, name)) =>
        {
            let (reason, place) = (of_other_layout(inner?)?, in_its_place(inner?)?);
            format!("{reason}: write `{place}` in place of `{}`", text(inner?))
        }
        ty if names(ty, "Option") => match inner? {
            Type::FnPtr(_) => {
                format!("{CALLBACK}; `Option<Callback<P, R>>` is `None` for a null pointer")
            }
            inner if is_number(inner) => format!(
                "no number is reserved for `None`, so a guest cannot pass `{}`: write `{}` and add \
                 a `bool` parameter",
                text(ty),
                text(inner)
            ),
            _ => return None,
        },
        _ => return None,
    };
    Some(message)
}

/// The error for a type that is borrowed with `&` or `&mut `.
fn borrowed(name: &str, mutability: &str, elem: &Type) -> Option<String> {
    let elem = bare(elem);
    let written = text(elem);
    let state = format!("for host state write `#[state] {name}: &{mutability}{written}`");
    let message = match elem {
        elem if is_closure(elem) => CALLBACK.to_owned(),
        Type::TraitObject(_) => {
            let plus = if written.contains("Send") {
                ""
            } else {
                " + Send"
            };
            format!(
                "a guest cannot pass a trait object: for host state write `#[state] {name}: \
                 &{mutability}Box<{written}{plus}>`"
            )
        }
        Type::Slice(slice) => return elements(&format!("&{mutability}"), &slice.elem),
        elem if names(elem, "String") && mutability.is_empty() => {
            format!(
                "guest memory cannot contain a `String`: {state}; for text in guest memory write \
                 `&str`"
            )
        }
        elem if names(elem, "String") => {
            format!(
                "guest memory cannot contain a `String`: {state}; for a buffer in guest memory \
                 write `&mut [u8]`"
            )
        }
        elem if names(elem, "Vec") => {
            let item = argument(elem).filter(|item| is_number(item));
            let item = item.map_or_else(|| "T".to_owned(), text);
            format!(
                "guest memory cannot contain a `Vec`: {state}; for a slice in guest memory write \
                 `&{mutability}[{item}]`"
            )
        }
        elem if names(elem, "str") && !mutability.is_empty() => {
            "text that is changed may no longer be valid UTF-8: write `&mut [u8]`".to_owned()
        }
        elem => format!(
            "{}: write `&{mutability}{}`",
            of_other_layout(elem)?,
            in_its_place(elem)?
        ),
    };
    Some(message)
}

/// The error for the elements of a slice.
fn elements(borrow: &str, elem: &Type) -> Option<String> {
    let elem = bare(elem);
    let of = match elem {
        Type::Reference(reference) if names(&reference.elem, "str") => "&str".to_owned(),
        Type::Reference(reference) if matches!(bare(&reference.elem), Type::Slice(_)) => text(elem),
        elem if names(elem, "String") => "&str".to_owned(),
        elem if names(elem, "Vec") => format!("&[{}]", text(argument(elem)?)),
        elem => {
            return Some(format!(
                "{}: write `{borrow}[{}]`",
                of_other_layout(elem)?,
                in_its_place(elem)?
            ));
        }
    };
    Some(format!(
        "a guest passes each element as a pointer and a length: write `SliceList<{of}>`"
    ))
}

/// The reason why a number type cannot be borrowed from guest memory.
fn of_other_layout(elem: &Type) -> Option<&'static str> {
    match in_its_place(elem)? {
        "u8" => Some("a byte in guest memory is not always a valid `bool`, which is 0 or 1"),
        "u32" if names(elem, "char") => {
            Some("a number in guest memory is not always a valid `char`")
        }
        _ => Some("a size in guest memory has the width of the guest's addresses, usually 32 bits"),
    }
}

/// The type to write instead of a number type that cannot be borrowed from guest memory.
fn in_its_place(elem: &Type) -> Option<&'static str> {
    let known = [
        ("bool", "u8"),
        ("char", "u32"),
        ("usize", "u32"),
        ("isize", "i32"),
    ];
    let mut known = known.into_iter();
    known.find_map(|(name, place)| names(elem, name).then_some(place))
}

fn pointer_to(elem: &Type) -> String {
    let not_here = "a guest's pointer is not a valid pointer in the host";
    if names(elem, "c_char") {
        return format!("{not_here}: write `&CStr` for NUL-terminated text");
    }
    let elem = if names(elem, "c_void") {
        "u8".to_owned()
    } else {
        text(elem)
    };
    format!(
        "{not_here}: write `&mut [{elem}]` for a pointer and a length, `&mut {elem}` for a pointer \
         to one value, or `GuestPointer<{elem}>` if the function takes `Guest<'_>`"
    )
}

/// Checks whether a type is `impl Fn(…)` or `dyn Fn(…)`.
pub(super) fn is_closure(ty: &Type) -> bool {
    let bounds = match ty {
        Type::ImplTrait(ty) => &ty.bounds,
        Type::TraitObject(ty) => &ty.bounds,
        _ => return false,
    };
    bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| {
            ["Fn", "FnMut", "FnOnce"]
                .iter()
                .any(|name| last.ident == name)
        }),
        _ => false,
    })
}
