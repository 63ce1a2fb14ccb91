use super::{
    privacy::{SlipKind, slips},
    *,
};
use crate::{
    id::{Actor, RecordId},
    record::{Edit, Record},
    text::Texts,
};

const ID: RecordId = RecordId([0xee; 16]);
const TODAY: &str = "2026-03-10";

fn contents(kind: Kind, edits: &[Edit]) -> Contents {
    let mut record = Record::new(kind, ID);
    record.write(Actor([1; 16]), 1_760_000_000_000, None, edits).expect("the edits fit");
    record.read()
}

fn found(kind: Kind, aim: Aim, edits: &[Edit]) -> Vec<(&'static str, &'static str)> {
    let circumstances = Circumstances { aim, today: TODAY, has_congress: Some(false) };
    check(&contents(kind, edits), circumstances).iter().map(|finding| (finding.field, finding.text)).collect()
}

fn kinds_of(text: &str) -> Vec<SlipKind> {
    slips(text).iter().map(|slip| slip.kind).collect()
}

#[test]
fn a_guidance_visit_is_led_by_deputies_or_by_others_who_are_named() {
    let lacks_leaders = |edits: &[Edit]| {
        found(Kind::GuidanceVisit, Aim::HandIn, edits).contains(&("leader_mandates", MISSING_TO_HAND_IN))
    };
    assert!(lacks_leaders(&[Edit::put("topic", "督导站室建设")]));
    assert!(!lacks_leaders(&[Edit::add("leader_mandates", ID)]));
    assert!(!lacks_leaders(&[Edit::add("leaders", "赵廷文")]));
}

#[test]
fn telephones_are_noticed_however_they_are_typed() {
    for text in [
        "打13812345678找他",
        "138 1234 5678",
        "电话138-1234-5678。",
        "１３８１２３４５６７８",
        "+8613812345678",
        "138 12345678",
        "13812345678 13912345678",
    ] {
        assert!(kinds_of(text).contains(&SlipKind::Telephone), "{text}");
    }
    assert_eq!(kinds_of("13812345678 13912345678").len(), 2);
}

#[test]
fn what_only_looks_like_a_number_is_left_alone() {
    for text in [
        "2026-03-02 共12户345人",
        "12812345678",
        "1381234567",
        "138123456789",
        "合同2026030213812345678号",
        "0851-28912345",
        "520303196001011235",
        "13万元 8000元",
    ] {
        assert_eq!(kinds_of(text), [], "{text}");
    }
}

#[test]
fn identity_numbers_are_known_by_their_checksum() {
    for text in ["11010519491231002X", "110105194912310 02x", "身份证:11010519491231002Ｘ", "44052418800101001 4"] {
        assert_eq!(kinds_of(text), [SlipKind::Identity], "{text}");
    }
    assert_eq!(kinds_of("110105194912310021"), [], "a wrong checksum is another number");
}

#[test]
fn telephones_are_taken_out_of_a_text() {
    let taken = |text| {
        let (kept, numbers) = privacy::without_telephones(text);
        (kept, numbers.join("、"))
    };
    assert_eq!(taken("打138-1234-5678找他"), ("打找他".into(), "13812345678".into()));
    assert_eq!(taken("１３８１２３４５６７８，+86 13912345678"), ("，".into(), "13812345678、13912345678".into()));
    let others = "身份证11010519491231002X，2026-03-02";
    assert_eq!(taken(others), (others.into(), String::new()), "identity numbers have no place in the sealed record");
}

