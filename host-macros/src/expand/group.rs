//! Expands a `mod` or an `impl`: finds the imported items in it, and writes the code for them.

use std::ptr;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Ident, parse_quote, spanned::Spanned};

use crate::{
    attribute::Attribute,
    check::{
        self,
        group::{self as rules, Imported},
    },
    expand::{
        Crate,
        companion::{Companion, Imports},
        is_sound,
    },
    item::{Impl, Member, Module, hidden},
    model::{HostFn, HostGlobal, Scope, cfgs, check_conditional},
};

pub(super) fn expand_module(
    attribute: Attribute,
    mut module: Module,
    errors: &mut Vec<Error>,
) -> TokenStream {
    take_attributes(&mut module.members, errors);
    let krate = Crate::new(&attribute);
    let group = ModuleGroup::read(&module, attribute, errors);
    let span = module.ident.span();
    rules::check_imported(&group.imported(), span, "functions", errors);
    let sound = is_sound(group.functions(), errors);
    krate.module(&group, sound)
}

pub(super) fn expand_impl(
    attribute: Attribute,
    mut block: Impl,
    errors: &mut Vec<Error>,
) -> TokenStream {
    take_attributes(&mut block.members, errors);
    let krate = Crate::new(&attribute);
    let group = ImplGroup::read(&block, attribute, errors);
    let (span, what) = (block.self_ty.span(), "methods with `&self` or `&mut self`");
    rules::check_imported(&group.imported(), span, what, errors);
    let sound = is_sound(&group.functions, errors);
    krate.block(&group, sound)
}

/// Removes the `#[wasm_import]` attributes of all members, at any depth, and parses them.
fn take_attributes(members: &mut [Member], errors: &mut Vec<Error>) {
    let mut take = |attrs: &mut Vec<syn::Attribute>| {
        check_conditional(attrs, errors);
        attrs.retain(|attr| hidden(attr).is_none());
        Attribute::take(attrs, errors)
    };
    let mut groups = Vec::new();
    for member in members {
        match member {
            Member::Function(function) => function.own = take(&mut function.attrs),
            Member::Global(global) => global.own = take(&mut global.attrs),
            Member::MacroCall(call) => call.own = take(&mut call.attrs),
            Member::Module(module) => {
                module.own = take(&mut module.attrs);
                if !is_left_alone(module) {
                    groups.push(&mut module.members);
                }
            }
            Member::Impl(block) => {
                block.own = take(&mut block.attrs);
                if !is_skipped(block.own.as_ref()) {
                    groups.push(&mut block.members);
                }
            }
            Member::Other(_) => {}
        }
    }
    for members in groups {
        take_attributes(members, errors);
    }
}

fn is_skipped(own: Option<&Attribute>) -> bool {
    own.is_some_and(|own| own.skip.is_some())
}

/// Checks whether a module in an annotated module is ignored: because of `skip`, or because of
/// `#[cfg(test)]` without an attribute of its own.
fn is_left_alone(module: &Module) -> bool {
    let is_test = |cfg: &syn::Attribute| {
        let list = cfg.meta.require_list();
        list.is_ok_and(|list| list.tokens.to_string() == "test")
    };
    match &module.own {
        Some(own) => own.skip.is_some(),
        None => cfgs(&module.attrs).any(is_test),
    }
}

/// The imported items of a module.
struct ModuleGroup<'i> {
    module: &'i Module,
    functions: Vec<HostFn<'i>>,
    globals: Vec<HostGlobal<'i>>,
    modules: Vec<Self>,
    blocks: Vec<ImplGroup<'i>>,
}

impl<'i> ModuleGroup<'i> {
    fn read(module: &'i Module, attribute: Attribute, errors: &mut Vec<Error>) -> Self {
        rules::check_group(&attribute, errors);
        rules::check_no_name(&attribute, errors);
        let scope = Scope {
            attribute,
            self_ty: None,
        };
        let members = &module.members;
        let mut group = Self {
            module,
            functions: host_functions(members, &scope, errors),
            globals: host_globals(members, &scope, errors),
            modules: Vec::new(),
            blocks: Vec::new(),
        };
        for member in members {
            match member {
                Member::Module(module) if !is_left_alone(module) => {
                    let attribute = inherited(module.own.as_ref(), &scope, errors);
                    group.modules.push(Self::read(module, attribute, errors));
                }
                Member::Impl(block) if !is_skipped(block.own.as_ref()) => {
                    let attribute = inherited(block.own.as_ref(), &scope, errors);
                    group.blocks.push(ImplGroup::read(block, attribute, errors));
                }
                _ => {}
            }
        }
        group
    }

