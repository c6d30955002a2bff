/// Where the guest's stack ends.
pub static STACK_POINTER: i32 = 65536;
#[doc(hidden)]
pub enum STACK_POINTER {}
#[doc(hidden)]
#[allow(deprecated)]
const _: () = {
    static __GLOBAL: ::host_runtime::__private::HostGlobal = ::host_runtime::__private::HostGlobal::new::<
        STACK_POINTER,
    >(::host_runtime::__private::Declaration {
        module: "env",
        name: "__stack_pointer",
        code: "static STACK_POINTER: i32",
        docs: "Where the guest's stack ends.",
        source: &::host_runtime::__private::Source {
            module_path: ::core::module_path!(),
            file: ::core::file!(),
        },
        line: ::core::line!(),
    });
    #[automatically_derived]
    impl ::host_runtime::__private::GlobalImport for STACK_POINTER {
        type Value = i32;
        const GLOBAL: &'static ::host_runtime::__private::HostGlobal = &__GLOBAL;
        const MUTABLE: bool = true;
        fn initial<R>(read: impl ::core::ops::FnOnce(&Self::Value) -> R) -> R {
            read(&STACK_POINTER)
        }
    }
    #[automatically_derived]
    impl ::host_runtime::__private::MutableGlobal for STACK_POINTER {}
    #[automatically_derived]
    impl ::host_runtime::__private::HostImports for STACK_POINTER {
        const IMPORTS: &'static [::host_runtime::__private::HostImport] = &[
            ::host_runtime::__private::HostImport::Global(&__GLOBAL),
        ];
    }
    ::host_runtime::__private::collect! {
        Item(::host_runtime::__private::HostImport::Global(& __GLOBAL))
    }
};
