//! Edits made on this device: checked like the server will check them, then stored with their place
//! in the outbox in one transaction.

use super::{After, Device, Prepared, Row, Store, Waiting, Write, stored};
use crate::{
    id::{ChangeHash, RecordId, SpaceId},
    json::{FromObject, Object, Unfit},
    record::{Contents, Edit, EditError, Record, Why, inspect},
    rights::{self, Denied, Person, Space, Stage},
    schema::{Kind, Need},
    summary::summarize,
    wire::Author,
};

/// What a person wants changed.
#[derive(Debug, Clone)]
pub struct Command {
    pub target: Target,
    /// The heads that the person saw; `None` for "as it is now".
    pub base: Option<Vec<ChangeHash>>,
    pub edits: Vec<Edit>,
}

/// Which record.
#[derive(Debug, Clone)]
pub enum Target {
    /// A new one, or, where the kind has a natural key, the one with the key that the edits put. The
    /// engine adds the author's mandate and the station where the kind has them.
    New {
        new: Kind,
        space: SpaceId,
    },
    /// The reception day of a station and date: created if this device does not have it yet.
    ReceptionDay {
        reception_day: DayKey,
        space: SpaceId,
    },
    Existing {
        record: RecordId,
    },
}

/// The natural key of a reception day.
#[derive(Debug, Clone)]
pub struct DayKey {
    pub station: RecordId,
    pub date: String,
}

impl FromObject for Command {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let target = Target::take_from(&mut object.object("target")?)?;
        let base = object.maybe("base", Object::parsed_list)?;
        Ok(Self { target, base, edits: Edit::take_list(object, "edits")? })
    }
}

impl FromObject for Target {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        if let Some(record) = object.maybe("record", Object::parsed)? {
            return Ok(Target::Existing { record });
        }
        let space = SpaceId(object.counted("space")?);
        if let Some(mut day) = object.maybe("reception_day", Object::object)? {
            let reception_day = DayKey { station: day.parsed("station")?, date: day.text("date")? };
            return Ok(Target::ReceptionDay { reception_day, space });
        }
        let new = Kind::from_key(&object.text("new")?).ok_or(Unfit("new"))?;
        Ok(Target::New { new, space })
    }
}

/// Why an edit was not made. Nothing was stored; the person's text is still in the form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditProblem {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the device does not hold this record")]
    UnknownRecord,
    #[error("the stored record is unreadable")]
    Unreadable,
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl EditProblem {
    /// The key of the words for people.
    pub fn text_key(&self) -> String {
        match self {
            EditProblem::SignedOut => "edit.signed_out".into(),
            EditProblem::UnknownRecord => "edit.unknown_record".into(),
            EditProblem::Unreadable => "edit.unreadable".into(),
            EditProblem::Edit(error) => format!("edit.{}", error.why.key()),
            EditProblem::Denied(denied) => format!("denied.{}", denied.key()),
        }
    }

    /// The field concerned, where there is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            EditProblem::Edit(error) if !error.field.is_empty() => Some(&error.field),
            _ => None,
        }
    }
}

impl Command {
    /// The record whose document the shell must load for [`Device::prepare_edit`], if it is stored.
    pub fn record(&self) -> Option<RecordId> {
        match &self.target {
            Target::New { new: kind, .. } => {
                RecordId::from_natural_key(*kind, |field| self.edits.iter().find_map(|edit| edit.puts_text(field)))
            }
            Target::ReceptionDay { reception_day: key, .. } => Some(RecordId::reception_day(key.station, &key.date)),
            Target::Existing { record } => Some(*record),
        }
    }
}

impl Device {
    /// Prepares an edit. `doc` is the stored document of [`Command::record`], where there is one.
    /// An edit that changes nothing prepares no writes.
    ///
    /// # Errors
    /// When the edit does not fit its fields or the rules do not allow it.
    pub fn prepare_edit(
        &self,
        command: &Command,
        doc: Option<&[u8]>,
        now_ms: i64,
    ) -> Result<(RecordId, Prepared), EditProblem> {
        let person = self.meta.grants.as_ref().map(|grants| &grants.person).ok_or(EditProblem::SignedOut)?;
        let subject = self.subject(command, doc, now_ms)?;
        let id = subject.record.id();
        let mut record = subject.record;
        let edits = [subject.given, command.edits.clone()].concat();
        let changes = record.write(self.session, now_ms, command.base.as_deref(), &edits)?;
        if changes.is_empty() {
            return Ok((id, Prepared::nothing()));
        }

        let contents = record.read();
        if subject.created {
            has_what_it_needs(&contents)?;
        }
        let mut touches = Vec::new();
        for change in &changes {
            let inspected = inspect(record.kind(), id, &change.bytes)
                .map_err(|malformed| EditError::new("", Why::Engine(malformed.to_string())))?;
            touches.extend(inspected.touches);
        }
        let stored = self.rows.get(&id);
        let target = rights::Target {
            kind: record.kind(),
            space: self.space(subject.space).ok_or(Denied::Space)?,
            record: Some(id),
            exists: stored.is_some(),
            // As far as this device has heard.
            stage: stored.map_or(Stage::Draft, |row| Stage::of_state(&row.standing().state)),
            author: stored.and_then(|row| row.summary.author).or_else(|| {
                rights::own_mandate(person, id, |mandate| Some(self.rows.get(&mandate)?.summary.people.as_slice()))
            }),
        };
        rights::may_change(person, target, &touches)?;

        let row = Row {
            kind: record.kind(),
            space: subject.space,
            summary: summarize(&contents),
            updated_ms: now_ms,
            received_ms: stored.and_then(|row| row.received_ms),
            case: stored.and_then(|row| row.case.clone()),
        };
        let waiting = changes.into_iter().map(|change| Waiting::new(id, &row, change)).collect();
        let kind = record.kind();
        let mut prepared = self.prepare_changes(&record, row, waiting, person, subject.minted);
        self.name_files(kind, id, &command.edits, &mut prepared);
        Ok((id, prepared))
    }