    /// All imported items in the module, at any depth.
    fn imported(&self) -> Vec<Imported<'_>> {
        let functions = self.functions.iter().map(Imported::function);
        let mut imported: Vec<_> = functions.collect();
        imported.extend(self.globals.iter().map(Imported::global));
        let modules = self.modules.iter();
        let modules = modules.map(|module| (&module.module.attrs, module.imported()));
        let blocks = self.blocks.iter();
        let blocks = blocks.map(|block| (&block.block.attrs, block.imported()));
        for (attrs, within) in modules.chain(blocks) {
            let conditional = cfgs(attrs).next().is_some();
            imported.extend(within.into_iter().map(|one| one.within(conditional)));
        }
        imported
    }

    /// All host functions in the module, at any depth.
    fn functions(&self) -> Vec<&HostFn<'i>> {
        let blocks = self.blocks.iter().flat_map(|block| &block.functions);
        let mut functions: Vec<_> = self.functions.iter().chain(blocks).collect();
        functions.extend(self.modules.iter().flat_map(Self::functions));
        functions
    }
}

/// Combines the attribute of a group in another group with the arguments of the outer group.
fn inherited(own: Option<&Attribute>, scope: &Scope<'_>, errors: &mut Vec<Error>) -> Attribute {
    let none = Attribute::default();
    let own = own.unwrap_or(&none);
    rules::check_member(own, errors);
    own.within(&scope.attribute)
}

/// The imported items of an `impl` block.
struct ImplGroup<'i> {
    block: &'i Impl,
    functions: Vec<HostFn<'i>>,
    /// The name that `group = Name` gives the block.
    name: Option<Ident>,
}

impl<'i> ImplGroup<'i> {
    fn read(block: &'i Impl, attribute: Attribute, errors: &mut Vec<Error>) -> Self {
        rules::check_no_generics(block, errors);
        rules::check_group(&attribute, errors);
        check::global::check_none(&block.members, errors);
        let name = attribute.group.clone();
        let scope = Scope {
            attribute,
            self_ty: Some(&block.self_ty),
        };
        Self {
            block,
            functions: host_functions(&block.members, &scope, errors),
            name,
        }
    }

    fn imported(&self) -> Vec<Imported<'_>> {
        self.functions.iter().map(Imported::function).collect()
    }
}

/// Finds the host functions among the members. In an `impl`, these are the methods, and the
/// functions that have their own attribute.
fn host_functions<'i>(
    members: &'i [Member],
    scope: &Scope<'i>,
    errors: &mut Vec<Error>,
) -> Vec<HostFn<'i>> {
    let mut functions: Vec<HostFn<'i>> = Vec::new();
    for member in members {
        let function = match member {
            Member::Function(function) => function,
            Member::MacroCall(call) if !is_skipped(call.own.as_ref()) => {
                rules::refuse_macro_call(call, errors);
                continue;
            }
            _ => continue,
        };
        let own = function.own.as_ref();
        let method = scope.self_ty.is_none() || function.sig.receiver().is_some();
        if is_skipped(own) || !(method || own.is_some()) {
            continue;
        }
        let host = HostFn::new(function, own, scope, errors);
        check::check(&host, errors);
        if let Some(own) = own {
            rules::check_member(own, errors);
            rules::check_no_name(own, errors);
        }
        // rustc reports two functions with the same name.
        if !functions.iter().any(|other| is_redefined(other, &host)) {
            functions.push(host);
        }
    }
    functions
}

/// Finds the globals among the members.
fn host_globals<'i>(
    members: &'i [Member],
    scope: &Scope<'i>,
    errors: &mut Vec<Error>,
) -> Vec<HostGlobal<'i>> {
    let mut globals: Vec<HostGlobal<'i>> = Vec::new();
    for member in members {
        let Member::Global(global) = member else {
            continue;
        };
        let Some(own) = &global.own else { continue };
        let Some(host) = HostGlobal::new(global, own, scope) else {
            continue;
        };
        check::global::check(&host, own, errors);
        rules::check_member(own, errors);
        rules::check_lone(own, errors);
        // rustc reports two globals with the same name.
        let mut others = globals.iter();
        if others.all(|other| other.global.ident != global.ident) {
            globals.push(host);
        }
    }
    globals
}

