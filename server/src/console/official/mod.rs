//! The official side of a record's page: where its case stands, what was done, and what this person
//! can do now. What is possible is asked of the judge itself (`shared::case::decide`).

mod acts;
mod menu;
mod reasons;
mod told;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lianxin_shared::{
    blob,
    case::{self, Act, Book, Case, CaseRow, Date, Request, ReturnReason, Returned, Tier, Verdict},
    id::{EventId, RecordId},
    record::{Edit, FieldValue},
    schema::{Class, Kind},
    text::Texts,
};
use rand::RngExt;

use super::{
    attachments,
    desk::Desk,
    edit_record::{self, Written},
    input::{Pairs, Sent},
    layout::{self, record_href},
    names::Names,
    problem::Problem,
    record, to_suggestion,
    words::Words,
};
use crate::hub::{Acted, Command, RecordPage, Target};
use acts::{ACTS, Ask, What};
use menu::{Choosable, Menu};

pub(super) use menu::units;
pub(super) use told::asked_for;

/// What the probe writes where it must be said for whom something is entered.
const PROBED: &str = "-";

/// The official side of a record.
pub(super) struct Official {
    pub state: String,
    pub lines: Vec<(&'static str, String)>,
    pub marks: Vec<String>,
    pub dues: Vec<DueShown>,
    /// Where the rules would send it, with the reasons.
    pub proposal: Option<String>,
    /// A voice can go to town or district only as a suggestion, which has to be made first.
    pub lacks_suggestion: bool,
    pub events: Vec<told::EventShown>,
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

/// The form of an act.
pub(super) struct ActForm {
    pub key: &'static str,
    pub label: String,
    /// The id that the request will have: a form that is sent twice is one request.
    pub request: String,
    pub seen: u32,
    /// Unfolded, with what was typed, after it came back.
    pub open: bool,
    /// What will come of it besides.
    pub note: Option<String>,
    pub inputs: Vec<Input>,
}

/// One input of a form.
pub(super) struct Input {
    pub name: String,
    pub label: String,
    pub shape: &'static str,
    pub value: String,
    pub needed: bool,
    pub options: Vec<Offered>,
}

/// One of the values of a choice.
pub(super) struct Offered {
    pub key: String,
    pub label: String,
    pub chosen: bool,
}

/// Takes an act from its form, and tells what became of it.
pub(super) async fn act(desk: Desk, Path(id): Path<String>, Sent(mut sent): Sent) -> Result<Response, Problem> {
    let page = record::readable(&desk, &id).await?;
    let (form, _) = acts::asks(sent.get("act")).ok_or(Problem::BadForm)?;
    let (request, seen) = (sent.get("request").parse().ok(), sent.get("seen").parse().ok());
    let (Some(id_of_request), Some(seen)) = (request, seen) else { return Err(Problem::BadForm) };
    let made_ms = desk.now_ms();
    let book = desk.hub().rules(made_ms).await?.book;
    let menu = Menu::of(&desk, &page, &book).await?;
    if form == "convert" {
        // Until the record in which it goes on is made, any other stands for it.
        sent.0.push(("to".into(), EventId([0xff; 16]).to_string()));
    }
    let Some(mut act) = acts::act_of(form, &sent, &menu) else {
        return came_back(&desk, page, &sent, desk.words.get("returned.empty_form").to_owned()).await;
    };
    let proxy = Some(sent.get("proxy")).filter(|proxy| !proxy.is_empty()).map(str::to_owned);
    let probe = act.clone();
    if let Act::Convert { tier, to, .. } = &mut act {
        if let Some(why) = judged(&desk, &page, &menu, &probe, None, seen) {
            let error = say(desk.words, Some(page.kind), &why);
            return came_back(&desk, page, &sent, error).await;
        }
        match other_tier(&desk, &page, *tier).await? {
            Ok(made) => *to = made,
            Err(error) => return came_back(&desk, page, &sent, error).await,
        }
    }
    let (case, kind) = (page.id, page.kind);
    let request = Request { id: id_of_request, case, kind, seen, made_ms, proxy, act };
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

/// One of several acts at once, filled in as its form would be at first; why it came back, if it did.
pub(super) async fn act_as_proposed(
    desk: &Desk,
    page: &RecordPage,
    form: &'static str,
    id: EventId,
    seen: u32,
) -> Result<Option<String>, Problem> {
    let made_ms = desk.now_ms();
    let book = desk.hub().rules(made_ms).await?.book;
    let menu = Menu::of(desk, page, &book).await?;
    let (_, asks) = acts::asks(form).ok_or(Problem::BadForm)?;
    let sent = Pairs(asks.iter().map(|ask| (ask.name.to_owned(), menu.before(form, ask.name))).collect());
    let Some(act) = acts::act_of(form, &sent, &menu) else {
        return Ok(Some(desk.words.get("returned.empty_form").to_owned()));
    };
    let request = Request { id, case: page.id, kind: page.kind, seen, made_ms, proxy: None, act };
    Ok(match desk.hub().act(&desk.staff.device, desk.person(), &request, made_ms).await? {
        Acted::Accepted { .. } => None,
        Acted::Returned(why) => Some(say(desk.words, Some(page.kind), &why)),
    })
}

async fn came_back(desk: &Desk, page: RecordPage, sent: &Pairs, error: String) -> Result<Response, Problem> {
    let page = record::template_after(desk, page, sent, error).await?;
    Ok((StatusCode::CONFLICT, layout::html(&page)?).into_response())
}

/// Why a request came back, in words.
pub(super) fn say(words: Words, kind: Option<Kind>, why: &Returned) -> String {
    why.say(Texts::console(), words.0, kind)
}

/// The record in which a suggestion goes on at another tier: the same words, as a new draft. It is
/// made before the conversion, which names it; nothing is made where the conversion would come back.
async fn other_tier(desk: &Desk, page: &RecordPage, tier: Tier) -> Result<Result<RecordId, String>, Problem> {
    let words = desk.words;
    let tiers = to_suggestion::tiers(desk, &page.space);
    let Some((_, space)) = tiers.into_iter().find(|(offered, _)| *offered == tier.key()) else {
        return Ok(Err(words.get("denied.space").to_owned()));
    };
    let mut edits = vec![Edit::put("tier", tier.key())];
    for field in page.kind.schema().fields.iter().filter(|field| field.key != "tier" && field.key != "deleted") {
        match page.contents.fields.get(field.key) {
            Some(FieldValue::Single { value, .. }) => edits.push(Edit::put(field.key, value.clone())),
            Some(FieldValue::Prose { text }) => edits.push(Edit::write(field.key, text)),
            Some(FieldValue::Set { elements }) if field.class == Class::Set => {
                edits.extend(elements.iter().map(|element| Edit::add(field.key, element)));
            }
            _ => {}
        }
    }
    let command = Command { target: Target::New { new: Kind::Suggestion, space }, base: None, edits };
    Ok(match edit_record::write(desk, command).await {
        Written::Done(id) => Ok(id),
        Written::Refused { error, .. } => Err(error),
    })
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
    let due = |due: &case::Due| DueShown {
        what: words.of_key(&format!("clock.{}", due.clock.key())),
        day: words.day(&due.on.to_string()),
        pressure: pressure(due.on, today, row.near_days),
        provisional: due.provisional,
    };
    let book = desk.hub().rules(desk.now_ms()).await?.book;
    let menu = Menu::of(desk, page, &book).await?;
    let names = Names::of(desk, told::mentioned(&page.events)).await?;
    let mut forms = forms(desk, page, &menu, sent);
    if let Some(publish) = forms.iter_mut().find(|form| form.key == "publish") {
        publish.note = files_note(desk, page).await?;
    }
    Ok(Some(Official {
        state: state(words, page.kind, &row.state),
        lines: lines(words, &row, &case, &book),
        marks: marks(words, &row),
        dues: row.dues.iter().map(due).collect(),
        lacks_suggestion: menu.lacks_suggestion() && !to_suggestion::tiers(desk, &page.space).is_empty(),
        proposal: menu.proposal.as_ref().map(|proposal| proposal.line.clone()),
        events: page.events.iter().rev().map(|event| told::event(words, &names, event)).collect(),
        forms,
    }))
}

/// A state in words.
pub(super) fn state(words: Words, kind: Kind, state: &str) -> String {
    words.of_key(&format!("state.{}.{state}", kind.key()))
}

fn pressure(on: Date, today: Date, near_days: u32) -> &'static str {
    match on.days_since(today) {
        ..0 => "over",
        days if days <= near_days as i32 => "near",
        _ => "",
    }
}

fn lines(words: Words, row: &CaseRow, case: &Case, book: &Book) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut line = |key, text: Option<String>| lines.extend(text.map(|text| (words.get(key), text)));
    line("case.tier", row.tier.map(|tier| words.code("suggestion_tier", tier.key())));
    line("case.number", row.number.clone());
    line("case.lead", row.lead.as_ref().map(|lead| lead.name.clone()));
    let suggestion = match &case.machine {
        case::Machine::Suggestion(suggestion) => Some(suggestion),
        _ => None,
    };
    let others = suggestion.into_iter().flat_map(|suggestion| suggestion.units().skip(1));
    let others: Vec<&str> = others.map(|unit| unit.name.as_str()).collect();
    line("case.co", (!others.is_empty()).then(|| others.join("、")));
    line("case.assigned_on", row.assigned_on.map(|on| words.day(&on.to_string())));
    line("case.replied_on", row.replied_on.map(|on| words.day(&on.to_string())));
    let class = suggestion.and_then(|it| it.classes(book).iter().find(|class| class.key == row.class));
    line("case.class", class.map(|class| words.class(class)));
    line("case.evaluation", row.result.map(|result| words.of_key(&format!("opinion.{}", result.key()))));
    lines
}

/// What is remarkable beside the state.
fn marks(words: Words, row: &CaseRow) -> Vec<String> {
    let mut marks = Vec::new();
    let mut mark = |on: bool, key| {
        if on {
            marks.push(words.of_key(key));
        }
    };
    mark(row.key_supervision, "mark.key_supervision");
    mark(row.excellent, "mark.excellent");
    mark(row.published, "act.publish");
    mark(row.consulted, "way.consultation");
    mark(row.replied_late, "case.replied_late");
    mark(row.disputes > 0, "case.disputed");
    if row.urged > 0 {
        marks.push(words.of_key(&format!("urge.{}", row.urged)));
    }
    marks
}

/// Whether an act is possible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Possible {
    No,
    Yes,
    /// For someone else, from paper (代录).
    Proxied,
}

