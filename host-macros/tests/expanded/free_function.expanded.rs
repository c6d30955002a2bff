/// Reads a value.
///
/// The result is its length.
pub fn get_value<'a>(
    kv: &Kv,
    key: &'a str,
    out: &mut [u8],
    log: &mut Vec<String>,
) -> Result<u32, KvError> {
    log.push(key.to_owned());
    kv.get(key, out)
}
#[doc(hidden)]
pub enum get_value {}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    static __FUNCTION: ::host_runtime::__private::HostFunction = ::host_runtime::__private::HostFunction::of::<
        get_value,
    >();
    #[automatically_derived]
    unsafe impl ::host_runtime::__private::Shim for get_value {
        type Kind = ::host_runtime::__private::Plain;
        const RECORD: ::host_runtime::__private::Record = {
            use ::host_runtime::__private::NotLowered as _;
            ::host_runtime::__private::Record {
                declaration: ::host_runtime::__private::Declaration {
                    module: "kv",
                    name: "get",
                    code: "fn get_value<'a>(kv: &Kv, key: &'a str, out: &mut [u8], log: &mut Vec<String>) -> Result<u32, KvError>",
                    docs: "Reads a value.\n\nThe result is its length.",
                    source: &::host_runtime::__private::Source {
                        module_path: ::core::module_path!(),
                        file: ::core::file!(),
                    },
                    line: ::core::line!(),
                },
                parameters: &[
                    ::host_runtime::__private::Parameter::new(
                        "key",
                        "&'a str",
                        ::host_runtime::__private::Probe::<&'_ str>::PARAMETER,
                    ),
                    ::host_runtime::__private::Parameter::new(
                        "out",
                        "&mut [u8]",
                        ::host_runtime::__private::Probe::<&mut [u8]>::PARAMETER,
                    ),
                ],
                result: ::host_runtime::__private::Probe::<Result<u32, KvError>>::RESULT,
                states: &[
                    ::host_runtime::__private::StateNeed::of::<Kv>(),
                    ::host_runtime::__private::StateNeed::of::<Vec<String>>(),
                ],
                extras: ::core::option::Option::Some(
                    &::host_runtime::__private::Extras {
                        names: &[],
                        prefix: "",
                        exports: ::host_runtime::__private::NamedExports {
                            memory: ::core::option::Option::Some("heap"),
                            table: ::core::option::Option::None,
                        },
                    },
                ),
            }
        };
        const FUNCTION: &'static ::host_runtime::__private::HostFunction = &__FUNCTION;
        #[inline]
        fn call(
            cx: &mut ::host_runtime::__private::PlainContext<'_>,
        ) -> ::host_runtime::__private::wasmtime::Result<()> {
            let call = &mut cx.call;
            let (state0, state1) = cx.states.borrow::<(Kv, Vec<String>)>();
            let result = get_value(
                &*state0,
                <&'_ str as ::host_runtime::__private::Lift<'_>>::lift(call)?,
                <&mut [u8] as ::host_runtime::__private::Lift<'_>>::lift(call)?,
                state1,
            );
            <Result<
                u32,
                KvError,
            > as ::host_runtime::__private::Lower>::lower(result, call)
        }
    }
    #[automatically_derived]
    impl ::host_runtime::__private::HostImports for get_value {
        const IMPORTS: &'static [::host_runtime::__private::HostImport] = &[
            ::host_runtime::__private::HostImport::Function(&__FUNCTION),
        ];
    }
    ::host_runtime::__private::collect! {
        Item(::host_runtime::__private::HostImport::Function(& __FUNCTION))
    }
};
