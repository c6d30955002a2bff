fn print(mut caller: Caller<'_, App>, text: String, _: i32) -> bool {
    caller.data_mut().print(text)
}
#[doc(hidden)]
enum print {}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    static __FUNCTION: ::host_runtime::__private::HostFunction = ::host_runtime::__private::HostFunction::of::<
        print,
    >();
    #[automatically_derived]
    unsafe impl ::host_runtime::__private::Shim for print {
        type Kind = ::host_runtime::__private::WithCaller<
            <fn(Caller<'_, App>) as ::host_runtime::__private::CallerParameter>::Data,
        >;
        const RECORD: ::host_runtime::__private::Record = {
            use ::host_runtime::__private::NotLowered as _;
            ::host_runtime::__private::Record {
                declaration: ::host_runtime::__private::Declaration {
                    module: "env",
                    name: "print",
                    code: "fn print(mut caller: Caller<'_, App>, text: String, _: i32) -> bool",
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
                        "String",
                        ::host_runtime::__private::Probe::<String>::PARAMETER,
                    ),
                    ::host_runtime::__private::Parameter::new(
                        "_",
                        "i32",
                        ::host_runtime::__private::Probe::<i32>::PARAMETER,
                    ),
                ],
                result: ::host_runtime::__private::Probe::<bool>::RESULT,
                states: &[],
                extras: ::core::option::Option::None,
            }
        };
        const FUNCTION: &'static ::host_runtime::__private::HostFunction = &__FUNCTION;
        #[inline]
        fn call(
            __cx: &mut <Self::Kind as ::host_runtime::__private::ShimKind>::Context<'_>,
        ) -> ::host_runtime::__private::wasmtime::Result<()> {
            let (parameter1, parameter2) = __cx
                .parameters(|call| ::core::result::Result::Ok((
                    <String as ::host_runtime::__private::Lift<'_>>::lift(call)?,
                    <i32 as ::host_runtime::__private::Lift<'_>>::lift(call)?,
                )))?;
            <bool as ::host_runtime::__private::Lower>::lower(
                print(
                    <fn(
                        Caller<'_, App>,
                    ) as ::host_runtime::__private::CallerParameter>::pass(__cx.store()),
                    parameter1,
                    parameter2,
                ),
                &mut __cx.returned(),
            )
        }
    }
    #[automatically_derived]
    impl ::host_runtime::__private::HostImports for print {
        const IMPORTS: &'static [::host_runtime::__private::HostImport] = &[
            ::host_runtime::__private::HostImport::Function(&__FUNCTION),
        ];
    }
    ::host_runtime::__private::collect! {
        Item(::host_runtime::__private::HostImport::Function(& __FUNCTION))
    }
};
