//! What goes wrong in years of use, one story each: what is kept, and what people are told.

use lianxin_shared::{
    device::{Notice, RecordState},
    id::RecordId,
    limits::CLOCK_OFFSET_NOTICE_MS,
    record::{Contents, FieldValue},
    schema::Kind,
};
use lianxin_tests::world::{
    cast::{Member, Standing},
    step::{Deed, Session, Step},
    story::Story,
};

/// Two deputies of one station, and one of another.
const HUANG: Member = Member(0);
const LI: Member = Member(1);
const YEAR_MS: i64 = 365 * 86_400_000;

fn follow_ups(contents: &Contents) -> usize {
    match contents.fields.get("follow_ups") {
        Some(FieldValue::Log { entries }) => entries.len(),
        _ => 0,
    }
}

fn slip(story: &Story, phone: usize, voice: RecordId) -> String {
    story.reads(phone, voice).expect("the voice is here").text("slip_no").to_owned()
}

fn is_received(state: &RecordState) -> bool {
    matches!(state, RecordState::Received { .. })
}

#[test]
fn after_a_restore_from_an_older_backup_the_phones_bring_back_what_the_server_lost() {
    let mut story = Story::of([HUANG, LI]);
    let before = story.writes(0, Deed::NewVoice);
    story.delivers(0);
    story.happens(Step::Backup);
    story.edits(0, before, "follow_ups");
    let lost = story.writes(0, Deed::NewVoice);
    story.delivers(0);
    story.exchanges(1);
    assert!(story.reads(1, lost).is_some());
    story.happens(Step::Restore);
    assert!(is_received(&story.state(0, lost)), "the phone cannot know yet");

    story.exchanges(0);
    assert!(
        matches!(story.notices(0), [Notice::ServerRestored { again, .. }] if *again >= 2),
        "{:?}",
        story.notices(0)
    );
    assert_eq!(story.state(0, lost), RecordState::Phone { unsent: 1 }, "and says so of each record");
    assert!(matches!(story.state(0, before), RecordState::Phone { .. }));
    story.exchanges(1);
    assert!(matches!(story.notices(1), [Notice::ServerRestored { again: 0, .. }]), "nothing of hers was lost");
    story.delivers(0);
    assert!(is_received(&story.state(0, lost)));
    story.ends();
}

#[test]
fn a_phone_set_back_to_an_older_copy_loses_nothing_that_was_delivered_and_repeats_no_number() {
    for session in [Session::New, Session::Same] {
        let mut story = Story::of([HUANG, LI]);
        let shared = story.writes(0, Deed::NewVoice);
        story.delivers(0);
        story.happens(Step::Copy { phone: 0 });
        story.edits(0, shared, "follow_ups");
        let first = story.writes(0, Deed::NewVoice);
        story.delivers(0);
        let first_slip = slip(&story, 0, first);
        let unsent = story.writes(0, Deed::NewVoice);

        story.is_set_back(0, session);
        assert_eq!((story.reads(0, first), story.unsent(0)), (None, 0), "as it was");
        story.edits(0, shared, "follow_ups");
        let second = story.writes(0, Deed::NewVoice);
        assert_ne!(first, second, "a new record, not the old one's number again");
        assert_ne!(first_slip, slip(&story, 0, second), "another villager, another number");
        story.delivers(0);
        story.comes_to_rest();
        for phone in [0, 1] {
            let contents = story.reads(phone, shared).expect("the shared voice is here");
            assert_eq!(follow_ups(&contents), 2, "both of the same number");
            assert!(story.reads(phone, first).is_some() && story.reads(phone, second).is_some());
        }
        assert_eq!((story.unsent(0), story.refused(0)), (0, 0), "mended without anybody's help");
        assert_eq!(story.reads(0, unsent), None, "what had never been sent was only there");
        let told = matches!(story.notices(0), [Notice::Doubled { .. }]);
        assert_eq!(told, session == Session::Same, "and said where numbers were used twice");
        assert!(story.notices(1).is_empty());
        story.ends();
    }
}

