//! Serving until told to stop, and stopping without losing anything.

use std::{
    future::{Future, IntoFuture},
    time::Duration,
};

use axum::serve::Listener;
use lianxin_shared::case::Date;
use tokio::{net::TcpListener, time::timeout};

use super::{AppState, app, connections::Connections};

/// How long exchanges that are under way may take when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// How often yesterday's failed sign-ins are forgotten, the posts of mandates ended that are over, sealed records erased
/// whose time is over, and unfinished files thrown away. And when a new day begins in the district, because mandates end
/// by days.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often it is looked up whether the database was said to be restored, by another process.
const EPOCH_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Answers on the listener until `stop` resolves; then takes no more, finishes what is under way,
/// ends the live streams, and writes down what is in memory.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) -> std::io::Result<()> {
    let sweeping = tokio::spawn(sweep(state.clone()));
    let watching = tokio::spawn(watch_epoch(state.clone()));
    let listener = Connections::on(listener);
    let address = listener.local_addr()?;
    let stopping = state.clone();
    let server = axum::serve(listener, app(state.clone()))
        .with_graceful_shutdown(async move { stopping.stopping().await })
        .into_future();
    tokio::pin!(server);
    tracing::info!(%address, "answering");
    let ended = tokio::select! {
        ended = &mut server => Some(ended),
        () = stop => None,
    };
    tracing::info!("stopping");
    state.say_stopping();
    let ended = match ended {
        Some(ended) => ended,
        None => timeout(STOP_TIMEOUT, server).await.unwrap_or_else(|_| {
            tracing::warn!("connections that would not end are dropped");
            Ok(())
        }),
    };
    sweeping.abort();
    watching.abort();
    if timeout(STOP_TIMEOUT, state.hub.stop()).await.is_err() {
        tracing::error!("the store did not finish in time");
    }
    state.hub.store().close().await;
    ended
}

async fn sweep(state: AppState) {
    loop {
        if let Err(error) = state.accounts.forget_failures(state.clock.now_ms()).await {
            tracing::warn!(%error, "old failed sign-ins are kept");
        }
        match state.hub.end_mandates(state.clock.now_ms()).await {
            Ok(0) => {}
            Ok(posts) => tracing::info!(posts, "posts ended with their mandates"),
            Err(error) => tracing::error!(%error, "mandates could not be looked through"),
        }
        match state.hub.sweep_sealed(state.clock.now_ms()).await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "sealed records whose time was over are erased"),
            Err(error) => tracing::error!(%error, "sealed records could not be looked through"),
        }
        match state.blobs.sweep(&state.hub, state.clock.now_ms()).await {
            Ok(0) => {}
            Ok(parts) => tracing::info!(parts, "parts of files that nobody went on with are thrown away"),
            Err(error) => tracing::error!(%error, "unfinished files could not be looked through"),
        }
        tokio::time::sleep(SWEEP_EVERY.min(until_tomorrow(state.clock.now_ms()))).await;
    }
}

/// Until the next day begins in the district.
fn until_tomorrow(now_ms: i64) -> Duration {
    let tomorrow_ms = Date::at(now_ms).plus_days(1).starts_ms();
    Duration::from_millis(tomorrow_ms.saturating_sub(now_ms).unsigned_abs())
}

async fn watch_epoch(state: AppState) {
    loop {
        tokio::time::sleep(EPOCH_LOOK_EVERY).await;
        match state.hub.store().look_up_epoch().await {
            Ok(false) => {}
            Ok(true) => tracing::warn!("the database was restored: phones offer again what it lacks"),
            Err(error) => tracing::debug!(%error, "the epoch could not be looked up"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_the_district() {
        let noon = 1_767_240_000_000; // 2026-01-01T12:00 in the district
        let hours = |count: u64| Duration::from_secs(count * 60 * 60);
        assert_eq!(until_tomorrow(noon), hours(12));
        assert_eq!(until_tomorrow(noon + 12 * 60 * 60 * 1000), hours(24), "a day that has just begun");
        assert_eq!(until_tomorrow(noon + 12 * 60 * 60 * 1000 - 1), Duration::from_millis(1));
    }
}
