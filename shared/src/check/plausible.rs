//! What does not fit together, or is not likely.

use super::{Aim, Circumstances, Finding, NARRATIVE, Weight, Weight::*, is_petition};
use crate::{
    record::{Contents, FieldValue, Value},
    schema::{Kind, Type},
};

pub(super) const SAY_SOMETHING: &str = "check.say_something";
pub(super) const WORDS_OR_AUDIO: &str = "check.words_or_audio";
pub(crate) const PETITION_NARRATIVE: &str = "check.petition_narrative";
pub(crate) const END_BEFORE_START: &str = "check.end_before_start";
pub(crate) const FUTURE: &str = "check.future";
pub(super) const LONG_AGO: &str = "check.long_ago";
pub(super) const LARGE: &str = "check.large";
pub(super) const NOTICE_LATE: &str = "check.notice_late";
pub(super) const NOTICE_MISSING: &str = "check.notice_missing";
pub(super) const NO_CONGRESS: &str = "check.no_congress";
pub(super) const LEAD_COSIGNS: &str = "check.lead_cosigns";
pub(super) const TITLE_FORM: &str = "check.title_form";
pub(super) const ONE_MATTER: &str = "check.one_matter";
pub(super) const VOTES: &str = "check.votes";
pub(super) const TARGET: &str = "check.target";
pub(super) const BAD_CODE: &str = "check.bad_code";

/// The custom of a public notice (DOMAIN §1.3).
const NOTICE_DAYS: i64 = 3;
/// Older than this, a date is more likely a phone that lost its clock.
const LONG_AGO_DAYS: i64 = 366;
/// A village's meeting has not more people, a form not more households.
const LARGE_NUMBER: i64 = 20_000;
/// 结对: not fewer activities a year (SEED).
const PAIRING_TARGET: i64 = 4;

/// Dates that must not lie before another one of the same record.
const SPANS: [(&str, &str); 6] = [
    ("start", "end"),
    ("date", "end"),
    ("valid_from", "valid_to"),
    ("congress_start", "congress_end"),
    ("date", "due"),
    ("date", "until"),
];
/// Days on which something has happened that is being recorded.
const HAPPENED: [(Kind, &str); 5] = [
    (Kind::Activity, "start"),
    (Kind::Voice, "date"),
    (Kind::DutyReport, "date"),
    (Kind::DossierEntry, "date"),
    (Kind::Rectification, "date"),
];

pub(super) fn check(contents: &Contents, circumstances: Circumstances<'_>) -> Vec<Finding> {
    let mut findings = spans(contents);
    findings.extend(happened(contents, circumstances));
    findings.extend(large(contents));
    findings.extend(match contents.kind {
        Kind::Voice => voice(contents, circumstances.aim),
        Kind::ReceptionDay => notice(contents, circumstances.today),
        Kind::Suggestion => suggestion(contents, circumstances),
        Kind::DutyReport => votes(contents),
        Kind::Pairing => target(contents),
        Kind::CodeEntry => code_entry(contents),
        _ => Vec::new(),
    });
    findings
}

fn found(field: &'static str, weight: Weight, text: &'static str) -> Finding {
    Finding::new(field, weight, text)
}

fn spans(contents: &Contents) -> Vec<Finding> {
    let spans = SPANS.iter().filter(|(from, to)| {
        let (from, to) = (contents.text(from), contents.text(to));
        !from.is_empty() && !to.is_empty() && to.len() == from.len() && to < from
    });
    spans.map(|(_, to)| found(to, Mend, END_BEFORE_START)).collect()
}

/// What is recorded has happened; a plan for tomorrow is not handed in.
fn happened(contents: &Contents, circumstances: Circumstances<'_>) -> Vec<Finding> {
    let fields = HAPPENED.iter().filter(|(kind, _)| *kind == contents.kind);
    fields
        .filter_map(|(_, field)| {
            let date = contents.text(field).get(..10)?;
            let age = days(circumstances.today)? - days(date)?;
            match age {
                ..0 if circumstances.aim == Aim::HandIn => Some(found(field, Mend, FUTURE)),
                ..0 => Some(found(field, Notice, FUTURE)),
                LONG_AGO_DAYS.. => Some(found(field, Notice, LONG_AGO)),
                _ => None,
            }
        })
        .collect()
}

