//! Exports that call the host, which calls the export again.

use host_runtime::{Guest, Runtime, errors::GuestCallError, imports, wasm_export, wasm_import};

#[wasm_export]
trait Again {
    fn again() -> anyhow::Result<()>;
}

#[wasm_import(module = "host")]
fn call_again(mut guest: Guest<'_>) -> anyhow::Result<()> {
    let kept = guest.state::<Option<Again>>()?.clone();
    kept.expect("the test keeps it").again(&mut guest)
}

#[test]
fn a_bound_export_is_not_called_beyond_the_depth() -> anyhow::Result<()> {
    let runtime = Runtime::builder()
        .imports(imports![call_again])
        .state_with(|| None::<Again>)
        .call_depth(10)
        .build()?;
    let mut guest = runtime.instantiate(
        r#"(module
            (import "host" "call_again" (func $call))
            (func (export "again") (call $call)))"#,
    )?;
    let again = guest.exports::<Again>()?;
    *guest.state_mut::<Option<Again>>()? = Some(again.clone());
    for lent in [false, true] {
        if lent {
            guest.store_mut();
        }
        let error = again.again(&mut guest).unwrap_err();
        assert_eq!(
            error.downcast_ref(),
            Some(&GuestCallError::TooDeep { limit: 10 }),
            "{error:#}"
        );
    }
    Ok(())
}
