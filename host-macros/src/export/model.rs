//! The meaning of a trait with `#[wasm_export]`, independent of its syntax.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, Ident, ItemTrait, Pat, ReturnType, TraitItem, TraitItemFn, Type,
    ext::IdentExt, spanned::Spanned,
};

use crate::{
    export::attribute::{FunctionAttribute, TraitAttribute},
    model::docs,
    tokens::text,
};

/// A declared export.
pub(crate) struct Export {
    pub(crate) name: String,
    pub(crate) ident: Ident,
    /// The attributes of the method.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) docs: String,
    /// The declaration, for messages.
    pub(crate) code: String,
    pub(crate) kind: Kind,
    pub(crate) result: Type,
}

/// What an export is.
pub(crate) enum Kind {
    Function(Vec<Argument>),
    /// A global whose value is read.
    Get,
    /// A global whose value is set.
    Set(Box<Argument>),
}

/// A parameter of a declared function.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Whether it is written to guest memory for the call.
    pub(crate) placed: bool,
}

impl Export {
    /// Reads the functions of a trait. Adds an error for each fault.
    pub(crate) fn all(
        item: &mut ItemTrait,
        attribute: &TraitAttribute,
        errors: &mut Vec<Error>,
    ) -> Vec<Self> {
        check_trait(item, errors);
        let mut exports: Vec<Self> = Vec::new();
        for member in &mut item.items {
            match member {
                TraitItem::Fn(function) => {
                    exports.extend(Self::new(function, attribute, errors));
                }
                other => errors.push(Error::new_spanned(
                    &*other,
                    "a trait with `#[wasm_export]` has only functions; for a global write \
                     `#[wasm_export(global)] fn name() -> anyhow::Result<i32>;`",
                )),
            }
        }
        exports
    }

    fn new(
        function: &mut TraitItemFn,
        attribute: &TraitAttribute,
        errors: &mut Vec<Error>,
    ) -> Option<Self> {
        let own = FunctionAttribute::take(&mut function.attrs, errors);
        let count = errors.len();
        check_function(function, errors);
        let ReturnType::Type(_, result) = &function.sig.output else {
            errors.push(Error::new_spanned(
                &function.sig,
                "a call of a guest can fail: write `-> anyhow::Result<()>`",
            ));
            return None;
        };
        let arguments: Vec<Argument> = function
            .sig
            .inputs
            .iter()
            .filter_map(|input| Argument::new(input, attribute, errors))
            .collect();
        let kind = match (&own.global, <[Argument; 1]>::try_from(arguments)) {
            (None, Ok(arguments)) => Kind::Function(arguments.into()),
            (None, Err(arguments)) => Kind::Function(arguments),
            (Some(_), Ok([argument])) => Kind::Set(Box::new(argument)),
            (Some(_), Err(arguments)) if arguments.is_empty() => Kind::Get,
            (Some(global), Err(_)) => {
                errors.push(Error::new(
                    global.span(),
                    "a function for a global takes nothing and returns the value, or takes the \
                     new value",
                ));
                return None;
            }
        };
        if errors.len() > count {
            return None;
        }
        let ident = function.sig.ident.clone();
        Some(Self {
            name: name(&ident, &own, attribute),
            docs: docs(&function.attrs),
            code: text(&function.sig),
            attrs: function.attrs.clone(),
            kind,
            result: Type::clone(result),
            ident,
        })
    }

    /// The arguments of the method.
    pub(crate) fn arguments(&self) -> &[Argument] {
        match &self.kind {
            Kind::Function(arguments) => arguments,
            Kind::Set(argument) => std::slice::from_ref(argument),
            Kind::Get => &[],
        }
    }
}

