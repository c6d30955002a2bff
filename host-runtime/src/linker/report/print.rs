//! Prints a link report.

use std::{fmt, ptr};

use crate::{
    linker::{
        AmbiguousImport, Import, LinkReport, LinkedFunction, Mismatch, MismatchRow, MissingImport,
        NearMiss, report::compare::is_same_but_for_style,
    },
    message::{self},
    registry::{HostFunction, HostGlobal, HostImport},
};

/// How many unused items are printed by name.
const UNUSED_SHOWN: usize = 10;

/// How many differences of each kind are printed.
const SHOWN: usize = 20;

impl fmt::Display for LinkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.module {
            Some(name) => write!(f, "the module `{}` ", message::escaped(name))?,
            None => f.write_str("the module ")?,
        }
        if self.is_ok() {
            match self.used.len() {
                1 => f.write_str("fits: 1 host function is used")?,
                used => write!(f, "fits: {used} host functions are used")?,
            }
        } else {
            f.write_str("does not fit the host:")?;
        }
        for missing in self.missing.iter().take(SHOWN) {
            write_missing(f, missing)?;
        }
        write_more(f, self.missing.len(), "imports are missing")?;
        for ambiguous in self.ambiguous.iter().take(SHOWN) {
            write_ambiguous(f, ambiguous)?;
        }
        write_more(f, self.ambiguous.len(), "imports are offered twice")?;
        for mismatch in self.mismatches.iter().take(SHOWN) {
            write_mismatch(f, mismatch)?;
        }
        write_more(f, self.mismatches.len(), "imports have another type")?;
        for (function, missing) in &self.missing_states {
            let (state, advice) = (message::rust_type(missing.state), missing.advice());
            let function = self.imported(function);
            write!(
                f,
                "\n  state `{state}` is missing: {function} needs it; {advice}"
            )?;
        }
        for &(function, state) in &self.doubled_states {
            let function = self.imported(function);
            write!(f, "\n  {}", DoubledState { function, state })?;
        }
        for &(function, wanted) in &self.wrong_callers {
            let (function, data) = (self.imported(function), self.data);
            write!(
                f,
                "\n  {}",
                WrongCaller {
                    function,
                    wanted,
                    data
                }
            )?;
        }
        self.write_unused(f)
    }
}

/// A function that borrows one state under two names for its type.
pub(in crate::linker) struct DoubledState {
    /// The import and the function.
    pub(in crate::linker) function: String,
    pub(in crate::linker) state: &'static str,
}

impl fmt::Display for DoubledState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (function, state) = (&self.function, message::rust_type(self.state));
        write!(
            f,
            "{function} borrows the state `{state}` twice, under two names of one type; write one \
             `#[state]` parameter"
        )
    }
}

/// A function that takes the `Caller` for other store data.
pub(in crate::linker) struct WrongCaller {
    /// The import and the function.
    pub(in crate::linker) function: String,
    pub(in crate::linker) wanted: &'static str,
    pub(in crate::linker) data: &'static str,
}

impl fmt::Display for WrongCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = &self.function;
        let (wanted, data) = (
            message::rust_type(self.wanted),
            message::rust_type(self.data),
        );
        write!(
            f,
            "{function} takes `Caller<'_, {wanted}>`, and the store's data is `{data}`"
        )
    }
}

fn write_missing(f: &mut fmt::Formatter<'_>, missing: &MissingImport) -> fmt::Result {
    let Import { module, name, ty } = &missing.import;
    let import = message::import(module, name);
    write!(f, "\n  {import} is missing, {ty}")?;
    for near in &missing.near {
        let NearMiss {
            item, module, name, ..
        } = near;
        if near.same_name {
            write!(f, "\n      there is a `{name}` in `{module}`: ")?;
        } else {
            let import = message::import(module, name);
            write!(f, "\n      there is {import}: ")?;
        }
        write!(f, "{} ({})", item.code(), item.location())?;
    }
    if let Some(near) = missing.near.first() {
        write_renaming(f, near, &missing.import)?;
    }
    if let Some(item) = missing.elsewhere {
        return write!(
            f,
            "\n      the program has it, but it is not in this set of imports: {} ({}); add it to \
             `imports![…]`, or leave `imports` out",
            item.code(),
            item.location()
        );
    }
    if is_wasi(module) {
        return f.write_str(
            "\n      it is a function of WASI; put these host functions into a `Linker` of your \
             own by `Imports::add_to_linker`, beside those of the crate `wasmtime-wasi`",
        );
    }
    if !missing.near.is_empty() {
        return Ok(());
    }
    let (shown_module, shown_name) = (message::escaped(module), message::escaped(name));
    let (module, name) = (&shown_module, &shown_name);
    if ty.starts_with("(func") {
        write!(
            f,
            "\n      write a function with `#[wasm_import(module = \"{module}\", name = \
             \"{name}\")]`, or {}",
            if cfg!(feature = "collect") {
                "name the crate that has it with `link!`"
            } else {
                "if there is one, list it in `imports![…]`, because the feature `collect` is off"
            }
        )
    } else if ty.starts_with("(global") {
        let item = if ty.contains("(mut") {
            "static"
        } else {
            "const"
        };
        write!(
            f,
            "\n      write a `{item}` with `#[wasm_import(module = \"{module}\", name = \
             \"{name}\")]`, or provide one with `Runtime::builder().provide(\"{module}\", \
             \"{name}\", …)`"
        )
    } else {
        let ty = memory_type(ty).unwrap_or_else(|| "…".to_owned());
        write!(
            f,
            "\n      provide one with `Runtime::builder().provide(\"{module}\", \"{name}\", {ty})`"
        )
    }
}

