mod case;
mod files;
mod sealed;

use std::collections::BTreeMap;

use super::*;
use crate::{
    id::{ChangeHash, UnitCode, UserId},
    limits::{CURSORS_NAMED_MAX, SETTLED_PER_EXCHANGE_MAX, UPLOAD_PAGE_BYTES},
    record::{Edit, FieldValue, Record},
    rights::{Denied, Person, Post, Space},
    wire::{
        Answer, AnswerHello, Cursor, GrantedSpace, Older, Outcome, PageEntry, Receipt, RefusalReason, Refused,
        Request as WireRequest, Settled, Snapshot, SnapshotRecord, mark_of,
    },
};

pub(super) const NOW: i64 = 1_767_225_600_000;
pub(super) const STATION: SpaceId = SpaceId(3);
const MANDATE: RecordId = RecordId([7; 16]);

/// A device with its storage: what a browser has.
pub(super) struct Phone {
    pub(super) device: Device,
    pub(super) stored: BTreeMap<(Store, String), Vec<u8>>,
}

impl Phone {
    pub(super) fn new(session: u8) -> Self {
        let mut phone = Phone { device: Device::open(Actor([session; 16]), []).unwrap(), stored: BTreeMap::new() };
        let first = phone.device.exchange(NOW, "test", 0);
        phone.receive(&first, &Answer { grants: Some(grants(1)), ..answer() });
        phone
    }

    pub(super) fn store(&mut self, prepared: Prepared) {
        self.write(&prepared);
        self.device.commit(prepared);
    }

    /// All of it or nothing: one transaction.
    fn write(&mut self, prepared: &Prepared) {
        for write in &prepared.writes {
            let key = (write.store, write.key.clone());
            match &write.value {
                Some(value) => drop(self.stored.insert(key, value.clone())),
                None => drop(self.stored.remove(&key)),
            }
        }
    }

    pub(super) fn doc(&self, id: RecordId) -> Option<&Vec<u8>> {
        self.stored.get(&(Store::Docs, id.to_string()))
    }

    pub(super) fn case(&self, id: RecordId) -> Option<&[u8]> {
        self.stored.get(&(Store::Cases, id.to_string())).map(Vec::as_slice)
    }

    pub(super) fn edit(&mut self, target: Target, edits: Vec<Edit>) -> Result<RecordId, EditProblem> {
        let command = Command { target, base: None, edits };
        let doc = command.record().and_then(|id| self.doc(id).cloned());
        let (id, prepared) = self.device.prepare_edit(&command, doc.as_deref(), NOW)?;
        self.store(prepared);
        Ok(id)
    }

    pub(super) fn receive(&mut self, exchange: &Exchange, answer: &Answer) {
        let docs: Map<_, _> =
            self.device.records_needed(answer).into_iter().filter_map(|id| Some((id, self.doc(id)?.clone()))).collect();
        let cases =
            self.device.cases_needed(answer).into_iter().filter_map(|id| Some((id, self.case(id)?.to_vec()))).collect();
        let prepared = self.device.prepare_receive(exchange, answer, &docs, &cases, NOW + 5_000).unwrap();
        self.store(prepared);
    }

    pub(super) fn reopen(self, session: u8) -> Self {
        let loaded = self.stored.iter().filter(|((store, _), _)| Store::LOADED_AT_START.contains(store));
        let loaded: Vec<_> = loaded.map(|((store, key), value)| (*store, key.clone(), value.clone())).collect();
        Phone { device: Device::open(Actor([session; 16]), loaded).unwrap(), stored: self.stored }
    }
}

pub(super) fn grants(mark: u32) -> Grants {
    let unit = UnitCode("520303108S01".into());
    let post = Post { role: Role::Deputy, unit: unit.clone(), mandate: Some(MANDATE) };
    let space =
        Space { id: STATION, kind: SpaceKind::Station, unit, name: "竹元村联络室".into(), parties: Vec::new() };
    Grants {
        mark,
        person: Person { user: UserId(1), name: "黄光明".into(), posts: vec![post] },
        spaces: vec![GrantedSpace { space, access: Access::Write }],
    }
}

pub(super) fn answer() -> Answer {
    Answer { hello: AnswerHello { epoch: 9, server_time_ms: NOW, ..AnswerHello::default() }, ..Answer::default() }
}

