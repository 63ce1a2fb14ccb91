//! How long one waits after wrong passwords: a few slips are free, then it doubles.

use crate::store::Failures;

/// Wrong passwords in a row that cost nothing but the try.
const FREE_FAILURES: u32 = 3;
/// The wait after the first failure that is not free, in milliseconds.
const WAIT_FIRST_MS: i64 = 2_000;
/// The longest wait: a guesser gets a hundred tries a day, the owner is not locked out for good.
const WAIT_MAX_MS: i64 = 15 * 60 * 1000;
/// Failures older than this are forgotten, in milliseconds.
pub(super) const FORGET_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// The time until the next try is looked at, in milliseconds; 0 for "now".
pub(super) fn wait_ms(failures: Failures, now_ms: i64) -> i64 {
    let Some(over) = failures.count.checked_sub(FREE_FAILURES) else { return 0 };
    let wait = WAIT_FIRST_MS.saturating_mul(1_i64.checked_shl(over.min(32)).unwrap_or(i64::MAX)).min(WAIT_MAX_MS);
    // A clock that was set back must not lock anyone out for longer than the rule.
    failures.last_ms.saturating_add(wait).saturating_sub(now_ms).clamp(0, WAIT_MAX_MS)
}

/// The failures after one more at this time.
pub(super) fn one_more(failures: Failures, now_ms: i64) -> Failures {
    let forgotten = now_ms.saturating_sub(failures.last_ms) > FORGET_AFTER_MS;
    Failures { count: if forgotten { 1 } else { failures.count.saturating_add(1) }, last_ms: now_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let after = |count| wait_ms(Failures { count, last_ms: 1_000 }, 1_000);
        assert_eq!((after(0), after(2), after(3), after(4), after(5)), (0, 0, 2_000, 4_000, 8_000));
        assert_eq!(after(u32::MAX), WAIT_MAX_MS);
        assert_eq!(wait_ms(Failures { count: 3, last_ms: 1_000 }, 3_000), 0);
        assert_eq!(wait_ms(Failures { count: 3, last_ms: i64::MAX }, 0), WAIT_MAX_MS);
    }

    #[test]
    fn a_day_later_the_count_begins_again() {
        let failures = one_more(Failures { count: 9, last_ms: 0 }, FORGET_AFTER_MS + 1);
        assert_eq!(failures.count, 1);
    }
}
