//! Staff: seeing that there is a sealed record, opening it with a reason, deleting it at the citizen's
//! request. Each is in the audit log before it is done, and the author is told of openings.

use lianxin_shared::{
    id::{RecordId, SealedId},
    rights::{Person, Space},
    sealed::{self, Contents, Deletion, Open, WhyDeleted, check_reason},
};

use super::{Hub, SealedProblem, Sealing, destroyed, of_ids};
use crate::{
    hub::HubError,
    store::{
        Act, Device, Doer, NewAudit,
        sealed::{Held, SealedDecision, SealedOpening, SealedRecord, SealedSnapshot},
    },
};

/// How long an approved request may be used, in milliseconds: a working day and the night behind it.
const APPROVED_MS: i64 = 24 * 60 * 60 * 1000;

/// That there is a sealed record, for someone who may open it; nothing of what is in it.
#[derive(Debug, Clone)]
pub struct SealedMark {
    pub id: SealedId,
    pub written_ms: i64,
    pub expires_ms: i64,
    /// How this person opens it.
    pub open: Open,
    pub may_delete: bool,
    pub deleted: Option<Deletion>,
    /// Requests that wait for a second person, and one's own approved ones.
    pub pending: Vec<Pending>,
}

/// A request to open.
#[derive(Debug, Clone)]
pub struct Pending {
    pub opening: u64,
    pub by: String,
    pub reason: String,
    pub asked_ms: i64,
    /// Asked by this person.
    pub own: bool,
    pub approved: bool,
}

/// What became of a wish to open.
#[derive(Debug)]
pub enum Opened {
    Contents(Box<Contents>),
    /// A second person of the district has to approve.
    Asked,
}

impl Hub {
    /// The sealed records of a voice, for someone of staff who may open them; empty for all others.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sealed_marks(
        &self,
        person: &Person,
        space: &Space,
        voice: RecordId,
        now_ms: i64,
    ) -> Result<Vec<SealedMark>, HubError> {
        let allowed = sealed::allowed(person, space);
        if self.sealing.is_none() || allowed.open == Open::No {
            return Ok(Vec::new());
        }
        let records = self.store.sealed_of(voice).await?;
        let ids: Vec<SealedId> = records.iter().map(|record| record.id).collect();
        let openings = if ids.is_empty() { Vec::new() } else { self.store.sealed_openings(&ids).await? };
        let mark = |record: &SealedRecord| SealedMark {
            id: record.id,
            written_ms: record.written_ms,
            expires_ms: record.expires_ms,
            open: allowed.open,
            may_delete: allowed.delete,
            deleted: match record.held {
                Held::Deleted(deletion) => Some(deletion),
                Held::Active(_) => None,
            },
            pending: pending(&openings, record.id, person, allowed.open, now_ms),
        };
        Ok(records.iter().map(mark).collect())
    }

    /// Opens a sealed record of a voice in `space`, or asks for it where a second person must approve. It is noted,
    /// durably, before anything is shown.
    ///
    /// # Errors
    /// When the person may not, or the reason does not do.
    pub async fn open_sealed(
        &self,
        (device, person): (&Device, &Person),
        space: &Space,
        id: SealedId,
        reason: &str,
        now_ms: i64,
    ) -> Result<Opened, SealedProblem> {
        let wish = self.wish((device, person), space, id, reason, now_ms)?;
        if wish.open == Open::No {
            return Err(SealedProblem::NotFound);
        }
        self.seal(of_ids(&[id], &[]), move |snapshot| wish.open(snapshot)).await?.0
    }

    /// Approves another person's request to open.
    ///
    /// # Errors
    /// When the person may not: not of the district, or the one who asked.
    pub async fn approve_sealed(
        &self,
        (device, person): (&Device, &Person),
        space: &Space,
        id: SealedId,
        opening: u64,
        now_ms: i64,
    ) -> Result<(), SealedProblem> {
        let wish = self.wish((device, person), space, id, "", now_ms)?;
        if wish.open != Open::WithApproval {
            return Err(SealedProblem::NotFound);
        }
        self.seal(of_ids(&[id], &[]), move |snapshot| wish.approve(snapshot, opening)).await?.0
    }

    /// Deletes a sealed record because the citizen asks for it; the number of the receipt.
    ///
    /// # Errors
    /// When the person may not, or the reason does not do.
    pub async fn delete_sealed(
        &self,
        (device, person): (&Device, &Person),
        space: &Space,
        id: SealedId,
        reason: &str,
        now_ms: i64,
    ) -> Result<u64, SealedProblem> {
        let wish = self.wish((device, person), space, id, reason, now_ms)?;
        if !wish.may_delete {
            return Err(SealedProblem::NotFound);
        }
        let sealing = wish.sealing.clone();
        let (deleted, numbers) = self.seal(of_ids(&[id], &[]), move |snapshot| wish.delete(snapshot)).await?;
        let deletion = deleted?;
        self.after_deletion(&sealing, vec![(id, deletion)]).await;
        Ok(numbers.first().copied().unwrap_or_default())
    }

    fn wish(
        &self,
        (device, person): (&Device, &Person),
        space: &Space,
        id: SealedId,
        reason: &str,
        now_ms: i64,
    ) -> Result<Wish, SealedProblem> {
        let sealing = self.sealing.clone().ok_or(SealedProblem::NotFound)?;
        let allowed = sealed::allowed(person, space);
        let by = NewAudit::of(Doer::of(device), Act::SealedOpen, &id.to_string(), reason.trim(), now_ms);
        let (person, space) = (person.clone(), space.clone());
        Ok(Wish { sealing, person, space, id, by, open: allowed.open, may_delete: allowed.delete })
    }
}

