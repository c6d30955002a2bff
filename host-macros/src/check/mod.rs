//! The rules for host functions. Each rule is a function. The span of an error is that of the token
//! to change.

pub(crate) mod global;
pub(crate) mod group;
mod parameter;
mod result;

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Error, FnArg, GenericArgument, GenericParam, Ident, PathArguments, Safety, Type};

use crate::{
    model::{HostFn, Param, StoreParam},
    tokens,
};

/// Checks one function.
pub(crate) fn check(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    check_qualifiers(function, errors);
    if function.self_ty.is_none() {
        check_name(function.ident(), "a host function", errors);
    }
    check_generics(function, errors);
    check_variadic(function, errors);
    check_macros(function, errors);
    check_impl_trait(function, errors);
    check_parameters(function, errors);
    result::check(function, errors);
    check_states(function, errors);
    check_store(function, errors);
}

fn check_qualifiers(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let sig = function.sig();
    let mut attrs = function.function.attrs.iter();
    if let Some(attr) = attrs.find(|attr| attr.path().is_ident("target_feature")) {
        errors.push(Error::new_spanned(
            attr,
            "a host function is called on every CPU, with or without the target feature: move the \
             attribute to another function, and call that one only if `is_x86_feature_detected!` \
             or a similar macro returns true",
        ));
    }
    if let Some(token) = &sig.asyncness {
        errors.push(Error::new(
            token.span,
            "host functions cannot be `async` yet: remove `async`",
        ));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(Error::new(
            token.span,
            "guests can call a host function with any arguments: remove `unsafe`, and check the \
             arguments",
        ));
    }
    if let Some(abi) = &sig.abi {
        errors.push(Error::new_spanned(
            abi,
            "a host function is an ordinary Rust function: remove `extern`",
        ));
    }
}

/// Refuses names of primitive types, because the companion type would shadow the primitive type in
/// the whole module.
fn check_name(ident: &Ident, what: &str, errors: &mut Vec<Error>) {
    if is_primitive(ident) {
        errors.push(Error::new(
            ident.span(),
            format!(
                "{what} cannot have the name of the primitive type `{ident}`: rename it, and keep \
                 the import name with `name = \"{ident}\"`"
            ),
        ));
    }
}

pub(crate) fn is_primitive(ident: &Ident) -> bool {
    const PRIMITIVES: [&str; 19] = [
        "bool", "char", "f16", "f32", "f64", "f128", "i8", "i16", "i32", "i64", "i128", "isize",
        "str", "u8", "u16", "u32", "u64", "u128", "usize",
    ];
    PRIMITIVES.iter().any(|name| ident == name)
}

fn check_generics(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    for param in &function.sig().generics.params {
        let (name, kind) = match param {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(param) => (&param.ident, "type"),
            GenericParam::Const(param) => (&param.ident, "value"),
        };
        errors.push(Error::new(
            name.span(),
            format!(
                "a host function is imported with one type, so it cannot be generic: write a \
                 concrete {kind} in place of `{name}`"
            ),
        ));
    }
}

fn check_variadic(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    if let Some(variadic) = &function.sig().variadic {
        errors.push(Error::new_spanned(
            variadic,
            "a host function has a fixed number of parameters: take a slice instead of `...`",
        ));
    }
}

/// Refuses macro calls in types. The generated code contains each type several times, and the type
/// must be the same each time.
fn check_macros(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let written = function.params.iter().map(|param| match param {
        Param::Value { ty, .. } | Param::State { ty, .. } | Param::Store { ty, .. } => *ty,
    });
    for ty in written.chain(function.result()) {
        if let Some(name) = tokens::macro_call(ty) {
            errors.push(Error::new(
                name.span(),
                format!(
                    "`{name}!` may expand to a different type each time: write `type Name = \
                     {name}!(…);`, and use `Name` here"
                ),
            ));
        }
    }
}

fn check_impl_trait(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let types = function
        .sig()
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.ty),
            FnArg::Receiver(_) => None,
        });
    for ty in types.chain(function.result()) {
        if let Some(found) = find(ty, &|ty| matches!(ty, Type::ImplTrait(_)))
            && !parameter::is_closure(found)
        {
            errors.push(Error::new_spanned(
                found,
                "a host function is imported with one type: write a concrete type instead of \
                 `impl Trait`",
            ));
        }
    }
}

/// Checks the parameters that a guest passes. If a function takes the whole store, [`check_store`]
/// reports the parameters that borrow.
fn check_parameters(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    for param in &function.params {
        if let Param::Value { name, ty } = param
            && !(function.store().is_some() && is_borrowed(ty))
        {
            parameter::check(name, ty, errors);
        }
    }
}

fn is_borrowed(ty: &Type) -> bool {
    find(ty, &|ty| matches!(ty, Type::Reference(_))).is_some()
}

/// The maximum number of states that the runtime borrows at once.
const MOST_STATES: usize = 8;

fn check_states(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    let mut seen: HashMap<String, bool> = HashMap::new();
    for param in &function.params {
        let Param::State {
            ty,
            mutable,
            syntax,
        } = param
        else {
            continue;
        };
        let text = tokens::text(tokens::nameable(ty, function.self_ty));
        let blamed: &dyn ToTokens = match syntax {
            FnArg::Typed(typed) => &typed.ty,
            FnArg::Receiver(receiver) => receiver,
        };
        if let FnArg::Typed(_) = syntax {
            check_lifetime(ty, errors);
        }
        if let Some(remedy) = state_remedy(ty, *mutable) {
            errors.push(Error::new_spanned(ty, remedy));
        }
        let earlier = seen.insert(text.clone(), *mutable);
        if earlier.is_none() && seen.len() == MOST_STATES + 1 {
            errors.push(Error::new_spanned(
                blamed.to_token_stream(),
                format!(
                    "a host function can borrow at most {MOST_STATES} host states: combine several \
                     of them in one type"
                ),
            ));
        }
        if earlier.is_some_and(|earlier| earlier || *mutable) {
            errors.push(Error::new_spanned(
                blamed.to_token_stream(),
                format!(
                    "the state `{text}` is borrowed twice, once as `&mut`: take it once, as `&mut \
                     {text}`"
                ),
            ));
        }
    }
}

