//! The filters of a ledger: read from the address, put back into the form, told in words.

use lianxin_shared::{
    case::{Date, ExitKind},
    id::{RecordId, UnitCode},
    rights::SpaceKind,
    schema::Kind,
};

use super::{
    super::{
        coverage,
        desk::Desk,
        directory::{self, Meant, Offer},
        figures::{self, COUNTED, DECIDED, OPEN},
        input::{End, Pairs, parse_page_key, period_end},
        layout::ledger_href,
        names::{Names, Town, towns},
        official, pairings,
        problem::Problem,
        stations,
        words::Words,
    },
    columns::{self, Column},
};
use crate::store::{CaseFilter, IN_CONFLICT, LedgerKey, LedgerQuery, Order, TallyBy};

/// Tags that one ledger is filtered by.
const TAGS_MAX: usize = 4;
/// In an address, the code of the records that have none.
pub(in super::super) const NO_CODE: &str = "-";
/// Days before its end from which a limit is listed as near; a case's own page goes by the rule that it keeps.
const NEAR_DAYS: i32 = 7;

/// What can be chosen in a filter or a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Choice {
    pub key: String,
    pub label: String,
    pub chosen: bool,
}

/// A filter that is in force: in words, with the address of the ledger without it.
pub(super) struct Chip {
    pub label: String,
    pub value: String,
    pub without: String,
}

/// A ledger's filters.
pub(in super::super) struct Filter {
    pub query: LedgerQuery,
    pub after: Option<LedgerKey>,
    /// In the order of the kind's columns.
    pub(super) columns: Vec<Column>,
    /// What of the address could not be understood, in words.
    pub problems: Vec<String>,
    pub(super) chips: Vec<Chip>,
    pub(super) form: FilterForm,
}

/// The controls of the form, with what is set.
#[derive(Default)]
pub(super) struct FilterForm {
    pub towns: Vec<Choice>,
    pub stations: Vec<Choice>,
    pub by_person: bool,
    pub person: String,
    /// Labels to choose a deputy from.
    pub people: Vec<String>,
    pub code_label: String,
    pub codes: Vec<Choice>,
    pub status_label: String,
    pub statuses: Vec<Choice>,
    pub dated: bool,
    pub from: String,
    pub to: String,
    pub text: String,
    pub states: Vec<Choice>,
    pub exits: Vec<Choice>,
    pub dues: Vec<Choice>,
    pub leads: Vec<Choice>,
    pub orders: Vec<Choice>,
    pub columns: Vec<Choice>,
    /// What the form passes on unseen.
    pub kept: Vec<(String, String)>,
}

impl Filter {
    /// Reads the address. What it names is looked up among what the reader may read.
    pub(in super::super) async fn read(desk: &Desk, kind: Kind, asked: &Pairs) -> Result<Self, Problem> {
        let has = |wanted: Column| columns::columns(kind).iter().any(|(column, _)| *column == wanted);
        let stations = if has(Column::Station) || kind == Kind::Suggestion {
            directory::offers(desk, Kind::Station).await?
        } else {
            Vec::new()
        };
        let people = if has(Column::People) { directory::offers(desk, Kind::Mandate).await? } else { Vec::new() };
        let mut reading = Reading::new(desk, kind, asked);
        reading.unit(&towns(desk).await?);
        reading.office();
        reading.station(&stations).await?;
        reading.person(&people).await?;
        reading.code();
        reading.status();
        reading.period();
        reading.text();
        reading.tags();
        reading.references().await?;
        reading.state();
        reading.exit();
        reading.due();
        reading.lead().await?;
        reading.order();
        reading.counts().await?;
        reading.columns();
        reading.form.by_person = has(Column::People);
        reading.form.people = people.into_iter().map(|offer| offer.label).collect();
        reading.form.dated = has(Column::Date) || kind == Kind::ReceptionDay;
        Ok(reading.finish())
    }
}

struct Reading<'a> {
    desk: &'a Desk,
    words: Words,
    kind: Kind,
    asked: &'a Pairs,
    query: LedgerQuery,
    problems: Vec<String>,
    chips: Vec<Chip>,
    form: FilterForm,
    columns: Vec<Column>,
}

impl<'a> Reading<'a> {
    fn new(desk: &'a Desk, kind: Kind, asked: &'a Pairs) -> Self {
        Self {
            desk,
            words: desk.words,
            kind,
            asked,
            query: directory::everything(desk, kind),
            problems: Vec::new(),
            chips: Vec::new(),
            form: FilterForm::default(),
            columns: Vec::new(),
        }
    }

