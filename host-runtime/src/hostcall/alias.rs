//! Aliases of host functions, which are named by their types.

use crate::{hostcall::Shim, registry::Imports};

impl Imports {
    /// Also offers a function as `name` in `module`. Its own names stay as they are.
    ///
    /// The function is written like a type, as in [`imports!`](crate::imports). In `name`, each `*`
    /// stands for any characters, as in the name that an attribute gives. `module` is no pattern.
    ///
    /// ```
    /// use host_runtime::{Runtime, imports, wasm_import};
    ///
    /// #[wasm_import(module = "console")]
    /// fn log(x: i32) {
    ///     println!("{x}");
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let imports = imports![log].alias::<log>("wbg", "__wbg_log_*");
    /// let mut guest = Runtime::builder().imports(imports).build()?.instantiate(r#"(module
    ///     (import "console" "log" (func $log (param i32)))
    ///     (import "wbg" "__wbg_log_0a1b" (func $hashed (param i32)))
    ///     (func (export "run") (call $log (i32.const 1)) (call $hashed (i32.const 2))))"#)?;
    /// guest.call::<(), ()>("run", ())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If the set does not contain the function, it then offers the function only by the alias. For
    /// functions without a path, there is [`alias_function`](Self::alias_function).
    #[must_use]
    pub fn alias<F: Shim>(self, module: impl Into<String>, name: impl Into<String>) -> Self {
        self.alias_function(module, name, F::FUNCTION)
    }
}