fn forms(desk: &Desk, page: &RecordPage, menu: &Menu<'_>, sent: Option<&Pairs>) -> Vec<ActForm> {
    let mut forms = Vec::new();
    for (key, asks) in ACTS {
        let came_back = sent.filter(|sent| sent.get("act") == *key);
        // One that came back stays, so that what was typed is not lost, even if it is not possible any more.
        let possible = match (possible(desk, page, menu, key, asks), came_back) {
            (Possible::No, None) => continue,
            (Possible::No, Some(sent)) if sent.has("proxy") => Possible::Proxied,
            (possible, _) => possible,
        };
        let mut inputs: Vec<Input> =
            asks.iter().flat_map(|ask| inputs(desk.words, key, *ask, came_back, menu)).collect();
        if possible == Possible::Proxied {
            let value = came_back.map(|sent| sent.get("proxy").to_owned()).unwrap_or_default();
            let label = desk.words.get("case.proxy_for").to_owned();
            inputs.push(Input { name: "proxy".into(), label, shape: "line", value, needed: true, options: Vec::new() });
        }
        forms.push(ActForm {
            key,
            label: label(desk.words, page.kind, key),
            request: EventId(rand::rng().random()).to_string(),
            seen: menu.case.seq(),
            open: came_back.is_some(),
            note: None,
            inputs,
        });
    }
    forms
}

