//! The meaning of an annotated item, independent of its syntax.

use proc_macro2::{Span, TokenTree};
use syn::{
    Error, FnArg, Ident, LitStr, Pat, PatType, Receiver, ReturnType, Signature, Type, ext::IdentExt,
};

use crate::{
    attribute::{Attribute, Case},
    item::{Function, Global, hidden, is_marker},
    tokens::{bare, text},
};

/// The context of all functions of an item.
pub(crate) struct Scope<'i> {
    pub(crate) attribute: Attribute,
    /// The type of the `impl` block.
    pub(crate) self_ty: Option<&'i Type>,
}

/// A function that guests can import.
pub(crate) struct HostFn<'i> {
    pub(crate) function: &'i Function,
    pub(crate) import: Import,
    pub(crate) memory: Option<LitStr>,
    pub(crate) table: Option<LitStr>,
    pub(crate) docs: String,
    pub(crate) self_ty: Option<&'i Type>,
    pub(crate) params: Vec<Param<'i>>,
}

/// A global that guests can import.
pub(crate) struct HostGlobal<'i> {
    pub(crate) global: &'i Global,
    pub(crate) ty: &'i Type,
    pub(crate) import: Import,
    pub(crate) docs: String,
}

impl<'i> HostGlobal<'i> {
    /// Reads a global. If it has no type or no value, rustc reports that.
    pub(crate) fn new(global: &'i Global, own: &Attribute, scope: &Scope<'i>) -> Option<Self> {
        let (_, ty) = global.ty.as_ref()?;
        let first = global.value.clone().into_iter().next();
        matches!(&first, Some(TokenTree::Punct(punct)) if punct.as_char() == '=').then(|| Self {
            global,
            ty: bare(ty),
            import: Import::new(&global.ident, own, &scope.attribute),
            docs: docs(&global.attrs),
        })
    }

    /// Checks whether guests may change the global.
    pub(crate) fn is_mutable(&self) -> bool {
        self.global.keyword == "static"
    }

    /// The `#[cfg]`s of the item. The generated code must repeat them.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &'i syn::Attribute> {
        cfgs(&self.global.attrs)
    }
}

/// The module and the names of an import.
pub(crate) struct Import {
    pub(crate) module: String,
    /// The start of each name that the attribute gives by `prefix`.
    pub(crate) prefix: String,
    /// The names, at least one. A name with a `*` is a pattern.
    pub(crate) names: Vec<Name>,
}

/// A name of an import.
pub(crate) struct Name {
    pub(crate) text: String,
    /// The span of the token that gives the name, for errors.
    pub(crate) span: Span,
}

/// A parameter, in the order of the signature.
pub(crate) enum Param<'i> {
    /// A value that the guest passes.
    Value { name: String, ty: &'i Type },
    /// Host state: a `#[state]` parameter, `&self` or `&mut self`.
    State {
        ty: &'i Type,
        mutable: bool,
        syntax: &'i FnArg,
    },
    /// The whole store.
    Store { kind: StoreParam, ty: &'i Type },
}

/// A parameter that borrows the whole store, so that no other parameter can borrow from it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum StoreParam {
    /// Wasmtime's `Caller`.
    Caller,
    /// The runtime's `Guest`.
    Guest,
}

impl StoreParam {
    pub(crate) const ALL: [Self; 2] = [Self::Caller, Self::Guest];

    /// The name of the type. The attribute has the same name in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Caller => "Caller",
            Self::Guest => "Guest",
        }
    }

    /// The name of the attribute.
    pub(crate) fn marker(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Guest => "guest",
        }
    }
}