pub(super) fn received(position: u64) -> Receipt {
    Receipt { outcome: Outcome::Received { position: Position(position), received_ms: NOW + 1 } }
}

pub(super) fn voice() -> (Target, Vec<Edit>) {
    let edits = vec![
        Edit::put("slip_no", "1-001"),
        Edit::put("channel", "visit"),
        Edit::put("date", "2026-01-01"),
        Edit::add("collectors", MANDATE),
        Edit::write("summary", "饮水管网老化"),
    ];
    (Target::New { new: Kind::Voice, space: STATION }, edits)
}

fn day() -> Target {
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let key = serde_json::json!({ "reception_day": { "station": station, "date": "2026-01-01" }, "space": 3 });
    Target::take_from(&mut Object::of(key).unwrap()).unwrap()
}

#[test]
fn a_record_says_where_it_has_got_to() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    assert_eq!(phone.device.state(id), RecordState::Phone { unsent: 1 });
    assert_eq!(phone.device.unsent(), 1);

    let exchange = phone.device.exchange(NOW, "test", 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    assert_eq!(request.changes.len(), 1);
    assert_eq!((request.hello.epoch, request.hello.grants_mark), (9, 1));
    phone.receive(&exchange, &Answer { receipts: vec![received(1)], ..answer() });
    assert_eq!(phone.device.state(id), RecordState::Received { received_ms: NOW + 1 });
    assert_eq!(phone.device.unsent(), 0);
    assert_eq!(phone.device.clock_offset_ms(), 5_000);

    phone.edit(Target::Existing { record: id }, vec![Edit::put("urgency", "urgent")]).unwrap();
    assert_eq!(phone.device.state(id), RecordState::Phone { unsent: 1 });
}

#[test]
fn what_was_saved_survives_a_kill() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    let phone = phone.reopen(2);
    assert_eq!(phone.device.state(id), RecordState::Phone { unsent: 1 });
    assert_eq!(WireRequest::decode(&phone.device.exchange(NOW, "t", 0).body).unwrap().changes.len(), 1);
    let view = phone.device.view(id, phone.doc(id).unwrap(), phone.case(id)).unwrap().unwrap();
    assert_eq!(view.row.title, "饮水管网老化");
    assert_eq!(view.people.values().copied().collect::<Vec<_>>(), ["黄光明"], "own actors are known offline");
}

#[test]
fn nothing_is_believed_before_it_is_stored() {
    let phone = Phone::new(1);
    let (target, edits) = voice();
    let command = Command { target, base: None, edits };
    let (id, prepared) = phone.device.prepare_edit(&command, None, NOW).unwrap();
    drop(prepared);
    assert!(!phone.device.has(id));
    assert_eq!(phone.device.unsent(), 0);
}

/// What may happen to a phone between two looks at it.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// All went well.
    Well,
    /// The power fails before anything of it is stored: nobody was told that it is saved.
    KilledBefore,
    /// The power fails after it is stored, before the app knows.
    KilledAfter,
}

proptest::proptest! {
    /// DOMAIN §6.8: whatever was stored is sent in the end, and at no time fewer are said to be unsent than the server
    /// lacks. (What is being typed is the view's: the browser suite kills it in mid-form.)
    #[test]
    fn invariant_10_a_kill_at_any_point_loses_nothing_stored_and_the_unsent_count_never_under_reports(
        steps in proptest::collection::vec(
            (proptest::bool::ANY, proptest::sample::select(vec![Fate::Well, Fate::KilledBefore, Fate::KilledAfter])),
            1..40,
        ),
    ) {
        let mut phone = Phone::new(1);
        let (mut stored, mut session) = (0, 1);
        let mut arrived = std::collections::BTreeSet::new();
        for (writes, fate) in steps.into_iter().chain([(false, Fate::Well)]) {
            let prepared = if writes {
                let (target, edits) = voice();
                let command = Command { target, base: None, edits };
                phone.device.prepare_edit(&command, None, NOW).unwrap().1
            } else {
                let exchange = phone.device.exchange(NOW, "test", 1000);
                let sent = WireRequest::decode(&exchange.body).unwrap().changes;
                let receipts: Vec<Receipt> = sent
                    .iter()
                    .map(|change| {
                        arrived.insert(change.bytes.clone());
                        received(arrived.len() as u64)
                    })
                    .collect();
                let answer = Answer { receipts, ..answer() };
                phone.device.prepare_receive(&exchange, &answer, &Map::new(), &Map::new(), NOW).unwrap()
            };
            match fate {
                Fate::Well => phone.store(prepared),
                Fate::KilledBefore => drop(prepared),
                Fate::KilledAfter => phone.write(&prepared),
            }
            stored += usize::from(writes && !matches!(fate, Fate::KilledBefore));
            if !matches!(fate, Fate::Well) {
                session += 1;
                phone = phone.reopen(session);
            }
            proptest::prop_assert!(phone.device.unsent() + arrived.len() >= stored);
        }
        proptest::prop_assert_eq!((phone.device.unsent(), arrived.len()), (0, stored));
    }
}

