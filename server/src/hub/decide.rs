//! The decision on submitted changes and requests: what is accepted, at which position, and what is
//! refused or returned why.
//!
//! Pure, under the store's lock. An outcome is a value: whatever is wrong with one change, the
//! others go on.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use lianxin_shared::{
    case::Book,
    id::{ChangeHash, DeviceId, EventId, Position, RecordId, SpaceId, UserId},
    record::{Inspected, genesis, is_nobody},
    rights::{self, Access, Denied, Person, Post, Space, Stage},
    schema::{Class, Kind},
    wire::{Outcome, RefusalReason, Refused, Verdict},
};

use super::{
    draft::{CannotMerge, Careful, Draft},
    official::{Filed, Judging, Looked, Subject},
    party,
    verify::{Fresh, Verified, malformed},
};
use crate::store::{ActorOwner, Decision, NewLogEntry, Quarantined, Snapshot, StoredAt, WritePlan};

/// The changes and requests of one exchange, or of one edit or act in the console.
pub(super) struct Submission {
    pub(super) device: DeviceId,
    pub(super) person: Person,
    /// The posts that were taken away from this person.
    pub(super) former: Vec<Post>,
    /// Where staff look after what this person sends: for refused changes whose own space does not exist.
    pub(super) home: Option<SpaceId>,
    pub(super) now_ms: i64,
    /// What is not known yet is refused, because staff have ended the device or the account.
    pub(super) ended: bool,
    pub(super) changes: Vec<Verified>,
    pub(super) fresh: HashMap<RecordId, Fresh>,
    /// Decided after the changes.
    pub(super) requests: Vec<Filed>,
    /// The rules that requests are decided by.
    pub(super) book: Arc<Book>,
    /// Drafts that are handed over though nothing came of them.
    pub(super) left: Vec<Left>,
    /// Its changes were refused before, and staff lend their right to them.
    pub(super) is_reconsidered: bool,
}

/// A draft of a mandate that was taken away, and the id of the event that hands it over.
pub(super) struct Left {
    pub(super) record: RecordId,
    pub(super) space: SpaceId,
    pub(super) id: EventId,
}

impl Submission {
    /// One that brings nothing yet.
    pub(super) fn of(device: DeviceId, person: Person, former: Vec<Post>, now_ms: i64) -> Self {
        Self {
            device,
            person,
            former,
            home: None,
            now_ms,
            ended: false,
            changes: Vec::new(),
            fresh: HashMap::new(),
            requests: Vec::new(),
            book: Arc::default(),
            left: Vec::new(),
            is_reconsidered: false,
        }
    }

    /// How much there is to decide.
    pub(super) fn size(&self) -> usize {
        self.changes.len() + self.requests.len() + self.left.len()
    }
}

