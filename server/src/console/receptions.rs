//! When a station receives next, as its rule says (接待日规则, E2), and by when the notice is to be up.

use lianxin_shared::{
    case::{
        Date,
        reception::{Days, ReceptionRule},
    },
    record::Contents,
    schema::Kind,
};

use super::{problem::Problem, words::Words};
use crate::http::AppState;

/// Days that are looked ahead, and receptions that are shown.
const AHEAD_DAYS: i32 = 62;
const SHOWN_MAX: usize = 4;

/// What a station's page says of its next reception days.
pub(super) struct Receptions {
    /// The days, or why there are none.
    pub(super) text: String,
    pub(super) notice: Option<String>,
    /// The rule could not be read.
    pub(super) unclear: bool,
}

/// Of a station's record; `None` of any other, and of a station without a rule.
pub(super) async fn coming(state: &AppState, words: Words, contents: &Contents) -> Result<Option<Receptions>, Problem> {
    let said = contents.text("reception_rule");
    if contents.kind != Kind::Station || said.is_empty() {
        return Ok(None);
    }
    let only =
        |key: &'static str, unclear| Ok(Some(Receptions { text: words.get(key).to_owned(), notice: None, unclear }));
    let rule = match ReceptionRule::read(said) {
        None => return only("receptions.unclear", true),
        Some(rule) if rule.days == Days::Appointment => return only("receptions.by_appointment", false),
        Some(rule) => rule,
    };
    let now_ms = state.clock.now_ms();
    let today = Date::at(now_ms);
    let book = state.hub.rules(now_ms).await?.book;
    let coming = match rule.between(today, today.plus_days(AHEAD_DAYS), &book.holidays) {
        Ok(coming) => coming,
        Err(missing) => {
            let text = words.fill("receptions.no_table", &[("year", &missing.year.to_string())]);
            return Ok(Some(Receptions { text, notice: None, unclear: true }));
        }
    };
    let Some(next) = coming.first() else { return only("receptions.none", false) };
    let days: Vec<String> = coming.iter().take(SHOWN_MAX).map(|one| words.day(&one.date.to_string())).collect();
    let by = words.day(&next.notice_by().to_string());
    let notice = (next.notice_by() >= today).then(|| words.fill("receptions.notice_by", &[("day", &by)]));
    let text = [days.join("、"), rule.hours].join(" ").trim_end().to_owned();
    Ok(Some(Receptions { text, notice, unclear: false }))
}
