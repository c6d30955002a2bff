//! Prints core types in the text format.

use wasmtime::{ExternType, GlobalType, HeapType, ValType};

/// How many characters of a type are printed.
const TYPE_SHOWN: usize = 400;

/// Cuts the text of a type that is too long to read.
pub(crate) fn shortened(ty: String) -> String {
    match ty.char_indices().nth(TYPE_SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &ty[..end], ty.len()),
        None => ty,
    }
}

/// Prints a value type in the text format, by its short name if it has one.
pub(crate) fn val_type(ty: &ValType) -> String {
    let short = match ty {
        ValType::Ref(ty) if ty.is_nullable() => match ty.heap_type() {
            HeapType::Func => Some("funcref"),
            HeapType::Extern => Some("externref"),
            HeapType::Any => Some("anyref"),
            HeapType::Exn => Some("exnref"),
            HeapType::Eq => Some("eqref"),
            HeapType::I31 => Some("i31ref"),
            HeapType::Struct => Some("structref"),
            HeapType::Array => Some("arrayref"),
            _ => None,
        },
        _ => None,
    };
    short.map_or_else(|| ty.to_string(), str::to_owned)
}

/// Prints a function type in the text format.
pub(crate) fn func_type(
    params: impl Iterator<Item = ValType>,
    results: impl Iterator<Item = ValType>,
) -> String {
    let clause = |keyword: &str, types: Vec<ValType>| {
        let types: Vec<_> = types.iter().map(val_type).collect();
        if types.is_empty() {
            String::new()
        } else {
            format!(" ({keyword} {})", types.join(" "))
        }
    };
    let (params, results) = (params.collect(), results.collect());
    format!(
        "(func{}{})",
        clause("param", params),
        clause("result", results)
    )
}

/// Prints the type of a global in the text format.
pub(crate) fn global_type(ty: &GlobalType) -> String {
    let content = val_type(ty.content());
    if ty.mutability().is_var() {
        format!("(global (mut {content}))")
    } else {
        format!("(global {content})")
    }
}

/// Prints the type of an import in the text format.
pub(crate) fn extern_type(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => func_type(ty.params(), ty.results()),
        ExternType::Global(ty) => global_type(ty),
        ExternType::Table(ty) => {
            let limits = limits(ty.is_64(), ty.minimum(), ty.maximum());
            format!(
                "(table {limits} {})",
                val_type(&ty.element().clone().into())
            )
        }
        ExternType::Memory(ty) => {
            let limits = limits(ty.is_64(), ty.minimum(), ty.maximum());
            let shared = if ty.is_shared() { " shared" } else { "" };
            let page = match ty.page_size() {
                PAGE => String::new(),
                size => format!(" (pagesize {size:#x})"),
            };
            format!("(memory {limits}{shared}{page})")
        }
        ExternType::Tag(ty) => format!("(tag {})", func_type(ty.ty().params(), ty.ty().results())),
    }
}

/// The default size of a page in bytes.
const PAGE: u64 = 0x1_0000;

fn limits(is_64: bool, minimum: u64, maximum: Option<u64>) -> String {
    let width = if is_64 { "i64 " } else { "" };
    let maximum = maximum.map_or(String::new(), |max| format!(" {max}"));
    format!("{width}{minimum}{maximum}")
}
