//! What the forms of acts offer to choose from, as the case stands.

use std::collections::BTreeSet;

use lianxin_shared::{
    case::{
        Book, Case, Clock, CommitmentOutcome, Date, Decline, ExitKind, Facts, Fault, Flag, Machine, Opinion, Petition,
        Tier, Way,
        route::{self, Matter, Routes},
        suggestion::Suggestion,
    },
    id::{RecordId, UnitCode},
    record::Contents,
    rights::SpaceKind,
    schema::Kind,
};

use super::{super::to_suggestion, acts::unit_key, reasons};
use crate::{
    console::{
        desk::Desk,
        directory,
        names::{Names, readable_title, towns},
        problem::Problem,
        words::Words,
    },
    hub::RecordPage,
    store::LedgerQuery,
};

/// Villages of a town that are offered; each is read for its code.
const VILLAGES_MAX: u32 = 100;
/// Voices into which one can be merged, the newest first.
const VOICES_MAX: u32 = 100;
/// 催办级别 go from 1 to 3 (`case::suggestion`).
const LEVELS: [&str; 3] = ["1", "2", "3"];

/// A list to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Ways,
    Opinions,
    YesNo,
    OnOff,
    Declines,
    Exits,
    Petitions,
    Classes,
    Faults,
    CommitmentOutcomes,
    Flags,
    Levels,
    // As the case and its surroundings are.
    OtherTiers,
    Villages,
    TownSuggestions,
    DistrictSuggestions,
    Voices,
    Members,
    Contests,
    Evaluations,
    LateReplies,
    Commitments,
}

impl List {
    /// Whether what is chosen is a number in the act.
    pub(super) fn is_numbered(self) -> bool {
        matches!(self, List::Levels | List::Contests | List::Evaluations | List::LateReplies | List::Commitments)
    }
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choosable {
    pub key: String,
    pub label: String,
}

/// Where the rules would send a voice, and why.
pub(super) struct Proposed {
    pub exit: ExitKind,
    pub line: String,
}

/// The case, and what can be chosen in its forms.
pub(super) struct Menu<'a> {
    words: Words,
    pub id: RecordId,
    pub case: Case,
    pub facts: Facts,
    pub book: &'a Book,
    pub today: Date,
    /// Handling units.
    pub units: Vec<Choosable>,
    /// Of a voice that is not routed: where the rules would send it.
    pub proposal: Option<Proposed>,
    villages: Vec<Choosable>,
    suggestions: [Vec<Choosable>; 2],
    voices: Vec<Choosable>,
    members: Vec<Choosable>,
    tiers: Vec<&'static str>,
}

impl<'a> Menu<'a> {
    pub(super) async fn of(desk: &Desk, page: &RecordPage, book: &'a Book) -> Result<Self, Problem> {
        let today = Date::at(desk.now_ms());
        let (case, facts) = (page.case(), page.facts(today));
        let mut menu = Self {
            words: desk.words,
            id: page.id,
            book,
            today,
            units: units(desk, page.space.unit.town(), book)
                .await?
                .into_iter()
                .map(|(code, name)| option(&unit_key(&code, &name), name))
                .collect(),
            proposal: None,
            villages: Vec::new(),
            suggestions: [Vec::new(), Vec::new()],
            voices: Vec::new(),
            members: Vec::new(),
            tiers: Vec::new(),
            case,
            facts,
        };
        match &menu.case.machine {
            Machine::Voice(voice) if voice.exit.is_none() => {
                menu.proposal = Some(proposal(desk, page, book).await?);
                menu.villages = villages(desk, page).await?;
                menu.suggestions = suggestions(desk, page).await?;
                menu.voices = voices(desk, page).await?;
            }
            Machine::Suggestion(_) => {
                menu.members = members(desk, &menu.facts).await?;
                menu.tiers = to_suggestion::tiers(desk, &page.space).into_iter().map(|(tier, _)| tier).collect();
            }
            _ => {}
        }
        Ok(menu)
    }

