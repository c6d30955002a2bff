//! The attribute works on items in all places and forms. The records are correct, and Rust code can
//! still use the items.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    reason = "the functions do nothing useful; `hygiene_lints.rs` tests the lints of expansions"
)]

use host_runtime::{Imports, imports, items::HostFunction, wasm_import};

/// The only function in `imports`.
fn only(imports: &Imports) -> &'static HostFunction {
    assert_eq!(imports.len(), 1, "{imports:?}");
    imports.functions().next().unwrap()
}

/// The names of the functions in `imports`, as `module.name`.
fn names(imports: &Imports) -> Vec<String> {
    let name = |function: &HostFunction| format!("{}.{}", function.module(), function.name());
    imports.functions().map(name).collect()
}

mod free_functions {
    use super::*;

    #[wasm_import]
    fn private(x: i32) -> i32 {
        x + 1
    }

    #[wasm_import(module = "a")]
    pub fn public() {}

    #[wasm_import(module = "a")]
    pub(crate) fn in_crate() {}

    #[wasm_import(module = "a")]
    pub(super) fn in_parent() {}

    #[test]
    fn a_record_describes_a_free_function() {
        assert_eq!(private(1), 2);
        public();
        let function = only(&imports![private]);
        assert_eq!((function.module(), function.name()), ("env", "private"));
        assert_eq!(function.signature(), "fn private(x: i32) -> i32");
        assert_eq!(function.wasm_type(), "(func (param i32) (result i32))");
        assert_eq!(function.docs(), "");
        assert_eq!(function.crate_name(), "hygiene");
        assert_eq!(function.module_path(), "hygiene::free_functions");
        assert_eq!(function.parameters()[0].name(), "x");
        assert_eq!(function.parameters()[0].rust_type(), "i32");
    }

    #[test]
    fn a_record_has_the_location_of_the_function() {
        const LINE: u32 = line!() + 3;

        #[wasm_import]
        fn here() {}

        let location = only(&imports![here]).location();
        assert_eq!((location.file, location.line), (file!(), LINE));
        here();
    }

    #[test]
    fn imports_finds_functions_by_their_paths() {
        use crate::free_functions as renamed;

        let all = imports![
            self::public,
            super::free_functions::in_crate,
            renamed::in_parent,
        ];
        assert_eq!(names(&all), ["a.in_crate", "a.in_parent", "a.public"]);
        in_crate();
        in_parent();
    }
}

mod signatures {
    use super::*;
    use host_runtime::wasmtime::Caller;

    struct Kv(i32);

    type Context<'a> = Caller<'a, String>;

