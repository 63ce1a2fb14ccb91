use proptest::prelude::*;

use super::*;
use crate::{
    id::{RecordId, SealedId, SpaceId, UnitCode, UserId},
    json::{FromObject, Object},
    rights::{Person, Post, Role, Space, SpaceKind},
    text::Texts,
};

const AUTHOR: UserId = UserId(1);
const FULL: Allowed = Allowed { write: true, open: Open::No, delete: false };
const VOICE: RecordId = RecordId([7; 16]);

fn contents(phone: &str) -> Contents {
    Contents {
        alias: "张大爷".into(),
        name: "张德财".into(),
        phone: phone.into(),
        address: "竹元村三组".into(),
        note: String::new(),
        basis: Basis::Consent,
        notice_version: NOTICE_VERSION.into(),
        noticed_ms: 1_767_225_600_000,
        consent_by: String::new(),
        sensitive: [Sensitive::Health].into(),
        newer: Vec::new(),
    }
}

fn write(base: u64, contents: Option<Packed>) -> SealedWrite {
    SealedWrite { id: SealedId([9; 16]), voice: VOICE, space: SpaceId(3), base, contents }
}

fn stored(version: u64, contents: &Packed) -> Current<'_> {
    Current::Active(Stored { author: AUTHOR, voice: VOICE, version, contents })
}

#[test]
fn contents_lose_nothing_and_keep_what_a_newer_app_wrote() {
    let newer = Contents { newer: vec![5, 6], ..contents("13800001234") };
    assert_eq!(newer.pack().unpack(), Ok(newer.clone()));
    let json = serde_json::to_string(&newer).unwrap();
    assert_eq!(Contents::take_from(&mut Object::read(json.as_bytes()).unwrap()), Ok(newer));
}

/// Phones in drawers and the server's encrypted rows hold these bytes.
#[test]
fn the_bytes_of_contents_never_change() {
    let hex: String = contents("13800001234").pack().0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("../../golden/sealed_contents.v1.hex").trim_end());
}

#[test]
fn nothing_of_a_citizen_is_shown_in_logs() {
    let contents = contents("13800001234");
    let write = write(0, Some(contents.pack()));
    let shown = format!("{contents:?} {write:?} {:?}", Verdict::Conflict { version: 1, contents: contents.pack() });
    for word in ["张", "1380", "竹元"] {
        assert!(!shown.contains(word), "{shown}");
    }
}

#[test]
fn what_may_not_be_kept_is_said_field_by_field() {
    let field = |contents: Contents| contents.check().map_err(|invalid| (invalid.field, invalid.why));
    let good = contents("0851-2862 1234转8");
    assert_eq!(field(good.clone()), Ok(()));
    let cases = [
        (Contents { alias: " ".into(), ..good.clone() }, "alias", WhyInvalid::Missing),
        (Contents { notice_version: String::new(), ..good.clone() }, "notice_version", WhyInvalid::Missing),
        (Contents { noticed_ms: 0, ..good.clone() }, "noticed_ms", WhyInvalid::Missing),
        (Contents { name: "长".repeat(61), ..good.clone() }, "name", WhyInvalid::TooLong),
        (Contents { phone: "问他儿子".into(), ..good.clone() }, "phone", WhyInvalid::Phone),
        (Contents { note: "身份证52210119700101123X".into(), ..good.clone() }, "note", WhyInvalid::IdentityNumber),
        (Contents { sensitive: [Sensitive::Minor].into(), ..good.clone() }, "consent_by", WhyInvalid::Missing),
    ];
    for (contents, name, why) in cases {
        assert_eq!(field(contents), Err((name, why)));
    }
}

#[test]
fn a_reason_says_something_and_names_nobody() {
    let contents = contents("13800001234");
    let why = |reason: &str| check_reason(reason, Some(&contents)).map_err(|invalid| invalid.why);
    assert_eq!(why("回访核实办理情况"), Ok(()));
    assert_eq!(why("  看看 "), Err(WhyInvalid::TooShort));
    assert_eq!(why(&"长".repeat(201)), Err(WhyInvalid::TooLong));
    assert_eq!(why("给张大爷回电话"), Err(WhyInvalid::Citizen));
    assert_eq!(why("打 138-0000-1234 回访"), Err(WhyInvalid::Citizen));
    assert_eq!(why("打 139 1111 2222 回访"), Err(WhyInvalid::Citizen), "anybody's number");
    assert_eq!(why("核对522101197001011234"), Err(WhyInvalid::IdentityNumber));
}

#[test]
fn the_first_write_waits_for_its_voice() {
    let packed = contents("13800001234").pack();
    let verdict = |there| decide(Current::Absent, &write(0, Some(packed.clone())), AUTHOR, FULL, there);
    assert_eq!(verdict(true), Verdict::Store { version: 1 });
    assert_eq!(verdict(false), Verdict::Waiting);
}

#[test]
fn a_second_writer_sees_both_and_a_write_sent_again_is_the_same() {
    let (old, new) = (contents("13800001234").pack(), contents("13911112222").pack());
    let verdict = |base, sent: &Packed| decide(stored(4, &old), &write(base, Some(sent.clone())), AUTHOR, FULL, true);
    assert_eq!(verdict(4, &new), Verdict::Store { version: 5 });
    assert_eq!(verdict(3, &old), Verdict::Same { version: 4 });
    for base in [0, 3, 5] {
        assert_eq!(verdict(base, &new), Verdict::Conflict { version: 4, contents: old.clone() });
    }
}

