//! Sealed records on the phone: stored before believed, sent after their voice, gone when deleted.

use super::*;
use crate::{
    id::SealedId,
    sealed::{Basis, Contents, Deletion, NOTICE_VERSION, Packed, Refusal, SealedOutcome, WhyDeleted},
    wire::{Opening, SealedAnswer, SealedChange, SealedState},
};

const NAME: &str = "张德财";

fn contents(phone: &str) -> Contents {
    Contents {
        alias: "张大爷".into(),
        name: NAME.into(),
        phone: phone.into(),
        address: String::new(),
        note: String::new(),
        basis: Basis::Duty,
        notice_version: NOTICE_VERSION.into(),
        noticed_ms: NOW,
        consent_by: String::new(),
        sensitive: Default::default(),
        newer: Vec::new(),
    }
}

impl Phone {
    fn seal(&mut self, id: Option<SealedId>, voice: RecordId, phone: &str) -> Result<SealedId, SealProblem> {
        let (id, prepared) = self.device.prepare_seal(&Seal { id, voice, contents: contents(phone) })?;
        self.store(prepared);
        Ok(id)
    }

    fn sent(&self) -> (Exchange, WireRequest) {
        let exchange = self.device.exchange(NOW, "test", 1000);
        let request = WireRequest::decode(&exchange.body).unwrap();
        (exchange, request)
    }

    fn sealed_at(&self, voice: RecordId) -> SealedAt {
        self.device.sealed(voice).pop().unwrap().state
    }

    fn holds(&self, word: &str) -> bool {
        let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        self.stored.values().map(text).any(|text| text.contains(word) || text.contains(&hex))
    }
}

fn answered(cursor: u64, outcomes: Vec<SealedOutcome>, changed: Vec<SealedChange>) -> Answer {
    Answer { sealed: Some(SealedAnswer { cursor, outcomes, changed }), ..answer() }
}

fn stored(version: u64) -> SealedOutcome {
    SealedOutcome::Stored { version, received_ms: NOW + 7, expires_ms: NOW + 900 }
}

fn change(id: SealedId, voice: RecordId, state: SealedState) -> SealedChange {
    SealedChange {
        id,
        voice,
        space: STATION,
        version: 5,
        received_ms: NOW + 9,
        expires_ms: NOW + 1000,
        state,
        openings: vec![Opening { at_ms: NOW + 8, by: "赵小兰".into(), reason: "回访核实".into() }],
    }
}

/// A phone with a voice that is at the server and a sealed record of it that is there too.
fn sealed_phone() -> (Phone, RecordId, SealedId) {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let voice = phone.edit(target, edits).unwrap();
    let id = phone.seal(None, voice, "13800001234").unwrap();
    let (exchange, _) = phone.sent();
    phone.receive(&exchange, &Answer { receipts: vec![received(1)], ..answered(4, vec![stored(1)], Vec::new()) });
    (phone, voice, id)
}

#[test]
fn a_sealed_record_goes_with_its_voice_in_one_exchange_and_says_where_it_is() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let voice = phone.edit(target, edits).unwrap();
    let id = phone.seal(None, voice, "13800001234").unwrap();
    assert_eq!((phone.sealed_at(voice), phone.device.unsent()), (SealedAt::Phone, 2));
    let phone = phone.reopen(2);
    assert_eq!((phone.sealed_at(voice), phone.device.unsent()), (SealedAt::Phone, 2), "it was stored");

    let (exchange, request) = phone.sent();
    let sealed = request.sealed.unwrap();
    assert_eq!((sealed.cursor, sealed.writes.len(), request.hello.unsent), (0, 1, 0));
    assert_eq!((sealed.writes[0].id, sealed.writes[0].base), (id, 0));
    assert_eq!(sealed.writes[0].contents.as_ref().unwrap().unpack(), Ok(contents("13800001234")));
    let mut phone = phone;
    phone.receive(&exchange, &Answer { receipts: vec![received(1)], ..answered(4, vec![stored(1)], Vec::new()) });
    assert_eq!(phone.sealed_at(voice), SealedAt::Received { received_ms: NOW + 7 });
    assert_eq!(phone.device.sealed(voice)[0].expires_ms, Some(NOW + 900));
    assert_eq!((phone.device.unsent(), phone.sent().1.sealed.unwrap().cursor), (0, 4));
}

#[test]
fn a_sealed_record_of_a_refused_voice_waits_and_is_not_sent_in_vain() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    let voice = phone.edit(target, edits).unwrap();
    let (exchange, _) = phone.sent();
    let refused = Refused { reason: RefusalReason::Denied(Denied::Space), field: String::new() };
    phone.receive(&exchange, &Answer { receipts: vec![Receipt { outcome: Outcome::Refused(refused) }], ..answer() });
    phone.seal(None, voice, "13800001234").unwrap();
    assert!(phone.sent().1.sealed.unwrap().writes.is_empty());
    assert_eq!((phone.device.unsent(), phone.device.sendable()), (1, 0));
}