    #[wasm_import]
    fn r#type(r#in: i32) -> i32 {
        r#in
    }

    #[test]
    fn the_name_of_an_import_has_no_raw_prefix() {
        assert_eq!(r#type(3), 3);
        let function = only(&imports![r#type]);
        assert_eq!(function.name(), "type");
        assert_eq!(function.parameters()[0].name(), "in");
    }

    #[wasm_import]
    fn longest<'a>(a: &'a str, b: &'a str, _: Option<&'a [f32]>) -> u32 {
        u32::try_from(a.len().max(b.len())).unwrap()
    }

    #[test]
    fn a_function_may_have_named_lifetimes() {
        assert_eq!(longest("a", "bc", None), 2);
        let function = only(&imports![longest]);
        assert_eq!(function.parameters()[0].rust_type(), "&'a str");
        assert_eq!(
            function.wasm_type(),
            "(func (param i32 i32 i32 i32 i32 i32) (result i32))"
        );
    }

    #[wasm_import]
    fn next(mut x: i32, _: i32, _unused: i32) -> i32 {
        x += 1;
        x
    }

    #[test]
    fn a_parameter_may_be_mutable_or_ignored() {
        assert_eq!(next(1, 0, 0), 2);
        let function = only(&imports![next]);
        let names: Vec<_> = function.parameters().iter().map(|p| p.name()).collect();
        assert_eq!(names, ["x", "_", "_unused"]);
    }

    #[wasm_import]
    #[rustfmt::skip]
    #[allow(clippy::too_many_arguments)]
    fn twenty(
        a: i8, b: u8, c: i16, d: u16, e: i32, f: u32, g: i64, h: u64, i: f32, j: f64,
        k: bool, l: char, m: &str, n: &[u8], o: &mut [u8], p: Option<&str>, q: String, r: Vec<u8>,
        #[state] s: &Kv, t: &[f64],
    ) -> (i64, f64) {
        let _ = (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t);
        (s.0.into(), 2.0)
    }

    #[test]
    fn a_function_may_have_many_parameters() {
        let call = twenty(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0.,
            0.,
            true,
            'l',
            "",
            &[],
            &mut [],
            None,
            String::new(),
            vec![],
            &Kv(7),
            &[],
        );
        assert_eq!(call, (7, 2.0));
        let function = only(&imports![twenty]);
        assert_eq!(function.parameters().len(), 19);
        assert_eq!(
            function.states().collect::<Vec<_>>(),
            ["hygiene::signatures::Kv"]
        );
        assert_eq!(
            function.wasm_type(),
            "(func (param i32 i32 i32 i32 i32 i32 i64 i64 f32 f64 i32 i32 i32 i32 i32 i32 i32 i32 \
             i32 i32 i32 i32 i32 i32 i32 i32) (result i64 f64))"
        );
    }

    #[wasm_import]
    fn elided(caller: Caller<()>, x: i32) -> i32 {
        drop(caller);
        x
    }

    #[wasm_import]
    fn anonymous(x: i32, caller: host_runtime::wasmtime::Caller<'_, Vec<(u8, Kv)>>) -> i32 {
        drop(caller);
        x
    }

    #[wasm_import]
    fn named<'c>(mut caller: Caller<'c, String>, text: String) {
        caller.data_mut().push_str(&text);
    }

    #[wasm_import]
    fn aliased(#[caller] mut context: Context<'_>) {
        context.data_mut().clear();
    }

    #[test]
    fn the_type_of_a_caller_may_be_written_in_several_forms() {
        assert_eq!(imports![elided, anonymous, named, aliased].len(), 4);
        let function = only(&imports![named]);
        assert_eq!(function.wasm_type(), "(func (param i32 i32))");
        assert_eq!(
            function.signature(),
            "fn named<'c>(mut caller: Caller<'c, String>, text: String)"
        );
    }

    #[wasm_import]
    const fn constant() -> i32 {
        5
    }

    #[wasm_import]
    fn nothing() -> () {}

    #[wasm_import]
    fn qualified(x: std::primitive::i32) -> core::result::Result<(i32, f64), std::io::Error> {
        Ok((x, 0.5))
    }

    #[test]
    fn a_function_may_be_const_or_return_unit_or_use_qualified_types() {
        const FIVE: i32 = constant();
        assert_eq!(FIVE, 5);
        nothing();
        assert_eq!(qualified(1).unwrap(), (1, 0.5));
        assert_eq!(imports![constant, nothing, qualified].len(), 3);
    }
}

mod attributes {
    use super::*;

    /// Adds.
    ///
    ///     indented
    ///
    /// Second paragraph.
    #[wasm_import]
    #[inline]
    #[must_use]
    pub fn documented(a: i32, b: i32) -> i32 {
        a + b
    }

    /// Before,
    #[wasm_import]
    #[doc = "and after."]
    #[deprecated(note = "use `documented`")]
    pub fn old() {}

    #[cfg(any())]
    #[wasm_import]
    fn absent(x: Absent) {}

    #[cfg(all())]
    #[wasm_import]
    #[cfg(all())]
    #[cfg_attr(all(), doc = "Here.")]
    fn present() {}

    #[wasm_import(
        module = "odd \"module\"\n",
        name = "a.b/c",
        memory = "heap",
        rename_all = "UPPERCASE",
        crate = ::host_runtime,
    )]
    fn every_argument(text: &str) {
        let _ = text;
    }

    #[wasm_import(module = "", name = "")]
    fn empty() {}

    #[test]
    #[expect(deprecated)]
    fn other_attributes_are_kept_and_arguments_are_read() {
        assert_eq!(documented(1, 2), 3);
        old();
        present();
        every_argument("");
        empty();
        let docs = "Adds.\n\n    indented\n\nSecond paragraph.";
        assert_eq!(only(&imports![documented]).docs(), docs);
        assert_eq!(only(&imports![old]).docs(), "Before,\nand after.");
        assert_eq!(only(&imports![present]).docs(), "Here.");
        let every = only(&imports![every_argument]);
        assert_eq!(
            (every.module(), every.name()),
            ("odd \"module\"\n", "a.b/c")
        );
        assert_eq!(every.memory(), Some("heap"));
        let empty = only(&imports![empty]);
        assert_eq!(
            (empty.module(), empty.name(), empty.memory()),
            ("", "", None)
        );
    }
}