/// How many of a suggestion's files would be published with it.
async fn files_note(desk: &Desk, page: &RecordPage) -> Result<Option<String>, Problem> {
    let (files, public) = (blob::named(&page.contents).len(), attachments::public(desk, page).await?.len());
    let numbers = [("n", &*files.to_string()), ("public", &*public.to_string())];
    Ok((files > 0).then(|| desk.words.fill("case.publish_files", &numbers)))
}

/// What a form is called: its act, and where a voice goes.
pub(super) fn label(words: Words, kind: Kind, form: &str) -> String {
    match form.split_once('.') {
        Some((act, exit)) => {
            format!(
                "{}{}{}",
                words.of_key(&format!("act.{act}")),
                words.get("colon"),
                words.of_key(&format!("exit.{exit}"))
            )
        }
        // A voice is struck off, a suggestion is closed.
        None if form == "close" && kind == Kind::Voice => words.get("case.strike_off").to_owned(),
        None => words.of_key(&format!("act.{form}")),
    }
}

fn possible(desk: &Desk, page: &RecordPage, menu: &Menu<'_>, form: &str, asks: &[Ask]) -> Possible {
    let Some(pairs) = acts::plausible(asks, menu) else { return Possible::No };
    let pairs = match form {
        "convert" => Pairs([pairs.0, vec![("to".into(), EventId([0xff; 16]).to_string())]].concat()),
        _ => pairs,
    };
    let Some(act) = acts::act_of(form, &pairs, menu) else { return Possible::No };
    let judge = |proxy| judged(desk, page, menu, &act, proxy, menu.case.seq()).map(|why| why.reason);
    let (answer, possible) = match judge(None) {
        Some(ReturnReason::NotProxied) => (judge(Some(PROBED.to_owned())), Possible::Proxied),
        answer => (answer, Possible::Yes),
    };
    if answer.is_none_or(could_be_mended) { possible } else { Possible::No }
}

