//! The console's way to write: the same verification, rules and log as for phones.

use lianxin_shared::{
    device::{Command, EditProblem, Target, has_what_it_needs},
    id::{Actor, ChangeHash, RecordId, SpaceId},
    record::{Edit, EditError, NewChange, Record, Why, inspect},
    rights::{self, Person, Space, SpaceKind},
    schema::Kind,
    wire::{GrantedSpace, Outcome, RefusalReason, SentChange},
};
use rand::RngExt;

use super::{Hub, HubError, writer::Sent};
use crate::store::{Device, StoredRecord};

/// Why an edit was not made. Nothing was stored; the person's text is still in the form.
#[derive(Debug, thiserror::Error)]
pub enum EditFailure {
    /// For the person: [`EditProblem::text_key`] and [`EditProblem::field`] say what to show.
    #[error(transparent)]
    Problem(#[from] EditProblem),
    /// For the log: the person is told to try again.
    #[error(transparent)]
    Failed(#[from] HubError),
}

impl Hub {
    /// Creates or edits a record as this person. [`Command::base`] are the heads that the person saw
    /// ([`super::RecordPage::heads`]): what a colleague wrote since then is merged, not overwritten.
    /// A new record gets the person's mandate as its author and the space's station, where its kind
    /// has them and the command does not say. An edit that changes nothing is no error.
    ///
    /// # Errors
    /// When the edit does not fit its fields, the rules do not allow it, or the server fails.
    pub async fn edit(
        &self,
        device: &Device,
        person: &Person,
        command: Command,
        now_ms: i64,
    ) -> Result<RecordId, EditFailure> {
        let spaces = self.readable_spaces(person).await?;
        let actor = Actor(rand::rng().random());
        let target = self.edited(&command, &spaces, actor).await?;
        let id = target.id;
        let person_now = person.clone();
        // A long text takes the merge engine some time: not on a thread that others wait for.
        let made = tokio::task::spawn_blocking(move || make(target, &command, &person_now, actor, now_ms)).await;
        let changes = made.map_err(|_| HubError::Unreadable(id))??;
        let Some(home) = changes.first().map(|change| change.space) else { return Ok(id) };
        let sent = Sent { changes, ..Sent::default() };
        let answers = self.submit(device, person, Some(home), sent, now_ms).await?;
        for outcome in answers.outcomes {
            match outcome {
                Outcome::Received { .. } => {}
                Outcome::Refused(refused) => return Err(problem(&refused.reason).into()),
                Outcome::Missing => return Err(HubError::Unreadable(id).into()),
            }
        }
        Ok(id)
    }

    async fn edited(&self, command: &Command, spaces: &[GrantedSpace], actor: Actor) -> Result<Edited, EditFailure> {
        let space = |id: SpaceId| spaces.iter().map(|granted| &granted.space).find(|space| space.id == id).cloned();
        let (kind, named) = match &command.target {
            Target::New { new, space } => (Some(*new), Some(*space)),
            Target::ReceptionDay { space, .. } => (Some(Kind::ReceptionDay), Some(*space)),
            Target::Existing { .. } => (None, None),
        };
        let id = match (command.record(), kind.and_then(|kind| kind.schema().natural_key.first())) {
            (Some(id), _) => id,
            (None, Some(key)) => return Err(EditProblem::from(required(key)).into()),
            // The actor is new, so its first record is too.
            (None, None) => RecordId::minted(&actor, 1, 0),
        };
        let stored = self.store.record(id).await.map_err(HubError::from)?;
        let (kind, lies_in) = match (&stored, kind, named) {
            (Some(stored), ..) => (stored.kind, stored.space),
            (None, Some(kind), Some(named)) => (kind, named),
            (None, ..) => return Err(EditProblem::UnknownRecord.into()),
        };
        // Whoever may not read a record does not learn that it exists.
        let space = space(lies_in).ok_or(EditProblem::UnknownRecord)?;
        let station = self.station_of(&space).await?;
        Ok(Edited { id, kind, space, stored, station })
    }

    /// The station whose space it is, where it is on record.
    pub(super) async fn station_of(&self, space: &Space) -> Result<Option<RecordId>, HubError> {
        let station = RecordId::derived(Kind::Station, &[&space.unit.0]);
        let is_here = space.kind == SpaceKind::Station && self.store.titles(&[station]).await?.contains_key(&station);
        Ok(is_here.then_some(station))
    }
}

/// The record that an edit is about.
pub(super) struct Edited {
    pub(super) id: RecordId,
    pub(super) kind: Kind,
    pub(super) space: Space,
    pub(super) stored: Option<StoredRecord>,
    /// The station whose space it is.
    pub(super) station: Option<RecordId>,
}

/// Makes the changes, and checks them here already: what is refused in a form stays in the form and
/// needs no quarantine.
pub(super) fn make(
    edited: Edited,
    command: &Command,
    person: &Person,
    actor: Actor,
    now_ms: i64,
) -> Result<Vec<SentChange>, EditProblem> {
    let Edited { id, kind, space, stored, .. } = &edited;
    let mut record = match stored {
        Some(stored) => Record::load(*kind, *id, &stored.doc).map_err(|_| EditProblem::Unreadable)?,
        None => Record::new(*kind, *id),
    };
    let edits = [given(&edited, command, person), command.edits.clone()].concat();
    let base = command.base.as_deref().filter(|heads: &&[ChangeHash]| !heads.is_empty());
    let changes = record.write(actor, now_ms, base, &edits)?;
    if stored.is_none() && !changes.is_empty() {
        has_what_it_needs(&record.read())?;
    }
    let mut touches = Vec::new();
    for change in &changes {
        let inspected = inspect(*kind, *id, &change.bytes)
            .map_err(|malformed| EditError { field: String::new(), why: Why::Engine(malformed.to_string()) })?;
        touches.extend(inspected.touches);
    }
    let author = stored.as_ref().and_then(|stored| stored.summary.author);
    let target = rights::Target {
        kind: *kind,
        space,
        record: Some(*id),
        exists: stored.is_some(),
        author,
        stage: rights::Stage::Draft,
    };
    rights::may_change(person, target, &touches)?;
    let sent = |NewChange { hash, bytes }: NewChange| SentChange {
        space: space.id,
        kind: *kind as u8,
        record: *id,
        hash,
        bytes,
    };
    Ok(changes.into_iter().map(sent).collect())
}

/// What a new record says of where it comes from, unless the command says it.
fn given(edited: &Edited, command: &Command, person: &Person) -> Vec<Edit> {
    if edited.stored.is_some() {
        return Vec::new();
    }
    let has = |key: &str| edited.kind.schema().field(key).is_some();
    let said = |key: &str| command.edits.iter().any(|edit| edit.field == key);
    let mut given: Vec<Edit> = [("author", person.mandates().next()), ("station", edited.station)]
        .into_iter()
        .filter(|(key, _)| has(key) && !said(key))
        .filter_map(|(key, id)| Some(Edit::put(key, id?)))
        .collect();
    if let Target::ReceptionDay { reception_day: day, .. } = &command.target {
        given.retain(|edit| edit.field != "station");
        given.extend([Edit::put("station", day.station), Edit::put("date", day.date.as_str())]);
    }
    given
}

fn required(field: &str) -> EditError {
    EditError { field: field.to_owned(), why: Why::Required }
}

/// A refusal that came after the form's own check: someone else was faster, or rights have changed.
fn problem(reason: &RefusalReason) -> EditProblem {
    match reason {
        RefusalReason::Denied(denied) => EditProblem::Denied(*denied),
        reason => EditProblem::Edit(EditError { field: String::new(), why: Why::Engine(format!("{reason:?}")) }),
    }
}
