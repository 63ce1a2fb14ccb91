//! Reading for people: what a person may read, and a record as a page shows it.

use std::{
    collections::{HashMap, HashSet},
    panic::{UnwindSafe, catch_unwind},
    slice,
};

use lianxin_shared::{
    blob,
    id::{Actor, BlobHash, ChangeHash, RecordId, SpaceId},
    record::{Contents, FieldValue, HistoryEntry, Record, Rewritten},
    rights::{self, Access, Person, Post, Space},
    sorted::Set,
    wire::{Author, GrantedSpace},
};

use super::{HistoryLine, Hub, HubError, RecordPage};
use crate::store::{Store, StoredRecord};

/// What a record holds, without its history; `None` when it cannot be read.
pub fn contents_of(stored: &StoredRecord, id: RecordId) -> Option<Contents> {
    looked_at(stored, id, |record| record.read())
}

/// What there is to see in a record as it is stored; `None` when it cannot be read.
pub(super) fn looked_at<T>(
    stored: &StoredRecord,
    id: RecordId,
    look: impl FnOnce(Record) -> T + UnwindSafe,
) -> Option<T> {
    catch_unwind(|| Record::load(stored.kind, id, &stored.doc).map(look).ok()).ok().flatten()
}

/// The spaces that a person may read, in the order given.
pub(super) fn granted(spaces: &[Space], person: &Person) -> Vec<GrantedSpace> {
    spaces
        .iter()
        .map(|space| (space, rights::best_access(person, space)))
        .filter(|(_, access)| *access >= Access::Read)
        .map(|(space, access)| {
            let mut space = space.clone();
            // Who else takes part is the record's to say.
            let own = rights::own_parties(person, &space);
            space.parties.retain(|party| own.contains(party));
            GrantedSpace { space, access }
        })
        .collect()
}

/// The space with this id. Spaces are sorted by it.
pub fn space_in(spaces: &[Space], id: SpaceId) -> Option<&Space> {
    let place = spaces.binary_search_by_key(&id, |space| space.id).ok()?;
    spaces.get(place)
}

/// The space with this id, if the person may read it.
pub(super) fn granted_in(spaces: &[Space], person: &Person, id: SpaceId) -> Option<GrantedSpace> {
    granted(slice::from_ref(space_in(spaces, id)?), person).pop()
}

/// The space of a record, if the person may read the record there.
fn granted_for(spaces: &[Space], person: &Person, stored: &StoredRecord) -> Option<GrantedSpace> {
    granted_in(spaces, person, stored.space).filter(|granted| rights::reads(person, &granted.space, stored.kind))
}

impl Hub {
    /// A record with its history; `None` when there is none or the person may not read it.
    ///
    /// # Errors
    /// When the store fails or the stored record is unreadable.
    pub async fn record_page(&self, person: &Person, id: RecordId) -> Result<Option<RecordPage>, HubError> {
        let Some((stored, granted)) = self.readable(person, id).await? else { return Ok(None) };
        let read = Reading::of(id, &stored)?;
        let authors = self.store.authors(&read.actors()).await?;
        let authors: HashMap<Actor, Author> = authors.into_iter().map(|author| (author.actor, author)).collect();
        let received = self.store.received(id).await?;
        let received: HashMap<ChangeHash, i64> =
            received.into_iter().map(|change| (change.hash, change.received_ms)).collect();
        let history = read
            .history
            .into_iter()
            .map(|entry| HistoryLine {
                author: authors.get(&entry.actor).cloned(),
                received_ms: received.get(&entry.change).copied(),
                entry,
            })
            .collect();
        Ok(Some(RecordPage {
            id,
            kind: stored.kind,
            space: granted.space,
            access: granted.access,
            contents: read.contents,
            summary: stored.summary,
            heads: read.heads,
            history,
            rewritten: read.rewritten,
            authors,
            created_ms: stored.created_ms,
            updated_ms: stored.updated_ms,
            events: self.events(id).await?,
        }))
    }
}

impl Hub {
    /// What these records hold, of those that the person may read: for figures, without their histories.
    ///
    /// # Errors
    /// When the store fails or a stored record is unreadable.
    pub async fn contents(&self, person: &Person, ids: &[RecordId]) -> Result<HashMap<RecordId, Contents>, HubError> {
        let spaces = self.store.spaces().await?;
        let mut found = HashMap::new();
        for id in ids {
            let stored = self.store.record(*id).await?;
            if let Some(stored) = stored.filter(|stored| granted_for(&spaces, person, stored).is_some()) {
                found.insert(*id, contents_of(&stored, *id).ok_or(HubError::Unreadable(*id))?);
            }
        }
        Ok(found)
    }
}

