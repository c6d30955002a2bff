//! Text in other formats than UTF-8 with a length.

use std::{
    ffi::{CStr, CString},
    fmt,
    ops::Deref,
};

use crate::{
    abi::GuestSize,
    call::{Call, deduct},
    convert::{FromGuest, slice::Slice},
    error::ValueError,
    memory,
};

/// A pointer to bytes that end with a NUL, by which C passes text.
impl<'a> FromGuest<'a> for &'a CStr {
    type Wasm = GuestSize;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest(pointer: GuestSize, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = {
            let limit = call.text_limit();
            call.memory()?.shared_until_nul(pointer, limit)?
        };
        Ok(CStr::from_bytes_until_nul(bytes)?)
    }
}

/// A copy of such text, within the call's copy budget.
impl FromGuest<'_> for CString {
    type Wasm = GuestSize;
    const MEMORY: bool = true;

    fn from_guest(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        if call.memory()?.is_shared() {
            return copy_shared(pointer, call);
        }
        let budget = call.budget();
        let limit = call.text_limit();
        let bytes = call.memory()?.view_until_nul(pointer, limit)?;
        let text = CStr::from_bytes_until_nul(bytes)?;
        let length = text.count_bytes() as u64;
        deduct(budget, length)?;
        let text = text.to_owned();
        call.charge(length)?;
        Ok(text)
    }
}

/// Copies the text piece by piece before it is read, because other threads may change it.
#[cold]
fn copy_shared(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<CString> {
    let mut text = Vec::new();
    let size = call.memory()?.size();
    let start = memory::position(pointer, size)?;
    let limit = call.text_limit();
    loop {
        deduct(call.budget(), text.len() as u64)?;
        let (end, at) = (text.len(), start + text.len());
        if at == size {
            return Err(ValueError::NoNul { pointer: pointer.0 }.into());
        }
        if end >= limit {
            let pointer = pointer.0;
            return Err(ValueError::TextTooLong { pointer, limit }.into());
        }
        text.resize(end + PIECE.min(size - at).min(limit - end), 0);
        call.memory()?.read(at.into(), &mut text[end..])?;
        if let Some(nul) = text[end..].iter().position(|byte| *byte == 0) {
            text.truncate(end + nul);
            call.charge(text.len() as u64)?;
            return Ok(CString::new(text)?);
        }
    }
}

/// The number of bytes that are copied at a time in the search for a NUL.
const PIECE: usize = 1024;

/// Text in UTF-16: a pointer and a length in 16-bit units, which need not be well-formed, as
/// JavaScript has it.
///
/// It prints with replacement characters if it is not well-formed.
///
/// ```
/// use host_runtime::{values::Utf16, wasm_import};
///
/// #[wasm_import]
/// fn log(text: Utf16<'_>) {
///     println!("{text}");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Utf16<'a>(pub &'a [u16]);

impl Utf16<'_> {
    /// The text, if it is well-formed.
    #[must_use]
    pub fn to_text(self) -> Option<String> {
        String::from_utf16(self.0).ok()
    }
}

impl fmt::Display for Utf16<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = char::decode_utf16(self.0.iter().copied());
        for character in characters {
            fmt::Write::write_char(f, character.unwrap_or(char::REPLACEMENT_CHARACTER))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Utf16<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl<'a> FromGuest<'a> for Utf16<'a> {
    type Wasm = (GuestSize, GuestSize);
    const MEMORY: bool = true;

    #[inline]
    fn from_guest(slice: (GuestSize, GuestSize), call: &mut Call<'a>) -> wasmtime::Result<Self> {
        <&[u16]>::from_guest(slice, call).map(Self)
    }
}

/// A string of AssemblyScript: a pointer to UTF-16 text whose length in bytes lies before it, in
/// the [header of the object](https://www.assemblyscript.org/runtime.html#memory-layout).
///
/// ```
/// use host_runtime::{values::AssemblyScriptStr, wasm_import};
///
/// #[wasm_import(name = "console.log")]
/// fn log(text: AssemblyScriptStr<'_>) {
///     println!("{text}");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AssemblyScriptStr<'a>(pub Utf16<'a>);

impl<'a> Deref for AssemblyScriptStr<'a> {
    type Target = Utf16<'a>;

    fn deref(&self) -> &Utf16<'a> {
        &self.0
    }
}

impl fmt::Display for AssemblyScriptStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AssemblyScriptStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many bytes the length of an AssemblyScript object takes, right before it.
const HEADER: u64 = 4;

impl AssemblyScriptStr<'_> {
    /// Reads the header: returns the pointer and the number of units.
    pub(super) fn extent(pointer: u32, call: &mut Call<'_>) -> wasmtime::Result<Slice> {
        let Some(header) = u64::from(pointer).checked_sub(HEADER) else {
            let expected = "a pointer to text after a header of 4 bytes";
            return Err(ValueError::invalid(pointer, "AssemblyScriptStr", expected).into());
        };
        let mut bytes = 0_u32;
        call.memory()?
            .read(GuestSize(header), bytemuck::bytes_of_mut(&mut bytes))?;
        Ok((pointer.into(), (bytes / 2).into()))
    }
}

impl<'a> FromGuest<'a> for AssemblyScriptStr<'a> {
    type Wasm = u32;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest(pointer: u32, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let slice = Self::extent(pointer, call)?;
        Utf16::from_guest(slice, call).map(Self)
    }
}
