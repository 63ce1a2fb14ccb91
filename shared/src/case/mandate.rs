//! 任职: suspension and end of a mandate (代表法 第六十一、六十二条), the change of term (换届), and
//! what a deputy contests in the dossier of the mandate as a whole. And when a mandate is over.

use super::{
    Act, Event, ReturnReason,
    calendar::Date,
    contest::Contests,
    desk::{Decision, Desk, No},
    who::{Part, office},
};
use crate::{
    id::{RecordId, UnitCode},
    record::Contents,
    rights::Space,
    schema::Kind,
};

/// Where a mandate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// 在任
    #[default]
    Active,
    /// 暂停执行
    Suspended,
    /// 终止
    Ended,
}

/// A mandate, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mandate {
    pub state: State,
    /// The day on which it ended.
    pub ended_on: Option<Date>,
    pub contests: Contests,
}

/// Whether a mandate is over today: by its events, of which `state` is the key, by its own record, or with its term. The last
/// day of record and term is a day in office.
pub fn is_over(mandate: &Contents, state: &str, term_ends: Option<Date>, today: Date) -> bool {
    let ended = State::Ended.key();
    let last = [mandate.text("end").parse().ok(), term_ends];
    state == ended || mandate.text("status") == ended || last.into_iter().flatten().any(|last| last < today)
}

/// Whose term it is: the town's or the district's in which the mandate's record lies. Of higher congresses no terms are kept.
pub fn congress(mandate: &Contents, lies_in: &Space) -> Option<UnitCode> {
    let code = match mandate.text("level") {
        "town" => lies_in.unit.town(),
        "district" => lies_in.unit.district(),
        _ => None,
    };
    code.map(|code| UnitCode(code.into()))
}

/// What a record of a term says of its end (届满): of which term of the congress whose open data it lies in, and its last
/// day. `None` of a session, of a term without an end, and of another congress's: a town says nothing about the district's.
pub fn end_of_term(term: &Contents, lies_in: &Space) -> Option<(String, Date)> {
    let own = RecordId::derived(Kind::AdminUnit, &[&lies_in.unit.0]);
    let is_own = term.reference("unit") == Some(own) && term.text("session").is_empty();
    is_own.then(|| Some((term.text("term").to_owned(), term.text("end").parse().ok()?))).flatten()
}

impl State {
    pub fn key(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Suspended => "suspended",
            State::Ended => "ended",
        }
    }
}

impl Mandate {
    pub(super) fn apply(&mut self, event: &Event) {
        match &event.act {
            Act::Suspend { .. } => self.state = State::Suspended,
            Act::Resume { .. } => self.state = State::Active,
            Act::End { on, .. } => {
                self.state = State::Ended;
                self.ended_on = Some(*on);
            }
            _ => {}
        }
        self.contests.apply(event);
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        let offices = [office(desk), Part::District];
        match &desk.request.act {
            Act::Suspend { text, .. } => {
                desk.only(self.state == State::Active)?;
                desk.says(&[("text", text)])?;
                desk.by(&offices)
            }
            Act::Resume { .. } => {
                desk.only(self.state == State::Suspended)?;
                desk.by(&offices)
            }
            Act::End { on, text } => {
                desk.only(self.state != State::Ended)?;
                // An end that is still to come stands in the record.
                desk.not_after_today(*on)?;
                desk.says(&[("text", text)])?;
                desk.by(&offices)
            }
            Act::Contest { text, .. } => self.contests.contest(desk, &[Part::Holder(desk.request.case)], text),
            Act::SettleContest { contest, text, .. } => self.contests.settle(desk, &offices, *contest, text),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }
}
