//! What stands in the way of handing a record in: what the check finds ([`crate::check`]), as reasons to return it. The
//! forms of phone and console ask the same check, so nothing is held up here that was not said there.

use super::{
    HANDED_OVER, ReturnReason,
    calendar::Date,
    desk::{Desk, No},
    facts::Facts,
};
use crate::{
    check::{self, Aim, Circumstances, Finding, NARRATIVE, Weight},
    record::Contents,
    schema::{Class, Kind},
};

/// Of a date with a time of day the date, `YYYY-MM-DD`.
const DAY_CHARS: usize = 10;

/// Why a record comes back that is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    pub field: &'static str,
    pub reason: ReturnReason,
    /// For the words: the field's key, or the date that is meant.
    pub detail: String,
}

/// What stands in the way of handing the record in today, in the order of the form.
pub fn in_the_way(contents: &Contents, today: Date) -> Vec<Obstacle> {
    let today = today.to_string();
    // Whether a town has a congress is asked by the judge, who knows the town.
    let circumstances = Circumstances { aim: Aim::HandIn, today: &today, has_congress: None };
    let findings = check::check(contents, circumstances);
    let holds_up = findings.iter().filter(|finding| finding.holds_up(Aim::HandIn));
    holds_up.map(|finding| obstacle(contents, finding)).collect()
}

/// The first obstacle that somebody can still remove. In a draft that was handed over nobody may change the words that the
/// deputy alone could write: a number in them does not keep the matter from going on.
pub fn first_obstacle<'a>(obstacles: &'a [Obstacle], kind: Kind, state: &str) -> Option<&'a Obstacle> {
    let is_authors = |field: &str| kind.schema().field(field).is_some_and(|field| field.class == Class::AuthorProse);
    let stays = |obstacle: &Obstacle| {
        state == HANDED_OVER && obstacle.reason == ReturnReason::PersonalData && is_authors(obstacle.field)
    };
    obstacles.iter().find(|obstacle| !stays(obstacle))
}

fn obstacle(contents: &Contents, finding: &Finding) -> Obstacle {
    let field = finding.field;
    let (reason, detail) = match (finding.text, finding.weight) {
        (check::FUTURE, _) => (ReturnReason::FutureDate, contents.text(field).get(..DAY_CHARS).unwrap_or_default()),
        (check::END_BEFORE_START, _) => (ReturnReason::EndBeforeStart, field),
        (check::PETITION_NARRATIVE, _) => (ReturnReason::PetitionNarrative, field),
        (_, Weight::Private) => (ReturnReason::PersonalData, field),
        _ => (ReturnReason::Missing, field),
    };
    Obstacle { field, reason, detail: detail.to_owned() }
}

impl Desk<'_> {
    /// The record is such as may be handed in.
    pub(super) fn nothing_is_in_the_way(&self) -> Result<(), No> {
        match first_obstacle(&self.facts.in_the_way, self.case.kind, self.case.state()) {
            Some(obstacle) => Err(No::because(obstacle.reason).detail(&obstacle.detail)),
            None => Ok(()),
        }
    }
}

impl Facts {
    /// These fields hold something.
    pub(super) fn have(&self, fields: impl IntoIterator<Item = &'static str>) -> Result<(), No> {
        match fields.into_iter().find(|field| !self.has(field)) {
            Some(missing) => Err(No::because(ReturnReason::Missing).detail(missing)),
            None => Ok(()),
        }
    }

    /// 群众原话 or its sound, and the deputy's summary.
    pub(super) fn have_words(&self) -> Result<(), No> {
        if !self.has("verbatim") && !self.has("audio") {
            return Err(No::because(ReturnReason::Missing).detail("verbatim"));
        }
        self.have(["summary"])
    }

    /// No words of what people said.
    pub(super) fn tell_nothing(&self, reason: ReturnReason) -> Result<(), No> {
        match NARRATIVE.iter().find(|field| self.has(field)) {
            Some(field) => Err(No::because(reason).detail(*field)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{Actor, RecordId},
        record::{Edit, Record},
    };

    const TODAY: &str = "2026-03-10";

    fn obstacles(kind: Kind, edits: &[Edit]) -> Vec<(ReturnReason, String)> {
        let mut record = Record::new(kind, RecordId([5; 16]));
        record.edit(Actor([1; 16]), 1_760_000_000_000, None, edits).unwrap();
        let obstacles = in_the_way(&record.read(), TODAY.parse().unwrap());
        obstacles.into_iter().map(|obstacle| (obstacle.reason, obstacle.detail)).collect()
    }

    fn activity(more: &[Edit]) -> Vec<(ReturnReason, String)> {
        let edits = [
            Edit::put("kind", "courtyard"),
            Edit::put("title", "院坝会"),
            Edit::put("start", "2026-03-10T09:00"),
            Edit::put("village", RecordId([2; 16])),
            Edit::add("attendees", RecordId([1; 16])),
            Edit::write("body", "修路"),
        ];
        obstacles(Kind::Activity, &[&edits, more].concat())
    }

    #[test]
    fn every_finding_that_holds_up_is_a_reason_with_the_field_and_doubts_are_none() {
        use ReturnReason::{EndBeforeStart, FutureDate, Missing, PersonalData};
        assert_eq!(activity(&[]), []);
        assert_eq!(activity(&[Edit::put("crowd", 300_000)]), [], "a doubt holds nothing up");
        assert_eq!(activity(&[Edit::write("body", "电话13800123456")]), [(PersonalData, "body".into())]);
        let lone = |edit: Edit| activity(&[edit]);
        assert_eq!(lone(Edit::put("end", "2026-03-10T08:00")), [(EndBeforeStart, "end".into())]);
        assert_eq!(lone(Edit::put("start", "2026-03-11T08:00")), [(FutureDate, "2026-03-11".into())]);
        let empty: Vec<String> = obstacles(Kind::Activity, &[Edit::put("kind", "courtyard")])
            .into_iter()
            .map(|(reason, field)| {
                assert_eq!(reason, Missing);
                field
            })
            .collect();
        assert_eq!(empty, ["title", "start", "village", "attendees", "body"]);
    }

    #[test]
    fn of_a_petition_nothing_is_told_and_nothing_said_is_wanted() {
        let petition = |more: &[Edit]| {
            let edits = [
                Edit::put("slip_no", "7-001"),
                Edit::put("channel", "visit"),
                Edit::put("date", TODAY),
                Edit::add("collectors", RecordId([1; 16])),
                Edit::put("village", RecordId([2; 16])),
                Edit::put("category", "roads"),
                Edit::put("tier_suggest", "petition"),
            ];
            obstacles(Kind::Voice, &[&edits, more].concat())
        };
        assert_eq!(petition(&[]), []);
        let told = petition(&[Edit::write("summary", "他举报某人")]);
        assert_eq!(told, [(ReturnReason::PetitionNarrative, "summary".into())]);
    }

    #[test]
    fn what_only_the_old_deputy_could_mend_does_not_hold_up_the_office() {
        let number = |field| Obstacle { field, reason: ReturnReason::PersonalData, detail: field.into() };
        let obstacles = [number("verbatim"), number("summary")];
        let first = |state| first_obstacle(&obstacles, Kind::Voice, state).map(|obstacle| obstacle.field);
        assert_eq!((first("draft"), first(HANDED_OVER)), (Some("verbatim"), Some("summary")));
    }
}