/// Prints an import for which two functions have patterns.
fn write_ambiguous(f: &mut fmt::Formatter<'_>, ambiguous: &AmbiguousImport) -> fmt::Result {
    let Import { module, name, .. } = &ambiguous.import;
    let import = message::import(module, name);
    write!(
        f,
        "\n  {import} is offered twice, by patterns that are equally specific:"
    )?;
    for (pattern, item) in &ambiguous.patterns {
        let (code, place) = (item.code(), item.location());
        write!(f, "\n      `{pattern}`: {code} ({place})")?;
    }
    f.write_str(
        "\n      write more of the name for the function that is meant, or leave one out with \
         `Imports::filter`",
    )
}

/// The change that makes an item the missing import.
fn write_renaming(f: &mut fmt::Formatter<'_>, near: &NearMiss, import: &Import) -> fmt::Result {
    let (module, name) = (
        message::escaped(&import.module),
        message::escaped(&import.name),
    );
    let item = near.item;
    let is_alias = !item.is_called(&near.module, &near.name);
    let has_several = item.names().nth(1).is_some();
    let other_module = near.module != import.module;
    // The attribute puts the prefix before the name.
    let rest = import.name.strip_prefix(item.prefix());
    f.write_str("\n      if that is meant, ")?;
    if is_alias || (has_several && (other_module || rest.is_none())) {
        return write!(
            f,
            "offer it as `\"{module}\", \"{name}\"` with `Imports::alias`"
        );
    }
    let (prefix, name) = match rest {
        Some(rest) => ("", message::escaped(rest)),
        None => ("prefix = \"\", ", name),
    };
    if has_several {
        return write!(f, "add `\"{name}\"` to the `names` of its attribute");
    }
    let mut arguments = Vec::new();
    if other_module {
        arguments.push(format!("module = \"{module}\""));
    }
    if !near.same_name {
        arguments.push(format!("{prefix}name = \"{name}\""));
    }
    let arguments = arguments.join(", ");
    write!(f, "add `{arguments}` to its attribute")?;
    if !near.same_name && is_same_but_for_style(&near.name, &import.name) {
        f.write_str(
            ", or add `rename_all` to the attribute of the group, because the names \
                             differ only in style",
        )?;
    }
    Ok(())
}

/// Prints how many items are not printed.
fn write_more(f: &mut fmt::Formatter<'_>, count: usize, what: &str) -> fmt::Result {
    match count.saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, "\n  and {more} more {what}"),
    }
}

/// Checks whether a module name is one of WASI's.
fn is_wasi(module: &str) -> bool {
    module.starts_with("wasi_") || module.starts_with("wasi:") || module == "wasi"
}

/// The expression for the type of an imported memory.
fn memory_type(ty: &str) -> Option<String> {
    let limits = ty.strip_prefix("(memory ")?.strip_suffix(')')?;
    let (new, limits) = match limits.strip_prefix("i64 ") {
        Some(limits) => ("new64", limits),
        None => ("new", limits),
    };
    let mut limits = limits.split(' ');
    let minimum: u64 = limits.next()?.parse().ok()?;
    let maximum = match limits.next() {
        None => "None".to_owned(),
        Some(maximum) => format!("Some({})", maximum.parse::<u64>().ok()?),
    };
    // A shared memory, or one with another page size, is made by other functions.
    limits
        .next()
        .is_none()
        .then(|| format!("MemoryType::{new}({minimum}, {maximum})"))
}

