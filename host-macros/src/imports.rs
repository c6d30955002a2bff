//! Parses and expands the list of `imports!`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Error, Path, Result, Token, Type,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// The input: `crate; item, mod module, …`.
struct List {
    krate: TokenStream,
    items: Punctuated<Item, Token![,]>,
}

/// An item of the list, with its `#[cfg]`s.
struct Item {
    attrs: Vec<Attribute>,
    kind: Kind,
}

enum Kind {
    /// The type of an `impl` block, or the companion type of a function, a global or a group.
    Type(Type),
    Module(Path),
}

impl Parse for List {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut krate = TokenStream::new();
        while !input.peek(Token![;]) {
            krate.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        input.parse::<Token![;]>()?;
        Ok(Self {
            krate,
            items: Punctuated::parse_terminated(input)?,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let kind = if input.parse::<Token![mod]>().is_ok() {
            Kind::Module(input.call(Path::parse_mod_style)?)
        } else {
            let start = input.span();
            let ty = input.parse().map_err(|_| {
                Error::new(
                    start,
                    "`imports!` takes a list of annotated items: write the path of a function, a \
                     constant, a static or a type, or `mod name` for a module",
                )
            })?;
            Kind::Type(ty)
        };
        Ok(Self { attrs, kind })
    }
}

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let List { krate, items } = match syn::parse2(tokens) {
        Ok(list) => list,
        Err(error) => return error.to_compile_error(),
    };
    let host = quote!(#krate::__private);
    let (mut types, mut modules) = (Vec::new(), Vec::new());
    for Item { attrs, kind } in items {
        match kind {
            Kind::Type(ty) => types.push(quote! {
                #(#attrs)* <#ty as #host::HostImports>::IMPORTS
            }),
            Kind::Module(path) => modules.push(quote! {
                #(#attrs)* #path::THIS_MODULE_NEEDS_WASM_IMPORT
            }),
        }
    }
    quote! {
        #host::listed(&#host::Listed {
            items: &[#(#types),*],
            modules: &[#(#modules),*],
        })
    }
}