impl Argument {
    fn new(input: &FnArg, attribute: &TraitAttribute, errors: &mut Vec<Error>) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            errors.push(Error::new_spanned(
                input,
                "remove `self`: the functions are those of the guest. The method takes the guest \
                 as its first argument",
            ));
            return None;
        };
        let Pat::Ident(pattern) = &*input.pat else {
            errors.push(Error::new_spanned(
                &input.pat,
                "write a name for this parameter",
            ));
            return None;
        };
        let ty = Type::clone(&input.ty);
        let tokens = ty.to_token_stream();
        if has_mut_reference(&tokens) {
            errors.push(Error::new_spanned(
                &input.ty,
                "a guest's function cannot take `&mut`: take a `GuestSize`, pass the pointer of \
                 `Guest::allocate`, and read the memory after the call",
            ));
            return None;
        }
        let placed = is_borrowed(&tokens);
        if placed && attribute.allocator.is_none() {
            let ty = text(&input.ty);
            errors.push(Error::new_spanned(
                &input.ty,
                format!(
                    "`{ty}` is written to guest memory for the call: name the guest's allocator, \
                     `#[wasm_export(allocator = Malloc)]` for example"
                ),
            ));
        }
        Some(Self {
            ident: pattern.ident.clone(),
            ty,
            placed,
        })
    }
}

/// The name of the export.
fn name(ident: &Ident, own: &FunctionAttribute, attribute: &TraitAttribute) -> String {
    let renamed = || {
        let ident = ident.unraw().to_string();
        let case = attribute.rename_all;
        case.map_or_else(|| ident.clone(), |case| case.apply(&ident))
    };
    let name = own.name.as_ref().map_or_else(renamed, syn::LitStr::value);
    let prefix = attribute.prefix.as_ref().map(syn::LitStr::value);
    prefix.unwrap_or_default() + &name
}

fn check_trait(item: &ItemTrait, errors: &mut Vec<Error>) {
    let mut refuse = |tokens: &dyn ToTokens, what: &str| {
        let message = format!("a trait with `#[wasm_export]` has no {what}: remove it");
        errors.push(Error::new_spanned(tokens.to_token_stream(), message));
    };
    if !item.generics.params.is_empty() {
        refuse(&item.generics, "generic parameters");
    }
    if !item.supertraits.is_empty() {
        refuse(&item.supertraits, "supertraits");
    }
    if let Some(unsafety) = &item.unsafety {
        refuse(unsafety, "`unsafe`");
    }
}

fn check_function(function: &TraitItemFn, errors: &mut Vec<Error>) {
    let signature = &function.sig;
    let mut refuse = |span: Span, message: &str| errors.push(Error::new(span, message));
    if let Some(body) = &function.default {
        refuse(
            body.span(),
            "the guest has the code of this function: write `;` in place of the body",
        );
    }
    if !signature.generics.params.is_empty() {
        refuse(
            signature.generics.span(),
            "a function of a guest has no generic parameters: remove them, and write `&str` \
             without a lifetime",
        );
    }
    if let Some(token) = &signature.asyncness {
        refuse(
            token.span(),
            "a function of a guest is not `async`: remove it",
        );
    }
    if let Some(cfg) = function
        .attrs
        .iter()
        .find(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
    {
        refuse(
            cfg.span(),
            "a function of this trait cannot be conditional: put it into a trait of its own, and \
             the condition on that trait",
        );
    }
}

/// Checks whether a type has a reference or a lifetime other than `'static` in it.
fn is_borrowed(tokens: &TokenStream) -> bool {
    any(tokens, &|tokens| match tokens {
        [TokenTree::Punct(punct), next] if punct.as_char() == '\'' => next.to_string() != "static",
        [TokenTree::Punct(punct), ..] => punct.as_char() == '&',
        _ => false,
    })
}

/// Checks whether a type has a `&mut` in it.
fn has_mut_reference(tokens: &TokenStream) -> bool {
    let is_reference = any(
        tokens,
        &|tokens| matches!(tokens, [TokenTree::Punct(punct), ..] if punct.as_char() == '&'),
    );
    is_reference
        && any(
            tokens,
            &|tokens| matches!(tokens, [TokenTree::Ident(ident), ..] if ident == "mut"),
        )
}

/// Checks whether `test` is true of one or two tokens, also in groups.
fn any(tokens: &TokenStream, test: &dyn Fn(&[TokenTree]) -> bool) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let found = (0..tokens.len()).any(|at| test(&tokens[at..tokens.len().min(at + 2)]));
    found
        || tokens.iter().any(|token| match token {
            TokenTree::Group(group) => any(&group.stream(), test),
            _ => false,
        })
}
