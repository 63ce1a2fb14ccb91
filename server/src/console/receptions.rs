//! When a station receives, as its rule says (接待日规则, E2), and by when the notice is to be up.

use lianxin_shared::{
    case::{
        Date,
        holidays::Holidays,
        reception::{Days, Reception, ReceptionRule},
    },
    record::Contents,
    schema::Kind,
};

use super::{problem::Problem, words::Words};
use crate::http::AppState;

/// Days that are looked ahead, and receptions that are shown.
const AHEAD_DAYS: i32 = 62;
const SHOWN_MAX: usize = 4;

/// Why a rule tells no days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    NoRule,
    /// The rule could not be read.
    Unclear,
    Appointment,
    /// The table of holidays of this year is missing.
    NoTable(i32),
}

impl Lack {
    pub(super) fn text(self, words: Words) -> String {
        match self {
            Lack::NoRule => words.get("receptions.no_rule").to_owned(),
            Lack::Unclear => words.get("receptions.unclear").to_owned(),
            Lack::Appointment => words.get("receptions.by_appointment").to_owned(),
            Lack::NoTable(year) => words.fill("receptions.no_table", &[("year", &year.to_string())]),
        }
    }

    /// The same where there is little room.
    pub(super) fn in_short(self, words: Words) -> String {
        words.of_key(match self {
            Lack::NoRule => "standing.no_rule",
            Lack::Unclear => "standing.unclear",
            Lack::Appointment => "standing.appointment",
            Lack::NoTable(_) => "standing.no_table",
        })
    }

    /// Whether somebody has to write something before days can be told.
    pub(super) fn is_to_mend(self) -> bool {
        self != Lack::Appointment
    }
}

/// The days of a rule, with its hours.
pub(super) struct Planned {
    pub days: Vec<Reception>,
    pub hours: String,
}

/// What a rule says of the days from one to another, both included.
pub(super) fn planned(rule: &str, from: Date, to: Date, holidays: &Holidays) -> Result<Planned, Lack> {
    if rule.trim().is_empty() {
        return Err(Lack::NoRule);
    }
    let rule = ReceptionRule::read(rule).ok_or(Lack::Unclear)?;
    if rule.days == Days::Appointment {
        return Err(Lack::Appointment);
    }
    let days = rule.between(from, to, holidays).map_err(|missing| Lack::NoTable(missing.year))?;
    Ok(Planned { days, hours: rule.hours })
}

/// What a station's page says of its next reception days.
pub(super) struct Receptions {
    /// The days, or why there are none.
    pub(super) text: String,
    pub(super) notice: Option<String>,
    /// The rule tells none until somebody mends something.
    pub(super) unclear: bool,
}

/// Of a station's record; `None` of any other, and of a station without a rule.
pub(super) async fn coming(state: &AppState, words: Words, contents: &Contents) -> Result<Option<Receptions>, Problem> {
    if contents.kind != Kind::Station {
        return Ok(None);
    }
    let now_ms = state.clock.now_ms();
    let today = Date::at(now_ms);
    let book = state.hub.rules(now_ms).await?.book;
    let rule = contents.text("reception_rule");
    let planned = match planned(rule, today, today.plus_days(AHEAD_DAYS), &book.holidays) {
        Ok(planned) => planned,
        Err(Lack::NoRule) => return Ok(None),
        Err(lack) => {
            return Ok(Some(Receptions { text: lack.text(words), notice: None, unclear: lack.is_to_mend() }));
        }
    };
    let Some(next) = planned.days.first() else {
        let text = words.get("receptions.none").to_owned();
        return Ok(Some(Receptions { text, notice: None, unclear: false }));
    };
    let days: Vec<String> = planned.days.iter().take(SHOWN_MAX).map(|one| words.day(&one.date.to_string())).collect();
    let by = words.day(&next.notice_by().to_string());
    let notice = (next.notice_by() >= today).then(|| words.fill("receptions.notice_by", &[("day", &by)]));
    let text = [days.join("、"), planned.hours].join(" ").trim_end().to_owned();
    Ok(Some(Receptions { text, notice, unclear: false }))
}
