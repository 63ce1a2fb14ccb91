//! The write: lock, read, decide, apply, commit.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, ensure};
use lianxin_shared::{
    id::{ChangeHash, DeviceId, Position, RecordId, SpaceId, UserId},
    limits::{REFUSED_BYTES_KEPT_PER_USER_MAX, REFUSED_KEPT_PER_USER_MAX},
    record::extension_actors,
    rights::{Space, SpaceKind},
    schema::{CodeList, Kind},
    summary::Summary,
};

use super::{
    SqlStore, Writing, accounts, audit, cases,
    engine::{Columns, Engine},
    keys,
    log::{self, IN_MAX, position_arg},
    settled,
    statement::{Arg, Statement},
};
use crate::store::{
    ActorOwner, Answers, CaseSpace, Decide, Decision, IN_CONFLICT, NewLogEntry, OpenedSpace, Quarantined, Signal,
    Snapshot, StoredAt, StoredRecord, WritePlan,
};

/// Rows of one insert, largest first: few different statements, so that all stay prepared. No larger,
/// because SQLite looks each `$n` up among all of the statement's.
const ROWS_PER_INSERT: [usize; 3] = [16, 4, 1];

/// The lists of codes by which activities are counted together.
const COUNTED_BY: [&str; 2] = ["role", "focus"];

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn decide_and_write(&self, plan: WritePlan, decide: Decide) -> anyhow::Result<Answers> {
        let mut writing = self.begin().await?;
        let spaces = lock(&mut writing, plan.spaces.clone()).await?;
        let snapshot = read(&mut writing, plan, spaces).await?;
        let before = Before::of(&snapshot);
        // The decision may merge for a while: not on a thread that others wait for. A panic in it is
        // an error here, and dropping the transaction undoes it.
        let mut decision =
            tokio::task::spawn_blocking(move || decide(snapshot)).await.context("the decision failed")?;
        keep_within_bounds(&mut writing, &mut decision).await?;
        if decision.is_empty() {
            writing.rollback().await?;
            return Ok(decision.answers);
        }
        let ends = new_ends(&before, &decision)?;
        writing.run_all(statements(&before, &decision, &ends)?).await?;
        let records: Vec<RecordId> = decision.case_spaces.iter().map(|space| space.record).collect();
        let case_spaces = keys::note(&mut writing, &records).await?;
        audit::append(&mut writing, &decision.audit).await?;
        writing.commit().await?;
        if !case_spaces.is_empty() {
            self.spaces.change(case_spaces);
        }
        for (space, position) in ends {
            self.signals.send(Signal { space, position });
        }
        Ok(decision.answers)
    }
}

impl Decision {
    fn is_empty(&self) -> bool {
        let changes = self.changes.is_empty() && self.records.is_empty() && self.actors.is_empty();
        let events = self.events.is_empty() && self.cases.is_empty() && self.numbers.is_empty();
        let spaces = self.case_spaces.is_empty() && self.audit.is_empty() && self.settled.is_empty();
        let others = self.quarantine.is_empty() && self.returned.is_empty() && self.releases.is_empty();
        changes && events && spaces && others
    }
}

/// Touches the spaces' counter rows, in the order of their ids: until the end of this transaction
/// nobody else appends to them.
async fn lock<DB: Engine>(
    writing: &mut Writing<DB>,
    mut ids: Vec<SpaceId>,
) -> anyhow::Result<HashMap<SpaceId, (Space, Position)>> {
    const TOUCH: &str =
        "update spaces set position = position where id = $1 returning id, kind, unit, name, parties, position";
    ids.sort_unstable();
    ids.dedup();
    let touches = ids.iter().map(|id| Statement::new(TOUCH).bind(id.0)).collect();
    let mut locked = HashMap::new();
    for row in writing.run_all(touches).await? {
        let mut columns = Columns::<DB>::of(&row);
        let space = accounts::space_row(&mut columns)?;
        locked.insert(space.id, (space, log::position(&mut columns)?));
    }
    Ok(locked)
}

