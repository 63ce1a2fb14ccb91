//! `cargo xtask`: the only build entry point. Every command installs what it misses, so that a fresh clone needs
//! nothing but cargo, Node and a network.

mod app;
mod bench;
mod checks;
mod fuzz;
mod serve;
mod sh;
mod size;
mod suites;
mod system;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, run, check and test Lianxin")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and serve the app and the console on this machine
    Run(serve::Options),
    /// Build the phone app into target/app (with --release: target/app-release)
    App {
        /// As phones get it: optimised for size and compressed as far as it goes
        #[arg(long)]
        release: bool,
    },
    /// Run all test suites, or one
    Test(suites::Options),
    /// Run the simulator, optimised: `cargo xtask sim --seeds 0..1000`
    Sim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Fuzz the decoders, guided by coverage: `cargo xtask fuzz --minutes 10 change`
    Fuzz(fuzz::Options),
    /// Measure what exchanges and the server cost: `cargo xtask bench wire --workload FILE`
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Format Rust and the view
    Fmt {
        /// Change nothing, fail where something would change
        #[arg(long)]
        check: bool,
    },
    /// Clippy (native and WASM) and the view's types
    Lint,
    /// Print who writes, files and opens what into shared/RIGHTS.md, for a person to check
    Matrix,
    /// What a phone downloads at first load, against the budgets
    Size,
    /// What continuous integration runs: formatting, lints, all tests
    Ci,
}

fn main() -> ExitCode {
    match execute(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            sh::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<()> {
    match command {
        Command::Run(options) => serve::run(options),
        Command::App { release } => {
            let dir = app::build(app::Profile::release_if(release))?;
            println!("{}", dir.display());
            Ok(())
        }
        Command::Test(options) => suites::test(&options),
        Command::Sim { args } => {
            sh::run(sh::cargo("run").args(["-q", "--release", "-p", "lianxin-tests", "--bin", "sim", "--"]).args(args))
        }
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Bench { args } => bench::bench(&args),
        Command::Fmt { check } => checks::fmt(check),
        Command::Lint => checks::lint(),
        Command::Matrix => checks::matrix(),
        Command::Size => size::size(),
        Command::Ci => checks::ci(),
    }
}