#[test]
fn a_form_is_checked_before_it_is_saved() {
    let circumstances = Circumstances { aim: Aim::Keep, today: TODAY, has_congress: None };
    let form = |kind, before: &[Edit], edits: &[Edit]| -> Vec<(&str, &str)> {
        check_form(kind, before, edits, circumstances).iter().map(|finding| (finding.field, finding.text)).collect()
    };
    let kind = Edit::put("kind", "courtyard");
    assert_eq!(form(Kind::Activity, &[], &[]), [("kind", MISSING)]);
    assert_eq!(form(Kind::Activity, std::slice::from_ref(&kind), &[]), [], "as it was");
    let clear = Edit { field: "kind".into(), op: crate::record::Op::Clear };
    assert_eq!(form(Kind::Activity, std::slice::from_ref(&kind), &[clear]), [("kind", MISSING)]);
    let span = [Edit::put("start", "2026-03-10T10:00"), Edit::put("end", "2026-03-10T09:00")];
    assert_eq!(
        form(Kind::Activity, &[kind.clone(), span[0].clone()], &span[1..]),
        [("end", plausible::END_BEFORE_START)]
    );

    let long = "路".repeat(crate::limits::PROSE_CHARS_MAX + 1);
    let body = [Edit::write("body", &long)];
    assert_eq!(form(Kind::Activity, std::slice::from_ref(&kind), &body), [("body", form::TOO_LONG)]);
    assert_eq!(form(Kind::Activity, &[kind.clone(), body[0].clone()], &[]), [], "longer by a merge is nobody's fault");
    assert_eq!(form(Kind::Activity, &[kind], &[Edit::put("end", "明天")]), [("end", form::WRONG_VALUE)]);

    let said = |edits: &[Edit]| form(Kind::Voice, &[], edits).contains(&("verbatim", plausible::SAY_SOMETHING));
    assert!(said(&[Edit::write("verbatim", " \n")]));
    assert!(!said(&[Edit::enter("audio", "ab".repeat(32), "")]));
    let channel = [Edit::add("collectors", ID), Edit::remove("collectors", ID)];
    assert!(form(Kind::Voice, &channel[..1], &channel[1..]).contains(&("collectors", MISSING)));
}

#[test]
fn a_slip_is_shown_so_that_it_is_found_and_not_used() {
    let slip = &slips("找138-1234-5678")[0];
    assert_eq!((slip.typed, slip.shown().as_str()), ("138-1234-5678", "138…78"));
    let findings = check(
        &contents(Kind::Voice, &[Edit::write("verbatim", "打13812345678")]),
        Circumstances { aim: Aim::Keep, today: TODAY, has_congress: None },
    );
    let private = findings.iter().find(|finding| finding.weight == Weight::Private).unwrap();
    assert_eq!((private.field, private.shown.as_str()), ("verbatim", "138…78"));
}

#[test]
fn a_draft_may_lack_what_handing_in_needs() {
    let edits = [Edit::put("kind", "courtyard")];
    assert_eq!(found(Kind::Activity, Aim::Keep, &edits), []);
    let lacking: Vec<&str> = found(Kind::Activity, Aim::HandIn, &edits).iter().map(|(field, _)| *field).collect();
    assert_eq!(lacking, ["title", "start", "village", "attendees", "body"], "in the order of the form");
    assert_eq!(found(Kind::Activity, Aim::Keep, &[Edit::put("title", "院坝会")]), [("kind", MISSING)]);
}

#[test]
fn dates_are_looked_at_together() {
    let span = [Edit::put("start", "2026-03-10T10:00"), Edit::put("end", "2026-03-10T09:00")];
    assert!(found(Kind::Activity, Aim::Keep, &span).contains(&("end", plausible::END_BEFORE_START)));
    let tomorrow = [Edit::put("start", "2026-03-11T10:00")];
    assert!(found(Kind::Activity, Aim::Keep, &tomorrow).contains(&("start", plausible::FUTURE)));
    let lost_clock = [Edit::put("start", "2019-01-01T10:00")];
    assert!(found(Kind::Activity, Aim::Keep, &lost_clock).contains(&("start", plausible::LONG_AGO)));
    let today = [Edit::put("kind", "courtyard"), Edit::put("start", "2026-03-10T23:00")];
    assert_eq!(found(Kind::Activity, Aim::Keep, &today), []);
}

#[test]
fn the_future_holds_up_only_who_hands_it_in() {
    let circumstances = |aim| Circumstances { aim, today: TODAY, has_congress: None };
    let planned = contents(Kind::Activity, &[Edit::put("kind", "courtyard"), Edit::put("start", "2026-04-01T10:00")]);
    assert!(!check(&planned, circumstances(Aim::Keep)).iter().any(|finding| finding.holds_up(Aim::Keep)));
    let future = check(&planned, circumstances(Aim::HandIn)).into_iter().find(|finding| finding.field == "start");
    assert_eq!(future.map(|finding| finding.weight), Some(Weight::Mend));
}