#[test]
fn a_new_record_names_its_maker() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    let view = phone.device.view(id, phone.doc(id).unwrap(), phone.case(id)).unwrap().unwrap();
    assert_eq!(view.row.author, Some(MANDATE));
}

#[test]
fn what_the_server_would_refuse_is_not_saved() {
    let mut phone = Phone::new(1);
    let (_, mut edits) = voice();
    let elsewhere = Target::New { new: Kind::Voice, space: SpaceId(99) };
    assert_eq!(phone.edit(elsewhere, edits.clone()), Err(EditProblem::Denied(Denied::Space)));
    let training = Target::New { new: Kind::Training, space: STATION };
    let required = [("term", "五届"), ("level", "town")].map(|(key, value)| Edit::put(key, value));
    assert_eq!(phone.edit(training, required.to_vec()), Err(EditProblem::Denied(Denied::WrongPlace)));
    edits.remove(0);
    let problem = phone.edit(voice().0, edits).unwrap_err();
    assert_eq!((problem.text_key().as_str(), problem.field()), ("edit.required", Some("slip_no")));
    assert_eq!(phone.device.unsent(), 0);
    assert_eq!(phone.device.list(&Filter { kinds: Kind::ALL.to_vec(), ..Filter::default() }).len(), 0);
}

#[test]
fn a_refused_change_is_kept_and_the_others_go_on() {
    let mut phone = Phone::new(1);
    let ids: Vec<RecordId> = (0..2)
        .map(|_| {
            let (target, edits) = voice();
            phone.edit(target, edits).unwrap()
        })
        .collect();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let refused = Refused { reason: RefusalReason::Denied(Denied::Space), field: String::new() };
    // The newer one went first.
    let receipts = vec![received(1), Receipt { outcome: Outcome::Refused(refused) }];
    phone.receive(&exchange, &Answer { receipts, ..answer() });
    let phone = phone.reopen(2);
    assert!(matches!(phone.device.state(ids[0]), RecordState::Refused { reason, .. } if reason == "denied.space"));
    assert!(matches!(phone.device.state(ids[1]), RecordState::Received { .. }));
    assert_eq!((phone.device.unsent(), phone.device.refused()), (0, 1));
    assert!(WireRequest::decode(&phone.device.exchange(NOW, "t", 0).body).unwrap().changes.is_empty());
}

#[test]
fn what_staff_decided_on_a_refused_change_is_asked_for_until_it_is_known() {
    let mut phone = Phone::new(1);
    let ids: Vec<RecordId> = (0..2)
        .map(|_| {
            let (target, edits) = voice();
            phone.edit(target, edits).unwrap()
        })
        .collect();
    let refused = || Outcome::Refused(Refused { reason: RefusalReason::Denied(Denied::Space), field: String::new() });
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let receipts = vec![Receipt { outcome: refused() }, Receipt { outcome: refused() }];
    phone.receive(&exchange, &Answer { receipts, ..answer() });
    let asked = |phone: &Phone| WireRequest::decode(&phone.device.exchange(NOW, "t", 0).body).unwrap().refused;
    let hashes = asked(&phone);
    assert_eq!(hashes.len(), 2);
    // Of one that this phone does not hold nothing comes.
    let settled = |hash, outcome, note: &str| Settled { hash, outcome, note: note.into() };
    let stranger = settled(ChangeHash([9; 32]), received(1).outcome, "");
    let settled = vec![
        stranger,
        settled(hashes[0], refused(), "请补充地点后再提交"),
        settled(hashes[1], received(2).outcome, ""),
    ];
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(&exchange, &Answer { settled, ..answer() });
    let phone = phone.reopen(2);
    let states: Vec<RecordState> = ids.iter().map(|id| phone.device.state(*id)).collect();
    assert!(states.iter().any(|state| matches!(state, RecordState::Received { .. })), "{states:?}");
    let noted =
        |state: &&RecordState| matches!(state, RecordState::Refused { note, .. } if note == "请补充地点后再提交");
    assert_eq!(states.iter().filter(noted).count(), 1, "{states:?}");
    assert!(asked(&phone).is_empty());
}

