//! Whole worlds from seeds: phones, network, servers; loss, crashes, wrong clocks, lost rights.
//!
//! `LIANXIN_SEEDS=7..8 cargo xtask test simulation` replays seed 7 and prints what it did, shrunk.

use std::ops::Range;

use lianxin_tests::world::{
    self, Flaw, Outcomes,
    batch::run_all,
    fault::{Fault, Faults},
    step::Plan,
};

const SEEDS: Range<u64> = 0..200;

#[test]
fn every_world_comes_to_rest_with_nothing_lost_and_nobody_told_too_much() {
    let seeds = seeds_wanted();
    let tally = match run_all(seeds.clone(), &Faults::all()) {
        Ok(tally) => tally,
        Err(broken) => panic!("as it happened:\n{broken}\nshrunk:\n{}", world::shrink(broken.clone(), Flaw::None)),
    };
    println!("{seeds:?}\n{tally}");
    if seeds == SEEDS {
        for fault in Fault::ALL {
            assert!(tally.faults(fault) > 0, "{} never happened", fault.name());
        }
        let enough = [("changes accepted", 2_000), ("changes refused", 150), ("fields in conflict", 25)];
        for (event, min) in enough.into_iter().chain([("changes made anew", 5), ("apps updated", 1)]) {
            assert!(tally.count(event) > min, "{event}: worlds in which nothing happens prove nothing");
        }
    }
}

#[test]
fn one_seed_gives_identical_bytes() {
    for seed in [1, 2, 3, 4, 6] {
        let plan = Plan::from_seed(seed);
        assert_eq!(run(&plan), run(&plan), "seed {seed}");
    }
}

#[test]
fn a_world_may_have_only_some_faults() {
    let faults = Faults::parse("loss,clone").unwrap_or_else(|name| panic!("no fault {name}"));
    let mut tally = world::fault::Tally::default();
    (0..8).for_each(|seed| tally.add(&run(&Plan::with_faults(seed, &faults)).tally));
    for fault in Fault::ALL {
        assert_eq!(tally.faults(fault) > 0, faults.has(fault), "{}", fault.name());
    }
    assert_eq!(Faults::parse("loss,gremlins"), Err("gremlins".into()));
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
fn a_phone_that_forgets_what_it_could_not_read_is_caught() {
    assert_caught(Flaw::PhoneForgetsWhatItSkipped);
}

#[test]
fn a_phone_that_does_not_mend_taken_numbers_is_caught() {
    assert_caught(Flaw::PhoneDoesNotMend);
}

#[test]
fn a_phone_that_counts_slip_numbers_in_its_storage_alone_is_caught() {
    assert_caught(Flaw::PhoneCountsSlipsAlone);
}

#[test]
fn a_server_that_acknowledges_before_it_has_committed_is_caught() {
    assert_caught(Flaw::ServerAcknowledgesBeforeCommit);
}

#[test]
fn a_server_that_shows_everything_is_caught() {
    assert_caught(Flaw::ServerShowsEverything);
}

#[test]
fn a_server_that_appends_twice_what_comes_twice_is_caught() {
    assert_caught(Flaw::ServerAppendsTwice);
}

#[test]
fn a_server_that_takes_the_actors_word_for_who_writes_is_caught() {
    assert_caught(Flaw::ServerBelievesTheActor);
}

#[test]
fn a_server_that_accepts_any_author_is_caught() {
    assert_caught(Flaw::ServerAcceptsAnyAuthor);
}

#[test]
fn a_server_that_throws_away_what_it_refuses_is_caught() {
    assert_caught(Flaw::ServerThrowsAwayWhatItRefuses);
}

#[test]
fn a_server_that_does_not_say_that_it_was_restored_is_caught() {
    assert_caught(Flaw::ServerKeepsItsEpoch);
}

/// Among so many worlds a flaw shows; all of them pass without it.
const SEEDS_TO_CATCH: Range<u64> = 0..120;

fn assert_caught(flaw: Flaw) {
    let caught = SEEDS_TO_CATCH.clone().find_map(|seed| world::run(&Plan::from_seed(seed), flaw).err());
    let broken = caught.unwrap_or_else(|| panic!("{flaw:?} went unnoticed in {SEEDS_TO_CATCH:?}"));
    println!("{flaw:?} was noticed with seed {}: {}", broken.plan.seed, broken.what);
}

fn run(plan: &Plan) -> Outcomes {
    world::run(plan, Flaw::None).unwrap_or_else(|broken| panic!("{broken}"))
}

fn seeds_wanted() -> Range<u64> {
    let Ok(text) = std::env::var("LIANXIN_SEEDS") else { return SEEDS };
    let seeds = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    seeds.unwrap_or_else(|| panic!("LIANXIN_SEEDS is A..B"))
}