mod modules {
    use super::*;

    /// Functions, and the other kinds of items that a module can contain.
    #[wasm_import(module = "store")]
    #[allow(dead_code)]
    pub mod store {
        //! With inner attributes.
        #![allow(unused_variables)]

        use std::fmt;

        pub const LIMIT: i32 = if cfg!(unix) { 1 } else { 1 };
        pub static NAMES: [fn() -> i32; 1] = [size];

        #[derive(Debug, Clone)]
        pub struct Item {
            pub id: i32,
        }

        pub struct Unit;

        pub enum Kind {
            One,
        }

        impl fmt::Display for Item {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.id)
            }
        }

        impl Item {
            pub fn method(&self) -> Self {
                self.clone()
            }
        }

        pub trait Trait {
            fn required(&self);
            fn provided(&self) {}
        }

        macro_rules! two {
            ($name:ident) => {
                pub fn $name() -> i32 {
                    2
                }
            };
        }

        #[wasm_import(skip)]
        two!(by_macro);

        #[wasm_import(skip)]
        pub mod nested {
            pub fn plain() {}

            #[host_runtime::wasm_import(module = "nested")]
            pub fn annotated() {}
        }

        unsafe extern "C" {
            fn abs(x: i32) -> i32;
        }

        type Function = fn(i32) -> i32;
        const PRIVATE: Function = { private as fn(i32) -> i32 } as Function;

        /// The number of items.
        pub fn size() -> i32 {
            LIMIT
        }

        fn private(x: i32) -> i32 {
            super::add(x, 1)
        }

        pub(super) fn call_private(x: i32) -> i32 {
            private(x)
        }

        #[wasm_import(skip)]
        pub fn helper<T>(x: T) -> T {
            x
        }

        #[wasm_import(module = "other", name = "renamed", memory = "heap")]
        pub fn overridden(text: &str) {}

        #[cfg(any())]
        pub fn absent(x: Absent) {}

        #[cfg(all())]
        pub fn twice() -> i32 {
            0
        }

        #[cfg(any())]
        pub fn twice(x: Absent) {}
    }

    fn add(a: i32, b: i32) -> i32 {
        a + b
    }

    #[test]
    fn each_function_of_a_module_is_a_host_function_and_other_items_remain() {
        assert_eq!(
            names(&imports![mod store]),
            [
                "other.renamed",
                "store.call_private",
                "store.private",
                "store.size",
                "store.twice",
            ]
        );
        assert_eq!(
            names(&imports![store::nested::annotated]),
            ["nested.annotated"]
        );
        store::nested::plain();
        assert_eq!(store::by_macro() + store::helper(1) + store::twice(), 3);
        assert_eq!(store::size() + store::call_private(1), 3);
        assert_eq!(only(&imports![store::size]).docs(), "The number of items.");
        assert_eq!(
            only(&imports![store::size]).module_path(),
            "hygiene::modules::store"
        );
        store::overridden("");
    }

    #[wasm_import]
    mod defaults {
        pub fn in_env() {}
    }

    #[wasm_import(module = "")]
    mod nameless {
        #[wasm_import(name = "")]
        pub fn nameless() {}
    }

    #[test]
    fn the_names_of_an_import_may_be_empty() {
        assert_eq!(
            names(&imports![mod defaults, mod nameless]),
            [".", "env.in_env"]
        );
        defaults::in_env();
        nameless::nameless();
    }

    #[test]
    fn an_annotated_mod_or_impl_may_be_in_a_function() {
        #[wasm_import(module = "local")]
        mod local {
            pub fn f() {}
        }

        struct Counter(i32);

        #[wasm_import(module = "local")]
        impl Counter {
            fn next(&mut self) -> i32 {
                self.0 += 1;
                self.0
            }
        }

        assert_eq!(
            names(&imports![mod local, Counter]),
            ["local.f", "local.next"]
        );
        local::f();
        assert_eq!(Counter(1).next(), 2);
    }
}

