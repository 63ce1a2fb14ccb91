//! What a device sends of its user's sealed records, and what it is told of them.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    id::{RecordId, SealedId, SpaceId, UserId},
    limits::{SEALED_OPENINGS_MAX, SEALED_PER_EXCHANGE_MAX},
    rights::{Person, Space},
    schema::Kind,
    sealed::{self, Current, Deletion, SealedOutcome, SealedWrite, Stored, Verdict, WhyDeleted},
    wire::{GrantedSpace, Opening, SealedAnswer, SealedChange, SealedRequest, SealedState},
};

use super::{super::read::former_posts, Hub, HubError, Sealing, destroyed, of_ids};
use crate::store::{
    Act, Device, Doer, NewAudit,
    sealed::{Held, SealedDecision, SealedOpening, SealedRecord, SealedSnapshot},
};

impl Hub {
    /// Decides on the writes and tells what has changed; also whether more is waiting. After the changes of the
    /// exchange: a sealed record follows its voice.
    pub(in crate::hub) async fn exchange_sealed(
        &self,
        device: &Device,
        person: &Person,
        spaces: &[GrantedSpace],
        request: SealedRequest,
        now_ms: i64,
    ) -> Result<(Option<SealedAnswer>, bool), HubError> {
        let SealedRequest { cursor, writes } = request;
        let Some(sealing) = &self.sealing else {
            let outcomes: Vec<SealedOutcome> = writes.iter().map(|_| SealedOutcome::Waiting).collect();
            return Ok((answer(SealedAnswer { cursor, outcomes, changed: Vec::new() }), false));
        };
        let outcomes = self.write_sealed(sealing, device, person, spaces, writes.clone(), now_ms).await?;
        let known: HashSet<SealedId> = stored(&writes, &outcomes).collect();
        let (cursor, changed, more) = self.changed_sealed(sealing, person.user, spaces, cursor, &known).await?;
        Ok((answer(SealedAnswer { cursor, outcomes, changed }), more))
    }

    /// Decides on the writes, each with its outcome.
    pub(in crate::hub) async fn write_sealed(
        &self,
        sealing: &Sealing,
        device: &Device,
        person: &Person,
        spaces: &[GrantedSpace],
        writes: Vec<SealedWrite>,
        now_ms: i64,
    ) -> Result<Vec<SealedOutcome>, HubError> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<SealedId> = writes.iter().map(|write| write.id).collect();
        let voices: Vec<_> = writes.iter().map(|write| write.voice).collect();
        let of = voices.iter().copied().collect();
        let mut writing = self.writing(sealing, device, person, spaces, &of, now_ms).await?;
        let decide = move |snapshot| {
            let (decision, outcomes) = writing.decide(snapshot, &writes);
            (decision, (outcomes, writing.deleted))
        };
        let ((outcomes, deleted), _) = self.seal(of_ids(&ids, &voices), decide).await?;
        self.after_deletion(sealing, deleted).await;
        Ok(outcomes)
    }

    /// What a device's writes about these voices are decided with.
    pub(super) async fn writing(
        &self,
        sealing: &Sealing,
        device: &Device,
        person: &Person,
        spaces: &[GrantedSpace],
        voices: &HashSet<RecordId>,
        now_ms: i64,
    ) -> Result<Writing, HubError> {
        let mut spaces: HashMap<SpaceId, Space> =
            spaces.iter().map(|granted| (granted.space.id, granted.space.clone())).collect();
        let mut formerly = HashSet::new();
        let former = former_posts(&*self.store, person).await?;
        for voice in voices {
            if let Some(own) = self.formerly_own(person, &former, *voice).await? {
                spaces.entry(own.space.id).or_insert(own.space);
                formerly.insert(*voice);
            }
        }
        Ok(Writing {
            sealing: sealing.clone(),
            person: person.clone(),
            by: NewAudit::of(Doer::of(device), Act::SealedDelete, "", "", now_ms),
            spaces,
            formerly,
            deleted: Vec::new(),
        })
    }

    async fn changed_sealed(
        &self,
        sealing: &Sealing,
        user: UserId,
        spaces: &[GrantedSpace],
        cursor: u64,
        known: &HashSet<SealedId>,
    ) -> Result<(u64, Vec<SealedChange>, bool), HubError> {
        let records = self.store.sealed_changed(user, cursor, SEALED_PER_EXCHANGE_MAX as u32).await?;
        let Some(last) = records.last() else { return Ok((cursor, Vec::new(), false)) };
        let (end, more) = (last.position, records.len() == SEALED_PER_EXCHANGE_MAX);
        let readable: HashSet<SpaceId> = spaces.iter().map(|granted| granted.space.id).collect();
        let ids: Vec<SealedId> = records.iter().map(|record| record.id).collect();
        let openings = self.store.sealed_openings(&ids).await?;
        let told = |record: &&SealedRecord| {
            let news = !known.contains(&record.id) || openings.iter().any(|opening| opening.sealed == record.id);
            // Who has left a space gets no contents of it any more, but hears of deletions.
            let deleted = matches!(record.held, Held::Deleted(_));
            news && (deleted || record.space.is_some_and(|space| readable.contains(&space)))
        };
        let changed = records.iter().filter(told).filter_map(|record| change(sealing, record, &openings));
        Ok((end, changed.collect(), more))
    }
}

