//! What the attribute writes: the item itself, for each function a record and a shim, and for each
//! global a record.

mod companion;
mod global;
mod record;
mod shim;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Error, Path, spanned::Spanned};

use crate::{
    attribute::Attribute,
    check::{
        self,
        group::{self, Members},
    },
    item::{Function, Global, Impl, Item, Member, Module, hidden},
    model::{HostFn, HostGlobal, Scope, check_conditional},
    tokens::{without_item_groups, without_markers},
};

/// The whole expansion. What is wrong is reported beside the item, which stays.
pub(crate) fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let attribute = Attribute::parse(arguments, &mut errors);
    let tokens = without_item_groups(tokens);
    let expanded = match syn::parse2::<Item>(tokens.clone()) {
        Ok(Item::Function(function)) => expand_function(&attribute, *function, &mut errors),
        Ok(Item::Global(global)) => expand_global(&attribute, *global, &mut errors),
        Ok(Item::Module(module)) => expand_module(attribute, module, &mut errors),
        Ok(Item::Impl(block)) => expand_impl(attribute, *block, &mut errors),
        Err(error) => {
            errors.push(error);
            without_markers(tokens)
        }
    };
    let errors = check::report(&errors);
    quote!(#expanded #errors)
}

fn expand_function(
    attribute: &Attribute,
    mut function: Function,
    errors: &mut Vec<Error>,
) -> TokenStream {
    Attribute::take_again(&mut function.attrs, errors);
    group::check_lone(attribute, errors);
    let scope = Scope {
        attribute: Attribute::default(),
        self_ty: None,
    };
    check_conditional(&function.attrs, errors);
    let host = HostFn::new(&function, Some(attribute), &scope, errors);
    check::check(&host, errors);
    if function.sig.receiver().is_some() {
        // A method, most likely: a type beside it would be one error more.
        return quote!(#function);
    }
    let host = Crate::new(attribute).free(&host, is_sound([&host], errors));
    quote!(#function #host)
}

fn expand_global(
    attribute: &Attribute,
    mut global: Global,
    errors: &mut Vec<Error>,
) -> TokenStream {
    Attribute::take_again(&mut global.attrs, errors);
    group::check_lone(attribute, errors);
    let scope = Scope {
        attribute: Attribute::default(),
        self_ty: None,
    };
    let Some(host) = HostGlobal::new(&global, attribute, &scope) else {
        return quote!(#global);
    };
    check::global::check(&host, attribute, errors);
    let host = Crate::new(attribute).global(&host, errors.is_empty());
    quote!(#global #host)
}

/// Whether records and shims can be written.
fn is_sound<'h>(functions: impl IntoIterator<Item = &'h HostFn<'h>>, errors: &[Error]) -> bool {
    errors.is_empty() && !functions.into_iter().any(HostFn::is_unsized)
}

fn expand_module(attribute: Attribute, mut module: Module, errors: &mut Vec<Error>) -> TokenStream {
    let own = take_own(&mut module.members, errors);
    let krate = Crate::new(&attribute);
    let scope = Scope {
        attribute,
        self_ty: None,
    };
    let functions = host_functions(&module.members, &own, &scope, errors);
    let globals = host_globals(&module.members, &own, &scope, errors);
    let members = Members {
        functions: &functions,
        globals: &globals,
    };
    group::check_group(&scope, &members, module.ident.span(), "functions", errors);
    let sound = is_sound(&functions, errors);
    let mut each: TokenStream = functions.iter().map(|f| krate.free(f, sound)).collect();
    each.extend(globals.iter().map(|g| krate.global(g, sound)));
    let group = krate.module_group(&members, sound);
    module.members.push(Member::Other(quote!(#each #group)));
    quote!(#module)
}

fn expand_impl(attribute: Attribute, mut block: Impl, errors: &mut Vec<Error>) -> TokenStream {
    let own = take_own(&mut block.members, errors);
    group::check_no_generics(&block, errors);
    let krate = Crate::new(&attribute);
    let scope = Scope {
        attribute,
        self_ty: Some(&block.self_ty),
    };
    let functions = host_functions(&block.members, &own, &scope, errors);
    check::global::check_none(&block.members, errors);
    let what = "methods with `&self` or `&mut self`";
    let members = Members {
        functions: &functions,
        globals: &[],
    };
    group::check_group(&scope, &members, block.self_ty.span(), what, errors);
    let group = krate.type_group(&block, &functions, is_sound(&functions, errors));
    quote!(#block #group)
}

/// Takes the members' own attributes off them.
fn take_own(members: &mut [Member], errors: &mut Vec<Error>) -> Vec<Option<Attribute>> {
    let own = members.iter_mut().map(|member| match member {
        Member::Function(function) => {
            check_conditional(&function.attrs, errors);
            function.attrs.retain(|attr| hidden(attr).is_none());
            Attribute::take(&mut function.attrs, errors)
        }
        Member::Global(global) => {
            check_conditional(&global.attrs, errors);
            global.attrs.retain(|attr| hidden(attr).is_none());
            Attribute::take(&mut global.attrs, errors)
        }
        Member::Unseen(unseen) => group::take_unseen(unseen, errors),
        Member::Other(_) => None,
    });
    own.collect()
}

/// The host functions among the members: in an `impl`, the methods and what has an attribute.
fn host_functions<'i>(
    members: &'i [Member],
    own: &[Option<Attribute>],
    scope: &Scope<'i>,
    errors: &mut Vec<Error>,
) -> Vec<HostFn<'i>> {
    let mut functions = Vec::new();
    for (member, own) in members.iter().zip(own) {
        let Member::Function(function) = member else {
            continue;
        };
        let method = scope.self_ty.is_none() || function.sig.receiver().is_some();
        let skipped = own.as_ref().is_some_and(|own| own.skip.is_some());
        if skipped || !(method || own.is_some()) {
            continue;
        }
        let host = HostFn::new(function, own.as_ref(), scope, errors);
        check::check(&host, errors);
        group::check_own(own.as_ref(), errors);
        // rustc says enough of two functions of one name.
        if !functions.iter().any(|other| is_redefined(other, &host)) {
            functions.push(host);
        }
    }
    functions
}

/// The globals among the members.
fn host_globals<'i>(
    members: &'i [Member],
    own: &[Option<Attribute>],
    scope: &Scope<'i>,
    errors: &mut Vec<Error>,
) -> Vec<HostGlobal<'i>> {
    let mut globals: Vec<HostGlobal<'i>> = Vec::new();
    for (member, own) in members.iter().zip(own) {
        let (Member::Global(global), Some(own)) = (member, own) else {
            continue;
        };
        let Some(host) = HostGlobal::new(global, own, scope) else {
            continue;
        };
        check::global::check(&host, own, errors);
        group::check_own(Some(own), errors);
        group::check_lone(own, errors);
        // rustc says enough of two globals of one name.
        if globals
            .iter()
            .all(|other| other.global.ident != global.ident)
        {
            globals.push(host);
        }
    }
    globals
}

fn is_redefined(one: &HostFn<'_>, other: &HostFn<'_>) -> bool {
    one.ident() == other.ident() && !(one.is_conditional() || other.is_conditional())
}

/// How generated code names `host_runtime`: as the attribute says, if it does.
struct Crate(Option<Path>);

impl Crate {
    fn new(attribute: &Attribute) -> Self {
        Self(attribute.krate.clone())
    }

    fn host(&self) -> TokenStream {
        self.host_at(Span::call_site())
    }

    fn host_at(&self, span: Span) -> TokenStream {
        if let Some(path) = &self.0 {
            quote!(#path::__private)
        } else {
            quote_spanned!(span=> ::host_runtime::__private)
        }
    }
}