#[test]
fn what_staff_leave_undecided_keeps_no_later_refused_change_from_being_asked_about() {
    let mut phone = Phone::new(1);
    for _ in 0..SETTLED_PER_EXCHANGE_MAX + 2 {
        let (target, edits) = voice();
        phone.edit(target, edits).unwrap();
    }
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let refused = Refused { reason: RefusalReason::Denied(Denied::Space), field: String::new() };
    let receipt = Receipt { outcome: Outcome::Refused(refused) };
    let receipts = vec![receipt; exchange.sent.len()];
    phone.receive(&exchange, &Answer { receipts, ..answer() });
    // Every five minutes, as a phone looks for news that hears no live stream.
    let asked = (0..SETTLED_PER_EXCHANGE_MAX as i64 + 2).map(|round| {
        let now_ms = NOW + round * 5 * 60_000;
        WireRequest::decode(&phone.device.exchange(now_ms, "t", 0).body).unwrap().refused
    });
    let asked: Vec<Vec<ChangeHash>> = asked.collect();
    assert!(asked.iter().all(|page| page.len() == SETTLED_PER_EXCHANGE_MAX));
    let all: Set<ChangeHash> = asked.into_iter().flatten().collect();
    assert_eq!(all.len(), phone.device.refused());
}

#[test]
fn an_answer_for_other_changes_is_not_believed() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    phone.edit(target, edits).unwrap();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    assert!(phone.device.prepare_receive(&exchange, &answer(), &Map::new(), &Map::new(), NOW).is_err());
    assert_eq!(phone.device.unsent(), 1);
}

#[test]
fn a_late_answer_does_not_acknowledge_a_newer_change() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    phone.edit(target, edits).unwrap();
    let first = phone.device.exchange(NOW, "test", 1000);
    let acknowledged = Answer { receipts: vec![received(1)], ..answer() };
    phone.receive(&first, &acknowledged);
    let (target, edits) = voice();
    let second = phone.edit(target, edits).unwrap();
    phone.receive(&first, &acknowledged);
    assert_eq!(phone.device.state(second), RecordState::Phone { unsent: 1 });
}

#[test]
fn a_colleagues_day_merges_into_ones_own() {
    let mut phone = Phone::new(1);
    let id = phone.edit(day(), vec![Edit::add("deputies", MANDATE)]).unwrap();
    let again = phone.edit(day(), vec![Edit::write("minutes", "我写的。")]).unwrap();
    assert_eq!(id, again, "opened once");

    let mut theirs = Record::new(Kind::ReceptionDay, id);
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let edits = [Edit::put("station", station), Edit::put("date", "2026-01-01"), Edit::add("deputies", "d".repeat(32))];
    let change = theirs.edit(Actor([5; 16]), NOW, None, &edits).unwrap().unwrap();
    let entry = PageEntry {
        space: STATION,
        position: Position(1),
        received_ms: NOW,
        kind: Kind::ReceptionDay as u8,
        record: id,
        hash: change.hash,
        bytes: change.bytes,
    };
    let newer = PageEntry { kind: 200, record: RecordId([1; 16]), ..entry.clone() };
    let authors = vec![Author { actor: Actor([5; 16]), user: UserId(2), name: "李秀碧".into() }];
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let cursors = vec![Cursor { space: STATION, position: Position(4) }];
    let receipts = vec![received(2), received(3)];
    phone.receive(&exchange, &Answer { receipts, page: vec![entry, newer], authors, cursors, ..answer() });

    let view = phone.device.view(id, phone.doc(id).unwrap(), phone.case(id)).unwrap().unwrap();
    assert!(matches!(&view.fields["deputies"], FieldValue::Set { elements } if elements.len() == 2));
    assert_eq!(view.people.values().copied().collect::<Vec<_>>(), ["黄光明", "李秀碧"]);
    assert_eq!(phone.device.position(STATION), Position(4));
    assert!(!phone.device.has(RecordId([1; 16])), "a kind of the future is not guessed at");
    assert!(phone.device.lacks_kinds(), "and its user is told");
}

