//! `cargo xtask test`: the unit tests, and each file of tests/tests as a suite of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::builder::BoolishValueParser;
use serde_json::Value;

use crate::{app, serve, sh, system};

/// Everything outside the crate lianxin-tests.
const UNIT: &str = "unit";
/// Cheap suites run first; suites that are not named here follow, the browser comes last.
const FIRST: [&str; 5] = [UNIT, "structure", "simulation", "store", "http"];
const BROWSER: &str = "browser";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// unit, or a file of tests/tests by its name; without it, all of them
    suite: Option<String>,
    /// Test with the app as phones get it
    #[arg(long, env = "LIANXIN_TEST_RELEASE_APP", value_parser = BoolishValueParser::new())]
    release_app: bool,
    /// For the test programs: a filter, --nocapture, …
    #[arg(last = true)]
    args: Vec<String>,
}

impl Options {
    pub(crate) fn all() -> Self {
        Self { suite: None, release_app: false, args: Vec::new() }
    }
}

pub(crate) fn test(options: &Options) -> Result<()> {
    let targets = test_targets()?;
    let suites = match &options.suite {
        Some(suite) if *suite == UNIT || targets.suites.contains(suite) => vec![suite.clone()],
        Some(suite) => bail!("there is no suite {suite:?}; there are: {UNIT}, {}", targets.suites.join(", ")),
        None => in_order(&targets.suites),
    };

    let mut environment: Vec<(&str, PathBuf)> = vec![("LIANXIN_SERVER_BIN", serve::server_binary(false))];
    let needs = |names: &[&str]| suites.iter().any(|suite| names.contains(&suite.as_str()));
    if needs(&["store", "http", "sealed"]) {
        environment.push(("LIANXIN_PG_BIN", postgres()?));
    }
    if needs(&["python"]) {
        python()?;
    }
    if needs(&[BROWSER]) {
        environment.push(("LIANXIN_CHROMIUM", chromium()?));
    }
    if needs(&["http", BROWSER]) {
        environment.push(("LIANXIN_APP_DIR", app::build(app::Profile::release_if(options.release_app))?));
    }

    // All at once, so that both cores are busy while there is something to compile.
    let mut build = sh::cargo_native("build");
    match suites.as_slice() {
        [suite] if suite == UNIT => build.args(["--lib", "--bins", "--examples"]),
        [suite] => build.args(["--bin", "lianxin-server", "--test", suite]),
        _ => build.args(["--bins", "--examples", "--tests"]),
    };
    sh::run(&mut build)?;

    for suite in &suites {
        for mut command in commands(suite, &targets) {
            if !options.args.is_empty() {
                command.arg("--").args(&options.args);
            }
            command.envs(environment.iter().map(|(name, path)| (name, path)));
            sh::run(&mut command).with_context(|| format!("suite {suite}"))?;
        }
    }
    Ok(())
}

fn commands(suite: &str, targets: &TestTargets) -> Vec<Command> {
    let with = |args: &[&str]| {
        let mut command = sh::cargo_native("test");
        command.args(args);
        command
    };
    if suite != UNIT {
        return vec![with(&["--test", suite])];
    }
    let mut unit = with(&["--lib", "--bins", "--examples"]);
    unit.args(targets.unit.iter().flat_map(|name| ["--test", name]));
    // What of the engine needs no browser.
    let mut engine = sh::cargo("test");
    engine.args(["--package", "lianxin-client-wasm", "--lib"]);
    vec![unit, with(&["--doc"]), engine]
}

fn in_order(suites: &[String]) -> Vec<String> {
    let rank = |name: &String| match FIRST.iter().position(|first| first == name) {
        Some(position) => position,
        None if name == BROWSER => usize::MAX,
        None => FIRST.len(),
    };
    let mut all = [&[UNIT.to_owned()], suites].concat();
    all.sort_by_key(rank);
    all
}

/// Names of the integration tests, as cargo sees them.
struct TestTargets {
    suites: Vec<String>,
    /// Those beside the code that they test.
    unit: Vec<String>,
}

fn test_targets() -> Result<TestTargets> {
    let metadata = sh::output(sh::cargo("metadata").args(["--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut found = TestTargets { suites: Vec::new(), unit: Vec::new() };
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let list = match package["name"].as_str() {
            Some("lianxin-tests") => &mut found.suites,
            Some("lianxin-client-wasm" | "xtask-glue") => continue,
            _ => &mut found.unit,
        };
        let targets = package["targets"].as_array().into_iter().flatten();
        let tests = targets.filter(|target| target["kind"][0] == "test");
        list.extend(tests.filter_map(|target| target["name"].as_str()).map(str::to_owned));
    }
    if let Some(name) = found.unit.iter().find(|name| found.suites.contains(name)) {
        bail!("two integration tests are called {name:?}: rename the one outside tests/, cargo runs them by name");
    }
    Ok(found)
}

/// The folder of PostgreSQL's own programs, which Debian keeps out of the PATH.
pub(crate) fn postgres() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("LIANXIN_PG_BIN") {
        return Ok(folder.into());
    }
    system::ensure_packages(&["postgresql"], "tests of the server on PostgreSQL")?;
    let versions = fs::read_dir("/usr/lib/postgresql").context("PostgreSQL's programs: set LIANXIN_PG_BIN")?;
    let folders =
        versions.flatten().map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    folders.max().context("no initdb below /usr/lib/postgresql: set LIANXIN_PG_BIN to its folder")
}

/// The second client needs the language alone, of whatever origin.
fn python() -> Result<()> {
    match sh::probe(sh::command("python3").arg("--version")) {
        Some(_) => Ok(()),
        None => system::ensure_packages(&["python3"], "the client in another language"),
    }
}

pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("LIANXIN_CHROMIUM") {
        return Ok(program.into());
    }
    // The font, because headless pages and screenshots would show Chinese as boxes.
    system::ensure_packages(&["chromium", "fonts-noto-cjk"], "tests in a real browser")?;
    Ok(Path::new("/usr/bin/chromium").to_path_buf())
}
