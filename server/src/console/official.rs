//! The official side of a record's page: where its case stands, what was done, and what this person
//! can do now. What is possible is asked of the judge itself (`shared::case::decide`).

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    case::{
        self, Act, Case, Date, Decline, Event, ExitKind, Facts, Opinion, Request, ReturnReason, Returned, Verdict, Way,
    },
    id::EventId,
    schema::Kind,
    text::Texts,
};
use rand::RngExt;
use serde_json::{Map, Value, json};

use super::{
    desk::Desk,
    input::{Pairs, Sent},
    layout::{self, record_href},
    problem::Problem,
    record,
    words::Words,
};
use crate::hub::{Acted, RecordPage};

/// A blank for the probe that asks whether an act is possible.
const BLANK: &str = "-";

/// The official side of a record.
pub(super) struct Official {
    pub state: String,
    pub lines: Vec<(&'static str, String)>,
    pub dues: Vec<DueShown>,
    pub events: Vec<EventShown>,
    pub forms: Vec<ActForm>,
}

/// A limit that runs.
pub(super) struct DueShown {
    pub what: String,
    pub day: String,
    /// `over`, `near`, or empty.
    pub pressure: &'static str,
    pub provisional: bool,
}

/// An event as the page tells it.
pub(super) struct EventShown {
    pub seq: u32,
    pub act: String,
    pub who: String,
    pub made: String,
    pub received: String,
    pub texts: Vec<String>,
}

/// The form of an act.
pub(super) struct ActForm {
    pub key: &'static str,
    pub label: String,
    /// The id that the request will have: a form that is sent twice is one request.
    pub request: String,
    pub seen: u32,
    /// Unfolded, with what was typed, after it came back.
    pub open: bool,
    pub inputs: Vec<Input>,
}

/// One input of a form.
pub(super) struct Input {
    pub name: String,
    pub label: String,
    pub shape: &'static str,
    pub value: String,
    pub needed: bool,
    pub options: Vec<Choosable>,
}

/// One of the values of a choice.
pub(super) struct Choosable {
    pub key: String,
    pub label: String,
    pub chosen: bool,
}

/// What is asked for with an act.
#[derive(Clone, Copy)]
enum Asks {
    /// Prose.
    Text,
    Line(&'static str, &'static str),
    Day(&'static str, &'static str),
    Check(&'static str, &'static str),
    /// One of these, with the family of its words.
    Choice(&'static str, &'static str, Options),
    /// A handling unit, by code and name.
    Unit(&'static str, &'static str),
}

#[derive(Clone, Copy)]
enum Options {
    Ways,
    Opinions,
    Grants,
    Declines,
    Proposed,
    Exits,
    Classes,
}

use Asks::{Check, Choice, Day, Line, Text, Unit};

/// The acts that the console offers, in the order of a case's life.
const ACTS: [(&str, &[Asks]); 36] = [
    ("submit", &[Check("declared", "case.declared")]),
    ("ask_revision", &[Text]),
    ("verify", &[]),
    ("correct", &[Text]),
    ("void", &[Text]),
    ("sort", &[Choice("proposed", "case.proposed", Options::Proposed), Text]),
    ("route", &[Choice("exit", "case.proposed", Options::Exits), Unit("unit", "case.unit"), Text]),
    ("outcome", &[Text]),
    (
        "feedback",
        &[
            Day("on", "case.on"),
            Choice("way", "case.way", Options::Ways),
            Text,
            Choice("attitude", "case.result", Options::Opinions),
        ],
    ),
    ("miss", &[Day("on", "case.on"), Choice("way", "case.way", Options::Ways)]),
    ("confirm", &[]),
    ("review", &[]),
    ("decline", &[Choice("reason", "case.text", Options::Declines), Text]),
    ("accept", &[]),
    ("assign", &[Unit("lead", "case.unit"), Text]),
    ("reassign", &[Unit("lead", "case.unit"), Text]),
    ("sign", &[Line("officer", "case.officer")]),
    ("return_assignment", &[Text]),
    ("decide_return", &[Choice("grant", "act.decide_return", Options::Grants), Text]),
    ("ask_extension", &[Day("until", "case.until"), Text]),
    ("decide_extension", &[Choice("grant", "act.decide_extension", Options::Grants), Text]),
    ("contact", &[Day("on", "case.on"), Choice("way", "case.way", Options::Ways), Text]),
    ("co_opinion", &[Text]),
    (
        "reply",
        &[
            Line("letter", "case.letter"),
            Choice("class", "case.class", Options::Classes),
            Line("signer", "case.signed_by"),
            Text,
            Check("may_publish", "case.may_publish"),
        ],
    ),
    (
        "evaluate",
        &[
            Choice("attitude", "case.attitude", Options::Opinions),
            Choice("result", "case.result", Options::Opinions),
            Choice("way", "case.way", Options::Ways),
            Text,
        ],
    ),
    ("not_evaluated", &[]),
    ("rehandle", &[Text]),
    ("coordinate", &[Text]),
    ("close", &[Text]),
    ("archive", &[]),
    ("withdraw", &[Text]),
    ("urge", &[Text]),
    ("object", &[Text]),
    ("publish", &[]),
    ("unpublish", &[Text]),
    ("fix_dates", &[]),
];

/// Takes an act from its form, and tells what became of it.
pub(super) async fn act(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let page = record::readable(&desk, &id).await?;
    let facts = page.facts();
    let key = ACTS.iter().map(|(key, _)| *key).find(|key| *key == sent.get("act")).ok_or(Problem::BadForm)?;
    let (request, seen) = (sent.get("request").parse().ok(), sent.get("seen").parse().ok());
    let (Some(request_id), Some(seen)) = (request, seen) else { return Err(Problem::BadForm) };
    let Some(act) = act_of(key, &sent, &page.case(), &facts) else {
        return came_back(&desk, page, &sent, desk.words.get("returned.empty").to_owned()).await;
    };
    let proxy = Some(sent.get("proxy")).filter(|proxy| !proxy.is_empty()).map(str::to_owned);
    let (case, kind, made_ms) = (page.id, page.kind, desk.now_ms());
    let request = Request { id: request_id, case, kind, seen, made_ms, proxy, act };
    match desk.hub().act(&desk.staff.device, desk.person(), &request, made_ms).await? {
        Acted::Accepted { .. } => Ok(Redirect::to(&format!("{}?done=acted", record_href(case))).into_response()),
        Acted::Returned(why) => {
            let error = say(desk.words, Some(page.kind), &why);
            // As it is now, with what stands in the way.
            let page = record::readable(&desk, &id).await?;
            came_back(&desk, page, &sent, error).await
        }
    }
}

async fn came_back(desk: &Desk, page: RecordPage, sent: &Pairs, error: String) -> Result<Response, Problem> {
    let page = record::template_after(desk, page, sent, error).await?;
    Ok((StatusCode::CONFLICT, layout::html(&page)?).into_response())
}

/// Why a request came back, in words.
pub(super) fn say(words: Words, kind: Option<Kind>, why: &Returned) -> String {
    why.say(Texts::console(), words.0, kind)
}

/// The official side of a record for this person; `None` for kinds that know no official acts.
/// `sent` is the form that came back.
pub(super) async fn official(
    desk: &Desk,
    page: &RecordPage,
    sent: Option<&Pairs>,
) -> Result<Option<Official>, Problem> {
    let case = page.case();
    if matches!(case.machine, case::Machine::None) {
        return Ok(None);
    }
    let words = desk.words;
    let row = case.row();
    let today = Date::at(desk.now_ms());
    let number = row.number.iter().map(|number| (words.get("case.number"), number.clone()));
    let lead = row.lead.iter().map(|lead| (words.get("case.lead"), lead.name.clone()));
    let due = |due: &case::Due| DueShown {
        what: words.of_key(&format!("clock.{}", due.clock.key())),
        day: words.day(&due.on.to_string()),
        pressure: pressure(due.on, today, row.near_days),
        provisional: due.provisional,
    };
    Ok(Some(Official {
        state: words.of_key(&format!("state.{}.{}", page.kind.key(), row.state)),
        lines: number.chain(lead).collect(),
        dues: row.dues.iter().map(due).collect(),
        events: page.events.iter().rev().map(|event| event_shown(words, event)).collect(),
        forms: forms(desk, page, &case, sent).await?,
    }))
}

fn pressure(on: Date, today: Date, near_days: u32) -> &'static str {
    match on.days_since(today) {
        ..0 => "over",
        days if days <= near_days as i32 => "near",
        _ => "",
    }
}

