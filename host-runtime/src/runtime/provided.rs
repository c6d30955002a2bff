//! What a runtime provides besides host functions: memories, tables, globals, tags, and what is in
//! a store.

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

/// An import that is no host function, for
/// [`RuntimeBuilder::provide`](crate::RuntimeBuilder::provide).
///
/// Every store gets its own, but for a memory that threads share and for what is another instance's
/// already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProvidedImport {
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
    /// What a store has already: for guests that [join](crate::InstancePre::instantiate_in) it.
    Extern(Extern),
}

/// Where a store gets an import from that is no host function.
#[derive(Clone)]
pub(super) enum Source {
    ProvidedType(ProvidedImport),
    Made(Make),
}

/// Makes what is provided, for one store.
type Make =
    Arc<dyn Fn(StoreContextMut<'_, HostData>) -> wasmtime::Result<ProvidedImport> + Send + Sync>;

impl Source {
    /// What is given for an import of the type `wanted`, where that is known without a store.
    pub(super) fn given(&self, wanted: &ExternType) -> ProvidedType {
        match self {
            Self::ProvidedType(provided) => provided.given(wanted),
            Self::Made(_) => ProvidedType::Unknown,
        }
    }

    /// What is provided to a store.
    pub(super) fn provided(&self, store: &mut Store<HostData>) -> wasmtime::Result<ProvidedImport> {
        match self {
            Self::ProvidedType(provided) => Ok(provided.clone()),
            Self::Made(make) => {
                // It may instantiate modules and take the host data out.
                store.data_mut().guests().invalidate_cache();
                let provided = make(store.as_context_mut());
                // It may have put in host data that was lent to nobody.
                store.data_mut().guests().invalidate_cache();
                provided
            }
        }
    }

    /// Whether it belongs to an engine, as far as that is known without a store.
    pub(super) fn is_of_engine(&self, engine: &Engine) -> bool {
        match self {
            Self::ProvidedType(provided) => provided.is_of_engine(engine),
            Self::Made(_) => true,
        }
    }
}

impl ProvidedImport {
    /// Its type, where that is known without a store.
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

    /// Whether its type belongs to an engine. Of what is in a store, and of a shared memory, that
    /// is asked of the store.
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

    /// Whether a reference that it has belongs to a store. Of an [`Extern`](Self::Extern) that is
    /// not asked here.
    pub(super) fn is_of_store(&self, store: &mut Store<HostData>) -> wasmtime::Result<bool> {
        match self {
            Self::GlobalConst(value) | Self::GlobalVar(value) => {
                OwnershipProbe::default().owns(store, value)
            }
            _ => Ok(true),
        }
    }

    /// Makes it for an import of the type `wanted`.
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

/// The type of a global that begins with `value`, where that is known without a store: a null
/// reference has that of the import.
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

/// The type that a null reference below `top` has for an import: the import's own, if it can be
/// null and is below `top` as well.
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