fn write_mismatch(f: &mut fmt::Formatter<'_>, mismatch: &Mismatch) -> fmt::Result {
    let Mismatch {
        item,
        import,
        pattern,
        host,
        rows,
        memory64,
    } = mismatch;
    if let Some(item) = item {
        write!(f, "\n  {}", item.imported_as(&import.module, &import.name))?;
        if let Some(pattern) = pattern {
            write!(f, ", by the pattern `{pattern}`,")?;
        }
    } else {
        let import = message::import(&import.module, &import.name);
        write!(
            f,
            "\n  {import}, provided with `Runtime::builder().provide(…)`,"
        )?;
    }
    write!(
        f,
        " has another type than the guest imports\
         \n      host:  {host}\
         \n      guest: {}",
        import.ty
    )?;
    if let Some(HostImport::Global(global)) = item {
        write_global_advice(f, global, &import.ty)?;
    }
    if let (None, Some(ty)) = (item, memory_type(&import.ty)) {
        write!(f, "\n      provide `{ty}`")?;
    }
    if *memory64 {
        f.write_str(
            "\n      its memory has 64-bit addresses, so pointers and lengths are i64 here",
        )?;
    }
    let wrong = rows.iter().filter(|row| !row.fits);
    for row in wrong.take(SHOWN) {
        let MismatchRow {
            rust, host, guest, ..
        } = row;
        if rust.is_empty() {
            write!(f, "\n      the guest passes {guest} more")?;
        } else {
            write!(
                f,
                "\n      `{rust}` is {host} here and {guest} in the guest"
            )?;
            if let Some(types) = rust_types(guest).filter(|_| is_one_value(host)) {
                write!(f, ": write {types}")?;
            } else if rust.ends_with(": &str") && is_one_of_two(host, guest) {
                f.write_str(": a pointer and a length; for NUL-terminated text write `&CStr`")?;
            }
        }
    }
    Ok(())
}

/// The Rust types for one value of this core type.
fn rust_types(core: &str) -> Option<&'static str> {
    match core {
        "i32" => Some("`i32` or `u32`"),
        "i64" => Some("`i64` or `u64`"),
        "f32" => Some("`f32`"),
        "f64" => Some("`f64`"),
        _ => None,
    }
}

/// Whether a type is one value.
fn is_one_value(core: &str) -> bool {
    !core.contains(' ') && core != "()"
}

/// Whether a guest passes a pointer where the host takes a pointer and a length.
fn is_one_of_two(host: &str, guest: &str) -> bool {
    host.split_once(' ') == Some((guest, guest))
}

/// The keyword to write in place of `const` or `static`, if only that is wrong.
fn write_global_advice(
    f: &mut fmt::Formatter<'_>,
    global: &HostGlobal,
    wanted: &str,
) -> fmt::Result {
    if !wanted.starts_with("(global") {
        return Ok(());
    }
    match (global.is_mutable(), wanted.contains("(mut")) {
        (false, true) => {
            f.write_str("\n      the guest changes it: write `static` instead of `const`")
        }
        (true, false) => {
            f.write_str("\n      it is constant in the guest: write `const` instead of `static`")
        }
        _ => Ok(()),
    }
}

impl LinkReport {
    /// Prints a host function, and the first import of it in the module.
    fn imported(&self, function: &HostFunction) -> String {
        let mut first = self.used.iter().map(|&index| &self.linked[index]);
        match first.find(|linked| ptr::eq(linked.function, function)) {
            Some(LinkedFunction { function, wanted }) => {
                let (module, name) = wanted.import(function);
                function.imported_as(module, name)
            }
            None => function.to_string(),
        }
    }

    fn write_unused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.unused_provided.is_empty() {
            f.write_str("\n  provided and not imported: ")?;
            write_names(f, self.unused_provided.iter().cloned())?;
        }
        if self.unused.is_empty() {
            return Ok(());
        }
        f.write_str("\n  offered and not used: ")?;
        let names = self.unused.iter();
        write_names(
            f,
            names.map(|item| message::import(item.module(), item.name())),
        )
    }
}

/// Prints the first names of a list, and how many more there are.
fn write_names(
    f: &mut fmt::Formatter<'_>,
    mut names: impl ExactSizeIterator<Item = String>,
) -> fmt::Result {
    message::list(f, names.by_ref().take(UNUSED_SHOWN), ", ", "")?;
    match names.len() {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
