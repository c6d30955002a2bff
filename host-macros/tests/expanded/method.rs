#[wasm_import(module = "counter", rename_all = "camelCase")]
impl Counter {
    const STEP: i32 = 1;

    fn new() -> Self {
        Self(0)
    }

    /// Counts.
    fn count_up(&mut self, by: Option<&[i32; Self::LENGTH]>, #[state] other: &Other) {
        self.0 += Self::STEP;
    }

    #[wasm_import(skip)]
    fn value(&self) -> i32 {
        self.0
    }
}
