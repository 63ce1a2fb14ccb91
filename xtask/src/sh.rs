//! Places in the tree, and starting other programs there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The selection of every native cargo call. One selection, one set of features: with changing `-p`, cargo would
/// build the same dependencies several times over. (The engine is for WASM only; the glue tool compiles for a minute.)
const NATIVE: [&str; 5] = ["--workspace", "--exclude", "lianxin-client-wasm", "--exclude", "xtask-glue"];

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

pub(crate) fn view() -> PathBuf {
    root().join("client-wasm/view")
}

pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // `cargo run` points it at rustup's libraries, which are none of the business of Debian's rustc.
    command.current_dir(root()).env_remove("LD_LIBRARY_PATH");
    command
}

pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(subcommand);
    cargo
}

/// Cargo on everything that is compiled for this machine.
pub(crate) fn cargo_native(subcommand: &str) -> Command {
    let mut cargo = cargo(subcommand);
    cargo.args(NATIVE);
    cargo
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("this failed ({status}): {}", describe(command));
    }
    Ok(())
}

/// Standard output of a program that has to succeed; what it complains about is shown.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        bail!("this failed ({}): {}", output.status, describe(command));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Standard output of a program that may be missing or may fail.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Writes only what changed: tools that look at modification times then have nothing to do.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// One plain line about a step that takes time.
pub(crate) fn say(line: &str) {
    eprintln!("xtask: {line}");
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