/// The section is left out where it says nothing.
fn answer(answer: SealedAnswer) -> Option<SealedAnswer> {
    (!answer.outcomes.is_empty() || !answer.changed.is_empty()).then_some(answer)
}

/// What the device has as it is stored now: it need not be told.
fn stored<'a>(writes: &'a [SealedWrite], outcomes: &'a [SealedOutcome]) -> impl Iterator<Item = SealedId> {
    let settled = |outcome: &SealedOutcome| matches!(outcome, SealedOutcome::Stored { .. } | SealedOutcome::Deleted(_));
    writes.iter().zip(outcomes).filter(move |(_, outcome)| settled(outcome)).map(|(write, _)| write.id)
}

pub(super) struct Writing {
    pub(super) sealing: Sealing,
    person: Person,
    /// The audit entry of a deletion, but for its subject.
    by: NewAudit,
    spaces: HashMap<SpaceId, Space>,
    /// Voices that are the person's own by a mandate that was taken away.
    formerly: HashSet<RecordId>,
    deleted: Vec<(SealedId, Deletion)>,
}

impl Writing {
    fn decide(&mut self, snapshot: SealedSnapshot, writes: &[SealedWrite]) -> (SealedDecision, Vec<SealedOutcome>) {
        let mut records = snapshot.records;
        let mut decision = SealedDecision::default();
        let outcomes = writes
            .iter()
            .map(|write| {
                let there = snapshot.voices.get(&write.voice) == Some(&(Kind::Voice, write.space));
                let place = Place { there, ..self.place(write) };
                self.one(write, place, &mut records, &mut decision)
            })
            .collect();
        (decision, outcomes)
    }

    /// The space that a write names, and what its person may do there.
    pub(super) fn place(&self, write: &SealedWrite) -> Place {
        let space = self.spaces.get(&write.space);
        let allowed = match space {
            Some(_) if self.formerly.contains(&write.voice) => sealed::FORMERLY,
            Some(space) => sealed::allowed(&self.person, space),
            None => NOTHING,
        };
        Place { space: space.map(|space| space.id), allowed, there: false }
    }

