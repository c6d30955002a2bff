//! `cargo bench -p host-benches --bench compile` measures the compile time and the size of five
//! hundred annotated functions. It prints the ratios to the same functions written by hand,
//! measured in the same run. Incremental compilation is off.

use std::{
    fs::{self, FileTimes},
    path::Path,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, ensure};
use host_benches::median;

const ROUNDS: usize = 5;

fn main() -> Result<()> {
    for profile in ["dev", "release"] {
        // Build the dependencies of both crates first.
        build(profile, "annotated")?;
        build(profile, "by-hand")?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let here = build(profile, "annotated")?.as_secs_f64();
            let there = build(profile, "by-hand")?.as_secs_f64();
            rounds.push((here, there));
        }
        println!(
            "compile 500 functions, {profile:<8} {:>5.1} s {:>5.1} s {:>6.2}     1.00",
            median(&rounds, |&(here, _)| here),
            median(&rounds, |&(_, there)| there),
            median(&rounds, |(here, there)| here / there),
        );
    }
    let (here, there) = (size("annotated")?, size("by-hand")?);
    println!(
        "a function in a release binary    {here:>5.0} B {there:>5.0} B {:>6.2}     1.00",
        here / there
    );
    Ok(())
}

/// The size in bytes of one of the five hundred functions in a program without symbols.
fn size(side: &str) -> Result<f64> {
    let bytes = program(side, &[])?.checked_sub(program(side, &["--features", "none"])?);
    #[allow(clippy::cast_precision_loss, reason = "programs are small")]
    Ok(bytes.context("functions take room")? as f64 / 500.0)
}

fn program(side: &str, features: &[&str]) -> Result<u64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = format!("bench-compile-{side}");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "-p", &package, "--bins"])
        .args(features)
        .current_dir(root)
        .env("CARGO_INCREMENTAL", "0")
        .status()?;
    ensure!(status.success(), "{package} does not compile");
    let built = root.join("../target/release").join(&package);
    let stripped = built.with_extension("stripped");
    let status = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(&built)
        .status()?;
    ensure!(status.success(), "{package} cannot be stripped");
    Ok(fs::metadata(stripped)?.len())
}

/// Measures how long Cargo takes to compile one of the two crates again.
fn build(profile: &str, side: &str) -> Result<Duration> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join(format!("compile/{side}/src/lib.rs"));
    let now = FileTimes::new().set_modified(SystemTime::now());
    fs::File::options()
        .append(true)
        .open(source)?
        .set_times(now)?;
    let package = format!("bench-compile-{side}");
    let start = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", profile, "-p", &package])
        .current_dir(root)
        .env("CARGO_INCREMENTAL", "0")
        .status()?;
    ensure!(status.success(), "{package} does not compile");
    Ok(start.elapsed())
}