/// What has to be locked and read for these submissions.
pub(super) fn plan<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> WritePlan {
    let (mut spaces, mut records, mut hashes, mut actors) =
        (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
    let (mut requests, mut cases) = (Vec::new(), HashSet::new());
    let submissions: Vec<&Submission> = submissions.into_iter().collect();
    for filed in submissions.iter().flat_map(|submission| &submission.requests) {
        spaces.insert(filed.sent.space);
        spaces.extend(filed.desk);
        records.insert(filed.sent.case);
        cases.insert(filed.sent.case);
        records.extend(filed.reach.iter().map(|(id, _)| *id));
        cases.extend(filed.reach.iter().map(|(id, _)| *id));
        spaces.extend(filed.reach.iter().filter_map(|(_, space)| *space));
        requests.push(filed.sent.id);
    }
    for submission in submissions.iter().filter(|submission| !submission.former.is_empty()) {
        // What is only saved may have to be handed over.
        cases.extend(submission.changes.iter().map(|change| change.record));
    }
    for submission in &submissions {
        if submission.changes.iter().any(|change| change.kind == Kind::Deputy as u8) {
            // Whose own record it is.
            records.extend(submission.person.mandates());
        }
    }
    for left in submissions.iter().flat_map(|submission| &submission.left) {
        spaces.insert(left.space);
        records.insert(left.record);
        cases.insert(left.record);
    }
    for change in submissions.iter().flat_map(|submission| &submission.changes) {
        spaces.insert(change.space);
        records.insert(change.record);
        hashes.insert(change.hash);
        if let Ok((kind, inspected)) = &change.verdict {
            let begins = ChangeHash::from(genesis(*kind).hash());
            hashes.extend(inspected.deps.iter().copied().filter(|dep| *dep != begins));
            actors.extend(Some(inspected.actor).filter(|actor| !is_nobody(*actor)));
        }
    }
    WritePlan {
        spaces: spaces.into_iter().collect(),
        records: records.into_iter().collect(),
        hashes: hashes.into_iter().collect(),
        actors: actors.into_iter().collect(),
        requests,
        cases: cases.into_iter().collect(),
    }
}

/// Decides on the submissions in their order; the outcomes of all, one behind the other.
pub(super) fn decide(submissions: &[Submission], snapshot: &Snapshot) -> Decision {
    let mut careful = Careful::new();
    loop {
        match Deciding::run(submissions, snapshot, &careful) {
            Ok(decision) => return decision,
            // Merged change by change, the one that breaks it is found and refused. Each record is
            // tried so once; should that not help, the panic refuses the whole write.
            Err(broken) => assert!(careful.insert(broken), "record {broken} stays broken"),
        }
    }
}

struct Deciding<'a> {
    snapshot: &'a Snapshot,
    careful: &'a Careful,
    ends: HashMap<SpaceId, Position>,
    drafts: HashMap<RecordId, Draft<'a>>,
    accepted: HashMap<ChangeHash, StoredAt>,
    refused: HashMap<(UserId, ChangeHash), Refused>,
    /// Changes of this decision that rest on what is gone.
    stale: HashSet<ChangeHash>,
    owners: HashMap<lianxin_shared::id::Actor, ActorOwner>,
    judging: Judging<'a>,
    /// Records as they were read before the lock.
    looked: HashMap<RecordId, &'a Looked>,
    /// The records of which the present submission brought something under a mandate that was taken away, each with
    /// the event that the last such change brings about.
    left: BTreeMap<RecordId, EventId>,
    decision: Decision,
}

/// Why a change is not accepted.
enum Rejection {
    Refused(Refused),
    /// It rests on what is gone, since its record was founded anew: who sent it makes it anew, and nothing of it is kept.
    Stale,
    Missing,
}

impl Rejection {
    fn because(reason: RefusalReason) -> Self {
        Rejection::Refused(Refused { reason, field: String::new() })
    }
}

impl From<Denied> for Rejection {
    fn from(denied: Denied) -> Self {
        Rejection::because(RefusalReason::Denied(denied))
    }
}

impl<'a> Deciding<'a> {
    fn run(submissions: &'a [Submission], snapshot: &'a Snapshot, careful: &'a Careful) -> Result<Decision, RecordId> {
        let mut deciding = Deciding {
            snapshot,
            careful,
            ends: snapshot.spaces.iter().map(|(id, (_, end))| (*id, *end)).collect(),
            drafts: HashMap::new(),
            accepted: HashMap::new(),
            refused: HashMap::new(),
            stale: HashSet::new(),
            owners: snapshot.actors.clone(),
            judging: Judging::new(snapshot),
            looked: looked(submissions),
            left: BTreeMap::new(),
            decision: Decision::default(),
        };
        for submission in submissions {
            for change in &submission.changes {
                let outcome = deciding.outcome(submission, change);
                deciding.decision.answers.outcomes.push(outcome);
            }
            for filed in &submission.requests {
                let verdict = deciding.verdict(submission, filed);
                deciding.decision.answers.verdicts.push(verdict);
            }
            let lay_there = submission.left.iter().map(|left| (left.record, left.id));
            for (record, id) in std::mem::take(&mut deciding.left).into_iter().chain(lay_there) {
                deciding.hand_over(submission, record, id);
            }
        }
        deciding.finish()
    }