    pub(super) fn one(
        &mut self,
        write: &SealedWrite,
        Place { space, allowed, there }: Place,
        records: &mut HashMap<SealedId, SealedRecord>,
        decision: &mut SealedDecision,
    ) -> SealedOutcome {
        let now_ms = self.by.at_ms;
        let before = records.get(&write.id);
        let opened = before.and_then(|record| self.sealing.open(record));
        let verdict = sealed::decide(current(before, opened.as_ref()), write, self.person.user, allowed, there);
        let record = SealedRecord {
            id: write.id,
            voice: Some(write.voice),
            space,
            author: Some(self.person.user),
            version: 0,
            position: 0,
            written_ms: now_ms,
            expires_ms: self.sealing.expires_ms(now_ms, None),
            held: Held::Deleted(Deletion { why: WhyDeleted::Author, at_ms: now_ms }),
        };
        let (stored, outcome) = match verdict {
            Verdict::Same { version } => {
                let received_ms = before.map_or(now_ms, |before| before.written_ms);
                let expires_ms = before.map_or(now_ms, |before| before.expires_ms);
                return SealedOutcome::Stored { version, received_ms, expires_ms };
            }
            Verdict::Conflict { version, contents } => return SealedOutcome::Conflict { version, contents },
            Verdict::Deleted(deletion) => return SealedOutcome::Deleted(deletion),
            Verdict::Refused(refusal) => return SealedOutcome::Refused(refusal),
            Verdict::Waiting => return SealedOutcome::Waiting,
            Verdict::Delete => {
                let deletion = Deletion { why: WhyDeleted::Author, at_ms: now_ms };
                self.deleted.push((write.id, deletion));
                decision.audit.push(NewAudit { subject: write.id.to_string(), ..self.by.clone() });
                (before.map_or(record, |before| destroyed(before, deletion)), SealedOutcome::Deleted(deletion))
            }
            Verdict::Store { version } => {
                let Some(contents) = &write.contents else { return SealedOutcome::Waiting };
                let Ok(encrypted) = self.sealing.vault.encrypt(write.id, version, contents) else {
                    return SealedOutcome::Waiting;
                };
                let held = Held::Active(encrypted);
                let expires_ms = record.expires_ms;
                let outcome = SealedOutcome::Stored { version, received_ms: now_ms, expires_ms };
                (SealedRecord { version, held, ..record }, outcome)
            }
        };
        records.insert(write.id, stored.clone());
        decision.records.push(stored);
        outcome
    }
}

/// Where a write belongs.
pub(super) struct Place {
    pub(super) space: Option<SpaceId>,
    /// What its person may do there.
    pub(super) allowed: sealed::Allowed,
    /// Whether its voice is there.
    pub(super) there: bool,
}

const NOTHING: sealed::Allowed = sealed::Allowed { write: false, open: sealed::Open::No, delete: false };

fn current<'a>(record: Option<&SealedRecord>, opened: Option<&'a sealed::Packed>) -> Current<'a> {
    match record {
        None => Current::Absent,
        Some(SealedRecord { held: Held::Deleted(deletion), .. }) => Current::Deleted(*deletion),
        Some(record) => match (record.author, record.voice, opened) {
            (Some(author), Some(voice), Some(contents)) => {
                Current::Active(Stored { author, voice, version: record.version, contents })
            }
            // The contents are lost: what the author still has may take their place.
            (author, voice, _) => Current::Active(Stored {
                author: author.unwrap_or(UserId(0)),
                voice: voice.unwrap_or(RecordId([0; 16])),
                version: record.version,
                contents: &LOST,
            }),
        },
    }
}

static LOST: sealed::Packed = sealed::Packed(Vec::new());

fn change(sealing: &Sealing, record: &SealedRecord, openings: &[SealedOpening]) -> Option<SealedChange> {
    let state = match &record.held {
        Held::Deleted(deletion) => SealedState::Deleted(*deletion),
        Held::Active(_) => SealedState::Active(sealing.open(record)?),
    };
    let opened = openings.iter().filter(|opening| opening.sealed == record.id);
    let mut openings: Vec<Opening> = opened
        .filter_map(|opening| {
            let (by, reason) = (opening.name.clone(), opening.reason.clone());
            Some(Opening { at_ms: opening.opened_ms?, by, reason })
        })
        .collect();
    openings.drain(..openings.len().saturating_sub(SEALED_OPENINGS_MAX));
    Some(SealedChange {
        id: record.id,
        voice: record.voice?,
        space: record.space.unwrap_or(SpaceId(0)),
        version: record.version,
        received_ms: record.written_ms,
        expires_ms: record.expires_ms,
        state,
        openings,
    })
}
