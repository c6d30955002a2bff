//! Converts between Wasmtime's values and the oracle's.

use host_runtime::wasmtime::{
    self, AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContextMut, ExnRef, ExnRefPre, ExnType,
    ExternRef, FieldType, FuncType, I31, Instance, Mutability, OwnedRooted, Ref, Rooted,
    StorageType, StructRef, StructRefPre, StructType, Tag, TagType, V128, Val, ValType,
};

use crate::{
    functions::TABLE,
    value::{Func, Kind, Object, UNKNOWN, Value},
};

/// The maximum number of `externref`s kept for later calls.
const KEPT: usize = 6;

/// The references in a store that the oracle knows.
pub struct References {
    instance: Instance,
    /// The addresses of the functions in the trampoline's table.
    functions: Vec<usize>,
    objects: Vec<(OwnedRooted<ExternRef>, Object)>,
}

impl References {
    pub fn new(mut store: impl AsContextMut, instance: Instance) -> wasmtime::Result<Self> {
        let table = instance
            .get_table(&mut store, TABLE)
            .expect("the table is exported");
        let mut functions = Vec::new();
        for index in 0..table.size(&store) {
            let func = match table.get(&mut store, index) {
                Some(Ref::Func(Some(func))) => func.to_raw(&mut store).addr(),
                _ => 0,
            };
            functions.push(func);
        }
        let foreign = instance
            .get_global(&mut store, "foreign")
            .expect("the global is exported");
        let mut references = Self {
            instance,
            functions,
            objects: Vec::new(),
        };
        let foreign = foreign.get(&mut store);
        references.keep(store, &foreign, Object::Foreign)?;
        Ok(references)
    }

    /// Creates a value of a kind from 64 bits.
    pub fn make(
        &self,
        mut store: impl AsContextMut,
        kind: Kind,
        bits: u64,
        wide: bool,
    ) -> wasmtime::Result<Val> {
        let low = u32::try_from(bits % (1 << 32)).expect("the value is below 2^32");
        Ok(match (kind, kind.ty(wide)) {
            (_, ValType::I32) => Val::I32(low.cast_signed()),
            (_, ValType::I64) => Val::I64(bits.cast_signed()),
            (_, ValType::F32) => Val::F32(low),
            (_, ValType::F64) => Val::F64(bits),
            (_, ValType::V128) => {
                V128::from(u128::from(bits) | u128::from(bits.rotate_left(17)) << 64).into()
            }
            (Kind::Func, _) => {
                let table = self.instance.get_table(&mut store, TABLE);
                let found = table.expect("`TABLE` exists").get(store, bits % 16);
                found.expect("the table has 16 elements").into()
            }
            (Kind::Extern, _) => {
                let object = self.objects.get(low as usize % (self.objects.len() + 1));
                object.map(|(object, _)| object.to_rooted(store)).into()
            }
            (Kind::Exn, _) if low % 2 == 0 => Val::ExnRef(None),
            _ if low % 2 == 0 => Val::AnyRef(None),
            _ => holder(store, kind, low >> 1)?,
        })
    }

    pub fn values(&self, mut store: impl AsContextMut, values: &[Val]) -> Vec<Value> {
        let values = values.iter().map(|value| self.value(&mut store, value));
        values.collect()
    }

    /// Converts a value to the oracle's.
    pub fn value(&self, mut store: impl AsContextMut, value: &Val) -> Value {
        match value {
            Val::I32(number) => Value::Bits(number.cast_unsigned().into()),
            Val::I64(number) => Value::Bits(number.cast_unsigned()),
            Val::F32(bits) => Value::Bits((*bits).into()),
            Val::F64(bits) => Value::Bits(*bits),
            Val::V128(vector) => Value::V128(vector.as_u128()),
            Val::FuncRef(None) => Value::Func(Func::Null),
            Val::FuncRef(Some(func)) => {
                let address = func.to_raw(store).addr();
                let index = (0..)
                    .zip(&self.functions)
                    .find(|(_, known)| **known == address);
                Value::Func(index.map_or(Func::Unknown, |(index, _)| Func::Callback(index)))
            }
            Val::ExternRef(None) => Value::Object(Object::Null),
            Val::ExternRef(Some(reference)) => {
                let mut known = self.objects.iter();
                let known = known.find(|(object, _)| {
                    Rooted::ref_eq(&store, reference, object).expect("the stores match")
                });
                Value::Object(known.map_or(Object::Unknown, |(_, object)| *object))
            }
            Val::AnyRef(reference) => Value::Any(reference.map(|any| held(&mut store, any))),
            Val::ExnRef(reference) => {
                Value::Any(reference.map(|exn| number(&exn.field(&mut store, 0))))
            }
            other => unreachable!("no host function takes {other:?}"),
        }
    }

    /// Keeps a value that is an `externref` for later calls.
    pub fn keep(
        &mut self,
        store: impl AsContextMut,
        value: &Val,
        object: Object,
    ) -> wasmtime::Result<()> {
        if let Val::ExternRef(Some(reference)) = value {
            self.objects
                .push((reference.to_owned_rooted(store)?, object));
            if self.objects.len() > KEPT {
                // The first one is the foreign reference, which is always kept.
                self.objects.remove(1);
            }
        }
        Ok(())
    }
}

/// Creates a reference to an object that holds `number`.
fn holder(mut store: impl AsContextMut, kind: Kind, number: u32) -> wasmtime::Result<Val> {
    let engine = store.as_context().engine().clone();
    let field = FieldType::new(Mutability::Const, StorageType::ValType(ValType::I32));
    let value = Val::I32(number.cast_signed());
    Ok(match kind {
        Kind::Any | Kind::Eq => {
            let kinds = [Kind::I31, Kind::Struct, Kind::Array];
            holder(store, kinds[number as usize / 8 % 3], number)?
        }
        Kind::Struct => {
            let pre = StructRefPre::new(&mut store, StructType::new(&engine, [field])?);
            StructRef::new(store, &pre, &[value])?.into()
        }
        Kind::Array => {
            let pre = ArrayRefPre::new(&mut store, ArrayType::new(&engine, field));
            ArrayRef::new(store, &pre, &value, 1)?.into()
        }
        Kind::Exn => {
            let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
            let tag = Tag::new(&mut store, &ty)?;
            let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty)?);
            ExnRef::new(store, &pre, &tag, &[value])?.into()
        }
        _ => AnyRef::from_i31(store, I31::wrapping_u32(number)).into(),
    })
}

/// The number in an object that [`holder`] creates.
fn held(mut store: impl AsContextMut, reference: Rooted<AnyRef>) -> u32 {
    if let Ok(Some(number)) = reference.as_i31(&store) {
        number.get_u32()
    } else if let Ok(Some(fields)) = reference.as_struct(&store) {
        number(&fields.field(&mut store, 0))
    } else if let Ok(Some(array)) = reference.as_array(&store) {
        number(&array.get(&mut store, 0))
    } else {
        UNKNOWN
    }
}

fn number(value: &wasmtime::Result<Val>) -> u32 {
    match value {
        Ok(Val::I32(number)) => number.cast_unsigned(),
        _ => UNKNOWN,
    }
}
