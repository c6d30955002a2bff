//! Items besides host functions that a runtime provides for imports: memories, tables, globals,
//! tags, and items of a store.

use std::sync::Arc;

use wasmtime::{
    AsContextMut, Engine, Extern, ExternType, Global, GlobalType, HeapType, Memory, MemoryType,
    Mutability, Ref, RefType, SharedMemory, Store, StoreContextMut, Table, TableType, Tag, TagType,
    Val, ValType,
};

use crate::{
    linker::ProvidedType,
    store::{HostData, OwnershipProbe},
};

/// An item that [`RuntimeBuilder::provide`](crate::RuntimeBuilder::provide) gives for an import.
///
/// Every store gets its own item, except for a shared memory and an item of another instance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProvidedImport {
    /// A memory of this type.
    Memory(MemoryType),
    /// A memory that all stores and their threads share.
    SharedMemory(SharedMemory),
    /// A table of this type, of null references.
    Table(TableType),
    /// A tag of this type.
    Tag(TagType),
    /// A global that never changes.
    GlobalConst(Val),
    /// A global that the guest can change.
    GlobalVar(Val),
    /// An item of a store, for instances that are made
    /// [in that store](crate::InstancePre::instantiate_in).
    Extern(Extern),
}

/// The source of a provided item.
#[derive(Clone)]
pub(super) enum Source {
    ProvidedType(ProvidedImport),
    Made(Make),
}

