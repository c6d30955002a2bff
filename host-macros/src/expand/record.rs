//! The record, which describes a function or a global.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr};

use crate::{
    expand::{Crate, shim::states},
    model::{HostFn, Import, Param},
    tokens::{nameable, text},
};

impl Crate {
    /// Writes the record of a function.
    pub(super) fn record(&self, function: &HostFn<'_>) -> TokenStream {
        let host = &self.host();
        let declaration = self.declaration(
            &function.import,
            &signature(function),
            &function.docs,
            function.ident(),
        );
        let parameters = function.params.iter().filter_map(|param| match param {
            Param::Value { name, ty } => {
                let written = text(ty);
                let ty = nameable(ty, function.self_ty);
                Some(quote! {
                    #host::Parameter::new(#name, #written, #host::Probe::<#ty>::PARAMETER)
                })
            }
            Param::State { .. } | Param::Store { .. } => None,
        });
        let result = function
            .result()
            .map_or_else(|| quote!(()), |ty| nameable(ty, function.self_ty));
        let states = states(function)
            .into_iter()
            .map(|(ty, _)| quote!(#host::StateNeed::of::<#ty>()));
        let extras = self.extras(function);
        quote! {
            {
                use #host::NotLowered as _;
                #host::Record {
                    declaration: #declaration,
                    parameters: &[#(#parameters),*],
                    result: #host::Probe::<#result>::RESULT,
                    states: &[#(#states),*],
                    extras: #extras,
                }
            }
        }
    }

    /// Writes the parts of a record that few functions have.
    fn extras(&self, function: &HostFn<'_>) -> TokenStream {
        let Import { prefix, names, .. } = &function.import;
        let exports = [&function.memory, &function.table];
        if names.len() == 1 && prefix.is_empty() && exports.iter().all(|name| name.is_none()) {
            return quote!(::core::option::Option::None);
        }
        let host = &self.host();
        let [memory, table] = exports.map(|name| optional(name.as_ref()));
        let names = names.iter().skip(1).map(|name| &name.text);
        quote! {
            ::core::option::Option::Some(&#host::Extras {
                names: &[#(#names),*],
                prefix: #prefix,
                exports: #host::NamedExports {
                    memory: #memory,
                    table: #table,
                },
            })
        }
    }

    /// Writes the part of a record that functions and globals share.
    pub(super) fn declaration(
        &self,
        import: &Import,
        code: &str,
        docs: &str,
        ident: &Ident,
    ) -> TokenStream {
        let host = &self.host();
        let (module, name) = (&import.module, import.name());
        // If a macro of the user writes the item, this is the file and line of the macro call.
        let place = ident.span();
        let file = quote_spanned!(place=> ::core::file!());
        let line = quote_spanned!(place=> ::core::line!());
        quote! {
            #host::Declaration {
                module: #module,
                name: #name,
                code: #code,
                docs: #docs,
                source: &#host::Source {
                    module_path: ::core::module_path!(),
                    file: #file,
                },
                line: #line,
            }
        }
    }
}

/// Writes an optional string literal as an `Option`.
fn optional(text: Option<&LitStr>) -> TokenStream {
    text.map_or_else(
        || quote!(::core::option::Option::None),
        |text| quote!(::core::option::Option::Some(#text)),
    )
}

/// The signature as text for messages, without the attributes of the parameters.
fn signature(function: &HostFn<'_>) -> String {
    let mut sig = function.sig().clone();
    for input in &mut sig.inputs {
        if let syn::FnArg::Typed(typed) = input {
            typed.attrs.clear();
        }
    }
    sig.inputs.pop_punct();
    text(&sig)
}
