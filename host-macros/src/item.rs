//! Parses the annotated item as far as necessary, and prints it unchanged.
//!
//! Bodies stay raw tokens. Therefore a function expands even while its body has syntax errors, and
//! completion works in editors.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{
    Attribute, Error, FnArg, Generics, Ident, Meta, Path, Result, Signature, Token, Type,
    Visibility, braced,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser, discouraged::Speculative},
    token,
};

use crate::{
    attribute::{Attribute as Arguments, is_wasm_import},
    tokens::{MARKERS, ungrouped, without_item_groups},
};

/// The annotated item.
pub(crate) enum Item {
    Function(Box<Function>),
    Global(Box<Global>),
    Module(Box<Module>),
    Impl(Box<Impl>),
}

/// A function. Its body is not parsed.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    /// If the function is a member of a group: the arguments of its own attribute.
    pub(crate) own: Option<Arguments>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

/// A `const` or a `static`. Its value is not parsed.
pub(crate) struct Global {
    pub(crate) attrs: Vec<Attribute>,
    /// If the global is a member of a group: the arguments of its own attribute.
    pub(crate) own: Option<Arguments>,
    pub(crate) vis: Visibility,
    pub(crate) keyword: Ident,
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) ident: Ident,
    pub(crate) ty: Option<(Token![:], Type)>,
    /// The tokens from the `=` to the `;`.
    pub(crate) value: TokenStream,
}

/// An inline module.
pub(crate) struct Module {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) own: Option<Arguments>,
    pub(crate) vis: Visibility,
    pub(crate) mod_token: Token![mod],
    pub(crate) ident: Ident,
    pub(crate) members: Vec<Member>,
}

/// An `impl` block without a trait.
pub(crate) struct Impl {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) own: Option<Arguments>,
    pub(crate) keyword: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) members: Vec<Member>,
}

/// A member of a module or an `impl`.
pub(crate) enum Member {
    Function(Box<Function>),
    /// A global with its own attribute. Other globals are [`Self::Other`].
    Global(Box<Global>),
    Module(Box<Module>),
    /// An `impl` block with its own attribute. Other blocks are [`Self::Other`].
    Impl(Box<Impl>),
    MacroCall(Box<MacroCall>),
    /// Any other member.
    Other(TokenStream),
}

/// A macro call. The attribute does not see its expansion.
pub(crate) struct MacroCall {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) own: Option<Arguments>,
    /// The name of the macro.
    pub(crate) name: Ident,
    /// All tokens except the attributes.
    pub(crate) tokens: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        if starts_function(input) {
            return Function::parse(attrs, vis, input).map(|f| Self::Function(Box::new(f)));
        }
        if starts_global(input) {
            return Global::parse(attrs, vis, input).map(|g| Self::Global(Box::new(g)));
        }
        if input.peek(Token![mod]) {
            return Module::parse(attrs, vis, input).map(|m| Self::Module(Box::new(m)));
        }
        if input.peek(Token![impl]) {
            return Impl::parse(attrs, input).map(|i| Self::Impl(Box::new(i)));
        }
        let found: TokenTree = input.parse()?;
        Err(Error::new(
            found.span(),
            format!(
                "`#[wasm_import]` cannot be used on `{found}`: put it on a function, a `const`, a \
                 `static`, an inline `mod` or an `impl` block"
            ),
        ))
    }
}

/// Checks whether a function begins here, after attributes and visibility.
fn starts_function(input: ParseStream<'_>) -> bool {
    input.peek(Token![fn]) || input.fork().parse::<Signature>().is_ok()
}

/// Checks whether a `const` or a `static` begins here. [`starts_function`] must be checked before,
/// because of `const fn`.
fn starts_global(input: ParseStream<'_>) -> bool {
    input.peek(Token![const]) || input.peek(Token![static])
}

impl Function {
    fn parse(attrs: Vec<Attribute>, vis: Visibility, input: ParseStream<'_>) -> Result<Self> {
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(Error::new(
                sig.ident.span(),
                format!(
                    "a host function must have a body: write `fn {} … {{ … }}` outside of `extern` \
                     blocks and traits",
                    sig.ident
                ),
            ));
        }
        Ok(Self {
            attrs,
            own: None,
            vis,
            sig,
            body: input.parse()?,
        })
    }
}

