//! Compares declared exports with those of a guest.

use std::fmt;

use wasmtime::{ExternType, FuncType, Module, Mutability, ValType};

use crate::{
    abi::{AddressType, CoreResults, CoreTypes, Deallocator, GuestSize},
    error::ExportError,
    message::{
        self,
        nearest::{self, FunctionNames},
    },
    registry::Location,
    store::CallType,
    typed_exports::{DeclaredExport, ExportParameter, ExportSet, record::Kind},
};

/// A guest does not export what a trait with `#[wasm_export]` declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct BindError {
    /// The name of the trait.
    pub set: &'static str,
    /// The place of the trait in its source.
    pub location: Location,
    /// All faults, in the order of the trait.
    pub faults: Vec<ExportFault>,
}

/// What is wrong with one export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFault {
    /// The name of the export.
    pub name: String,
    /// The declaration as in the source and its place; `None` for a function of the allocator.
    pub declaration: Option<(&'static str, Location)>,
    /// The fault in words.
    pub fault: String,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            set,
            location,
            faults,
        } = self;
        write!(
            f,
            "the guest does not export what `{set}` ({location}) declares:"
        )?;
        for ExportFault {
            name,
            declaration,
            fault,
        } in faults
        {
            write!(f, "\n  `{}`", message::escaped(name))?;
            match declaration {
                Some((code, location)) => write!(f, ", {code} ({location})")?,
                None => f.write_str(", to allocate and free memory")?,
            }
            write!(f, ": {fault}")?;
        }
        Ok(())
    }
}

impl BindError {
    /// The error of an export that is not there any more when it is looked up.
    pub(super) fn of_look_up(set: &'static ExportSet, error: &ExportError) -> Self {
        Self {
            set: set.name(),
            location: set.location(),
            faults: vec![ExportFault {
                name: set.name().to_owned(),
                declaration: None,
                fault: error.to_string(),
            }],
        }
    }
}

/// Looks up the exports of a guest or a module.
pub(crate) trait ExportTypes {
    fn export_type(&mut self, name: &str) -> Option<ExternType>;
    /// Exported functions with similar names, and the number of exported functions.
    fn nearest_to(&mut self, name: &str) -> Option<(Vec<String>, usize)>;
}

impl ExportTypes for &Module {
    fn export_type(&mut self, name: &str) -> Option<ExternType> {
        self.get_export(name)
    }

    fn nearest_to(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        Some(FunctionNames::of(self).nearest(name))
    }
}

/// Checks all exports of a set.
pub(crate) fn check(
    set: &'static ExportSet,
    guest: &mut impl ExportTypes,
    address_type: AddressType,
) -> Result<(), BindError> {
    let mut faults = Vec::new();
    let mut allocates = false;
    for export in set.exports() {
        let found = guest.export_type(export.name());
        let fault = match &export.kind {
            Kind::Function {
                parameters,
                params,
                results,
                allocates: needed,
            } => {
                allocates |= needed;
                let wanted = CallType::new(params, results, address_type);
                function(guest, export.name(), found, wanted, parameters)
            }
            Kind::Global { ty, mutable } => global(found, &ty.val_type(address_type), *mutable),
        };
        faults.extend(fault.map(|fault| fault_of(set, export, fault)));
    }
    if let (true, Some(by)) = (allocates, set.allocator()) {
        faults.extend(allocator_faults(guest, by, address_type));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(BindError {
        set: set.name(),
        location: set.location(),
        faults,
    })
}

fn fault_of(set: &ExportSet, export: &DeclaredExport, fault: String) -> ExportFault {
    ExportFault {
        name: export.name().to_owned(),
        declaration: Some((export.code(), set.location_of(export))),
        fault,
    }
}

/// The faults of the functions that allocate and free.
fn allocator_faults(
    guest: &mut impl ExportTypes,
    by: &Deallocator,
    address_type: AddressType,
) -> Vec<ExportFault> {
    let size = &<GuestSize as CoreResults>::TYPES;
    let nothing = &<() as CoreResults>::TYPES;
    let functions = [
        (by.allocator.export, by.allocator.params, size),
        (by.export, by.params, nothing),
    ];
    let faults = functions.into_iter().filter_map(|(name, params, results)| {
        let wanted = CallType::new(params, results, address_type);
        let found = guest.export_type(name);
        let fault = function(guest, name, found, wanted, &[])?;
        Some(ExportFault {
            name: name.to_owned(),
            declaration: None,
            fault,
        })
    });
    faults.collect()
}

/// The fault of a function, if there is one.
fn function(
    guest: &mut impl ExportTypes,
    name: &str,
    found: Option<ExternType>,
    wanted: CallType,
    parameters: &[ExportParameter],
) -> Option<String> {
    let found = match found {
        Some(ExternType::Func(found)) => found,
        Some(other) => return Some(format!("the guest exports a {}", kind(&other))),
        None => {
            let mut text = "the guest exports no such function".to_owned();
            if let Some((nearest, functions)) = guest.nearest_to(name) {
                text += "; ";
                text += &nearest::listed(&nearest, functions);
            }
            return Some(text);
        }
    };
    if wanted.fits(&found) {
        return None;
    }
    let type_text = message::shortened(message::func_type(found.params(), found.results()));
    let difference = difference(&found, wanted, parameters);
    Some(format!(
        "the guest's function is {type_text}, but it is declared as {wanted}{difference}"
    ))
}

/// The first difference between the types, by the names of the parameters.
fn difference(found: &FuncType, wanted: CallType, parameters: &[ExportParameter]) -> String {
    let address_type = wanted.address_type();
    let differs = |own: &CoreTypes, found: &mut dyn Iterator<Item = ValType>| {
        let own = own.as_slice().iter();
        own.copied()
            .map(|own| (own, found.next()))
            .find(|(own, found)| !found.as_ref().is_some_and(|ty| own.is(ty, address_type)))
    };
    let mut found_params = found.params();
    for parameter in parameters {
        if let Some((own, found)) = differs(&parameter.types(), &mut found_params) {
            let own = message::val_type(&own.val_type(address_type));
            let (name, ty) = (parameter.name(), parameter.rust_type());
            return match found {
                Some(found) => {
                    let found = message::val_type(&found);
                    format!("; `{name}: {ty}` passes {own} where the guest takes {found}")
                }
                None => format!("; the guest takes nothing for `{name}: {ty}`"),
            };
        }
    }
    String::new()
}

/// The fault of a global, if there is one.
fn global(found: Option<ExternType>, wanted: &ValType, mutable: bool) -> Option<String> {
    let found = match found {
        Some(ExternType::Global(found)) => found,
        Some(other) => return Some(format!("the guest exports a {}", kind(&other))),
        None => return Some("the guest exports no such global".to_owned()),
    };
    if !ValType::eq(found.content(), wanted) {
        let (found, wanted) = (message::global_type(&found), message::val_type(wanted));
        return Some(format!(
            "the guest's global is {found}, but it is declared as {wanted}"
        ));
    }
    let is_const = found.mutability() == Mutability::Const;
    (mutable && is_const).then(|| {
        "the guest's global is not mutable; declare a function that returns its value".to_owned()
    })
}

fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "function",
        ExternType::Global(_) => "global",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Tag(_) => "tag",
    }
}
