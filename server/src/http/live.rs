//! `GET /api/v1/live`: server-sent events that say which readable space has grown to where.
//!
//! No content travels here. A phone authenticates with its `Authorization` header (it reads the
//! stream with `fetch`, because `EventSource` can send no header and a token in an address ends up
//! in logs), the console with its session cookie.

use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response, Sse, sse::Event},
};
use futures_util::{Stream, stream};
use lianxin_shared::{
    id::{Position, SpaceId},
    rights::{self, Person},
    wire::ExchangeError,
};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast},
    time::{Interval, MissedTickBehavior, interval},
};

use super::{AppState, bearer, headers::NO_STORE, session, sync::Failed};
use crate::{hub::HubError, store::Signal};

/// Streams that are open at the same time.
pub(super) const STREAMS_MAX: usize = 20_000;
/// Shorter than what proxies and mobile networks take for dead.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// After so many heartbeats it is looked up again who may listen to what.
const HEARTBEATS_PER_CHECK: u32 = 3;
/// nginx would hold events back.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

pub(super) async fn live(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Failed> {
    let person = listener(&state, &headers).await?;
    let place = state.live_streams.clone().try_acquire_owned().map_err(|_| ExchangeError::TooMany)?;
    if state.is_stopping() {
        return Err(ExchangeError::Unavailable.into());
    }
    // Listening begins before the ends are read: nothing falls between the two.
    let signals = state.hub.signals();
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let mut listening = Listening {
        state,
        headers,
        at_office: rights::reads_others_cases(&person),
        person,
        signals,
        followed: HashSet::new(),
        waiting: VecDeque::new(),
        heartbeat,
        beats: 0,
        _place: place,
    };
    listening.say_all().await.map_err(|error| {
        tracing::error!(%error, "a live stream could not begin");
        error.exchange_error()
    })?;
    Ok(([NO_STORE, UNBUFFERED], Sse::new(listening.events())).into_response())
}

/// Who listens: a phone by its token, or staff by the session.
async fn listener(state: &AppState, headers: &HeaderMap) -> Result<Person, ExchangeError> {
    match bearer::authenticate(state, headers).await {
        Ok(who) => Ok(who.person),
        Err(ExchangeError::SignedOut) => match session::current(state, headers).await {
            Ok(Some(session)) if !session.must_change => Ok(session.staff.person),
            Ok(_) => Err(ExchangeError::SignedOut),
            Err(_) => Err(ExchangeError::Internal),
        },
        Err(error) => Err(error),
    }
}

struct Listening {
    state: AppState,
    /// To look up again whether the listener still may.
    headers: HeaderMap,
    person: Person,
    signals: broadcast::Receiver<Signal>,
    /// What the listener is told of from the beginning. Cases that an office reads are looked up when one of them grows: there are too
    /// many to be told of all.
    followed: HashSet<SpaceId>,
    /// Whether the listener reads cases that the devices do not hold.
    at_office: bool,
    waiting: VecDeque<Event>,
    heartbeat: Interval,
    beats: u32,
    _place: OwnedSemaphorePermit,
}

enum Heard {
    Signal(Result<Signal, broadcast::error::RecvError>),
    Heartbeat,
    Stopping,
}

impl Listening {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut listening| async move {
            let event = listening.next().await?;
            Some((Ok(event), listening))
        })
    }

    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let heard = {
                let stopping = self.state.stopping();
                tokio::select! {
                    signal = self.signals.recv() => Heard::Signal(signal),
                    _ = self.heartbeat.tick() => Heard::Heartbeat,
                    () = stopping => Heard::Stopping,
                }
            };
            match heard {
                Heard::Signal(Ok(signal)) if self.reads(signal.space).await => self.say(signal.space, signal.position),
                Heard::Signal(Ok(_)) => {}
                Heard::Signal(Err(broadcast::error::RecvError::Lagged(_))) => self.say_all().await.ok()?,
                Heard::Heartbeat => {
                    self.check().await?;
                    return Some(Event::default().comment(""));
                }
                Heard::Signal(Err(broadcast::error::RecvError::Closed)) | Heard::Stopping => return None,
            }
        }
    }

    fn say(&mut self, space: SpaceId, position: Position) {
        let data = format!("{{\"space\": {}, \"position\": {}}}", space.0, position.0);
        self.waiting.push_back(Event::default().event("space").data(data));
    }

    /// A space that cannot be looked up is not told of: the page that waits for it looks again when it is opened.
    async fn reads(&self, space: SpaceId) -> bool {
        self.followed.contains(&space)
            || self.at_office && self.state.hub.may_read(&self.person, space).await.unwrap_or_default()
    }

    /// Where the spaces stand that are followed: at the beginning, and when signals were missed.
    async fn say_all(&mut self) -> Result<(), HubError> {
        let spaces = self.state.hub.followed_spaces(&self.person).await?;
        self.followed = spaces.iter().copied().collect();
        let ends = self.state.hub.store().ends(&spaces).await?;
        for space in spaces {
            self.say(space, ends.get(&space).copied().unwrap_or_default());
        }
        Ok(())
    }

    /// Now and then, whether the listener still may listen, and to what.
    async fn check(&mut self) -> Option<()> {
        self.beats += 1;
        if self.beats.is_multiple_of(HEARTBEATS_PER_CHECK) {
            self.person = listener(&self.state, &self.headers).await.ok()?;
            self.followed = self.state.hub.followed_spaces(&self.person).await.ok()?.into_iter().collect();
            self.at_office = rights::reads_others_cases(&self.person);
        }
        Some(())
    }
}
