//! Whole worlds from seeds: phones, network, server; loss, crashes, wrong clocks, lost rights.
//!
//! `LIANXIN_SEEDS=7..8 cargo xtask test simulation` replays seed 7 and prints what it did, shrunk.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    ops::Range,
    sync::Mutex,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use lianxin_tests::world::{self, Broken, Flaw, Outcomes, step::Plan};

const SEEDS: Range<u64> = 0..240;

#[test]
fn every_world_comes_to_rest_with_nothing_lost_and_nobody_told_too_much() {
    let seeds = seeds_wanted();
    let (mut outcomes, broken) = run_all(seeds.clone());
    if let Some(broken) = broken.into_iter().min_by_key(|broken| broken.plan.seed) {
        panic!("as it happened:\n{broken}\nshrunk:\n{}", world::shrink(broken.clone().into(), Flaw::None));
    }
    let (mut accepted, mut refused, mut conflicts) = (0, 0, 0);
    for world in outcomes.drain(..) {
        accepted += world.accepted;
        refused += world.refused;
        conflicts += world.conflicts;
    }
    println!("{seeds:?}: {accepted} changes accepted, {refused} refused, {conflicts} fields in conflict at the end");
    if seeds == SEEDS {
        assert!(accepted > 4_000 && refused > 400 && conflicts > 50, "worlds in which nothing happens prove nothing");
    }
}

#[test]
fn one_seed_gives_identical_bytes() {
    for seed in [1, 2, 3, 4, 5] {
        let plan = Plan::from_seed(seed);
        assert_eq!(run(&plan), run(&plan), "seed {seed}");
    }
}

#[test]
fn a_phone_that_believes_before_it_has_stored_is_caught() {
    assert_caught(Flaw::PhoneBelievesBeforeStoring);
}

#[test]
fn a_phone_whose_cursors_outrun_its_records_is_caught() {
    assert_caught(Flaw::PhoneStoresCursorsFirst);
}

#[test]
fn a_server_that_acknowledges_before_it_has_committed_is_caught() {
    assert_caught(Flaw::ServerAcknowledgesBeforeCommit);
}

#[test]
fn a_server_that_shows_everything_is_caught() {
    assert_caught(Flaw::ServerShowsEverything);
}

/// Among so many worlds a flaw shows; all of them pass without it.
const SEEDS_TO_CATCH: Range<u64> = 0..60;

fn assert_caught(flaw: Flaw) {
    let caught = SEEDS_TO_CATCH.clone().find_map(|seed| world::run(&Plan::from_seed(seed), flaw).err());
    let broken = caught.unwrap_or_else(|| panic!("{flaw:?} went unnoticed in {SEEDS_TO_CATCH:?}"));
    println!("{flaw:?} was noticed with seed {}: {}", broken.plan.seed, broken.what);
}

fn run(plan: &Plan) -> Outcomes {
    world::run(plan, Flaw::None).unwrap_or_else(|broken| panic!("{broken}"))
}

fn run_all(seeds: Range<u64>) -> (Vec<Outcomes>, Vec<Broken>) {
    let next = AtomicU64::new(seeds.start);
    let results = Mutex::new((Vec::new(), Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let result = world::run(&Plan::from_seed(seed), Flaw::None);
            let (outcomes, broken) = &mut *results.lock().unwrap();
            match result {
                Ok(outcome) => outcomes.push(outcome),
                Err(found) => broken.push(*found),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    results.into_inner().unwrap()
}

fn seeds_wanted() -> Range<u64> {
    let Ok(text) = std::env::var("LIANXIN_SEEDS") else { return SEEDS };
    let (from, to) = text.split_once("..").expect("LIANXIN_SEEDS is A..B");
    from.parse().expect("A of LIANXIN_SEEDS is a number")..to.parse().expect("B of LIANXIN_SEEDS is a number")
}
