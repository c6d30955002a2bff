//! Whether a reference belongs to a store.

use wasmtime::{AsContextMut, Global, GlobalType, Mutability, Val, ValType};

/// Asks Wasmtime whether references belong to a store.
///
/// Wasmtime has no such question, and panics in most places where the answer is no. A global that
/// is set to a reference of another store is an error, so a store has a global for each kind.
#[derive(Clone, Copy, Default)]
pub(crate) struct OwnershipProbe {
    func: Option<Global>,
    external: Option<Global>,
    any: Option<Global>,
    exception: Option<Global>,
}

impl OwnershipProbe {
    /// Whether a value is a reference, which belongs to one store.
    pub(crate) fn is_reference(value: &Val) -> bool {
        matches!(
            value,
            Val::FuncRef(Some(_))
                | Val::ExternRef(Some(_))
                | Val::AnyRef(Some(_))
                | Val::ExnRef(Some(_))
        )
    }

    /// Whether a value belongs to the store, which is that of this probe, and is rooted there. A
    /// number belongs to all.
    pub(crate) fn owns(
        &mut self,
        mut store: impl AsContextMut,
        value: &Val,
    ) -> wasmtime::Result<bool> {
        let (probe, ty, null) = match value {
            Val::FuncRef(Some(_)) => (&mut self.func, ValType::FUNCREF, Val::null_func_ref()),
            Val::ExternRef(Some(_)) => (
                &mut self.external,
                ValType::EXTERNREF,
                Val::null_extern_ref(),
            ),
            Val::AnyRef(Some(_)) => (&mut self.any, ValType::ANYREF, Val::null_any_ref()),
            Val::ExnRef(Some(_)) => (&mut self.exception, ValType::EXNREF, Val::ExnRef(None)),
            _ => return Ok(true),
        };
        let global = if let Some(global) = *probe {
            global
        } else {
            let ty = GlobalType::new(ty, Mutability::Var);
            *probe.insert(Global::new(&mut store, ty, null)?)
        };
        if global.set(&mut store, *value).is_err() {
            return Ok(false);
        }
        // It must not keep an object alive.
        global.set(&mut store, null)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Engine, ExternRef, Func, Store};

    #[test]
    fn a_reference_belongs_to_the_store_that_it_was_made_in() {
        let engine = Engine::default();
        let [mut own, mut other] = [(); 2].map(|()| Store::new(&engine, ()));
        let mut probe = OwnershipProbe::default();
        let mut owns = |value| probe.owns(&mut own, &value).unwrap();
        assert!(owns(Val::I32(1)));
        assert!(owns(Val::null_func_ref()));
        assert!(!owns(Func::wrap(&mut other, || {}).into()));
        let object = ExternRef::new(&mut other, 1_u8).unwrap();
        assert!(!owns(object.into()));
        let mut owns = |value| {
            let mut probe = OwnershipProbe::default();
            probe.owns(&mut other, &value).unwrap() && probe.owns(&mut other, &value).unwrap()
        };
        assert!(owns(object.into()));
        let func = Func::wrap(&mut own, || {});
        assert!(!owns(func.into()));
    }
}
