//! Handles: numbers that identify values of the host. A guest cannot use a wrong number to get
//! another value of its store.

use host_runtime::{
    Handle, Handles, HostCallError, Instance, Runtime, errors::HandleError, imports, wasm_import,
};

struct File(u32);

struct Directory;

#[wasm_import(module = "fs")]
mod fs {
    use super::{Directory, File, Handle, HandleError, Handles};

    pub(super) fn open(
        #[state] handles: &mut Handles,
        size: u32,
    ) -> Result<Handle<File>, HandleError> {
        handles.insert(File(size))
    }
    pub(super) fn list(#[state] handles: &mut Handles) -> Result<Handle<Directory>, HandleError> {
        handles.insert(Directory)
    }
    pub(super) fn size(#[state] handles: &Handles, file: Handle<File>) -> Result<u32, HandleError> {
        handles.get(file).map(|file| file.0)
    }
    pub(super) fn close(
        #[state] handles: &mut Handles,
        file: Handle<File>,
    ) -> Result<u32, HandleError> {
        handles.remove(file).map(|file| file.0)
    }
}

fn guest() -> Instance {
    let runtime = Runtime::builder()
        .imports(imports![mod fs])
        .state_with(Handles::new);
    let guest = r#"(module
        (import "fs" "open" (func (param i32) (result i32)))
        (import "fs" "list" (func (result i32)))
        (import "fs" "size" (func (param i32) (result i32)))
        (import "fs" "close" (func (param i32) (result i32)))
        (export "open" (func 0))
        (export "list" (func 1))
        (export "size" (func 2))
        (export "close" (func 3)))"#;
    runtime.build().unwrap().instantiate(guest).unwrap()
}

/// The error for a number that is not the handle of a file. `size` and `close` give the same error.
fn handle_error(guest: &mut Instance, number: u32) -> HandleError {
    let mut error_of = |function| {
        let error = guest.call::<u32, u32>(function, number).unwrap_err();
        let place: &HostCallError = error.downcast_ref().expect("the place of the hostcall");
        assert_eq!(place.function().name(), function);
        *error.downcast_ref::<HandleError>().expect("the bad handle")
    };
    let (one, other) = (error_of("size"), error_of("close"));
    assert_eq!(one, other);
    one
}

#[test]
fn a_forged_number_is_an_error() {
    let mut guest = guest();
    let file: u32 = guest.call("open", 7u32).unwrap();
    for number in [0, 1, file + 1, file ^ (1 << 31), u32::MAX] {
        assert_eq!(
            handle_error(&mut guest, number),
            HandleError::Forged { number }
        );
    }
    assert_eq!(guest.call::<u32, u32>("size", file).unwrap(), 7);
}

#[test]
fn the_number_of_a_removed_value_is_an_error() {
    let mut guest = guest();
    let first: u32 = guest.call("open", 1u32).unwrap();
    assert_eq!(guest.call::<u32, u32>("close", first).unwrap(), 1);
    assert_eq!(
        handle_error(&mut guest, first),
        HandleError::Stale { number: first }
    );
    // The second file uses the place of the first one.
    let second: u32 = guest.call("open", 2u32).unwrap();
    assert_ne!(first, second);
    assert_eq!(
        handle_error(&mut guest, first),
        HandleError::Stale { number: first }
    );
    assert_eq!(guest.call::<u32, u32>("size", second).unwrap(), 2);
}

#[test]
fn the_number_of_a_value_of_another_type_is_an_error() {
    let mut guest = guest();
    let number: u32 = guest.call("list", ()).unwrap();
    let error = handle_error(&mut guest, number);
    assert!(matches!(error, HandleError::OtherType { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .ends_with("is the handle of another type than `all::handles::File`"),
        "{error}"
    );
}

#[test]
fn each_store_has_its_own_handles() {
    let (mut one, mut other) = (guest(), guest());
    let number: u32 = one.call("open", 7u32).unwrap();
    assert_eq!(
        handle_error(&mut other, number),
        HandleError::Forged { number }
    );
    assert_eq!(other.call::<u32, u32>("open", 9).unwrap(), number);
    assert_eq!(one.call::<u32, u32>("size", number).unwrap(), 7);
    assert_eq!(other.call::<u32, u32>("size", number).unwrap(), 9);
}