mod impls {
    use super::*;

    struct Kv<T> {
        value: T,
    }

    /// An `impl` block for the host.
    #[wasm_import(module = "kv", rename_all = "camelCase", memory = "heap")]
    impl Kv<i32> {
        const LIMIT: usize = 8;
        const ONE: Self = Self { value: 1 };

        fn new(value: i32) -> Self {
            Self { value }
        }

        fn generic<T: Default>() -> T {
            T::default()
        }

        /// Reads.
        pub fn get_value(&self) -> i32 {
            self.value
        }

        fn set_value<'a>(&'a mut self, value: i32, #[state] log: &'a mut String) {
            log.push('.');
            self.value = value;
        }

        #[wasm_import(name = "limit")]
        fn get_limit() -> u32 {
            u32::try_from(Self::LIMIT).unwrap()
        }

        #[wasm_import]
        fn from_one(#[state] one: &Self, x: i32) -> i32 {
            one.value + x
        }

        #[wasm_import(skip)]
        fn into_value(self) -> i32 {
            self.value
        }

        fn ok(&self) -> Result<(i32, i32), std::io::Error> {
            Ok((Self::ONE.value, self.value))
        }

        #[cfg(any())]
        fn absent(&self, x: Absent) {}

        #[cfg(all())]
        fn present(&self) {}
    }

    impl Kv<i64> {
        fn get_value(&self) -> i64 {
            self.value
        }
    }

    #[test]
    fn each_method_of_an_impl_is_a_host_function_and_other_items_remain() {
        assert_eq!(
            names(&imports![Kv<i32>]),
            [
                "kv.fromOne",
                "kv.getValue",
                "kv.limit",
                "kv.ok",
                "kv.present",
                "kv.setValue",
            ]
        );
        let imports = imports![Kv<i32>];
        let get = imports.get("kv", "getValue").unwrap();
        assert_eq!(get.signature(), "fn get_value(&self) -> i32");
        assert_eq!((get.docs(), get.memory()), ("Reads.", Some("heap")));
        assert_eq!(get.wasm_type(), "(func (result i32))");
        assert_eq!(get.parameters().len(), 0);
        let set = imports.get("kv", "setValue").unwrap();
        assert_eq!(set.states().count(), 2);
        assert_eq!(set.parameters().len(), 1);
    }

    #[test]
    fn methods_remain_callable_from_rust() {
        let mut kv = Kv::<i32>::new(Kv::<i32>::generic());
        let mut log = String::new();
        kv.set_value(2, &mut log);
        kv.present();
        assert_eq!((kv.get_value(), log.as_str()), (2, "."));
        assert_eq!((Kv::get_limit(), kv.ok().unwrap()), (8, (1, 2)));
        assert_eq!(Kv::from_one(&kv, 1) + kv.into_value(), 5);
        assert_eq!(Kv { value: 1_i64 }.get_value(), 1);
    }

    mod shapes {
        pub struct Shape;
    }

    #[wasm_import(module = "shape")]
    impl shapes::Shape {
        fn sides(&self) -> i32 {
            3
        }
    }
}

mod cases {
    use super::*;

    macro_rules! case {
        ($module:ident: $case:literal, $expected:literal) => {
            #[wasm_import(rename_all = $case)]
            mod $module {
                pub fn get_http_url2() {}
            }

            #[test]
            fn $module() {
                assert_eq!(only(&imports![mod $module]).name(), $expected);
                $module::get_http_url2();
            }
        };
    }

    case!(camel: "camelCase", "getHttpUrl2");
    case!(pascal: "PascalCase", "GetHttpUrl2");
    case!(snake: "snake_case", "get_http_url2");
    case!(screaming_snake: "SCREAMING_SNAKE_CASE", "GET_HTTP_URL2");
    case!(kebab: "kebab-case", "get-http-url2");
    case!(screaming_kebab: "SCREAMING-KEBAB-CASE", "GET-HTTP-URL2");
    case!(lower: "lowercase", "get_http_url2");
    case!(upper: "UPPERCASE", "GET_HTTP_URL2");
}

mod macros {
    use super::*;

