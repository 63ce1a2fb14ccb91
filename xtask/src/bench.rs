//! `cargo xtask bench …`: builds the server as for real use and the program that measures it, and runs that.

use anyhow::Result;

use crate::{app, serve, sh, suites};

/// The commands that measure PostgreSQL too.
const ON_POSTGRES: [&str; 2] = ["merge", "console"];

/// The command that measures the app as people get it.
const ON_A_PHONE: &str = "app";

pub(crate) fn bench(args: &[String]) -> Result<()> {
    sh::run(sh::cargo_native("build").args(["-q", "--release", "--bin", "lianxin-server", "--bin", "bench"]))?;
    let mut bench = sh::command(sh::target().join("release/bench"));
    bench.current_dir(std::env::current_dir()?).args(args).env("LIANXIN_SERVER_BIN", serve::server_binary(true));
    if args.first().is_some_and(|command| ON_POSTGRES.contains(&command.as_str())) {
        bench.env("LIANXIN_PG_BIN", suites::postgres()?);
    }
    if args.first().is_some_and(|command| command == ON_A_PHONE) {
        bench.env("LIANXIN_CHROMIUM", suites::chromium()?);
        bench.env("LIANXIN_APP_DIR", app::build(app::Profile::Release)?);
    }
    sh::run(&mut bench)
}