    /// What a list offers; none of it where the case has nothing of that.
    pub(super) fn choices(&self, list: List) -> Vec<Choosable> {
        let words = self.words;
        let coded = |family: &str, keys: &mut dyn Iterator<Item = &'static str>| {
            keys.map(|key| option(key, words.of_key(&format!("{family}.{key}")))).collect()
        };
        match list {
            List::Ways => coded("way", &mut Way::ALL.iter().map(|way| way.key())),
            List::Opinions => coded("opinion", &mut Opinion::ALL.iter().map(|opinion| opinion.key())),
            List::YesNo => vec![option("yes", words.get("case.grant")), option("no", words.get("case.grant_no"))],
            List::OnOff => vec![option("yes", words.get("yes")), option("no", words.get("no"))],
            List::Declines => coded("decline", &mut Decline::ALL.iter().map(|reason| reason.key())),
            List::Exits => coded("exit", &mut ExitKind::ALL.iter().map(|exit| exit.key())),
            List::Petitions => coded("petition", &mut Petition::ALL.iter().map(|matter| matter.key())),
            List::Classes => {
                let classes = self.suggestion().map(|suggestion| suggestion.classes(self.book)).unwrap_or_default();
                classes.iter().map(|class| option(&class.key, words.class(class))).collect()
            }
            List::Faults => coded("fault", &mut Fault::ALL.iter().map(|fault| fault.key())),
            List::CommitmentOutcomes => coded("commitment", &mut CommitmentOutcome::ALL.iter().map(|one| one.key())),
            List::Flags => coded("mark", &mut Flag::ALL.iter().map(|flag| flag.key())),
            List::Levels => coded("urge", &mut LEVELS.into_iter()),
            List::OtherTiers => self.other_tiers(),
            List::Villages => self.villages.clone(),
            List::TownSuggestions => self.suggestions[0].clone(),
            List::DistrictSuggestions => self.suggestions[1].clone(),
            List::Voices => self.voices.clone(),
            List::Members => self.members.clone(),
            List::Contests => self.contests(),
            List::Evaluations => self.evaluations(),
            List::LateReplies => self.late_replies(),
            List::Commitments => self.commitments(),
        }
    }

    /// What stands in an input before anything was typed.
    pub(super) fn before(&self, form: &str, name: &str) -> String {
        match (form, name, &self.proposal) {
            ("sort", "proposed", Some(proposal)) => proposal.exit.key().to_owned(),
            ("sort", "text", Some(proposal)) => proposal.line.clone(),
            ("urge", "level", _) => self.case.row().urged.saturating_add(1).min(LEVELS.len() as u8).to_string(),
            // Where the matter is comes first.
            ("route.village", ..) => self.villages.first().map(|village| village.key.clone()).unwrap_or_default(),
            (_, "until", _) => self.day_to_extend_to().to_string(),
            (_, "on", _) => self.today.to_string(),
            _ => String::new(),
        }
    }

    /// The first day to which a reply could be put off.
    pub(super) fn day_to_extend_to(&self) -> Date {
        let reply = self.case.row().dues.into_iter().find(|due| due.clock == Clock::Reply);
        reply.map_or(self.today, |due| due.on).plus_days(1)
    }

    /// Whether a voice waits for its way out and there is no suggestion as which it could go on.
    pub(super) fn lacks_suggestion(&self) -> bool {
        self.case.state() == "sorted" && self.suggestions.iter().all(Vec::is_empty)
    }

    fn suggestion(&self) -> Option<&Suggestion> {
        match &self.case.machine {
            Machine::Suggestion(suggestion) => Some(suggestion),
            _ => None,
        }
    }

    fn other_tiers(&self) -> Vec<Choosable> {
        let now = self.suggestion().and_then(|suggestion| suggestion.tier).or(self.facts.tier).map(Tier::key);
        let others = self.tiers.iter().filter(|tier| Some(**tier) != now);
        others.map(|tier| option(tier, self.words.code("suggestion_tier", tier))).collect()
    }

    fn contests(&self) -> Vec<Choosable> {
        let contests = match &self.case.machine {
            Machine::Verification(verification) => &verification.contests,
            Machine::Mandate(mandate) => &mandate.contests,
            _ => return Vec::new(),
        };
        let label = |fault: Fault| self.words.of_key(&format!("fault.{}", fault.key()));
        contests.open().map(|open| self.event(open.seq, &label(open.fault))).collect()
    }

    fn evaluations(&self) -> Vec<Choosable> {
        let Some(suggestion) = self.suggestion().filter(|suggestion| !suggestion.disputes.is_empty()) else {
            return Vec::new();
        };
        let all = suggestion.evaluation().into_iter().chain(&suggestion.disputes);
        let label = |opinion: Opinion| self.words.of_key(&format!("opinion.{}", opinion.key()));
        all.map(|one| self.event(one.seq, &label(one.evaluation.result))).collect()
    }

    fn late_replies(&self) -> Vec<Choosable> {
        let replies = self.suggestion().map(|suggestion| suggestion.replies.as_slice()).unwrap_or_default();
        let late = replies.iter().filter(|reply| reply.late && !reply.excused);
        late.map(|reply| self.event(reply.seq, &self.words.day(&reply.on.to_string()))).collect()
    }

    fn commitments(&self) -> Vec<Choosable> {
        let open = self.suggestion().into_iter().flat_map(Suggestion::open_commitments);
        open.map(|one| {
            let day = self.words.day(&one.due.to_string());
            option(&one.number.to_string(), format!("{} ({day})", one.text))
        })
        .collect()
    }

    /// An event of the case, by its number and who did it.
    fn event(&self, seq: u32, what: &str) -> Choosable {
        let done = self.case.log.iter().find(|done| done.seq == seq);
        let who = done.map(|done| done.by.name.as_str()).unwrap_or_default();
        option(&seq.to_string(), format!("{what} · {who} (#{seq})"))
    }
}

