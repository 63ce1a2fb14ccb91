//! Official requests: what is looked up before the lock, and the judgement under it.
//!
//! The judge is `shared::case::decide`, and nothing else. Whatever is wrong with one request, the
//! others go on.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use lianxin_shared::{
    case::{
        self, Act, Case, Caused, Date, Event, Exit, Facts, HANDED_OVER, Request, ReturnReason, Returned, Target,
        mandate,
    },
    id::{BlobHash, EventId, Position, RecordId, SpaceId, UnitCode, UserId},
    limits::{ACT_REACHES_MAX, EVENTS_PER_CASE_MAX},
    record::Contents,
    rights::{self, Access, Person, Post, Space},
    schema::Kind,
    sorted::Set,
    wire::{SentEvent, SentRequest, Verdict, returned_json},
};

use super::{
    HubError, attachments::public_files, decide::Submission, mandates::Mandates, party, read::contents_of,
    verify::Fresh,
};
use crate::store::{Decision, FiledEvent, NewEvent, Release, ReturnedRequest, Snapshot, Store, StoredCase};

/// A request with what was looked up for it.
pub(super) struct Filed {
    pub(super) sent: SentRequest,
    /// What it asks for; `None` when that cannot be understood.
    request: Option<Request>,
    /// The record as it was before the lock.
    pub(super) looked: Option<Arc<Looked>>,
    around: Around,
    /// The desk that decides and counts, where the record does not lie at it.
    pub(super) desk: Option<SpaceId>,
    /// Other records whose cases it looks at or brings something about in, with their spaces where
    /// the store knows them.
    pub(super) reach: Vec<(RecordId, Option<SpaceId>)>,
}

/// A stored record with what it says: reading it is most of the work, and most are the same under the lock.
pub(super) struct Looked {
    pub(super) doc: Vec<u8>,
    pub(super) contents: Contents,
}

/// What the guards need to know beside the record and its case. It hardly ever changes, so it is
/// read before the lock.
#[derive(Default)]
struct Around {
    town: Town,
    owner_ended: bool,
    /// Mandates of the person who asks that are suspended.
    suspended: Set<RecordId>,
    /// Of the voice that another is merged into: those behind it.
    merged_into: Vec<RecordId>,
    /// Of a record that is to be published.
    public_files: Vec<BlobHash>,
}

/// The town or street in which a record lies.
#[derive(Default)]
struct Town {
    /// Empty where nobody has entered it.
    name: String,
    has_congress: bool,
}

/// Voices that are merged into one another, one behind the other. Longer chains are cut off.
const MERGED_MAX: usize = 32;

/// Looks up what the requests need. `fresh` are the records that come with them.
pub(super) async fn look_up(
    store: &dyn Store,
    person: &Person,
    requests: Vec<SentRequest>,
    fresh: &HashMap<RecordId, Fresh>,
    now_ms: i64,
) -> Result<Vec<Filed>, HubError> {
    let known = store.spaces().await?;
    let spaces: HashMap<SpaceId, &Space> = known.iter().map(|space| (space.id, space)).collect();
    let mandates = Mandates::on(store, Date::at(now_ms));
    let mut looking = Looking { store, fresh, mandates, read: HashMap::new() };
    let suspended = looking.suspended(person).await?;
    let mut filed = Vec::with_capacity(requests.len());
    for sent in requests {
        let request = catch_unwind(|| sent.read()).unwrap_or_default();
        let (mut around, mut reach, mut desk, mut looked) = (Around::default(), Vec::new(), None, None);
        if let (Some(request), Some(space)) = (&request, spaces.get(&sent.space)) {
            looked = looking.record(sent.case).await?;
            let facts = looked.as_ref().map(|looked| Facts::of(&looked.contents)).unwrap_or_default();
            around = Around {
                town: looking.town(space).await?,
                // Only who hands in can be somebody whose mandate is over.
                owner_ended: matches!(request.act, Act::Submit { .. }) && looking.owner_ended(&facts).await?,
                suspended: suspended.clone(),
                merged_into: looking.merged_into(&request.act).await?,
                public_files: match (&request.act, &looked) {
                    (Act::Publish { .. }, Some(looked)) => {
                        public_files(store, sent.case, sent.space, &looked.contents).await?
                    }
                    _ => Vec::new(),
                },
            };
            reach = looking.reached(request, &facts).await?;
            let tier = store.case_rows(&[sent.case]).await?.get(&sent.case).and_then(|row| row.tier);
            desk = party::desk_of(&known, space, request.kind, tier.or(facts.tier));
        }
        filed.push(Filed { sent, request, looked, around, desk, reach });
    }
    Ok(filed)
}

