//! The rules of what an attribute stands on: a lone function, a `mod`, an `impl`.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::{Error, Ident};

use crate::{
    attribute::Attribute,
    check::check_lifetime,
    item::{Impl, Unseen, is_wasm_import},
    model::{HostFn, HostGlobal, Scope},
};

pub(crate) fn check_lone(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for a function in an annotated `mod` or `impl`: remove the attribute",
        ));
    }
}

/// What an item's own attribute cannot say, being that of all.
pub(crate) fn check_own(own: Option<&Attribute>, errors: &mut Vec<Error>) {
    if let Some(path) = own.and_then(|own| own.krate.as_ref()) {
        errors.push(Error::new_spanned(
            path,
            "`crate` is for all functions: write it on the `mod` or `impl`",
        ));
    }
}

/// Takes the attribute off a macro call or a module in a group: nothing in it is a host function of the
/// group, which must be said.
pub(crate) fn take_unseen(unseen: &mut Unseen, errors: &mut Vec<Error>) -> Option<Attribute> {
    let is_test = |attr: &syn::Attribute| {
        let list = attr.meta.require_list();
        attr.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    };
    let annotated = unseen.attrs.iter().any(is_wasm_import);
    let mut attrs = unseen.attrs.clone();
    let own = Attribute::take(&mut attrs, &mut Vec::new());
    if own.as_ref().is_some_and(|own| own.skip.is_some()) {
        unseen.attrs = attrs;
        return own;
    }
    let name = &unseen.name;
    if unseen.is_macro {
        errors.push(Error::new(
            name.span(),
            format!(
                "what `{name}!` expands to is not seen here: put `#[wasm_import]` on the functions in the \
                 macro, or write `#[wasm_import(skip)]` before it if it has none"
            ),
        ));
    } else if !annotated && !unseen.attrs.iter().any(is_test) {
        errors.push(Error::new(
            name.span(),
            format!(
                "the functions of the module `{name}` are not seen here: put `#[wasm_import]` on it with \
                 arguments of its own, or `#[wasm_import(skip)]` if it has no host functions"
            ),
        ));
    }
    None
}

/// What is in a `mod` or an `impl`.
pub(crate) struct Members<'m, 'i> {
    pub(crate) functions: &'m [HostFn<'i>],
    pub(crate) globals: &'m [HostGlobal<'i>],
}

pub(crate) fn check_group(
    scope: &Scope<'_>,
    members: &Members<'_, '_>,
    span: Span,
    what: &str,
    errors: &mut Vec<Error>,
) {
    if let Some(name) = &scope.attribute.name {
        errors.push(Error::new(
            name.span(),
            "`name` is for one function: write it on that function, or `rename_all` here",
        ));
    }
    if let Some(skip) = &scope.attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for one function: write it on that function, or remove the attribute here",
        ));
    }
    if members.functions.is_empty() && members.globals.is_empty() {
        errors.push(Error::new(
            span,
            format!("there are no {what} here: add one, or remove `#[wasm_import]`"),
        ));
    }
    check_duplicates(members, errors);
}

/// The items of one `mod` or `impl` that are one import.
fn check_duplicates(members: &Members<'_, '_>, errors: &mut Vec<Error>) {
    // Which of several is there is for `#[cfg]` to say; two that are, are found when linking.
    let functions = members.functions.iter().filter(|f| !f.is_conditional());
    let globals = members.globals.iter().filter(|g| g.cfgs().next().is_none());
    let functions = functions.map(|f| (&f.import, f.ident()));
    let globals = globals.map(|g| (&g.import, &g.global.ident));
    let mut seen: HashMap<(&str, &str), &Ident> = HashMap::new();
    for (import, ident) in functions.chain(globals) {
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
