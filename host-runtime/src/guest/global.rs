//! The globals of a guest: annotated ones, which it imports, and those that it exports.

use anyhow::bail;
use wasmtime::{AsContextMut, Extern, Global, Mutability, Store, Val};

use crate::{
    abi::AddressType,
    convert::{GlobalVal, GlobalValue},
    error::ExportError,
    guest::{Guest, access},
    message,
    registry::{GlobalImport, HostGlobal, MutableGlobal},
    store::{HostData, StoreAddress, StoreIdentity},
};

/// Returns the global that a store has for an annotated one, and makes it if there is none.
pub(crate) fn global<T: 'static>(
    store: &mut Store<T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
    address_type: AddressType,
) -> wasmtime::Result<Global> {
    if let Some(known) = known_global(&mut *store, &project, global) {
        return Ok(known);
    }
    let value = global.value(address_type)?.make(store)?;
    let new = Global::new(&mut *store, global.global_type(address_type), value)?;
    let address = StoreAddress::of(&*store);
    if let Some(items) = project(store.data_mut()).guests().items(address) {
        items.add_global(global.id(), new);
        return Ok(new);
    }
    let identity = StoreIdentity::of(&mut *store);
    let items = project(store.data_mut()).guests().items_or_new(identity);
    items.add_global(global.id(), new);
    Ok(new)
}

/// Returns the global that a store has for an annotated one, if a guest of the store imports it.
pub(crate) fn known_global<T: 'static>(
    mut store: impl AsContextMut<Data = T>,
    project: impl Fn(&mut T) -> &mut HostData,
    global: &'static HostGlobal,
) -> Option<Global> {
    let mut store = store.as_context_mut();
    let address = StoreAddress::of(&store);
    let items = project(store.data_mut()).guests().items(address)?;
    items.global(global.id())
}

impl Guest<'_> {
    /// The value of an annotated `const` or `static` in this guest; `None` if no guest of the store
    /// imports it.
    ///
    /// ```
    /// use host_runtime::{Guest, Runtime, imports, wasm_import};
    ///
    /// #[wasm_import]
    /// static DEPTH: i32 = 7;
    ///
    /// #[wasm_import]
    /// fn deeper(mut guest: Guest<'_>) -> anyhow::Result<()> {
    ///     let depth = guest.global::<DEPTH>().unwrap_or_default();
    ///     guest.set_global::<DEPTH>(depth + 1)
    /// }
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(imports![DEPTH, deeper]).build()?;
    /// let mut guest = runtime.instantiate(r#"(module
    ///     (import "env" "DEPTH" (global $depth (mut i32)))
    ///     (import "env" "deeper" (func $deeper))
    ///     (func (export "run") (result i32) (call $deeper) (global.get $depth)))"#)?;
    /// assert_eq!(guest.call::<(), i32>("run", ())?, 8);
    /// # Ok(())
    /// # }
    /// ```
    pub fn global<G: GlobalImport>(&mut self) -> Option<G::Value> {
        G::Value::from_global_val(self.access.global(G::GLOBAL)?)
    }

    /// Sets the value of an annotated `static` in this guest.
    ///
    /// # Errors
    ///
    /// If no guest of the store imports it.
    pub fn set_global<G: MutableGlobal>(&mut self, value: G::Value) -> anyhow::Result<()> {
        let address_type = match self.access.global(G::GLOBAL) {
            Some(GlobalVal::Number(Val::I64(_))) => AddressType::I64,
            Some(_) => AddressType::I32,
            None => bail!(
                "no guest of the store imports {}, or the `HostData` that knew of it was replaced",
                G::GLOBAL
            ),
        };
        let value = value.to_global_val(address_type)?;
        Ok(self.access.set_global(G::GLOBAL, value)?)
    }

    /// The value of a global that the guest exports.
    ///
    /// ```
    /// use host_runtime::{Imports, Runtime};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(Imports::none()).build()?;
    /// let mut instance = runtime.instantiate(
    ///     r#"(module (global (export "level") (mut i32) (i32.const 3)))"#,
    /// )?;
    /// let mut guest = instance.guest();
    /// assert_eq!(guest.exported_global::<i32>("level")?, 3);
    /// guest.set_exported_global("level", 4)?;
    /// assert_eq!(guest.exported_global::<i32>("level")?, 4);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the guest exports no global of that name and type.
    pub fn exported_global<G: GlobalValue>(&mut self, name: &str) -> Result<G, ExportError> {
        let global = self.find_global(name)?;
        self.read_global(name, global)
    }

    /// Sets the value of a global that the guest exports.
    ///
    /// # Errors
    ///
    /// If the guest exports no mutable global of that name and type;
    /// [`ValueError::OtherStore`](crate::ValueError::OtherStore) if the value is a reference of
    /// another store.
    pub fn set_exported_global<G: GlobalValue>(
        &mut self,
        name: &str,
        value: G,
    ) -> anyhow::Result<()> {
        let global = self.find_global(name)?;
        Ok(self.write_global(name, global, value)?)
    }

    pub(super) fn find_global(&mut self, name: &str) -> Result<Global, ExportError> {
        match self.access.export(name) {
            Some(Extern::Global(global)) => Ok(global),
            found => Err(self.no_export(name, "global", found.as_ref())),
        }
    }

    /// Reads the value of a global of the store. `name` is for errors.
    pub(crate) fn read_global<G: GlobalValue>(
        &mut self,
        name: &str,
        global: Global,
    ) -> Result<G, ExportError> {
        let value = self
            .access
            .store()
            .and_then(|store| store.global(global).ok());
        let value = value.and_then(G::from_global_val);
        value.ok_or_else(|| self.other_global::<G>(name, global))
    }

    /// Sets the value of a global of the store. `name` is for errors.
    pub(crate) fn write_global<G: GlobalValue>(
        &mut self,
        name: &str,
        global: Global,
        value: G,
    ) -> wasmtime::Result<()> {
        let Some(ty) = self.access.store().map(|store| store.global_type(global)) else {
            return Err(self.other_global::<G>(name, global).into());
        };
        if !G::TYPE.is(ty.content(), self.address_type) {
            return Err(self.other_global::<G>(name, global).into());
        }
        if ty.mutability() == Mutability::Const {
            let name = name.to_owned();
            return Err(ExportError::NotMutable { name }.into());
        }
        let value = value.to_global_val(self.address_type)?;
        access::set(self.access, global, value)
    }

    #[cold]
    fn other_global<G: GlobalValue>(&mut self, name: &str, global: Global) -> ExportError {
        let found = self.access.store().map(|store| store.global_type(global));
        let wanted = G::TYPE.val_type(self.address_type);
        ExportError::OtherType {
            name: name.to_owned(),
            found: found.map_or_else(String::new, |ty| message::val_type(ty.content())),
            wanted: message::val_type(&wanted),
        }
    }
}
