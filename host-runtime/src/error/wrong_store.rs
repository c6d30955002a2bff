//! The error of using items with the wrong store.

/// An item was used with another store than its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongStoreError {
    /// An exported function, or an instance in the store of another one, was used with the wrong
    /// instance.
    #[error(
        "the function belongs to another instance; call it with the instance that it came from"
    )]
    OtherInstance,
    /// The store of an instance was replaced by another one.
    #[error(
        "the store of the instance was replaced through `Instance::store_mut`; put the original \
         store back"
    )]
    Replaced,
    /// A provided item belongs to another store.
    #[error(
        "what is provided as {import} belongs to another store; provide an item of the store that \
         the guest is instantiated in, from `Instance::provided` or `Instance::raw`"
    )]
    ProvidedImport {
        /// The import that it was provided for.
        import: String,
    },
}
