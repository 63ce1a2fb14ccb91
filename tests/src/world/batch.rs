//! Many worlds on all cores.

use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::{
    Broken, Flaw,
    fault::{Faults, Tally},
    run,
    step::Plan,
};

/// Runs the worlds of these seeds. After the first broken one no other is begun.
///
/// # Errors
/// Of the broken worlds the one with the lowest seed.
pub fn run_all(seeds: Range<u64>, faults: &Faults) -> Result<Tally, Box<Broken>> {
    let next = AtomicU64::new(seeds.start);
    let results = Mutex::new((Tally::default(), None::<Box<Broken>>));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let result = run(&Plan::with_faults(seed, faults), Flaw::None);
            let (tally, broken) = &mut *results.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(outcomes) => tally.add(&outcomes.tally),
                Err(found) => {
                    next.store(seeds.end, Ordering::Relaxed);
                    if broken.as_ref().is_none_or(|known| found.plan.seed < known.plan.seed) {
                        *broken = Some(found);
                    }
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let (tally, broken) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    broken.map_or(Ok(tally), Err)
}
