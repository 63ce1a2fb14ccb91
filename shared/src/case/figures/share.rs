//! A part of a whole, as it is printed: half-up to one decimal, and shares are not forced to add up
//! to 100.0 (DOMAIN §2.5: tables in print round by hand).

use serde::Serialize;

/// `count` out of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    pub count: u64,
    pub of: u64,
}

impl Share {
    pub fn new(count: usize, of: usize) -> Share {
        Share { count: count as u64, of: of as u64 }
    }

    /// Tenths of a percent, half-up; `None` of nothing.
    pub fn tenths(self) -> Option<u64> {
        let (count, of) = (u128::from(self.count), u128::from(self.of));
        (of > 0).then(|| ((count * 2_000 + of) / (of * 2)) as u64)
    }

    /// 「19.4%」; 「—」 of nothing.
    pub fn percent(self) -> String {
        match self.tenths() {
            Some(tenths) => format!("{}.{}%", tenths / 10, tenths % 10),
            None => "—".into(),
        }
    }
}