fn large(contents: &Contents) -> Vec<Finding> {
    let people = ["crowd", "visitors", "affected", "affected_households", "listeners", "unnamed_count", "jobs"];
    let fields = contents.kind.schema().fields.iter();
    fields
        .filter(|field| field.ty == Type::Number && people.contains(&field.key))
        .filter(|field| contents.number(field.key).is_some_and(|number| number > LARGE_NUMBER))
        .map(|field| found(field.key, Notice, LARGE))
        .collect()
}

fn voice(contents: &Contents, aim: Aim) -> Vec<Finding> {
    if is_petition(contents) {
        return NARRATIVE
            .into_iter()
            .filter(|field| contents.fields.contains_key(field))
            .map(|field| found(field, Mend, PETITION_NARRATIVE))
            .collect();
    }
    let said = |field: &str| contents.fields.contains_key(field);
    let in_their_words = said("verbatim") || said("audio");
    match aim {
        Aim::Keep if !in_their_words && !said("summary") => vec![found("verbatim", Mend, SAY_SOMETHING)],
        Aim::HandIn if !in_their_words => vec![found("verbatim", Mend, WORDS_OR_AUDIO)],
        _ => Vec::new(),
    }
}

fn notice(contents: &Contents, today: &str) -> Vec<Finding> {
    let Some(day) = days(contents.text("date")) else { return Vec::new() };
    match (days(contents.text("notice_published")), days(today)) {
        (Some(published), _) if day - published < NOTICE_DAYS => {
            vec![found("notice_published", Notice, NOTICE_LATE)]
        }
        // What is past cannot be announced any more; what is far away still can.
        (None, Some(today)) if (0..=NOTICE_DAYS).contains(&(day - today)) && contents.text("cancelled").is_empty() => {
            vec![found("notice_published", Notice, NOTICE_MISSING)]
        }
        _ => Vec::new(),
    }
}

fn suggestion(contents: &Contents, circumstances: Circumstances<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // 组织法 第五十九条: a street settles its own matters by the express; that is no statutory suggestion.
    if contents.text("tier") == "town" && circumstances.has_congress == Some(false) {
        findings.push(found("tier", Mend, NO_CONGRESS));
    }
    let lead = contents.text("lead");
    if !lead.is_empty() && contents.elements("cosigners").iter().any(|cosigner| cosigner == lead) {
        findings.push(found("cosigners", Notice, LEAD_COSIGNS));
    }
    let title = contents.text("title");
    let as_usual = title.starts_with("关于") && title.contains("建议");
    if !title.is_empty() && !as_usual {
        findings.push(found("title", Notice, TITLE_FORM));
    }
    // 一事一案: more than a title cannot be told apart.
    if title.matches("关于").count() > 1 {
        findings.push(found("title", Notice, ONE_MATTER));
    }
    findings
}

fn votes(contents: &Contents) -> Vec<Finding> {
    let cast: i64 = ["satisfied", "basically", "dissatisfied", "abstained"]
        .iter()
        .filter_map(|field| contents.number(field))
        .fold(0, i64::saturating_add);
    match contents.number("listeners") {
        Some(listeners) if cast > listeners => vec![found("listeners", Notice, VOTES)],
        _ => Vec::new(),
    }
}

fn target(contents: &Contents) -> Vec<Finding> {
    let few = contents.number("target").is_some_and(|target| target < PAIRING_TARGET);
    if few { vec![found("target", Notice, TARGET)] } else { Vec::new() }
}

fn code_entry(contents: &Contents) -> Vec<Finding> {
    let fits = |field: &str| Value::text(contents.text(field)).fits(Type::Code { list: "" });
    let held = |field: &&str| matches!(contents.fields.get(*field), Some(FieldValue::Single { .. }));
    let bad = ["list", "code"].into_iter().filter(held).filter(|field| !fits(field));
    bad.map(|field| found(field, Mend, BAD_CODE)).collect()
}

/// Days since a day long ago, of a date `YYYY-MM-DD`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>());
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // March first, so that the leap day ends the year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day)
}
