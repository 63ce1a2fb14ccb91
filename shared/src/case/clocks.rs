//! The limits that run in a case.

use std::collections::BTreeMap;

use super::{
    Added,
    calendar::Date,
    rules::{Clock, Due},
};

/// The open limits, one of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clocks(BTreeMap<Clock, Due>);

impl Clocks {
    pub fn get(&self, clock: Clock) -> Option<Due> {
        self.0.get(&clock).copied()
    }

    pub fn all(&self) -> impl Iterator<Item = Due> {
        self.0.values().copied()
    }

    /// Whether a limit has passed on a day.
    pub fn is_over(&self, clock: Clock, today: Date) -> bool {
        self.get(clock).is_some_and(|due| due.on < today)
    }

    pub(super) fn enter(&mut self, added: &Added) {
        self.0.extend(added.dues.iter().map(|due| (due.clock, *due)));
    }

    pub(super) fn set(&mut self, due: Due) {
        self.0.insert(due.clock, due);
    }

    pub(super) fn stop(&mut self, clock: Clock) {
        self.0.remove(&clock);
    }

    pub(super) fn stop_all(&mut self) {
        self.0.clear();
    }
}