/// Returns an error message with advice if the type cannot be the type of host state.
fn state_remedy(ty: &Type, mutable: bool) -> Option<String> {
    let ty = tokens::bare(ty);
    let (written, mutability) = (tokens::text(ty), if mutable { "mut " } else { "" });
    match ty {
        Type::TraitObject(_) => {
            let plus = if written.contains("Send") {
                ""
            } else {
                " + Send"
            };
            Some(format!(
                "host state is looked up by its type, which must be sized: write \
                 `&{mutability}Box<{written}{plus}>`, and provide the state as this type"
            ))
        }
        Type::Slice(slice) => Some(format!(
            "host state is looked up by its type, which must be sized: write \
             `&{mutability}Vec<{}>`, and provide the state as this type",
            tokens::text(&slice.elem)
        )),
        ty if names(ty, "str") => Some(format!(
            "host state is looked up by its type, which must be sized: write \
             `&{mutability}String`, and provide the state as this type"
        )),
        ty if names(ty, "Rc") => {
            let shared = argument(ty)?;
            let is_cell = names(shared, "RefCell") || names(shared, "Cell");
            let shared = match argument(shared).filter(|_| is_cell) {
                Some(content) => format!("Mutex<{}>", tokens::text(content)),
                None => tokens::text(shared),
            };
            Some(format!(
                "host state must be `Send`, because a store can move to another thread: write \
                 `Arc<{shared}>`"
            ))
        }
        _ => None,
    }
}

/// Refuses lifetimes in the type of a state, because a state is looked up by its type.
pub(crate) fn check_lifetime(ty: &Type, errors: &mut Vec<Error>) {
    if let Some(lifetime) = tokens::lifetime(ty) {
        errors.push(Error::new(
            lifetime.span(),
            "host state lives as long as the store, so it cannot borrow: write `'static`",
        ));
    }
}

/// Refuses borrows in a function that takes the whole store.
fn check_store(function: &HostFn<'_>, errors: &mut Vec<Error>) {
    for param in &function.params {
        if let Param::Value {
            ty: Type::Reference(reference),
            ..
        } = param
            && let Some(kind) = named_store(&reference.elem)
        {
            errors.push(Error::new_spanned(
                reference,
                format!(
                    "a host function takes `{}` by value: write `{}`",
                    kind.name(),
                    tokens::text(&reference.elem)
                ),
            ));
        }
    }
    let Some((kind, _)) = function.store() else {
        return;
    };
    let (name, state) = match kind {
        StoreParam::Caller => ("Caller", "caller.data_mut()"),
        StoreParam::Guest => ("Guest", "guest.state()"),
    };
    let mut stores = 0;
    for param in &function.params {
        match param {
            Param::Value { ty, .. } => {
                if let Some(found) = find(ty, &|ty| matches!(ty, Type::Reference(_))) {
                    errors.push(Error::new_spanned(
                        found,
                        format!(
                            "a function that takes `{name}` cannot borrow in another parameter, \
                             because `{name}` borrows the whole store: write `String` or \
                             `Vec<u8>`, which are copied"
                        ),
                    ));
                }
            }
            Param::State { syntax, .. } => errors.push(Error::new_spanned(
                syntax,
                format!(
                    "a function that takes `{name}` cannot borrow host state in another parameter, \
                     because `{name}` borrows the whole store: use `{state}` instead"
                ),
            )),
            Param::Store { ty, .. } => {
                stores += 1;
                if stores > 1 {
                    errors.push(Error::new_spanned(
                        ty,
                        "a host function can take only one `Caller` or `Guest`: remove this one",
                    ));
                }
            }
        }
    }
}

/// Checks whether a type is a path whose last segment is `name`.
fn names(ty: &Type, name: &str) -> bool {
    match tokens::bare(ty) {
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == name)
        }
        _ => false,
    }
}

/// The first type argument of a type: the `T` of `Vec<T>`.
fn argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = tokens::bare(ty) else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn is_number(ty: &Type) -> bool {
    let numbers = [
        "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64", "bool", "char",
    ];
    numbers.iter().any(|name| names(ty, name))
}

fn named_store(ty: &Type) -> Option<StoreParam> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let mut kinds = StoreParam::ALL.into_iter();
    kinds.find(|kind| last.ident == kind.name())
}

/// The first type within `ty`, or `ty` itself, for which `is` returns true.
fn find<'t>(ty: &'t Type, is: &dyn Fn(&Type) -> bool) -> Option<&'t Type> {
    if is(ty) {
        return Some(ty);
    }
    match ty {
        Type::Group(group) => find(&group.elem, is),
        Type::Paren(paren) => find(&paren.elem, is),
        Type::Reference(reference) => find(&reference.elem, is),
        Type::Slice(slice) => find(&slice.elem, is),
        Type::Array(array) => find(&array.elem, is),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(|ty| find(ty, is)),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => find(ty, is),
                _ => None,
            })
        }),
        _ => None,
    }
}

/// Converts all errors to items that rustc reports.
pub(crate) fn report(errors: &[Error]) -> TokenStream {
    errors.iter().map(Error::to_compile_error).collect()
}
