//! Which of a guest's exported memories host functions use.

use host_runtime::{Runtime, ValueError, errors::NoMemoryError};

use super::{guest, host_functions, letter, memory};
use crate::support;

#[test]
fn finds_the_only_memory_whatever_its_name() {
    for name in ["memory", "mem", "c", "", "émoire"] {
        let mut guest = support::guest(host_functions(), guest(&memory(name, 'x')));
        assert_eq!(letter(guest.call("first", ()).unwrap()), 'x');
        assert_eq!(guest.read(0, 1).unwrap(), b"x");
    }
}

#[test]
fn finds_the_memory_called_memory_among_several_or_the_named_one() {
    let memories = memory("heap", 'h') + &memory("memory", 'm') + &memory("other", 'o');
    let runtime = Runtime::builder()
        .imports(host_functions())
        .build()
        .unwrap();
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'm');
    assert_eq!(letter(instance.call("first_of_heap", ()).unwrap()), 'h');
    let runtime = Runtime::builder()
        .imports(host_functions())
        .memory("other")
        .build()
        .unwrap();
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'o');
    assert_eq!(letter(instance.call("first_of_heap", ()).unwrap()), 'h');
    assert_eq!(instance.read(0, 1).unwrap(), b"o");
}

#[test]
fn finds_the_memory_that_is_named_for_one_instance() {
    let memories = memory("heap", 'h') + &memory("memory", 'm');
    let runtime = Runtime::builder()
        .imports(host_functions())
        .build()
        .unwrap();
    let prepared = runtime.load(guest(&memories)).unwrap();
    let mut instance = prepared
        .instantiate_with(|host| host.set_memory_name("heap"))
        .unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'h');
    assert_eq!(instance.read(0, 1).unwrap(), b"h");
}

#[test]
fn an_ambiguous_memory_or_a_wrong_memory_name_is_an_error() {
    let runtime = Runtime::builder()
        .imports(host_functions())
        .build()
        .unwrap();
    let memories = memory("a", 'a') + &memory("b", 'b');
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    let reason = |error: anyhow::Error| error.downcast_ref::<ValueError>().unwrap().to_string();
    assert_eq!(
        reason(instance.call::<(), i32>("first", ()).unwrap_err()),
        "the guest exports several memories (`a`, `b`); select one with `memory = \"…\"` in the \
         attribute or with `RuntimeBuilder::memory`"
    );
    assert_eq!(
        reason(instance.call::<(), i32>("first_of_heap", ()).unwrap_err()),
        "the guest exports no memory called `heap`; it exports `a`, `b`"
    );
    assert!(matches!(
        instance.memory(),
        Err(ValueError::NoMemory(NoMemoryError::Several(_)))
    ));
}