fn option(key: &str, label: impl Into<String>) -> Choosable {
    Choosable { key: key.to_owned(), label: label.into() }
}

/// Handling units by code and name: the town's offices, then the towns and streets, then the district's bureaus.
pub(in super::super) async fn units(
    desk: &Desk,
    town: Option<&str>,
    book: &Book,
) -> Result<Vec<(String, String)>, Problem> {
    let towns = towns(desk).await?;
    let routes = routes_of_today(desk, book);
    let mut units: Vec<(String, String)> = Vec::new();
    let mut add = |code: &str, name: &str| {
        if !name.is_empty() && units.iter().all(|(_, known)| known != name) {
            units.push((code.to_owned(), name.to_owned()));
        }
    };
    if let Some(town) = town {
        let offices: BTreeSet<&String> = routes.town_offices.values().collect();
        // An office of the town has no code of its own: the town's, with its name.
        offices.into_iter().chain([&routes.danger_office]).for_each(|name| add(&format!("{town}-{name}"), name));
    }
    for town in towns {
        add(&town.unit.0, &town.name);
    }
    let mut bureaus: Vec<_> = routes.bureaus.values().collect();
    bureaus.sort_by(|a, b| a.code.cmp(&b.code));
    bureaus.into_iter().for_each(|bureau| add(&bureau.code.0, &bureau.name));
    Ok(units)
}

async fn proposal(desk: &Desk, page: &RecordPage, book: &Book) -> Result<Proposed, Problem> {
    let unit = match page.space.unit.town() {
        Some(town) => desk.unit(town).await?,
        None => None,
    };
    let said: &Contents = &page.contents;
    let place = unit.as_ref().map(|unit| unit.text("name")).unwrap_or_default();
    let text = format!("{}\n{}", said.text("summary"), said.text("verbatim"));
    let matter = Matter {
        category: said.text("category"),
        urgency: said.text("urgency"),
        place,
        has_congress: unit.as_ref().is_none_or(|unit| unit.is_true("has_congress")),
        guess: ExitKind::from_key(said.text("tier_suggest")),
        text: &text,
    };
    let proposal = route::propose(&routes_of_today(desk, book), matter);
    Ok(Proposed { exit: proposal.exit, line: reasons::line(desk.words, &desk.codes, &proposal) })
}

