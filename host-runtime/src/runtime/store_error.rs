//! Errors of an embedder that mixes up stores.

/// Something was used with another store than its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongStoreError {
    /// An exported function, or a joined instance, was used with another instance than its own.
    #[error(
        "the function belongs to another instance than the one that it is called with; call it \
         with the instance that it was taken from"
    )]
    OtherInstance,
    /// The store of an instance was replaced by another one.
    #[error(
        "the store of the instance was replaced by another one, through `Instance::store_mut`; put \
         its own store back"
    )]
    Replaced,
    /// An [`Extern`](wasmtime::Extern) was provided that belongs to another store.
    #[error(
        "what is provided as {import} belongs to another store; provide something of the store \
         that the guest joins, which `Instance::provided` and `Instance::raw` give"
    )]
    ProvidedImport {
        /// The import that it was provided for.
        import: String,
    },
}