/// A record as far as its files are concerned.
#[derive(Debug)]
pub struct Filed {
    pub access: Access,
    /// The files that it names now.
    pub files: Set<BlobHash>,
}

/// A record that was somebody's own, by a mandate that was taken away.
pub(super) struct FormerlyOwn {
    pub(super) space: Space,
    contents: Contents,
}

/// The posts that were taken away from a person.
pub(super) async fn former_posts(store: &dyn Store, person: &Person) -> Result<Vec<Post>, HubError> {
    Ok(store.former_posts(person.user).await?.into_iter().map(|former| former.post).collect())
}

impl Hub {
    /// The record, if it was the person's own by one of these former posts (换届, [`rights::taken_away`]).
    pub(super) async fn formerly_own(
        &self,
        person: &Person,
        former: &[Post],
        id: RecordId,
    ) -> Result<Option<FormerlyOwn>, HubError> {
        if former.is_empty() {
            return Ok(None);
        }
        let Some(stored) = self.store.record(id).await? else { return Ok(None) };
        let Some(space) = space_in(&self.store.spaces().await?, stored.space).cloned() else {
            return Ok(None);
        };
        let contents = contents_of(&stored, id).ok_or(HubError::Unreadable(id))?;
        let owner = rights::owner(&contents, &space);
        let own = owner.is_some_and(|owner| rights::taken_away(person, former, owner, &space).is_some());
        Ok(own.then_some(FormerlyOwn { space, contents }))
    }

    /// The files that a record names whose deputy's mandate was taken away: they may be delivered, not read.
    ///
    /// # Errors
    /// When the store fails or the stored record is unreadable.
    pub async fn files_owed(&self, person: &Person, id: RecordId) -> Result<Set<BlobHash>, HubError> {
        let former = former_posts(&*self.store, person).await?;
        let own = self.formerly_own(person, &former, id).await?;
        Ok(own.map(|own| blob::named(&own.contents)).unwrap_or_default())
    }

    /// The files that a record names; `None` when there is none or the person may not read it.
    ///
    /// # Errors
    /// When the store fails or the stored record is unreadable.
    pub async fn files_of(&self, person: &Person, id: RecordId) -> Result<Option<Filed>, HubError> {
        let Some((stored, granted)) = self.readable(person, id).await? else { return Ok(None) };
        let contents = contents_of(&stored, id).ok_or(HubError::Unreadable(id))?;
        let files = blob::named(&contents);
        Ok(Some(Filed { access: granted.access, files }))
    }

    /// The stored record and its space; `None` when there is none or the person may not read it.
    pub(super) async fn readable(
        &self,
        person: &Person,
        id: RecordId,
    ) -> Result<Option<(StoredRecord, GrantedSpace)>, HubError> {
        let Some(stored) = self.store.record(id).await? else { return Ok(None) };
        let granted = granted_for(&self.store.spaces().await?, person, &stored);
        Ok(granted.map(|granted| (stored, granted)))
    }
}

/// 两人同时修改 is marked for a week (DOMAIN §6.2, TX).
pub const REWRITTEN_MARKED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

struct Reading {
    contents: Contents,
    heads: Vec<ChangeHash>,
    history: Vec<HistoryEntry>,
    rewritten: Vec<Rewritten>,
}

impl Reading {
    fn of(id: RecordId, stored: &StoredRecord) -> Result<Self, HubError> {
        let read = looked_at(stored, id, |record| Self {
            contents: record.read(),
            heads: record.heads(),
            history: record.history(),
            rewritten: record.rewritten(stored.updated_ms - REWRITTEN_MARKED_MS),
        });
        read.ok_or(HubError::Unreadable(id))
    }

    fn actors(&self) -> HashSet<Actor> {
        let mut actors: HashSet<Actor> = self.history.iter().map(|entry| entry.actor).collect();
        actors.extend(self.rewritten.iter().flat_map(|rewritten| rewritten.by));
        for value in self.contents.fields.values() {
            match value {
                FieldValue::Single { by, others, .. } => {
                    actors.extend(std::iter::once(by).chain(others).filter_map(|candidate| candidate.actor));
                }
                FieldValue::Entries { entries } => {
                    let candidates = entries.values().flat_map(|entry| std::iter::once(&entry.by).chain(&entry.others));
                    actors.extend(candidates.filter_map(|candidate| candidate.actor));
                }
                FieldValue::Log { entries } => actors.extend(entries.iter().filter_map(|entry| entry.actor)),
                _ => {}
            }
        }
        actors
    }
}