async fn read<DB: Engine>(
    writing: &mut Writing<DB>,
    plan: WritePlan,
    spaces: HashMap<SpaceId, (Space, Position)>,
) -> anyhow::Result<Snapshot> {
    const KNOWN: &str = "select hash, space, position, received_ms from changes where hash in ";
    const GONE: &str = "select hash, received_ms from founded_away where hash in ";
    // What was accepted after all is in the log, or was founded away.
    const REFUSED: &str = "select user_id, hash, reason, field, settled from quarantine where coalesce(settled, 0) <> 1 \
         and hash in ";
    const OWNERS: &str = "select a.actor, a.device, d.user_id from actors a join devices d on d.id = a.device \
         where a.actor in ";
    let mut snapshot = Snapshot { spaces, ..Snapshot::default() };
    let records: Vec<[u8; 16]> = plan.records.iter().map(|id| id.0).collect();
    for row in writing.run_all(each_in(log::RECORD_COLUMNS, &records)).await? {
        let (id, record) = log::record::<DB>(&row)?;
        snapshot.records.insert(id, record);
    }
    let hashes: Vec<[u8; 32]> = plan.hashes.iter().map(|hash| hash.0).collect();
    for row in writing.run_all(each_in(KNOWN, &hashes)).await? {
        let mut columns = Columns::<DB>::of(&row);
        let hash: ChangeHash = columns.id()?;
        let (space, position) = (log::space(&mut columns)?, log::position(&mut columns)?);
        snapshot.known.insert(hash, StoredAt { space, position, received_ms: columns.int()? });
    }
    for row in writing.run_all(each_in(GONE, &hashes)).await? {
        let mut columns = Columns::<DB>::of(&row);
        snapshot.gone.insert(columns.id()?, columns.int()?);
    }
    for row in writing.run_all(each_in(REFUSED, &hashes)).await? {
        let mut columns = Columns::<DB>::of(&row);
        let key = (UserId(columns.int()?), columns.id()?);
        snapshot.quarantined.insert(key, log::refused(&mut columns)?);
        if columns.int_or_null()?.is_none() {
            snapshot.open.insert(key);
        }
    }
    let actors: Vec<[u8; 16]> = plan.actors.iter().map(|actor| actor.0).collect();
    for row in writing.run_all(each_in(OWNERS, &actors)).await? {
        let mut columns = Columns::<DB>::of(&row);
        let actor = columns.id()?;
        let owner = ActorOwner { device: DeviceId(columns.int()?), user: UserId(columns.int()?) };
        snapshot.actors.insert(actor, owner);
    }
    cases::read(writing, &plan, &mut snapshot).await?;
    Ok(snapshot)
}

pub(super) fn each_in<const N: usize>(select: &'static str, ids: &[[u8; N]]) -> Vec<Statement> {
    let select = |ids: &[[u8; N]]| {
        let mut statement = Statement::new(select);
        statement.list(ids.iter().map(|id| id.as_slice()));
        statement
    };
    ids.chunks(IN_MAX).map(select).collect()
}

/// Takes out what is refused beyond what is kept of one user. Who sent it is told why all the same, and has it.
async fn keep_within_bounds<DB: Engine>(writing: &mut Writing<DB>, decision: &mut Decision) -> anyhow::Result<()> {
    const REFUSED: &str = "select count(*), coalesce(sum(length(bytes)), 0) from quarantine \
         where user_id = $1 and settled is null";
    const RETURNED: &str = "select count(*), coalesce(sum(length(body)), 0) from returned where user_id = $1";
    let mut refused = Kept::of(writing, REFUSED, decision.quarantine.iter().map(|change| change.user)).await?;
    decision.quarantine.retain(|change| refused.takes(change.user, change.bytes.len()));
    let mut returned = Kept::of(writing, RETURNED, decision.returned.iter().map(|request| request.user)).await?;
    decision.returned.retain(|request| returned.takes(request.user, request.body.len()));
    for user in refused.full.union(&returned.full) {
        tracing::warn!(user = user.0, "so much of this user's was refused that no more copies are kept");
    }
    Ok(())
}

/// How much of what was refused lies here, by user.
struct Kept {
    counts: HashMap<UserId, (usize, usize)>,
    full: HashSet<UserId>,
}

impl Kept {
    async fn of<DB: Engine>(
        writing: &mut Writing<DB>,
        select: &'static str,
        users: impl Iterator<Item = UserId>,
    ) -> anyhow::Result<Self> {
        let mut counts = HashMap::new();
        for user in users.collect::<HashSet<_>>() {
            for row in writing.run(Statement::new(select).bind(user.0)).await? {
                let mut columns = Columns::<DB>::of(&row);
                counts.insert(user, (columns.int()?.try_into()?, columns.int()?.try_into()?));
            }
        }
        Ok(Self { counts, full: HashSet::new() })
    }

