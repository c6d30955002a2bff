//! Writes the expansion: the item itself, a record and a shim for each function, and a record for
//! each global.

mod companion;
mod global;
mod group;
mod record;
mod shim;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Error, Path};

use crate::{
    attribute::Attribute,
    check::{self, group::check_lone},
    item::{Function, Global, Item},
    model::{HostFn, HostGlobal, Scope, check_conditional},
    tokens::{without_item_groups, without_markers},
};

/// Expands the attribute. The result always contains the item, and then the errors.
pub(crate) fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let attribute = Attribute::parse(arguments, &mut errors);
    let tokens = without_item_groups(tokens);
    let expanded = match syn::parse2::<Item>(tokens.clone()) {
        Ok(Item::Function(function)) => expand_function(&attribute, *function, &mut errors),
        Ok(Item::Global(global)) => expand_global(&attribute, *global, &mut errors),
        Ok(Item::Module(module)) => group::expand_module(attribute, *module, &mut errors),
        Ok(Item::Impl(block)) => group::expand_impl(attribute, *block, &mut errors),
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
    check_lone(attribute, errors);
    let scope = Scope {
        attribute: Attribute::default(),
        self_ty: None,
    };
    check_conditional(&function.attrs, errors);
    let host = HostFn::new(&function, Some(attribute), &scope, errors);
    check::check(&host, errors);
    if function.sig.receiver().is_some() {
        // The function is probably a method, where a companion type would cause another error.
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
    check_lone(attribute, errors);
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

/// Checks whether records and shims can be written without more errors.
fn is_sound<'h>(functions: impl IntoIterator<Item = &'h HostFn<'h>>, errors: &[Error]) -> bool {
    errors.is_empty() && !functions.into_iter().any(HostFn::is_unsized)
}

/// The path of `host_runtime` in generated code. The attribute may set it.
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
