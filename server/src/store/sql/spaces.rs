//! The spaces as they were read last: every exchange asks for all of them, and they hardly ever change.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lianxin_shared::rights::Space;

/// How long a space that another process has made may stay unseen; one made here is seen at once.
const KEPT: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Spaces(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    read: Option<(Instant, Arc<[Space]>)>,
    /// Counts what was made here: what was read before is not kept after.
    made: u64,
}

impl Spaces {
    /// What is kept, or else the count to give back with what is read now.
    pub(super) fn get(&self) -> Result<Arc<[Space]>, u64> {
        let kept = self.lock();
        match &kept.read {
            Some((at, spaces)) if at.elapsed() < KEPT => Ok(spaces.clone()),
            _ => Err(kept.made),
        }
    }

    pub(super) fn keep(&self, made: u64, spaces: &Arc<[Space]>) {
        let mut kept = self.lock();
        if kept.made == made {
            kept.read = Some((Instant::now(), spaces.clone()));
        }
    }

    /// A space was made.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        kept.made += 1;
        kept.read = None;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_space_was_made_is_not_kept() {
        let spaces = Spaces::default();
        let made = spaces.get().unwrap_err();
        spaces.keep(made, &Arc::default());
        assert_eq!(spaces.get().map(|spaces| spaces.len()), Ok(0));
        spaces.forget();
        spaces.keep(made, &Arc::default());
        assert!(spaces.get().is_err(), "it was read while the new one was being made");
    }
}
