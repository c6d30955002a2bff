//! The guest remains usable after it has passed a bad value.

use host_runtime::{HostCallError, Instance, Runtime, ValueError, imports, wasm_import};
use host_tests::{instance, run};
use proptest::prelude::*;

use super::{ffi, values};

#[test]
fn the_instance_and_its_state_are_usable_after_a_bad_value() {
    #[derive(Clone, Default)]
    struct Calls(u32);

    #[wasm_import(module = "ffi")]
    fn count(#[state] calls: &mut Calls, text: &str) -> u32 {
        calls.0 += 1;
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    let imports = imports![count];
    let guest = host_tests::guest(imports.get("ffi", "count").unwrap(), b"text");
    let runtime = Runtime::builder()
        .imports(imports)
        .state(Calls(0))
        .build()
        .unwrap();
    let mut instance: Instance = runtime.instantiate(guest).unwrap();
    assert_eq!(instance.call::<(i32, i32), i32>("run", (64, 4)).unwrap(), 4);
    assert!(instance.call::<(i32, i32), i32>("run", (64, -4)).is_err());
    assert_eq!(instance.call::<(i32, i32), i32>("run", (64, 3)).unwrap(), 3);
    assert_eq!(instance.state::<Calls>().unwrap().0, 2);
}

#[test]
fn one_call_has_one_copy_budget_for_all_its_parameters() {
    let imports = imports![ffi::copied];
    let guest = host_tests::guest(imports.get("ffi", "copied").unwrap(), b"");
    let runtime = Runtime::builder()
        .imports(imports)
        .copy_budget(100)
        .build()
        .unwrap();
    let mut instance = runtime.instantiate(guest).unwrap();
    let mut call = |arguments| instance.call::<(i32, i32, i32, i32), i64>("run", arguments);
    assert_eq!(call((0, 60, 0, 20)).unwrap(), 80);
    let error = call((0, 60, 0, 21)).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "copying 42 bytes exceeds the copy budget of the call, which has 40 bytes left; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    );
    assert_eq!(
        error.downcast_ref::<HostCallError>().unwrap().parameter(),
        Some("list")
    );
    // Each call has the whole budget.
    assert_eq!(call((0, 100, 0, 0)).unwrap(), 100);
    // A range past the end of the memory is an error, whatever the budget is.
    let error = call((0, -1, 0, 0)).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(ValueError::OutOfBounds { .. })),
        "{error:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pointers_and_lengths_give_a_result_or_a_value_error(
        calls in prop::collection::vec(prop::array::uniform4(argument()), 1..8)
    ) {
        for imports in [
            imports![ffi::two],
            imports![ffi::both],
            imports![ffi::shared],
            imports![ffi::copied],
        ] {
            let mut instance = instance(imports, b"some text").unwrap();
            for arguments in &calls {
                match run(&mut instance, &values(arguments)) {
                    Ok(results) => prop_assert_eq!(results.len(), 1),
                    Err(error) => prop_assert!(error.is::<ValueError>(), "{:?}", error),
                }
            }
            prop_assert!(run(&mut instance, &values(&[0, 0, 0, 0])).is_ok());
        }
    }
}

/// Mostly small numbers, sometimes numbers near the end of the memory, rarely any number.
fn argument() -> impl Strategy<Value = i32> {
    prop_oneof![4 => 0..128i32, 2 => 65_500..65_540i32, 1 => any::<i32>()]
}
