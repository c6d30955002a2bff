//! What the attribute writes: the item itself, and for each function a record and a shim.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, Ident, Path, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    attribute::Attribute,
    check,
    item::{Function, Impl, Item, Member, Module},
    model::{HostFn, Param, Scope, cfgs},
    tokens::{nameable, text, without_markers},
};

/// The whole expansion. What is wrong is reported beside the item, which stays.
pub(crate) fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let attribute = Attribute::parse(arguments, &mut errors);
    let expanded = match syn::parse2::<Item>(tokens.clone()) {
        Ok(Item::Function(function)) => expand_function(&attribute, *function, &mut errors),
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
    check_lone(attribute, errors);
    let scope = Scope {
        attribute: Attribute::default(),
        self_ty: None,
    };
    let host = HostFn::new(&function, Some(attribute), &scope, errors);
    check::check(&host, errors);
    if function.sig.receiver().is_some() {
        // A method, most likely: a type beside it would be one error more.
        return quote!(#function);
    }
    let host = Crate::new(attribute).free(&host, is_sound([&host], errors));
    quote!(#function #host)
}

/// Whether records and shims can be written.
fn is_sound<'h>(functions: impl IntoIterator<Item = &'h HostFn<'h>>, errors: &[Error]) -> bool {
    errors.is_empty() && !functions.into_iter().any(HostFn::is_unsized)
}

fn check_lone(attribute: &Attribute, errors: &mut Vec<Error>) {
    if let Some(skip) = &attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for a function in an annotated `mod` or `impl`: remove the attribute",
        ));
    }
}

