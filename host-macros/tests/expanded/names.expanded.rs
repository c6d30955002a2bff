fn log(text: &str) {
    println!("{text}");
}
#[doc(hidden)]
enum log {}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    static __FUNCTION: ::host_runtime::__private::HostFunction = ::host_runtime::__private::HostFunction::of::<
        log,
    >();
    #[automatically_derived]
    unsafe impl ::host_runtime::__private::Shim for log {
        type Kind = ::host_runtime::__private::Plain;
        const RECORD: ::host_runtime::__private::Record = {
            use ::host_runtime::__private::NotLowered as _;
            ::host_runtime::__private::Record {
                declaration: ::host_runtime::__private::Declaration {
                    module: "wbg",
                    name: "__wbg_log_*",
                    code: "fn log(text: &str)",
                    docs: "",
                    source: &::host_runtime::__private::Source {
                        module_path: ::core::module_path!(),
                        file: ::core::file!(),
                    },
                    line: ::core::line!(),
                },
                parameters: &[
                    ::host_runtime::__private::Parameter::new(
                        "text",
                        "&str",
                        ::host_runtime::__private::Probe::<&str>::PARAMETER,
                    ),
                ],
                result: ::host_runtime::__private::Probe::<()>::RESULT,
                states: &[],
                extras: ::core::option::Option::Some(
                    &::host_runtime::__private::Extras {
                        names: &["__wbg_warn_*"],
                        prefix: "__wbg_",
                        exports: ::host_runtime::__private::NamedExports {
                            memory: ::core::option::Option::None,
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
            let result = log(<&str as ::host_runtime::__private::Lift<'_>>::lift(call)?);
            <() as ::host_runtime::__private::Lower>::lower(result, call)
        }
    }
    #[automatically_derived]
    impl ::host_runtime::__private::HostImports for log {
        const IMPORTS: &'static [::host_runtime::__private::HostImport] = &[
            ::host_runtime::__private::HostImport::Function(&__FUNCTION),
        ];
    }
    ::host_runtime::__private::collect! {
        Item(::host_runtime::__private::HostImport::Function(& __FUNCTION))
    }
};