#[test]
fn a_lost_space_leaves_the_phone_but_unsent_work_stays() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let sent = phone.edit(target, edits).unwrap();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(&exchange, &Answer { receipts: vec![received(1)], ..answer() });
    let (target, edits) = voice();
    let unsent = phone.edit(target, edits).unwrap();

    let exchange = phone.device.exchange(NOW, "test", 1000);
    let refused = Refused { reason: RefusalReason::Denied(Denied::Space), field: String::new() };
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    let receipts = vec![Receipt { outcome: Outcome::Refused(refused) }];
    phone.receive(&exchange, &Answer { grants: Some(nothing), receipts, ..answer() });
    assert!(!phone.device.has(sent) && phone.doc(sent).is_none());
    assert!(phone.device.has(unsent) && phone.doc(unsent).is_some());
}

#[test]
fn a_kept_record_of_a_lost_space_goes_once_its_work_is_delivered() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    // Stored at the first try, whose answer was lost; then the right went.
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    phone.receive(&exchange, &Answer { grants: Some(nothing), receipts: vec![received(1)], ..answer() });
    assert!(!phone.device.has(id) && phone.doc(id).is_none());
}

#[test]
fn an_answer_that_comes_late_does_not_bring_a_lost_space_back() {
    let mut phone = Phone::new(1);
    let late = phone.device.exchange(NOW, "test", 1000);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    phone.receive(&exchange, &Answer { grants: Some(nothing), ..answer() });

    let id = RecordId([3; 16]);
    let change = Record::new(Kind::Voice, id).edit(Actor([5; 16]), NOW, None, &voice().1).unwrap().unwrap();
    let entry = PageEntry {
        space: STATION,
        position: Position(1),
        received_ms: NOW,
        kind: Kind::Voice as u8,
        record: id,
        hash: change.hash,
        bytes: change.bytes,
    };
    let cursors = vec![Cursor { space: STATION, position: Position(1) }];
    phone.receive(&late, &Answer { page: vec![entry], cursors, ..answer() });
    assert!(!phone.device.has(id) && phone.doc(id).is_none());
    assert_eq!(phone.device.position(STATION), Position(0), "or it would never be downloaded again");
}

#[test]
fn after_a_restore_everything_of_ones_own_is_offered_again() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    let before = phone.device.exchange(NOW, "test", 1000);
    let acknowledged = Answer { receipts: vec![received(1)], ..answer() };
    phone.receive(&before, &acknowledged);
    let waiting = phone.edit(Target::Existing { record: id }, vec![Edit::put("urgency", "urgent")]).unwrap();
    assert_eq!((waiting, phone.device.unsent()), (id, 1));
    let mut phone = phone.reopen(2);

    let idle = phone.device.exchange_within(NOW, "test", 0, 1000);
    let restored = AnswerHello { epoch: 10, ..answer().hello };
    phone
        .receive(&idle, &Answer { hello: restored, receipts: vec![Receipt { outcome: Outcome::Missing }], ..answer() });
    assert_eq!(phone.device.state(id), RecordState::Phone { unsent: 2 });
    let again = WireRequest::decode(&phone.device.exchange(NOW, "test", 1000).body).unwrap();
    assert_eq!(again.hello.epoch, 10);
    let hashes: Vec<ChangeHash> = again.changes.iter().map(|change| change.hash).collect();
    let changes = Record::of_stored(Kind::Voice, id, phone.doc(id).unwrap()).unwrap().changes();
    assert_eq!(hashes, changes.iter().map(|change| change.hash).collect::<Vec<_>>(), "in their order");

    // An answer of the server that is no more.
    phone.receive(&before, &acknowledged);
    assert_eq!(phone.device.unsent(), 2);
}

