//! What a runtime provides besides host functions: memories, tables, globals, tags, and what is in a store.

use wasmtime::{
    Extern, Global, GlobalType, Memory, MemoryType, Mutability, Ref, SharedMemory, Store, Table,
    TableType, Tag, TagType, Val, ValType,
};

use crate::{linker::Given, state::HostData};

/// An import that is no host function, for [`RuntimeBuilder::provide`](crate::RuntimeBuilder::provide).
///
/// Every store gets its own, but for a memory that threads share and for what is another instance's
/// already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provided {
    /// A memory of this type.
    Memory(MemoryType),
    /// A memory that all stores share, and their threads.
    SharedMemory(SharedMemory),
    /// A table of this type, of null references.
    Table(TableType),
    /// A tag of this type.
    Tag(TagType),
    /// A global that never changes.
    GlobalConst(Val),
    /// A global that the guest can change.
    GlobalVar(Val),
    /// What a store has already: for guests that [join](crate::Prepared::join) it.
    Extern(Extern),
}

impl Provided {
    /// Its type, where that is known without a store.
    pub(super) fn given(&self) -> Given {
        let ty = match self {
            Self::Memory(ty) => ty.clone().into(),
            Self::SharedMemory(memory) => memory.ty().into(),
            Self::Table(ty) => ty.clone().into(),
            Self::Tag(ty) => ty.clone().into(),
            Self::GlobalConst(value) => match number_type(value) {
                Some(ty) => GlobalType::new(ty, Mutability::Const).into(),
                None => return Given::Unknown,
            },
            Self::GlobalVar(value) => match number_type(value) {
                Some(ty) => GlobalType::new(ty, Mutability::Var).into(),
                None => return Given::Unknown,
            },
            Self::Extern(_) => return Given::Unknown,
        };
        Given::Typed(ty)
    }

    pub(super) fn make(&self, store: &mut Store<HostData>) -> wasmtime::Result<Extern> {
        Ok(match self {
            Self::Memory(ty) => Memory::new(store, ty.clone())?.into(),
            Self::SharedMemory(memory) => memory.clone().into(),
            Self::Table(ty) => {
                let null = Ref::null(ty.element().heap_type());
                Table::new(store, ty.clone(), null)?.into()
            }
            Self::Tag(ty) => Tag::new(store, ty)?.into(),
            Self::GlobalConst(value) => global(store, value, Mutability::Const)?,
            Self::GlobalVar(value) => global(store, value, Mutability::Var)?,
            Self::Extern(existing) => existing.clone(),
        })
    }
}

/// The type of a value that is no reference.
fn number_type(value: &Val) -> Option<ValType> {
    match value {
        Val::I32(_) => Some(ValType::I32),
        Val::I64(_) => Some(ValType::I64),
        Val::F32(_) => Some(ValType::F32),
        Val::F64(_) => Some(ValType::F64),
        Val::V128(_) => Some(ValType::V128),
        _ => None,
    }
}

fn global(
    store: &mut Store<HostData>,
    value: &Val,
    mutability: Mutability,
) -> wasmtime::Result<Extern> {
    let ty = GlobalType::new(value.ty(&*store)?, mutability);
    Ok(Global::new(store, ty, *value)?.into())
}

impl From<MemoryType> for Provided {
    fn from(ty: MemoryType) -> Self {
        Self::Memory(ty)
    }
}

impl From<SharedMemory> for Provided {
    fn from(memory: SharedMemory) -> Self {
        Self::SharedMemory(memory)
    }
}

impl From<TableType> for Provided {
    fn from(ty: TableType) -> Self {
        Self::Table(ty)
    }
}

impl From<TagType> for Provided {
    fn from(ty: TagType) -> Self {
        Self::Tag(ty)
    }
}

impl From<Extern> for Provided {
    fn from(existing: Extern) -> Self {
        Self::Extern(existing)
    }
}
