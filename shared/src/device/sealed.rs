//! Sealed personal records on this device: the person's own ones, and nobody else's.
//!
//! One entry each holds what is known, what waits for the server, and what became of it. They are in
//! no row, no search and no document; what is deleted leaves its entry with nothing of the villager in it.

use serde::Serialize;

use super::{
    After, Device, Prepared, Store, Write,
    receive::Receiving,
    stored::{self, stored},
};
use crate::{
    id::{RecordId, SealedId, SpaceId},
    json::{FromObject, Object, Unfit},
    limits::SEALED_PER_EXCHANGE_MAX,
    rights::Denied,
    schema::Kind,
    sealed::{self, Contents, Deletion, Invalid, Packed, Refusal, SealedOutcome, SealedWrite, WhyDeleted},
    wire::{Opening, SealedAnswer, SealedChange, SealedState},
};

/// A sealed record as this device holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealed {
    voice: RecordId,
    space: SpaceId,
    /// `None` once it is deleted.
    contents: Option<Packed>,
    /// The server's version that the contents are or rest on; 0 for none.
    version: u64,
    /// Counts the edits made here: a late answer must not acknowledge a newer one.
    edit: u64,
    /// Whether the last edit waits for the server.
    waits: bool,
    refused: Option<Refusal>,
    conflict: Option<Rival>,
    received_ms: Option<i64>,
    expires_ms: Option<i64>,
    deleted: Option<Deletion>,
    openings: Vec<Opening>,
}

/// What the server had when a write of this device rested on something older.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rival {
    version: u64,
    contents: Option<Packed>,
}

stored!(Sealed {
    voice,
    space,
    contents,
    version,
    edit,
    waits,
    refused,
    conflict,
    received_ms,
    expires_ms,
    deleted,
    openings,
});
stored!(Rival { version, contents });

/// What a person wants kept.
#[derive(Debug, Clone)]
pub struct Seal {
    /// `None` for a new one.
    pub id: Option<SealedId>,
    pub voice: RecordId,
    pub contents: Contents,
}

impl FromObject for Seal {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let id = object.maybe("id", Object::parsed)?;
        let contents = Contents::take_from(&mut object.object("contents")?)?;
        Ok(Self { id, voice: object.parsed("voice")?, contents })
    }
}

/// Why something was not sealed. Nothing was stored; what was typed is still in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealProblem {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("the device does not hold this voice or sealed record")]
    Unknown,
    #[error("it is deleted: {0:?}")]
    Deleted(WhyDeleted),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl SealProblem {
    /// The key of the words for people.
    pub fn text_key(&self) -> String {
        match self {
            SealProblem::SignedOut => "edit.signed_out".into(),
            SealProblem::Unknown => "edit.unknown_record".into(),
            SealProblem::Deleted(why) => why.text_key().into(),
            SealProblem::Invalid(invalid) => invalid.why.text_key().into(),
            SealProblem::Denied(denied) => format!("denied.{}", denied.key()),
        }
    }

    /// The field concerned, where there is one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            SealProblem::Invalid(invalid) => Some(invalid.field),
            _ => None,
        }
    }
}

/// A sealed record as its author's screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedView {
    pub id: SealedId,
    /// `None` when it is deleted, or was written by a newer app.
    pub contents: Option<Contents>,
    pub state: SealedAt,
    pub expires_ms: Option<i64>,
    pub openings: Vec<Opening>,
}

/// Where a sealed record has got to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum SealedAt {
    Phone,
    Received {
        received_ms: i64,
    },
    /// Another device of the same person was first: both are shown.
    Conflict {
        theirs: Option<Contents>,
    },
    /// `reason` is the key of the words for it.
    Refused {
        reason: &'static str,
    },
    /// Nothing of it is left here. `at_ms` is `None` until the server has heard of a deletion made here.
    Deleted {
        reason: &'static str,
        at_ms: Option<i64>,
    },
}

impl Device {
    /// The person's sealed records of a voice, oldest first.
    pub fn sealed(&self, voice: RecordId) -> Vec<SealedView> {
        let mut own: Vec<_> = self.sealed.iter().filter(|(_, sealed)| sealed.voice == voice).collect();
        own.sort_unstable_by_key(|(id, sealed)| (sealed.received_ms.unwrap_or(i64::MAX), **id));
        own.into_iter().map(|(id, sealed)| sealed.view(*id)).collect()
    }