    fn outcome(&mut self, submission: &'a Submission, change: &'a Verified) -> Outcome {
        let known = self.snapshot.known.get(&change.hash).or_else(|| self.accepted.get(&change.hash));
        if let Some(at) = known.filter(|at| at.space == change.space) {
            return Outcome::Received { position: at.position, received_ms: at.received_ms };
        }
        if let Some(received_ms) = self.snapshot.gone.get(&change.hash) {
            // It was received, and what it said counted. It stands nowhere any more.
            return Outcome::Received { position: Position(0), received_ms: *received_ms };
        }
        let refused = self.refusal(submission.person.user, change.hash).filter(|_| !submission.is_reconsidered);
        if let Some(refused) = refused {
            return Outcome::Refused(refused.clone());
        }
        match self.accept(submission, change) {
            Ok(at) => Outcome::Received { position: at.position, received_ms: at.received_ms },
            Err(Rejection::Missing) => Outcome::Missing,
            Err(Rejection::Stale) => {
                self.stale.insert(change.hash);
                Outcome::Refused(Refused { reason: RefusalReason::Founded, field: String::new() })
            }
            Err(Rejection::Refused(refused)) => {
                self.quarantine(submission, change, refused.clone());
                Outcome::Refused(refused)
            }
        }
    }

    fn verdict(&mut self, submission: &'a Submission, filed: &Filed) -> Verdict {
        if let Some(verdict) = self.judging.known(submission, filed) {
            return verdict;
        }
        let subject = self.subject(filed.sent.case);
        let place = |(id, _): &(RecordId, _)| Some((*id, self.place(*id)?));
        let reach = filed.reach.iter().filter_map(place).collect();
        self.judging.judge(submission, filed, subject, &reach, &mut self.ends, &mut self.decision)
    }

    /// What came of a draft whose mandate was taken away is handed over, also where nobody asked for it.
    fn hand_over(&mut self, submission: &Submission, record: RecordId, id: EventId) {
        if let Some(subject) = self.subject(record) {
            self.judging.hand_over(submission, record, id, subject, &mut self.ends, &mut self.decision);
        }
    }

    /// Where a record lies, with what has just been accepted.
    fn place(&self, id: RecordId) -> Option<(Kind, SpaceId)> {
        let drafted = self.drafts.get(&id).filter(|draft| draft.exists()).map(|draft| (draft.kind, draft.space));
        drafted.or_else(|| self.snapshot.records.get(&id).map(|stored| (stored.kind, stored.space)))
    }

