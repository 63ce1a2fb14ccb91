//! `cargo xtask run`: from a clone to a server that one can open in a browser.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{app, sh};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where to listen on this machine
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the server keeps what it must not lose [default: data/ in the repository]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Do not fill an empty database with the demonstration district
    #[arg(long)]
    no_demo: bool,
    /// Optimise server and app as for real use (takes minutes)
    #[arg(long)]
    release: bool,
    /// A PostgreSQL database instead of the embedded one, as postgres://…
    #[arg(long, value_name = "URL")]
    db: Option<String>,
}

pub(crate) fn run(options: Options) -> Result<()> {
    let server = build(options.release)?;
    let app = app::build(app::Profile::release_if(options.release))?;

    let mut serve = sh::command(server);
    serve.current_dir(std::env::current_dir()?);
    serve.args(["serve", "--listen", &format!("127.0.0.1:{}", options.port)]);
    serve.arg("--data").arg(options.data.unwrap_or_else(|| sh::root().join("data")));
    serve.arg("--app").arg(app);
    if !options.no_demo {
        serve.arg("--demo");
    }
    if let Some(url) = options.db {
        serve.args(["--database-url", &url]);
    }
    become_server(&mut serve)
}

fn build(release: bool) -> Result<PathBuf> {
    // With the example that the app's build asks for next: one call, one set of features.
    let mut cargo = sh::cargo_native("build");
    cargo.args(["--bin", "lianxin-server", "--example", "view_data"]);
    if release {
        cargo.arg("--release");
    }
    sh::run(&mut cargo)?;
    Ok(server_binary(release))
}

pub(crate) fn server_binary(release: bool) -> PathBuf {
    sh::target().join(if release { "release" } else { "debug" }).join("lianxin-server")
}

/// Takes this process's place, so that Ctrl-C and SIGTERM reach the server itself and it stops gracefully.
#[cfg(unix)]
fn become_server(serve: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(anyhow::Error::from(serve.exec()).context("cannot start the server"))
}

#[cfg(not(unix))]
fn become_server(serve: &mut Command) -> Result<()> {
    sh::run(serve)
}