    /// Prepares to keep a new sealed record, or an edit of one's own.
    ///
    /// # Errors
    /// When it may not be kept, as the server will check it too.
    pub fn prepare_seal(&self, seal: &Seal) -> Result<(SealedId, Prepared), SealProblem> {
        let person = self.meta.grants.as_ref().map(|grants| &grants.person).ok_or(SealProblem::SignedOut)?;
        seal.contents.check()?;
        let stored = match seal.id {
            Some(id) => Some(self.sealed.get(&id).ok_or(SealProblem::Unknown)?),
            None => None,
        };
        if let Some(sealed) = stored.filter(|sealed| sealed.contents.is_none()) {
            // The server may not have heard of it yet: it stands all the same.
            return Err(SealProblem::Deleted(sealed.deleted.map_or(WhyDeleted::Author, |deletion| deletion.why)));
        }
        let row = self.rows.get(&seal.voice).filter(|row| row.kind == Kind::Voice).ok_or(SealProblem::Unknown)?;
        let space = self.space(row.space).ok_or(Denied::Space)?;
        if !sealed::allowed(person, space).write {
            return Err(Denied::Space.into());
        }
        let id = seal.id.unwrap_or_else(|| SealedId::minted(&self.session, self.minted + 1, seal.voice));
        let before = stored.cloned().unwrap_or_else(|| Sealed::new(seal.voice, row.space));
        let sealed = before.edited(Some(seal.contents.pack()));
        let minted = u64::from(seal.id.is_none());
        Ok((id, self.prepare_sealed(id, sealed, minted)))
    }

    /// Prepares to delete one's own: the contents leave this device with the write.
    ///
    /// # Errors
    /// When the device does not hold it.
    pub fn prepare_unseal(&self, id: SealedId) -> Result<Prepared, SealProblem> {
        let stored = self.sealed.get(&id).ok_or(SealProblem::Unknown)?;
        let sealed = if stored.deleted.is_some() { stored.clone() } else { stored.clone().edited(None) };
        Ok(self.prepare_sealed(id, sealed, 0))
    }

    fn prepare_sealed(&self, id: SealedId, sealed: Sealed, minted: u64) -> Prepared {
        let writes = vec![sealed_write(id, Some(&sealed))];
        let changed = vec![sealed.voice];
        let after = After { sealed: vec![(id, Some(sealed))], minted, ..After::default() };
        Prepared { writes, changed, remade: Vec::new(), after }
    }

    /// The sealed records that wait for the server.
    pub(super) fn unsent_sealed(&self) -> usize {
        self.sealed.values().filter(|sealed| sealed.waits).count()
    }

    /// Those that the server has refused or holds another version of.
    pub(super) fn undecided_sealed(&self) -> usize {
        self.sealed.values().filter(|sealed| sealed.refused.is_some() || sealed.conflict.is_some()).count()
    }

    /// Those that can go out now, the number of their edits with them. `in_page` says whether the changes of this
    /// exchange bring a record to the server: a sealed record follows its voice.
    pub(super) fn sealed_page(&self, in_page: impl Fn(RecordId) -> bool) -> Vec<(SealedId, u64, SealedWrite)> {
        let ready = |sealed: &Sealed| sealed.waits && (in_page(sealed.voice) || self.may_be_there(sealed.voice));
        let ready = self.sealed.iter().filter(|(_, sealed)| ready(sealed)).take(SEALED_PER_EXCHANGE_MAX);
        ready.map(|(id, sealed)| (*id, sealed.edit, sealed.to_sent(*id))).collect()
    }

    /// All sealed records that wait for the server.
    pub(super) fn waiting_sealed(&self) -> Vec<SealedWrite> {
        let waits = self.sealed.iter().filter(|(_, sealed)| sealed.waits);
        waits.map(|(id, sealed)| sealed.to_sent(*id)).collect()
    }

    /// Whether a voice can be at the server already: something of it was received, or nothing of it waits here.
    fn may_be_there(&self, voice: RecordId) -> bool {
        let received = self.rows.get(&voice).is_some_and(|row| row.received_ms.is_some());
        received || !self.outbox.values().any(|waiting| waiting.record == voice)
    }
}

impl Sealed {
    pub(super) fn voice(&self) -> RecordId {
        self.voice
    }

    fn new(voice: RecordId, space: SpaceId) -> Self {
        Self {
            voice,
            space,
            contents: None,
            version: 0,
            edit: 0,
            waits: false,
            refused: None,
            conflict: None,
            received_ms: None,
            expires_ms: None,
            deleted: None,
            openings: Vec::new(),
        }
    }

    /// After an edit made here. Who edits with both versions on the screen has seen the server's.
    fn edited(mut self, contents: Option<Packed>) -> Self {
        if let Some(rival) = self.conflict.take() {
            self.version = rival.version;
        }
        self.refused = None;
        self.edit += 1;
        self.waits = true;
        self.contents = contents;
        self
    }

    fn destroy(&mut self, deletion: Deletion) {
        (self.contents, self.conflict, self.refused, self.waits) = (None, None, None, false);
        self.deleted = Some(deletion);
    }

    fn to_sent(&self, id: SealedId) -> SealedWrite {
        let Sealed { voice, space, version, contents, .. } = self.clone();
        SealedWrite { id, voice, space, base: version, contents }
    }

