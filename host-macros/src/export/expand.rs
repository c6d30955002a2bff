//! Writes the type, its methods and the record of a trait with `#[wasm_export]`.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{ItemTrait, spanned::Spanned};

use crate::{
    export::{
        attribute::TraitAttribute,
        model::{Argument, Export, Kind},
    },
    model::docs,
    tokens::text,
};

/// What the expansion is made of.
pub(super) struct Expansion<'i> {
    pub(super) item: &'i ItemTrait,
    pub(super) attribute: &'i TraitAttribute,
    pub(super) exports: &'i [Export],
}

impl Expansion<'_> {
    /// Writes the expansion.
    pub(super) fn write(&self) -> TokenStream {
        let host = &self.host();
        let ItemTrait {
            attrs, vis, ident, ..
        } = self.item;
        let record = self.record();
        let methods = self.exports.iter().enumerate();
        let methods = methods.map(|(index, export)| self.method(index, export));
        quote! {
            #(#attrs)*
            #[derive(::core::clone::Clone, ::core::fmt::Debug)]
            #vis struct #ident(#host::BoundExports);

            #[automatically_derived]
            impl #host::GuestExports for #ident {
                const EXPORTS: &'static #host::ExportSet = &#record;

                fn from_bound(bound: #host::BoundExports) -> Self {
                    Self(bound)
                }
            }

            impl #ident {
                #(#methods)*
            }
        }
    }

    fn host(&self) -> TokenStream {
        if let Some(path) = &self.attribute.krate {
            quote!(#path::__private)
        } else {
            quote!(::host_runtime::__private)
        }
    }

    fn record(&self) -> TokenStream {
        let host = &self.host();
        let name = self.item.ident.to_string();
        let docs = docs(&self.item.attrs);
        let place = self.item.ident.span();
        let file = quote_spanned!(place=> ::core::file!());
        let line = quote_spanned!(place=> ::core::line!());
        let allocator = if let Some(ty) = &self.attribute.allocator {
            quote!(::core::option::Option::Some(#host::allocator::<#ty>()))
        } else {
            quote!(::core::option::Option::None)
        };
        let exports = self.exports.iter().map(|export| self.export_record(export));
        quote! {
            #host::ExportSet::new(
                #name,
                #docs,
                &#host::Source {
                    module_path: ::core::module_path!(),
                    file: #file,
                },
                #line,
                #allocator,
                &[#(#exports),*],
            )
        }
    }

    fn export_record(&self, export: &Export) -> TokenStream {
        let host = &self.host();
        let Export {
            name,
            code,
            docs,
            result,
            ..
        } = export;
        let place = export.ident.span();
        let line = quote_spanned!(place=> ::core::line!());
        let value = quote!(<#result as #host::CallOutcome>::Value);
        match &export.kind {
            Kind::Function(arguments) => {
                let types = arguments.iter().map(|argument| self.passed_type(argument));
                let parameters = arguments.iter().map(|argument| {
                    let (name, written) = (argument.ident.to_string(), text(&argument.ty));
                    let ty = self.passed_type(argument);
                    quote!(#host::ExportParameter::new::<#ty>(#name, #written))
                });
                quote! {
                    #host::DeclaredExport::function::<(#(#types,)*), #value>(
                        #name, #code, #docs, #line, &[#(#parameters),*],
                    )
                }
            }
            Kind::Get => quote! {
                #host::DeclaredExport::global::<#value>(#name, #code, #docs, #line, false)
            },
            Kind::Set(argument) => {
                let ty = &argument.ty;
                quote! {
                    #host::DeclaredExport::global::<#ty>(#name, #code, #docs, #line, true)
                }
            }
        }
    }

    /// The type that is passed to the guest, with `'static` for each lifetime.
    fn passed_type(&self, argument: &Argument) -> TokenStream {
        let host = &self.host();
        let ty = with_static(argument.ty.to_token_stream());
        match (&self.attribute.allocator, argument.placed) {
            (Some(allocator), true) => quote!(#host::Placed<#ty, #allocator>),
            _ => ty,
        }
    }

    fn method(&self, index: usize, export: &Export) -> TokenStream {
        let host = &self.host();
        let Export {
            attrs,
            ident,
            result,
            ..
        } = export;
        let guest = guest_name(export);
        let parameters = export.arguments().iter().map(|argument| {
            let Argument { ident, ty, .. } = argument;
            quote!(#ident: #ty)
        });
        let call = match &export.kind {
            Kind::Function(arguments) => {
                let arguments = arguments.iter().map(|argument| {
                    let ident = &argument.ident;
                    let allocator = self.attribute.allocator.as_ref();
                    if let Some(allocator) = allocator.filter(|_| argument.placed) {
                        quote!(#host::Placed::<_, #allocator>::new(#ident))
                    } else {
                        quote!(#ident)
                    }
                });
                let call = quote_spanned!(result.span()=> call);
                quote!(self.0.#call(#guest, #index, (#(#arguments,)*)))
            }
            Kind::Get => quote!(self.0.get(#guest, #index)),
            Kind::Set(argument) => {
                let value = &argument.ident;
                quote!(self.0.set(#guest, #index, #value))
            }
        };
        quote! {
            #(#attrs)*
            #[allow(clippy::missing_errors_doc, clippy::too_many_arguments)]
            #[inline]
            pub fn #ident(
                &self,
                #guest: &mut impl #host::AsGuest,
                #(#parameters),*
            ) -> #result {
                #call
            }
        }
    }
}

/// A name for the guest that no parameter has.
fn guest_name(export: &Export) -> Ident {
    let mut name = format_ident!("guest", span = Span::call_site());
    while export
        .arguments()
        .iter()
        .any(|argument| argument.ident == name)
    {
        name = format_ident!("{name}_");
    }
    name
}

/// Gives each reference and each lifetime of a type the lifetime `'static`.
fn with_static(tokens: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    let lifetime = || {
        [
            TokenTree::from(Punct::new('\'', Spacing::Joint)),
            TokenTree::from(Ident::new("static", Span::call_site())),
        ]
    };
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                written.extend([TokenTree::from(punct)]);
                let has_lifetime = matches!(
                    tokens.peek(),
                    Some(TokenTree::Punct(next)) if next.as_char() == '\''
                );
                if !has_lifetime {
                    written.extend(lifetime());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                tokens.next();
                written.extend(lifetime());
            }
            TokenTree::Group(group) => {
                let inner = with_static(group.stream());
                let mut group = proc_macro2::Group::new(group.delimiter(), inner);
                group.set_span(group.span());
                written.extend([TokenTree::from(group)]);
            }
            other => written.extend([other]),
        }
    }
    written
}