    /// A filter in force, and how to get rid of it.
    fn chip(&mut self, names: &[&str], value: Option<&str>, label: impl Into<String>, shown: impl Into<String>) {
        let gone = |name: &str, this: &str| {
            name == "after" || (names.contains(&name) && value.is_none_or(|value| value == this.trim()))
        };
        let without = format!("{}?{}", ledger_href(self.kind), self.asked.query_without(gone));
        self.chips.push(Chip { label: label.into(), value: shown.into(), without });
    }

    fn problem(&mut self, key: &'static str, value: &str) {
        self.problems.push(self.words.fill(key, &[("value", value)]));
    }

    /// One town or street of several.
    fn unit(&mut self, towns: &[Town]) {
        let asked = self.asked.get("unit").to_owned();
        let choices: Vec<Choice> = towns
            .iter()
            .map(|town| Choice { key: town.unit.0.clone(), label: town.name.clone(), chosen: town.unit.0 == asked })
            .collect();
        if let Some(town) = choices.iter().find(|town| town.chosen) {
            let name = town.label.clone();
            self.query = self.desk.within(self.query.clone(), &UnitCode(asked));
            self.chip(&["unit"], None, self.words.get("filter.unit"), name);
        } else if !asked.is_empty() {
            self.problem("filter.unknown", &asked);
        }
        if choices.len() > 1 {
            self.form.towns = choices;
        }
    }

    /// Suggestions of the district's desk, or of the towns'.
    fn office(&mut self) {
        let asked = self.asked.get("office").to_owned();
        let (kind, label) = match asked.as_str() {
            "" => return,
            "district" => (SpaceKind::DistrictOffice, "filter.office.district"),
            "town" => (SpaceKind::TownOffice, "filter.office.town"),
            _ => return self.problem("filter.unknown", &asked),
        };
        self.query = self.desk.at_desk(self.query.clone(), kind);
        self.chip(&["office"], None, self.words.get("filter.office"), self.words.get(label));
        self.form.kept.push(("office".into(), asked));
    }

    async fn station(&mut self, stations: &[Offer]) -> Result<(), Problem> {
        let asked = self.asked.get("station").to_owned();
        let id: Option<RecordId> = asked.parse().ok();
        let station = stations.iter().find(|station| Some(station.id) == id);
        match station {
            Some(station) => {
                match self.kind {
                    // A suggestion does not say it.
                    Kind::Suggestion => {
                        self.query = stations::suggestions_of(self.desk, self.query.clone(), station.id).await?
                    }
                    _ => self.query.station = id,
                }
                self.chip(&["station"], None, self.words.kind(Kind::Station), &*station.label);
            }
            None if !asked.is_empty() => self.problem("filter.unknown", &asked),
            None => {}
        }
        self.form.stations = choices(stations, |offer| Some(offer.id) == id);
        Ok(())
    }

    /// A deputy by mandate or by name, a leader who is no deputy by name.
    async fn person(&mut self, people: &[Offer]) -> Result<(), Problem> {
        let asked = self.asked.get("person").to_owned();
        if asked.is_empty() {
            return Ok(());
        }
        let label = self.words.get("filter.person");
        let id: Option<RecordId> = asked.parse().ok();
        match directory::find(people, &asked) {
            Meant::One(person) => {
                self.query.person = Some(person.id.to_string());
                self.form.person = person.label.clone();
                self.chip(&["person"], None, label, &*person.label);
            }
            Meant::Several(several) => {
                let labels: Vec<&str> = several.iter().map(|offer| offer.label.as_str()).collect();
                let value = labels.join(" / ");
                self.problem("filter.several", &value);
                self.form.person = asked;
            }
            // Someone of another place who takes part here, or the person behind a mandate.
            Meant::Nobody if id.is_some() => match Names::of(self.desk, id).await?.titled(self.words, id) {
                Some(title) => {
                    self.query.person = id.map(|id| id.to_string());
                    self.form.person = asked;
                    self.chip(&["person"], None, label, title);
                }
                None => self.problem("filter.unknown", &asked),
            },
            // Who leads and is no deputy is known by name only.
            Meant::Nobody if self.kind == Kind::GuidanceVisit => {
                self.query.person = Some(asked.clone());
                self.form.person = asked.clone();
                self.chip(&["person"], None, label, asked);
            }
            Meant::Nobody => {
                self.problem("filter.nobody", &asked);
                self.form.person = asked;
            }
        }
        Ok(())
    }