    /// The record with what has just been accepted of it.
    fn subject(&mut self, id: RecordId) -> Subject {
        let snapshot = self.snapshot;
        let draft = match self.drafts.entry(id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Draft::of_stored(id, snapshot.records.get(&id)?)),
        };
        let known = self.looked.get(&id).filter(|looked| draft.is_stored_as(&looked.doc));
        let contents = match known {
            Some(looked) => looked.contents.clone(),
            None => draft.exists().then(|| draft.contents())?.ok()?,
        };
        Some((draft.kind, draft.space, contents))
    }

    fn refusal(&self, user: UserId, hash: ChangeHash) -> Option<&Refused> {
        let key = (user, hash);
        self.snapshot.quarantined.get(&key).or_else(|| self.refused.get(&key))
    }

    fn accept(&mut self, submission: &'a Submission, change: &'a Verified) -> Result<StoredAt, Rejection> {
        let (kind, inspected) = change.verdict.as_ref().map_err(|refused| Rejection::Refused(refused.clone()))?;
        let user = submission.person.user;
        if self.owners.get(&inspected.actor).is_some_and(|owner| owner.user != user) {
            return Err(Rejection::because(RefusalReason::Actor));
        }
        if submission.ended {
            return Err(Rejection::because(RefusalReason::Ended));
        }
        let snapshot = self.snapshot;
        let (space, _) = snapshot.spaces.get(&change.space).ok_or(Denied::Space)?;
        let wrote = |post: &Post| rights::access(post, space) == Access::Write;
        // What is a deputy's own of the deputy's record lies where deputies only read.
        let own = (*kind == Kind::Deputy).then(|| self.own_mandate(&submission.person, change.record)).flatten();
        let writes = rights::best_access(&submission.person, space) == Access::Write || own.is_some();
        if !writes && !submission.former.iter().any(wrote) {
            return Err(Denied::Space.into());
        }
        if inspected.deps.iter().any(|dep| snapshot.gone.contains_key(dep) || self.stale.contains(dep)) {
            return Err(Rejection::Stale);
        }
        if inspected.deps.iter().any(|dep| self.refusal(user, *dep).is_some()) {
            return Err(Rejection::because(RefusalReason::Depends));
        }
        let careful = self.careful.contains(&change.record);
        let stage = snapshot.states.get(&change.record).map_or(Stage::Draft, |state| Stage::of_state(state));
        let draft = self.draft(submission, change, *kind)?;
        draft.check(change.hash, inspected)?;
        let by = may_change(submission, draft, own, space, stage, inspected)?;
        draft.merge(change.hash, &change.bytes, inspected, careful, submission.now_ms)?;
        if by == By::Former {
            self.left.insert(change.record, EventId::caused_by_change(change.hash, change.record));
        }
        Ok(self.append(submission, change, *kind, inspected))
    }

    /// The person's mandate of which this is the deputy's record, as it is stored.
    fn own_mandate(&self, person: &Person, deputy: RecordId) -> Option<RecordId> {
        rights::own_mandate(person, deputy, |mandate| {
            Some(self.snapshot.records.get(&mandate)?.summary.people.as_slice())
        })
    }

    /// The record, which must be what the change says.
    fn draft(
        &mut self,
        submission: &'a Submission,
        change: &Verified,
        kind: Kind,
    ) -> Result<&mut Draft<'a>, Rejection> {
        let snapshot = self.snapshot;
        let draft = match self.drafts.entry(change.record) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(match snapshot.records.get(&change.record) {
                Some(stored) => Draft::of_stored(change.record, stored),
                None => Draft::new(change.record, kind, change.space, submission.fresh.get(&change.record)),
            }),
        };
        // One that nothing was accepted of is nobody's yet.
        if !draft.exists() && (draft.kind, draft.space) != (kind, change.space) {
            *draft = Draft::new(change.record, kind, change.space, submission.fresh.get(&change.record));
        }
        if (draft.kind, draft.space) != (kind, change.space) {
            // It has just moved: sent again, the change finds it.
            let moved =
                draft.kind == kind && party::has_own_space(kind) && snapshot.records.contains_key(&change.record);
            return Err(if moved { Rejection::Missing } else { Rejection::because(RefusalReason::WrongRecord) });
        }
        Ok(draft)
    }

    fn append(&mut self, submission: &Submission, change: &'a Verified, kind: Kind, inspected: &Inspected) -> StoredAt {
        let end = self.ends.entry(change.space).or_default();
        *end = Position(end.0 + 1);
        let at = StoredAt { space: change.space, position: *end, received_ms: submission.now_ms };
        self.accepted.insert(change.hash, at);
        let owner = ActorOwner { device: submission.device, user: submission.person.user };
        // A record's extension is the same whoever sends it first.
        if !is_nobody(inspected.actor) && self.owners.insert(inspected.actor, owner).is_none() {
            self.decision.actors.push((inspected.actor, submission.device));
        }
        self.decision.changes.push(NewLogEntry {
            space: at.space,
            position: at.position,
            record: change.record,
            kind,
            hash: change.hash,
            actor: inspected.actor,
            device: submission.device,
            device_time_ms: inspected.time_ms,
            received_ms: at.received_ms,
            bytes: change.bytes.clone(),
        });
        at
    }

    fn quarantine(&mut self, submission: &Submission, change: &Verified, refused: Refused) {
        let user = submission.person.user;
        self.refused.insert((user, change.hash), refused.clone());
        let exists = self.snapshot.spaces.contains_key(&change.space);
        self.decision.quarantine.push(Quarantined {
            hash: change.hash,
            space: if exists { change.space } else { submission.home.unwrap_or(change.space) },
            record: change.record,
            kind: change.kind,
            device: submission.device,
            user,
            refused,
            received_ms: submission.now_ms,
            bytes: change.bytes.clone(),
        });
    }

    /// The decision, or a record that cannot be written.
    fn finish(mut self) -> Result<Decision, RecordId> {
        for (id, draft) in &mut self.drafts {
            if draft.is_changed() {
                let stored = draft.finish().map_err(|_| *id)?;
                self.decision.records.push((*id, stored));
            }
        }
        // So that the same submissions are written in the same order whenever they are replayed.
        self.decision.records.sort_unstable_by_key(|(id, _)| *id);
        self.case_spaces();
        self.judging.finish(&mut self.decision);
        Ok(self.decision)
    }

    /// Where cases open, and who takes part in those that are.
    fn case_spaces(&mut self) {
        let changed = self.decision.changes.iter().map(|change| (change.record, change.kind));
        let changed = changed.filter(|(_, kind)| party::has_own_space(*kind)).map(|(id, _)| id);
        let with_events: HashSet<RecordId> = self.decision.events.iter().map(|new| new.event.case).collect();
        let touched: BTreeSet<RecordId> = changed.chain(with_events.iter().copied()).collect();
        for id in touched {
            let Some((kind, space, contents)) = self.subject(id) else { continue };
            let Some((space, _)) = self.snapshot.spaces.get(&space) else { continue };
            let case = self.judging.case_of(id).filter(|_| with_events.contains(&id));
            let own = party::has_own_space(kind).then(|| party::case_space(id, space, &contents, case));
            self.decision.case_spaces.extend(own.flatten());
        }
    }
}

