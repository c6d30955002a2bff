//! `#[wasm_export]`: makes a type with methods of a trait that declares the exports of a guest.

mod attribute;
mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::{Error, ItemTrait};

use self::{attribute::TraitAttribute, expand::Expansion, model::Export};
use crate::check;

/// Expands the attribute. After an error, the type has no methods with faults.
pub(crate) fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let attribute = TraitAttribute::parse(arguments, &mut errors);
    let expanded = match syn::parse2::<ItemTrait>(tokens) {
        Ok(mut item) => {
            let exports = Export::all(&mut item, &attribute, &mut errors);
            Expansion {
                item: &item,
                attribute: &attribute,
                exports: &exports,
            }
            .write()
        }
        Err(error) => {
            errors.push(Error::new(
                error.span(),
                format!("`#[wasm_export]` goes before a trait: {error}"),
            ));
            TokenStream::new()
        }
    };
    let errors = check::report(&errors);
    quote::quote!(#expanded #errors)
}
