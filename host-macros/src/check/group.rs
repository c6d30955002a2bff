//! The rules of what an attribute stands on: a lone function, a `mod`, an `impl`, or a member of
//! those.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::{Error, Ident};

use crate::{
    attribute::Attribute,
    check::check_lifetime,
    item::{Impl, MacroCall},
    model::{HostFn, HostGlobal, Import},
};

/// What an attribute cannot say that stands on one function or global by itself.
pub(crate) fn check_lone(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for a function in an annotated `mod` or `impl`: remove the attribute",
        ));
    }
    check_no_name(attribute, errors);
}

/// What an attribute cannot say that stands on a member of a `mod` or an `impl`.
pub(crate) fn check_member(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(path) = &attribute.krate {
        errors.push(Error::new_spanned(
            path,
            "`crate` is for all functions: write it on the outermost `mod` or `impl`",
        ));
    }
}

/// What an attribute cannot say that stands on anything but an `impl`.
pub(crate) fn check_no_name(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(group) = &attribute.group {
        errors.push(Error::new(
            group.span(),
            "`group` names an `impl` block for `imports!`: remove it here",
        ));
    }
}

/// What an attribute cannot say that stands on a `mod` or an `impl`.
pub(crate) fn check_group(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(name) = &attribute.name {
        errors.push(Error::new(
            name.span(),
            "`name` is for one function: write it on that function, or `rename_all` here",
        ));
    }
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for one function: write it on that function, or remove the attribute here",
        ));
    }
}

/// Nothing is known of what a macro expands to, which must be said.
pub(crate) fn refuse_macro_call(call: &MacroCall, errors: &mut Vec<Error>) {
    let name = &call.name;
    errors.push(Error::new(
        name.span(),
        format!(
            "what `{name}!` expands to is not seen here: put `#[wasm_import]` on the functions in \
             the macro, or write `#[wasm_import(skip)]` before it if it has none"
        ),
    ));
}

/// Something in a `mod` or an `impl`, however deep, that guests import.
#[derive(Clone, Copy)]
pub(crate) struct Imported<'m> {
    import: &'m Import,
    ident: &'m Ident,
    /// Whether it, or a module that it is in, has a `#[cfg]`.
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

    /// The same in a module or a block that may be left out.
    pub(crate) fn within(self, conditional: bool) -> Self {
        Self {
            conditional: self.conditional || conditional,
            ..self
        }
    }
}

/// That there is something that guests import, and no import twice.
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
    // Which of several is there is for `#[cfg]` to say; two that are, are found when linking.
    for Imported { import, ident, .. } in imported.iter().filter(|one| !one.conditional) {
        if let Some(first) = seen.insert((&import.module, &import.name), ident) {
            errors.push(Error::new(
                import.span,
                format!(
                    "`{}.{}` is `{first}` already: give one of the two another `name = \"…\"`",
                    import.module, import.name,
                ),
            ));
        }
    }
}

pub(crate) fn check_no_generics(block: &Impl, errors: &mut Vec<Error>) {
    match block.generics.params.first() {
        Some(param) => errors.push(Error::new_spanned(
            param,
            "host state is found by its type, so the type cannot be generic: write out the one \
             that is meant",
        )),
        None => check_lifetime(&block.self_ty, errors),
    }
}