    fn view(&self, id: SealedId) -> SealedView {
        let open = |packed: &Option<Packed>| packed.as_ref().and_then(|packed| packed.unpack().ok());
        let state = match (&self.deleted, &self.contents, &self.conflict, self.refused, self.received_ms) {
            (Some(Deletion { why, at_ms }), ..) => SealedAt::Deleted { reason: why.text_key(), at_ms: Some(*at_ms) },
            (None, None, ..) => SealedAt::Deleted { reason: WhyDeleted::Author.text_key(), at_ms: None },
            (.., Some(refusal), _) => SealedAt::Refused { reason: refusal.text_key() },
            (_, _, Some(rival), ..) => SealedAt::Conflict { theirs: open(&rival.contents) },
            (.., Some(received_ms)) if !self.waits => SealedAt::Received { received_ms },
            _ => SealedAt::Phone,
        };
        let openings = self.openings.clone();
        SealedView { id, contents: open(&self.contents), state, expires_ms: self.expires_ms, openings }
    }
}

/// Believing the server about sealed records.
impl Receiving<'_> {
    pub(super) fn sealed(&mut self, sent: &[(SealedId, u64)], answer: &SealedAnswer) {
        for ((id, edit), outcome) in sent.iter().zip(&answer.outcomes) {
            let Some(mut sealed) = self.sealed_now(*id) else { continue };
            sealed.settle(*edit, outcome);
            self.sealed.insert(*id, Some(sealed));
        }
        for change in &answer.changed {
            let before = self.sealed_now(change.id);
            let before = before.unwrap_or_else(|| Sealed::new(change.voice, change.space));
            self.sealed.insert(change.id, Some(before.received(change)));
        }
    }

    /// After a restore of the server it is asked about all of them again, as if it knew none.
    pub(super) fn offer_sealed_again(&mut self) {
        let ids: Vec<SealedId> = self.device.sealed.keys().copied().collect();
        for id in ids {
            let Some(mut sealed) = self.sealed_now(id) else { continue };
            if sealed.refused.is_none() && sealed.conflict.is_none() {
                (sealed.version, sealed.waits) = (0, true);
                self.sealed.insert(id, Some(sealed));
            }
        }
    }

    /// What belongs to a space that the person has left goes, unless it waits here alone.
    pub(super) fn drop_lost_sealed(&mut self, granted: impl Fn(SpaceId) -> bool) {
        let known = self.device.sealed.keys().chain(self.sealed.keys()).copied().collect::<Vec<_>>();
        for id in known {
            let Some(sealed) = self.sealed_now(id) else { continue };
            if !granted(sealed.space) && !sealed.waits && sealed.refused.is_none() && sealed.conflict.is_none() {
                self.sealed.insert(id, None);
            }
        }
    }

    fn sealed_now(&self, id: SealedId) -> Option<Sealed> {
        match self.sealed.get(&id) {
            Some(changed) => changed.clone(),
            None => self.device.sealed.get(&id).cloned(),
        }
    }
}

impl Sealed {
    /// What became of a write. Of an edit that has been overtaken here only the version is believed.
    fn settle(&mut self, edit: u64, outcome: &SealedOutcome) {
        let newest = edit == self.edit;
        match outcome {
            SealedOutcome::Deleted(deletion) => self.destroy(*deletion),
            SealedOutcome::Stored { version, received_ms, expires_ms } => {
                (self.version, self.received_ms, self.expires_ms) = (*version, Some(*received_ms), Some(*expires_ms));
                self.waits = !newest;
            }
            SealedOutcome::Conflict { version, contents } if newest => {
                self.conflict = Some(Rival { version: *version, contents: Some(contents.clone()) });
                self.waits = false;
            }
            SealedOutcome::Refused(refusal) if newest => {
                self.refused = Some(*refusal);
                self.waits = false;
            }
            SealedOutcome::Conflict { .. } | SealedOutcome::Refused(_) | SealedOutcome::Waiting => {}
        }
    }

    /// What the server has now. An edit that waits here stays: it will be compared there.
    fn received(mut self, change: &SealedChange) -> Self {
        self.openings = change.openings.clone();
        match &change.state {
            SealedState::Deleted(deletion) => self.destroy(*deletion),
            SealedState::Active(_) if self.deleted.is_some() => {}
            SealedState::Active(contents) => {
                self.expires_ms = Some(change.expires_ms);
                let undecided = self.waits || self.conflict.is_some() || self.refused.is_some();
                if !undecided {
                    (self.contents, self.version) = (Some(contents.clone()), change.version);
                    self.received_ms = Some(change.received_ms);
                }
            }
        }
        self
    }
}

pub(super) fn sealed_write(id: SealedId, sealed: Option<&Sealed>) -> Write {
    Write { store: Store::Sealed, key: id.to_string(), value: sealed.map(stored::encode) }
}