impl Global {
    fn parse(attrs: Vec<Attribute>, vis: Visibility, input: ParseStream<'_>) -> Result<Self> {
        let keyword = input.call(Ident::parse_any)?;
        let mutability = input.parse()?;
        if let Ok(underscore) = input.parse::<Token![_]>() {
            return Err(Error::new(
                underscore.span,
                format!(
                    "guests import a global by name, but `_` is not a name: write `{keyword} NAME: \
                     …`"
                ),
            ));
        }
        let ident: Ident = input.parse()?;
        let mut ty = None;
        if let Ok(colon) = input.parse::<Token![:]>() {
            ty = Some((colon, input.parse()?));
        }
        let mut value = TokenStream::new();
        while !input.is_empty() {
            let token: TokenTree = input.parse()?;
            let ends = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
            value.append(token);
            if ends {
                break;
            }
        }
        Ok(Self {
            attrs,
            own: None,
            vis,
            keyword,
            mutability,
            ident,
            ty,
            value,
        })
    }
}

/// If an attribute is a `cfg_attr`: the name of an attribute in it that decides whether or how the
/// item becomes a host function.
pub(crate) fn hidden(attr: &Attribute) -> Option<&'static str> {
    let Meta::List(list) = &attr.meta else {
        return None;
    };
    let names = ["wasm_import", "state", "caller", "guest", "cfg"];
    let hides = |name: &&str| has_word(list.tokens.clone(), name);
    names
        .into_iter()
        .find(|name| attr.path().is_ident("cfg_attr") && hides(name))
}

/// Checks whether the arguments of a `cfg_attr` contain an attribute with this name after the
/// condition.
fn has_word(tokens: TokenStream, name: &str) -> bool {
    let mut behind = false;
    let mut first = false;
    ungrouped(tokens).into_iter().any(|token| {
        let is_name = first && matches!(&token, TokenTree::Ident(ident) if ident == name);
        let is_comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        behind |= is_comma;
        // The attribute may be a path. Its last segment comes after a `:`.
        first = behind
            && (is_comma || matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':'));
        is_name
    })
}

/// Checks whether an attribute of a parameter belongs to this macro.
pub(crate) fn is_marker(attr: &Attribute) -> bool {
    MARKERS.iter().any(|marker| attr.path().is_ident(marker))
}

impl Module {
    fn parse(attrs: Vec<Attribute>, vis: Visibility, input: ParseStream<'_>) -> Result<Self> {
        let mod_token = input.parse()?;
        let ident: Ident = input.parse()?;
        if input.peek(Token![;]) {
            return Err(Error::new(
                ident.span(),
                format!(
                    "`#[wasm_import]` needs an inline module: write `mod {ident} {{ … }}`, or \
                     annotate the functions in the module's own file"
                ),
            ));
        }
        Ok(Self {
            attrs,
            own: None,
            vis,
            mod_token,
            ident,
            members: members(input)?,
        })
    }
}

impl Impl {
    fn parse(attrs: Vec<Attribute>, input: ParseStream<'_>) -> Result<Self> {
        let keyword = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let self_ty = input.parse()?;
        if let Ok(for_token) = input.parse::<Token![for]>() {
            return Err(Error::new(
                for_token.span,
                "`#[wasm_import]` is for `impl` blocks without a trait: write `impl Type { … }`",
            ));
        }
        generics.where_clause = input.parse()?;
        Ok(Self {
            attrs,
            own: None,
            keyword,
            generics,
            self_ty,
            members: members(input)?,
        })
    }
}

/// Parses the members in the braces of a module or an `impl`.
fn members(input: ParseStream<'_>) -> Result<Vec<Member>> {
    let content;
    braced!(content in input);
    let content: TokenStream = content.parse()?;
    let parser = |content: ParseStream<'_>| members_of(content);
    parser.parse2(without_item_groups(content))
}

