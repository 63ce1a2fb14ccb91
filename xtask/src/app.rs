//! The phone app: the engine, its glue, what the forms are made of, and the view around them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::{sh, wasm};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For the inner loop: seconds to build, larger to download.
    Quick,
    /// As phones get it.
    Release,
}

impl Profile {
    pub(crate) fn release_if(release: bool) -> Self {
        if release { Self::Release } else { Self::Quick }
    }

    fn cargo(self) -> &'static str {
        match self {
            Self::Quick => "wasm-dev",
            Self::Release => "wasm",
        }
    }

    /// Two folders, so that measuring a release does not disturb a server that runs.
    fn folder(self) -> PathBuf {
        sh::target().join(match self {
            Self::Quick => "app",
            Self::Release => "app-release",
        })
    }
}

/// Builds what changed and returns the folder to serve.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    prepare(profile)?;
    let out = profile.folder();
    let mut bundle = sh::command("node");
    bundle.arg(sh::view().join("build.mjs")).arg("--out").arg(&out);
    if profile == Profile::Release {
        bundle.arg("--release");
    }
    sh::run(&mut bundle)?;
    Ok(out)
}

/// Everything that the view imports, so that it can be bundled or its types checked.
pub(crate) fn prepare(profile: Profile) -> Result<()> {
    install_node_modules()?;
    write_view_data()?;
    build_engine(profile)
}

/// Where the view finds what is made from Rust.
fn generated() -> PathBuf {
    sh::view().join("generated")
}

pub(crate) fn install_node_modules() -> Result<()> {
    let lock = fs::read_to_string(sh::view().join("package-lock.json"))?;
    let installed = sh::view().join("node_modules/.installed-package-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    if sh::probe(sh::command("npm").arg("--version")).is_none() {
        bail!("Node 20 or newer, with npm, is needed to build the app's view: please install it, then run this again");
    }
    sh::say("installing the view's build tools (npm ci)");
    sh::run(sh::command("npm").current_dir(sh::view()).args(["ci", "--loglevel", "error"]))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// The schema and the code lists, for the forms, and the words of each language.
fn write_view_data() -> Result<()> {
    sh::run(sh::cargo_native("build").args(["-q", "--example", "view_data"]))?;
    let json = sh::output(&mut sh::command(sh::target().join("debug/examples/view_data")))?;
    let parts: Map<String, Value> = serde_json::from_str(&json).context("what the example view_data prints")?;
    for (name, part) in parts {
        sh::write_if_changed(&generated().join(format!("{name}.json")), &part.to_string())?;
    }
    Ok(())
}

fn build_engine(profile: Profile) -> Result<()> {
    let toolchain = wasm::Toolchain::obtain()?;
    let mut cargo = match profile {
        Profile::Quick => toolchain.cargo("build"),
        Profile::Release => toolchain.smallest()?,
    };
    sh::run(cargo.args(["--profile", profile.cargo()]))?;
    make_glue(&wasm::engine(profile.cargo()))
}

/// Makes `engine.js`, `engine.d.ts` and `engine_bg.wasm`, unless they are of this very engine.
fn make_glue(engine: &Path) -> Result<()> {
    let stamp = generated().join("made-from");
    let made_from = identity(engine)?;
    if fs::read_to_string(&stamp).is_ok_and(|text| text == made_from) {
        return Ok(());
    }
    let tool = sh::target().join("debug/xtask-glue");
    if !tool.exists() {
        sh::say("compiling the tool that makes the engine's JavaScript glue, once (about a minute)");
    }
    sh::run(sh::cargo("build").args(["-q", "-p", "xtask-glue"]))?;
    // Gone while the work is half done, so that an interrupted run is repeated.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    sh::run(sh::command(tool).arg(engine).arg(generated()))?;
    fs::write(stamp, made_from)?;
    Ok(())
}

fn identity(file: &Path) -> Result<String> {
    let metadata = fs::metadata(file).with_context(|| format!("cargo did not leave {}", file.display()))?;
    let written_ns = metadata.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} {} {written_ns}", file.display(), metadata.len()))
}