#[test]
fn slip_numbers_do_not_repeat_even_where_the_storage_was_set_back() {
    let mut phone = Phone::new(1);
    let prepared = phone.device.prepare_sign_in(DeviceId(12));
    phone.store(prepared);
    let slip = |phone: &mut Phone, now_ms| {
        let (slip, prepared) = phone.device.prepare_slip_number(now_ms);
        phone.store(prepared);
        slip
    };
    let copy = phone.stored.clone();
    let first = slip(&mut phone, NOW);
    let mut phone = phone.reopen(2);
    let second = slip(&mut phone, NOW);
    assert!(first.starts_with("12-1-") && second.starts_with("12-2-"), "{first} {second}");
    assert!(first.len() <= 11, "{first}: as long as a telephone number, no longer");

    let mut set_back = Phone { stored: copy.clone(), ..phone }.reopen(3);
    let again = slip(&mut set_back, NOW);
    assert!(again.starts_with("12-1-") && again != first, "{again}");
    let mut same_session = Phone { stored: copy, ..set_back }.reopen(1);
    let later = slip(&mut same_session, NOW + 1);
    assert!(later != first && later != again, "{later}");
}

#[test]
fn lists_search_chinese_and_leave_out_what_is_deleted() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let id = phone.edit(target, edits).unwrap();
    let find = |phone: &Phone, text: &str| {
        let filter = Filter { kinds: vec![Kind::Voice], text: Some(text.into()), ..Filter::default() };
        phone.device.list(&filter).len()
    };
    assert_eq!((find(&phone, "管网"), find(&phone, "饮水 老化"), find(&phone, "公路")), (1, 1, 0));
    phone.edit(Target::Existing { record: id }, vec![Edit::put("deleted", true)]).unwrap();
    assert_eq!(find(&phone, "管网"), 0);
}

#[test]
fn a_big_outbox_goes_in_pages() {
    let mut phone = Phone::new(1);
    for _ in 0..30 {
        let (target, mut edits) = voice();
        edits.push(Edit::write("verbatim", &"话".repeat(5_000)));
        phone.edit(target, edits).unwrap();
    }
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    assert!(request.changes.len() < 30 && exchange.body.len() <= UPLOAD_PAGE_BYTES + 10_000);
    assert_eq!(request.hello.unsent as usize, 30 - request.changes.len());
}

/// Phones in drawers hold these bytes.
#[test]
fn the_stored_form_of_a_waiting_change_never_changes() {
    let waiting = Waiting {
        space: SpaceId(300),
        kind: Kind::Voice,
        record: RecordId([0xab; 16]),
        hash: ChangeHash([0xcd; 32]),
        bytes: vec![1, 2, 3],
        refused: Some(Refused { reason: RefusalReason::Denied(Denied::NotAuthor), field: "verbatim".into() }),
        note: String::new(),
    };
    let hex: String = waiting.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("../../golden/waiting.v1.hex").trim_end());
    assert_eq!(Waiting::decode(&waiting.encode()), Ok(waiting));
}

#[test]
fn unreadable_storage_is_said_not_swallowed() {
    let broken = [(Store::Outbox, "1".to_owned(), vec![9, 9])];
    let corrupt = Device::open(Actor([1; 16]), broken).unwrap_err();
    assert_eq!(corrupt.store, Store::Outbox);
}

fn theirs(kind: Kind, edits: &[Vec<Edit>]) -> Record {
    let mut record = Record::new(kind, RecordId([3; 16]));
    for edits in edits {
        record.edit(Actor([5; 16]), NOW, None, edits).unwrap();
    }
    record
}

fn whole(record: &Record) -> SnapshotRecord {
    let changes = record.changes().into_iter().map(|change| (change.hash, change.bytes)).collect();
    SnapshotRecord { space: STATION, kind: record.kind() as u8, record: record.id(), updated_ms: NOW, changes }
}

fn entry(record: &Record, change: usize, position: u64) -> PageEntry {
    let change = record.changes().swap_remove(change);
    PageEntry {
        space: STATION,
        position: Position(position),
        received_ms: NOW,
        kind: record.kind() as u8,
        record: record.id(),
        hash: change.hash,
        bytes: change.bytes,
    }
}

fn older(below: u64) -> Vec<Older> {
    vec![Older { space: STATION, below: Position(below), reached_ms: Some(NOW) }]
}