    fn prepare_changes(
        &self,
        record: &Record,
        row: Row,
        waiting: Vec<Waiting>,
        person: &Person,
        minted: bool,
    ) -> Prepared {
        let id = record.id();
        let first = self.outbox.last().map_or(1, |(order, _)| order + 1);
        let mut writes = vec![
            Write { store: Store::Docs, key: id.to_string(), value: Some(record.to_stored()) },
            Write { store: Store::Rows, key: id.to_string(), value: Some(row.encode()) },
        ];
        let outbox: Vec<(u64, Option<Waiting>)> = (first..).zip(waiting.into_iter().map(Some)).collect();
        writes.extend(outbox.iter().map(|(order, waiting)| {
            let value = waiting.as_ref().map(Waiting::encode);
            Write { store: Store::Outbox, key: Waiting::key(*order), value }
        }));
        let mut actors = Vec::new();
        if !self.actors.contains_key(&self.session) {
            let author = Author { actor: self.session, user: person.user, name: person.name.clone() };
            writes.push(Write {
                store: Store::Actors,
                key: self.session.to_string(),
                value: Some(stored::encode(&author)),
            });
            actors.push(author);
        }
        let after = After { rows: vec![(id, Some(row))], outbox, actors, minted: minted.into(), ..After::default() };
        Prepared { writes, changed: vec![id], remade: Vec::new(), after }
    }

    fn subject(&self, command: &Command, doc: Option<&[u8]>, now_ms: i64) -> Result<Subject, EditProblem> {
        let known = command.record();
        let stored = known.and_then(|id| Some((id, self.rows.get(&id)?, doc?)));
        if let Some((id, row, doc)) = stored {
            let record = Record::of_stored(row.kind, id, doc).map_err(|_| EditProblem::Unreadable)?;
            return Ok(Subject { space: row.space, record, given: Vec::new(), created: false, minted: false });
        }
        let (kind, space, mut given) = match &command.target {
            Target::Existing { .. } => return Err(EditProblem::UnknownRecord),
            Target::New { new: kind, space } => (*kind, *space, Vec::new()),
            Target::ReceptionDay { reception_day: key, space } => {
                let key = vec![Edit::put("station", key.station), Edit::put("date", key.date.as_str())];
                (Kind::ReceptionDay, *space, key)
            }
        };
        given.extend(self.given(kind, &command.edits, &given));
        let id = known.unwrap_or_else(|| RecordId::minted(&self.session, self.minted + 1, now_ms));
        Ok(Subject { space, record: Record::new(kind, id), given, created: true, minted: known.is_none() })
    }

    /// What a new record says of its maker, unless the command says it.
    fn given(&self, kind: Kind, edits: &[Edit], key: &[Edit]) -> Vec<Edit> {
        let Some(account) = self.account() else { return Vec::new() };
        let said = |field: &str| edits.iter().chain(key).any(|edit| edit.field == field);
        [("author", account.mandate), ("station", account.station)]
            .into_iter()
            .filter(|(field, _)| kind.schema().field(field).is_some() && !said(field))
            .filter_map(|(key, id)| Some(Edit::put(key, id?)))
            .collect()
    }

    pub(super) fn space(&self, id: SpaceId) -> Option<&Space> {
        let grants = self.meta.grants.as_ref()?;
        grants.spaces.iter().map(|granted| &granted.space).find(|space| space.id == id)
    }
}

struct Subject {
    space: SpaceId,
    record: Record,
    given: Vec<Edit>,
    created: bool,
    minted: bool,
}

/// Whether a record may be created like this: every field that its kind asks for is there.
///
/// # Errors
/// With the first field that is missing.
pub fn has_what_it_needs(contents: &Contents) -> Result<(), EditError> {
    let lacks = |key: &&str| !contents.fields.contains_key(*key);
    let needed = contents.kind.schema().fields.iter().filter(|field| field.need == Need::Create);
    match needed.map(|field| field.key).find(lacks) {
        Some(key) => Err(EditError::new(key, Why::Required)),
        None => Ok(()),
    }
}