/// Looking up, before the lock: what it tells is for what hardly ever changes and for where to look under the lock.
struct Looking<'a> {
    store: &'a dyn Store,
    fresh: &'a HashMap<RecordId, Fresh>,
    mandates: Mandates<'a>,
    /// Requests that come together are mostly of one town and of few deputies.
    read: HashMap<RecordId, Option<Arc<Looked>>>,
}

impl Looking<'_> {
    /// `None` when it is not there, or cannot be read: that is no answer for the guards, and the record's page says so.
    async fn record(&mut self, id: RecordId) -> Result<Option<Arc<Looked>>, HubError> {
        if let Some(read) = self.read.get(&id) {
            return Ok(read.clone());
        }
        let looked = match self.store.record(id).await? {
            Some(stored) => contents_of(&stored, id).map(|contents| Looked { doc: stored.doc, contents }),
            // It comes with the request.
            None => self.fresh.get(&id).map(|fresh| Looked { doc: Vec::new(), contents: fresh.contents.clone() }),
        };
        let looked = looked.map(Arc::new);
        self.read.insert(id, looked.clone());
        Ok(looked)
    }

    /// A street has no congress, whatever was ticked (组织法 第五十九条). Of a unit that nobody has entered the code
    /// tells which it is.
    async fn town(&mut self, space: &Space) -> Result<Town, HubError> {
        let unit = match space.unit.town() {
            Some(town) => self.record(RecordId::derived(Kind::AdminUnit, &[town])).await?,
            None => None,
        };
        Ok(match unit.as_ref().map(|unit| &unit.contents) {
            Some(unit) => {
                let has_congress = unit.is_true("has_congress") && unit.text("level") != "street";
                Town { name: unit.text("name").to_owned(), has_congress }
            }
            None => Town { name: String::new(), has_congress: !space.unit.is_in_a_street() },
        })
    }

    async fn owner_ended(&mut self, facts: &Facts) -> Result<bool, HubError> {
        match facts.owner {
            Some(owner) => self.mandates.is_over(owner).await,
            None => Ok(false),
        }
    }

    /// As the mandates' events say.
    async fn suspended(&self, person: &Person) -> Result<Set<RecordId>, HubError> {
        let mandates: Vec<RecordId> = person.mandates().collect();
        let rows = self.store.case_rows(&mandates).await?;
        let suspended = |row: &case::CaseRow| row.state == mandate::State::Suspended.key();
        Ok(rows.iter().filter(|(_, row)| suspended(row)).map(|(id, _)| *id).collect())
    }

    async fn reached(&self, request: &Request, facts: &Facts) -> Result<Vec<(RecordId, Option<SpaceId>)>, HubError> {
        let case = match request.act {
            Act::Outcome { .. } => self.case(request.kind, request.case).await?,
            _ => Case::new(request.kind),
        };
        let mut reach = Vec::new();
        let mut open = case::reaches(&case, facts, &request.act);
        while let Some(id) = open.pop().filter(|_| reach.len() < ACT_REACHES_MAX) {
            let stored = self.store.record(id).await?;
            if request.act.tells_voices() && stored.as_ref().is_some_and(|it| it.kind == Kind::Voice) {
                // What a voice learns, those that were merged into it learn.
                let told = Act::Outcome { text: String::new() };
                open.extend(case::reaches(&self.case(Kind::Voice, id).await?, facts, &told));
            }
            // One that comes in the same exchange has its space from there.
            reach.push((id, stored.map(|stored| stored.space)));
        }
        Ok(reach)
    }

    async fn merged_into(&self, act: &Act) -> Result<Vec<RecordId>, HubError> {
        let Act::Route { exit: Exit::Merged { into } } = act else { return Ok(Vec::new()) };
        let (mut chain, mut last) = (Vec::new(), *into);
        while chain.len() < MERGED_MAX {
            let target = Target::of(&self.case(Kind::Voice, last).await?, &[]);
            let Some(next) = target.merged_into.first().copied() else { break };
            chain.push(next);
            last = next;
        }
        Ok(chain)
    }

    async fn case(&self, kind: Kind, id: RecordId) -> Result<Case, HubError> {
        let events: Vec<Event> = self.store.case_events(id).await?.iter().filter_map(SentEvent::read).collect();
        Ok(Case::of(kind, &events))
    }
}