#[test]
fn a_notice_is_due_three_days_ahead() {
    let day = |published: &[Edit]| {
        let key = [Edit::put("station", ID), Edit::put("date", "2026-03-12")];
        found(Kind::ReceptionDay, Aim::Keep, &[&key, published].concat())
    };
    assert_eq!(day(&[]), [("notice_published", plausible::NOTICE_MISSING)]);
    assert_eq!(day(&[Edit::put("notice_published", "2026-03-10")]), [("notice_published", plausible::NOTICE_LATE)]);
    assert_eq!(day(&[Edit::put("notice_published", "2026-03-09")]), []);
    assert_eq!(day(&[Edit::put("cancelled", "代表都去参会")]), []);
}

#[test]
fn a_petition_matter_tells_no_story() {
    let petition = |more: &[Edit]| {
        let head = [
            Edit::put("slip_no", "7-001"),
            Edit::put("channel", "reception"),
            Edit::put("date", TODAY),
            Edit::add("collectors", ID),
            Edit::put("village", ID),
            Edit::put("category", "other"),
            Edit::put("tier_suggest", "petition"),
        ];
        found(Kind::Voice, Aim::HandIn, &[&head, more].concat())
    };
    assert_eq!(petition(&[]), [], "kind, place and date are all that is asked for");
    let told = petition(&[Edit::write("verbatim", "他举报某人"), Edit::write("summary", "举报")]);
    assert_eq!(told, [("verbatim", plausible::PETITION_NARRATIVE), ("summary", plausible::PETITION_NARRATIVE)]);
}

#[test]
fn a_voice_says_something_in_the_villagers_words_or_recorded() {
    assert!(found(Kind::Voice, Aim::Keep, &[]).contains(&("verbatim", plausible::SAY_SOMETHING)));
    let summary = [Edit::write("summary", "路烂了")];
    assert!(!found(Kind::Voice, Aim::Keep, &summary).contains(&("verbatim", plausible::SAY_SOMETHING)));
    assert!(found(Kind::Voice, Aim::HandIn, &summary).contains(&("verbatim", plausible::WORDS_OR_AUDIO)));
    let recorded = [Edit::enter("audio", "ab".repeat(32), "")];
    assert!(!found(Kind::Voice, Aim::HandIn, &recorded).contains(&("verbatim", plausible::WORDS_OR_AUDIO)));
}

#[test]
fn a_street_raises_no_statutory_suggestion() {
    let town = [Edit::put("tier", "town")];
    assert!(found(Kind::Suggestion, Aim::Keep, &town).contains(&("tier", plausible::NO_CONGRESS)));
    let express = [Edit::put("tier", "express")];
    assert!(!found(Kind::Suggestion, Aim::Keep, &express).contains(&("tier", plausible::NO_CONGRESS)));
}

#[test]
fn smaller_doubts_hold_nothing_up() {
    let doubtful = [
        (Kind::Suggestion, vec![Edit::put("lead", ID), Edit::add("cosigners", ID)], "cosigners"),
        (Kind::Suggestion, vec![Edit::put("title", "修路")], "title"),
        (Kind::Suggestion, vec![Edit::put("title", "关于修路和关于修桥的建议")], "title"),
        (Kind::Pairing, vec![Edit::put("target", 3)], "target"),
        (Kind::DutyReport, vec![Edit::put("listeners", 10), Edit::put("satisfied", 11)], "listeners"),
        (Kind::Activity, vec![Edit::put("crowd", 300_000)], "crowd"),
    ];
    for (kind, edits, field) in doubtful {
        let circumstances = Circumstances { aim: Aim::Keep, today: TODAY, has_congress: None };
        let findings = check(&contents(kind, &edits), circumstances);
        let weight = findings.iter().find(|finding| finding.field == field).map(|finding| finding.weight);
        assert_eq!(weight, Some(Weight::Notice), "{kind:?}.{field}");
    }
    assert!(found(Kind::CodeEntry, Aim::Keep, &[Edit::put("code", "Straße")]).contains(&("code", plausible::BAD_CODE)));
}

#[test]
fn every_finding_has_its_words() {
    let texts: Vec<&str> = Texts::console().keys().collect();
    for key in TEXTS {
        assert!(texts.contains(&key), "{key}");
    }
}
