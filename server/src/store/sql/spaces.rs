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

    /// These are new, or other than they were. So that a case that opens does not cost reading all others.
    pub(super) fn change(&self, changed: Vec<Space>) {
        let mut kept = self.lock();
        kept.made += 1;
        let Some((_, spaces)) = &mut kept.read else { return };
        let mut all = spaces.to_vec();
        for space in changed {
            match all.binary_search_by_key(&space.id, |known| known.id) {
                Ok(place) => all[place] = space,
                Err(place) => all.insert(place, space),
            }
        }
        *spaces = all.into();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use lianxin_shared::{
        id::{SpaceId, UnitCode},
        rights::SpaceKind,
    };

    use super::*;

    fn space(id: u32, name: &str) -> Space {
        let unit = UnitCode("520303108".into());
        Space { id: SpaceId(id), kind: SpaceKind::Case, unit, name: name.into(), parties: Vec::new() }
    }

    #[test]
    fn what_changed_takes_its_place_and_a_reading_that_began_before_is_not_kept() {
        let spaces = Spaces::default();
        spaces.change(vec![space(7, "nobody has read them yet")]);
        let made = spaces.get().unwrap_err();
        spaces.keep(made, &Arc::from([space(2, "b"), space(5, "e")]));
        spaces.change(vec![space(9, "i"), space(5, "E"), space(3, "c")]);
        let names = |spaces: &[Space]| spaces.iter().map(|space| space.name.clone()).collect::<String>();
        assert_eq!(spaces.get().map(|spaces| names(&spaces)), Ok("bcEi".into()));
        spaces.keep(made, &Arc::from([space(2, "stale")]));
        assert_eq!(spaces.get().map(|spaces| names(&spaces)), Ok("bcEi".into()));
    }

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
