//! `cargo xtask sim --seeds 0..10000`: as many worlds as one has time for, optimised.

use std::{ops::Range, process::ExitCode};

use lianxin_tests::world::{self, Flaw, step::Plan};

fn main() -> ExitCode {
    let Some(seeds) = seeds(std::env::args().skip(1)) else {
        eprintln!("usage: cargo xtask sim --seeds A..B");
        return ExitCode::FAILURE;
    };
    let mut accepted = 0;
    for seed in seeds.clone() {
        match world::run(&Plan::from_seed(seed), Flaw::None) {
            Ok(outcomes) => accepted += outcomes.accepted,
            Err(broken) => {
                println!("{}", world::shrink(broken, Flaw::None));
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{seeds:?}: all rules held; {accepted} changes accepted");
    ExitCode::SUCCESS
}

fn seeds(mut args: impl Iterator<Item = String>) -> Option<Range<u64>> {
    match (args.next().as_deref(), args.next(), args.next()) {
        (Some("--seeds"), Some(range), None) => {
            let (from, to) = range.split_once("..")?;
            Some(from.parse().ok()?..to.parse().ok()?)
        }
        _ => None,
    }
}