fn event_shown(words: Words, event: &Event) -> EventShown {
    let mut texts = Vec::new();
    // Everything that a person wrote, whatever the act calls it.
    collect_texts(&serde_json::to_value(&event.act).unwrap_or_default(), &mut texts);
    texts.extend(event.proxy.iter().map(|proxy| words.fill("case.proxy", &[("text", proxy)])));
    texts.extend(event.added.number.clone());
    EventShown {
        seq: event.seq,
        act: words.of_key(&format!("act.{}", event.act.key())),
        who: event.by.name.clone(),
        made: words.moment(event.made_ms),
        received: words.moment(event.received_ms),
        texts,
    }
}

/// The act that a stored request asks for, and what is written in it.
pub(super) fn asked_for(words: Words, body: &str) -> (String, String) {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let mut texts = Vec::new();
    collect_texts(&body, &mut texts);
    let act = body.get("act").and_then(Value::as_str).unwrap_or("unknown");
    (words.of_key(&format!("act.{act}")), texts.join(" · "))
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    const WRITTEN: [&str; 9] = ["text", "name", "officer", "place", "deputy", "unit", "letter", "signer", "office"];
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if WRITTEN.contains(&key.as_str()) && !text.is_empty() => {
                        texts.push(text.clone());
                    }
                    Value::Object(_) | Value::Array(_) => collect_texts(value, texts),
                    _ => {}
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}