    fn code(&mut self) {
        let Some(field) = columns::code_field(self.kind) else { return };
        let asked = self.asked.get("code").to_owned();
        self.form.code_label = self.words.label(field.label).into();
        self.form.codes = self.desk.codes.choices(self.words, field, &[if asked == NO_CODE { "" } else { &asked }]);
        if asked == NO_CODE {
            let none = Choice { key: asked, label: self.words.get("overview.no_category").into(), chosen: true };
            self.query.code = Some(String::new());
            self.chip(&["code"], None, self.words.label(field.label), &*none.label);
            self.form.codes.push(none);
        } else if !asked.is_empty() {
            self.query.code = Some(asked.clone());
            self.chip(
                &["code"],
                None,
                self.words.label(field.label),
                self.desk.codes.word_of(self.words, field, &asked),
            );
        }
    }

    fn status(&mut self) {
        let Some(field) = columns::status_field(self.kind) else { return };
        let asked = self.asked.get("status").to_owned();
        self.form.status_label = self.words.label(field.label).into();
        self.form.statuses = self.desk.codes.choices(self.words, field, &[&asked]);
        if !asked.is_empty() {
            self.query.status = Some(asked.clone());
            self.chip(
                &["status"],
                None,
                self.words.label(field.label),
                self.desk.codes.word_of(self.words, field, &asked),
            );
        }
    }

    fn period(&mut self) {
        for (name, end) in [("from", End::From), ("to", End::To)] {
            let asked = self.asked.get(name).to_owned();
            let (day, shown) = match period_end(&asked, end) {
                Ok(day) => (day.clone(), day.unwrap_or_default()),
                Err(_) => {
                    self.problem("filter.date", &asked);
                    (None, asked)
                }
            };
            match end {
                End::From => (self.query.from, self.form.from) = (day, shown),
                End::To => (self.query.to, self.form.to) = (day, shown),
            }
        }
        if let (Some(from), Some(to)) = (&self.query.from, &self.query.to)
            && from > to
        {
            self.problems.push(self.words.get("filter.backwards").into());
        }
        let day = |day: &Option<String>| day.as_deref().map(|day| self.words.day(day)).unwrap_or_default();
        let (from, to) = (day(&self.query.from), day(&self.query.to));
        if !from.is_empty() || !to.is_empty() {
            self.chip(&["from", "to"], None, self.words.get("filter.period"), format!("{from} — {to}"));
        }
    }

    fn text(&mut self) {
        let asked = self.asked.get("q").to_owned();
        if self.desk.counts_some(self.kind) {
            // How many say a word says what was said.
            if !asked.is_empty() {
                self.problem("filter.only_counts", &asked);
            }
            return;
        }
        if !asked.is_empty() {
            self.chip(&["q"], None, self.words.get("filter.text"), &*asked);
            self.query.text = Some(asked.clone());
        }
        self.form.text = asked;
    }

    /// Themes, sessions, terms: `list:code`, as figures link to them.
    fn tags(&mut self) {
        let asked: Vec<String> =
            self.asked.all("tag").map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
        if asked.len() > TAGS_MAX {
            return self.problem("filter.too_many", "");
        }
        for tag in asked {
            let (label, value) = self.tag_in_words(&tag);
            self.chip(&["tag"], Some(&tag), label, value);
            self.form.kept.push(("tag".into(), tag.clone()));
            self.query.tags.push(tag);
        }
    }

    fn tag_in_words(&self, tag: &str) -> (String, String) {
        let (list, code) = tag.split_once(':').unwrap_or(("", tag));
        if tag == IN_CONFLICT {
            return (self.words.get("ledger.state").to_owned(), self.words.get("conflict.mark").to_owned());
        }
        let label = match list {
            "theme" | "role" | "focus" => format!("tag.{list}"),
            "session" | "term" => format!("tag.{list}"),
            _ => "tag.other".into(),
        };
        (self.words.of_key(&label), self.desk.codes.word(self.words, list, code))
    }

    /// A village, and a record that the shown ones belong to.
    async fn references(&mut self) -> Result<(), Problem> {
        for name in ["place", "link"] {
            let asked = self.asked.get(name).to_owned();
            if asked.is_empty() {
                continue;
            }
            let id: Option<RecordId> = asked.parse().ok();
            let names = Names::of(self.desk, id).await?;
            let Some(title) = names.titled(self.words, id) else {
                self.problem("filter.unknown", &asked);
                continue;
            };
            let label = if name == "place" { "filter.place" } else { "filter.link" };
            self.chip(&[name], None, self.words.get(label), title);
            self.form.kept.push((name.into(), asked));
            match name {
                "place" => self.query.place = id,
                _ => self.query.link = id,
            }
        }
        Ok(())
    }

