use super::{
    tests::{NOW, Phone, STATION, answer, grants, knows_kind_200, received, voice},
    *,
};
use crate::{
    id::UserId,
    record::{Edit, Op, Record},
    rights::Denied,
    wire::{Answer, Cursor, Outcome, PageEntry, Receipt, RefusalReason, Refused, Request as WireRequest, SentChange},
};

fn note(text: &str) -> Vec<Edit> {
    vec![Edit { field: "follow_ups".into(), op: Op::Append { text: text.into() } }]
}

fn refused(reason: RefusalReason) -> Receipt {
    Receipt { outcome: Outcome::Refused(Refused { reason, field: String::new() }) }
}

fn entry(waiting: &SentChange, position: u64) -> PageEntry {
    PageEntry {
        space: waiting.space,
        position: Position(position),
        received_ms: NOW,
        kind: waiting.kind,
        record: waiting.record,
        hash: waiting.hash,
        bytes: waiting.bytes.clone(),
    }
}

fn sends(phone: &Phone) -> (Exchange, WireRequest) {
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let request = WireRequest::decode(&exchange.body).unwrap();
    (exchange, request)
}

/// A phone with a delivered record, and a second one that goes on from the same storage in the same session.
fn twins() -> (Phone, Phone, RecordId) {
    let mut one = Phone::new(1);
    let (target, edits) = voice();
    let id = one.edit(target, edits).unwrap();
    let exchange = one.device.exchange(NOW, "test", 1000);
    one.receive(&exchange, &Answer { receipts: vec![received(1)], ..answer() });
    let twin = Phone { device: Device::open(Actor([1; 16]), []).unwrap(), stored: one.stored.clone() }.reopen(1);
    (one, twin, id)
}