#[test]
fn nothing_of_it_is_in_rows_lists_or_search() {
    let (phone, voice, _) = sealed_phone();
    let find = Filter { kinds: Kind::ALL.to_vec(), text: Some(NAME.into()), ..Filter::default() };
    assert!(phone.device.list(&find).is_empty());
    let rows = serde_json::to_string(&phone.device.list(&Filter { text: None, ..find })).unwrap();
    let record = serde_json::to_string(&phone.device.view(voice, phone.doc(voice).unwrap(), None).unwrap()).unwrap();
    assert!(!rows.contains(NAME) && !record.contains(NAME));
    let elsewhere = phone.stored.iter().filter(|((store, _), _)| *store != Store::Sealed);
    let hex: String = NAME.bytes().map(|byte| format!("{byte:02x}")).collect();
    for ((store, key), value) in elsewhere {
        let text = String::from_utf8_lossy(value);
        assert!(!text.contains(NAME) && !text.contains(&hex), "{store:?} {key}");
    }
}

#[test]
fn a_late_answer_does_not_acknowledge_a_newer_edit() {
    let (mut phone, voice, id) = sealed_phone();
    phone.seal(Some(id), voice, "13911112222").unwrap();
    let (exchange, _) = phone.sent();
    phone.seal(Some(id), voice, "13933334444").unwrap();
    phone.receive(&exchange, &answered(5, vec![stored(2)], Vec::new()));
    assert_eq!(phone.sealed_at(voice), SealedAt::Phone);
    let (_, request) = phone.sent();
    assert_eq!(request.sealed.unwrap().writes[0].base, 2, "on the version that it has become");
}

#[test]
fn a_conflict_shows_both_and_the_choice_rests_on_what_was_seen() {
    let (mut phone, voice, id) = sealed_phone();
    phone.seal(Some(id), voice, "13911112222").unwrap();
    let (exchange, _) = phone.sent();
    let theirs = contents("13700007777");
    let conflict = SealedOutcome::Conflict { version: 8, contents: theirs.pack() };
    phone.receive(&exchange, &answered(5, vec![conflict], Vec::new()));
    let mut phone = phone.reopen(3);
    let view = phone.device.sealed(voice).pop().unwrap();
    assert_eq!(view.state, SealedAt::Conflict { theirs: Some(theirs) });
    assert_eq!(view.contents, Some(contents("13911112222")));
    assert_eq!((phone.device.unsent(), phone.device.refused()), (0, 1));
    phone.seal(Some(id), voice, "13911112222").unwrap();
    assert_eq!(phone.sent().1.sealed.unwrap().writes[0].base, 8);
}

#[test]
fn what_the_server_has_deleted_is_destroyed_here_also_under_an_edit() {
    let (mut phone, voice, id) = sealed_phone();
    phone.seal(Some(id), voice, "13911112222").unwrap();
    let (exchange, _) = phone.sent();
    let deletion = Deletion { why: WhyDeleted::Citizen, at_ms: NOW + 3 };
    phone.receive(&exchange, &answered(6, vec![SealedOutcome::Deleted(deletion)], Vec::new()));
    let gone = SealedAt::Deleted { reason: "sealed.deleted.citizen", at_ms: Some(NOW + 3) };
    assert_eq!(phone.sealed_at(voice), gone);
    assert!(!phone.holds(NAME) && !phone.holds("13911112222"));
    assert_eq!(phone.seal(Some(id), voice, "13911112222"), Err(SealProblem::Deleted(WhyDeleted::Citizen)));

    // The same when nothing was being edited, and a late answer does not bring it back.
    let (mut phone, voice, id) = sealed_phone();
    let (exchange, _) = phone.sent();
    let late = answered(5, Vec::new(), vec![change(id, voice, SealedState::Active(contents("13700007777").pack()))]);
    phone.receive(&exchange, &answered(6, Vec::new(), vec![change(id, voice, SealedState::Deleted(deletion))]));
    phone.receive(&exchange, &late);
    assert_eq!(phone.sealed_at(voice), gone);
    assert!(!phone.holds(NAME) && phone.device.unsent() == 0);
}

#[test]
fn ones_own_deletion_leaves_nothing_here_and_is_sent_until_it_is_heard() {
    let (mut phone, voice, id) = sealed_phone();
    let prepared = phone.device.prepare_unseal(id).unwrap();
    phone.store(prepared);
    assert!(!phone.holds(NAME));
    let phone = phone.reopen(2);
    assert_eq!(phone.sealed_at(voice), SealedAt::Deleted { reason: "sealed.deleted.author", at_ms: None });
    let (_, request) = phone.sent();
    assert_eq!(request.sealed.unwrap().writes[0].contents, None);
    assert_eq!(phone.device.unsent(), 1);
}

