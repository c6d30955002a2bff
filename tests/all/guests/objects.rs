//! Host objects that a guest holds.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use host_runtime::{
    HostCallError, HostObject, Imports, Instance, Runtime, ValueError, imports, wasm_import,
    wasmtime::{ExternRef, Val},
};

/// An object that counts how many of its kind are alive.
struct Page {
    title: String,
    alive: Arc<AtomicU32>,
}

impl Drop for Page {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Default)]
struct Alive(Arc<AtomicU32>);

#[wasm_import(module = "browser")]
mod browser {
    use super::*;

    pub(super) fn open(#[state] alive: &Alive, title: &str) -> HostObject<Page> {
        alive.0.fetch_add(1, Ordering::Relaxed);
        HostObject::new(Page {
            title: title.to_owned(),
            alive: Arc::clone(&alive.0),
        })
    }
    pub(super) fn size(page: HostObject<Page>) -> u32 {
        u32::try_from(page.title.len()).unwrap_or(u32::MAX)
    }
    pub(super) fn number() -> HostObject<u8> {
        HostObject::new(5)
    }
    pub(super) fn maybe(page: Option<HostObject<Page>>) -> Option<HostObject<Page>> {
        page
    }
}

fn browser() -> (Instance, Alive) {
    let alive = Alive::default();
    let runtime = Runtime::builder()
        .imports(imports![mod browser])
        .state(alive.clone())
        .build()
        .unwrap();
    let guest = runtime.instantiate(
        r#"(module
            (import "browser" "open" (func $open (param i32 i32) (result externref)))
            (import "browser" "size" (func $size (param externref) (result i32)))
            (import "browser" "number" (func $number (result externref)))
            (import "browser" "maybe" (func $maybe (param externref) (result externref)))
            (memory (export "memory") (data "title"))
            (table $kept 1 externref)
            (func (export "keep") (table.set $kept (i32.const 0) (call $open (i32.const 0) (i32.const 5))))
            (func (export "drop") (table.set $kept (i32.const 0) (ref.null extern)))
            (func (export "size") (result i32) (call $size (table.get $kept (i32.const 0))))
            (func (export "maybe") (result i32) (ref.is_null (call $maybe (table.get $kept (i32.const 0)))))
            (func (export "other") (result i32) (call $size (call $number)))
            (func (export "foreign") (param externref) (result i32) (call $size (local.get 0))))"#,
    );
    (guest.unwrap(), alive)
}

#[test]
fn an_object_is_dropped_after_the_guest_releases_it() {
    let (mut guest, alive) = browser();
    guest.call::<(), ()>("keep", ()).unwrap();
    assert_eq!(guest.call::<(), u32>("size", ()).unwrap(), 5);
    assert_eq!(guest.call::<(), u32>("maybe", ()).unwrap(), 0);
    guest.store_mut().gc(None).unwrap();
    assert_eq!(alive.0.load(Ordering::Relaxed), 1);
    guest.call::<(), ()>("drop", ()).unwrap();
    guest.store_mut().gc(None).unwrap();
    assert_eq!(alive.0.load(Ordering::Relaxed), 0);
    assert_eq!(guest.call::<(), u32>("maybe", ()).unwrap(), 1);
}

#[test]
fn null_and_an_object_of_another_type_are_errors() {
    let (mut guest, _) = browser();
    let reason = |error: anyhow::Error| {
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.parameter(), Some("page"));
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    let error = guest.call::<(), u32>("size", ()).unwrap_err();
    assert_eq!(
        reason(error),
        "it is null: expected a `all::guests::objects::Page`"
    );
    let error = guest.call::<(), u32>("other", ()).unwrap_err();
    assert_eq!(
        reason(error),
        "it is another object: expected a `all::guests::objects::Page`"
    );
    let foreign = ExternRef::new(guest.store_mut(), "foreign").unwrap();
    let instance = guest.raw();
    let func = instance.get_func(guest.store_mut(), "foreign").unwrap();
    let given = [Val::ExternRef(Some(foreign))];
    let error = func
        .call(guest.store_mut(), &given, &mut [Val::I32(0)])
        .unwrap_err();
    assert_eq!(
        reason(error.into()),
        "it is another object: expected a `all::guests::objects::Page`"
    );
}

#[test]
fn the_guest_passes_an_object_as_an_externref() {
    let imports: Imports = imports![mod browser];
    let maybe = imports.get("browser", "maybe").unwrap();
    assert_eq!(
        maybe.wasm_type(),
        "(func (param externref) (result externref))"
    );
}