impl<'i> HostFn<'i> {
    /// Reads a function. Adds an error for each faulty parameter and leaves it out.
    pub(crate) fn new(
        function: &'i Function,
        own: Option<&Attribute>,
        scope: &Scope<'i>,
        errors: &mut Vec<Error>,
    ) -> Self {
        let none = Attribute::default();
        let own = own.unwrap_or(&none);
        let outer = &scope.attribute;
        let params = function.sig.inputs.iter();
        Self {
            function,
            import: Import::new(&function.sig.ident, own, outer),
            memory: own.memory.as_ref().or(outer.memory.as_ref()).cloned(),
            table: own.table.as_ref().or(outer.table.as_ref()).cloned(),
            docs: docs(&function.attrs),
            self_ty: scope.self_ty,
            params: params
                .filter_map(|input| Param::new(input, scope.self_ty, errors))
                .collect(),
        }
    }

    pub(crate) fn sig(&self) -> &'i Signature {
        &self.function.sig
    }

    pub(crate) fn ident(&self) -> &'i Ident {
        &self.function.sig.ident
    }

    /// Checks whether a parameter has an unsized type. rustc reports this for any function, and
    /// suggests a `&`.
    pub(crate) fn is_unsized(&self) -> bool {
        self.params.iter().any(|param| match param {
            Param::Value {
                ty: Type::Path(path),
                ..
            } => path.path.is_ident("str"),
            Param::Value { ty, .. } => matches!(ty, Type::Slice(_) | Type::TraitObject(_)),
            _ => false,
        })
    }

    /// The result type, if the signature has one.
    pub(crate) fn result(&self) -> Option<&'i Type> {
        match &self.function.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// The kind and the type of the parameter that borrows the whole store.
    pub(crate) fn store(&self) -> Option<(StoreParam, &'i Type)> {
        self.params.iter().find_map(|param| match param {
            Param::Store { kind, ty } => Some((*kind, *ty)),
            _ => None,
        })
    }

    /// The `#[cfg]`s of the function. The generated code must repeat them.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &'i syn::Attribute> {
        cfgs(&self.function.attrs)
    }

    /// Checks whether the function has a `#[cfg]`.
    pub(crate) fn is_conditional(&self) -> bool {
        self.cfgs().next().is_some()
    }
}

/// Refuses a `cfg_attr` that contains an attribute of this macro or a `cfg`, because the macro runs
/// before rustc evaluates the `cfg_attr`.
pub(crate) fn check_conditional(attrs: &[syn::Attribute], errors: &mut Vec<Error>) {
    for attr in attrs {
        if let Some(name) = hidden(attr) {
            errors.push(Error::new_spanned(
                attr,
                format!(
                    "`#[wasm_import]` runs before `cfg_attr` is evaluated, so it would ignore \
                     `{name}` there: write two items, each with its own `#[cfg(…)]`"
                ),
            ));
        }
    }
}

/// The `#[cfg]`s among the attributes of an item.
pub(crate) fn cfgs(attrs: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
}

impl Import {
    fn new(ident: &Ident, own: &Attribute, outer: &Attribute) -> Self {
        let module = own.module.as_ref().or(outer.module.as_ref());
        let prefix = own.prefix.as_ref().or(outer.prefix.as_ref());
        let prefix = prefix.map_or_else(String::new, LitStr::value);
        let given = match &own.names {
            Some(names) => &names.list[..],
            None => own.name.as_slice(),
        };
        let mut names: Vec<_> = given
            .iter()
            .map(|name| Name {
                text: format!("{prefix}{}", name.value()),
                span: name.span(),
            })
            .collect();
        if names.is_empty() {
            let case = own.rename_all.or(outer.rename_all);
            let name = ident.unraw().to_string();
            let name = case.map_or_else(|| name.clone(), |case: Case| case.apply(&name));
            names.push(Name {
                text: prefix.clone() + &name,
                span: ident.span(),
            });
        }
        Self {
            module: module.map_or_else(|| "env".to_owned(), LitStr::value),
            prefix,
            names,
        }
    }

    /// The first name.
    pub(crate) fn name(&self) -> &str {
        &self.names[0].text
    }
}

