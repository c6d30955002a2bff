//! Structs that have the same layout in guest memory and in host memory.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DataStruct, DeriveInput, Error, Index, Member, spanned::Spanned};

use crate::tokens::located_at;

/// Expands `PlainData` on a struct, and checks that the struct has no padding.
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
            "plain data cannot contain references: write an address as a `u32`",
        ));
    }
    if !errors.is_empty() {
        return None;
    }
    // The size is that of the field's value. If the type is a macro call, it may expand to another
    // type here than in the struct.
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
        "`{name}` has padding bytes between its fields or after the last one, as in C: add a field \
         for the padding, such as `padding: [u8; 3]`"
    );
    let implementations = implementations(input, host);
    Some(quote! {
        const _: () = ::core::assert!(::core::mem::size_of::<#name>() == 0 #(#sizes)*, #padding);
        #implementations
    })
}

/// Writes the implementations. They are sound only for a type that passes the checks of [`expand`].
pub(super) fn implementations(input: &DeriveInput, host: &TokenStream) -> TokenStream {
    let name = &input.ident;
    let (generics, own, clause) = input.generics.split_for_impl();
    // The type has the layout of C and no padding, and its fields are plain data.
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        unsafe impl #generics #host::bytemuck::Zeroable for #name #own #clause {}
        #[automatically_derived]
        unsafe impl #generics #host::bytemuck::Pod for #name #own #clause {}
        #[automatically_derived]
        impl #generics #host::PlainData for #name #own #clause {}
    }
}

/// Checks that `#[repr(C)]` or `#[repr(transparent)]` gives the struct its layout.
fn check_layout(input: &DeriveInput, errors: &mut Vec<Error>) {
    let mut is_known = false;
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        // rustc reports unknown arguments.
        let _ = attr.parse_nested_meta(|meta| {
            is_known |= meta.path.is_ident("C") || meta.path.is_ident("transparent");
            if meta.path.is_ident("packed") {
                errors.push(meta.error(
                    "a host function cannot borrow the fields of a packed struct: write the \
                     fields as byte arrays, such as `[u8; 4]`",
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
            "a struct in guest memory needs the layout of C: add `#[repr(C)]`",
        ));
    }
}