fn at(position: u64) -> Vec<Cursor> {
    vec![Cursor { space: STATION, position: Position(position) }]
}

#[test]
fn a_whole_record_merges_with_ones_own() {
    let mut phone = Phone::new(1);
    let id = phone.edit(day(), vec![Edit::add("deputies", MANDATE)]).unwrap();
    let mut theirs = Record::new(Kind::ReceptionDay, id);
    let station = RecordId::derived(Kind::Station, &["520303108S01"]);
    let key = [Edit::put("station", station), Edit::put("date", "2026-01-01")];
    theirs.edit(Actor([5; 16]), NOW, None, &key).unwrap();
    theirs.edit(Actor([5; 16]), NOW, None, &[Edit::write("minutes", "她写的。")]).unwrap();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let snapshot = Snapshot { older: older(0), records: vec![whole(&theirs)] };
    phone.receive(&exchange, &Answer { snapshot, cursors: at(7), receipts: vec![received(8)], ..answer() });
    let view = phone.device.view(id, phone.doc(id).unwrap(), None).unwrap().unwrap();
    assert!(matches!(&view.fields["deputies"], FieldValue::Set { elements } if elements.len() == 1), "mine");
    assert!(matches!(&view.fields["minutes"], FieldValue::Prose { text, .. } if text == "她写的。"), "theirs");
    assert!(!phone.device.lacks_older());
}

#[test]
fn a_change_of_an_older_record_waits_for_the_record() {
    let mut phone = Phone::new(1);
    let record = theirs(Kind::Voice, &[voice().1, vec![Edit::put("urgency", "urgent")]]);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let snapshot = Snapshot { older: older(5), records: Vec::new() };
    phone.receive(&exchange, &Answer { snapshot, cursors: at(7), ..answer() });
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    assert_eq!((request.cursors, request.wanted), (at(7), Some(at(5))));
    phone.receive(&exchange, &Answer { page: vec![entry(&record, 1, 8)], cursors: at(8), ..answer() });
    assert!(!phone.device.has(record.id()), "half a record is none");

    let phone = &mut phone.reopen(2);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let snapshot = Snapshot { older: older(0), records: vec![whole(&record)] };
    phone.receive(&exchange, &Answer { snapshot, ..answer() });
    let held = Record::of_stored(Kind::Voice, record.id(), phone.doc(record.id()).unwrap()).unwrap();
    assert_eq!(held.heads(), record.heads());
    assert_eq!((phone.device.position(STATION), phone.device.lacks_older()), (Position(8), false));
}

#[test]
fn an_answer_that_was_overtaken_moves_nothing() {
    let mut phone = Phone::new(1);
    let (first, second) = (phone.device.exchange(NOW, "test", 1000), phone.device.exchange(NOW, "test", 1000));
    let started = Answer { snapshot: Snapshot { older: older(5), ..Snapshot::default() }, cursors: at(7), ..answer() };
    phone.receive(&first, &started);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let snapshot = Snapshot { older: older(0), ..Snapshot::default() };
    phone.receive(&exchange, &Answer { snapshot, cursors: at(9), ..answer() });
    phone.receive(&second, &started);
    assert_eq!((phone.device.position(STATION), phone.device.lacks_older()), (Position(9), false));
}

#[test]
fn old_records_are_asked_for_as_far_back_as_the_shell_says() {
    let mut phone = Phone::new(1);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(
        &exchange,
        &Answer { snapshot: Snapshot { older: older(5), ..Snapshot::default() }, cursors: at(7), ..answer() },
    );
    let wanted = |since_ms| {
        let ask = Ask { upload_bytes_max: 1000, download_bytes_max: 1000, since_ms };
        WireRequest::decode(&phone.device.exchange_asking(NOW, "test", ask).body).unwrap().wanted
    };
    assert_eq!(wanted(NOW - 1), Some(at(5)));
    assert_eq!(wanted(NOW + 1), Some(Vec::new()), "a device that takes whole records says so");
}

/// The stored state as if the kind 200, which it has skipped, were this one.
pub(super) fn knows_kind_200(meta: &[u8], kind: u8) -> Vec<u8> {
    with_skipped_kinds(meta, |number| Some(if number == 200 { kind } else { number })).unwrap()
}

