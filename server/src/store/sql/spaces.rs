//! The spaces as they were read last: every exchange asks for all of them, and they hardly ever change.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lianxin_shared::rights::{Space, SpaceKind};

/// How long a space that another process has made may stay unseen; one made here is seen at once.
const KEPT: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Spaces(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// When it was read; `None` when it has to be looked again.
    read: Option<Instant>,
    known: Known,
    /// Counts what was made here: what was read before is not kept after.
    made: u64,
}

/// The spaces as they are known.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// By id.
    pub(super) all: Arc<[Space]>,
    /// Those that are no case's.
    pub(super) lasting: Arc<[Space]>,
    /// The number of the last change that they show.
    pub(super) change: i64,
}

/// What is to be read anew, from the change on that it shows.
#[derive(Debug)]
pub(super) struct Stale {
    pub(super) known: Known,
    made: u64,
}

impl Default for Known {
    fn default() -> Self {
        Self { all: Arc::default(), lasting: Arc::default(), change: -1 }
    }
}

impl Known {
    /// With these in their places.
    fn with(&self, changed: Vec<Space>, change: i64) -> Self {
        if changed.is_empty() {
            return Self { change, ..self.clone() };
        }
        let is_lasting = |space: &&Space| space.kind != SpaceKind::Case;
        let lasts = changed.iter().any(|space| is_lasting(&space));
        let mut all = Vec::with_capacity(self.all.len() + changed.len());
        let mut old = self.all.iter().peekable();
        for space in changed {
            while let Some(before) = old.next_if(|old| old.id < space.id) {
                all.push(before.clone());
            }
            old.next_if(|old| old.id == space.id);
            all.push(space);
        }
        all.extend(old.cloned());
        let lasting = match lasts {
            true => all.iter().filter(is_lasting).cloned().collect(),
            false => self.lasting.clone(),
        };
        Self { all: all.into(), lasting, change }
    }
}

impl Spaces {
    /// What is kept, or else what is to be given back with what is read now.
    pub(super) fn get(&self) -> Result<Known, Stale> {
        let kept = self.lock();
        match kept.read {
            Some(at) if at.elapsed() < KEPT => Ok(kept.known.clone()),
            _ => Err(Stale { known: kept.known.clone(), made: kept.made }),
        }
    }

    /// The spaces with those that have changed, by id, up to this change.
    pub(super) fn keep(&self, stale: Stale, changed: Vec<Space>, change: i64) -> Known {
        let known = stale.known.with(changed, change);
        let mut kept = self.lock();
        if kept.made == stale.made {
            kept.read = Some(Instant::now());
            kept.known = known.clone();
        }
        known
    }

    /// A space was made or named.
    pub(super) fn look_again(&self) {
        let mut kept = self.lock();
        kept.made += 1;
        kept.read = None;
    }

    /// The database was set back: what is known is of another past, and its changes are counted anew.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        *kept = Kept { made: kept.made + 1, ..Kept::default() };
    }

    /// These are new, or other than they were. So that a case that opens does not cost a look.
    pub(super) fn change(&self, mut changed: Vec<Space>) {
        let mut kept = self.lock();
        kept.made += 1;
        if kept.read.is_some() {
            changed.sort_unstable_by_key(|space| space.id);
            let change = kept.known.change;
            kept.known = kept.known.with(changed, change);
        }
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

    fn names(spaces: &Spaces) -> Option<String> {
        spaces.get().ok().map(|known| known.all.iter().map(|space| space.name.clone()).collect())
    }

    #[test]
    fn what_changed_takes_its_place_and_a_reading_that_began_before_is_not_kept() {
        let spaces = Spaces::default();
        spaces.change(vec![space(7, "nobody has read them yet")]);
        let (stale, late) = (spaces.get().unwrap_err(), spaces.get().unwrap_err());
        spaces.keep(stale, vec![space(2, "b"), space(5, "e")], 1);
        spaces.change(vec![space(9, "i"), space(5, "E"), space(3, "c")]);
        assert_eq!(names(&spaces), Some("bcEi".into()));
        spaces.keep(late, vec![space(2, "stale")], 1);
        assert_eq!(names(&spaces), Some("bcEi".into()));
    }

    #[test]
    fn what_was_read_before_a_space_was_made_is_not_kept() {
        let spaces = Spaces::default();
        let stale = spaces.get().unwrap_err();
        assert_eq!(stale.known.change, -1, "everything is read first");
        spaces.keep(stale, vec![space(2, "b")], 4);
        assert_eq!(names(&spaces), Some("b".into()));
        spaces.look_again();
        let stale = spaces.get().unwrap_err();
        assert_eq!(stale.known.change, 4, "then only what came after");
        spaces.look_again();
        assert_eq!(spaces.keep(stale, vec![space(3, "c")], 5).all.len(), 2);
        assert!(spaces.get().is_err(), "it was read while the new one was being made");
    }

    #[test]
    fn spaces_of_cases_do_not_last() {
        let spaces = Spaces::default();
        let station = Space { kind: SpaceKind::Station, ..space(4, "d") };
        let known = spaces.keep(spaces.get().unwrap_err(), vec![space(2, "b"), station], 1);
        assert_eq!((known.all.len(), known.lasting.len()), (2, 1));
    }
}
