//! Programs that come from the system's package manager.

use anyhow::{Context, Result};

use crate::sh;

/// Installs those of the Debian packages that are missing. `why` completes "… is needed for".
pub(crate) fn ensure_packages(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    sh::say(&format!("installing {list} with apt-get: needed for {why}"));
    apt_get(&["update", "-qq"])
        .and_then(|()| apt_get(&[&["install", "-y", "-qq", "--no-install-recommends"], &missing[..]].concat()))
        .with_context(|| format!("please install these packages yourself, then run this again: {list}"))
}

fn is_installed(package: &str) -> bool {
    sh::probe(sh::command("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

fn apt_get(args: &[&str]) -> Result<()> {
    let is_root = sh::probe(sh::command("id").arg("-u")).is_some_and(|id| id == "0");
    // `env` because sudo does not pass the variable on.
    let words = if is_root { &["env"][..] } else { &["sudo", "env"][..] };
    let (program, rest) = words.split_first().context("no program")?;
    sh::run(sh::command(program).args(rest).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args))
}
