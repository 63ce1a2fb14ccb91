//! `cargo xtask sim --seeds 0..10000`: as many worlds as one has time for, optimised.

use std::{ops::Range, process::ExitCode, time::Instant};

use lianxin_tests::world::{
    self, Flaw,
    batch::run_all,
    fault::{Fault, Faults},
};

fn main() -> ExitCode {
    let (seeds, faults) = match wanted(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(why) => {
            let names: Vec<&str> = Fault::ALL.into_iter().map(Fault::name).collect();
            eprintln!("{why}\nusage: cargo xtask sim --seeds A..B [--faults LIST]\nfaults: {}", names.join(","));
            return ExitCode::FAILURE;
        }
    };
    let start = Instant::now();
    match run_all(seeds.clone(), &faults) {
        Ok(tally) => {
            print!("{tally}");
            let worlds = seeds.end.saturating_sub(seeds.start);
            println!("{worlds} worlds ({seeds:?}): all rules held; {:.0} s", start.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(broken) => {
            println!("shrinking seed {}: {}", broken.plan.seed, broken.what);
            println!("{}", world::shrink(broken, Flaw::None));
            ExitCode::FAILURE
        }
    }
}

fn wanted(args: impl Iterator<Item = String>) -> Result<(Range<u64>, Faults), String> {
    let args: Vec<String> = args.collect();
    let (mut seeds, mut faults) = (None, Faults::all());
    for option in args.chunks(2) {
        match option {
            [name, range] if name == "--seeds" => seeds = Some(parsed(range)?),
            [name, list] if name == "--faults" => {
                faults = Faults::parse(list).map_err(|name| format!("there is no fault {name:?}"))?;
            }
            other => return Err(format!("not understood: {}", other.join(" "))),
        }
    }
    Ok((seeds.ok_or("which seeds?")?, faults))
}

fn parsed(range: &str) -> Result<Range<u64>, String> {
    let seeds = range.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    seeds.ok_or_else(|| format!("not a range of seeds: {range}"))
}