#[test]
fn only_the_author_writes_and_only_where_it_belongs() {
    let packed = contents("13800001234").pack();
    let sent = |contents: &Packed| write(1, Some(contents.clone()));
    let other = contents("13911112222").pack();
    let verdict = |write: &SealedWrite, user, allowed| decide(stored(1, &packed), write, user, allowed, true);
    assert_eq!(verdict(&sent(&other), UserId(2), FULL), Verdict::Refused(Refusal::NotAuthor));
    assert_eq!(verdict(&write(1, None), UserId(2), FULL), Verdict::Refused(Refusal::NotAuthor));
    let nowhere = Allowed { write: false, ..FULL };
    assert_eq!(verdict(&sent(&other), AUTHOR, nowhere), Verdict::Refused(Refusal::Space));
    assert_eq!(verdict(&write(1, None), AUTHOR, nowhere), Verdict::Delete, "who has left may still delete");
    let elsewhere = SealedWrite { voice: RecordId([8; 16]), ..sent(&other) };
    assert_eq!(verdict(&elsewhere, AUTHOR, FULL), Verdict::Refused(Refusal::WrongVoice));
    assert_eq!(verdict(&sent(&Packed(vec![1, 2])), AUTHOR, FULL), Verdict::Refused(Refusal::Malformed));
    let nameless = Contents { alias: String::new(), ..contents("13800001234") }.pack();
    assert_eq!(verdict(&sent(&nameless), AUTHOR, FULL), Verdict::Refused(Refusal::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// DOMAIN §6.2 SEAL, §6.7: whoever writes what on whatever they have seen, in any order.
    #[test]
    fn hot_spot_7_deletion_beats_edit(
        before in 0..3_usize, base in 0..5_u64, user in 1..3_i64, write_allowed: bool, there: bool, phone in "1[3-9][0-9]{9}",
    ) {
        let deletion = Deletion { why: WhyDeleted::Citizen, at_ms: 5 };
        let edit = write(base, Some(contents(&phone).pack()));
        let allowed = Allowed { write: write_allowed, ..FULL };
        let verdict = decide(Current::Deleted(deletion), &edit, UserId(user), allowed, there);
        prop_assert_eq!(verdict, Verdict::Deleted(deletion));
        // And the author's deletion needs no version, no right and no voice.
        let held = contents("13800001234").pack();
        let current = [Current::Absent, stored(4, &held), stored(1, &held)][before];
        prop_assert_eq!(decide(current, &write(base, None), AUTHOR, allowed, there), Verdict::Delete);
    }
}

/// DOMAIN §6.6, row SealedPerson, for every role at the station's own place, its town and its district, and elsewhere.
#[test]
fn the_matrix_of_6_6() {
    let station = Space {
        id: SpaceId(3),
        kind: SpaceKind::Station,
        unit: UnitCode("520303108S01".into()),
        name: "竹元村联络室".into(),
        parties: Vec::new(),
    };
    let no = Allowed { write: false, open: Open::No, delete: false };
    let staff = Allowed { write: true, open: Open::WithReason, delete: true };
    let district = Allowed { write: false, open: Open::WithApproval, delete: true };
    let rows = [
        (Role::Deputy, "520303108S01", Allowed { write: true, ..no }),
        (Role::Deputy, "520303108S02", no),
        (Role::Station, "520303108S01", staff),
        (Role::Station, "520303108S02", no),
        (Role::Town, "520303108", staff),
        (Role::Town, "520303109", no),
        (Role::District, "520303", district),
        (Role::Leader, "520303", no),
        (Role::Admin, "520303", no),
    ];
    for (role, unit, expected) in rows {
        let posts = vec![Post { role, unit: UnitCode(unit.into()), mandate: None }];
        let person = Person { user: AUTHOR, name: "某人".into(), posts };
        assert_eq!(allowed(&person, &station), expected, "{role:?} at {unit}");
    }
}

#[test]
fn numbers_and_words_stay_what_they_are() {
    for why in WhyDeleted::ALL {
        assert_eq!(WhyDeleted::from_number(why as u64), why);
    }
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_number(refusal as u64), refusal);
    }
    let known: Vec<&str> = Texts::console().keys().collect();
    let asked = WhyDeleted::ALL.map(WhyDeleted::text_key).into_iter();
    let asked = asked.chain(Refusal::ALL.map(Refusal::text_key)).chain(WhyInvalid::ALL.map(WhyInvalid::text_key));
    for key in asked {
        assert!(known.contains(&key), "no text {key:?}");
    }
}

/// What villagers were told is known by its version: other words need another one.
#[test]
fn the_words_of_the_notice_belong_to_their_version() {
    let texts: serde_json::Value = serde_json::from_str(include_str!("../../texts/app.json")).unwrap();
    let words = texts["sealed.notice"]["zh"].as_str().unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(words);
    let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((NOTICE_VERSION, digest.as_str()), ("2026-1", "b1cecbc6ae9437ea"));
}