    /// Whether there is room for one more of this size; then it is counted.
    fn takes(&mut self, user: UserId, size: usize) -> bool {
        let (count, bytes) = self.counts.entry(user).or_default();
        let fits = *count < REFUSED_KEPT_PER_USER_MAX && *bytes + size <= REFUSED_BYTES_KEPT_PER_USER_MAX;
        if fits {
            *count += 1;
            *bytes += size;
        } else {
            self.full.insert(user);
        }
        fits
    }
}

/// What was there, as far as applying needs it: only differences are written.
struct Before {
    ends: HashMap<SpaceId, Position>,
    terms: HashMap<RecordId, HashSet<Term>>,
}

impl Before {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            ends: snapshot.spaces.iter().map(|(id, (_, end))| (*id, *end)).collect(),
            terms: snapshot.records.iter().map(|(id, record)| (*id, terms(&record.summary))).collect(),
        }
    }
}

/// What a decision comes to, in the order in which rows refer to each other.
fn statements(
    before: &Before,
    decision: &Decision,
    ends: &HashMap<SpaceId, Position>,
) -> anyhow::Result<Vec<Statement>> {
    const ACTORS: &str = "insert into actors (actor, device) values ";
    const CHANGES: &str = "insert into changes (space, position, record, kind, hash, actor, device, device_time_ms, \
         received_ms, bytes) values ";
    const QUARANTINE: &str = "insert into quarantine (hash, user_id, space, record, kind, device, reason, field, \
         received_ms, bytes) values ";
    const NOT_TWICE: &str = " on conflict (hash, user_id) do nothing";
    const LEFT: &str = "update records set changes = (select count(*) from changes where record = $1) where id = $1";
    const END: &str = "update spaces set position = $2 where id = $1";
    let actors = decision.actors.iter().map(|(actor, device)| vec![actor.0.into(), device.0.into()]);
    const AGAIN: &str = " on conflict (actor) do nothing";
    // An actor is new, but for a founding that is repeated.
    let mut statements = insert(ACTORS, actors.collect(), if decision.foundings.is_empty() { "" } else { AGAIN });
    statements.extend(decision.foundings.iter().flat_map(|record| clear_away(*record, decision)));
    statements.append(&mut insert(CHANGES, decision.changes.iter().map(change_row).collect(), ""));
    statements.append(&mut records(before, decision)?);
    statements.extend(decision.foundings.iter().map(|record| Statement::new(LEFT).bind(record.0)));
    statements.append(&mut terms_changed(before, &decision.records));
    let quarantine = decision.quarantine.iter().map(quarantine_row).collect();
    statements.append(&mut insert(QUARANTINE, quarantine, NOT_TWICE));
    statements.extend(decision.settled.iter().map(settled::statement));
    statements.append(&mut cases::statements(decision)?);
    statements.extend(ends.iter().map(|(space, end)| Statement::new(END).bind(space.0).bind(position_arg(*end))));
    for space in &decision.case_spaces {
        let opens = space.opens.as_ref().map(|opens| {
            let end = ends.get(&opens.from).or_else(|| before.ends.get(&opens.from));
            (opens, end.copied().unwrap_or_default())
        });
        statements.append(&mut case_space(space, opens));
    }
    Ok(statements)
}

/// Destroys what there is of a record's log but the extensions, which say nothing, and what was refused of it.
fn clear_away(record: RecordId, decision: &Decision) -> Vec<Statement> {
    const NOTE: &str = "insert into founded_away (hash, record, received_ms) select hash, record, ";
    const FROM: &str = " from changes where record = ";
    const LOG: &str = "delete from changes where record = ";
    const REFUSED: &str = "delete from quarantine where record = $1";
    let received_ms = decision.changes.iter().find(|change| change.record == record).map(|change| change.received_ms);
    let but_extensions = |statement: &mut Statement| {
        statement.push(" and actor not in ").list(extension_actors().map(|actor| actor.0));
    };
    let mut note = Statement::new(NOTE);
    note.arg(received_ms.unwrap_or_default()).push(FROM).arg(record.0);
    but_extensions(&mut note);
    let mut log = Statement::new(LOG);
    log.arg(record.0);
    but_extensions(&mut log);
    vec![note, log, Statement::new(REFUSED).bind(record.0)]
}

