impl Counter {
    const STEP: i32 = 1;
    fn new() -> Self {
        Self(0)
    }
    /// Counts.
    fn count_up(&mut self, by: Option<&[i32; Self::LENGTH]>, other: &Other) {
        self.0 += Self::STEP;
    }
    fn value(&self) -> i32 {
        self.0
    }
}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    enum __Shim0 {}
    const _: () = {
        static __FUNCTION: ::host_runtime::__private::HostFunction = ::host_runtime::__private::HostFunction::of::<
            __Shim0,
        >();
        #[automatically_derived]
        unsafe impl ::host_runtime::__private::Shim for __Shim0 {
            type Kind = ::host_runtime::__private::Plain;
            const RECORD: ::host_runtime::__private::Record = {
                use ::host_runtime::__private::NotLowered as _;
                ::host_runtime::__private::Record {
                    declaration: ::host_runtime::__private::Declaration {
                        module: "counter",
                        name: "countUp",
                        code: "fn count_up(&mut self, by: Option<&[i32; Self::LENGTH]>, other: &Other)",
                        docs: "Counts.",
                        source: &::host_runtime::__private::Source {
                            module_path: ::core::module_path!(),
                            file: ::core::file!(),
                        },
                        line: ::core::line!(),
                    },
                    parameters: &[
                        ::host_runtime::__private::Parameter::new(
                            "by",
                            "Option<&[i32; Self::LENGTH]>",
                            ::host_runtime::__private::Probe::<
                                Option<&[i32; <Counter>::LENGTH]>,
                            >::PARAMETER,
                        ),
                    ],
                    result: ::host_runtime::__private::Probe::<()>::RESULT,
                    states: &[
                        ::host_runtime::__private::StateNeed::of::<Counter>(),
                        ::host_runtime::__private::StateNeed::of::<Other>(),
                    ],
                    extras: ::core::option::Option::None,
                }
            };
            const FUNCTION: &'static ::host_runtime::__private::HostFunction = &__FUNCTION;
            #[inline]
            fn call(
                cx: &mut ::host_runtime::__private::PlainContext<'_>,
            ) -> ::host_runtime::__private::wasmtime::Result<()> {
                let call = &mut cx.call;
                let (state0, state1) = cx.states.borrow::<(Counter, Other)>();
                let result = <Counter>::count_up(
                    state0,
                    <Option<
                        &[i32; <Counter>::LENGTH],
                    > as ::host_runtime::__private::Lift<'_>>::lift(call)?,
                    &*state1,
                );
                <() as ::host_runtime::__private::Lower>::lower(result, call)
            }
        }
    };
    #[automatically_derived]
    impl ::host_runtime::__private::HostImports for Counter {
        const IMPORTS: &'static [::host_runtime::__private::HostImport] = &[
            ::host_runtime::__private::HostImport::Function(
                <__Shim0 as ::host_runtime::__private::Shim>::FUNCTION,
            ),
        ];
    }
    ::host_runtime::__private::collect! {
        Items(< Counter as ::host_runtime::__private::HostImports > ::IMPORTS)
    }
};
