//! Looks up exports of a guest by name.

use wasmtime::{Extern, ExternType, Func};

use crate::{
    error::{CallbackError, ExportError, ValueError},
    guest::Guest,
};

impl Guest<'_> {
    /// Checks that a function belongs to this store: the embedder may have kept it elsewhere.
    pub(crate) fn own_function(&mut self, func: Func) -> wasmtime::Result<Func> {
        if self.access.owns(&func.into())? {
            return Ok(func);
        }
        Err(ValueError::Callback(CallbackError::OtherStore).into())
    }

    /// Looks up an exported function by its name.
    pub(crate) fn function_called(&mut self, name: &str) -> Result<Func, ExportError> {
        match self.access.export(name) {
            Some(Extern::Func(func)) => Ok(func),
            found => Err(self.no_export(name, "function", found.as_ref())),
        }
    }

    /// The type of an export.
    pub(crate) fn export_type_of(&mut self, name: &str) -> Option<ExternType> {
        let export = self.access.export(name)?;
        Some(self.access.store()?.type_of(&export))
    }

    /// Exported functions with similar names, and the number of exported functions.
    pub(crate) fn nearest_functions(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        self.access.nearest(name)
    }

    /// Explains why there is no export of this kind. `found` is what has the name.
    #[cold]
    pub(crate) fn no_export(
        &mut self,
        name: &str,
        wanted: &'static str,
        found: Option<&Extern>,
    ) -> ExportError {
        let name = name.to_owned();
        let kind = match found {
            Some(Extern::Func(_)) => "function",
            Some(Extern::Global(_)) => "global",
            Some(Extern::Table(_)) => "table",
            Some(Extern::Memory(_) | Extern::SharedMemory(_)) => "memory",
            Some(Extern::Tag(_)) => "tag",
            None if self.access.is_called_by_host() => return ExportError::CalledByHost { name },
            None => {
                let suggested = match wanted {
                    "function" => self.access.nearest(&name),
                    _ => None,
                };
                let (nearest, functions) = suggested.unzip();
                return ExportError::Missing {
                    name,
                    wanted,
                    nearest: nearest.unwrap_or_default(),
                    functions,
                };
            }
        };
        ExportError::OtherKind { name, wanted, kind }
    }
}
