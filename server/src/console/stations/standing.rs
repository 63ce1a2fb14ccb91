//! How a station stands with the reception days of a month: what its rule asks for until yesterday, against what is on
//! record.

use lianxin_shared::case::{Date, reception::Reception};

use crate::console::{receptions::Lack, words::Words};

/// A reception day on record, as far as it counts.
pub(super) struct OnRecord {
    pub date: Date,
    pub cancelled: bool,
}

/// The reception days of a month at one station.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// By the rule, in all of the month.
    pub planned: usize,
    /// Those of them that have passed.
    pub due: usize,
    /// On record until today, but for those that were cancelled.
    pub held: usize,
    /// Cancelled with a reason, until today.
    pub cancelled: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Kept,
    /// So many are missing.
    Behind(usize),
    /// None has been due yet.
    NotYet,
    /// The month has none.
    Free,
    /// The rule does not tell.
    Untold(Lack),
}

impl Counted {
    pub(super) fn of(planned: &[Reception], on_record: impl Iterator<Item = OnRecord>, today: Date) -> Self {
        let due = planned.iter().filter(|reception| reception.date < today).count();
        let mut counted = Self { planned: planned.len(), due, ..Self::default() };
        for day in on_record.filter(|day| day.date <= today) {
            match day.cancelled {
                true => counted.cancelled += 1,
                false => counted.held += 1,
            }
        }
        counted
    }

    /// A day more or less than the rule says is the station's affair; that there were as many counts.
    pub(super) fn standing(self, lack: Option<Lack>) -> Standing {
        let met = self.held + self.cancelled;
        match lack {
            Some(lack) => Standing::Untold(lack),
            None if met < self.due => Standing::Behind(self.due - met),
            None if met > 0 => Standing::Kept,
            None if self.planned > 0 => Standing::NotYet,
            None => Standing::Free,
        }
    }
}

impl Standing {
    /// The name in styles.
    pub(super) fn key(self) -> &'static str {
        match self {
            Standing::Kept => "kept",
            Standing::Behind(_) => "behind",
            Standing::NotYet => "not_yet",
            Standing::Free => "free",
            Standing::Untold(Lack::Appointment) => "appointment",
            Standing::Untold(_) => "untold",
        }
    }

    pub(super) fn words(self, words: Words) -> String {
        match self {
            Standing::Kept => words.get("standing.kept").to_owned(),
            Standing::Behind(missing) => words.fill("standing.behind", &[("n", &missing.to_string())]),
            Standing::NotYet => words.get("standing.not_yet").to_owned(),
            Standing::Free => words.get("standing.free").to_owned(),
            Standing::Untold(lack) => lack.in_short(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn counted(planned: &[&str], on_record: &[(&str, bool)], today: &str) -> Counted {
        let planned: Vec<Reception> =
            planned.iter().map(|date| Reception { date: day(date), moved_from: None }).collect();
        let on_record = on_record.iter().map(|(date, cancelled)| OnRecord { date: day(date), cancelled: *cancelled });
        Counted::of(&planned, on_record, day(today))
    }

    #[test]
    fn what_was_held_or_cancelled_meets_what_was_due() {
        let three = ["2026-03-04", "2026-03-11", "2026-03-18"];
        let standing = |on_record: &[(&str, bool)], today| counted(&three, on_record, today).standing(None);
        assert_eq!(standing(&[], "2026-03-04"), Standing::NotYet, "today is not over");
        assert_eq!(standing(&[], "2026-03-05"), Standing::Behind(1));
        assert_eq!(standing(&[("2026-03-05", false)], "2026-03-05"), Standing::Kept, "a day later is not missing");
        assert_eq!(standing(&[("2026-03-04", true)], "2026-03-10"), Standing::Kept, "cancelled with a reason");
        assert_eq!(standing(&[("2026-03-04", false)], "2026-03-31"), Standing::Behind(2));
        // What is announced for a day to come is not held yet.
        assert_eq!(standing(&[("2026-03-18", false)], "2026-03-05"), Standing::Behind(1));
        assert_eq!(
            counted(&three, &[("2026-03-04", true), ("2026-03-11", false)], "2026-03-12"),
            Counted { planned: 3, due: 2, held: 1, cancelled: 1 }
        );
    }

    #[test]
    fn a_month_without_a_day_and_a_rule_that_does_not_tell_are_no_fault() {
        assert_eq!(counted(&[], &[], "2026-03-31").standing(None), Standing::Free);
        let held = counted(&[], &[("2026-03-04", false)], "2026-03-31");
        assert_eq!(held.standing(None), Standing::Kept);
        assert_eq!(held.standing(Some(Lack::Appointment)), Standing::Untold(Lack::Appointment));
    }
}