    /// One state, or several as the overview links to them; all that count, under one name.
    fn state(&mut self) {
        let (words, kind) = (self.words, self.kind);
        let counted = (COUNTED, words.get("filter.counted").to_owned());
        let counted = (kind == Kind::Suggestion).then_some(counted);
        let open = (OPEN, words.get("filter.open").to_owned());
        let open = matches!(kind, Kind::Voice | Kind::Suggestion).then_some(open);
        let states = columns::states(kind).iter().map(|state| (*state, official::state(words, kind, state)));
        let asked;
        (asked, self.form.states) = self.any_of("state", "ledger.state", states.chain(counted).chain(open).collect());
        let asked = with_all_of(asked, COUNTED, figures::counted().states);
        self.query.case.states = with_all_of(asked, OPEN, figures::open(kind).states);
    }

    /// Where voices went; all whose exit was decided, under one name.
    fn exit(&mut self) {
        if self.kind != Kind::Voice {
            return;
        }
        let words = self.words;
        let exits = ExitKind::ALL.iter().map(|exit| (exit.key(), words.of_key(&format!("exit.{}", exit.key()))));
        let decided = (DECIDED, words.get("filter.decided").to_owned());
        let asked;
        (asked, self.form.exits) = self.any_of("exit", "filter.exit", exits.chain([decided]).collect());
        self.query.case.exits = with_all_of(asked, DECIDED, figures::decided().exits);
    }

    /// What is asked for of what is known, with a choice of one of them; the form passes on the others unseen.
    fn any_of(
        &mut self,
        name: &'static str,
        label: &'static str,
        known: Vec<(&str, String)>,
    ) -> (Vec<String>, Vec<Choice>) {
        let asked = self.asked.all(name).map(|value| value.trim().to_owned());
        let asked: Vec<String> = asked.filter(|value| !value.is_empty() && !known.is_empty()).collect();
        for value in &asked {
            match known.iter().find(|(key, _)| key == value) {
                Some((_, shown)) => self.chip(&[name], Some(value), self.words.get(label), &**shown),
                None => self.problem("filter.unknown", value),
            }
        }
        self.form.kept.extend(asked.iter().skip(1).map(|value| (name.to_owned(), value.clone())));
        let chosen = |key: &str| asked.first().is_some_and(|first| first == key);
        let choice = |(key, label): (&str, String)| Choice { key: key.to_owned(), label, chosen: chosen(key) };
        let choices = known.into_iter().map(choice).collect();
        (asked, choices)
    }

    /// What a figure counts by more than the ledger's own filters can say: the parts of the rates, the mandates of 参与面,
    /// the activities of pairings (R6).
    async fn counts(&mut self) -> Result<(), Problem> {
        let asked = self.asked.get("counts").to_owned();
        let words = self.words;
        let shown = match self.kind {
            _ if asked.is_empty() => return Ok(()),
            Kind::Suggestion => self.counts_suggestions(&asked),
            Kind::Mandate => coverage::named(self.desk, &asked).await?.map(|(mandates, key, year)| {
                self.query.ids = Some(mandates);
                words.fill(key, &[("year", &year.map(|year| year.to_string()).unwrap_or_default())])
            }),
            Kind::Activity if asked == "pairing" => {
                let counted = pairings::counted(self.desk, &self.query).await?;
                self.query.ids = Some(counted.into_iter().map(|(activity, _)| activity).collect());
                Some(words.get("filter.counts.pairing").to_owned())
            }
            _ => None,
        };
        match shown {
            Some(shown) => {
                self.chip(&["counts"], None, words.get("filter.counts"), shown);
                self.form.kept.push(("counts".into(), asked));
            }
            None => self.problem("filter.unknown", &asked),
        }
        Ok(())
    }

    fn counts_suggestions(&mut self, asked: &str) -> Option<String> {
        let (part, key, class) = figures::named(asked, Date::at(self.desk.now_ms()))?;
        let CaseFilter { counted, class: of_class, parts, as_of, .. } = part;
        let case = std::mem::take(&mut self.query.case);
        self.query.case = CaseFilter { counted, class: of_class, parts, as_of, ..case };
        let shown = self.words.of_key(&key);
        Some(class.map_or(shown.clone(), |class| format!("{shown}{class}")))
    }