impl<'i> Param<'i> {
    fn new(input: &'i FnArg, self_ty: Option<&'i Type>, errors: &mut Vec<Error>) -> Option<Self> {
        match input {
            FnArg::Receiver(receiver) => Self::receiver(input, receiver, self_ty, errors),
            FnArg::Typed(typed) => Self::typed(input, typed, errors),
        }
    }

    fn receiver(
        syntax: &'i FnArg,
        receiver: &Receiver,
        self_ty: Option<&'i Type>,
        errors: &mut Vec<Error>,
    ) -> Option<Self> {
        let Some(ty) = self_ty else {
            errors.push(Error::new(
                receiver.self_token.span,
                "`self` is host state only in an annotated `impl` block: put `#[wasm_import]` on \
                 the `impl`, or write `#[state] name: &mut Type`",
            ));
            return None;
        };
        let syn::ReceiverKind::Reference(_, _, mutability) = &receiver.kind else {
            errors.push(Error::new(
                receiver.self_token.span,
                "a host function can only borrow host state: write `&self` or `&mut self`",
            ));
            return None;
        };
        Some(Self::State {
            ty,
            mutable: mutability.is_some(),
            syntax,
        })
    }

    fn typed(syntax: &'i FnArg, typed: &'i PatType, errors: &mut Vec<Error>) -> Option<Self> {
        let ty = bare(&typed.ty);
        check_conditional(&typed.attrs, errors);
        let mut markers = typed.attrs.iter().filter(|attr| is_marker(attr));
        let marker = markers.next();
        if let Some(second) = markers.next() {
            errors.push(Error::new_spanned(
                second,
                "a parameter can have only one of `#[state]`, `#[caller]` and `#[guest]`: remove \
                 one of the two attributes",
            ));
            return None;
        }
        if let Some(attr) = marker
            && attr.meta.require_path_only().is_err()
        {
            let name = attr
                .path()
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            errors.push(Error::new_spanned(
                attr,
                format!("`#[{name}]` takes no arguments: write `#[{name}]` alone"),
            ));
            return None;
        }
        if let Some(cfg) = cfgs(&typed.attrs).next() {
            errors.push(Error::new_spanned(
                cfg,
                "a guest always passes all parameters, so a parameter cannot have a `#[cfg]`: \
                 write two functions, each with its own `#[cfg]`",
            ));
            return None;
        }
        match marker {
            Some(attr) if attr.path().is_ident("state") => Self::state(syntax, ty, errors),
            Some(attr) => {
                let kind = StoreParam::ALL
                    .into_iter()
                    .find(|kind| attr.path().is_ident(kind.marker()))?;
                Some(Self::Store { kind, ty })
            }
            None => match store_param(ty) {
                Some(kind) => Some(Self::Store { kind, ty }),
                None => Some(Self::value(&typed.pat, ty)),
            },
        }
    }

    fn state(syntax: &'i FnArg, ty: &'i Type, errors: &mut Vec<Error>) -> Option<Self> {
        if let Type::Reference(reference) = ty {
            return Some(Self::State {
                ty: &reference.elem,
                mutable: reference.mutability.is_some(),
                syntax,
            });
        }
        let text = text(ty);
        errors.push(Error::new_spanned(
            ty,
            format!("a host function can only borrow host state: write `&{text}` or `&mut {text}`"),
        ));
        None
    }

    /// Reads a parameter that the guest passes. The name of the parameter is its pattern as text.
    fn value(pattern: &Pat, ty: &'i Type) -> Self {
        let name = match pattern {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
                pat.ident.unraw().to_string()
            }
            pattern => text(pattern),
        };
        Self::Value { name, ty }
    }
}

/// Checks whether the name of a type is that of `Caller` or `Guest`. In the generated code, a trait
/// bound checks the type itself. `#[caller]` and `#[guest]` mark such a type under another name.
fn store_param(ty: &Type) -> Option<StoreParam> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let mut kinds = StoreParam::ALL.into_iter();
    kinds.find(|kind| last.ident == kind.name() && !last.arguments.is_none())
}

/// The text of the doc comment.
pub(crate) fn docs(attrs: &[syn::Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}