fn pending(openings: &[SealedOpening], id: SealedId, person: &Person, open: Open, now_ms: i64) -> Vec<Pending> {
    if open != Open::WithApproval {
        return Vec::new();
    }
    let shown = |opening: &&SealedOpening| {
        let own = opening.user == person.user;
        opening.sealed == id
            && opening.opened_ms.is_none()
            && (opening.approved.is_none() || (own && is_usable(opening, now_ms)))
    };
    let pending = |opening: &SealedOpening| Pending {
        opening: opening.id,
        by: opening.name.clone(),
        reason: opening.reason.clone(),
        asked_ms: opening.asked_ms,
        own: opening.user == person.user,
        approved: opening.approved.is_some(),
    };
    openings.iter().filter(shown).map(pending).collect()
}

fn is_usable(opening: &SealedOpening, now_ms: i64) -> bool {
    let fresh = |(_, at_ms): (_, i64)| now_ms.saturating_sub(at_ms) < APPROVED_MS;
    opening.opened_ms.is_none() && opening.approved.is_some_and(fresh)
}

/// What someone of staff wants done with one sealed record.
struct Wish {
    sealing: Sealing,
    person: Person,
    space: Space,
    id: SealedId,
    /// The audit entry, but for its act.
    by: NewAudit,
    open: Open,
    may_delete: bool,
}

type Decided<T> = (SealedDecision, Result<T, SealedProblem>);

fn nothing<T>(problem: SealedProblem) -> Decided<T> {
    (SealedDecision::default(), Err(problem))
}

impl Wish {
    /// The record, if it is where the person looked for it and is still there.
    fn record(&self, snapshot: &SealedSnapshot) -> Result<SealedRecord, SealedProblem> {
        let record = snapshot.records.get(&self.id).filter(|record| record.space == Some(self.space.id));
        let record = record.ok_or(SealedProblem::NotFound)?;
        match record.held {
            Held::Deleted(deletion) => Err(SealedProblem::Deleted(deletion)),
            Held::Active(_) => Ok(record.clone()),
        }
    }

    fn open(self, snapshot: SealedSnapshot) -> Decided<Opened> {
        let (record, contents) = match self.checked(&snapshot) {
            Ok((record, Some(contents))) => (record, contents),
            Ok((_, None)) => return nothing(SealedProblem::NotFound),
            Err(problem) => return nothing(problem),
        };
        let now_ms = self.by.at_ms;
        let own = snapshot.openings.into_iter().rev().find(|opening| {
            opening.user == self.person.user && opening.reason == self.by.reason && is_usable(opening, now_ms)
        });
        let (opening, act, opened) = match (self.open, own) {
            (Open::WithReason, _) => (
                SealedOpening { opened_ms: Some(now_ms), ..self.asked() },
                Act::SealedOpen,
                Opened::Contents(Box::new(contents)),
            ),
            (_, Some(approved)) => {
                let opening = SealedOpening { opened_ms: Some(now_ms), ..approved };
                (opening, Act::SealedOpen, Opened::Contents(Box::new(contents)))
            }
            (_, None) => (self.asked(), Act::SealedAsk, Opened::Asked),
        };
        // The record goes along unchanged, so that its author's devices hear of the opening.
        let records = if act == Act::SealedOpen { vec![record] } else { Vec::new() };
        let audit = vec![NewAudit { act, ..self.by }];
        (SealedDecision { records, openings: vec![opening], audit }, Ok(opened))
    }

    fn asked(&self) -> SealedOpening {
        SealedOpening {
            id: 0,
            sealed: self.id,
            user: self.person.user,
            name: self.person.name.clone(),
            reason: self.by.reason.clone(),
            asked_ms: self.by.at_ms,
            approved: None,
            opened_ms: None,
        }
    }

    fn approve(self, snapshot: SealedSnapshot, opening: u64) -> Decided<()> {
        if let Err(problem) = self.record(&snapshot) {
            return nothing(problem);
        }
        let waits =
            |asked: &SealedOpening| asked.id == opening && asked.approved.is_none() && asked.opened_ms.is_none();
        let asked = snapshot.openings.into_iter().find(waits).filter(|asked| asked.user != self.person.user);
        let Some(asked) = asked else { return nothing(SealedProblem::NotFound) };
        let audit = NewAudit { act: Act::SealedApprove, reason: asked.reason.clone(), ..self.by };
        let approved = SealedOpening { approved: Some((self.person.user, audit.at_ms)), ..asked };
        (SealedDecision { records: Vec::new(), openings: vec![approved], audit: vec![audit] }, Ok(()))
    }

    fn delete(self, snapshot: SealedSnapshot) -> Decided<Deletion> {
        let record = match self.checked(&snapshot) {
            Ok((record, _)) => record,
            Err(problem) => return nothing(problem),
        };
        let deletion = Deletion { why: WhyDeleted::Citizen, at_ms: self.by.at_ms };
        let audit = vec![NewAudit { act: Act::SealedDelete, ..self.by }];
        let records = vec![destroyed(&record, deletion)];
        (SealedDecision { records, openings: Vec::new(), audit }, Ok(deletion))
    }

    /// The record and its contents, and a reason that names nobody in them.
    fn checked(&self, snapshot: &SealedSnapshot) -> Result<(SealedRecord, Option<Contents>), SealedProblem> {
        let record = self.record(snapshot)?;
        let contents = self.sealing.open(&record).and_then(|packed| packed.unpack().ok());
        check_reason(&self.by.reason, contents.as_ref())?;
        Ok((record, contents))
    }
}
