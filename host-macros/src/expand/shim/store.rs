//! Shims of functions that take the whole store as `Guest` or `Caller`. The shim converts the other
//! parameters before the call, and passes the result to the guest after the call.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use crate::{
    expand::{
        Crate,
        shim::{Kind, call},
    },
    model::{HostFn, Param, StoreParam},
    tokens::nameable,
};

impl Crate {
    pub(super) fn store_shim(
        &self,
        function: &HostFn<'_>,
        path: &TokenStream,
        kind: StoreParam,
        store: &Type,
    ) -> Kind {
        let store = nameable(store, function.self_ty);
        // If the type is not `Guest` or `Caller`, rustc reports an error at each use of the type.
        // All uses have the same span, so that rustc reports only one error. The user's code can
        // see variables with this span, so the name of the context begins with `__`.
        let here = store.span();
        let host = &self.host_at(here);
        let parameter = format_ident!("{}Parameter", kind.name());
        let checked = quote_spanned!(here=> <fn(#store) as #host::#parameter>);
        let (cx, call) = (Ident::new("__cx", here), call());
        let mut names = Vec::new();
        let mut makes = Vec::new();
        let mut arguments = Vec::new();
        for (index, param) in function.params.iter().enumerate() {
            if let Param::Value { ty, .. } = param {
                let name = Ident::new(&format!("parameter{index}"), Span::mixed_site());
                let ty = nameable(ty, function.self_ty);
                makes.push(self.lift(&ty));
                arguments.push(quote!(#name));
                names.push(name);
            } else {
                arguments.push(quote_spanned!(here=> #checked::pass(#cx.store())));
            }
        }
        let lower = self.lower(function);
        let body = quote_spanned! {here=>
            let (#(#names,)*) =
                #cx.parameters(|#call| ::core::result::Result::Ok((#(#makes,)*)))?;
            #lower(#path(#(#arguments),*), &mut #cx.returned())
        };
        let (name, context) = match kind {
            StoreParam::Caller => (
                quote_spanned!(here=> #host::WithCaller<#checked::Data>),
                quote_spanned!(here=> <Self::Kind as #host::ShimKind>::Context<'_>),
            ),
            StoreParam::Guest => (
                quote!(#host::WithGuest),
                quote_spanned!(here=> #host::GuestContext<'_>),
            ),
        };
        Kind {
            name,
            context,
            cx,
            body,
            span: here,
        }
    }
}