    pub struct Kv(i32);

    macro_rules! host {
        (
            $(#[$attr:meta])*
            $vis:vis fn $name:ident($($param:ident: $ty:ty),*) -> $result:ty $body:block
        ) => {
            #[wasm_import]
            $(#[$attr])*
            $vis fn $name(#[state] kv: &Kv, $($param: $ty),*) -> $result {
                let _ = kv.0;
                $body
            }
        };
        (state $name:ident($ty:ty)) => {
            #[wasm_import]
            fn $name(#[state] state: $ty) -> i32 {
                state.0
            }
        };
    }

    host! {
        /// Written by a macro.
        pub(crate) fn by_macro(x: i32, text: &str) -> i32 {
            x + i32::try_from(text.len()).unwrap()
        }
    }

    host!(state read(&Kv));
    host!(state write(&mut Kv));

    #[test]
    fn a_macro_may_expand_to_a_host_function() {
        assert_eq!(by_macro(&Kv(0), 1, "a"), 2);
        assert_eq!(read(&Kv(1)) + write(&mut Kv(2)), 3);
        let function = only(&imports![by_macro]);
        assert_eq!(function.docs(), "Written by a macro.");
        assert_eq!(
            function.wasm_type(),
            "(func (param i32 i32 i32) (result i32))"
        );
        assert_eq!(imports![read, write].len(), 2);
    }
}

/// User items with names that also occur in the expansions. The expansions must not refer to them.
#[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod shadows {
    use ::host_runtime::{imports, wasm_import};

    struct Result;
    struct Option;
    struct Some;
    struct None;
    struct Ok;
    struct Call;
    struct Caller;
    struct Shim;
    struct HostFunction;
    struct Probe;
    struct NotLowered;
    struct __Shim0;
    mod core {}
    mod std {}
    mod host_runtime {}
    mod wasmtime {}
    mod inventory {}
    trait FromGuest {
        fn parameter();
    }
    impl FromGuest for i32 {
        fn parameter() {}
    }

    struct Kv(i32);

    #[wasm_import(module = "shadows", memory = "memory")]
    fn call(call: i32, result: i32, #[state] state0: &mut Kv, #[state] state1: &String) -> i32 {
        state0.0 + call + result + i32::from(state1.is_empty())
    }

    #[wasm_import(module = "shadows")]
    fn result(#[state] kv: &Kv) -> ::std::result::Result<i32, ::std::fmt::Error> {
        ::std::result::Result::Ok(kv.0)
    }

    #[wasm_import(module = "shadows")]
    fn caller(caller: ::host_runtime::wasmtime::Caller<'_, ()>, call: i32, parameter1: i32) -> i32 {
        drop(caller);
        call + parameter1
    }

    #[wasm_import(module = "shadows")]
    fn state0(#[state] state1: &mut Kv, #[state] kv: &String) -> bool {
        kv.is_empty() && state1.0 > 0
    }

    #[wasm_import(module = "shadows")]
    impl Kv {
        fn call(&self, call: i32) -> i32 {
            self.0 + call
        }
    }

    const FUNCTION: usize = 2;

    #[wasm_import(module = "shadows")]
    fn sum(pair: &[i32; FUNCTION]) -> i32 {
        pair[0] + pair[1]
    }

    #[wasm_import(module = "shadows")]
    static GLOBAL: i32 = 4;

    #[test]
    fn expansions_do_not_refer_to_user_items() {
        assert_eq!(imports![call, result, caller, state0, sum, GLOBAL].len(), 6);
        assert_eq!(sum(&[GLOBAL, 1]), 5);
        assert_eq!(call(1, 2, &mut Kv(3), &String::new()), 7);
        assert_eq!(result(&Kv(3)).unwrap(), 3);
        assert!(state0(&mut Kv(1), &String::new()));
        assert_eq!(Kv(1).call(1), 2);
    }
}

/// Functions, modules, `impl` blocks and globals that `macro_rules` macros write. The macros use
/// fragments of several kinds.
#[allow(dead_code)]
mod fragments {
    use host_runtime::{Runtime, imports, wasm_import};

    macro_rules! module {
        ($vis:vis mod $name:ident { $($item:item)* }) => {
            #[wasm_import(module = "items")]
            $vis mod $name { $($item)* }
        };
    }

