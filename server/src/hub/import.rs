//! Records that are taken over from a file (导入台账): all of it or nothing, with the rights of who does it, and none twice.
//!
//! A row's id is told from what the row says, so the same row is the same record however often the file comes. What is
//! there already is left as it is.

use std::collections::{HashMap, HashSet};

use lianxin_shared::{
    device::{Command, EditProblem, Target},
    id::{Actor, RecordId, SpaceId},
    record::Edit,
    rights::Person,
    schema::Kind,
    wire::{Outcome, SentChange},
};
use rand::RngExt;

use super::{
    FollowUp, Hub, HubError,
    decide::{Submission, decide, plan},
    edit::{Edited, make},
    read::granted_in,
    verify::verify_all,
    writer::Sent,
};
use crate::store::{Act, Decision, Device, Doer, NewAudit, Snapshot, StoreError};

/// A row of a file as a new record.
#[derive(Debug, Clone)]
pub struct ImportRow {
    pub id: RecordId,
    pub space: SpaceId,
    pub edits: Vec<Edit>,
}

/// What would be stored of a file.
#[derive(Debug)]
pub struct ImportPlan {
    kind: Kind,
    changes: Vec<SentChange>,
    records: HashSet<RecordId>,
    /// Rows, by their place, whose records are there already.
    pub there: Vec<usize>,
    /// Rows that cannot be taken over, and why.
    pub problems: Vec<(usize, EditProblem)>,
}

impl ImportPlan {
    /// How many records it would make.
    pub fn records(&self) -> usize {
        self.records.len()
    }
}

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// Since it was planned, somebody has entered one of the records, or rights have changed.
    #[error("what was planned does not hold any more")]
    Changed,
    #[error(transparent)]
    Failed(#[from] HubError),
}

impl From<StoreError> for ImportFailure {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl Hub {
    /// What these rows come to, as this person; nothing is stored. The ids of the rows differ.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn plan_import(
        &self,
        person: &Person,
        kind: Kind,
        rows: Vec<ImportRow>,
        now_ms: i64,
    ) -> Result<ImportPlan, HubError> {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        let there: HashSet<RecordId> = self.store.places(&ids).await?.into_keys().collect();
        let (known, mut spaces) = (self.store.spaces().await?, HashMap::new());
        for id in rows.iter().map(|row| row.space).collect::<HashSet<_>>() {
            let Some(granted) = granted_in(&known, person, id) else { continue };
            let station = self.station_of(&granted.space).await?;
            spaces.insert(id, (granted.space, station));
        }
        let (actor, person) = (Actor(rand::rng().random()), person.clone());
        let planning = move || {
            let mut plan = ImportPlan {
                kind,
                changes: Vec::new(),
                records: HashSet::new(),
                there: Vec::new(),
                problems: Vec::new(),
            };
            for (place, ImportRow { id, space, edits }) in rows.into_iter().enumerate() {
                let Some((space, station)) = spaces.get(&space) else {
                    plan.problems.push((place, EditProblem::UnknownRecord));
                    continue;
                };
                if there.contains(&id) {
                    plan.there.push(place);
                    continue;
                }
                let edited = Edited { id, kind, space: space.clone(), stored: None, station: *station };
                let command = Command { target: Target::New { new: kind, space: space.id }, base: None, edits };
                match make(edited, &command, &person, actor, now_ms) {
                    Ok(mut changes) => {
                        plan.records.insert(id);
                        plan.changes.append(&mut changes);
                    }
                    Err(problem) => plan.problems.push((place, problem)),
                }
            }
            plan
        };
        tokio::task::spawn_blocking(planning).await.map_err(|_| HubError::Unavailable)
    }

    /// Stores what was planned, all of it in one transaction. `file` tells the file in the audit log.
    ///
    /// # Errors
    /// When one of the records cannot be stored, or the server fails; then nothing is.
    pub async fn import(
        &self,
        (device, person): (&Device, &Person),
        planned: ImportPlan,
        file: &str,
        now_ms: i64,
    ) -> Result<(), ImportFailure> {
        let noted = format!("{} {file}", planned.records());
        let audit = NewAudit::of(Doer::of(device), Act::Import, planned.kind.key(), &noted, now_ms);
        let sent = Sent { changes: planned.changes, ..Sent::default() };
        let follow_up = FollowUp::of(&sent);
        let (changes, fresh) = verify_all(sent.changes).await?;
        let submission = Submission::of(device.id, person.clone(), Vec::new(), now_ms);
        let submission = Submission { changes, fresh, ..submission };
        let plan = plan([&submission]);
        let deciding = move |snapshot: &Snapshot| {
            let decision = all_or_nothing(&submission, snapshot).ok_or(ImportFailure::Changed);
            decision.map(|decision| (Decision { audit: vec![audit], ..decision }, ()))
        };
        self.write_told(plan, deciding).await?;
        Ok(self.follow(&follow_up, now_ms).await?)
    }
}

/// The decision that takes all of it; `None` where one of the records is there by now, or one change is refused.
fn all_or_nothing(submission: &Submission, snapshot: &Snapshot) -> Option<Decision> {
    if submission.changes.iter().any(|change| snapshot.records.contains_key(&change.record)) {
        return None;
    }
    let decision = decide(std::slice::from_ref(submission), snapshot);
    let stored = |outcome: &Outcome| matches!(outcome, Outcome::Received { .. });
    decision.answers.outcomes.iter().all(stored).then_some(decision)
}