fn members_of(content: ParseStream<'_>) -> Result<Vec<Member>> {
    let mut inner = TokenStream::new();
    inner.append_all(content.call(Attribute::parse_inner)?);
    let mut members = vec![Member::Other(inner)];
    while !content.is_empty() {
        members.push(Member::parse(content)?);
    }
    Ok(members)
}

impl Member {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        let attrs = ahead.call(Attribute::parse_outer)?;
        let vis = ahead.parse()?;
        if starts_function(&ahead) {
            input.advance_to(&ahead);
            return Function::parse(attrs, vis, input).map(|f| Self::Function(Box::new(f)));
        }
        let annotated = attrs
            .iter()
            .any(|attr| is_wasm_import(attr) || hidden(attr).is_some());
        if starts_global(&ahead) && annotated {
            input.advance_to(&ahead);
            return Global::parse(attrs, vis, input).map(|g| Self::Global(Box::new(g)));
        }
        if is_inline_module(&ahead) {
            input.advance_to(&ahead);
            return Module::parse(attrs, vis, input).map(|m| Self::Module(Box::new(m)));
        }
        if ahead.peek(Token![impl]) && annotated {
            input.advance_to(&ahead);
            return Impl::parse(attrs, input).map(|i| Self::Impl(Box::new(i)));
        }
        if let Some(name) = called_macro(&ahead) {
            input.call(Attribute::parse_outer)?;
            return Ok(Self::MacroCall(Box::new(MacroCall {
                attrs,
                own: None,
                name,
                tokens: other(input)?,
            })));
        }
        Ok(Self::Other(other(input)?))
    }
}

/// Checks whether an inline module begins here.
fn is_inline_module(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Token![mod]>().is_ok()
        && ahead.parse::<Ident>().is_ok()
        && ahead.peek(token::Brace)
}

/// The name of the macro, if a macro call begins here.
fn called_macro(input: ParseStream<'_>) -> Option<Ident> {
    let ahead = input.fork();
    let path = ahead.call(Path::parse_mod_style).ok()?;
    let name = path.segments.last()?.ident.clone();
    (ahead.peek(Token![!]) && name != "macro_rules").then_some(name)
}

/// Reads the tokens of any other member, up to a semicolon or braces.
///
/// The tokens of one item may become several members, for example those of
/// `const X: u8 = if A { 1 } else { 2 };`. All members are printed in the same order again, so the
/// item stays the same.
fn other(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    loop {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        tokens.append(token);
        if ends || input.is_empty() {
            return Ok(tokens);
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Global(global) => global.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
            Self::Impl(block) => block.to_tokens(tokens),
        }
    }
}

/// Prints the function without the parameter attributes that rustc does not know, and without the
/// `...` of a variadic function, because rustc would report it again.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(tokens);
        let mut sig = self.sig.clone();
        for input in &mut sig.inputs {
            if let FnArg::Typed(typed) = input {
                typed
                    .attrs
                    .retain(|attr| !is_marker(attr) && hidden(attr).is_none());
            }
        }
        sig.variadic = None;
        sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl ToTokens for Global {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            keyword,
            mutability,
            ident,
            ty,
            value,
            ..
        } = self;
        let (colon, ty) = ty.as_ref().map(|(colon, ty)| (colon, ty)).unzip();
        quote!(#(#attrs)* #vis #keyword #mutability #ident #colon #ty #value).to_tokens(tokens);
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Global(global) => global.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
            Self::Impl(block) => block.to_tokens(tokens),
            Self::MacroCall(call) => call.to_tokens(tokens),
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl ToTokens for MacroCall {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.tokens.to_tokens(tokens);
    }
}

impl ToTokens for Module {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            mod_token,
            ident,
            members,
            ..
        } = self;
        quote!(#(#attrs)* #vis #mod_token #ident { #(#members)* }).to_tokens(tokens);
    }
}

impl ToTokens for Impl {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (generics, _, where_clause) = self.generics.split_for_impl();
        let Self {
            attrs,
            keyword,
            self_ty,
            members,
            ..
        } = self;
        quote!(#(#attrs)* #keyword #generics #self_ty #where_clause { #(#members)* })
            .to_tokens(tokens);
    }
}