    module!(
        pub mod items {
            pub fn a() {}
            pub struct S;
            /// Documented.
            pub(crate) fn b() {}
            const _: u8 = if true { 1 } else { 2 };
            fn c() -> u32 {
                3
            }
            #[wasm_import]
            pub const LEVEL: i32 = 1;
            pub fn d() {}
        }
    );

    macro_rules! methods {
        ($name:ident: $($item:item)*) => {
            #[wasm_import(module = "methods")]
            impl $name { $($item)* }
        };
    }

    pub struct State;

    methods! { State:
        pub fn a(&self) {}
        const STEP: u32 = 1;
        fn b(&mut self) {}
    }

    macro_rules! function {
        ($vis:vis $name:ident($($parameter:ident: $ty:ty),*) -> $result:ty $body:block, $import:literal) => {
            #[wasm_import(module = "blocks", name = $import)]
            $vis fn $name($($parameter: $ty),*) -> $result $body
        };
    }

    function!(pub sum(a: u32, b: u32) -> u32 { a + b }, "add");
    function!(quiet(text: &str) -> u32 { u32::try_from(text.len()).unwrap() }, "length");

    macro_rules! bare {
        ($name:ident $body:block) => {
            #[wasm_import(module = "blocks")]
            fn $name() $body
        };
    }

    bare!(nothing {});

    macro_rules! whole {
        ($item:item) => {
            #[wasm_import(module = "whole")]
            $item
        };
    }

    whole!(
        pub fn one() {}
    );
    whole!(
        pub mod several {
            pub fn two() {}
            pub fn three() {}
        }
    );

    macro_rules! tokens {
        ($($token:tt)*) => {
            #[wasm_import(module = "tokens")]
            mod tokens { $($token)* }
        };
    }

    tokens! { pub fn a() {} pub fn b() {} }

    macro_rules! global {
        ($name:ident: $ty:ty = $value:expr) => {
            #[wasm_import(module = "globals")]
            static $name: $ty = $value;
        };
    }

    global!(DEPTH: i32 = 40 + 2);

    #[test]
    fn each_item_that_a_macro_passes_on_is_found() {
        let names = |imports: host_runtime::Imports| -> Vec<_> {
            imports.iter().map(|import| import.name()).collect()
        };
        assert_eq!(names(imports![mod items]), ["LEVEL", "a", "b", "c", "d"]);
        assert_eq!(names(imports![State]), ["a", "b"]);
        assert_eq!(
            names(imports![sum, quiet, nothing]),
            ["add", "length", "nothing"]
        );
        assert_eq!(names(imports![one, mod several]), ["one", "three", "two"]);
        assert_eq!(names(imports![mod tokens]), ["a", "b"]);
        assert_eq!(names(imports![DEPTH]), ["DEPTH"]);
    }

    /// Messages name such a parameter by its pattern.
    #[test]
    fn a_parameter_may_be_a_pattern() {
        #[derive(host_runtime::FromGuest)]
        struct Percent(u8);

        #[wasm_import(module = "patterns")]
        fn dim(Percent(to): Percent, &by: &u32, _: u8, mut rest: u8) -> u32 {
            rest += to;
            by + u32::from(rest)
        }
        let function = imports![dim];
        let function = function.get("patterns", "dim").unwrap();
        let parameters: Vec<_> = function.parameters().iter().map(|p| p.name()).collect();
        assert_eq!(parameters, ["Percent(to)", "&by", "_", "rest"]);
        let runtime = Runtime::builder().imports(imports![dim]).build().unwrap();
        let mut guest = runtime
            .instantiate(
                r#"(module
                    (import "patterns" "dim" (func $dim (param i32 i32 i32 i32) (result i32)))
                    (memory (export "memory") (data "\02"))
                    (func (export "dim") (param i32) (result i32)
                        (call $dim (local.get 0) (i32.const 0) (i32.const 0) (i32.const 3))))"#,
            )
            .unwrap();
        assert_eq!(guest.call::<u32, u32>("dim", 4).unwrap(), 9);
        let error = guest.call::<u32, u32>("dim", 300).unwrap_err();
        assert!(
            format!("{error:#}").contains("a bad `Percent(to): Percent`"),
            "{error:#}"
        );
    }
}
