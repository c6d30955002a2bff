//! The tables of a guest.

use wasmtime::{Extern, Func, Ref, Table};

use crate::{
    convert::{Extern as ExternValue, HostObject},
    error::{CallbackError, ExportError, NoTableError, ValueError},
    guest::{Guest, StoreAccess},
    registry::Imports,
};

impl Guest<'_> {
    /// Looks up the function at an index of the guest's table.
    pub(crate) fn function_at(&mut self, index: u64) -> Result<Func, ValueError> {
        let bad = |reason| Err(ValueError::Callback(reason));
        let table = match self.access.table() {
            Ok(table) => table,
            Err(reason) => return bad(CallbackError::NoTable(reason)),
        };
        let Some(store) = self.access.store() else {
            return bad(CallbackError::NoTable(NoTableError::NoneExported));
        };
        match store.entry(table, index) {
            Some(Ref::Func(Some(func))) => Ok(func),
            Some(_) => bad(CallbackError::Null { index: Some(index) }),
            None => bad(CallbackError::OutOfBounds {
                index,
                size: store.table_size(table),
            }),
        }
    }

    /// Puts a host function into the guest's table of functions, at a new entry. Returns the index,
    /// which is a function pointer to the guest.
    ///
    /// `function` is a set with this function. Its module and name are not used. The entry stays
    /// there as long as the store lives.
    ///
    /// ```
    /// use host_runtime::{Callback, Imports, Runtime, imports, wasm_import};
    ///
    /// #[wasm_import]
    /// fn double(x: i32) -> i32 {
    ///     2 * x
    /// }
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(Imports::none()).build()?;
    /// let mut guest = runtime.instantiate(r#"(module
    ///     (table (export "__indirect_function_table") 1 funcref)
    ///     (type $map (func (param i32) (result i32)))
    ///     (func (export "apply") (param $map i32) (param i32) (result i32)
    ///         (call_indirect (type $map) (local.get 1) (local.get $map))))"#)?;
    /// let index = guest.guest().put_function(&imports![double])?;
    /// assert_eq!(guest.call::<_, i32>("apply", (index, 21))?, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the set has not exactly one function; if there is no table of functions, or its limit is
    /// reached; [`MissingStateError`](crate::errors::MissingStateError) if the function needs a
    /// state that the host does not have.
    pub fn put_function(&mut self, function: &Imports) -> anyhow::Result<u32> {
        let mut functions = function.functions();
        let (Some(one), None) = (functions.next(), functions.next()) else {
            anyhow::bail!(
                "expected a set with one host function to put into the guest's table, found {}",
                function.len()
            );
        };
        self.host().check(one.state_needs())?;
        let table = self.access.table().map_err(CallbackError::NoTable);
        let table = table.map_err(ValueError::Callback)?;
        let func = self.access.define(one)?;
        let Some(store) = self.access.store() else {
            anyhow::bail!("a mock guest has no table of functions");
        };
        let index = store.grow_table(table, 1, Ref::Func(Some(func)))?;
        Ok(u32::try_from(index)?)
    }

    /// The number of entries of a table that the guest exports.
    ///
    /// # Errors
    ///
    /// If the guest exports no table of that name.
    pub fn table_size(&mut self, name: &str) -> Result<u64, ExportError> {
        let (table, store) = self.table(name)?;
        Ok(store.table_size(table))
    }

    /// Grows a table that the guest exports by so many nulls. Returns its size before that.
    ///
    /// # Errors
    ///
    /// If there is no such table, or its limit is reached.
    pub fn grow_table(&mut self, name: &str, by: u64) -> anyhow::Result<u64> {
        let (table, store) = self.table(name)?;
        let null = Ref::null(store.table_type(table).element().heap_type());
        Ok(store.grow_table(table, by, null)?)
    }

    /// The object in a table of `externref` that the guest exports; `None` for null.
    ///
    /// # Errors
    ///
    /// If there is no such table, the index is past its end, or the entry is another object.
    pub fn table_object<T: Send + Sync + 'static>(
        &mut self,
        name: &str,
        index: u64,
    ) -> anyhow::Result<Option<HostObject<T>>> {
        let (table, store) = self.table(name)?;
        let value = match store.entry(table, index) {
            Some(Ref::Extern(None)) => ExternValue::Null,
            Some(Ref::Extern(Some(reference))) => match store.unwrap_object(reference)? {
                Some(object) => ExternValue::Object(object),
                None => ExternValue::Other,
            },
            Some(_) => ExternValue::Other,
            None => return Err(past_the_end(name, index, store.table_size(table)).into()),
        };
        Ok(HostObject::from_extern(value)?)
    }

    /// Puts an object into a table of `externref` that the guest exports, or null.
    ///
    /// # Errors
    ///
    /// If there is no such table, or the index is past its end.
    pub fn set_table<T: Send + Sync + 'static>(
        &mut self,
        name: &str,
        index: u64,
        object: Option<HostObject<T>>,
    ) -> anyhow::Result<()> {
        let (table, store) = self.table(name)?;
        let size = store.table_size(table);
        if index >= size {
            return Err(past_the_end(name, index, size).into());
        }
        let reference = match object {
            Some(object) => Some(store.wrap_object(object.erase())?),
            None => None,
        };
        Ok(store.set_entry(table, index, Ref::Extern(reference))?)
    }

    fn table(&mut self, name: &str) -> Result<(Table, &mut dyn StoreAccess), ExportError> {
        let found = self.access.export(name);
        match found {
            Some(Extern::Table(table)) => match self.access.store() {
                Some(store) => Ok((table, store)),
                None => unreachable!("an export is in a store"),
            },
            found => Err(self.no_export(name, "table", found.as_ref())),
        }
    }
}

#[cold]
fn past_the_end(name: &str, index: u64, size: u64) -> ExportError {
    let name = name.to_owned();
    ExportError::Index { name, index, size }
}