/// The judgement on requests, within one decision.
pub(super) struct Judging<'a> {
    snapshot: &'a Snapshot,
    cases: HashMap<RecordId, Case>,
    filed: HashMap<EventId, FiledEvent>,
    returned: HashMap<(UserId, EventId), String>,
    numbers: HashMap<(SpaceId, String), u32>,
}

/// The record whose case it is, as it is in this decision; `None` when there is none.
pub(super) type Subject = Option<(Kind, SpaceId, Contents)>;

/// Where the other records that a request reaches lie, as it is in this decision.
pub(super) type Reach = HashMap<RecordId, (Kind, SpaceId)>;

impl<'a> Judging<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            cases: HashMap::new(),
            filed: snapshot.filed.clone(),
            returned: snapshot.returned.clone(),
            numbers: snapshot.numbers.clone(),
        }
    }

    /// Whether this request needs a judgement: one that comes again has its verdict.
    pub(super) fn known(&self, submission: &Submission, filed: &Filed) -> Option<Verdict> {
        let (user, sent) = (submission.person.user, &filed.sent);
        if let Some(known) = self.filed.get(&sent.id) {
            return Some(match known.user == user && known.case == sent.case {
                true => Verdict::Accepted { seq: known.seq, position: known.position, received_ms: known.received_ms },
                false => Verdict::Returned { why: because(ReturnReason::NotAllowed) },
            });
        }
        let why = self.returned.get(&(user, sent.id))?;
        Some(Verdict::Returned { why: why.clone() })
    }

    pub(super) fn judge(
        &mut self,
        submission: &Submission,
        filed: &Filed,
        subject: Subject,
        reach: &Reach,
        ends: &mut HashMap<SpaceId, Position>,
        decision: &mut Decision,
    ) -> Verdict {
        let sent = &filed.sent;
        let judged = catch_unwind(AssertUnwindSafe(|| self.consider(submission, filed, subject, reach)));
        match judged.unwrap_or(Err(Rejection::Returned(because(ReturnReason::Unknown)))) {
            Ok((event, caused)) => {
                let counts = filed.desk.unwrap_or(sent.space);
                let verdict = self.enter(submission, [sent.space, counts], event.clone(), ends, decision);
                self.bring_about(submission, &event, caused, reach, ends, decision);
                verdict
            }
            Err(Rejection::Missing) => Verdict::Missing,
            Err(Rejection::Returned(why)) => {
                self.returned.insert((submission.person.user, sent.id), why.clone());
                decision.returned.push(kept(submission, sent, &why, self.snapshot));
                Verdict::Returned { why }
            }
        }
    }

    fn consider(
        &mut self,
        submission: &Submission,
        filed: &Filed,
        subject: Subject,
        reach: &Reach,
    ) -> Result<(Event, Vec<Caused>), Rejection> {
        let sent = &filed.sent;
        if submission.ended {
            return Err(Rejection::because(ReturnReason::Ended));
        }
        let request = filed.request.as_ref().ok_or(Rejection::because(ReturnReason::Unknown))?;
        let (space, _) = self.snapshot.spaces.get(&sent.space).ok_or(Rejection::because(ReturnReason::NotAllowed))?;
        let former = subject.as_ref().and_then(|(_, _, contents)| former(submission, contents, space));
        if !case::may_ask(&submission.person, former, space, &request.act) {
            return Err(Rejection::because(ReturnReason::NotAllowed));
        }
        let (kind, lies_in, contents) = subject.ok_or(Rejection::Missing)?;
        if lies_in != sent.space {
            return Err(Rejection::because(ReturnReason::NotAllowed));
        }
        if kind != request.kind {
            return Err(Rejection::because(ReturnReason::WrongKind));
        }
        let case = self.case(sent.case, kind)?;
        if case.seq() as usize >= EVENTS_PER_CASE_MAX {
            return Err(Rejection::because(ReturnReason::TooLong));
        }
        let case = case.clone();
        let target = self.target(submission, filed, &request.act, reach)?;
        // Wherever it lies, it is decided on at the desk of its office.
        let desk = filed.desk.and_then(|desk| self.snapshot.spaces.get(&desk)).map_or(space, |(desk, _)| desk);
        let facts = self.facts(&case, &contents, desk, filed, submission.now_ms);
        let facts = Facts { target, ..with_former(facts, former) };
        match case::decide(&case, &facts, &submission.book, &submission.person, desk, request, submission.now_ms) {
            case::Verdict::Accepted(event) => {
                let caused = case::caused(&case, &event, &submission.book);
                Ok((event, caused))
            }
            case::Verdict::Returned(returned) => Err(Rejection::Returned(returned_json(&returned))),
            // It would be among the filed ones.
            case::Verdict::Known { .. } => Err(Rejection::Missing),
        }
    }

    /// 换届: a draft that came under a mandate that was taken away, or lay in its own space, goes to the office's list as
    /// if it had been handed in, so that what was only saved is not lost either. Nothing where it is handed over already,
    /// or its deputy has deleted it.
    pub(super) fn hand_over(
        &mut self,
        submission: &Submission,
        record: RecordId,
        id: EventId,
        (kind, lies_in, contents): (Kind, SpaceId, Contents),
        ends: &mut HashMap<SpaceId, Position>,
        decision: &mut Decision,
    ) {
        let Some((space, _)) = self.snapshot.spaces.get(&lies_in) else { return };
        let Ok(case) = self.case(record, kind) else { return };
        if contents.is_true("deleted") || case.state() == HANDED_OVER || case.seq() as usize >= EVENTS_PER_CASE_MAX {
            return;
        }
        let now_ms = submission.now_ms;
        let request = Request {
            id,
            case: record,
            kind,
            seen: case.seq(),
            made_ms: now_ms,
            proxy: None,
            act: Act::Submit { text: None, declared: false, again: None },
        };
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let facts = with_former(Facts::of(&contents), former(submission, &contents, space));
            case::decide(case, &facts, &submission.book, &submission.person, space, &request, now_ms)
        }));
        if let Ok(case::Verdict::Accepted(event)) = decided
            && matches!(event.act, Act::HandOver { .. })
        {
            self.enter(submission, [lies_in, lies_in], event, ends, decision);
        }
    }

    fn case(&mut self, id: RecordId, kind: Kind) -> Result<&Case, Rejection> {
        if !self.cases.contains_key(&id) {
            let events = self.snapshot.cases.get(&id).map(Vec::as_slice).unwrap_or_default();
            let read: Vec<Event> = events.iter().filter_map(SentEvent::read).collect();
            let case = Case::of(kind, &read);
            if case.seq() as usize != events.len() {
                // Written by a newer server: only that one may go on with it.
                tracing::error!(%id, "a case holds events that this server cannot read");
                return Err(Rejection::Missing);
            }
            self.cases.insert(id, case);
        }
        self.cases.get(&id).ok_or(Rejection::Missing)
    }

    fn facts(&self, case: &Case, contents: &Contents, space: &Space, filed: &Filed, now_ms: i64) -> Facts {
        let facts = match filed.request.as_ref().map(|request| &request.act) {
            Some(Act::Submit { .. }) => Facts::to_hand_in(contents, Date::at(now_ms)),
            _ => Facts::of(contents),
        };
        let tier = case.row().tier.or(facts.tier);
        let series = tier.map(|tier| (space.id, case::series(tier, space, now_ms)));
        let last = series.and_then(|series| self.numbers.get(&series)).copied().unwrap_or(0);
        let Around { town, owner_ended, suspended, public_files, .. } = &filed.around;
        Facts {
            public_files: public_files.clone(),
            next_number: last + 1,
            has_congress: town.has_congress,
            place: town.name.clone(),
            owner_ended: *owner_ended,
            suspended: suspended.clone(),
            ..facts
        }
    }

    /// What the guards must know of the record that an act names, if the person may know of it. That a suggestion exists
    /// of which the own station's voice is a reason is no secret from a town that may not read it.
    fn target(
        &mut self,
        submission: &Submission,
        filed: &Filed,
        act: &Act,
        reach: &Reach,
    ) -> Result<Option<Target>, Rejection> {
        let (named, kind, must_read) = match act {
            Act::Route { exit: Exit::Merged { into } } => (into, Kind::Voice, true),
            Act::Opened { origin, .. } => (origin, Kind::Suggestion, true),
            Act::Route { exit: Exit::Town { suggestion } | Exit::District { suggestion } } => {
                (suggestion, Kind::Suggestion, false)
            }
            _ => return Ok(None),
        };
        let readable = |space: &SpaceId| {
            let space = self.snapshot.spaces.get(space);
            space.is_some_and(|(space, _)| rights::best_access(&submission.person, space) >= Access::Read)
        };
        if reach.get(named).is_none_or(|(its_kind, space)| *its_kind != kind || must_read && !readable(space)) {
            return Ok(None);
        }
        Ok(Some(Target::of(self.case(*named, kind)?, &filed.around.merged_into)))
    }

    /// Enters what an event brings about in other cases, where it has its place, and what that brings about.
    fn bring_about(
        &mut self,
        submission: &Submission,
        cause: &Event,
        caused: Vec<Caused>,
        reach: &Reach,
        ends: &mut HashMap<SpaceId, Position>,
        decision: &mut Decision,
    ) {
        let mut open: Vec<(Event, Caused)> = caused.into_iter().map(|one| (cause.clone(), one)).collect();
        while let Some((cause, one)) = open.pop() {
            let Some((kind, space)) = reach.get(&one.case).copied() else { continue };
            let Some((lies_in, _)) = self.snapshot.spaces.get(&space) else { continue };
            // Someone's conversion opens nothing where that person has no say; there it is taken over.
            let opens = matches!(one.act, Act::Opened { .. });
            if kind != one.kind || opens && rights::best_access(&submission.person, lies_in) < Access::Write {
                continue;
            }
            let Ok(case) = self.case(one.case, kind) else { continue };
            if case.seq() as usize >= EVENTS_PER_CASE_MAX {
                continue;
            }
            let Some(event) = one.enter(case, &cause) else { continue };
            let next = case::caused(case, &event, &submission.book);
            open.extend(next.into_iter().map(|one| (event.clone(), one)));
            self.enter(submission, [space, space], event, ends, decision);
        }
    }

    /// Appends the event to the space where the record lies; a number is counted in the other one.
    fn enter(
        &mut self,
        submission: &Submission,
        [space, counts]: [SpaceId; 2],
        event: Event,
        ends: &mut HashMap<SpaceId, Position>,
        decision: &mut Decision,
    ) -> Verdict {
        let end = ends.entry(space).or_default();
        *end = Position(end.0 + 1);
        let position = *end;
        let (user, device) = (submission.person.user, submission.device);
        if event.added.number.is_some() {
            self.count(counts, &event, submission.now_ms);
        }
        if let Some(case) = self.cases.get_mut(&event.case) {
            case.apply(&event);
        }
        let (seq, received_ms) = (event.seq, event.received_ms);
        let units: BTreeSet<&UnitCode> = event.added.notify.iter().collect();
        decision.releases.extend(units.into_iter().map(|unit| Release {
            unit: unit.clone(),
            case: event.case,
            seq,
            act: event.act.key().to_owned(),
            received_ms,
        }));
        self.filed.insert(event.id, FiledEvent { user, case: event.case, seq, position, received_ms });
        decision.events.push(NewEvent { event: SentEvent::of(space, position, &event), user, device });
        Verdict::Accepted { seq, position, received_ms }
    }

    /// A number was given: the next one is another.
    fn count(&mut self, space: SpaceId, event: &Event, now_ms: i64) {
        let tier = self.cases.get(&event.case).and_then(|case| case.row().tier).or(event.added.tier);
        let (Some(tier), Some((space, _))) = (tier, self.snapshot.spaces.get(&space)) else { return };
        *self.numbers.entry((space.id, case::series(tier, space, now_ms))).or_default() += 1;
    }

    /// The case, if it was looked at.
    pub(super) fn case_of(&self, id: RecordId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// What follows from the events: the folds, and where the numbers are.
    pub(super) fn finish(self, decision: &mut Decision) {
        let changed: HashSet<RecordId> = decision.events.iter().map(|new| new.event.case).collect();
        let spaces: HashMap<RecordId, SpaceId> =
            decision.events.iter().map(|new| (new.event.case, new.event.space)).collect();
        decision.cases = self
            .cases
            .iter()
            .filter(|(id, _)| changed.contains(id))
            .filter_map(|(id, case)| {
                let space = *spaces.get(id)?;
                Some((*id, StoredCase { kind: case.kind, space, row: case.row(), measures: case.measures() }))
            })
            .collect();
        decision.cases.sort_unstable_by_key(|(id, _)| *id);
        let goes_on = |(key, last): &(&(SpaceId, String), &u32)| self.snapshot.numbers.get(*key) != Some(*last);
        let numbers = self.numbers.iter().filter(goes_on);
        decision.numbers = numbers.map(|((space, series), last)| (*space, series.clone(), *last)).collect();
        decision.numbers.sort_unstable();
    }
}