fn notes(phone: &Phone, id: RecordId) -> Vec<String> {
    let record = Record::of_stored(Kind::Voice, id, phone.doc(id).unwrap()).unwrap();
    match &record.read().fields["follow_ups"] {
        crate::record::FieldValue::Log { entries } => entries.iter().map(|entry| entry.text.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_that_is_taken_is_mended_under_another_actor() {
    let (mut one, mut twin, id) = twins();
    one.edit(Target::Existing { record: id }, note("先")).unwrap();
    let (_, first) = sends(&one);
    twin.edit(Target::Existing { record: id }, note("后")).unwrap();
    twin.edit(Target::Existing { record: id }, note("再后")).unwrap();
    let (exchange, before) = sends(&twin);
    let receipts = vec![refused(RefusalReason::Actor), refused(RefusalReason::Depends)];
    twin.receive(&exchange, &Answer { receipts, ..answer() });
    assert_eq!((twin.device.unsent(), twin.device.refused()), (0, 2));

    assert_eq!(twin.device.record_to_mend(), Some(id));
    let prepared = twin.device.prepare_mend(id, twin.doc(id).unwrap(), NOW).unwrap();
    assert_eq!(prepared.remade.len(), 2, "with what rested on it");
    twin.store(prepared);
    assert_eq!((twin.device.unsent(), twin.device.refused()), (2, 0));
    assert_eq!(twin.device.record_to_mend(), None);
    assert_eq!(twin.device.notices(), [Notice::Doubled { at_ms: NOW }]);
    let (exchange, after) = sends(&twin);
    assert!(after.changes.iter().all(|change| before.changes.iter().all(|before| before.hash != change.hash)));

    // The other's change can come now; the next one goes under a name of its own.
    let authors = vec![Author { actor: Actor([1; 16]), user: UserId(1), name: "黄光明".into() }];
    let page = vec![entry(&first.changes[0], 2)];
    twin.receive(&exchange, &Answer { receipts: vec![received(3), received(4)], authors, page, ..answer() });
    assert_eq!(notes(&twin, id).len(), 3);
    let mut twin = twin.reopen(1);
    twin.edit(Target::Existing { record: id }, note("最后")).unwrap();
    assert_eq!((twin.device.unsent(), notes(&twin, id).len()), (1, 4));
    let put_away = twin.device.prepare_put_away("doubled");
    twin.store(put_away);
    assert_eq!(twin.device.notices(), []);
}

#[test]
fn a_page_with_the_others_change_does_not_stop_a_copied_phone() {
    let (mut one, mut twin, id) = twins();
    one.edit(Target::Existing { record: id }, note("先")).unwrap();
    let (_, first) = sends(&one);
    twin.edit(Target::Existing { record: id }, note("后")).unwrap();
    let idle = twin.device.exchange_within(NOW, "test", 0, 1000);
    // Its own change is refused and the one that has its number comes, in one answer.
    let page = vec![entry(&first.changes[0], 2)];
    // In another session than the one that was copied.
    let mut twin = Phone { stored: twin.stored, ..twin };
    twin.receive(&idle, &Answer { receipts: vec![refused(RefusalReason::Actor)], page, ..answer() });
    assert_eq!((twin.device.unsent(), twin.device.refused()), (1, 0), "made anew at once");
    assert_eq!(notes(&twin, id).len(), 2);
    assert!(matches!(twin.device.notices(), [Notice::Doubled { .. }]));
}

#[test]
fn a_mended_change_that_is_refused_again_is_not_mended_for_ever() {
    let (_, mut twin, id) = twins();
    twin.edit(Target::Existing { record: id }, note("后")).unwrap();
    for mended in [false, true] {
        let (exchange, _) = sends(&twin);
        twin.receive(&exchange, &Answer { receipts: vec![refused(RefusalReason::Actor)], ..answer() });
        assert_eq!(twin.device.record_to_mend().is_some(), !mended);
        if !mended {
            let prepared = twin.device.prepare_mend(id, twin.doc(id).unwrap(), NOW).unwrap();
            twin.store(prepared);
        }
    }
    assert_eq!((twin.device.unsent(), twin.device.refused()), (0, 1), "kept, and its user decides");
}

#[test]
fn what_was_refused_can_be_offered_again() {
    let (mut phone, _, id) = twins();
    phone.edit(Target::Existing { record: id }, note("甲")).unwrap();
    let (exchange, before) = sends(&phone);
    phone.receive(&exchange, &Answer { receipts: vec![refused(RefusalReason::Denied(Denied::Space))], ..answer() });
    assert_eq!((phone.device.unsent(), phone.device.refused(), phone.device.record_to_mend()), (0, 1, None));
    let prepared = phone.device.prepare_offer_again(id, phone.doc(id).unwrap()).unwrap();
    phone.store(prepared);
    assert_eq!((phone.device.unsent(), phone.device.refused()), (1, 0));
    let (_, after) = sends(&phone);
    assert_ne!(after.changes[0].hash, before.changes[0].hash, "the server remembers what it has refused");
    assert_eq!(notes(&phone, id), ["甲"]);
    assert_eq!(phone.device.notices(), []);
}

#[test]
fn kinds_of_a_newer_app_are_asked_for_again_once_it_is_here() {
    let mut phone = Phone::new(1);
    let (target, edits) = voice();
    phone.edit(target, edits).unwrap();
    let (exchange, request) = sends(&phone);
    let unknown = PageEntry { kind: 200, record: RecordId([9; 16]), ..entry(&request.changes[0], 5) };
    let cursors = vec![Cursor { space: STATION, position: Position(9) }];
    phone.receive(&exchange, &Answer { receipts: vec![received(1)], page: vec![unknown], cursors, ..answer() });
    assert!(phone.device.lacks_kinds());
    assert_eq!(phone.device.position(STATION), Position(9), "the rest goes on");
    let phone = phone.reopen(2);
    assert!(phone.device.lacks_kinds(), "this app does not know it either");
    assert_eq!(phone.device.position(STATION), Position(9));

    let mut stored = phone.stored.clone();
    let meta = stored.get_mut(&(Store::Meta, META_KEY.into())).unwrap();
    *meta = knows_kind_200(meta, Kind::Voice as u8);
    let newer = Phone { stored, ..phone }.reopen(3);
    assert!(!newer.device.lacks_kinds());
    assert_eq!(newer.device.position(STATION), Position(4), "from where the older app began to skip");
}

#[test]
fn a_lost_space_is_told_with_what_stays() {
    let (mut phone, _, id) = twins();
    phone.edit(Target::Existing { record: id }, note("甲")).unwrap();
    let (exchange, _) = sends(&phone);
    let nothing = Grants { spaces: Vec::new(), ..grants(2) };
    let receipts = vec![refused(RefusalReason::Denied(Denied::Space))];
    phone.receive(&exchange, &Answer { grants: Some(nothing), receipts, ..answer() });
    let names = vec!["竹元村联络室".to_owned()];
    assert_eq!(phone.device.notices(), [Notice::SpacesLost { at_ms: NOW + 5_000, names, kept: 1 }]);
}
