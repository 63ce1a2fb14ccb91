//! `cargo xtask fuzz`: libFuzzer on the targets of `tests/fuzz`, for so many minutes each.
//!
//! On the stable toolchain: what guides the fuzzer is LLVM's own coverage pass, which the stable compiler has and which
//! needs no sanitizer. Only the targets' crates are instrumented, in a target folder of their own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::sh;

/// Counters at every edge, and the operands of comparisons, so that the fuzzer finds magic numbers.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Bytes of an input that the fuzzer makes.
const INPUT_BYTES_MAX: usize = 16 * 1024;
/// An input that takes longer, in seconds, or a single allocation that is larger, in MiB, is a finding.
const INPUT_SECONDS_MAX: u32 = 5;
const ALLOCATION_MIB_MAX: u32 = 128;
const MEMORY_MIB_MAX: u32 = 1024;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The targets; without any, all of them
    targets: Vec<String>,
    /// How long each target is fuzzed
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Write the beginning of the corpus anew, and do nothing else
    #[arg(long)]
    seeds: bool,
    /// Keep in the committed corpus what reached something new, and do not fuzz
    #[arg(long)]
    keep: bool,
}

pub(crate) fn fuzz(options: &Options) -> Result<()> {
    if options.seeds {
        return sh::run(sh::cargo("run").args(["-q", "-p", "lianxin-fuzz", "--bin", "seeds"]));
    }
    let targets = if options.targets.is_empty() { all()? } else { options.targets.clone() };
    let mut found = Vec::new();
    for target in &targets {
        let program = build(target)?;
        let done = if options.keep { keep(&program, target) } else { run(&program, target, options.minutes) };
        if let Err(error) = done {
            sh::say(&format!("{error:#}"));
            found.push(target);
        }
    }
    if !found.is_empty() {
        bail!("something was found in {found:?}: the inputs are in {}", folder("found").display());
    }
    Ok(())
}

/// The target that needs the whole server; its program takes minutes to build.
const HTTP: &str = "http";

fn build(target: &str) -> Result<PathBuf> {
    let (package, program) = if target == HTTP { ("lianxin-tests", "fuzz-http") } else { ("lianxin-fuzz", "fuzz") };
    let host = host()?;
    let mut cargo = sh::cargo("build");
    // The host is named, so that build scripts and macros are not instrumented.
    cargo.args(["--target", &host, "--profile", "fuzz", "-p", package, "--features", "libfuzzer", "--bin", program]);
    cargo.env("CARGO_TARGET_DIR", folder("")).env("RUSTFLAGS", COVERAGE.join(" "));
    sh::run(&mut cargo)?;
    Ok(folder("").join(host).join("fuzz").join(program))
}

fn host() -> Result<String> {
    let version = sh::output(sh::command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}

fn run(program: &PathBuf, target: &str, minutes: f64) -> Result<()> {
    let (grown, found) = (folder("corpus").join(target), folder("found").join(target));
    let mut fuzzer = fuzzer(program, target)?;
    fuzzer
        .arg(format!("-max_total_time={}", (minutes * 60.0).ceil()))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args([format!("-max_len={INPUT_BYTES_MAX}"), format!("-timeout={INPUT_SECONDS_MAX}")])
        .args([format!("-malloc_limit_mb={ALLOCATION_MIB_MAX}"), format!("-rss_limit_mb={MEMORY_MIB_MAX}")])
        .args(["-print_final_stats=1", "-verbosity=0"])
        .args([&grown, &committed(target)]);
    sh::say(&format!("fuzzing {target} for {minutes} min"));
    sh::run(&mut fuzzer).with_context(|| format!("target {target}"))
}

fn keep(program: &PathBuf, target: &str) -> Result<()> {
    let mut fuzzer = fuzzer(program, target)?;
    sh::run(
        fuzzer
            .args(["-merge=1", "-verbosity=0", "-max_len=4096"])
            .args([&committed(target), &folder("corpus").join(target)]),
    )
}

fn fuzzer(program: &PathBuf, target: &str) -> Result<Command> {
    for purpose in ["corpus", "found", "tmp"] {
        fs::create_dir_all(folder(purpose).join(target))?;
    }
    let mut fuzzer = sh::command(program);
    fuzzer.env("LIANXIN_FUZZ_TARGET", target).env("TMPDIR", folder("tmp").join(target));
    Ok(fuzzer)
}

/// The targets: each has a folder in the committed corpus.
fn all() -> Result<Vec<String>> {
    let entries = fs::read_dir(sh::root().join("tests/fuzz/corpus"))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn committed(target: &str) -> PathBuf {
    sh::root().join("tests/fuzz/corpus").join(target)
}

fn folder(purpose: &str) -> PathBuf {
    sh::target().join("fuzz").join(purpose)
}