#[test]
fn an_app_that_knows_more_kinds_fetches_what_the_one_before_left() {
    let mut phone = Phone::new(1);
    let mut record = whole(&theirs(Kind::Voice, &[voice().1]));
    record.kind = 200;
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let snapshot = Snapshot { older: older(0), records: vec![record] };
    phone.receive(&exchange, &Answer { snapshot, cursors: at(7), ..answer() });
    let mut phone = phone.reopen(2);
    assert_eq!((phone.device.position(STATION), phone.device.lacks_kinds()), (Position(7), true));
    // As if this were the newer app.
    let meta = phone.stored.get_mut(&(Store::Meta, META_KEY.into())).unwrap();
    *meta = knows_kind_200(meta, 1);
    let phone = phone.reopen(3);
    assert_eq!((phone.device.position(STATION), phone.device.lacks_kinds()), (Position(0), false));
}

#[test]
fn who_reads_many_spaces_names_only_those_with_news() {
    let mut phone = Phone::new(1);
    let spaces = CURSORS_NAMED_MAX as u32 + 3;
    let mut many = grants(2);
    let of = |id: u32| {
        let mut granted = grants(2).spaces.swap_remove(0);
        granted.space.id = SpaceId(id);
        granted
    };
    many.spaces = (1..=spaces).map(of).collect();
    let cursors: Vec<Cursor> = (1..=spaces).map(|id| Cursor { space: SpaceId(id), position: Position(9) }).collect();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(&exchange, &Answer { grants: Some(many), cursors: cursors.clone(), ..answer() });

    let asked = |phone: &Phone| {
        let request = WireRequest::decode(&phone.device.exchange(NOW, "test", 1000).body).unwrap();
        (request.cursors, request.rest)
    };
    assert_eq!(asked(&phone), (Vec::new(), Some(mark_of(cursors.clone()))));
    phone.device.hear(SpaceId(2), Position(9));
    assert_eq!(asked(&phone).0, [], "that is known");
    phone.device.hear(SpaceId(2), Position(10));
    let others = cursors.iter().copied().filter(|cursor| cursor.space != SpaceId(2));
    assert_eq!(asked(&phone), (vec![cursors[1]], Some(mark_of(others))));
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(&exchange, &Answer { hello: AnswerHello { name_all: true, ..answer().hello }, ..answer() });
    assert_eq!(asked(&phone), (cursors, None));
}

#[test]
fn what_people_wait_for_goes_up_first() {
    let mut phone = Phone::new(1);
    let activity = vec![Edit::put("kind", "visit"), Edit::put("title", "走访")];
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(phone.edit(Target::New { new: Kind::Activity, space: STATION }, activity.clone()).unwrap());
    }
    for _ in 0..2 {
        let (target, edits) = voice();
        ids.push(phone.edit(target, edits).unwrap());
    }
    phone.edit(Target::Existing { record: ids[2] }, vec![Edit::put("urgency", "urgent")]).unwrap();
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    let order: Vec<RecordId> = request.changes.iter().map(|change| change.record).collect();
    assert_eq!(order, [ids[2], ids[2], ids[3], ids[1], ids[0]], "voices, the last touched first, then activities");

    // What rests on something that is missing at the server does not stand before the rest.
    let missing = || Receipt { outcome: Outcome::Missing };
    let receipts = vec![missing(), missing(), received(1), missing(), missing()];
    phone.receive(&exchange, &Answer { receipts, ..answer() });
    let (target, edits) = voice();
    let newest = phone.edit(target, edits).unwrap();
    let request = WireRequest::decode(&phone.device.exchange(NOW, "test", 1000).body).unwrap();
    let order: Vec<RecordId> = request.changes.iter().map(|change| change.record).collect();
    assert_eq!(order, [newest, ids[2], ids[2], ids[1], ids[0]]);
}

#[test]
fn traffic_is_counted_by_day() {
    let mut phone = Phone::new(1);
    phone.device.count_traffic(20_000, 10, 100);
    phone.device.count_traffic(20_000, 1, 2);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    phone.receive(&exchange, &answer());
    let mut phone = phone.reopen(2);
    assert_eq!(phone.device.traffic(20_000), (11, 102));
    phone.device.count_traffic(20_001, 5, 5);
    assert_eq!((phone.device.traffic(20_000), phone.device.traffic(20_001)), ((0, 0), (5, 5)));
}