/// Where there are none in force, nothing is known of any category.
fn routes_of_today(desk: &Desk, book: &Book) -> Routes {
    book.routes.on(Date::at(desk.now_ms())).cloned().unwrap_or_default()
}

async fn villages(desk: &Desk, page: &RecordPage) -> Result<Vec<Choosable>, Problem> {
    let Some(town) = page.space.unit.town() else { return Ok(Vec::new()) };
    let spaces = desk.spaces_within(Kind::AdminUnit, &UnitCode(town.to_owned()));
    let mut villages = Vec::new();
    for level in ["village", "community"] {
        let query = LedgerQuery {
            spaces: spaces.clone(),
            code: Some(level.into()),
            ..directory::everything(desk, Kind::AdminUnit)
        };
        let rows = desk.store().ledger(&query, None, VILLAGES_MAX).await?;
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        // The code is not part of the summary.
        let units = desk.hub().contents(desk.person(), &ids).await?;
        for unit in ids.iter().filter_map(|id| units.get(id)) {
            let name = unit.text("name");
            villages.push(option(&unit_key(unit.text("code"), name), name));
        }
    }
    villages.sort_by(|a, b| a.label.cmp(&b.label));
    let own = Names::of(desk, page.contents.reference("village")).await?;
    let own = page.contents.reference("village").and_then(|id| own.title(desk.words, id));
    // Where the matter is comes first.
    villages.sort_by_key(|village| Some(&village.label) != own.as_ref());
    Ok(villages)
}

/// The suggestions that the voice names: those at the town's desk, those at the district's.
async fn suggestions(desk: &Desk, page: &RecordPage) -> Result<[Vec<Choosable>; 2], Problem> {
    let mut found = [Vec::new(), Vec::new()];
    let ids = page.contents.elements("suggestions").iter().filter_map(|id| id.parse::<RecordId>().ok());
    for id in ids {
        let Some(record) = desk.store().record(id).await?.filter(|record| desk.may_read(record.space, record.kind))
        else {
            continue;
        };
        let title = readable_title(desk.words, record.kind, &record.summary.title);
        for (place, kind) in [SpaceKind::TownOffice, SpaceKind::DistrictOffice].into_iter().enumerate() {
            if desk.is_at(record.space, kind) {
                found[place].push(option(&id.to_string(), title.clone()));
            }
        }
    }
    Ok(found)
}

/// Other voices of the place, those of the same category first.
async fn voices(desk: &Desk, page: &RecordPage) -> Result<Vec<Choosable>, Problem> {
    let town = page.space.unit.town().map(|town| UnitCode(town.to_owned())).unwrap_or_else(|| page.space.unit.clone());
    let spaces = desk.spaces_within(Kind::Voice, &town);
    let query = desk.one_by_one(LedgerQuery { spaces, ..directory::everything(desk, Kind::Voice) });
    let mut rows = desk.store().ledger(&query, None, VOICES_MAX).await?;
    rows.retain(|row| row.id != page.id);
    let category = page.contents.text("category");
    rows.sort_by_key(|row| row.summary.code != category);
    let label = |title: &str, date: &str| format!("{date} {}", readable_title(desk.words, Kind::Voice, title));
    Ok(rows.iter().map(|row| option(&row.id.to_string(), label(&row.summary.title, &row.summary.date))).collect())
}

/// The deputies that sign with the lead, one's own mandate first.
async fn members(desk: &Desk, facts: &Facts) -> Result<Vec<Choosable>, Problem> {
    let members: Vec<RecordId> = facts.taking_part.iter().copied().filter(|id| Some(*id) != facts.owner).collect();
    let names = Names::of(desk, members.iter().copied()).await?;
    let own = |id: &RecordId| desk.person().posts.iter().any(|post| post.mandate == Some(*id));
    let mut members: Vec<(bool, Choosable)> = members
        .iter()
        .map(|id| (!own(id), option(&id.to_string(), names.title(desk.words, *id).unwrap_or_default())))
        .collect();
    members.sort_by(|a, b| (a.0, &a.1.label).cmp(&(b.0, &b.1.label)));
    Ok(members.into_iter().map(|(_, member)| member).collect())
}