/// Opens the space of a case and moves what there is of the record into it, or names its parties anew.
/// Positions stay: the space is new, so nobody stands in it yet.
fn case_space(space: &CaseSpace, opens: Option<(&OpenedSpace, Position)>) -> Vec<Statement> {
    const OPEN: &str =
        "insert into spaces (kind, unit, name, position, record, parties) values ($1, $2, $3, $4, $5, $6)";
    const PARTIES: &str = "update spaces set parties = $2 where record = $1 and parties <> $2";
    const MOVES: [&str; 6] = [
        "update changes set space = (select id from spaces where record = $1) where record = $1",
        "update events set space = (select id from spaces where record = $1) where record = $1",
        "update cases set space = (select id from spaces where record = $1) where record = $1",
        "update returned set space = (select id from spaces where record = $1) where record = $1",
        "update quarantine set space = (select id from spaces where record = $1) where record = $1",
        "update records set space = (select id from spaces where record = $1) where id = $1",
    ];
    let codes: Vec<&str> = space.parties.iter().map(|party| party.0.as_str()).collect();
    let parties = codes.join(" ");
    let Some((opened, end)) = opens else {
        return vec![Statement::new(PARTIES).bind(space.record.0).bind(parties)];
    };
    let open = Statement::new(OPEN)
        .bind(SpaceKind::Case as u8)
        .bind(opened.unit.0.as_str())
        .bind(storable(&opened.name))
        .bind(position_arg(end))
        .bind(space.record.0)
        .bind(parties);
    let moves = MOVES.into_iter().map(|update| Statement::new(update).bind(space.record.0));
    std::iter::once(open).chain(moves).collect()
}

/// Where the spaces end after this decision; an error when a position is not the next one.
fn new_ends(before: &Before, decision: &Decision) -> anyhow::Result<HashMap<SpaceId, Position>> {
    let changes = decision.changes.iter().map(|change| (change.space, change.position));
    let events = decision.events.iter().map(|new| (new.event.space, new.event.position));
    let mut taken: Vec<(SpaceId, Position)> = changes.chain(events).collect();
    taken.sort_unstable();
    let mut ends = HashMap::new();
    for (space, position) in taken {
        let locked = before.ends.get(&space).context("an entry for a space that is not locked")?;
        let end = ends.entry(space).or_insert(*locked);
        ensure!(position.0 == end.0 + 1, "an entry at {position:?} behind {end:?}");
        *end = position;
    }
    Ok(ends)
}

/// What the log gets of each record: the position of the first of these changes, and how many.
fn appended(changes: &[NewLogEntry]) -> HashMap<RecordId, (Position, i64)> {
    let mut appended = HashMap::new();
    for change in changes {
        appended.entry(change.record).or_insert((change.position, 0)).1 += 1;
    }
    appended
}

fn records(before: &Before, decision: &Decision) -> anyhow::Result<Vec<Statement>> {
    const RECORDS: &str = "insert into records (id, kind, space, date, title, station, place, code, status, number, \
         deleted, created_ms, updated_ms, summary, search, first_position, changes, marks) values ";
    const UPDATE: &str = " on conflict (id) do update set date = excluded.date, title = excluded.title, \
         station = excluded.station, place = excluded.place, code = excluded.code, status = excluded.status, \
         number = excluded.number, deleted = excluded.deleted, updated_ms = excluded.updated_ms, \
         summary = excluded.summary, search = excluded.search, marks = excluded.marks, \
         changes = records.changes + excluded.changes";
    const DOCUMENTS: &str = "insert into documents (record, doc) values ";
    const UPDATE_DOC: &str = " on conflict (record) do update set doc = excluded.doc";
    // A record that is thought to be new and is there all the same (another server was faster, in
    // another space) must fail, not be overwritten.
    let (old, new): (Vec<_>, Vec<_>) = decision.records.iter().partition(|(id, _)| before.terms.contains_key(id));
    let appended = appended(&decision.changes);
    let row = |(id, record): &&(RecordId, StoredRecord)| record_row(*id, record, appended.get(id).copied());
    let mut statements = Vec::new();
    for (records, update, update_doc) in [(new, "", ""), (old, UPDATE, UPDATE_DOC)] {
        let rows = records.iter().map(row).collect::<anyhow::Result<_>>()?;
        let docs = records.iter().map(|(id, record)| vec![id.0.into(), record.doc.clone().into()]).collect();
        statements.append(&mut insert(RECORDS, rows, update));
        statements.append(&mut insert(DOCUMENTS, docs, update_doc));
    }
    Ok(statements)
}

