//! A field record: one small Automerge document.
//!
//! Every container (prose, set, log, counter) is made by the kind's *genesis* change, a constant
//! that all devices share and nobody sends, or needs no object because it is *spread* over the root
//! (`schema::Place`). So two devices that create the same record offline merge field by field, and
//! the server knows from a change alone which fields it touches ([`inspect`]): a change that makes
//! objects of its own is refused.

mod compose;
mod edit;
mod guard;
mod history;
mod inspect;
mod lone;
mod read;
mod refound;
mod remake;
mod rewritten;
mod shape;
mod spread;
mod stored;
mod value;

use automerge::{ActorId, Automerge, AutomergeError, Change, LoadChangeError, ROOT, ReadDoc, ScalarValue};

use crate::{
    id::{Actor, ChangeHash, RecordId},
    limits::CHANGE_OPS_MAX,
    schema::{Kind, Place},
    sorted::Set,
};
use compose::Composer;
use shape::Shape;

pub use edit::{Edit, EditError, Op, Why};
pub use history::{FieldChange, HistoryEntry, What};
pub use inspect::{Action, Inspected, Malformed, Touch, inspect, inspect_and_read, operations_claimed};
pub use read::{Candidate, Contents, Entry, FieldValue, LogEntry};
pub use remake::{Remade, RemadeChange};
pub use rewritten::Rewritten;
pub use shape::{GENESIS_ACTOR, extension_actors, genesis, is_nobody};
pub use value::Value;

/// Where a change that rests on nothing but the genesis names its record. Without it, two records
/// that begin alike would begin with the same change, and a change could be passed off as another
/// record's. (The wire carries the id beside the change, so that it compresses to nothing.)
const ID_KEY: &str = "_id";
/// Where the genesis names the kind.
const KIND_KEY: &str = "_kind";
/// The keys of the root that are no fields.
const OWN_KEYS: [&str; 3] = [ID_KEY, KIND_KEY, refound::FOUNDED_KEY];
/// Between a spread field's key and an element.
const SPREAD: char = '/';

/// One record with its whole history.
#[derive(Debug, Clone)]
pub struct Record {
    shape: &'static Shape,
    id: RecordId,
    doc: Automerge,
    log: Log,
}

/// Where a record's changes are.
#[derive(Debug, Clone)]
enum Log {
    /// Here, as they came.
    Kept(Vec<Change>),
    /// In the document that was loaded: Automerge makes them of its operations again. Only servers load documents, and
    /// only they carry the code for this; hence the function, which [`Record::load`] alone names.
    InDocument(fn(&Automerge, automerge::ChangeHash) -> Vec<Change>),
}

/// A change that an edit made: what is stored, sent and acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

impl NewChange {
    fn of(change: &Change) -> Self {
        Self { hash: change.hash().into(), bytes: change.raw_bytes().to_vec() }
    }
}

/// What applying changes did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// All are part of the record now.
    Merged,
    /// Some wait for changes that are not here.
    Incomplete,
}