#[test]
fn a_deleted_storage_is_said_with_what_the_server_never_got_and_the_rest_comes_again() {
    let mut story = Story::of([HUANG, LI]);
    let voices: Vec<RecordId> = (0..6).map(|_| story.writes(0, Deed::NewVoice)).collect();
    let seen_ms = story.now_ms();
    story.sends_without_hearing(0);
    assert_eq!(story.unsent(0), 6, "the phone has heard nothing");
    story.happens(Step::Evict { phone: 0 });
    let left = match story.notices(0) {
        [Notice::LeftBehind(left)] => left.clone(),
        other => panic!("{other:?}"),
    };
    story.comes_to_rest();
    let back = voices.iter().filter(|voice| story.reads(0, **voice).is_some()).count();
    assert!(back > 0 && left.unsent > 0, "a part had arrived");
    assert_eq!(back + left.unsent as usize, 6, "the rest is said: {left:?}");
    assert!(left.seen_ms >= seen_ms && left.label == HUANG.name());
    assert!(story.notices(1).is_empty());
    story.ends();
}

#[test]
fn nothing_is_said_of_lost_work_when_everything_had_arrived() {
    let mut story = Story::of([HUANG, LI]);
    let voice = story.writes(0, Deed::NewVoice);
    story.delivers(0);
    story.exchanges(0);
    story.happens(Step::Evict { phone: 0 });
    story.comes_to_rest();
    assert!(story.reads(0, voice).is_some() && story.notices(0).is_empty());
    story.ends();
}

#[test]
fn a_copied_phone_and_its_original_both_keep_what_their_users_write() {
    let mut story = Story::of([HUANG, LI, HUANG]);
    let shared = story.writes(0, Deed::NewVoice);
    let unsent = story.writes(0, Deed::NewVoice);
    story.happens(Step::Clone { phone: 0, onto: 2, session: Session::Same });
    assert_eq!(story.unsent(2), 2, "the copy holds the same");
    story.delivers(0);
    story.edits(0, shared, "follow_ups");
    story.edits(2, shared, "follow_ups");
    story.edits(2, shared, "summary");
    let (one, other) = (story.writes(0, Deed::NewVoice), story.writes(2, Deed::NewVoice));
    assert_ne!(one, other);
    assert_ne!(slip(&story, 0, one), slip(&story, 2, other));
    story.delivers(0);
    story.delivers(2);
    story.comes_to_rest();
    for phone in [0, 1, 2] {
        assert_eq!(follow_ups(&story.reads(phone, shared).expect("the shared voice is here")), 2);
        assert!([unsent, one, other].iter().all(|voice| story.reads(phone, *voice).is_some()));
        assert_eq!((story.unsent(phone), story.refused(phone)), (0, 0));
    }
    assert!(matches!(story.notices(2), [Notice::Doubled { .. }]), "the one that came second says so");
    assert!(story.notices(1).is_empty());
    story.ends();
}

#[test]
fn a_phone_that_was_a_year_in_a_drawer_delivers_and_receives_everything() {
    let mut story = Story::of([HUANG, LI]);
    let old = story.writes(0, Deed::NewVoice);
    story.happens(Step::Pass { ms: YEAR_MS });
    let new: Vec<RecordId> = (0..12).map(|_| story.writes(1, Deed::NewVoice)).collect();
    story.delivers(1);
    assert_eq!(story.state(0, old), RecordState::Phone { unsent: 1 }, "still says that it is here only");
    let before = story.now_ms();
    story.delivers(0);
    assert!(matches!(story.state(0, old), RecordState::Received { received_ms } if received_ms >= before));
    story.comes_to_rest();
    assert!(new.iter().all(|voice| story.reads(0, *voice).is_some()));
    assert!(story.reads(1, old).is_some());
    assert!(story.notices(0).is_empty() && story.clock_offset_ms(0).abs() < CLOCK_OFFSET_NOTICE_MS);
    story.ends();
}

