//! The rules for a `const` or a `static`.

use syn::{Error, Type};

use crate::{
    attribute::Attribute,
    check::{check_name, find},
    item::{Global, Member},
    model::HostGlobal,
};

/// Checks one global.
pub(crate) fn check(global: &HostGlobal<'_>, own: &Attribute, errors: &mut Vec<Error>) {
    check_name(&global.global.ident, "a global", errors);
    if let Some(reference) = find(global.ty, &|ty| matches!(ty, Type::Reference(_))) {
        errors.push(Error::new_spanned(
            reference,
            "a global holds one number or one WebAssembly reference: write a type such as `i32` or \
             `Option<Func>`",
        ));
    }
    if let Some(token) = &global.global.mutability {
        errors.push(Error::new(
            token.span,
            "a `static` only gives the initial value of the global in each store: remove `mut`; \
             guests can change the global without it",
        ));
    }
    if let Some(names) = &own.names {
        errors.push(Error::new(
            names.key.span(),
            "`names` is for functions: write one name with `name = \"…\"`",
        ));
    } else if let Some(name) = global
        .import
        .names
        .iter()
        .find(|name| name.text.contains('*'))
    {
        errors.push(Error::new(
            name.span,
            "`*` stands for any characters only in the names of functions: write the whole name of \
             the global",
        ));
    }
    if let Some(memory) = &own.memory {
        errors.push(Error::new(
            memory.span(),
            "`memory` is for functions: remove it",
        ));
    }
    if let Some(table) = &own.table {
        errors.push(Error::new(
            table.span(),
            "`table` is for functions: remove it",
        ));
    }
}

/// Refuses globals in an `impl` block.
pub(crate) fn check_none(members: &[Member], errors: &mut Vec<Error>) {
    for member in members {
        if let Member::Global(global) = member {
            errors.push(references(global));
        }
    }
}

fn references(global: &Global) -> Error {
    let Global { keyword, ident, .. } = global;
    Error::new(
        ident.span(),
        format!(
            "guests cannot import a global from an `impl` block: write `{keyword} {ident}` outside \
             of the `impl`"
        ),
    )
}
