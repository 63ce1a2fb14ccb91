//! Chance from a fixed seed: the same numbers on every machine and with every version of every crate.

use sha2::{Digest, Sha256};

/// Everything that the demo set invents comes from this number.
const SEED: &str = "lianxin demo 五届一次";

/// A stream of numbers (SplitMix64). Each part of the demo set has its own, so that one part does
/// not shift when another takes more.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream of one part.
    pub(super) fn of(part: &str) -> Self {
        let digest = digest(part);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self(u64::from_be_bytes(first))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, without, `end`; 0 where there is nothing to choose from.
    pub(super) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// From `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        let choices = usize::try_from(last - first + 1).unwrap_or(0);
        first + self.below(choices) as i64
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of the choices, as often as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, from: &'a [(T, usize)]) -> &'a T {
        let total = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total);
        let chosen = from.iter().position(|(_, weight)| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        &from[chosen.unwrap_or(0)].0
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }

    /// So many different ones, or all where there are fewer.
    pub(super) fn sample<T: Clone>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut items = from.to_vec();
        self.shuffle(&mut items);
        items.truncate(count);
        items
    }

    /// Parts of exactly `total`, roughly as the weights say.
    pub(super) fn shares(&mut self, total: usize, weights: &[usize]) -> Vec<usize> {
        let sum: usize = weights.iter().sum::<usize>().max(1);
        let mut parts: Vec<usize> = weights.iter().map(|weight| total * weight / sum).collect();
        let rest = total - parts.iter().sum::<usize>();
        for _ in 0..rest {
            let part = self.below(parts.len());
            parts[part] += 1;
        }
        parts
    }
}

/// Sixteen bytes that belong to this part of the demo set and to no other.
pub(super) fn sixteen_bytes(part: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(part)[..16]);
    bytes
}

fn digest(part: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(SEED.as_bytes());
    hasher.update([0]);
    hasher.update(part.as_bytes());
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut chance = Chance::of("golden");
        let drawn: Vec<i64> = (0..8).map(|_| chance.between(0, 999)).collect();
        assert_eq!(drawn, GOLDEN);
    }

    #[test]
    fn shares_add_up() {
        let parts = Chance::of("shares").shares(3200, &[3, 0, 5, 9]);
        assert_eq!(parts.iter().sum::<usize>(), 3200);
        assert!(parts[3] > parts[0]);
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::of("weights");
        let drawn = (0..1000).filter(|_| *chance.weighted(&[('a', 1), ('b', 0), ('c', 9)]) == 'c').count();
        assert!((850..950).contains(&drawn), "{drawn}");
        assert!((0..1000).all(|_| *chance.weighted(&[('a', 1), ('b', 0), ('c', 9)]) != 'b'));
    }

    const GOLDEN: [i64; 8] = [518, 818, 367, 98, 621, 840, 959, 334];
}
