fn print(mut caller: Caller<'_, App>, text: String, _: i32) -> bool {
    caller.data_mut().print(text)
}
#[doc(hidden)]
enum print {}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    static __FUNCTION: ::host_runtime::__private::HostFunction = ::host_runtime::__private::HostFunction::caller::<
        print,
    >();
    #[automatically_derived]
    unsafe impl ::host_runtime::__private::CallerShim for print {
        type Data = <fn(
            Caller<'_, App>,
        ) as ::host_runtime::__private::CallerParameter>::Data;
        const RECORD: ::host_runtime::__private::Record = {
            use ::host_runtime::__private::NotLowered as _;
            ::host_runtime::__private::Record {
                declaration: ::host_runtime::__private::Declaration {
                    module: "env",
                    name: "print",
                    code: "fn print(mut caller: Caller<'_, App>, text: String, _: i32) -> bool",
                    docs: "",
                    module_path: ::core::module_path!(),
                    file: ::core::file!(),
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
                memory: ::core::option::Option::None,
                table: ::core::option::Option::None,
            }
        };
        const FUNCTION: &'static ::host_runtime::__private::HostFunction = &__FUNCTION;
        #[inline]
        fn call(
            mut __store: ::host_runtime::__private::wasmtime::Caller<'_, Self::Data>,
            __call: &mut ::host_runtime::__private::CallerCall<'_, Self::Data>,
        ) -> ::host_runtime::__private::wasmtime::Result<()> {
            let (parameter1, parameter2) = __call
                .parameters(
                    &mut __store,
                    |call| ::core::result::Result::Ok((
                        <String as ::host_runtime::__private::MakeParameter<
                            '_,
                        >>::parameter(call)?,
                        <i32 as ::host_runtime::__private::MakeParameter<
                            '_,
                        >>::parameter(call)?,
                    )),
                )?;
            <bool as ::host_runtime::__private::PassResult>::result(
                print(
                    <fn(
                        Caller<'_, App>,
                    ) as ::host_runtime::__private::CallerParameter>::pass(__store),
                    parameter1,
                    parameter2,
                ),
                &mut __call.returned(),
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
        < print as ::host_runtime::__private::HostImports > ::IMPORTS
    }
};
