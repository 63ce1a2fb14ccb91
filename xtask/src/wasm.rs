//! The compiler for wasm32: rustup's, or Debian's where rustup cannot have the target.
//!
//! Debian packages the standard library for WASM as source only. It is built once into `target/wasm-sysroot`;
//! after that an ordinary cargo with Debian's rustc needs nothing unstable while one works. Only the engine as phones get it
//! ([`Toolchain::smallest`]) compiles the standard library along, for a sixth less to download.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{sh, system};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const SMALLEST_FLAGS: [&str; 5] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
    // The loop of SHA-256 as a loop: an eighth of the code.
    "--cfg=sha2_backend_soft=\"compact\"",
];
const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

pub(crate) enum Toolchain {
    /// The rustc of this build has the target.
    Own,
    Debian {
        sysroot: PathBuf,
    },
}

impl Toolchain {
    pub(crate) fn obtain() -> Result<Self> {
        if own_rustc_has_target() {
            return Ok(Self::Own);
        }
        let sysroot = sh::target().join("wasm-sysroot");
        if sysroot_is_current(&sysroot) {
            return Ok(Self::Debian { sysroot });
        }
        sh::say("getting the WASM target from rustup, for the app's engine");
        let added = sh::command("rustup").args(["target", "add", TARGET]).status();
        if added.is_ok_and(|status| status.success()) && own_rustc_has_target() {
            return Ok(Self::Own);
        }
        sh::say("rustup cannot have it here, so Debian's Rust builds the engine");
        system::ensure_packages(&DEBIAN_PACKAGES, "compiling the app's engine to WASM")?;
        sh::say("compiling Rust's standard library for WASM, once (about a minute)");
        build_sysroot(&sysroot)?;
        Ok(Self::Debian { sysroot })
    }

    /// Cargo on the engine's crate, for WASM.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = sh::cargo(subcommand);
        self.configure(&mut cargo);
        cargo
    }

    /// Cargo on the engine as phones get it: with a standard library that is compiled for size, and panics that stop
    /// at once instead of composing a message. (The worker reports the trap; `client-wasm/ARCHITECTURE.md` has the
    /// figures.) The released compiler does this only when it is told to trust its own unstable flags.
    pub(crate) fn smallest(&self) -> Result<Command> {
        let mut cargo = match self {
            Self::Own => {
                obtain_source()?;
                sh::cargo("build")
            }
            Self::Debian { .. } => {
                // Its own cargo: the two must be of one version to compile the standard library.
                let mut cargo = sh::command(DEBIAN_CARGO);
                cargo.arg("build").env("RUSTC", DEBIAN_RUSTC);
                cargo
            }
        };
        let mut flags = vec![remap(&cargo_home(), "/cargo"), remap(&sh::root(), "/lianxin")];
        flags.extend(SMALLEST_FLAGS.map(OsString::from));
        cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags.join(&OsString::from("\x1f")));
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        cargo.args(["-p", "lianxin-client-wasm", "--target", TARGET, "--target-dir"]).arg(target_dir());
        Ok(cargo)
    }

    pub(crate) fn clippy(&self) -> Result<Command> {
        let Self::Debian { .. } = self else { return Ok(self.cargo("clippy")) };
        system::ensure_packages(&["rust-web-clippy"], "clippy on the engine")?;
        // Called by its path, or rustup would start its own clippy, which cannot read what Debian's rustc wrote.
        let mut clippy = sh::command(DEBIAN_CLIPPY);
        clippy.arg("clippy");
        self.configure(&mut clippy);
        Ok(clippy)
    }

    fn configure(&self, cargo: &mut Command) {
        let mut flags = vec![remap(&cargo_home(), "/cargo"), remap(&sh::root(), "/lianxin")];
        if let Self::Debian { sysroot } = self {
            cargo.env("RUSTC", DEBIAN_RUSTC);
            flags.push(join("--sysroot=", sysroot));
        }
        // The encoded form, because folders may have spaces in their names.
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join(&OsString::from("\x1f")));
        cargo.args(["-p", "lianxin-client-wasm", "--target", TARGET, "--target-dir"]).arg(target_dir());
    }
}

/// Where cargo leaves the engine.
pub(crate) fn engine(profile: &str) -> PathBuf {
    target_dir().join(TARGET).join(profile).join("lianxin_client_wasm.wasm")
}

/// A folder of its own, since another rustc may be at work in it.
fn target_dir() -> PathBuf {
    sh::target().join("wasm")
}

fn own_rustc_has_target() -> bool {
    sh::probe(sh::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

/// The source of the standard library beside rustup's compiler.
fn obtain_source() -> Result<()> {
    let sysroot = sh::probe(sh::command("rustc").args(["--print", "sysroot"])).context("rustc does not start")?;
    if Path::new(&sysroot).join("lib/rustlib/src/rust/library").is_dir() {
        return Ok(());
    }
    sh::say("getting the source of Rust's standard library from rustup, to compile it for size");
    sh::run(sh::command("rustup").args(["component", "add", "rust-src"]))
}

/// Panics carry source paths: without the builder's folders the bytes are the same on every machine, and fewer.
fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = join("--remap-path-prefix=", from);
    flag.push("=");
    flag.push(to);
    flag
}

fn join(start: &str, end: &Path) -> OsString {
    let mut whole = OsString::from(start);
    whole.push(end);
    whole
}

fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).unwrap_or_else(|| {
        let home = std::env::var_os("HOME").unwrap_or_default();
        Path::new(&home).join(".cargo")
    })
}

/// What the sysroot was made by; written last, so it also says that the sysroot is complete.
fn stamp(sysroot: &Path) -> PathBuf {
    sysroot.join("made-by")
}

fn sysroot_is_current(sysroot: &Path) -> bool {
    let made_by = std::fs::read_to_string(stamp(sysroot)).ok();
    made_by.is_some() && made_by == debian_rustc_version()
}

fn debian_rustc_version() -> Option<String> {
    sh::probe(sh::command(DEBIAN_RUSTC).arg("-vV"))
}

fn build_sysroot(sysroot: &Path) -> Result<()> {
    let version = debian_rustc_version().context("Debian's rustc does not start: reinstall the package rustc-web")?;
    let work = sh::target().join("wasm-sysroot-build");
    sh::write_if_changed(
        &work.join("Cargo.toml"),
        "[package]\nname = \"std-build\"\nedition = \"2024\"\n\n[profile.release]\nopt-level = \"s\"\n\n[workspace]\n",
    )?;
    sh::write_if_changed(&work.join("src/lib.rs"), "")?;
    sh::run(
        sh::command(DEBIAN_CARGO)
            .current_dir(&work)
            .args(["build", "-q", "--release", "--target", TARGET])
            .args(["-Zbuild-std=std,panic_abort,panic_unwind,test", "-Zbuild-std-features=optimize_for_size"])
            .env("RUSTC", DEBIAN_RUSTC)
            // What lets the released compiler build its own standard library.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", work.join("target"))
            // Without bitcode fat LTO fails later.
            .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;

    if sysroot.exists() {
        std::fs::remove_dir_all(sysroot)?;
    }
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    std::fs::create_dir_all(&libraries)?;
    for entry in std::fs::read_dir(work.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstd_build-") {
            std::fs::copy(&path, libraries.join(name))?;
        }
    }
    std::fs::write(stamp(sysroot), version)?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}
