//! The rules for the arguments of an attribute. They depend on the annotated item: a function or a
//! global by itself, a `mod`, an `impl`, or a member of a `mod` or an `impl`.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::{Error, Ident};

use crate::{
    attribute::Attribute,
    check::check_lifetime,
    item::{Impl, MacroCall},
    model::{HostFn, HostGlobal, Import},
};

/// Refuses arguments that an attribute of a single function or global cannot have.
pub(crate) fn check_lone(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is only for items in an annotated `mod` or `impl`: remove the attribute",
        ));
    }
    check_no_name(attribute, errors);
}

/// Refuses arguments that an attribute of a member of a `mod` or an `impl` cannot have.
pub(crate) fn check_member(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(path) = &attribute.krate {
        errors.push(Error::new_spanned(
            path,
            "`crate` applies to the whole group: write it on the outermost `mod` or `impl`",
        ));
    }
}

/// Refuses arguments that only an attribute of an `impl` can have.
pub(crate) fn check_no_name(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(group) = &attribute.group {
        errors.push(Error::new(
            group.span(),
            "`group` names an `impl` block for `imports!`: remove it here",
        ));
    }
}

/// Refuses arguments that an attribute of a `mod` or an `impl` cannot have.
pub(crate) fn check_group(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(name) = &attribute.name {
        errors.push(Error::new(
            name.span(),
            "`name` is for one function: write it on that function, or write `rename_all` here",
        ));
    }
    if let Some(names) = &attribute.names {
        errors.push(Error::new(
            names.key.span(),
            "`names` is for one function: write it on that function, or write `prefix` or \
             `rename_all` here",
        ));
    }
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is only for items in an annotated `mod` or `impl`: write it on such an item, \
             or remove the attribute here",
        ));
    }
}

/// Refuses a macro call, because its expansion is not known.
pub(crate) fn refuse_macro_call(call: &MacroCall, errors: &mut Vec<Error>) {
    let name = &call.name;
    errors.push(Error::new(
        name.span(),
        format!(
            "`#[wasm_import]` cannot see the expansion of `{name}!`: put `#[wasm_import]` on the \
             functions in the macro, or write `#[wasm_import(skip)]` before the call if the macro \
             defines no host functions"
        ),
    ));
}

/// An imported item in a `mod` or an `impl`, at any depth.
#[derive(Clone, Copy)]
pub(crate) struct Imported<'m> {
    import: &'m Import,
    ident: &'m Ident,
    /// True if the item, or a module or block around it, has a `#[cfg]`.
    conditional: bool,
}

impl<'m> Imported<'m> {
    pub(crate) fn function(function: &'m HostFn<'_>) -> Self {
        Self {
            import: &function.import,
            ident: function.ident(),
            conditional: function.is_conditional(),
        }
    }

    pub(crate) fn global(global: &'m HostGlobal<'_>) -> Self {
        Self {
            import: &global.import,
            ident: &global.global.ident,
            conditional: global.cfgs().next().is_some(),
        }
    }

    /// Returns the item as a member of a group. `conditional` is true if the group has a `#[cfg]`.
    pub(crate) fn within(self, conditional: bool) -> Self {
        Self {
            conditional: self.conditional || conditional,
            ..self
        }
    }
}

/// Checks that there is an imported item, and that no import is defined twice.
pub(crate) fn check_imported(
    imported: &[Imported<'_>],
    span: Span,
    what: &str,
    errors: &mut Vec<Error>,
) {
    if imported.is_empty() {
        errors.push(Error::new(
            span,
            format!("there are no {what} here: add one, or remove `#[wasm_import]`"),
        ));
    }
    let mut seen: HashMap<(&str, &str), &Ident> = HashMap::new();
    // `#[cfg]` may remove all but one of the items for an import. If two remain, the linker reports
    // them.
    let imported = imported.iter().filter(|one| !one.conditional);
    let names = imported.flat_map(|one| one.import.names.iter().map(move |name| (one, name)));
    for (Imported { import, ident, .. }, name) in names {
        if let Some(first) = seen.insert((&import.module, &name.text), ident) {
            errors.push(Error::new(
                name.span,
                format!(
                    "the import `{}.{}` is already defined by `{first}`: give one of the two \
                     another `name = \"…\"`",
                    import.module, name.text,
                ),
            ));
        }
    }
}

pub(crate) fn check_no_generics(block: &Impl, errors: &mut Vec<Error>) {
    match block.generics.params.first() {
        Some(param) => errors.push(Error::new_spanned(
            param,
            "host state is looked up by its type, so the type cannot be generic: write a concrete \
             type",
        )),
        None => check_lifetime(&block.self_ty, errors),
    }
}