fn terms_changed(before: &Before, records: &[(RecordId, StoredRecord)]) -> Vec<Statement> {
    const INSERT: &str = "insert into record_terms (class, term, record) values ";
    const DELETE: &str = "delete from record_terms where class = $1 and term = $2 and record = $3";
    let none = HashSet::new();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for (id, record) in records {
        let (old, new) = (before.terms.get(id).unwrap_or(&none), terms(&record.summary));
        for (class, term) in old.difference(&new) {
            removed.push(Statement::new(DELETE).bind(*class as i64).bind(term.as_str()).bind(id.0));
        }
        added.extend(
            new.difference(old).map(|(class, term)| vec![(*class as i64).into(), term.as_str().into(), id.0.into()]),
        );
    }
    let mut statements = insert(INSERT, added, "");
    statements.append(&mut removed);
    statements
}

/// Inserts rows, many in a statement.
pub(super) fn insert(into: &'static str, rows: Vec<Vec<Arg>>, on_conflict: &'static str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut rows = rows.into_iter();
    for size in ROWS_PER_INSERT {
        while rows.len() >= size {
            let mut statement = Statement::new(into);
            for (index, row) in rows.by_ref().take(size).enumerate() {
                statement.push(if index == 0 { "" } else { ", " }).tuple(row);
            }
            statement.push(on_conflict);
            statements.push(statement);
        }
    }
    statements
}

fn change_row(change: &NewLogEntry) -> Vec<Arg> {
    vec![
        change.space.0.into(),
        position_arg(change.position).into(),
        change.record.0.into(),
        (change.kind as u8).into(),
        change.hash.0.into(),
        change.actor.0.into(),
        change.device.0.into(),
        change.device_time_ms.into(),
        change.received_ms.into(),
        change.bytes.clone().into(),
    ]
}

fn quarantine_row(change: &Quarantined) -> Vec<Arg> {
    vec![
        change.hash.0.into(),
        change.user.0.into(),
        change.space.0.into(),
        change.record.0.into(),
        change.kind.into(),
        change.device.0.into(),
        change.refused.reason.number().cast_signed().into(),
        storable(&change.refused.field).into(),
        change.received_ms.into(),
        change.bytes.clone().into(),
    ]
}

fn record_row(id: RecordId, record: &StoredRecord, appended: Option<(Position, i64)>) -> anyhow::Result<Vec<Arg>> {
    let (first, changes) = appended.unwrap_or_default();
    let summary = &record.summary;
    let without_search = Summary { search: String::new(), ..summary.clone() };
    Ok(vec![
        id.0.into(),
        (record.kind as u8).into(),
        record.space.0.into(),
        storable(&summary.date).into(),
        storable(&summary.title).into(),
        summary.station.map(|id| id.0).into(),
        summary.place.map(|id| id.0).into(),
        storable(&summary.code).into(),
        storable(&summary.status).into(),
        summary.number.into(),
        summary.deleted.into(),
        record.created_ms.into(),
        record.updated_ms.into(),
        serde_json::to_string(&without_search)?.into(),
        storable(&summary.search).into(),
        position_arg(first).into(),
        changes.into(),
        marks(record).into(),
    ])
}

/// The tags of an activity by which figure R7 counts: those that the lists know, because what stands in an index has to be
/// short.
fn marks(record: &StoredRecord) -> String {
    let known = |tag: &&str| {
        let (list, code) = tag.split_once(':').unwrap_or_default();
        COUNTED_BY.contains(&list) && CodeList::find(list).is_some_and(|list| list.label(code).is_some())
    };
    let tags = record.summary.tags.iter().map(String::as_str);
    let mut marks: Vec<&str> = tags.filter(|_| record.kind == Kind::Activity).filter(known).collect();
    marks.sort_unstable();
    marks.join("\n")
}

/// PostgreSQL's text cannot hold U+0000, which prose may.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', " ")
}

/// Under what a record is found.
pub(super) type Term = (TermClass, String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i64)]
pub(super) enum TermClass {
    Person = 1,
    Tag = 2,
    Link = 3,
}

fn terms(summary: &Summary) -> HashSet<Term> {
    let people = summary.people.iter().map(|person| (TermClass::Person, storable(person)));
    let tags = summary.tags.iter().map(|tag| (TermClass::Tag, storable(tag)));
    let links = summary.links.iter().map(|id| (TermClass::Link, id.to_string()));
    let conflict = (summary.conflicts > 0).then(|| (TermClass::Tag, IN_CONFLICT.to_owned()));
    people.chain(tags).chain(links).chain(conflict).collect()
}
