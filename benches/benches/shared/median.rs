//! What each benchmark prints of its samples.

/// The median of what `of` makes of the samples; of an even number of them the greater of the two
/// in the middle.
pub fn median<S>(samples: &[S], of: impl Fn(&S) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
