//! The live stream: while the app is seen and there is a network, the server says which space has
//! grown, and an exchange fetches it. Nothing depends on it; without it the phone looks now and then.

use std::{cell::Cell, rc::Rc};

use futures_util::future::{Either, select};
use js_sys::{Reflect, Uint8Array, futures::spawn_local};
use lianxin_shared::id::SpaceId;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestInit, Response};

use crate::{
    backoff::Backoff,
    browser::{now_ms, random, scope, sleep},
    engine::Engine,
    notify::Notify,
    schedule::Wish,
    sse::{Reader, Signal},
    status::Phase,
};

const PATH: &str = "/api/v1/live";
/// The server's heart beats every 20 s; after three beats unheard the stream is dead, whatever the browser says.
const SILENCE_MS_MAX: i64 = 65_000;
/// All phones of a space hear of a change at once; they ask for it one after the other.
const SPREAD_MS: i64 = 2_000;

pub(crate) struct Live {
    visible: Cell<bool>,
    online: Cell<bool>,
    open: Cell<bool>,
    retry: Cell<bool>,
    /// Raised when the stream may have to be opened or closed.
    pub(crate) changed: Notify,
}

impl Default for Live {
    /// Until the page says otherwise someone looks at it; until a request fails there is a network.
    fn default() -> Self {
        Self {
            visible: Cell::new(true),
            online: Cell::new(true),
            open: Cell::default(),
            retry: Cell::default(),
            changed: Notify::default(),
        }
    }
}

impl Live {
    /// Whether that is news.
    pub(crate) fn set_visible(&self, visible: bool) -> bool {
        self.changed.raise();
        self.visible.replace(visible) != visible
    }

    pub(crate) fn set_online(&self, online: bool) {
        if !self.online.replace(online) && online {
            self.retry.set(true);
        }
        self.changed.raise();
    }

    /// A stream that waits for its next try tries now.
    pub(crate) fn retry(&self) {
        self.retry.set(true);
        self.changed.raise();
    }

    pub(crate) fn is_silent_but_wanted(&self) -> bool {
        self.visible.get() && !self.open.get()
    }

    async fn asked_to_retry(&self) {
        while !self.retry.get() {
            self.changed.wait().await;
        }
    }

    /// Runs as long as the engine.
    pub(crate) async fn run(engine: Rc<Engine>) {
        let live = &engine.live;
        let mut backoff = Backoff::default();
        loop {
            while !is_wanted(&engine) {
                live.changed.wait().await;
            }
            let heard = listen(&engine).await;
            live.open.set(false);
            if heard.is_some() {
                backoff.reset();
            }
            live.retry.set(false);
            let pause = std::pin::pin!(sleep(backoff.next_ms(random())));
            select(pause, std::pin::pin!(live.asked_to_retry())).await;
        }
    }
}

/// Whether a stream has a purpose and a chance.
fn is_wanted(engine: &Engine) -> bool {
    let (live, state) = (&engine.live, engine.state.borrow());
    let works = matches!(state.phase, Phase::Idle | Phase::Exchanging) && state.device.last_success_ms().is_some();
    live.visible.get() && live.online.get() && works && state.credentials.is_some()
}

/// Listens until the stream ends or is no longer wanted. `None` when nothing was heard at all.
async fn listen(engine: &Rc<Engine>) -> Option<()> {
    let abort = AbortController::new().ok()?;
    let heard = read(engine, &abort, &engine.token()?).await;
    abort.abort();
    heard
}

async fn read(engine: &Rc<Engine>, abort: &AbortController, token: &str) -> Option<()> {
    let era = engine.era.get();
    let headers = Headers::new().ok()?;
    headers.set("Authorization", &format!("Bearer {token}")).ok()?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_signal(Some(&abort.signal()));
    let fetched = scope().fetch_with_str_and_init(PATH, &init);
    let response: Response = while_wanted(engine, era, fetched).await?.unchecked_into();
    let kind = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    if !response.ok() || !kind.starts_with("text/event-stream") {
        if matches!(response.status(), 401 | 403) {
            // The exchange finds out what that means.
            engine.schedule.ask(Wish::At(now_ms()));
        }
        return None;
    }
    let reader = ReadableStreamDefaultReader::new(&response.body()?).ok()?;
    engine.live.open.set(true);
    let mut events = Reader::default();
    while let Some(portion) = while_wanted(engine, era, reader.read()).await {
        let Ok(bytes) = Reflect::get(&portion, &JsValue::from_str("value")) else { break };
        let Some(bytes) = bytes.dyn_ref::<Uint8Array>() else { break };
        for signal in events.read(&bytes.to_vec()) {
            follow(engine, signal);
        }
    }
    Some(())
}

/// What a promise brings, unless it fails, is silent for too long, or nobody wants it any more: another account has a
/// stream of its own.
async fn while_wanted(engine: &Engine, era: u32, promise: js_sys::Promise) -> Option<JsValue> {
    let mut promise = std::pin::pin!(async move { promise.await });
    let mut silence = std::pin::pin!(sleep(SILENCE_MS_MAX));
    loop {
        let changed = std::pin::pin!(engine.live.changed.wait());
        match select(promise.as_mut(), select(silence.as_mut(), changed)).await {
            Either::Left((result, _)) => return result.ok(),
            Either::Right((Either::Left(_), _)) => return None,
            Either::Right((Either::Right(_), _)) if is_wanted(engine) && engine.era.get() == era => {}
            Either::Right((Either::Right(_), _)) => return None,
        }
    }
}

/// Fetches what a signal tells of, unless the exchange under way brings it anyway.
fn follow(engine: &Rc<Engine>, signal: Signal) {
    let space = SpaceId(signal.space);
    if !engine.is_behind(space, signal.position) {
        return;
    }
    engine.hear(space, signal.position);
    let engine = engine.clone();
    spawn_local(async move {
        sleep(SPREAD_MS * i64::from(random()) / i64::from(u32::MAX)).await;
        drop(engine.line.lock().await);
        if engine.is_behind(space, signal.position) {
            engine.schedule.ask(Wish::At(now_ms()));
        }
    });
}
