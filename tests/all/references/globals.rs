//! Globals that hold references.

use host_runtime::{
    Guest, Imports, imports,
    items::GlobalImport,
    wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, Val},
};

use super::{POINT, THROWN, runtime};

/// For each type, defines a global, a host function that takes the reference out of the global and
/// leaves null, and a host function that puts a reference into it.
macro_rules! globals {
    ($($global:ident, $take:ident, $put:ident: $ty:ty;)*) => {$(
        #[wasm_import(module = "gc")]
        static $global: Option<$ty> = None;

        #[wasm_import(module = "gc")]
        fn $take(mut guest: Guest<'_>) -> anyhow::Result<Option<$ty>> {
            let held = guest.global::<$global>().expect("the guest imports it");
            guest.set_global::<$global>(None)?;
            Ok(held)
        }

        #[wasm_import(module = "gc")]
        fn $put(mut guest: Guest<'_>, x: $ty) -> anyhow::Result<()> {
            guest.set_global::<$global>(Some(x))
        }
    )*};
}

globals! {
    FUNC, take_func, put_func: Func;
    EXTERNAL, take_external, put_external: Rooted<ExternRef>;
    ANY, take_any, put_any: Rooted<AnyRef>;
    EQ, take_eq, put_eq: Rooted<EqRef>;
    NUMBER, take_number, put_number: I31;
    FIELDS, take_fields, put_fields: Rooted<StructRef>;
    ARRAY, take_array, put_array: Rooted<ArrayRef>;
    EXN, take_exn, put_exn: Rooted<ExnRef>;
}

#[test]
fn the_host_reads_and_writes_references_in_the_globals_of_a_guest() {
    fn check_global<G: GlobalImport>(
        imports: Imports,
        name: &str,
        (short, some): (&str, &str),
        is_null: impl Fn(G::Value) -> bool,
    ) {
        let global = imports.globals().next().unwrap().name().to_owned();
        let mut guest = runtime(imports)
            .instantiate(format!(
                r#"(module
                    (type $point (struct (field i32)))
                    (type $bytes (array (mut i8)))
                    (tag $thrown)
                    (import "gc" "{global}" (global $g (mut {short})))
                    (import "gc" "take_{name}" (func $take (result {short})))
                    (import "gc" "put_{name}" (func $put (param {short})))
                    (func $f)
                    (elem declare func $f)
                    (func (export "put") (param $host externref) (global.set $g {some}))
                    (func (export "put_back") (call $put (call $take)))
                    (func (export "take") (result i32) (ref.is_null (call $take)))
                    (func (export "is_null") (result i32) (ref.is_null (global.get $g))))"#
            ))
            .unwrap();
        assert!(is_null(guest.global::<G>().unwrap()), "{global}");
        let value = ExternRef::new(guest.store_mut(), 1_u8).unwrap();
        let raw = guest.raw();
        let put = raw.get_func(guest.store_mut(), "put").unwrap();
        put.call(guest.store_mut(), &[Val::ExternRef(Some(value))], &mut [])
            .unwrap();
        assert!(!is_null(guest.global::<G>().unwrap()), "{global}");
        guest.call::<(), ()>("put_back", ()).unwrap();
        assert!(!is_null(guest.global::<G>().unwrap()), "{global}");
        assert_eq!(guest.call::<(), i32>("take", ()).unwrap(), 0, "{global}");
        assert_eq!(guest.call::<(), i32>("is_null", ()).unwrap(), 1, "{global}");
    }
    check_global::<FUNC>(
        imports![FUNC, take_func, put_func],
        "func",
        ("funcref", "(ref.func $f)"),
        |f| f.is_none(),
    );
    check_global::<EXTERNAL>(
        imports![EXTERNAL, take_external, put_external],
        "external",
        ("externref", "(local.get $host)"),
        |x| x.is_none(),
    );
    check_global::<ANY>(
        imports![ANY, take_any, put_any],
        "any",
        ("anyref", POINT),
        |x| x.is_none(),
    );
    check_global::<EQ>(imports![EQ, take_eq, put_eq], "eq", ("eqref", POINT), |x| {
        x.is_none()
    });
    let seven = ("i31ref", "(ref.i31 (i32.const 7))");
    check_global::<NUMBER>(
        imports![NUMBER, take_number, put_number],
        "number",
        seven,
        |number| {
            assert!(number.is_none_or(|number| number.get_u32() == 7));
            number.is_none()
        },
    );
    check_global::<FIELDS>(
        imports![FIELDS, take_fields, put_fields],
        "fields",
        ("structref", POINT),
        |x| x.is_none(),
    );
    let array = ("arrayref", "(array.new $bytes (i32.const 3) (i32.const 9))");
    check_global::<ARRAY>(
        imports![ARRAY, take_array, put_array],
        "array",
        array,
        |x| x.is_none(),
    );
    check_global::<EXN>(
        imports![EXN, take_exn, put_exn],
        "exn",
        ("exnref", THROWN),
        |x| x.is_none(),
    );
}
