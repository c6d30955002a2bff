//! The statistics that both benchmarks print.

/// The median of the values that `of` returns for the samples. For an even number of samples, it is
/// the greater of the two values in the middle.
#[must_use]
pub fn median<S>(samples: &[S], of: impl Fn(&S) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
