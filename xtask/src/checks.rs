//! Formatting, lints, and what continuous integration runs.

use std::{process::Command, time::Instant};

use anyhow::{Context, Result};

use crate::{app, sh, suites, wasm};

pub(crate) fn fmt(check: bool) -> Result<()> {
    let mut rustfmt = sh::cargo("fmt");
    rustfmt.arg("--all");
    if check {
        rustfmt.arg("--check");
    }
    sh::run(&mut rustfmt).context("`cargo xtask fmt` mends the formatting")?;
    app::install_node_modules()?;
    npm(if check { "fmt:check" } else { "fmt" }).context("`cargo xtask fmt` mends the formatting")
}

pub(crate) fn lint() -> Result<()> {
    // The types of the engine's glue are part of what the view is checked against.
    app::prepare(app::Profile::Quick)?;
    npm("types")?;
    sh::run(sh::cargo_native("clippy").args(["--all-targets", "--", "-D", "warnings"]))?;
    sh::run(sh::cargo("clippy").args(["-p", "xtask-glue", "--", "-D", "warnings"]))?;
    let mut engine = wasm::Toolchain::obtain()?.clippy()?;
    sh::run(engine.args(["--profile", "wasm-dev", "--", "-D", "warnings"]))
}

/// Prints the rights where people read them; a test keeps the two together.
pub(crate) fn matrix() -> Result<()> {
    sh::run(sh::cargo_native("build").args(["-q", "--example", "rights_md"]))?;
    let page = sh::output(&mut Command::new(sh::root().join("target/debug/examples/rights_md")))?;
    sh::write_if_changed(&sh::root().join("shared/RIGHTS.md"), &page)
}

pub(crate) fn ci() -> Result<()> {
    step("dependencies as in Cargo.lock", || sh::run(sh::cargo("fetch").arg("--locked")))?;
    step("formatting", || fmt(true))?;
    step("lints", lint)?;
    step("tests", || suites::test(&suites::Options::all()))
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    sh::say(&format!("== {name}"));
    let start = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "good" } else { "FAILED" };
    sh::say(&format!("== {name}: {verdict} after {} s", start.elapsed().as_secs()));
    result
}

fn npm(script: &str) -> Result<()> {
    sh::run(sh::command("npm").current_dir(sh::view()).args(["run", "--silent", script]))
}
