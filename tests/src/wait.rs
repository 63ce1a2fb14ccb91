//! Waiting for a condition, with a bound that only a broken system reaches.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Generous: two cores may be busy with a build.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks until there is something to see.
///
/// # Errors
/// When the patience is over.
pub fn until<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Result<T, TookTooLong> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Ok(seen);
        }
        if began.elapsed() > patience {
            return Err(TookTooLong);
        }
        thread::sleep(PAUSE);
    }
}

#[derive(Debug)]
pub struct TookTooLong;