/// Stored or received bytes that are no record or no change.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("not a record: {0}")]
    Damaged(&'static str),
    #[error("not a change")]
    Change(#[from] LoadChangeError),
    #[error("not a record")]
    Merge(#[from] AutomergeError),
}

impl Record {
    /// A new record: the genesis of its kind, nothing else.
    pub fn new(kind: Kind, id: RecordId) -> Self {
        Self::shaped(Shape::of(kind), id)
    }

    fn shaped(shape: &'static Shape, id: RecordId) -> Self {
        Self { shape, id, doc: shape.document(), log: Log::Kept(Vec::new()) }
    }

    /// Loads what [`Record::save`] wrote, or the bytes of the one change that a record has so far.
    ///
    /// # Errors
    /// When the bytes are neither.
    pub fn load(kind: Kind, id: RecordId, bytes: &[u8]) -> Result<Self, Unreadable> {
        if guard::is_change(bytes) {
            return Self::of_changes(kind, id, [bytes]);
        }
        let log = Log::InDocument(|doc, genesis| doc.get_changes(&[genesis]));
        Ok(Self { shape: Shape::of(kind), id, doc: Automerge::load(bytes)?, log })
    }

    /// A record of these changes. Merged at once with the genesis, which takes half as long as one after the other.
    ///
    /// # Errors
    /// When the bytes are no changes, or some rest on others that are not among them.
    fn of_changes<'a>(kind: Kind, id: RecordId, bytes: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Unreadable> {
        let shape = Shape::of(kind);
        let changes = parsed(bytes)?;
        let mut doc = Automerge::new();
        doc.apply_changes([vec![shape.genesis().clone()], changes.clone()].concat())?;
        if doc.get_missing_deps(&[]).is_empty() {
            Ok(Self { shape, id, doc, log: Log::Kept(changes) })
        } else {
            Err(Unreadable::Damaged("changes are missing"))
        }
    }

    /// The record as bytes, history included.
    pub fn save(&self) -> Vec<u8> {
        self.doc.save()
    }

    /// [`Record::save`] for what others have written, made sure of: a saved document does not hold the changes as they
    /// came, but their operations, from which it makes them again; and one that Automerge itself would have written
    /// differently (a predecessor that does not exist is enough) makes a document that can never be loaded.
    ///
    /// # Errors
    /// When it could not be loaded again as it is.
    pub fn save_checked(&self) -> Result<Vec<u8>, Unreadable> {
        let bytes = self.save();
        let loaded = Automerge::load(&bytes)?;
        if loaded.get_heads() == self.doc.get_heads() {
            Ok(bytes)
        } else {
            Err(Unreadable::Damaged("other heads when loaded"))
        }
    }

    pub fn kind(&self) -> Kind {
        self.shape.schema.kind
    }

    pub fn id(&self) -> RecordId {
        self.id
    }

    /// The newest changes: what a person who looks at the record has seen.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.doc.get_heads().into_iter().map(ChangeHash::from).collect()
    }

    /// Whether the record contains this change.
    pub fn contains(&self, hash: ChangeHash) -> bool {
        self.doc.get_change_meta_by_hash(&hash.into()).is_some()
    }

    /// Whether an accepted change may come next here: it rests on changes that are here, its actor's changes are numbered
    /// without a gap, each resting on the one before, and its operations are numbered behind those that it rests on.
    /// Automerge keeps its books by these numbers and does not check them itself.
    pub fn follows(&self, change: &Inspected) -> bool {
        let own = automerge::ActorId::from(change.actor);
        let deps: Vec<automerge::ChangeHash> = change.deps.iter().map(|hash| (*hash).into()).collect();
        let seen: Option<Vec<u64>> =
            deps.iter().map(|hash| Some(self.doc.get_change_meta_by_hash(hash)?.max_op)).collect();
        let Some(seen) = seen else { return false };
        // An extension begins no record: it says nothing of what the record is about.
        if shape::is_nobody(change.actor) {
            return change.seq == 1 && self.doc.get_heads() != [self.shape.genesis_hash()];
        }
        if !change.extensions.iter().all(|version| self.rests_on_extension(&deps, *version)) {
            return false;
        }
        let all = self.doc.get_changes_meta(&[]);
        let numbered = all.iter().filter(|meta| *meta.actor == own).count() as u64;
        // A device may count on from what it has received and not looked at; but who runs far ahead leaves no numbers
        // for the others.
        let highest = all.iter().map(|meta| meta.max_op).max().unwrap_or(0);
        seen.iter().all(|max_op| change.start_op > *max_op)
            && change.start_op <= highest + 1 + CHANGE_OPS_MAX
            && change.seq == numbered + 1
            && !self.doc.get_changes_meta(&deps).iter().any(|unseen| *unseen.actor == own)
    }

    /// Makes one change with these edits, as of `base` (the heads that the person saw when the form
    /// was opened), or as of now without it. What a colleague did since then is merged, not
    /// overwritten. `None` when nothing differs.
    ///
    /// Time is the device's, in milliseconds since 1970.
    ///
    /// # Errors
    /// When an edit does not fit its field; nothing is changed then.
    pub fn edit(
        &mut self,
        actor: Actor,
        time_ms: i64,
        base: Option<&[ChangeHash]>,
        edits: &[Edit],
    ) -> Result<Option<NewChange>, EditError> {
        edit::check(self.shape.schema, edits)?;
        if base.is_some_and(|seen| self.has_lost(seen)) {
            return Err(EditError::new("", Why::Founded));
        }
        let mut heads = self.editing_heads(actor, base);
        heads.extend(
            self.extensions_needed(edits)
                .filter(|extension| self.is_unseen(&heads, extension.hash()))
                .map(|extension| extension.hash())
                .collect::<Vec<_>>(),
        );
        let mut composer = Composer::new(&self.doc, &heads, ActorId::from(actor));
        edit::apply(&mut composer, self.shape.schema, actor, edits)?;
        if !composer.is_empty() && heads == [self.shape.genesis_hash()] {
            composer.put(&ROOT, ID_KEY, ScalarValue::Bytes(self.id.0.to_vec()));
        }
        let Some(change) = composer.finish(time_ms / 1000) else { return Ok(None) };
        let made = NewChange::of(&change);
        let merged = self.merge(vec![change]).is_ok() && self.contains(made.hash);
        if merged { Ok(Some(made)) } else { Err(EditError::engine("the new change does not merge")) }
    }

    /// Makes the changes for these edits: one, or none when nothing differs. Where they write prose
    /// that came after the record's kind, and nobody has written such prose here yet, three: what
    /// else they write, the extension that makes the Texts, and the prose.
    ///
    /// # Errors
    /// When an edit does not fit its field; the record must be dropped then.
    pub fn write(
        &mut self,
        actor: Actor,
        time_ms: i64,
        base: Option<&[ChangeHash]>,
        edits: &[Edit],
    ) -> Result<Vec<NewChange>, EditError> {
        edit::check(self.shape.schema, edits)?;
        let missing: Vec<Change> =
            self.extensions_needed(edits).filter(|extension| !self.contains(extension.hash().into())).collect();
        if missing.is_empty() {
            return Ok(self.edit(actor, time_ms, base, edits)?.into_iter().collect());
        }
        let (later, now): (Vec<Edit>, Vec<Edit>) =
            edits.iter().cloned().partition(|edit| self.extension_of(edit).is_some());
        let mut changes: Vec<NewChange> = self.edit(actor, time_ms, base, &now)?.into_iter().collect();
        if later.iter().all(edit::writes_nothing) {
            return Ok(changes);
        }
        if self.doc.get_heads() == [self.shape.genesis_hash()] {
            return Err(EditError::engine("no record begins with prose that came after its kind"));
        }
        changes.extend(missing.iter().map(NewChange::of));
        self.merge(missing).map_err(|_| EditError::engine("the extension does not merge"))?;
        changes.extend(self.edit(actor, time_ms, base, &later)?);
        Ok(changes)
    }

    /// Merges changes that [`inspect`] has accepted. Known ones are skipped.
    ///
    /// # Errors
    /// When Automerge refuses the bytes; the record may then hold some of them and must be dropped.
    pub fn apply<'a>(&mut self, changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Applied, Unreadable> {
        self.merge(parsed(changes)?)?;
        let missing = self.doc.get_missing_deps(&[]);
        Ok(if missing.is_empty() { Applied::Merged } else { Applied::Incomplete })
    }

    /// Those changes that rest on what is here, and on each other in their order.
    pub fn what_fits<'a>(&self, changes: impl IntoIterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
        let mut fitting = Set::new();
        let mut fits = |bytes: &&[u8]| {
            let Ok(change) = Change::from_bytes(bytes.to_vec()) else { return false };
            let present = |dep| fitting.contains(dep) || self.doc.get_change_meta_by_hash(dep).is_some();
            let fits = change.deps().iter().all(present);
            if fits {
                fitting.insert(change.hash());
            }
            fits
        };
        changes.into_iter().filter(|bytes| fits(bytes)).collect()
    }

    /// Whether there is nothing but the genesis.
    pub fn is_blank(&self) -> bool {
        self.doc.get_heads() == [self.shape.genesis_hash()]
    }

    /// Who made its changes.
    pub fn actors(&self) -> Set<Actor> {
        let metas = self.doc.get_changes_meta(&[self.shape.genesis_hash()]);
        metas.iter().filter_map(|meta| Actor::try_from(meta.actor.to_bytes()).ok()).collect()
    }

    /// Every change but the genesis, parents first: what a device that has nothing needs.
    pub fn changes(&self) -> Vec<NewChange> {
        self.all_changes().iter().map(NewChange::of).collect()
    }

    /// The changes of some actors, parents first, with the extensions that they may rest on.
    pub fn changes_by(&self, wanted: impl Fn(Actor) -> bool) -> Vec<NewChange> {
        let of_actor = |change: &Change, wanted: &dyn Fn(Actor) -> bool| {
            Actor::try_from(change.actor_id().to_bytes()).is_ok_and(wanted)
        };
        let changes = self.all_changes();
        if !changes.iter().any(|change| of_actor(change, &wanted)) {
            return Vec::new();
        }
        let wanted = |actor| wanted(actor) || shape::is_nobody(actor);
        changes.iter().filter(|change| of_actor(change, &wanted)).map(NewChange::of).collect()
    }

    /// What the record says now.
    pub fn read(&self) -> Contents {
        read::read(&self.doc, self.shape.schema)
    }

    /// Sentences that two people rewrote since then without seeing each other, until somebody who saw
    /// both has written on (两人同时修改). By the devices' clocks, milliseconds since 1970.
    pub fn rewritten(&self, since_ms: i64) -> Vec<Rewritten> {
        rewritten::rewritten(&self.doc, self.shape, self.id, since_ms)
    }

    /// Who changed what, when, oldest first.
    pub fn history(&self) -> Vec<HistoryEntry> {
        history::history(self)
    }

    fn merge(&mut self, changes: Vec<Change>) -> Result<(), AutomergeError> {
        if let Log::Kept(kept) = &mut self.log {
            let is_new = |change: &&Change| self.doc.get_change_meta_by_hash(&change.hash()).is_none();
            kept.extend(changes.iter().filter(is_new).cloned());
        }
        self.doc.apply_changes(changes)
    }

    /// Every change but the genesis, parents first.
    fn all_changes(&self) -> Vec<Change> {
        let genesis = self.shape.genesis_hash();
        let kept = match &self.log {
            Log::InDocument(changes) => return changes(&self.doc, genesis),
            Log::Kept(kept) => kept,
        };
        // In the order in which they were merged, which is nearly the order in which they came.
        let mut next = 0;
        let mut find = |hash| {
            let (before, behind) = kept.split_at(next);
            let at = behind.iter().position(|change| change.hash() == hash).map(|n| next + n);
            let at = at.or_else(|| before.iter().position(|change| change.hash() == hash))?;
            next = at + 1;
            Some(kept[at].clone())
        };
        self.doc.get_changes_meta(&[genesis]).iter().filter_map(|meta| find(meta.hash)).collect()
    }

    /// The extensions whose Texts these edits write.
    fn extensions_needed(&self, edits: &[Edit]) -> impl Iterator<Item = Change> {
        let versions: Set<u8> = edits.iter().filter_map(|edit| self.extension_of(edit)).collect();
        versions.into_iter().filter_map(|version| self.shape.extension(version, self.id))
    }

    fn extension_of(&self, edit: &Edit) -> Option<u8> {
        match self.shape.schema.place(self.shape.schema.field(&edit.field)?) {
            Place::Extension(version) => Some(version),
            Place::Single | Place::Genesis | Place::Spread => None,
        }
    }

    /// Whether what rests on `deps` has the Texts of this version's extension.
    fn rests_on_extension(&self, deps: &[automerge::ChangeHash], version: u8) -> bool {
        let Some(extension) = self.shape.extension(version, self.id) else { return false };
        self.contains(extension.hash().into()) && !self.is_unseen(deps, extension.hash())
    }

    /// Whether the record contains a change that these heads do not rest on.
    fn is_unseen(&self, heads: &[automerge::ChangeHash], hash: automerge::ChangeHash) -> bool {
        self.doc.get_changes_meta(heads).iter().any(|unseen| unseen.hash == hash)
    }

    /// The heads to edit at: what the person saw, and this actor's own last change, because one
    /// actor's changes must follow each other.
    fn editing_heads(&self, actor: Actor, base: Option<&[ChangeHash]>) -> Vec<automerge::ChangeHash> {
        let Some(base) = base else { return self.doc.get_heads() };
        let mut heads: Vec<automerge::ChangeHash> = base
            .iter()
            .map(|hash| automerge::ChangeHash::from(*hash))
            .filter(|hash| self.doc.get_change_meta_by_hash(hash).is_some())
            .collect();
        if heads.is_empty() {
            return self.doc.get_heads();
        }
        let actor = automerge::ActorId::from(actor);
        let unseen = self.doc.get_changes_meta(&heads);
        if let Some(own_last) = unseen.iter().filter(|change| *change.actor == actor).max_by_key(|change| change.seq) {
            let own_last = own_last.hash;
            let not_in_own_last: Vec<_> =
                self.doc.get_changes_meta(&[own_last]).into_iter().map(|change| change.hash).collect();
            heads.retain(|hash| not_in_own_last.contains(hash));
            heads.push(own_last);
        }
        heads
    }
}

fn parsed<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Change>, LoadChangeError> {
    changes.into_iter().map(|bytes| Change::from_bytes(bytes.to_vec())).collect()
}

#[cfg(test)]
mod evolution;
#[cfg(test)]
mod hot_spots;
#[cfg(test)]
mod tests;
