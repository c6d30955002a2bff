//! Handles: numbers by which guests refer to values of the host.

use std::{any::type_name, collections::VecDeque, fmt, marker::PhantomData};

use crate::store::typed::Typed;

/// The number of bits of a handle that are the index into the table. The others are the generation
/// of the entry.
const INDEX_BITS: u32 = 20;
const MOST: usize = 1 << INDEX_BITS;
const GENERATIONS: u32 = 1 << (u32::BITS - INDEX_BITS);

/// A number by which a guest without reference types refers to a host value of type `T`.
///
/// The store's [`Handles`] look it up. A guest may pass any number. A number that is not a handle,
/// has another type, or whose value was removed, is an error. It never refers to another value.
///
/// ```
/// use host_runtime::{Handle, Handles, Runtime, errors::HandleError, imports, wasm_import};
///
/// struct File {
///     read: u32,
/// }
///
/// #[wasm_import(module = "fs")]
/// fn open(#[state] files: &mut Handles) -> Result<Handle<File>, HandleError> {
///     files.insert(File { read: 0 })
/// }
///
/// #[wasm_import(module = "fs")]
/// fn read(#[state] files: &mut Handles, file: Handle<File>) -> Result<u32, HandleError> {
///     let file = files.get_mut(file)?;
///     file.read += 1;
///     Ok(file.read)
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder()
///     .imports(imports![open, read])
///     .state_with(Handles::new)
///     .build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "fs" "open" (func $open (result i32)))
///     (import "fs" "read" (func $read (param i32) (result i32)))
///     (func (export "run") (result i32) (call $read (call $open)))
///     (export "read" (func $read)))"#)?;
/// assert_eq!(guest.call::<(), u32>("run", ())?, 1);
/// assert!(guest.call::<u32, u32>("read", 12345).unwrap_err().is::<HandleError>());
/// # Ok(())
/// # }
/// ```
pub struct Handle<T> {
    number: u32,
    ty: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    fn new(index: usize, generation: u32) -> Self {
        let index = u32::try_from(index).expect("an index is below `MOST`");
        Self {
            number: generation << INDEX_BITS | index,
            ty: PhantomData,
        }
    }

    /// Makes a handle of a number that a guest has, one that an export has returned for example.
    ///
    /// The number is not checked here: [`Handles`] checks it.
    ///
    /// ```
    /// use host_runtime::{Handle, Handles, errors::HandleError};
    ///
    /// let mut handles = Handles::new();
    /// let number = handles.insert("text".to_owned()).unwrap().number();
    /// assert_eq!(handles.get(Handle::<String>::from_number(number)).unwrap(), "text");
    /// let forged = Handle::<String>::from_number(12345);
    /// assert_eq!(handles.get(forged), Err(HandleError::Forged { number: 12345 }));
    /// ```
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        Self {
            number,
            ty: PhantomData,
        }
    }

    /// The number that guests have.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    fn index(self) -> usize {
        self.number as usize % MOST
    }

    fn generation(self) -> u32 {
        self.number >> INDEX_BITS
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T> Eq for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:#x})", self.number)
    }
}

/// The values to which guests have [`Handle`]s. It is host state; a store has one.
///
/// An entry is reused with another number after its value is removed, up to 4,095 times. After that
/// it stays empty until all 1,048,576 entries have been used as often. So no number refers to a
/// second value before 4.29 billion values have been inserted.
#[derive(Default)]
pub struct Handles {
    places: Vec<Place>,
    /// Empty entries that can be used again.
    free: Vec<usize>,
    /// Empty entries that have had all their numbers, the oldest first.
    used_up: VecDeque<usize>,
}

struct Place {
    /// Begins at 1, so that 0 is not a handle.
    generation: u32,
    value: Option<Typed>,
}

/// The guest passed a number that is not a handle of such a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// The number never was a handle.
    #[error("{number:#x} is not a handle that this host has issued")]
    Forged {
        /// What the guest passed.
        number: u32,
    },
    /// The value was removed.
    #[error("the value of handle {number:#x} was removed")]
    Stale {
        /// What the guest passed.
        number: u32,
    },
    /// The value has another type.
    #[error("handle {number:#x} is the handle of another type than `{wanted}`")]
    OtherType {
        /// What the guest passed.
        number: u32,
        /// The name of the Rust type that is expected.
        wanted: &'static str,
    },
    /// There are 1,048,576 values already.
    #[error("no more handles are available: the store has {MOST} values, which is the maximum")]
    Full,
}

