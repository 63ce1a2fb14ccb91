//! The hub: verify, authorize, append, merge, acknowledge; then answer what is new.
//!
//! The only way to records, for phones ([`Hub::exchange`]) and for the console ([`Hub::edit`]) alike.
//! One rule for all writes: what is acknowledged is committed, and staff see it.

mod act;
mod attachments;
mod decide;
mod draft;
mod edit;
mod import;
mod mandates;
mod official;
mod older;
mod party;
mod places;
mod posts;
mod pull;
mod read;
mod refound;
mod reports;
mod rules;
mod sealed;
mod settle;
mod verify;
mod writer;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use lianxin_shared::{
    case::Event,
    id::{Actor, ChangeHash, RecordId, SpaceId},
    record::{Contents, HistoryEntry, Rewritten},
    rights::{self, Access, Person, Space, SpaceKind},
    schema::Kind,
    summary::Summary,
    wire::{Author, ExchangeError, GrantedSpace, Verdict},
};
use tokio::sync::{broadcast, oneshot};

use mandates::Touched;

use crate::store::{Answers, Decision, Device, Signal, Snapshot, Store, StoreError, WritePlan};

pub use act::Acted;
pub use attachments::public_files;
pub use edit::EditFailure;
pub use import::{ImportFailure, ImportPlan, ImportRow};
pub use lianxin_shared::device::{Command, DayKey, EditProblem, Target};
pub(crate) use places::space_name;
pub use pull::Carried;
pub use read::{REWRITTEN_MARKED_MS, contents_of, space_in};
pub use refound::{FoundingFiles, RefoundProblem, may_found_anew};
pub use rules::InForce;
pub use sealed::{Kept, Opened, Pending, SealedMark, SealedProblem, Sealing, StartProblem};
pub use settle::SettleProblem;

/// Accepts, merges and shows records. Cheap to clone; all clones are one hub.
#[derive(Clone)]
pub struct Hub {
    store: Arc<dyn Store>,
    writer: Arc<writer::Writer>,
    reports: Arc<reports::Reports>,
    sealing: Option<Sealing>,
    foundings: FoundingFiles,
}

/// Why the hub could not do what it was asked. Nothing is half done.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping, or has more to do than it can hold.
    #[error("the hub takes nothing more at the moment")]
    Unavailable,
    /// A stored record cannot be read.
    #[error("the stored record {0} is unreadable")]
    Unreadable(RecordId),
}

impl HubError {
    /// What a device is told.
    pub fn exchange_error(&self) -> ExchangeError {
        match self {
            HubError::Store(_) | HubError::Unreadable(_) => ExchangeError::Internal,
            HubError::Unavailable => ExchangeError::Unavailable,
        }
    }
}

/// A record as a page shows it.
#[derive(Debug, Clone)]
pub struct RecordPage {
    pub id: RecordId,
    pub kind: Kind,
    pub space: Space,
    /// What the reader may do in the record's space.
    pub access: Access,
    pub contents: Contents,
    pub summary: Summary,
    /// What the reader has seen: to be given back with an edit as [`Command::base`].
    pub heads: Vec<ChangeHash>,
    /// Oldest first.
    pub history: Vec<HistoryLine>,
    /// Sentences that two people rewrote at the same time within a week before the last change (两人同时修改).
    pub rewritten: Vec<Rewritten>,
    /// Who the actors are, for conflicts and logs.
    pub authors: HashMap<Actor, Author>,
    /// By the server's clock, milliseconds since 1970.
    pub created_ms: i64,
    pub updated_ms: i64,
    /// The official events of its case, in their order.
    pub events: Vec<Event>,
}

/// What may follow from changes, once they are stored.
struct FollowUp {
    touched: Touched,
    /// Units and stations.
    places: BTreeSet<RecordId>,
}

impl FollowUp {
    fn of(sent: &writer::Sent) -> Self {
        let places = sent.changes.iter().filter(|change| Kind::from_number(change.kind).is_some_and(places::is_place));
        Self { touched: Touched::by(sent), places: places.map(|change| change.record).collect() }
    }
}

/// One change of a record, with who made it and when it arrived.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    pub entry: HistoryEntry,
    pub author: Option<Author>,
    /// By the server's clock, milliseconds since 1970.
    pub received_ms: Option<i64>,
}