    /// 超期, 临期.
    fn due(&mut self) {
        if !columns::has_limits(self.kind) {
            return;
        }
        let asked = self.asked.get("due").to_owned();
        let today = Date::at(self.desk.now_ms());
        let due_to = match asked.as_str() {
            "" => None,
            "over" => Some(today.plus_days(-1)),
            "near" => Some(today.plus_days(NEAR_DAYS)),
            _ => return self.problem("filter.unknown", &asked),
        };
        let words = self.words;
        let label = |key: &str| words.of_key(&format!("pressure.{key}"));
        if due_to.is_some() {
            self.chip(&["due"], None, words.get("case.due"), label(&asked));
        }
        self.query.case.due_to = due_to.map(|day| day.to_string());
        let choice = |key: &str| Choice { key: key.to_owned(), label: label(key), chosen: key == asked };
        self.form.dues = ["over", "near"].map(choice).into();
    }

    /// 主办单位.
    async fn lead(&mut self) -> Result<(), Problem> {
        if self.kind != Kind::Suggestion {
            return Ok(());
        }
        let asked = self.asked.get("lead").to_owned();
        let book = self.desk.hub().rules(self.desk.now_ms()).await?.book;
        let mut leads: Vec<Choice> = official::units(self.desk, None, &book)
            .await?
            .into_iter()
            .map(|(code, label)| Choice { chosen: code == asked, key: code, label })
            .collect();
        if !asked.is_empty() {
            if leads.iter().all(|lead| !lead.chosen) {
                // A town's own office, or one that a list of another year had: as its cases call it.
                let case = CaseFilter { lead: Some(asked.clone()), ..CaseFilter::default() };
                let query = LedgerQuery { case, ..directory::everything(self.desk, Kind::Suggestion) };
                let known = self.desk.store().tally(&query, &[], TallyBy::Lead).await?.pop();
                let label = known.map(|unit| unit.name).filter(|name| !name.is_empty());
                leads.push(Choice { label: label.unwrap_or_else(|| asked.clone()), key: asked.clone(), chosen: true });
            }
            let label = leads.iter().find(|lead| lead.chosen).map(|lead| lead.label.clone()).unwrap_or_default();
            self.chip(&["lead"], None, self.words.get("case.lead"), label);
            self.query.case.lead = Some(asked);
        }
        self.form.leads = leads;
        Ok(())
    }

    fn order(&mut self) {
        let mut known = vec![("", Order::Newest), ("oldest", Order::Oldest)];
        if columns::has_limits(self.kind) {
            known.push(("due", Order::Due));
        }
        let asked = self.asked.get("order").to_owned();
        match known.iter().find(|(key, _)| *key == asked) {
            Some((_, order)) => self.query.order = *order,
            None => self.problem("filter.unknown", &asked),
        }
        let words = self.words;
        let choice = |(key, _): &(&str, Order)| Choice {
            key: (*key).to_owned(),
            label: words.of_key(&format!("order.{}", if key.is_empty() { "newest" } else { key })),
            chosen: *key == asked,
        };
        self.form.orders = known.iter().map(choice).collect();
    }

    fn columns(&mut self) {
        let asked: Vec<Column> = self.asked.all("cols").filter_map(Column::from_key).collect();
        let shown = if asked.is_empty() { columns::shown_first(self.kind) } else { asked };
        let all = columns::columns(self.kind).iter();
        let choice = |(column, key): &(Column, &'static str)| Choice {
            key: column.key().to_owned(),
            label: columns::name(self.words, self.kind, *column, key),
            chosen: shown.contains(column),
        };
        // Without its title no row can be opened.
        self.form.columns = all.clone().filter(|(column, _)| *column != Column::Title).map(choice).collect();
        self.columns = all.map(|(column, _)| *column).filter(|c| *c == Column::Title || shown.contains(c)).collect();
    }

    fn finish(mut self) -> Filter {
        let after = self.asked.get("after").to_owned();
        let key = parse_page_key(&after);
        if key.is_none() && !after.is_empty() {
            self.problem("filter.unknown", &after);
        }
        let columns = self.columns;
        Filter { query: self.query, after: key, columns, problems: self.problems, chips: self.chips, form: self.form }
    }
}

/// With all of a group in the place of its name.
fn with_all_of(asked: Vec<String>, group: &str, all: Vec<String>) -> Vec<String> {
    asked.into_iter().flat_map(|value| if value == group { all.clone() } else { vec![value] }).collect()
}

fn choices(offers: &[Offer], chosen: impl Fn(&Offer) -> bool) -> Vec<Choice> {
    offers
        .iter()
        .map(|offer| Choice { key: offer.id.to_string(), label: offer.label.clone(), chosen: chosen(offer) })
        .collect()
}