fn looked(submissions: &[Submission]) -> HashMap<RecordId, &Looked> {
    let filed = submissions.iter().flat_map(|submission| &submission.requests);
    filed.filter_map(|filed| Some((filed.sent.case, filed.looked.as_deref()?))).collect()
}

impl From<CannotMerge> for Rejection {
    fn from(cannot: CannotMerge) -> Self {
        match cannot {
            CannotMerge::Missing => Rejection::Missing,
            CannotMerge::Number => Rejection::because(RefusalReason::Actor),
            CannotMerge::Refused => Rejection::Refused(malformed()),
        }
    }
}

/// By which posts a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Held,
    /// One that was taken away (换届).
    Former,
}

fn may_change(
    submission: &Submission,
    draft: &mut Draft<'_>,
    own: Option<RecordId>,
    space: &Space,
    stage: Stage,
    inspected: &Inspected,
) -> Result<By, Rejection> {
    let person = &submission.person;
    let target = rights::Target {
        kind: draft.kind,
        space,
        record: Some(draft.id),
        exists: draft.exists(),
        author: draft.author().or(own),
        stage,
    };
    let Err(denied) = rights::may_change(person, target, &inspected.touches) else { return Ok(By::Held) };
    if !submission.former.is_empty()
        && let Some(owner) = owner(draft, space, inspected)
        && rights::may_still_change(person, &submission.former, owner, target, &inspected.touches).is_some()
    {
        return Ok(By::Former);
    }
    let field = field_denied(denied, person, target, inspected);
    Err(Rejection::Refused(Refused { reason: RefusalReason::Denied(denied), field }))
}

/// The mandate whose the record is, or will be.
fn owner(draft: &mut Draft<'_>, space: &Space, inspected: &Inspected) -> Option<RecordId> {
    if !draft.exists() {
        return rights::owner_named(draft.kind, space, &inspected.touches);
    }
    rights::owner(&draft.contents().ok()?, space)
}

/// Which of the fields it is about, where the reason is about one.
fn field_denied(denied: Denied, person: &Person, target: rights::Target<'_>, inspected: &Inspected) -> String {
    let prose = |key: &&str| target.kind.schema().field(key).is_some_and(|field| field.class == Class::AuthorProse);
    let mut touched = inspected.touches.iter().map(|touch| touch.field.as_str());
    let field = match denied {
        Denied::ForeignAuthor => touched.find(|key| *key == "author"),
        Denied::NotAuthor => touched.find(prose),
        // The first that the role does not write, or that is closed.
        Denied::Field | Denied::Stage => inspected.touches.iter().find_map(|touch| {
            let denied = rights::may_change(person, target, std::slice::from_ref(touch)).is_err();
            denied.then_some(touch.field.as_str())
        }),
        Denied::Space | Denied::WrongPlace | Denied::Kind => None,
    };
    field.unwrap_or_default().to_owned()
}