fn is_redefined(one: &HostFn<'_>, other: &HostFn<'_>) -> bool {
    one.ident() == other.ident() && !(one.is_conditional() || other.is_conditional())
}

impl Crate {
    /// Writes a module, with companion types and the list for `imports![mod name]`.
    fn module(&self, group: &ModuleGroup<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        let Module {
            attrs,
            vis,
            mod_token,
            ident,
            members,
            ..
        } = group.module;
        let members = members.iter().map(|member| match member {
            Member::Module(module) => group
                .modules
                .iter()
                .find(|nested| ptr::eq(nested.module, &raw const **module))
                .map_or_else(|| quote!(#module), |nested| self.module(nested, sound)),
            Member::Impl(block) => group
                .blocks
                .iter()
                .find(|nested| ptr::eq(nested.block, &raw const **block))
                .map_or_else(|| quote!(#block), |nested| self.block(nested, sound)),
            member => quote!(#member),
        });
        let functions = group.functions.iter().map(|f| self.free(f, sound));
        let globals = group.globals.iter().map(|g| self.global(g, sound));
        let companions = functions.chain(globals);

        let mut items = Vec::new();
        if sound {
            let functions = group.functions.iter();
            items.extend(functions.map(|f| (f.cfgs().collect(), quote_ident(f.ident()))));
            let globals = group.globals.iter();
            items.extend(globals.map(|g| (g.cfgs().collect(), quote_ident(&g.global.ident))));
            let blocks = group.blocks.iter();
            items.extend(blocks.map(|b| (cfgs(&b.block.attrs).collect::<Vec<_>>(), b.companion())));
        }
        let items = items
            .iter()
            .map(|(cfgs, item)| quote!(#(#cfgs)* <#item as #host::HostImports>::IMPORTS));
        let modules = group.modules.iter().filter(|_| sound).map(|nested| {
            let (cfgs, ident) = (cfgs(&nested.module.attrs), &nested.module.ident);
            quote!(#(#cfgs)* #ident::THIS_MODULE_NEEDS_WASM_IMPORT)
        });
        quote! {
            #(#attrs)*
            #vis #mod_token #ident {
                #(#members)*
                #(#companions)*
                #[doc(hidden)]
                pub const THIS_MODULE_NEEDS_WASM_IMPORT: #host::Listed = #host::Listed {
                    items: &[#(#items),*],
                    modules: &[#(#modules),*],
                };
            }
        }
    }

    /// Writes an `impl` block, with the records and shims of its methods.
    fn block(&self, group: &ImplGroup<'_>, sound: bool) -> TokenStream {
        let host = &self.host();
        let ImplGroup {
            block, functions, ..
        } = group;
        let self_ty = &block.self_ty;
        let cfgs: Vec<_> = cfgs(&block.attrs).collect();
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
            let function = quote!(<#name as #host::Shim>::FUNCTION);
            records.push(quote!(#(#cfgs)* #host::HostImport::Function(#function)));
        }
        let imports = quote!(&[#(#records),*]);
        if let Some(ident) = &group.name {
            let companion = Companion {
                ident,
                vis: &parse_quote!(pub),
                cfgs,
            };
            let beside = self.companion(&companion, Some((shims, Imports::Several(imports))));
            return quote!(#block #beside);
        }
        let collect = sound.then(|| self.collect_several(&quote!(#self_ty)));
        quote! {
            #block

            #(#cfgs)*
            #[doc(hidden)]
            #[allow(deprecated)]
            const _: () = {
                #shims
                #[automatically_derived]
                impl #host::HostImports for #self_ty {
                    const IMPORTS: &'static [#host::HostImport] = #imports;
                }
                #collect
            };
        }
    }
}

impl ImplGroup<'_> {
    /// The type by which `imports!` finds the block.
    fn companion(&self) -> TokenStream {
        if let Some(name) = &self.name {
            return quote!(#name);
        }
        let ty = &self.block.self_ty;
        quote!(#ty)
    }
}

fn quote_ident(ident: &Ident) -> TokenStream {
    quote!(#ident)
}
