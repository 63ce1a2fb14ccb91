//! The invariants of DOMAIN §6.8 that official events must keep, by their numbers, over random
//! histories: people of every role ask for anything at any time, with what they saw an hour ago.

use proptest::prelude::*;

use super::*;
use crate::{
    case::suggestion::State,
    text::{Language, Texts},
};

/// Who asks for which act, how many days later, and how many of the last events they had not seen.
#[derive(Debug, Clone)]
struct Ask {
    who: usize,
    act: usize,
    days: i32,
    unseen: u32,
    proxied: bool,
    again: bool,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = (0..PEOPLE.len(), any::<prop::sample::Index>(), 0..9, 0..3u32, any::<bool>(), prop::bool::weighted(0.1));
    let ask = ask.prop_map(|(who, act, days, unseen, proxied, again)| Ask {
        who,
        act: act.index(every_act().len()),
        days,
        unseen,
        proxied,
        again,
    });
    prop::collection::vec(ask, 1..120)
}

const PEOPLE: [fn() -> Person; 7] = [lead, cosigner, station, town, district, roads, farming];

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Suggestion,
        Kind::Voice,
        Kind::Activity,
        Kind::DutyReport,
        Kind::DossierEntry,
        Kind::Mandate,
    ])
}

fn begin(kind: Kind) -> Play {
    match kind {
        Kind::Suggestion => {
            let mut play = Play::suggestion();
            play.facts.target = Some(Target::default());
            play
        }
        kind => {
            let mut filled = filled(kind);
            filled.insert("verbatim");
            let facts = Facts { owner: Some(LEAD), filled, ..Facts::default() };
            Play::new(kind, space(SpaceKind::Station, STATION, "竹元村联络室"), facts)
        }
    }
}

