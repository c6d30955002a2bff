//! `public-api.txt` lists the public interface of `host-runtime`.
//!
//! If you change the interface, run `BLESS=1 cargo test -p host-tests --test all public_api`. Then
//! review the diff of that file: a removed or changed line is a breaking change.

use std::{collections::BTreeSet, env, fs, path::Path};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, ItemTrait, TraitItem, Visibility};

/// The names of the items that `lib.rs` and the modules in it export.
struct Exports(BTreeSet<String>);

impl Exports {
    fn file(&mut self, file: &syn::File) {
        self.items(&file.items);
    }

    /// Adds the exports in `items`, and those in public modules.
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) if is_public(&item.vis, &item.attrs) => self.tree(&item.tree),
                Item::Mod(module) if is_public(&module.vis, &module.attrs) => {
                    let items = module.content.iter().map(|(_, items)| items);
                    items.for_each(|items| self.items(items));
                }
                _ => {}
            }
        }
    }

    fn tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree)),
            syn::UseTree::Name(name) => {
                self.0.insert(name.ident.to_string());
            }
            syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => {}
        }
    }
}

fn is_hidden(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let list = attr.meta.require_list();
        attr.path().is_ident("doc") && list.is_ok_and(|list| list.tokens.to_string() == "hidden")
    })
}

fn is_public(vis: &Visibility, attrs: &[Attribute]) -> bool {
    matches!(vis, Visibility::Public(_)) && !is_hidden(attrs)
}

/// The public items with these names. Each item is a line.
struct Interface {
    exports: BTreeSet<String>,
    lines: BTreeSet<String>,
}

impl Interface {
    fn add(&mut self, tokens: impl ToTokens) {
        self.lines.insert(tokens.to_token_stream().to_string());
    }

    fn is_exported(&self, ident: &syn::Ident) -> bool {
        self.exports.contains(&ident.to_string())
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(|item| self.item(item));
            }
            Item::Struct(item) if self.is_exported(&item.ident) => {
                let (ident, generics) = (&item.ident, &item.generics);
                let fields = match &item.fields {
                    Fields::Named(fields) => fields.named.iter().collect::<Vec<_>>(),
                    Fields::Unnamed(fields) => fields.unnamed.iter().collect(),
                    Fields::Unit => Vec::new(),
                };
                let fields = fields
                    .into_iter()
                    .filter(|field| is_public(&field.vis, &field.attrs))
                    .map(|field| {
                        let (name, ty) = (&field.ident, &field.ty);
                        quote::quote!(#name: #ty)
                    });
                self.add(quote::quote!(struct #ident #generics { #(#fields),* }));
            }
            Item::Enum(item) if self.is_exported(&item.ident) => {
                let mut item = item.clone();
                item.attrs.clear();
                for variant in &mut item.variants {
                    variant.attrs.clear();
                    variant
                        .fields
                        .iter_mut()
                        .for_each(|field| field.attrs.clear());
                }
                self.add(item);
            }
            Item::Trait(item) if self.is_exported(&item.ident) => self.item_trait(item),
            Item::Const(item) if self.is_exported(&item.ident) => {
                let (ident, ty) = (&item.ident, &item.ty);
                self.add(quote::quote!(const #ident: #ty));
            }
            Item::Impl(item) => self.item_impl(item),
            _ => {}
        }
    }

    fn item_trait(&mut self, item: &ItemTrait) {
        let (ident, generics, bounds) = (&item.ident, &item.generics, &item.supertraits);
        let unsafety = &item.unsafety;
        self.add(quote::quote!(#unsafety trait #ident #generics: #bounds));
        for member in &item.items {
            match member {
                TraitItem::Fn(function) if !is_hidden(&function.attrs) => {
                    let sig = &function.sig;
                    self.add(quote::quote!(#ident: #sig));
                }
                TraitItem::Type(ty) if !is_hidden(&ty.attrs) => {
                    let (name, bounds) = (&ty.ident, &ty.bounds);
                    self.add(quote::quote!(#ident: type #name: #bounds));
                }
                TraitItem::Const(constant) if !is_hidden(&constant.attrs) => {
                    let (name, ty) = (&constant.ident, &constant.ty);
                    self.add(quote::quote!(#ident: const #name: #ty));
                }
                _ => {}
            }
        }
    }

    fn item_impl(&mut self, item: &ItemImpl) {
        let syn::Type::Path(path) = &*item.self_ty else {
            return;
        };
        let exported = path.path.segments.last();
        if !exported.is_some_and(|last| self.is_exported(&last.ident)) {
            return;
        }
        let (generics, ty) = (&item.generics, &item.self_ty);
        if let Some((of, _)) = &item.trait_ {
            let clause = &generics.where_clause;
            self.add(quote::quote!(impl #generics #of for #ty #clause));
            return;
        }
        for member in &item.items {
            match member {
                ImplItem::Fn(function) if is_public(&function.vis, &function.attrs) => {
                    let sig = &function.sig;
                    self.add(quote::quote!(impl #generics #ty: #sig));
                }
                ImplItem::Const(constant) if is_public(&constant.vis, &constant.attrs) => {
                    let (name, ty_of) = (&constant.ident, &constant.ty);
                    self.add(quote::quote!(impl #generics #ty: const #name: #ty_of));
                }
                _ => {}
            }
        }
    }
}

fn files(directory: &Path, found: &mut Vec<syn::File>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            found.push(syn::parse_file(&source).unwrap());
        }
    }
}

#[test]
fn the_public_interface_is_unchanged() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = here.join("../host-runtime/src");
    let root = syn::parse_file(&fs::read_to_string(sources.join("lib.rs")).unwrap()).unwrap();
    let mut exports = Exports(BTreeSet::new());
    exports.file(&root);
    let mut interface = Interface {
        exports: exports.0,
        lines: BTreeSet::new(),
    };
    let mut found = Vec::new();
    files(&sources, &mut found);
    for item in found.iter().flat_map(|file| &file.items) {
        interface.item(item);
    }
    let mut now = interface.lines.into_iter().collect::<Vec<_>>().join("\n");
    now.push('\n');
    let snapshot = here.join("public-api.txt");
    if env::var_os("BLESS").is_some() {
        fs::write(&snapshot, &now).unwrap();
    }
    let before = fs::read_to_string(&snapshot).unwrap_or_default();
    let (before, now): (BTreeSet<_>, BTreeSet<_>) =
        (before.lines().collect(), now.lines().collect());
    let changed: Vec<_> = before.symmetric_difference(&now).collect();
    assert!(
        changed.is_empty(),
        "the public interface has changed; to accept this, update the snapshot with BLESS=1:\n{}",
        changed
            .iter()
            .map(|line| format!("{} {line}\n", if now.contains(*line) { '+' } else { '-' }))
            .collect::<String>()
    );
}