#[test]
fn the_author_learns_who_opened_it_and_another_phone_of_the_author_gets_it() {
    let (_, voice, id) = sealed_phone();
    let mut phone = Phone::new(5);
    let (exchange, _) = phone.sent();
    let active = change(id, voice, SealedState::Active(contents("13800001234").pack()));
    phone.receive(&exchange, &answered(9, Vec::new(), vec![active]));
    let view = phone.device.sealed(voice).pop().unwrap();
    assert_eq!(view.contents, Some(contents("13800001234")));
    assert_eq!((view.openings[0].by.as_str(), view.openings[0].reason.as_str()), ("赵小兰", "回访核实"));
    assert_eq!(view.state, SealedAt::Received { received_ms: NOW + 9 });
}

#[test]
fn what_a_newer_app_wrote_is_kept_and_said_to_be_unreadable() {
    let mut phone = Phone::new(5);
    let (exchange, _) = phone.sent();
    let (id, voice) = (SealedId([3; 16]), RecordId([4; 16]));
    let newer = change(id, voice, SealedState::Active(Packed(vec![0xff])));
    phone.receive(&exchange, &answered(9, Vec::new(), vec![newer]));
    let view = phone.reopen(6).device.sealed(voice).pop().unwrap();
    assert_eq!((view.contents, view.state), (None, SealedAt::Received { received_ms: NOW + 9 }));
}

#[test]
fn after_a_restore_everything_sealed_and_every_deletion_is_offered_again() {
    let (mut phone, voice, id) = sealed_phone();
    let second = phone.seal(None, voice, "13911112222").unwrap();
    let (exchange, _) = phone.sent();
    phone.receive(&exchange, &answered(5, vec![stored(1)], Vec::new()));
    let prepared = phone.device.prepare_unseal(second).unwrap();
    phone.store(prepared);
    let (exchange, _) = phone.sent();
    let deletion = Deletion { why: WhyDeleted::Author, at_ms: NOW };
    phone.receive(&exchange, &answered(6, vec![SealedOutcome::Deleted(deletion)], Vec::new()));
    assert_eq!(phone.device.unsent(), 0);

    let (exchange, _) = phone.sent();
    let restored = AnswerHello { epoch: 10, ..answer().hello };
    phone.receive(&exchange, &Answer { hello: restored, ..answered(1, Vec::new(), Vec::new()) });
    let sealed = phone.sent().1.sealed.unwrap();
    let of = |wanted| sealed.writes.iter().find(|write| write.id == wanted).unwrap();
    assert_eq!((of(id).base, of(id).contents.is_some()), (0, true));
    assert_eq!(of(second).contents, None);
}

#[test]
fn with_the_mandate_the_sealed_records_leave_the_phone_after_upload() {
    let (mut phone, voice, _) = sealed_phone();
    let (exchange, _) = phone.sent();
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    phone.receive(&exchange, &Answer { grants: Some(nothing), ..answered(4, Vec::new(), Vec::new()) });
    assert!(phone.device.sealed(voice).is_empty() && !phone.holds(NAME));
}

#[test]
fn what_may_not_be_kept_stays_in_the_form() {
    let (mut phone, voice, _) = sealed_phone();
    let problem = phone.seal(None, voice, "问他儿子").unwrap_err();
    assert_eq!((problem.text_key().as_str(), problem.field()), ("sealed.invalid.phone", Some("phone")));
    assert_eq!(phone.seal(None, RecordId([1; 16]), "13800001234"), Err(SealProblem::Unknown));
}

#[test]
fn a_refusal_is_kept_and_said() {
    let (mut phone, voice, id) = sealed_phone();
    phone.seal(Some(id), voice, "13911112222").unwrap();
    let (exchange, _) = phone.sent();
    phone.receive(&exchange, &answered(5, vec![SealedOutcome::Refused(Refusal::Space)], Vec::new()));
    assert_eq!(phone.sealed_at(voice), SealedAt::Refused { reason: "sealed.refused.space" });
    assert_eq!((phone.device.unsent(), phone.device.refused()), (0, 1));
    assert!(phone.holds("13911112222"));
}

/// Phones in drawers hold these bytes.
#[test]
fn the_stored_form_of_a_sealed_record_still_reads() {
    let id = SealedId([0xcd; 16]);
    let hex = include_str!("../../../golden/sealed_stored.v1.hex").trim_end();
    let pairs = (0..hex.len()).step_by(2);
    let bytes: Vec<u8> = pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let stored = [(Store::Sealed, id.to_string(), bytes.clone())];
    let device = Device::open(Actor([1; 16]), stored).unwrap();
    let view = device.sealed(RecordId([0xab; 16])).pop().unwrap();
    assert_eq!(view.contents, Some(contents("13800001234")));
    assert_eq!(view.state, SealedAt::Conflict { theirs: Some(contents("13911112222")) });
    assert_eq!((view.expires_ms, view.openings.len()), (Some(NOW + 1000), 1));
    assert_eq!(crate::device::sealed::sealed_write(id, device.sealed.get(&id)).value, Some(bytes));
}
