//! Staff decide on refused changes (未接收的修改): accept one with the right that they lend, return it to its author with a
//! note, or discard it.
//!
//! What is decided is final for that change, and decided once: it is looked under the lock whether it is still open. Offered
//! again by its author, it is another change. How its author learns of it, [`Hub::exchange`] says.

use lianxin_shared::{
    id::{ChangeHash, RecordId, UserId},
    rights::{Person, Space, lent, may_settle},
    sealed::{Invalid, check_reason},
    wire::{Outcome, RefusalReason, Refused, SentChange},
};

use super::{
    FollowUp, Hub, HubError,
    decide::{Submission, decide, plan},
    read::space_in,
    verify::verify_all,
    writer::Sent,
};
use crate::store::{
    Act, Decision, Device, Doer, NewAudit, NewSettlement, Quarantined, Settlement, Snapshot, StoreError,
};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum SettleProblem {
    /// This person does not decide on it.
    #[error("the change is not this person's to decide on")]
    NotFound,
    /// Somebody was faster, or there never was such a change: which of the two is not told.
    #[error("no such change is open")]
    Settled,
    /// Its author and whoever decides may not do it together either.
    #[error("it cannot be accepted")]
    Refused(Refused),
    /// It rests on a change that is not here, or was not accepted.
    #[error("an earlier change is missing")]
    Missing,
    /// The note says too little, or names somebody.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Failed(#[from] HubError),
}

impl From<StoreError> for SettleProblem {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl Hub {
    /// Decides on a refused change of somebody else. Whoever returns or discards says why; the note reaches the author's
    /// phone, and the audit log. Returns the record: what was handed over beside the change is settled with it.
    ///
    /// # Errors
    /// When there is nothing to decide for this person, the note is none, the change cannot be accepted, or the server fails.
    pub async fn settle(
        &self,
        (device, person): (&Device, &Person),
        (user, hash): (UserId, ChangeHash),
        settlement: Settlement,
        note: &str,
        now_ms: i64,
    ) -> Result<RecordId, SettleProblem> {
        let note = note.trim();
        if settlement != Settlement::Accepted || !note.is_empty() {
            check_reason(note, None)?;
        }
        let refused = self.store.open_refusal(user, hash).await?.ok_or(SettleProblem::Settled)?;
        let spaces = self.store.spaces().await?;
        let space = space_in(&spaces, refused.space);
        let space = space.filter(|space| user != person.user && may_settle(person, space));
        let space = space.ok_or(SettleProblem::NotFound)?;
        let audit = NewAudit::of(Doer::of(device), act(settlement), &subject(&refused), note, now_ms);
        let new = NewSettlement { user, hash, settlement, by: person.user, at_ms: now_ms, note: note.into() };
        let accepts = settlement == Settlement::Accepted;
        let sent = Sent { changes: if accepts { vec![sent(&refused)] } else { Vec::new() }, ..Sent::default() };
        let follow_up = FollowUp::of(&sent);
        let submission =
            if accepts { Some(self.reconsidered(&refused, person, space, sent, now_ms).await?) } else { None };
        let mut plan = plan(&submission);
        plan.spaces.push(refused.space);
        plan.hashes.push(hash);
        let settling = Settling { submission, new, audit };
        self.write_told(plan, move |snapshot| settling.decide(snapshot)).await?;
        if let Err(error) = self.settle_sealed(user, refused.record, Doer::of(device), now_ms).await {
            tracing::error!(%error, "sealed records wait for the next look though their voice was decided on");
        }
        self.follow(&follow_up, now_ms).await?;
        Ok(refused.record)
    }

    /// The change as its author sends it once more, with what staff lend for it.
    async fn reconsidered(
        &self,
        refused: &Quarantined,
        by: &Person,
        space: &Space,
        sent: Sent,
        now_ms: i64,
    ) -> Result<Submission, SettleProblem> {
        let author = self.store.user(refused.user).await?.ok_or(SettleProblem::NotFound)?;
        let person = lent(&author.person, by, space);
        let (changes, fresh) = verify_all(sent.changes).await?;
        let submission = Submission::of(refused.device, person, Vec::new(), now_ms);
        Ok(Submission { changes, fresh, is_reconsidered: true, ..submission })
    }
}

/// A decision on its way under the lock.
struct Settling {
    /// Of a change that is to be accepted.
    submission: Option<Submission>,
    new: NewSettlement,
    audit: NewAudit,
}

impl Settling {
    fn decide(self, snapshot: &Snapshot) -> Result<(Decision, ()), SettleProblem> {
        let Self { submission, new, audit } = self;
        if !snapshot.open.contains(&(new.user, new.hash)) {
            return Err(SettleProblem::Settled);
        }
        let decision = submission.map(|submission| decide(&[submission], snapshot)).unwrap_or_default();
        match decision.answers.outcomes.first() {
            Some(Outcome::Missing | Outcome::Refused(Refused { reason: RefusalReason::Depends, .. })) => {
                Err(SettleProblem::Missing)
            }
            Some(Outcome::Refused(refused)) => Err(SettleProblem::Refused(refused.clone())),
            Some(Outcome::Received { .. }) | None => {
                Ok((Decision { settled: vec![new], audit: vec![audit], ..decision }, ()))
            }
        }
    }
}

fn sent(refused: &Quarantined) -> SentChange {
    SentChange {
        space: refused.space,
        kind: refused.kind,
        record: refused.record,
        hash: refused.hash,
        bytes: refused.bytes.clone(),
    }
}

fn act(settlement: Settlement) -> Act {
    match settlement {
        Settlement::Accepted => Act::RefusedAccept,
        Settlement::Returned => Act::RefusedReturn,
        Settlement::Discarded => Act::RefusedDiscard,
    }
}

/// Which change it was, for the audit log: its record and its hash.
fn subject(refused: &Quarantined) -> String {
    format!("{} {}", refused.record, refused.hash)
}
