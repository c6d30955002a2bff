//! The names of exports that host functions use.

/// The name of the memory in most toolchains.
pub(crate) const MEMORY: &str = "memory";

/// The names of the table of functions: LLVM's, and AssemblyScript's.
pub(crate) const TABLES: [&str; 2] = ["__indirect_function_table", "table"];

/// The prefix of the names of exports that the runtime adds to modules.
pub(super) const RESERVED_PREFIX: &str = "host-runtime:";

/// The added export of the memory that host functions use.
pub(super) const MEMORY_EXPORT: &str = "host-runtime:memory";

/// The added export of the table that callbacks are looked up in.
pub(super) const TABLE_EXPORT: &str = "host-runtime:table";

/// Checks whether the name of an export is reserved.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED_PREFIX)
}
