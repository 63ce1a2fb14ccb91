//! The HTTP surface: one endpoint per file, each three steps: take apart, ask the hub, put together.
//!
//! Logs say which path, status and time; never a body, a token, a query or a name.

mod app_files;
mod arrivals;
mod bearer;
pub(crate) mod blob;
mod body;
mod connections;
mod headers;
mod health;
mod live;
mod parcel;
mod serve;
pub mod session;
mod sign_in;
mod sign_out;
mod sync;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};
use tokio::sync::{Semaphore, watch};

use crate::{
    account::Accounts,
    blob::Blobs,
    clock::Clock,
    console,
    hub::{FoundingFiles, Hub, Sealing},
    store::Store,
};

pub(crate) use bearer::token_of;
pub use serve::serve;
pub(crate) use sync::share_of_parcel;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub hub: Hub,
    pub accounts: Accounts,
    pub blobs: Blobs,
    pub clock: Clock,
    /// Where the app's files lie, if this server gives them out.
    pub app_dir: Option<PathBuf>,
    /// How often programs may ask.
    pub(crate) limits: console::api::Limits,
    arrivals: Arc<arrivals::Arrivals>,
    exchanges: Arc<Semaphore>,
    answers: Arc<Semaphore>,
    live_streams: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
    stop: Arc<watch::Sender<bool>>,
}

impl AppState {
    /// A state on a store, with files in memory ([`AppState::with_blobs`]); to be called inside a Tokio runtime.
    pub fn new(store: Arc<dyn Store>, clock: Clock, app_dir: Option<PathBuf>) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self {
            hub: Hub::new(store.clone()),
            accounts: Accounts::new(store),
            blobs: Blobs::in_memory(),
            clock,
            app_dir,
            limits: console::api::Limits::default(),
            arrivals: Arc::default(),
            exchanges: Arc::new(Semaphore::new(sync::EXCHANGE_KIB_IN_MEMORY_MAX)),
            answers: Arc::new(Semaphore::new(sync::ANSWER_KIB_IN_MEMORY_MAX)),
            live_streams: Arc::new(Semaphore::new(live::STREAMS_MAX)),
            stopping,
            stop: Arc::new(stop),
        }
    }

    /// The same, taking and showing sealed personal records.
    #[must_use]
    pub fn with_sealing(self, sealing: Sealing) -> Self {
        Self { hub: self.hub.with_sealing(sealing), ..self }
    }

    /// The same, with the foundings of records where a restored database finds them.
    #[must_use]
    pub fn with_foundings(self, foundings: FoundingFiles) -> Self {
        Self { hub: self.hub.with_foundings(foundings), ..self }
    }

    /// The same, with files where they last.
    #[must_use]
    pub fn with_blobs(self, blobs: Blobs) -> Self {
        Self { blobs, ..self }
    }

    /// Tells open streams and the readiness check that the server is stopping.
    pub(crate) fn say_stopping(&self) {
        self.stop.send_replace(true);
    }

    /// Resolves when the server is stopping.
    pub(crate) async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // The sender lives in this very state: waiting ends by the value alone.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// Everything that the server answers.
pub fn app(state: AppState) -> Router {
    let api = Router::new()
        .route("/api/v1/sync", post(sync::sync).layer(headers::exchange_compression()))
        .route("/api/v1/sign-in", post(sign_in::sign_in))
        .route("/api/v1/sign-out", post(sign_out::sign_out))
        .route("/api/v1/live", get(live::live))
        .route("/api/v1/files/{record}/{hash}", get(blob::original).post(blob::part))
        .route("/api/v1/files/{record}/{hash}/preview", get(blob::preview).post(blob::take_preview))
        .route("/api/v1/parcels", post(parcel::take))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready));
    let console = console::router()
        .layer(axum::middleware::from_fn(session::refuse_cross_site))
        .layer(headers::page_compression());
    let programs = console::api::router(&state).layer(headers::page_compression());
    let files = app_files::router(state.app_dir.as_deref());
    headers::with_common(api.merge(programs).merge(console).merge(files).with_state(state))
}
