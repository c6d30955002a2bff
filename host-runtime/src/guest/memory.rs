//! Reads and writes the memory of a guest.

use std::ffi::CStr;

use crate::{
    abi::GuestSize,
    call::{Call, Direction, Releases},
    convert::{FromGuest, PlainData, slice},
    error::{NoMemoryError, ValueError},
    guest::Guest,
    memory::{self, Claims, GuestMemory, MemoryRef},
    store::{HostData, Limits},
};

impl Guest<'_> {
    /// Calls `work` with the guest's memory, to borrow slices of it.
    ///
    /// # Errors
    ///
    /// [`ValueError::NoMemory`].
    pub fn memory<R>(
        &mut self,
        work: impl FnOnce(&mut GuestMemory<'_>) -> R,
    ) -> Result<R, ValueError> {
        match self.access.memory() {
            Ok((memory, _)) => {
                let mut claims = Claims::default();
                Ok(work(&mut GuestMemory::new(memory, &mut claims)))
            }
            Err(reason) => Err(ValueError::NoMemory(*reason)),
        }
    }

    /// Writes bytes to the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// If the bytes do not fit into the memory there, or there is no memory.
    pub fn write(&mut self, pointer: impl Into<GuestSize>, bytes: &[u8]) -> Result<(), ValueError> {
        self.memory(|memory| memory.write(pointer.into(), bytes))?
    }

    /// Grows the guest's memory by so many pages. Returns its size in pages before that.
    ///
    /// # Errors
    ///
    /// If the limit of the memory or of the store is reached; [`ValueError::NoMemory`] if there is
    /// no memory.
    pub fn grow_memory(&mut self, pages: u64) -> anyhow::Result<u64> {
        Ok(self.access.grow(pages)?)
    }

    pub(crate) fn memory_and_host(
        &mut self,
    ) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        self.access.memory()
    }

    /// The bytes of the memory.
    fn bytes(&mut self) -> Result<&mut [u8], ValueError> {
        match self.access.memory() {
            Ok((memory, _)) => memory.bytes(),
            Err(reason) => Err(ValueError::NoMemory(*reason)),
        }
    }

    /// Borrows `length` bytes of the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::NoMemory`] if there is no memory, or if threads
    /// share it: then [`read_into`](Self::read_into) copies.
    pub fn read(
        &mut self,
        pointer: impl Into<GuestSize>,
        length: impl Into<GuestSize>,
    ) -> Result<&[u8], ValueError> {
        let memory = self.bytes()?;
        let range = memory::range(pointer.into(), length.into().0, memory.len())?;
        Ok(&memory[range])
    }

    /// Copies bytes of the guest's memory from `pointer` on to `target`.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::NoMemory`].
    pub fn read_into(
        &mut self,
        pointer: impl Into<GuestSize>,
        target: &mut [u8],
    ) -> Result<(), ValueError> {
        self.memory(|memory| memory.read(pointer.into(), target))?
    }

    /// Borrows text of the guest's memory: `length` bytes from `pointer` on.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); [`ValueError::Utf8`].
    pub fn read_str(
        &mut self,
        pointer: impl Into<GuestSize>,
        length: impl Into<GuestSize>,
    ) -> Result<&str, ValueError> {
        let pointer = pointer.into();
        let bytes = self.read(pointer, length)?;
        slice::utf8(bytes).ok_or_else(|| slice::not_utf8(bytes, pointer))
    }

    /// Borrows text of the guest's memory from `pointer` on, up to a NUL.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); [`ValueError::NoNul`]; [`ValueError::TextTooLong`] beyond
    /// [`HostData::text_limit`].
    pub fn read_c_str(&mut self, pointer: impl Into<GuestSize>) -> Result<&CStr, ValueError> {
        let GuestSize(pointer) = pointer.into();
        let limit = self.host().text_limit();
        let memory = self.bytes()?;
        let start = memory::position(pointer.into(), memory.len())?;
        let rest = &memory[start..];
        let looked_at = &rest[..rest.len().min(limit)];
        match CStr::from_bytes_until_nul(looked_at) {
            Ok(text) => Ok(text),
            Err(_) if looked_at.len() < rest.len() => {
                Err(ValueError::TextTooLong { pointer, limit })
            }
            Err(_) => Err(ValueError::NoNul { pointer }),
        }
    }

    /// Borrows `length` elements of the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); [`ValueError::Misaligned`].
    pub fn read_slice<T: PlainData>(
        &mut self,
        pointer: impl Into<GuestSize>,
        length: impl Into<GuestSize>,
    ) -> Result<&[T], ValueError> {
        let (pointer, length) = (pointer.into(), length.into());
        let bytes = slice::byte_length::<T>(length);
        let memory = self.bytes()?;
        let range = memory::range(pointer, bytes, memory.len())
            .map_err(|error| slice::of_elements::<T>(error, length))?;
        slice::cast(&memory[range]).ok_or_else(|| slice::misaligned::<T>(pointer))
    }

    /// Converts core values of the guest to a value that owns what it has, as for a parameter of a
    /// host function.
    ///
    /// ```
    /// use host_runtime::{Imports, Runtime, values::AssemblyScriptString};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(Imports::none()).build()?;
    /// let mut instance = runtime.instantiate(r#"(module
    ///     (memory (export "memory") 1)
    ///     (data (i32.const 0) "\06\00\00\00a\00b\00c\00"))"#)?;
    /// let AssemblyScriptString(text) = instance.guest().lift(4)?;
    /// assert_eq!(text, "abc");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error that a host function with such a parameter has.
    pub fn lift<T, W>(&mut self, wasm: W) -> anyhow::Result<T>
    where
        T: for<'a> FromGuest<'a, Wasm = W>,
    {
        let convert = |call: &mut Call<'_>| T::from_guest(wasm, call);
        Ok(self.with_memory(T::MEMORY, None, convert)?)
    }

    /// Converts a value with the memory of the guest. `releases` gets what is freed after that.
    pub(super) fn with_memory<R>(
        &mut self,
        uses_memory: bool,
        releases: Option<&mut Releases>,
        convert: impl FnOnce(&mut Call<'_>) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let address_type = self.address_type;
        let left = self.budget();
        let limits = Limits {
            copy_budget: left,
            ..self.host().limits()
        };
        let mut claims = Claims::default();
        let memory = if uses_memory {
            match self.access.memory() {
                Ok((memory, _)) => Some(GuestMemory::new(memory, &mut claims)),
                Err(reason) => return Err(ValueError::NoMemory(*reason).into()),
            }
        } else {
            None
        };
        let direction = releases.map_or(Direction::IntoHost, Direction::OutOfGuest);
        let mut call = Call::new(memory, address_type, limits, direction);
        let converted = convert(&mut call);
        let rest = call.budget();
        if rest != left {
            self.budget = Some(rest);
        }
        converted
    }

    /// Copies bytes within the guest's memory. The ranges may overlap.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::NoMemory`] if there is no memory, or if threads
    /// share it.
    pub fn copy_within(
        &mut self,
        from: impl Into<GuestSize>,
        to: impl Into<GuestSize>,
        length: impl Into<GuestSize>,
    ) -> Result<(), ValueError> {
        let length = length.into();
        let memory = self.bytes()?;
        let from = memory::range(from.into(), length.0, memory.len())?;
        let to = memory::range(to.into(), length.0, memory.len())?;
        memory.copy_within(from, to.start);
        Ok(())
    }

    /// The size of the guest's memory in bytes.
    ///
    /// # Errors
    ///
    /// [`ValueError::NoMemory`].
    pub fn memory_size(&mut self) -> Result<usize, ValueError> {
        self.memory(|memory| memory.size())
    }

    /// Grows the guest's memory to at least so many bytes. Does nothing if it has them already.
    ///
    /// # Errors
    ///
    /// Those of [`grow_memory`](Self::grow_memory).
    pub fn grow_to(&mut self, bytes: impl Into<GuestSize>) -> anyhow::Result<()> {
        let size = self.memory_size()? as u64;
        let missing = bytes.into().0.saturating_sub(size);
        if missing > 0 {
            let page = self.access.page_size()?;
            self.grow_memory(missing.div_ceil(page))?;
        }
        Ok(())
    }
}
