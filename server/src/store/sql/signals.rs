//! Signals: "space X is at n", to whoever listens in this process, and between servers on one
//! PostgreSQL by LISTEN/NOTIFY.
//!
//! A notification is sent after the commit, not in it: inside a transaction it would make all
//! commits of all servers wait for each other. If it is lost, the next one or the devices' own
//! regular exchange brings what it would have announced.

use std::{collections::HashMap, time::Duration};

use lianxin_shared::id::{Position, SpaceId};
use rand::RngExt;
use sqlx::{Pool, Postgres, postgres::PgListener};
use tokio::{
    sync::{broadcast, mpsc},
    task::AbortHandle,
};

use crate::store::Signal;

/// Signals that a slow listener may fall behind before it is told that it missed some.
const BEHIND_MAX: usize = 1024;
/// Signals that wait to be passed to other servers; what does not fit is not passed on.
const PASSING_MAX: usize = 4096;
/// Spaces in one notification: PostgreSQL's limit is 8000 bytes.
const SPACES_PER_NOTIFICATION: usize = 200;
const CHANNEL: &str = "lianxin_spaces";
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Signals {
    here: broadcast::Sender<Signal>,
    others: Option<mpsc::Sender<Signal>>,
    tasks: Vec<AbortHandle>,
}

impl Signals {
    /// Within this process.
    pub(super) fn local() -> Self {
        Self { here: broadcast::channel(BEHIND_MAX).0, others: None, tasks: Vec::new() }
    }

    /// Also to and from other servers.
    pub(super) async fn between_servers(pool: &Pool<Postgres>) -> sqlx::Result<Self> {
        let me: u64 = rand::rng().random();
        let (others, passing) = mpsc::channel(PASSING_MAX);
        let here = broadcast::channel(BEHIND_MAX).0;
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        let tasks = vec![
            tokio::spawn(pass_on(pool.clone(), me, passing)).abort_handle(),
            tokio::spawn(listen(listener, pool.clone(), me, here.clone())).abort_handle(),
        ];
        Ok(Self { here, others: Some(others), tasks })
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.here.subscribe()
    }

    pub(super) fn send(&self, signal: Signal) {
        // Nobody listening is no error.
        let _ = self.here.send(signal);
        if let Some(others) = &self.others {
            let _ = others.try_send(signal);
        }
    }

    pub(super) fn stop(&self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn pass_on(pool: Pool<Postgres>, me: u64, mut passing: mpsc::Receiver<Signal>) {
    while let Some(first) = passing.recv().await {
        let mut latest = HashMap::from([(first.space, first.position)]);
        while latest.len() < SPACES_PER_NOTIFICATION
            && let Ok(signal) = passing.try_recv()
        {
            let position = latest.entry(signal.space).or_default();
            *position = signal.position.max(*position);
        }
        let payload = encode(me, &latest);
        let notify = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(payload);
        if let Err(error) = notify.execute(&pool).await {
            tracing::warn!(%error, "other servers were not told of new changes");
        }
    }
}

async fn listen(mut listener: PgListener, pool: Pool<Postgres>, me: u64, here: broadcast::Sender<Signal>) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notification)) => {
                for signal in decode(me, notification.payload()) {
                    let _ = here.send(signal);
                }
            }
            // The connection was lost and is back; what was announced meanwhile is looked up.
            Ok(None) => announce_all(&pool, &here).await,
            Err(error) => {
                tracing::warn!(%error, "signals from other servers are interrupted");
                tokio::time::sleep(RECONNECT_AFTER).await;
            }
        }
    }
}

async fn announce_all(pool: &Pool<Postgres>, here: &broadcast::Sender<Signal>) {
    let ends: sqlx::Result<Vec<(i64, i64)>> = sqlx::query_as("select id, position from spaces").fetch_all(pool).await;
    for (space, position) in ends.unwrap_or_default() {
        if let Ok(space) = space.try_into() {
            let _ = here.send(Signal { space: SpaceId(space), position: Position(position.cast_unsigned()) });
        }
    }
}

fn encode(me: u64, latest: &HashMap<SpaceId, Position>) -> String {
    let spaces = latest.iter().map(|(space, position)| format!(" {}:{}", space.0, position.0));
    std::iter::once(me.to_string()).chain(spaces).collect()
}

/// What another server announced; nothing for one's own notification or one that is not understood.
fn decode(me: u64, payload: &str) -> Vec<Signal> {
    let mut parts = payload.split(' ');
    if parts.next().is_none_or(|sender| sender == me.to_string()) {
        return Vec::new();
    }
    parts
        .filter_map(|part| {
            let (space, position) = part.split_once(':')?;
            Some(Signal { space: SpaceId(space.parse().ok()?), position: Position(position.parse().ok()?) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_does_not_hear_itself() {
        let payload = encode(7, &HashMap::from([(SpaceId(3), Position(9))]));
        assert_eq!(decode(8, &payload), [Signal { space: SpaceId(3), position: Position(9) }]);
        assert!(decode(7, &payload).is_empty());
        assert!(decode(8, "").is_empty() && decode(8, "9 x:y 3").is_empty());
    }
}