/// Makes a provided item for one store.
type Make =
    Arc<dyn Fn(StoreContextMut<'_, HostData>) -> wasmtime::Result<ProvidedImport> + Send + Sync>;

impl Source {
    /// The type of the item for an import of the type `wanted`, if it is known without a store.
    pub(super) fn given(&self, wanted: &ExternType) -> ProvidedType {
        match self {
            Self::ProvidedType(provided) => provided.given(wanted),
            Self::Made(_) => ProvidedType::Unknown,
        }
    }

    /// The item for a store.
    pub(super) fn provided(&self, store: &mut Store<HostData>) -> wasmtime::Result<ProvidedImport> {
        match self {
            Self::ProvidedType(provided) => Ok(provided.clone()),
            Self::Made(make) => {
                // The closure may instantiate modules and take the host data out.
                store.data_mut().guests().invalidate_cache();
                let provided = make(store.as_context_mut());
                // The closure may have replaced the host data.
                store.data_mut().guests().invalidate_cache();
                provided
            }
        }
    }

    /// Checks that the item belongs to an engine, as far as that is known without a store.
    pub(super) fn is_of_engine(&self, engine: &Engine) -> bool {
        match self {
            Self::ProvidedType(provided) => provided.is_of_engine(engine),
            Self::Made(_) => true,
        }
    }
}

impl ProvidedImport {
    /// Its type, if it is known without a store.
    fn given(&self, wanted: &ExternType) -> ProvidedType {
        let ty = match self {
            Self::Memory(ty) => ty.clone().into(),
            Self::SharedMemory(memory) => memory.ty().into(),
            Self::Table(ty) => ty.clone().into(),
            Self::Tag(ty) => ty.clone().into(),
            Self::GlobalConst(value) => match global_type(value, Mutability::Const, wanted) {
                Some(ty) => ty.into(),
                None => return ProvidedType::Unknown,
            },
            Self::GlobalVar(value) => match global_type(value, Mutability::Var, wanted) {
                Some(ty) => ty.into(),
                None => return ProvidedType::Unknown,
            },
            Self::Extern(_) => return ProvidedType::Unknown,
        };
        ProvidedType::Typed(ty)
    }

    /// Checks that its type belongs to an engine. Items of a store and shared memories are checked
    /// when they are linked.
    pub(super) fn is_of_engine(&self, engine: &Engine) -> bool {
        let own = match self {
            Self::Tag(ty) => Some(ty.ty().engine()),
            Self::Table(ty) => match ty.element().heap_type() {
                HeapType::ConcreteFunc(ty) => Some(ty.engine()),
                HeapType::ConcreteStruct(ty) => Some(ty.engine()),
                HeapType::ConcreteArray(ty) => Some(ty.engine()),
                _ => None,
            },
            _ => None,
        };
        own.is_none_or(|own| Engine::same(own, engine))
    }

    /// Checks that the reference in a global belongs to a store. An [`Extern`](Self::Extern) is
    /// checked when it is linked.
    pub(super) fn is_of_store(&self, store: &mut Store<HostData>) -> wasmtime::Result<bool> {
        match self {
            Self::GlobalConst(value) | Self::GlobalVar(value) => {
                OwnershipProbe::default().owns(store, value)
            }
            _ => Ok(true),
        }
    }

    /// Makes the item for an import of the type `wanted`.
    pub(super) fn make(
        &self,
        store: &mut Store<HostData>,
        wanted: &ExternType,
    ) -> wasmtime::Result<Extern> {
        Ok(match self {
            Self::Memory(ty) => Memory::new(store, ty.clone())?.into(),
            Self::SharedMemory(memory) => memory.clone().into(),
            Self::Table(ty) => {
                let null = Ref::null(ty.element().heap_type());
                Table::new(store, ty.clone(), null)?.into()
            }
            Self::Tag(ty) => Tag::new(store, ty)?.into(),
            Self::GlobalConst(value) => global(store, value, Mutability::Const, wanted)?,
            Self::GlobalVar(value) => global(store, value, Mutability::Var, wanted)?,
            Self::Extern(existing) => existing.clone(),
        })
    }
}

/// The type of a global with this initial value, if it is known without a store. For a null
/// reference it is the type of the import.
fn global_type(value: &Val, mutability: Mutability, wanted: &ExternType) -> Option<GlobalType> {
    let content = match value {
        Val::I32(_) => ValType::I32,
        Val::I64(_) => ValType::I64,
        Val::F32(_) => ValType::F32,
        Val::F64(_) => ValType::F64,
        Val::V128(_) => ValType::V128,
        Val::FuncRef(None) => null(HeapType::Func, wanted),
        Val::ExternRef(None) => null(HeapType::Extern, wanted),
        Val::AnyRef(None) => null(HeapType::Any, wanted),
        Val::ExnRef(None) => null(HeapType::Exn, wanted),
        _ => return None,
    };
    Some(GlobalType::new(content, mutability))
}

/// The type of a null reference of the hierarchy of `top` for an import: the type of the import, if
/// that is nullable and of the same hierarchy.
fn null(top: HeapType, wanted: &ExternType) -> ValType {
    let own = RefType::new(true, top);
    match wanted.global().map(GlobalType::content) {
        Some(ValType::Ref(wanted)) if wanted.is_nullable() && wanted.matches(&own) => {
            ValType::Ref(wanted.clone())
        }
        _ => ValType::Ref(own),
    }
}

fn global(
    store: &mut Store<HostData>,
    value: &Val,
    mutability: Mutability,
    wanted: &ExternType,
) -> wasmtime::Result<Extern> {
    let own = global_type(value, mutability, wanted);
    let content = match (own, wanted.global().map(GlobalType::content)) {
        (Some(own), _) => own.content().clone(),
        (None, Some(content)) if value.matches_ty(&*store, content)? => content.clone(),
        (None, _) => value.ty(&*store)?,
    };
    let ty = GlobalType::new(content, mutability);
    Ok(Global::new(store, ty, *value)?.into())
}

impl From<MemoryType> for ProvidedImport {
    fn from(ty: MemoryType) -> Self {
        Self::Memory(ty)
    }
}

impl From<SharedMemory> for ProvidedImport {
    fn from(memory: SharedMemory) -> Self {
        Self::SharedMemory(memory)
    }
}

impl From<TableType> for ProvidedImport {
    fn from(ty: TableType) -> Self {
        Self::Table(ty)
    }
}

impl From<TagType> for ProvidedImport {
    fn from(ty: TagType) -> Self {
        Self::Tag(ty)
    }
}

impl From<Extern> for ProvidedImport {
    fn from(existing: Extern) -> Self {
        Self::Extern(existing)
    }
}
