//! `cargo xtask bench …`: measures the server's program, and prints a line of JSON per result.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lianxin_tests::bench::{console, devices, growth, merge, screen, wire};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(
    name = "cargo xtask bench",
    about = "Measure what the server and the exchange cost; one line of JSON per result"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bytes, round trips, connections and seconds of what people do, through a counting line
    Wire(wire::Options),
    /// Records per second and CPU of the server when many phones hand in at once, beside bare inserts
    Merge(merge::Options),
    /// Latencies, CPU and memory with thousands of phones that exchange every minute
    Devices(devices::Options),
    /// What an exchange costs with 1,000 to 1,000,000 stored records, and with old records
    Growth(growth::Options),
    /// What a person waits for on a slow phone, and the bytes of the app itself
    App(screen::Options),
    /// What the console's pages cost with 1,000,000 stored records, on both engines
    Console(console::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    // Whoever ends this ends the servers and databases that it has started: dropping the work stops them.
    let measured = tokio::select! {
        measured = measure(Cli::parse().command) => measured,
        () = told_to_stop() => Err(anyhow::anyhow!("told to stop")),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Wire(options) => wire::run(options).await,
        Command::Merge(options) => merge::run(options).await,
        Command::Devices(options) => devices::run(options).await,
        Command::Growth(options) => growth::run(options).await,
        Command::App(options) => screen::run(options).await,
        Command::Console(options) => console::run(options).await,
    }
}

async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