impl Hub {
    /// A hub on a store, without a vault ([`Hub::with_sealing`]). Starts the task that writes; to be called inside a Tokio runtime.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let writer = Arc::new(writer::Writer::start(store.clone()));
        let reports = Arc::new(reports::Reports::default());
        reports::start(&reports, store.clone());
        Self { store, writer, reports, sealing: None, foundings: FoundingFiles::default() }
    }

    /// The same hub, which keeps foundings where a restored database finds them ([`Hub::repeat_foundings`]).
    #[must_use]
    pub fn with_foundings(self, foundings: FoundingFiles) -> Self {
        Self { foundings, ..self }
    }

    /// The store, for reading ledgers and for users and devices. Records are written through the hub only.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What grows from now on, in all spaces: whoever passes it on filters by what the receiver may read.
    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.store.signals()
    }

    /// The spaces that a person may read, by id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn readable_spaces(&self, person: &Person) -> Result<Vec<GrantedSpace>, HubError> {
        Ok(read::granted(&self.store.spaces().await?, person))
    }

    /// The same without the spaces of cases, of which offices read many ([`rights::reads_cases_as`]).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn readable_lasting_spaces(&self, person: &Person) -> Result<Vec<GrantedSpace>, HubError> {
        Ok(read::granted(&self.store.lasting_spaces().await?, person))
    }

    /// The spaces that a person may read, by id, of cases only those that the person's devices hold.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn followed_spaces(&self, person: &Person) -> Result<Vec<SpaceId>, HubError> {
        let spaces = self.store.spaces().await?;
        let is_followed = |space: &&Space| match space.kind {
            SpaceKind::Case => rights::replicates(person, space),
            _ => rights::best_access(person, space) >= Access::Read,
        };
        Ok(spaces.iter().filter(is_followed).map(|space| space.id).collect())
    }

    /// Whether a person may read a space.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn may_read(&self, person: &Person, space: SpaceId) -> Result<bool, HubError> {
        Ok(read::granted_in(&self.store.spaces().await?, person, space).is_some())
    }

    /// Has changes and requests decided and stored, and sees to what follows from that.
    async fn submit(
        &self,
        device: &Device,
        person: &Person,
        home: Option<SpaceId>,
        sent: writer::Sent,
        now_ms: i64,
    ) -> Result<Answers, HubError> {
        let follow_up = FollowUp::of(&sent);
        let cases: Vec<(u8, RecordId)> = sent.requests.iter().map(|request| (request.kind, request.case)).collect();
        let answers = self.writer.submit(device, person, home, sent, now_ms).await?;
        let acted =
            cases.iter().zip(&answers.verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Accepted { .. }));
        let voices = acted.filter(|((kind, _), _)| *kind == Kind::Voice as u8).map(|((_, case), _)| *case);
        self.clear_petitions((device, person), &Vec::from_iter(voices), now_ms).await;
        self.follow(&follow_up, now_ms).await?;
        Ok(answers)
    }

    /// One write apart from the stream of submissions; what the decision has told. Where it says why not, nothing is written.
    async fn write_told<T, E>(
        &self,
        plan: WritePlan,
        decide: impl FnOnce(&Snapshot) -> Result<(Decision, T), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<HubError> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let deciding = move |snapshot: Snapshot| {
            let (decision, said) = match decide(&snapshot) {
                Ok((decision, done)) => (decision, Ok(done)),
                Err(problem) => (Decision::default(), Err(problem)),
            };
            // Who asked may be gone; it is decided all the same.
            let _ = tell.send(said);
            decision
        };
        self.store.write(plan, Box::new(deciding)).await.map_err(HubError::from)?;
        told.await.map_err(|_| HubError::Unavailable)?
    }

    /// What follows from stored changes.
    async fn follow(&self, follow_up: &FollowUp, now_ms: i64) -> Result<(), HubError> {
        if !follow_up.touched.is_empty()
            && let Err(error) = mandates::follow(&self.writer, &follow_up.touched, now_ms).await
        {
            tracing::error!(%error, "posts of ended mandates stand until the next look");
        }
        self.make_places(&follow_up.places).await
    }

    /// Finishes what has been accepted, takes nothing more, writes down what is held in memory.
    pub async fn stop(&self) {
        self.writer.stop().await;
        if let Err(error) = self.flush_reports().await {
            tracing::warn!(%error, "device reports are lost");
        }
    }
}