fn expand_module(attribute: Attribute, mut module: Module, errors: &mut Vec<Error>) -> TokenStream {
    let own = take_own(&mut module.members, errors);
    let krate = Crate::new(&attribute);
    let scope = Scope {
        attribute,
        self_ty: None,
    };
    let functions = host_functions(&module.members, &own, &scope, errors);
    check_group(&scope, &functions, module.ident.span(), "functions", errors);
    let sound = is_sound(&functions, errors);
    let each: TokenStream = functions.iter().map(|f| krate.free(f, sound)).collect();
    let group = krate.module_group(&functions, sound);
    module.members.push(Member::Other(quote!(#each #group)));
    quote!(#module)
}

fn expand_impl(attribute: Attribute, mut block: Impl, errors: &mut Vec<Error>) -> TokenStream {
    let own = take_own(&mut block.members, errors);
    check_no_generics(&block, errors);
    let krate = Crate::new(&attribute);
    let scope = Scope {
        attribute,
        self_ty: Some(&block.self_ty),
    };
    let functions = host_functions(&block.members, &own, &scope, errors);
    let what = "methods with `&self` or `&mut self`";
    check_group(&scope, &functions, block.self_ty.span(), what, errors);
    let group = krate.type_group(&block, &functions, is_sound(&functions, errors));
    quote!(#block #group)
}

/// Takes the functions' own attributes off the members.
fn take_own(members: &mut [Member], errors: &mut Vec<Error>) -> Vec<Option<Attribute>> {
    let own = members.iter_mut().map(|member| match member {
        Member::Function(function) => Attribute::take(&mut function.attrs, errors),
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
        check_own(own.as_ref(), errors);
        // rustc says enough of two functions of one name.
        if !functions.iter().any(|other| is_redefined(other, &host)) {
            functions.push(host);
        }
    }
    functions
}

fn is_redefined(one: &HostFn<'_>, other: &HostFn<'_>) -> bool {
    one.ident() == other.ident() && !(one.is_conditional() || other.is_conditional())
}

/// What a function's own attribute cannot say, being that of all.
fn check_own(own: Option<&Attribute>, errors: &mut Vec<Error>) {
    if let Some(path) = own.and_then(|own| own.krate.as_ref()) {
        errors.push(Error::new_spanned(
            path,
            "`crate` is for all functions: write it on the `mod` or `impl`",
        ));
    }
}

fn check_group(
    scope: &Scope<'_>,
    functions: &[HostFn<'_>],
    span: Span,
    what: &str,
    errors: &mut Vec<Error>,
) {
    if let Some(name) = &scope.attribute.name {
        errors.push(Error::new(
            name.span(),
            "`name` is for one function: write it on that function, or `rename_all` here",
        ));
    }
    if let Some(skip) = &scope.attribute.skip {
        errors.push(Error::new(
            skip.span(),
            "`skip` is for one function: write it on that function, or remove the attribute here",
        ));
    }
    if functions.is_empty() {
        errors.push(Error::new(
            span,
            format!("there are no {what} here: add one, or remove `#[wasm_import]`"),
        ));
    }
    check::check_duplicates(functions, errors);
}

fn check_no_generics(block: &Impl, errors: &mut Vec<Error>) {
    match block.generics.params.first() {
        Some(param) => errors.push(Error::new_spanned(
            param,
            "host state is found by its type, so the type cannot be generic: write out the one \
             that is meant",
        )),
        None => check::check_lifetime(&block.self_ty, errors),
    }
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

    /// A function's companion type, with its record and shim. If the function is not `sound`,
    /// the type stands in for it, so that `imports!` finds it and reports nothing more.
    fn free(&self, function: &HostFn<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        if check::is_primitive(function.ident()) {
            return TokenStream::new();
        }
        let (ident, vis) = (function.ident(), &function.function.vis);
        let cfgs: Vec<_> = function.cfgs().collect();
        let (shim, functions) = if sound {
            let shim = self.shim(function, ident, &quote!(#ident));
            (shim, quote!(&[&FUNCTION]))
        } else {
            (TokenStream::new(), quote!(&[]))
        };
        let collect = sound.then(|| quote!(#host::collect! { #functions }));
        // Should a type of that name be there already, rustc reports it at the function's name. The
        // span is still the expansion's own, for which users' lints do not hold.
        let here = Span::call_site().located_at(ident.span());
        let mut companion = ident.clone();
        companion.set_span(here);
        let companion = quote_spanned!(here=> enum #companion {});
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #vis #companion

            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shim
                #[automatically_derived]
                impl #host::HostImports for #ident {
                    const FUNCTIONS: &'static [&'static #host::HostFunction] = #functions;
                }
                #collect
            };
        }
    }

    /// What `imports![mod name]` reads in a module.
    fn module_group(&self, functions: &[HostFn<'_>], sound: bool) -> TokenStream {
        let host = &self.host();
        let functions = functions.iter().filter(|_| sound).map(|function| {
            let (ident, cfgs) = (function.ident(), function.cfgs());
            quote!(#(#cfgs)* <#ident as #host::HostImports>::FUNCTIONS)
        });
        quote! {
            #[doc(hidden)]
            pub const __HOST_IMPORTS: &[&[&#host::HostFunction]] = &[#(#functions),*];
        }
    }

    /// The records and shims of an `impl` block.
    fn type_group(&self, block: &Impl, functions: &[HostFn<'_>], sound: bool) -> TokenStream {
        let host = &self.host();
        let self_ty = &block.self_ty;
        let cfgs = cfgs(&block.attrs);
        let mut shims = TokenStream::new();
        let mut records = Vec::new();
        for (index, function) in functions.iter().enumerate().filter(|_| sound) {
            let (ident, cfgs) = (function.ident(), function.cfgs().collect::<Vec<_>>());
            let name = format_ident!("__Shim{index}");
            let shim = self.shim(function, &name, &quote!(<#self_ty>::#ident));
            shims.extend(quote! {
                #(#cfgs)*
                enum #name {}
                #(#cfgs)*
                const _: () = { #shim };
            });
            let wrapper = if function.caller().is_some() {
                quote!(CallerShim)
            } else {
                quote!(Shim)
            };
            records.push(quote!(#(#cfgs)* <#name as #host::#wrapper>::FUNCTION));
        }
        let collect =
            sound.then(|| quote!(#host::collect! { <#self_ty as #host::HostImports>::FUNCTIONS }));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shims
                #[automatically_derived]
                impl #host::HostImports for #self_ty {
                    const FUNCTIONS: &'static [&'static #host::HostFunction] = &[#(#records),*];
                }
                #collect
            };
        }
    }

    /// The record `FUNCTION`, and the shim as a trait implementation of `shim`.
    fn shim(&self, function: &HostFn<'_>, shim: &Ident, path: &TokenStream) -> TokenStream {
        let host = &self.host();
        let record = self.record(function, shim);
        let implementation = match function.caller() {
            Some(caller) => self.caller_shim(function, shim, path, caller),
            None => self.plain_shim(function, shim, path),
        };
        quote! {
            static FUNCTION: #host::HostFunction = {
                use #host::NotLowered as _;
                #host::HostFunction::new(#record)
            };
            #[automatically_derived]
            #implementation
        }
    }

    fn record(&self, function: &HostFn<'_>, shim: &Ident) -> TokenStream {
        let host = &self.host();
        let HostFn { import, docs, .. } = function;
        let (module, name) = (&import.module, &import.name);
        let signature = signature(function);
        let parameters = function.params.iter().filter_map(|param| match param {
            Param::Value { name, ty } => {
                let (name, written) = (name.unraw().to_string(), text(ty));
                let ty = nameable(ty, function.self_ty);
                Some(quote! {
                    #host::Parameter::new(#name, #written, #host::Probe::<#ty>::PARAMETER)
                })
            }
            Param::State { .. } | Param::Caller { .. } => None,
        });
        let result = function
            .result()
            .map_or_else(|| quote!(()), |ty| nameable(ty, function.self_ty));
        let states = states(function)
            .into_iter()
            .map(|(ty, _)| quote!(#host::StateNeed::of::<#ty>()));
        let memory = if let Some(name) = &function.memory {
            quote!(::core::option::Option::Some(#name))
        } else {
            quote!(::core::option::Option::None)
        };
        let line = u32::try_from(function.ident().span().start().line).unwrap_or(0);
        let entry = if function.caller().is_some() {
            quote!(caller)
        } else {
            quote!(plain)
        };
        quote! {
            #host::Record {
                module: #module,
                name: #name,
                signature: #signature,
                parameters: &[#(#parameters),*],
                result: #host::Probe::<#result>::RESULT,
                states: &[#(#states),*],
                memory: #memory,
                docs: #docs,
                module_path: ::core::module_path!(),
                file: ::core::file!(),
                line: #line,
                entry: #host::Entry::#entry::<#shim>(),
            }
        }
    }

    fn plain_shim(&self, function: &HostFn<'_>, shim: &Ident, path: &TokenStream) -> TokenStream {
        let host = &self.host();
        let states = states(function);
        let names = state_names(&states);
        let borrow = (!states.is_empty()).then(|| {
            let types = states.iter().map(|(ty, _)| ty);
            quote_spanned! {Span::mixed_site()=>
                let (#(#names,)*) = call.states::<(#(#types,)*)>();
            }
        });
        let arguments = function.params.iter().map(|param| match param {
            Param::State { ty, mutable, .. } => {
                let ty = nameable(ty, function.self_ty);
                let written = ty.to_string();
                let index = states.iter().position(|(ty, _)| ty.to_string() == written);
                let name = &names[index.unwrap_or_default()];
                if *mutable {
                    quote!(#name)
                } else {
                    quote!(&*#name)
                }
            }
            Param::Value { ty, .. } | Param::Caller { ty } => {
                let ty = nameable(ty, function.self_ty);
                self.parameter(&ty)
            }
        });
        let result = self.result(function);
        // Variables of their own, whatever the user's functions are called.
        quote_spanned! {Span::mixed_site()=>
            impl #host::Shim for #shim {
                const FUNCTION: &'static #host::HostFunction = &FUNCTION;

                #[inline]
                fn call(call: &mut #host::Call<'_>) -> #host::wasmtime::Result<()> {
                    #borrow
                    let result = #path(#(#arguments),*);
                    #result(result, call)
                }
            }
        }
    }

    /// What makes a parameter of the next values. Should its type not be one for a guest, rustc
    /// underlines it.
    fn parameter(&self, ty: &TokenStream) -> TokenStream {
        let host = &self.host();
        // The type may come out of a macro of the user's, where our variable has no meaning.
        let call = Ident::new("call", Span::mixed_site());
        quote_spanned!(ty.span()=> <#ty as #host::FromGuest<'_>>::parameter(#call)?)
    }

    /// What passes a result on. Should its type not be one for a guest, rustc underlines it.
    fn result(&self, function: &HostFn<'_>) -> TokenStream {
        let host = &self.host();
        if let Some(ty) = function.result() {
            let ty = nameable(ty, function.self_ty);
            quote_spanned!(ty.span()=> <#ty as #host::IntoGuest>::result)
        } else {
            quote!(<() as #host::IntoGuest>::result)
        }
    }

    fn caller_shim(
        &self,
        function: &HostFn<'_>,
        shim: &Ident,
        path: &TokenStream,
        caller: &Type,
    ) -> TokenStream {
        let caller = nameable(caller, function.self_ty);
        // Should the type be another, rustc reports it wherever it is used. If that is one place,
        // it does so once; but code of that place shares its variables, hence their names.
        let here = caller.span();
        let host = &self.host_at(here);
        let caller = quote_spanned!(here=> <fn(#caller) as #host::CallerParameter>);
        let mut names = Vec::new();
        let mut makes = Vec::new();
        let mut arguments = Vec::new();
        for (index, param) in function.params.iter().enumerate() {
            if let Param::Value { ty, .. } = param {
                let name = Ident::new(&format!("parameter{index}"), Span::mixed_site());
                let ty = nameable(ty, function.self_ty);
                makes.push(self.parameter(&ty));
                arguments.push(quote!(#name));
                names.push(name);
            } else {
                arguments.push(quote_spanned!(here=> #caller::pass(__caller)));
            }
        }
        let result = self.result(function);
        let parameter_call = Ident::new("call", Span::mixed_site());
        quote_spanned! {here=>
            impl #host::CallerShim for #shim {
                type Data = #caller::Data;
                const FUNCTION: &'static #host::HostFunction = &FUNCTION;

                #[inline]
                fn call(
                    mut __caller: #host::wasmtime::Caller<'_, Self::Data>,
                    __call: &mut #host::CallerCall<'_, Self::Data>,
                ) -> #host::wasmtime::Result<()> {
                    let (#(#names,)*) = __call.parameters(
                        &mut __caller,
                        |#parameter_call| ::core::result::Result::Ok((#(#makes,)*)),
                    )?;
                    #result(#path(#(#arguments),*), &mut __call.returned())
                }
            }
        }
    }
}

/// The states that a function borrows, each once, and whether as `&mut`.
fn states(function: &HostFn<'_>) -> Vec<(TokenStream, bool)> {
    let mut states: Vec<(TokenStream, bool)> = Vec::new();
    for param in &function.params {
        if let Param::State { ty, mutable, .. } = param {
            let ty = nameable(ty, function.self_ty);
            if states
                .iter()
                .all(|(other, _)| other.to_string() != ty.to_string())
            {
                states.push((ty, *mutable));
            }
        }
    }
    states
}

fn state_names(states: &[(TokenStream, bool)]) -> Vec<Ident> {
    (0..states.len())
        .map(|index| Ident::new(&format!("state{index}"), Span::mixed_site()))
        .collect()
}

/// The signature as messages print it: without what is not the guest's business.
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
