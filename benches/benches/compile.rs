//! `cargo bench -p host-benches --bench compile`: how long five hundred annotated functions take to
//! compile, as a ratio to the same by hand in the same run. Without incremental compilation.

use std::{
    fs::{self, FileTimes},
    path::Path,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, ensure};

const ROUNDS: usize = 3;

fn main() -> Result<()> {
    for profile in ["dev", "release"] {
        // What both depend on is built first.
        build(profile, "annotated")?;
        build(profile, "by-hand")?;
        let (mut here, mut there) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            here = here.min(build(profile, "annotated")?);
            there = there.min(build(profile, "by-hand")?);
        }
        let ratio = here.as_secs_f64() / there.as_secs_f64();
        println!(
            "compile 500 functions, {profile:<8} {:>5.1} s {:>5.1} s {ratio:>6.2}     1.00",
            here.as_secs_f64(),
            there.as_secs_f64()
        );
    }
    Ok(())
}

/// How long Cargo takes to compile one of the two crates again.
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
