//! When the next exchange is due. Pure: time is an argument.

use std::cell::Cell;

use crate::notify::Notify;

/// How much a wish for an exchange counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The person or the network changed something: no pause after a failure stands in its way.
    Now,
    /// Something waits to be sent or fetched. A pause that the server's trouble imposes is kept.
    At(i64),
}

/// Wishes become one moment; the sync loop sleeps until it and is woken when it changes.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    due_ms: Cell<Option<i64>>,
    not_before_ms: Cell<i64>,
    urgent: Cell<bool>,
    pub(crate) changed: Notify,
}

impl Schedule {
    pub(crate) fn ask(&self, wish: Wish) {
        let at = match wish {
            Wish::Now => {
                self.urgent.set(true);
                self.not_before_ms.set(i64::MIN);
                i64::MIN
            }
            Wish::At(at) => at.max(self.not_before_ms.get()),
        };
        self.due_ms.set(Some(self.due_ms.get().map_or(at, |due| due.min(at))));
        self.changed.raise();
    }

    pub(crate) fn due_ms(&self) -> Option<i64> {
        self.due_ms.get()
    }

    /// An exchange begins: wishes from now on are for the one after it.
    pub(crate) fn begin(&self) {
        self.due_ms.set(None);
        self.urgent.set(false);
    }

    /// It went well. Something may have been wished for meanwhile; otherwise the next one is at `next_ms`.
    pub(crate) fn succeeded(&self, next_ms: Option<i64>) {
        self.not_before_ms.set(i64::MIN);
        self.due_ms.set(self.due_ms.get().or(next_ms));
    }

    /// It failed and is tried again at `retry_ms`, unless someone asked urgently meanwhile. `keep`: what
    /// merely waits does not shorten the pause.
    pub(crate) fn failed(&self, retry_ms: Option<i64>, keep: bool) {
        if self.urgent.get() {
            return;
        }
        self.not_before_ms.set(retry_ms.filter(|_| keep).unwrap_or(i64::MIN));
        self.due_ms.set(retry_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_wish_counts() {
        let schedule = Schedule::default();
        schedule.ask(Wish::At(50));
        schedule.ask(Wish::At(80));
        assert_eq!(schedule.due_ms(), Some(50));
        schedule.ask(Wish::Now);
        assert!(schedule.due_ms().is_some_and(|due| due < 0));
    }

    #[test]
    fn a_wish_during_an_exchange_is_not_lost() {
        let schedule = Schedule::default();
        schedule.ask(Wish::At(0));
        schedule.begin();
        schedule.ask(Wish::At(30));
        schedule.succeeded(Some(1_000));
        assert_eq!(schedule.due_ms(), Some(30));
        schedule.begin();
        schedule.succeeded(Some(1_000));
        assert_eq!(schedule.due_ms(), Some(1_000));
    }

    #[test]
    fn edits_do_not_hammer_a_server_in_trouble_but_the_person_may() {
        let schedule = Schedule::default();
        schedule.begin();
        schedule.ask(Wish::At(10));
        schedule.failed(Some(500), true);
        schedule.ask(Wish::At(20));
        assert_eq!(schedule.due_ms(), Some(500));
        schedule.ask(Wish::Now);
        assert!(schedule.due_ms().is_some_and(|due| due < 0));
        schedule.begin();
        schedule.ask(Wish::Now);
        schedule.failed(Some(500), true);
        assert!(schedule.due_ms().is_some_and(|due| due < 0), "asked while the exchange failed");
    }
}
