//! What an ended phone hands over of sealed records: taken in and encrypted as any other, but without a space as long as
//! its voice has not been accepted, so that nobody opens it and no phone is told of it. What staff decide on the refused
//! changes of the voice decides on it too.
//!
//! The record of a voice that had arrived before is its voice's at once. Nothing that is here is overwritten or deleted
//! by an ended phone: other contents under a known id lie beside it.

use std::collections::HashSet;

use lianxin_shared::{
    id::{RecordId, SealedId, UserId},
    rights::Person,
    schema::Kind,
    sealed::{Deletion, FORMERLY, SealedOutcome, SealedWrite, WhyDeleted},
    wire::GrantedSpace,
};

use super::{Hub, HubError, Sealing, destroyed, exchange::Place, of_ids};
use crate::store::{
    Act, Device, Doer, NewAudit, Settlement,
    sealed::{Held, SealedDecision, SealedSnapshot},
};

impl Hub {
    /// Takes what a phone handed over that staff have ended, each with its outcome; `None` of a deletion, which is not
    /// believed.
    pub(in crate::hub) async fn write_sealed_apart(
        &self,
        sealing: &Sealing,
        device: &Device,
        person: &Person,
        spaces: &[GrantedSpace],
        writes: Vec<SealedWrite>,
        now_ms: i64,
    ) -> Result<Vec<Option<SealedOutcome>>, HubError> {
        let voices: HashSet<RecordId> = writes.iter().map(|write| write.voice).collect();
        let mut writing = self.writing(sealing, device, person, spaces, &voices, now_ms).await?;
        let (mut waited_for, mut accepted) = (HashSet::new(), HashSet::new());
        for voice in &voices {
            let refusals = self.store.refusals_of(person.user, *voice).await?;
            if refusals.iter().any(|refusal| refusal.is_kept()) {
                waited_for.insert(*voice);
            }
            if refusals.iter().any(|refusal| refusal.settled == Some(Settlement::Accepted)) {
                accepted.insert(*voice);
            }
        }
        let beside = |write: &SealedWrite| Some(write.id.beside(&write.contents.as_ref()?.0));
        let ids: Vec<SealedId> = writes.iter().flat_map(|write| [Some(write.id), beside(write)]).flatten().collect();
        let voices: Vec<RecordId> = voices.into_iter().collect();
        let user = person.user;
        let decide = move |snapshot: SealedSnapshot| {
            let mut records = snapshot.records;
            let mut decision = SealedDecision::default();
            let one = |mut write: SealedWrite| {
                let contents = write.contents.clone()?;
                let place = match snapshot.voices.get(&write.voice) {
                    Some((Kind::Voice, space)) => {
                        write.space = *space;
                        let place = Place { there: true, ..writing.place(&write) };
                        // Who accepted the voice has lent the right to what belongs to it.
                        let lent = Place { space: Some(*space), allowed: FORMERLY, there: true };
                        if accepted.contains(&write.voice) { lent } else { place }
                    }
                    None if waited_for.contains(&write.voice) => Place { space: None, allowed: FORMERLY, there: true },
                    _ => return Some(SealedOutcome::Waiting),
                };
                let before = records.get(&write.id).filter(|record| record.author == Some(user));
                let active = before.filter(|record| matches!(record.held, Held::Active(_)));
                if active.is_some_and(|record| writing.sealing.open(record).as_ref() != Some(&contents)) {
                    (write.id, write.base) = (write.id.beside(&contents.0), 0);
                }
                Some(writing.one(&write, place, &mut records, &mut decision))
            };
            let outcomes = writes.into_iter().map(one).collect();
            (decision, outcomes)
        };
        Ok(self.seal(of_ids(&ids, &voices), decide).await?.0)
    }

    /// After staff have decided on a refused change of a voice's: what waits for the voice is its own where it has been
    /// accepted, and is destroyed where nothing of it is left to be accepted.
    pub(in crate::hub) async fn settle_sealed(
        &self,
        author: UserId,
        voice: RecordId,
        by: Doer,
        now_ms: i64,
    ) -> Result<(), HubError> {
        let Some(sealing) = &self.sealing else { return Ok(()) };
        let waiting = self.store.sealed_apart_of(&[voice]).await?.into_iter();
        let ids: Vec<SealedId> = waiting.filter(|sealed| sealed.author == author).map(|sealed| sealed.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let waits = self.store.refusals_of(author, voice).await?.iter().any(|refusal| refusal.is_kept());
        let deletion = Deletion { why: WhyDeleted::Discarded, at_ms: now_ms };
        let plan = of_ids(&ids, &[voice]);
        let decide = move |snapshot: SealedSnapshot| {
            let (mut decision, mut deleted) = (SealedDecision::default(), Vec::new());
            for record in ids.iter().filter_map(|id| snapshot.records.get(id)) {
                match snapshot.voices.get(&voice) {
                    _ if record.space.is_some() || matches!(record.held, Held::Deleted(_)) => {}
                    Some((Kind::Voice, space)) => {
                        let mut record = record.clone();
                        record.space = Some(*space);
                        decision.records.push(record);
                    }
                    _ if waits => {}
                    _ => {
                        deleted.push((record.id, deletion));
                        decision.records.push(destroyed(record, deletion));
                        let subject = record.id.to_string();
                        decision.audit.push(NewAudit::of(by, Act::SealedDelete, &subject, "", now_ms));
                    }
                }
            }
            (decision, deleted)
        };
        let (deleted, _) = self.seal(plan, decide).await?;
        self.after_deletion(sealing, deleted).await;
        Ok(())
    }

    /// Mends what was cut off between a decision of staff and what follows from it.
    pub(super) async fn settle_all_sealed(&self, now_ms: i64) -> Result<(), HubError> {
        let waiting = self.store.sealed_apart().await?.into_iter();
        for (author, voice) in waiting.map(|sealed| (sealed.author, sealed.voice)).collect::<HashSet<_>>() {
            self.settle_sealed(author, voice, Doer::SERVER, now_ms).await?;
        }
        Ok(())
    }
}
