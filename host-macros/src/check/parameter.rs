//! The advice for types of parameters that guests cannot pass, if the syntax shows that.

use syn::{Error, Type};

use crate::{
    check::{argument, is_number, names},
    tokens::{bare, text},
};

const CALLBACK: &str = "a guest passes a function by its index in a table: write `Callback<P, R>`, \
    of parameters and results, and call it by a parameter `Guest<'_>`";

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
                "a guest passes one value after the other: write a parameter for each, of the \
                 types `{}`",
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
            "`{}` is as wide as the host has it: write `GuestSize` for a size or an address, or \
             `u32` if the guest's memory has 32-bit addresses",
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
            Type::FnPtr(_) => format!("{CALLBACK}; `None` is a null pointer then"),
            inner if is_number(inner) => format!(
                "each number is a value, and none stands for `None`: write `{}`, and a `bool` \
                 beside it",
                text(inner)
            ),
            _ => return None,
        },
        _ => return None,
    };
    Some(message)
}

/// The advice for a type that is borrowed with `&` or `&mut `.
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
                "a guest passes no trait object: for host state write `#[state] {name}: \
                 &{mutability}Box<{written}{plus}>`"
            )
        }
        Type::Slice(slice) => return elements(&format!("&{mutability}"), &slice.elem),
        elem if names(elem, "String") && mutability.is_empty() => {
            format!("a guest has no `String`: {state}; for text of the guest's write `&str`")
        }
        elem if names(elem, "String") => {
            format!(
                "a guest has no `String`: {state}; for a buffer of the guest's write `&mut [u8]`"
            )
        }
        elem if names(elem, "Vec") => {
            let item = argument(elem).filter(|item| is_number(item));
            let item = item.map_or_else(|| "T".to_owned(), text);
            format!(
                "a guest has no `Vec`: {state}; for a slice of the guest's write \
                 `&{mutability}[{item}]`"
            )
        }
        elem if names(elem, "str") && !mutability.is_empty() => {
            "a text that is changed need not stay UTF-8: write `&mut [u8]`".to_owned()
        }
        elem => format!(
            "{}: write `&{mutability}{}`",
            of_other_layout(elem)?,
            in_its_place(elem)?
        ),
    };
    Some(message)
}

/// The advice for the elements of a slice.
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
        "each element is a pointer and a length to a guest: write `SliceList<{of}>`"
    ))
}

/// The advice for a number that cannot be borrowed from guest memory.
fn of_other_layout(elem: &Type) -> Option<&'static str> {
    match in_its_place(elem)? {
        "u8" => Some("a guest's byte may be neither 0 nor 1, as a `bool` must be"),
        "u32" if names(elem, "char") => Some("a guest's number may be no `char`"),
        _ => Some("a size is as wide as the guest's addresses, which have 32 bits most often"),
    }
}

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
    let not_here = "a guest's pointer points to nothing in the host";
    if names(elem, "c_char") {
        return format!("{not_here}: write `&CStr` for text that ends with a NUL");
    }
    let elem = if names(elem, "c_void") {
        "u8".to_owned()
    } else {
        text(elem)
    };
    format!(
        "{not_here}: write `&mut [{elem}]` for a pointer and a length, `&mut {elem}` for a pointer \
         to one, or `GuestPointer<{elem}>` beside a `Guest<'_>`"
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