impl Handles {
    /// Makes an empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts a value and returns its handle.
    ///
    /// # Errors
    ///
    /// [`HandleError::Full`].
    pub fn insert<T: Send + 'static>(&mut self, value: T) -> Result<Handle<T>, HandleError> {
        if let Some(index) = self.free.pop() {
            let place = &mut self.places[index];
            place.generation += 1;
            place.value = Some(Typed::new(value));
            return Ok(Handle::new(index, place.generation));
        }
        let place = Place {
            generation: 1,
            value: Some(Typed::new(value)),
        };
        let index = self.places.len();
        if index < MOST {
            self.places.push(place);
            return Ok(Handle::new(index, 1));
        }
        let index = self.used_up.pop_front().ok_or(HandleError::Full)?;
        self.places[index] = place;
        Ok(Handle::new(index, 1))
    }

    /// The value of a handle.
    ///
    /// # Errors
    ///
    /// [`HandleError`] if it is none.
    #[inline]
    pub fn get<T: 'static>(&self, handle: Handle<T>) -> Result<&T, HandleError> {
        let place = self.places.get(handle.index());
        let value = place
            .filter(|place| place.generation == handle.generation())
            .and_then(|place| place.value.as_ref()?.get());
        value.ok_or_else(|| self.with_call_context(handle))
    }

    /// The value of a handle, to change it.
    ///
    /// # Errors
    ///
    /// [`HandleError`] if it is none.
    #[inline]
    pub fn get_mut<T: 'static>(&mut self, handle: Handle<T>) -> Result<&mut T, HandleError> {
        // Checked first, because a returned borrow lasts until the end of the function.
        self.get(handle)?;
        let number = handle.number;
        let place = self.places.get_mut(handle.index());
        let value = place.and_then(|place| place.value.as_mut()?.get_mut());
        value.ok_or(HandleError::Stale { number })
    }

    /// Removes a value. Its handle is not valid any more.
    ///
    /// # Errors
    ///
    /// [`HandleError`] if it is none.
    pub fn remove<T: 'static>(&mut self, handle: Handle<T>) -> Result<T, HandleError> {
        self.get(handle)?;
        let place = &mut self.places[handle.index()];
        let value = place.value.take().and_then(Typed::into_value);
        if place.generation + 1 < GENERATIONS {
            self.free.push(handle.index());
        } else {
            self.used_up.push_back(handle.index());
        }
        let number = handle.number;
        value.ok_or(HandleError::Forged { number })
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places
            .iter()
            .filter(|place| place.value.is_some())
            .count()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[cold]
    fn with_call_context<T>(&self, handle: Handle<T>) -> HandleError {
        let number = handle.number;
        match self.places.get(handle.index()) {
            Some(place) if place.generation == handle.generation() => match place.value {
                Some(_) => HandleError::OtherType {
                    number,
                    wanted: type_name::<T>(),
                },
                None => HandleError::Stale { number },
            },
            Some(place) if (1..place.generation).contains(&handle.generation()) => {
                HandleError::Stale { number }
            }
            _ => HandleError::Forged { number },
        }
    }
}

impl fmt::Debug for Handles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handles")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A number as a guest may pass it.
    fn handle<T>(number: u32) -> Handle<T> {
        Handle {
            number,
            ty: PhantomData,
        }
    }

    proptest! {
        /// Whatever is inserted and removed, a handle gives its own value or none.
        #[test]
        fn a_handle_gives_its_own_value_or_an_error(
            steps in prop::collection::vec((any::<bool>(), 0..8_usize), 0..64),
        ) {
            let mut handles = Handles::new();
            let mut alive: Vec<(Handle<usize>, usize)> = Vec::new();
            let mut gone: Vec<Handle<usize>> = Vec::new();
            for (step, (insert, at)) in steps.into_iter().enumerate() {
                if insert || alive.is_empty() {
                    alive.push((handles.insert(step).unwrap(), step));
                } else {
                    let (handle, value) = alive.swap_remove(at % alive.len());
                    prop_assert_eq!(handles.remove(handle), Ok(value));
                    gone.push(handle);
                }
                for &(own, value) in &alive {
                    prop_assert_eq!(handles.get(own), Ok(&value));
                    let other = handles.get(handle::<String>(own.number));
                    let is_other = matches!(other, Err(HandleError::OtherType { .. }));
                    prop_assert!(is_other, "a wrong type");
                }
                for &stale in &gone {
                    let number = stale.number;
                    prop_assert_eq!(handles.get(stale), Err(HandleError::Stale { number }));
                }
                prop_assert_eq!(handles.len(), alive.len());
            }
        }

        /// No number that the table has not given stands for anything.
        #[test]
        fn a_forged_handle_is_an_error(number in any::<u32>()) {
            let mut handles = Handles::new();
            let own = handles.insert(7_u8).unwrap();
            prop_assume!(number != own.number);
            prop_assert_eq!(handles.get(handle::<u8>(number)), Err(HandleError::Forged { number }));
        }
    }

    #[test]
    fn a_full_table_reuses_a_place_whose_numbers_are_used_up() {
        let mut handles = Handles::new();
        let first = handles.insert(0).unwrap();
        for _ in 1..MOST {
            handles.insert(0).unwrap();
        }
        assert_eq!(handles.insert(0), Err(HandleError::Full));
        handles.places[first.index()].generation = GENERATIONS - 1;
        let last = Handle::<i32>::new(first.index(), GENERATIONS - 1);
        handles.remove(last).unwrap();
        assert_eq!(
            handles.get(last),
            Err(HandleError::Stale {
                number: last.number
            })
        );
        let again = handles.insert(1).unwrap();
        assert_eq!(again.index(), first.index());
        assert_eq!(handles.get(again), Ok(&1));
        assert!(handles.get(last).is_err());
    }

    #[test]
    fn a_place_whose_numbers_are_used_up_is_skipped() {
        let mut handles = Handles::new();
        let first = handles.insert(0).unwrap();
        handles.remove(first).unwrap();
        for value in 1..=5000 {
            let next = handles.insert(value).unwrap();
            assert_ne!(next, first);
            handles.remove(next).unwrap();
        }
        assert_eq!(handles.places.len(), 2);
        assert!(handles.is_empty());
    }
}