async fn forms(desk: &Desk, page: &RecordPage, case: &Case, sent: Option<&Pairs>) -> Result<Vec<ActForm>, Problem> {
    let book = desk.hub().book(desk.now_ms()).await?;
    let facts = Facts { next_number: 1, has_congress: true, ..page.facts() };
    let possible = |key: &str, asks: &[Asks]| {
        let Some(act) = act_of(key, &plausible(asks, desk.now_ms(), &book), case, &facts) else { return false };
        let (id, made_ms) = (EventId([0; 16]), desk.now_ms());
        let (record, kind, seen) = (page.id, page.kind, case.seq());
        let request = Request { id, case: record, kind, seen, made_ms, proxy: None, act };
        match case::decide(case, &facts, &book, desk.person(), &page.space, &request, made_ms) {
            Verdict::Accepted(_) | Verdict::Known { .. } => true,
            Verdict::Returned(why) => could_be_mended(why.reason),
        }
    };
    let form = |(key, asks): &(&'static str, &'static [Asks])| {
        let came_back = sent.filter(|sent| sent.get("act") == *key);
        ActForm {
            key,
            label: desk.words.of_key(&format!("act.{key}")),
            request: EventId(rand::rng().random()).to_string(),
            seen: case.seq(),
            open: came_back.is_some(),
            inputs: asks.iter().flat_map(|ask| inputs(desk, *ask, came_back, &book)).collect(),
        }
    };
    // One that came back stays, so that what was typed is not lost, even if it is not possible any more.
    let shown =
        ACTS.iter().filter(|(key, asks)| sent.is_some_and(|sent| sent.get("act") == *key) || possible(key, asks));
    Ok(shown.map(form).collect())
}

/// Reasons that the person can do something about, by filling in a field, the form, or another step.
fn could_be_mended(reason: ReturnReason) -> bool {
    use ReturnReason::{
        Empty, FutureDate, Missing, NoConsultation, NoContact, NoFeedback, NoOpinion, NotConfirmed, NotDeclared,
        PersonalData, TextChanged, TooFar, TooLong,
    };
    matches!(
        reason,
        Empty
            | FutureDate
            | Missing
            | NoContact
            | NoConsultation
            | NoFeedback
            | NoOpinion
            | NotConfirmed
            | NotDeclared
            | PersonalData
            | TextChanged
            | TooFar
            | TooLong
    )
}

/// A form filled in somehow, to see whether the act is possible.
fn plausible(asks: &[Asks], now_ms: i64, book: &case::Book) -> Pairs {
    let today = Date::at(now_ms);
    let mut pairs = vec![("text".to_owned(), BLANK.to_owned())];
    for ask in asks {
        match ask {
            Text => {}
            Line(name, _) => pairs.push(((*name).into(), BLANK.into())),
            Day("until", _) => pairs.push(("until".into(), today.plus_days(1).to_string())),
            Day(name, _) => pairs.push(((*name).into(), today.to_string())),
            Check(name, _) => pairs.push(((*name).into(), "yes".into())),
            Choice(name, _, options) => {
                let first = keys(*options, book).into_iter().next().unwrap_or_default();
                pairs.push(((*name).into(), first));
            }
            Unit(name, _) => {
                pairs.extend([(format!("{name}.code"), BLANK.to_owned()), (format!("{name}.name"), BLANK.to_owned())]);
            }
        }
    }
    Pairs(pairs)
}