/// Why the act would come back, as far as this page knows; `None` when it would be entered.
fn judged(
    desk: &Desk,
    page: &RecordPage,
    menu: &Menu<'_>,
    act: &Act,
    proxy: Option<String>,
    seen: u32,
) -> Option<Returned> {
    let (id, kind, made_ms) = (EventId([0; 16]), page.kind, desk.now_ms());
    let request = Request { id, case: page.id, kind, seen, made_ms, proxy, act: act.clone() };
    let facts = acts::assumed(&menu.facts);
    match case::decide(&menu.case, &facts, menu.book, desk.person(), &page.space, &request, made_ms) {
        Verdict::Accepted(_) | Verdict::Known { .. } => None,
        Verdict::Returned(why) => Some(why),
    }
}

/// Reasons that the person can do something about, by filling in a field, the form, or another step.
fn could_be_mended(reason: ReturnReason) -> bool {
    use ReturnReason::{
        AccusationNarrative, Empty, EndBeforeStart, FutureDate, Missing, NoConsultation, NoContact, NoFeedback,
        NoHolidayTable, NoNumber, NoOpinion, NoRule, NotConfirmed, NotDeclared, Objected, OpenCommitment, PersonalData,
        PetitionNarrative, TextChanged, TooFar, TooLong,
    };
    matches!(
        reason,
        AccusationNarrative
            | Empty
            | EndBeforeStart
            | FutureDate
            | Missing
            | NoContact
            | NoConsultation
            | NoFeedback
            | NoHolidayTable
            | NoNumber
            | NoOpinion
            | NoRule
            | NotConfirmed
            | NotDeclared
            | Objected
            | OpenCommitment
            | PersonalData
            | PetitionNarrative
            | TextChanged
            | TooFar
            | TooLong
    )
}

fn inputs(words: Words, form: &str, ask: Ask, sent: Option<&Pairs>, menu: &Menu<'_>) -> Vec<Input> {
    let label = words.get(ask.label).to_owned();
    let value = match sent {
        Some(sent) => sent.get(ask.name).to_owned(),
        None => menu.before(form, ask.name),
    };
    let plain = |name: String, label: String, shape, value, needed| Input {
        name,
        label,
        shape,
        value,
        needed,
        options: Vec::new(),
    };
    let offered = |choices: Vec<Choosable>, chosen: &dyn Fn(&str) -> bool| -> Vec<Offered> {
        let offered = |one: Choosable| Offered { chosen: chosen(&one.key), key: one.key, label: one.label };
        choices.into_iter().map(offered).collect()
    };
    let name = ask.name.to_owned();
    match ask.what {
        What::Prose => vec![plain(name, label, "prose", value, ask.needed)],
        What::Line => vec![plain(name, label, "line", value, ask.needed)],
        What::Day => vec![plain(name, label, "date", value, ask.needed)],
        What::Check => {
            let on = sent.is_some_and(|sent| sent.has(ask.name));
            vec![plain(name, label, "check", if on { "yes".into() } else { String::new() }, false)]
        }
        What::Choice(list) => {
            let options = offered(menu.choices(list), &|key| key == value);
            vec![Input { options, ..plain(name, label, "choice", value.clone(), ask.needed) }]
        }
        What::Unit => {
            let options = offered(menu.units.clone(), &|key| key == value);
            let other = acts::other_key(ask.name);
            let typed = sent.map(|sent| sent.get(&other).to_owned()).unwrap_or_default();
            vec![
                Input { options, ..plain(name, label, "choice", value.clone(), false) },
                plain(other, words.get("case.other_unit").to_owned(), "line", typed, false),
            ]
        }
        What::Units => {
            let chosen = |key: &str| sent.is_some_and(|sent| sent.all(ask.name).any(|one| one == key));
            vec![Input {
                options: offered(menu.units.clone(), &chosen),
                ..plain(name, label, "checks", value.clone(), false)
            }]
        }
        What::Promises => (0..acts::PROMISES_MAX)
            .flat_map(|place| {
                let [text, due] = acts::promise_keys(place);
                let typed = |name: &str| sent.map(|sent| sent.get(name).to_owned()).unwrap_or_default();
                let number = (place + 1).to_string();
                let (what, day) = (typed(&text), typed(&due));
                [
                    plain(text, words.fill("case.promise_n", &[("n", &number)]), "line", what, false),
                    plain(due, words.fill("case.promise_due_n", &[("n", &number)]), "date", day, false),
                ]
            })
            .collect(),
    }
}