#[test]
fn a_clock_two_years_off_is_said_and_changes_no_order() {
    for ahead_ms in [2 * YEAR_MS, -2 * YEAR_MS] {
        let mut story = Story::of([HUANG, LI]);
        story.happens(Step::SetClock { phone: 0, ahead_ms });
        let voice = story.writes(0, Deed::NewVoice);
        let before = story.now_ms();
        story.delivers(0);
        assert!((story.clock_offset_ms(0) - ahead_ms).abs() < CLOCK_OFFSET_NOTICE_MS, "the user can be told");
        let by_server = |state| matches!(state, RecordState::Received { received_ms } if (before..before + 60_000).contains(&received_ms));
        assert!(by_server(story.state(0, voice)), "receipts are by the server's clock");
        story.exchanges(1);
        // What Li writes over it, having seen it, stands, whatever the clocks say.
        story.edits(1, voice, "category");
        story.delivers(1);
        story.comes_to_rest();
        let theirs = story.reads(1, voice).expect("the voice is there");
        assert_eq!(
            story.reads(0, voice).map(|contents| contents.text("category").to_owned()),
            Some(theirs.text("category").to_owned())
        );
        assert_eq!(theirs.conflicts().count(), 0);
        story.ends();
    }
}

#[test]
fn what_was_written_for_the_old_station_is_kept_and_returned_and_can_be_offered_again() {
    let mut story = Story::of([HUANG, LI]);
    let delivered = story.writes(0, Deed::NewVoice);
    story.delivers(0);
    let written = story.writes(0, Deed::NewVoice);
    story.moves(HUANG, Standing::Elsewhere);
    assert_eq!(story.state(0, written), RecordState::Phone { unsent: 1 });

    story.exchanges(0);
    let returned = story.state(0, written);
    assert!(matches!(&returned, RecordState::Refused { reason, .. } if reason == "denied.space"), "{returned:?}");
    assert!(story.reads(0, written).is_some(), "kept on the phone");
    assert_eq!(story.quarantined(), 1, "and where staff see it");
    assert_eq!(story.reads(0, delivered), None, "what he may not read any more is gone");
    let told = |notice: &Notice| matches!(notice, Notice::SpacesLost { names, kept: 1, .. } if !names.is_empty());
    assert!(story.notices(0).iter().any(told), "{:?}", story.notices(0));

    story.moves(HUANG, Standing::Full);
    story.comes_to_rest();
    assert!(matches!(story.state(0, written), RecordState::Refused { .. }), "nothing goes out behind his back");
    story.offers_again(0, written);
    assert_eq!(story.state(0, written), RecordState::Phone { unsent: 1 });
    story.delivers(0);
    assert!(is_received(&story.state(0, written)));
    story.comes_to_rest();
    assert!(story.reads(1, written).is_some());
    story.ends();
}

#[test]
fn a_kind_that_an_old_app_does_not_know_arrives_with_the_new_app() {
    let mut story = Story::with_old_app([HUANG, LI], Some(Kind::Activity));
    let activity = story.writes(0, Deed::NewActivity);
    let voice = story.writes(0, Deed::NewVoice);
    story.delivers(0);
    story.comes_to_rest();
    assert_eq!((story.reads(1, activity), story.lacks_kinds(1)), (None, true), "and is missed");
    assert!(story.reads(1, voice).is_some(), "the rest goes on");
    story.happens(Step::Update { phone: 1 });
    story.comes_to_rest();
    assert!(story.reads(1, activity).is_some() && !story.lacks_kinds(1));
    story.ends();
}

#[test]
fn whoever_must_sign_in_again_still_delivers() {
    let mut story = Story::of([HUANG, LI]);
    let voice = story.writes(0, Deed::NewVoice);
    story.happens(Step::EndToken { phone: 0 });
    assert_eq!(story.state(0, voice), RecordState::Phone { unsent: 1 });
    story.delivers(0);
    assert!(is_received(&story.state(0, voice)));
    story.ends();
}