/// Plays the asks; likely next steps are asked for often, so that histories get far.
fn play(kind: Kind, asks: &[Ask]) -> Play {
    let mut play = begin(kind);
    offers_are_what_would_be_accepted(&play);
    let mut sent: Vec<(Request, Person)> = Vec::new();
    for (number, ask) in asks.iter().enumerate() {
        play.now_ms += i64::from(ask.days) * 24 * 60 * 60 * 1000;
        let (act, person) = match likely(&play).filter(|_| number % 2 == 0) {
            Some(next) => next,
            None => (every_act().swap_remove(ask.act), PEOPLE[ask.who]()),
        };
        let mut request = play.request(act);
        request.id = EventId([(number / 256) as u8, number as u8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        request.seen = request.seen.saturating_sub(ask.unseen);
        request.proxy = ask.proxied.then(|| text("纸质材料"));
        if ask.again && !sent.is_empty() {
            let (earlier, person) = sent[ask.act % sent.len()].clone();
            if let Verdict::Accepted(event) = play.decide(&person, &earlier) {
                // It came back before; now it is accepted, once.
                play.enter(Verdict::Accepted(event));
            }
        }
        if let verdict @ Verdict::Accepted(_) = play.decide(&person, &request) {
            play.enter(verdict);
            offers_are_what_would_be_accepted(&play);
        }
        sent.push((request, person));
    }
    play
}

/// The acts that a telephone offers, with what their persons type.
fn on_the_phone(play: &Play) -> [Act; 11] {
    let round = match &play.case.machine {
        Machine::Suggestion(suggestion) => suggestion.round(),
        _ => 0,
    };
    [
        Act::Submit { text: play.facts.text, declared: true, again: None },
        Act::Confirm { text: TEXT, mandate: None },
        Act::Evaluate(evaluation(round, Opinion::Mostly)),
        Act::Correct { text: text("更正") },
        Act::Void { text: text("重复登记") },
        Act::Withdraw { text: text("撤回") },
        Act::CosignerView { view: evaluation(round, Opinion::Mostly), mandate: None },
        Act::Object { text: text("涉及个人") },
        Act::Contest { fault: Fault::Wrong, about: None, text: text("人数有误") },
        // Of a petition nothing may be said.
        Act::Feedback { on: today(play), way: Way::Phone, text: String::new(), attitude: None },
        Act::Miss { on: today(play), way: Way::Phone },
    ]
}

fn today(play: &Play) -> Date {
    Date::at(play.now_ms)
}

/// A telephone, which knows only where the case stands, offers what the server would accept, or return for
/// something that the person can mend.
fn offers_are_what_would_be_accepted(play: &Play) {
    let mut play = play.clone();
    use ReturnReason::{Missing, NoCongress, NoHolidayTable, NoRule, NotConfirmed, PersonalData, WrongPlace};
    let row = play.case.row().to_standing();
    let standing = offer::Standing::of(play.case.kind, (play.case.seq() > 0).then_some(row.as_str()));
    assert_eq!((standing.state.as_str(), standing.seq), (play.state(), play.case.seq()));
    for person in PEOPLE {
        let person = person();
        let offers = offer::offers(play.case.kind, play.record, &standing, &play.facts, &person, &play.space);
        for act in on_the_phone(&play) {
            let offered = offers.acts.contains(&act.key());
            let request = play.request(act.clone());
            match play.decide(&person, &request) {
                Verdict::Accepted(_) => assert!(offered, "{} of {} in {}", act.key(), person.name, play.state()),
                Verdict::Returned(why) if offered => {
                    let mendable =
                        [Missing, NoCongress, NoHolidayTable, NoRule, NotConfirmed, PersonalData, WrongPlace];
                    assert!(mendable.contains(&why.reason), "{} in {}: {why:?}", act.key(), play.state());
                }
                _ => {}
            }
        }
    }
}

/// A step that the state calls for.
fn likely(play: &Play) -> Option<(Act, Person)> {
    let round = match &play.case.machine {
        Machine::Suggestion(suggestion) => suggestion.round(),
        _ => 0,
    };
    let result = if play.now_ms % 3 == 0 { Opinion::Satisfied } else { Opinion::Dissatisfied };
    Some(match (play.case.kind, play.state()) {
        (Kind::Suggestion, "draft" | "revision") => (submit(), lead()),
        (Kind::Suggestion, "submitted") => (Act::Review, district()),
        (Kind::Suggestion, "review") => (Act::Accept, district()),
        (Kind::Suggestion, "accepted") => (Act::Assign(assign(unit(ROADS, "区交通运输局"))), district()),
        (Kind::Suggestion, "assigned") => (Act::Sign { officer: text("罗永富"), phone: String::new() }, roads()),
        (Kind::Suggestion, "in_hand" | "rehandling") => (Act::Reply(reply()), roads()),
        (Kind::Suggestion, "answered") => (Act::Evaluate(evaluation(round, result)), lead()),
        (Kind::Suggestion, "evaluated") if result == Opinion::Satisfied => {
            (Act::Close { text: String::new() }, district())
        }
        (Kind::Suggestion, "evaluated") => (Act::Rehandle { text: text("重办") }, district()),
        (Kind::Voice, "draft") | (Kind::Activity, "draft" | "returned") => (hand_in(), lead()),
        (Kind::Voice, "recorded") => (Act::Sort { proposed: ExitKind::Town, text: String::new() }, station()),
        (Kind::Voice, "sorted") => (Act::Route { exit: Exit::Town { suggestion: OTHER_RECORD } }, town()),
        (Kind::Activity, "submitted") => (Act::Verify, town()),
        _ => return None,
    })
}

/// The arrows of §6.4 b), and staying where one is.
fn suggestion_may_move(from: State, to: State) -> bool {
    use State::*;
    let next: &[State] = match from {
        Draft => &[HandedOver, Submitted, Review],
        HandedOver => &[Submitted],
        Submitted => &[Review],
        Review => &[Revision, Declined, Accepted],
        Revision => &[HandedOver, Submitted],
        Accepted => &[Assigned],
        Assigned => &[InHand, Accepted],
        InHand => &[Answered, Accepted, Assigned],
        Answered => &[Evaluated, NotEvaluated],
        Evaluated => &[Rehandling, Coordination, Closed, Tracking],
        NotEvaluated | Coordination => &[Closed, Tracking],
        Rehandling => &[Answered],
        Closed | Tracking => &[Archived],
        Declined | Archived | Withdrawn | Converted => &[],
    };
    let leaves = matches!(to, Withdrawn | Converted);
    from == to || next.contains(&to) || leaves && (Submitted..=InHand).contains(&from) && from != Declined
}

/// The arrows of §6.4 a).
fn voice_may_move(from: crate::case::voice::State, to: crate::case::voice::State) -> bool {
    use crate::case::voice::State::*;
    let next: &[crate::case::voice::State] = match from {
        Draft => &[HandedOver, Recorded],
        HandedOver => &[Recorded],
        Recorded => &[Sorted],
        Sorted => &[Out, Result],
        Out => &[Result],
        Result => &[FedBack, Closed],
        FedBack => &[Closed],
        Closed => &[],
    };
    from == to || next.contains(&to)
}

fn verification_may_move(from: verification::State, to: verification::State) -> bool {
    use crate::case::verification::State::*;
    let next: &[verification::State] = match from {
        Draft => &[HandedOver, Submitted],
        HandedOver => &[Submitted],
        Submitted => &[Returned, Verified, Void],
        Returned => &[HandedOver, Submitted, Void],
        Verified => &[Returned, Void],
        Void => &[],
    };
    from == to || next.contains(&to)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn invariant_2_no_accepted_event_is_lost_or_applied_twice_and_the_status_is_a_fold(kind in kinds(), asks in asks()) {
        let played = play(kind, &asks);
        prop_assert_eq!(played.case.log.len(), played.events.len());
        prop_assert_eq!(&Case::of(kind, &played.events), &played.case);
        // Repeats in any number change nothing, nor does an event that leaves a gap.
        let twice = played.events.iter().flat_map(|event| [event, event]);
        prop_assert_eq!(&Case::of(kind, twice.chain(&played.events)), &played.case);
        if let [_, .., last] = &played.events[..] {
            prop_assert!(!Case::new(kind).apply(last));
        }
        let numbers: Vec<u32> = played.events.iter().map(|event| event.seq).collect();
        prop_assert_eq!(numbers, (1..=played.events.len() as u32).collect::<Vec<_>>());
        let ids: std::collections::BTreeSet<_> = played.events.iter().map(|event| event.id).collect();
        prop_assert_eq!(ids.len(), played.events.len());
        // What the wire and the store keep folds to the same.
        let stored = serde_json::to_string(&played.events).unwrap();
        let read: Vec<Event> = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&Case::of(kind, &read), &played.case);
    }

    #[test]
    fn invariant_3_the_status_never_moves_against_the_machine_and_a_number_is_given_once(kind in kinds(), asks in asks()) {
        let played = play(kind, &asks);
        let mut case = Case::new(kind);
        let mut numbers = 0;
        for event in &played.events {
            let before = case.machine.clone();
            case.apply(event);
            let moves = match (&before, &case.machine) {
                (Machine::Suggestion(from), Machine::Suggestion(to)) => suggestion_may_move(from.state, to.state),
                (Machine::Voice(from), Machine::Voice(to)) => voice_may_move(from.state, to.state),
                (Machine::Verification(from), Machine::Verification(to)) => verification_may_move(from.state, to.state),
                (from, to) => from != to || matches!(event.act, Act::Resume { .. } | Act::Suspend { .. }),
            };
            prop_assert!(moves, "{:?} after {:?}", event.act, before);
            numbers += u32::from(event.added.number.is_some());
            if let Machine::Suggestion(suggestion) = &case.machine {
                // Never two leads, never a reply without a unit, nothing runs after the end.
                prop_assert!(suggestion.replies.is_empty() || suggestion.assigned.is_some());
                prop_assert!(!suggestion.state.is_final() || suggestion.clocks.all().next().is_none());
                prop_assert!(suggestion.evaluations.len() <= suggestion.replies.len());
            }
        }
        prop_assert!(numbers <= 1);
    }

    #[test]
    fn invariant_9_the_text_submitted_is_the_text_that_every_cosigner_confirmed(
        edits in prop::collection::vec((0..4u8, 1..4u8), 1..40),
    ) {
        let mut play = Play::suggestion();
        play.facts.taking_part.insert(COSIGNER);
        for (what, wording) in edits {
            let text = TextHash([wording; 16]);
            match what {
                0 => play.facts.text = Some(text),
                1 => {
                    let request = play.request(Act::Confirm { text, mandate: None });
                    if let verdict @ Verdict::Accepted(_) = play.decide(&cosigner(), &request) {
                        play.enter(verdict);
                    }
                }
                _ => {
                    let request = play.request(Act::Submit { text: Some(text), declared: true, again: None });
                    if let verdict @ Verdict::Accepted(_) = play.decide(&lead(), &request) {
                        play.enter(verdict);
                    }
                }
            }
        }
        let suggestion = play.suggestion_state();
        if suggestion.state == State::Submitted {
            prop_assert_eq!(suggestion.confirmed.get(&COSIGNER), suggestion.text.as_ref());
        }
    }

    #[test]
    fn every_returned_request_says_why_in_words_that_exist(kind in kinds(), asks in asks()) {
        let mut play = play(kind, &asks);
        for act in every_act() {
            for person in PEOPLE {
                let request = play.request(act.clone());
                if let Verdict::Returned(returned) = play.decide(&person(), &request) {
                    let words = returned.say(Texts::console(), Language::Zh, Some(kind));
                    prop_assert!(words.len() > 10 && !words.contains(['{', '}']), "{words}: {returned:?}");
                    let english = returned.say(Texts::console(), Language::En, Some(kind));
                    prop_assert!(!english.contains(['{', '}']), "{english}: {returned:?}");
                }
            }
        }
    }
}

/// 民法典 第二百零一至二百零三条, stated independently of the code: the day of the same number in
/// the month that many months on, or that month's last; then, if nobody works on it, the first day
/// after on which people do.
#[test]
fn invariant_8_due_obeys_the_civil_code_for_every_day_of_two_years() {
    let holidays = Book::sample().holidays;
    let mut start = date("2024-12-01");
    while start < date("2026-09-01") {
        for months in 1..=4u32 {
            let (year, month, day) = start.civil();
            let (year, month) =
                if month + months > 12 { (year + 1, month + months - 12) } else { (year, month + months) };
            let corresponding =
                (day.saturating_sub(3)..=day).rev().find_map(|day| Date::new(year, month, day)).unwrap();
            let Ok(due) = calendar::due(start, months, calendar::Unit::Months, &holidays) else {
                assert!(corresponding >= date("2026-12-26") || corresponding < date("2025-01-01"));
                continue;
            };
            assert!(due >= corresponding, "{start} + {months}");
            assert_eq!(holidays.is_working(due), Ok(true), "{start} + {months}");
            let mut between = corresponding;
            while between < due {
                assert_eq!(holidays.is_working(between), Ok(false), "{start} + {months}: {between} is worked");
                between = between.plus_days(1);
            }
        }
        start = start.plus_days(1);
    }
}