/// The act that a form asks for; `None` when something of it is missing.
fn act_of(key: &str, sent: &Pairs, case: &Case, facts: &Facts) -> Option<Act> {
    let asks = ACTS.iter().find(|(known, _)| *known == key)?.1;
    let mut act = Map::from_iter([("act".to_owned(), json!(key))]);
    for ask in asks {
        match ask {
            Text => drop(act.insert("text".into(), json!(sent.get("text")))),
            Line(name, _) => drop(act.insert((*name).into(), json!(sent.get(name)))),
            Check(name, _) => drop(act.insert((*name).into(), json!(sent.has(name)))),
            Day(name, _) => drop(act.insert((*name).into(), json!(sent.get(name)))),
            Choice(name, _, Options::Grants) => drop(act.insert((*name).into(), json!(sent.get(name) == "yes"))),
            Choice(name, ..) if sent.get(name).is_empty() => {}
            Choice(name, ..) => drop(act.insert((*name).into(), json!(sent.get(name)))),
            Unit(name, _) => drop(act.insert((*name).into(), unit(name, sent))),
        }
    }
    match key {
        "submit" | "confirm" => drop(act.insert("text".into(), json!(facts.text))),
        "evaluate" => drop(act.insert("round".into(), json!(round(case)))),
        "urge" => drop(act.insert("level".into(), json!(case.row().urged.saturating_add(1)))),
        "route" => drop(act.insert("exit".into(), exit(sent))),
        _ => {}
    }
    let act: Act = serde_json::from_value(Value::Object(act)).ok()?;
    (!matches!(act, Act::Unknown(_))).then_some(act)
}

fn unit(name: &str, sent: &Pairs) -> Value {
    json!({ "code": sent.get(&format!("{name}.code")), "name": sent.get(&format!("{name}.name")) })
}

fn exit(sent: &Pairs) -> Value {
    let text = sent.get("text");
    match sent.get("exit") {
        "spot" => json!({ "to": "spot", "text": text }),
        "village" => json!({ "to": "village", "unit": unit("unit", sent) }),
        "upper" => json!({ "to": "upper", "office": sent.get("unit.name") }),
        _ => Value::Null,
    }
}

/// The reply that is evaluated: the last one.
fn round(case: &Case) -> u32 {
    match &case.machine {
        case::Machine::Suggestion(suggestion) => suggestion.round(),
        _ => 0,
    }
}

fn keys(options: Options, book: &case::Book) -> Vec<String> {
    let of = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    match options {
        Options::Ways => Way::ALL.iter().map(|way| way.key().to_owned()).collect(),
        Options::Opinions => Opinion::ALL.iter().map(|opinion| opinion.key().to_owned()).collect(),
        Options::Grants => of(&["yes", "no"]),
        Options::Declines => Decline::ALL.iter().map(|reason| reason.key().to_owned()).collect(),
        Options::Proposed => ExitKind::ALL.iter().map(|exit| exit.key().to_owned()).collect(),
        Options::Exits => of(&["spot", "village", "upper"]),
        Options::Classes => book.classes.iter().map(|class| class.key.clone()).collect(),
    }
}

fn option_label(words: Words, options: Options, key: &str, book: &case::Book) -> String {
    match options {
        Options::Ways => words.of_key(&format!("way.{key}")),
        Options::Opinions => words.of_key(&format!("opinion.{key}")),
        Options::Grants if key == "yes" => words.get("case.grant").to_owned(),
        Options::Grants => words.get("case.grant_no").to_owned(),
        Options::Declines => words.of_key(&format!("decline.{key}")),
        Options::Proposed | Options::Exits => words.of_key(&format!("exit.{key}")),
        Options::Classes => {
            let class = book.classes.iter().find(|class| class.key == key);
            class.map_or_else(|| key.to_owned(), |class| format!("{} {}", class.key, class.zh))
        }
    }
}

fn inputs(desk: &Desk, ask: Asks, sent: Option<&Pairs>, book: &case::Book) -> Vec<Input> {
    let words = desk.words;
    let input = |name: &str, label: String, shape, needed, options| {
        let value = sent.map(|sent| sent.get(name).to_owned()).unwrap_or_default();
        Input { name: name.to_owned(), label, shape, value, needed, options }
    };
    match ask {
        Text => vec![input("text", words.get("case.text").to_owned(), "prose", false, Vec::new())],
        Line(name, label) => vec![input(name, words.get(label).to_owned(), "line", true, Vec::new())],
        Day(name, label) => {
            let day = input(name, words.get(label).to_owned(), "date", true, Vec::new());
            let today = Date::at(desk.now_ms()).to_string();
            vec![Input { value: if day.value.is_empty() { today } else { day.value.clone() }, ..day }]
        }
        Check(name, label) => vec![input(name, words.get(label).to_owned(), "check", false, Vec::new())],
        Choice(name, label, options) => {
            let before = sent.map(|sent| sent.get(name)).unwrap_or_default();
            let labelled =
                |key: String| Choosable { label: option_label(words, options, &key, book), chosen: key == before, key };
            let options = keys(options, book).into_iter().map(labelled).collect();
            vec![input(name, words.get(label).to_owned(), "choice", true, options)]
        }
        Unit(name, label) => vec![
            input(&format!("{name}.name"), words.get(label).to_owned(), "line", false, Vec::new()),
            input(&format!("{name}.code"), words.get("case.unit_code").to_owned(), "line", false, Vec::new()),
        ],
    }
}
