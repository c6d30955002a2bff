//! Measures two versions of the same work side by side.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::Criterion;
use host_benches::median;

/// Measures both versions of each row, and prints the ratios at the end.
pub struct Table<'c> {
    criterion: &'c mut Criterion,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    /// The maximum ratio.
    at_most: f64,
    samples: Vec<Sample>,
}

/// The times of one Criterion sample, in seconds per iteration.
struct Sample {
    here: f64,
    by_hand: f64,
}

impl<'c> Table<'c> {
    /// An empty table.
    pub fn new(criterion: &'c mut Criterion) -> Self {
        let rows = Vec::new();
        Self { criterion, rows }
    }

    /// Measures one row. The two versions run alternately within each sample, because the speed of
    /// the machine can change by a factor of two within a second. Criterion gets the time of
    /// `here`.
    pub fn row<H, B>(
        &mut self,
        what: impl Into<String>,
        at_most: f64,
        mut here: impl FnMut() -> H,
        mut by_hand: impl FnMut() -> B,
    ) {
        let what = what.into();
        let mut samples = Vec::new();
        self.criterion.bench_function(&what, |bencher| {
            bencher.iter_custom(|iterations| {
                let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
                for _ in 0..iterations {
                    ours += time(&mut here);
                    theirs += time(&mut by_hand);
                }
                #[allow(clippy::cast_precision_loss, reason = "they are few")]
                let each = |total: Duration| total.as_secs_f64() / iterations as f64;
                samples.push(Sample {
                    here: each(ours),
                    by_hand: each(theirs),
                });
                ours
            });
        });
        self.rows.push(Row {
            what,
            at_most,
            samples,
        });
    }

    /// Prints the median time of each version, and the median ratio of the samples.
    pub fn print(&self) {
        println!(
            "\n{:<56} {:>12} {:>12} {:>6} {:>8}",
            "", "here", "by hand", "ratio", "at most"
        );
        for Row {
            what,
            at_most,
            samples,
        } in &self.rows
        {
            println!(
                "{what:<56} {:>9.2} µs {:>9.2} µs {:>6.2} {at_most:>8.2}",
                median(samples, |sample| sample.here * 1e6),
                median(samples, |sample| sample.by_hand * 1e6),
                median(samples, |sample| sample.here / sample.by_hand),
            );
        }
    }
}

/// Measures the time of `run`. Its result is dropped after the measurement.
fn time<R>(run: &mut impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    let result = black_box(run());
    let elapsed = start.elapsed();
    drop(result);
    elapsed
}
