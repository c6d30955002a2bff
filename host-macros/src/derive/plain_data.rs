//! Structs that lie in a guest's memory as they do in the host's.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DataStruct, DeriveInput, Error, Index, Member, spanned::Spanned};

use crate::tokens::located_at;

/// A struct of plain data, without bytes that belong to no field.
pub(super) fn expand(
    input: &DeriveInput,
    data: &DataStruct,
    host: &TokenStream,
    errors: &mut Vec<Error>,
) -> Option<TokenStream> {
    let name = &input.ident;
    check_layout(input, errors);
    if let Some(lifetime) = input.generics.lifetimes().next() {
        errors.push(Error::new_spanned(
            lifetime,
            "plain data borrows nothing: write an address as a `u32`",
        ));
    }
    if !errors.is_empty() {
        return None;
    }
    // Of the field itself and not of its type as it is written, which a macro may expand to another
    // one.
    let sizes = data.fields.iter().enumerate().map(|(index, field)| {
        let member = field
            .ident
            .clone()
            .map_or(Member::Unnamed(Index::from(index)), Member::Named);
        let value = proc_macro2::Ident::new("value", Span::mixed_site());
        let host = located_at(host.clone(), field.ty.span());
        quote_spanned!(field.ty.span()=> + #host::plain_size(|#value: &#name| &#value.#member))
    });
    let padding = format!(
        "there are bytes between the fields of `{name}` or after the last one, as C has them: add \
         a field for them, `padding: [u8; 3]` for example"
    );
    let implementations = implementations(input, host);
    Some(quote! {
        const _: () = ::core::assert!(::core::mem::size_of::<#name>() == 0 #(#sizes)*, #padding);
        #implementations
    })
}

/// The implementations themselves, which are safe for a type that [`expand`] has found right.
pub(super) fn implementations(input: &DeriveInput, host: &TokenStream) -> TokenStream {
    let name = &input.ident;
    let (generics, own, clause) = input.generics.split_for_impl();
    // The type has the layout of C, and no bytes but those of its fields, which are plain data.
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        unsafe impl #generics #host::bytemuck::Zeroable for #name #own #clause {}
        #[automatically_derived]
        unsafe impl #generics #host::bytemuck::Pod for #name #own #clause {}
        #[automatically_derived]
        impl #generics #host::PlainData for #name #own #clause {}
    }
}

/// A struct has the layout that its `#[repr]` says.
fn check_layout(input: &DeriveInput, errors: &mut Vec<Error>) {
    let mut is_known = false;
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        // Of what is no `repr` rustc says enough.
        let _ = attr.parse_nested_meta(|meta| {
            is_known |= meta.path.is_ident("C") || meta.path.is_ident("transparent");
            if meta.path.is_ident("packed") {
                errors.push(meta.error(
                    "a host function cannot borrow the fields of a packed struct: write them as \
                     arrays of bytes, `[u8; 4]` for example",
                ));
            }
            if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::TokenTree>()?;
            }
            Ok(())
        });
    }
    if !is_known {
        errors.push(Error::new_spanned(
            &input.ident,
            "a guest lays a struct out as C does: write `#[repr(C)]` before it",
        ));
    }
}
