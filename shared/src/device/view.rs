//! What the view asks for: lists, one record, the account.

use serde::Serialize;

use super::{CaseView, Device, FileView, RowView};
use crate::{
    id::{Actor, ChangeHash, RecordId, SpaceId, UserId},
    json::{FromObject, Object, Unfit},
    record::{FieldValue, HistoryEntry, Record, Unreadable, Value},
    rights::Post,
    schema::Kind,
    sorted::{Map, Set},
    summary::folded,
    wire::GrantedSpace,
};

/// Who is signed in, and where this person's records go.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    pub user: UserId,
    pub name: String,
    pub posts: Vec<Post>,
    pub spaces: Vec<GrantedSpace>,
    /// Whom new records name as their author.
    pub mandate: Option<RecordId>,
    /// The station of the person's post, once it has been received.
    pub station: Option<RecordId>,
    /// Where this person's activities, reception days and voices are written.
    pub home_space: Option<SpaceId>,
}

/// Which rows a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kinds: Vec<Kind>,
    pub space: Option<SpaceId>,
    /// A record that the rows link to.
    pub link: Option<RecordId>,
    /// Words that must all occur.
    pub text: Option<String>,
    pub limit: Option<usize>,
}

impl FromObject for Filter {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let kind = |value: serde_json::Value| Kind::from_key(value.as_str()?);
        let kinds = object.maybe("kinds", |object, key| object.each(key, kind))?;
        Ok(Self {
            kinds: kinds.unwrap_or_default(),
            space: object.maybe("space", Object::counted)?.map(SpaceId),
            link: object.maybe("link", Object::parsed)?,
            text: object.maybe("text", Object::text)?,
            limit: object.maybe("limit", Object::counted)?,
        })
    }
}

/// A record as a page shows it.
#[derive(Debug, Serialize)]
pub struct RecordView<'a> {
    pub row: RowView<'a>,
    pub heads: Vec<ChangeHash>,
    pub fields: Map<&'static str, FieldValue>,
    pub history: Vec<HistoryEntry>,
    /// Actor → name.
    pub people: Map<Actor, &'a str>,
    /// Record → title, for every reference that the contents hold.
    pub titles: Map<RecordId, &'a str>,
    /// Where there is anything official about it.
    pub case: Option<CaseView>,
    /// Its photos and recordings that the server does not have.
    pub files: Vec<FileView>,
}

impl Device {
    /// Rows that are not deleted, newest date first.
    pub fn list(&self, filter: &Filter) -> Vec<RowView<'_>> {
        let words: Vec<String> = filter.text.iter().flat_map(|text| text.split_whitespace()).map(folded).collect();
        let mut found: Vec<_> = self
            .rows
            .iter()
            .filter(|(_, row)| {
                let summary = &row.summary;
                !summary.deleted
                    && filter.kinds.contains(&row.kind)
                    && filter.space.is_none_or(|space| space == row.space)
                    && filter.link.is_none_or(|link| summary.links.contains(&link))
                    && words.iter().all(|word| summary.search.contains(word))
            })
            .collect();
        found.sort_unstable_by(|(a_id, a), (b_id, b)| {
            (&b.summary.date, b.updated_ms, a_id).cmp(&(&a.summary.date, a.updated_ms, b_id))
        });
        found.truncate(filter.limit.unwrap_or(usize::MAX));
        found.into_iter().map(|(id, row)| self.row_view(*id, row)).collect()
    }

    /// A record with contents, contributors, history and case. `doc` is its stored document, `events`
    /// its stored case, where there is one.
    ///
    /// # Errors
    /// When the stored document is unreadable. `Ok(None)` when the device does not hold the record.
    pub fn view(&self, id: RecordId, doc: &[u8], events: Option<&[u8]>) -> Result<Option<RecordView<'_>>, Unreadable> {
        let Some(row) = self.rows.get(&id) else { return Ok(None) };
        let record = Record::of_stored(row.kind, id, doc)?;
        let contents = record.read();
        let history = record.history();
        let people = history
            .iter()
            .filter_map(|entry| Some((entry.actor, self.actors.get(&entry.actor)?.name.as_str())))
            .collect();
        let titles = references(&contents.fields)
            .into_iter()
            .filter_map(|id| Some((id, self.rows.get(&id)?.summary.title.as_str())))
            .collect();
        Ok(Some(RecordView {
            row: self.row_view(id, row),
            heads: record.heads(),
            fields: contents.fields,
            history,
            people,
            titles,
            case: self.case_view(id, doc, events),
            files: self.files_of(id),
        }))
    }
}

/// Everything in the contents that reads as a record id.
fn references(fields: &Map<&'static str, FieldValue>) -> Set<RecordId> {
    let single = |value: &Value| value.as_text().and_then(|text| text.parse::<RecordId>().ok());
    let mut found = Set::new();
    for field in fields.values() {
        match field {
            FieldValue::Single { value, others, .. } => {
                found.extend(single(value));
                found.extend(others.iter().filter_map(|other| single(&other.value)));
            }
            FieldValue::Set { elements } => {
                found.extend(elements.iter().filter_map(|text| text.parse::<RecordId>().ok()))
            }
            _ => {}
        }
    }
    found
}
