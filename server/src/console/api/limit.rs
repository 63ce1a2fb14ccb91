//! How often a token may ask.

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use lianxin_shared::id::DeviceId;

/// Requests of one token in a minute; so many at once after a pause.
pub(super) const REQUESTS_PER_MINUTE: u32 = 120;
/// Tokens that are remembered before those are forgotten that have not asked for a while.
const TOKENS_REMEMBERED: usize = 1000;

/// What each token has left.
#[derive(Clone)]
pub(crate) struct Limits(Arc<DefaultKeyedRateLimiter<DeviceId>>);

impl Default for Limits {
    fn default() -> Self {
        let per_minute = NonZeroU32::new(REQUESTS_PER_MINUTE).unwrap_or(NonZeroU32::MIN);
        Self(Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))))
    }
}

impl Limits {
    /// Counts a request of this token; whether there is room for it.
    pub(super) fn takes(&self, token: DeviceId) -> bool {
        if self.0.len() > TOKENS_REMEMBERED {
            self.0.retain_recent();
        }
        self.0.check_key(&token).is_ok()
    }
}
