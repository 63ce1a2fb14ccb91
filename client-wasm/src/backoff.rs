//! How long to wait after a failure: later and later, and not all phones at the same moment.

/// The first pause, in milliseconds.
const FIRST_MS: i64 = 2_000;
/// The longest pause, in milliseconds.
const LONGEST_MS: i64 = 5 * 60_000;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure. Half of it is fixed, half comes from `random`, so that phones
    /// which lost the same server do not come back together.
    pub(crate) fn next_ms(&mut self, random: u32) -> i64 {
        let whole = FIRST_MS.checked_shl(self.failures).unwrap_or(LONGEST_MS).clamp(FIRST_MS, LONGEST_MS);
        self.failures = (self.failures + 1).min(i64::BITS / 2);
        let half = whole / 2;
        half + half * i64::from(random) / i64::from(u32::MAX)
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_start_again() {
        let mut backoff = Backoff::default();
        let pauses: Vec<i64> = (0..40).map(|_| backoff.next_ms(u32::MAX)).collect();
        assert_eq!(&pauses[..4], [2_000, 4_000, 8_000, 16_000]);
        assert!(pauses.is_sorted() && pauses[39] == LONGEST_MS);
        backoff.reset();
        assert_eq!(backoff.next_ms(0), FIRST_MS / 2);
    }
}
