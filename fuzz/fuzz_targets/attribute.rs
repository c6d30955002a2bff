//! The attribute and the derives, on tokens that nobody would write.
//!
//! A procedural macro's crate exports nothing else, so its sources are part of this program.

#![no_main]

#[path = "../../host-macros/src/attribute.rs"]
mod attribute;
#[path = "../../host-macros/src/check/mod.rs"]
mod check;
#[path = "../../host-macros/src/derive/mod.rs"]
mod derive;
#[path = "../../host-macros/src/expand/mod.rs"]
mod expand;
#[path = "../src/grammar/mod.rs"]
mod grammar;
#[path = "../../host-macros/src/item.rs"]
mod item;
#[path = "../../host-macros/src/model.rs"]
mod model;
#[path = "../../host-macros/src/tokens.rs"]
mod tokens;

use arbitrary::{Result, Unstructured};
use proc_macro2::TokenStream;

use derive::Derive;
use grammar::Grammar;

/// Longer inputs say nothing that shorter ones do not; and what is nested a thousand times overflows the
/// stack of any parser.
const LONGEST: usize = 1500;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() <= LONGEST {
        let _ = drive(data);
    }
});

/// Expands what the input says. It must not panic, and what comes of something that is an item must be
/// items, whether with errors among them or not.
fn drive(data: &[u8]) -> Result<()> {
    let mut u = Unstructured::new(data);
    let mode: u8 = u.arbitrary()?;
    let (is_derive, is_raw) = (mode.is_multiple_of(4), (mode / 4).is_multiple_of(4));
    let (arguments, item) = if is_raw {
        raw(&mut u)?
    } else {
        let mut grammar = Grammar::new(&mut u);
        if is_derive {
            (String::new(), grammar.derive_input()?)
        } else {
            (grammar.arguments()?, grammar.item()?)
        }
    };
    let (Some(arguments), Some(item)) = (grammar::tokens(&arguments), grammar::tokens(&item))
    else {
        return Ok(());
    };
    let is_item = syn::parse2::<syn::Item>(item.clone()).is_ok();
    let outputs = if is_derive {
        let each = [
            Derive::FromGuest,
            Derive::IntoGuest,
            Derive::ResultCode,
            Derive::PlainData,
        ];
        each.map(|one| derive::derive(one, item.clone())).to_vec()
    } else {
        vec![expand::expand(arguments.clone(), item.clone())]
    };
    for output in outputs {
        let text = output.to_string();
        assert!(
            text.parse::<TokenStream>().is_ok(),
            "not even tokens: {text}"
        );
        if !is_item {
            continue;
        }
        if let Err(error) = syn::parse2::<syn::File>(output) {
            panic!("no items, {error}: #[wasm_import({arguments})] {item}\n{text}");
        }
    }
    Ok(())
}

/// The input itself, its first line the arguments.
fn raw(u: &mut Unstructured<'_>) -> Result<(String, String)> {
    let length = u.len();
    let text = String::from_utf8_lossy(u.bytes(length)?).into_owned();
    Ok(match text.split_once('\n') {
        Some((arguments, item)) => (arguments.to_owned(), item.to_owned()),
        None => (String::new(), text),
    })
}