/// The post by which the person held the record's mandate, where it has been taken away.
fn former<'a>(submission: &'a Submission, contents: &Contents, space: &Space) -> Option<&'a Post> {
    if submission.former.is_empty() {
        return None;
    }
    rights::taken_away(&submission.person, &submission.former, rights::owner(contents, space)?, space)
}

/// What lies in a private space is its deputy's, also before it says so.
fn with_former(facts: Facts, former: Option<&Post>) -> Facts {
    let owner = former.and_then(|post| post.mandate).or(facts.owner);
    Facts { former: former.cloned(), owner, ..facts }
}

/// Why a request is no event.
enum Rejection {
    /// As JSON.
    Returned(String),
    Missing,
}

impl Rejection {
    fn because(reason: ReturnReason) -> Self {
        Rejection::Returned(because(reason))
    }
}

fn because(reason: ReturnReason) -> String {
    returned_json(&Returned { reason, happened: None, detail: String::new() })
}

fn kept(submission: &Submission, sent: &SentRequest, why: &str, snapshot: &Snapshot) -> ReturnedRequest {
    let exists = snapshot.spaces.contains_key(&sent.space);
    ReturnedRequest {
        id: sent.id,
        user: submission.person.user,
        space: if exists { sent.space } else { submission.home.unwrap_or(sent.space) },
        case: sent.case,
        kind: sent.kind,
        device: submission.device,
        made_ms: sent.made_ms,
        received_ms: submission.now_ms,
        body: sent.body.clone(),
        why: why.to_owned(),
    }
}
