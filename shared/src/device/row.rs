//! A record as the device's lists know it.

use serde::Serialize;

use super::{
    Device,
    stored::{self, stored},
};
use crate::{
    case::offer::{Said, Standing},
    id::{RecordId, SpaceId},
    schema::Kind,
    summary::Summary,
    wire::BadBytes,
};

/// The stored row of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub kind: Kind,
    pub space: SpaceId,
    pub summary: Summary,
    /// When it last changed here, by the device's clock for own edits, by the server's for received ones.
    pub updated_ms: i64,
    /// When the server received the last change of this device that it has acknowledged.
    pub received_ms: Option<i64>,
    /// Where its case stands, as the server said last: a [`crate::case::CaseRow`].
    pub case: Option<Said>,
}

stored!(Row { kind, space, summary, updated_ms, received_ms, case });

impl Row {
    pub(super) fn standing(&self) -> Standing {
        Standing::of(self.kind, self.case.as_ref().map(|said| said.0.as_str()))
    }

    /// What is stored of it.
    pub fn encode(&self) -> Vec<u8> {
        stored::encode(self)
    }

    /// # Errors
    /// When the bytes are no row of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        stored::decode(bytes)
    }
}

/// Where a record has got to, as far as this device's own changes are concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum RecordState {
    /// Something of it, or asked for it, is on this device only.
    Phone { unsent: usize },
    /// Everything this device did to it has been at the server since then.
    Received { received_ms: i64 },
    /// The server refused something; `reason` is the key of the words for it, `note` what staff say about it.
    Refused { reason: String, field: String, note: String, unsent: usize },
    /// This device did nothing to it.
    Theirs,
}

/// A row as the view receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowView<'a> {
    pub id: RecordId,
    pub kind: Kind,
    pub space: SpaceId,
    pub title: &'a str,
    pub date: &'a str,
    pub station: Option<RecordId>,
    pub place: Option<RecordId>,
    pub author: Option<RecordId>,
    pub people: &'a [String],
    pub code: &'a str,
    pub status: &'a str,
    pub tags: &'a [String],
    pub links: &'a [RecordId],
    pub number: i64,
    pub conflicts: u32,
    pub deleted: bool,
    pub updated_ms: i64,
    pub state: RecordState,
    pub case: Option<&'a Said>,
    /// Requests of this person that came back.
    pub returned: usize,
}

impl Device {
    /// Where a record has got to.
    pub fn state(&self, id: RecordId) -> RecordState {
        // A request is as much on this device only as a change is.
        let (mut unsent, _) = self.filed_of(id);
        let mut refused = None;
        for waiting in self.outbox.values().filter(|waiting| waiting.record == id) {
            match &waiting.refused {
                Some(why) => refused = refused.or(Some((why, &waiting.note))),
                None => unsent += 1,
            }
        }
        let received_ms = self.rows.get(&id).and_then(|row| row.received_ms);
        match (refused, unsent, received_ms) {
            (Some((refused, note)), unsent, _) => {
                let (reason, field) = (refused.reason.text_key(), refused.field.clone());
                RecordState::Refused { reason, field, note: note.clone(), unsent }
            }
            (None, 1.., _) => RecordState::Phone { unsent },
            (None, 0, Some(received_ms)) => RecordState::Received { received_ms },
            (None, 0, None) => RecordState::Theirs,
        }
    }

    pub(super) fn row_view<'a>(&self, id: RecordId, row: &'a Row) -> RowView<'a> {
        let summary = &row.summary;
        RowView {
            id,
            kind: row.kind,
            space: row.space,
            title: &summary.title,
            date: &summary.date,
            station: summary.station,
            place: summary.place,
            author: summary.author,
            people: &summary.people,
            code: &summary.code,
            status: &summary.status,
            tags: &summary.tags,
            links: &summary.links,
            number: summary.number,
            conflicts: summary.conflicts,
            deleted: summary.deleted,
            updated_ms: row.updated_ms,
            state: self.state(id),
            case: row.case.as_ref(),
            returned: self.filed_of(id).1,
        }
    }
}
