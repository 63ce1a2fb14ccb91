//! Suggestions (E9, form F5): of the session, between sessions, and the deputies' express (代表直通车).

use std::collections::BTreeSet;

use jiff::civil::Date;
use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::{Contents, Edit, FieldValue},
    schema::Kind,
};

use super::{
    calendar::{Calendar, SESSION, SESSION_DAYS, SESSION_START, TERM, ms, plus},
    chance::Chance,
    office::Entry,
    phone::add_all,
    places::{UNITS, Unit},
    vocabulary::{Concern, OTHERS_IN_SESSION, RURAL_TITLES, Scene, concern, concern_by_chance},
    voices::Heard,
    volumes,
};

/// What a suggestion is about and whose it is.
struct Piece {
    tier: &'static str,
    day: Date,
    title: String,
    concern: &'static Concern,
    /// Where.
    unit: &'static Unit,
    village: usize,
    theme: Option<&'static str>,
    lead: RecordId,
    cosigners: Vec<RecordId>,
    voices: Vec<RecordId>,
    in_session: bool,
}

/// R2 and R3: the suggestions of 五届一次, the rural ones first.
pub(super) fn of_session(space: SpaceId, deputies: &[RecordId]) -> Vec<Entry> {
    let mut chance = Chance::of("session");
    let mut titles = Titles::default();
    let fixed = RURAL_TITLES.iter().map(|fixed| (fixed, Some("rural_revitalization")));
    let fixed = fixed.chain(OTHERS_IN_SESSION.iter().map(|fixed| (fixed, Some("livelihood"))));
    let mut pieces = Vec::with_capacity(volumes::SESSION_SUGGESTIONS);
    for ((category, title), theme) in fixed {
        titles.0.insert((*title).into());
        let unit = named_in(title).unwrap_or_else(|| chance.pick(&UNITS));
        pieces.push(piece(&mut chance, concern(category), unit, Some((*title).into()), theme, &mut titles));
    }
    while pieces.len() < volumes::SESSION_SUGGESTIONS {
        let unit = chance.pick(&UNITS);
        let concern = concern_by_chance(&mut chance, unit.is_town());
        let theme =
            *chance.weighted(&[(None, 60), (Some("livelihood"), 25), (Some("business"), 8), (Some("safety"), 7)]);
        pieces.push(piece(&mut chance, concern, unit, None, theme, &mut titles));
    }
    let mut enter = |mut piece: Piece| {
        piece.in_session = true;
        piece.day = plus(SESSION_START, chance.between(0, SESSION_DAYS - 1));
        sign(&mut chance, &mut piece, deputies);
        entry(&mut chance, piece, space)
    };
    pieces.into_iter().map(&mut enter).collect()
}

/// 闭会期间: what deputies made of voices that belong before the district.
pub(super) fn between_sessions(
    calendar: Calendar,
    space: SpaceId,
    deputies: &[RecordId],
    heard: &[(&'static Unit, Heard)],
) -> Vec<Entry> {
    let mut chance = Chance::of("between sessions");
    let mut titles = Titles::default();
    let count = volumes::BETWEEN_SESSIONS_SUGGESTIONS - volumes::TAKEN_OVER_SUGGESTIONS;
    let mut chosen: Vec<_> =
        heard.iter().filter(|(_, heard)| heard.tier == "district" && heard.arrived.is_some()).collect();
    chance.shuffle(&mut chosen);
    let enter = |(unit, heard): &(&'static Unit, Heard)| {
        let theme = *chance.weighted(&[(None, 5), (Some("rural_revitalization"), 3), (Some("livelihood"), 2)]);
        let mut piece = piece(&mut chance, concern(heard.category), unit, None, theme, &mut titles);
        piece.day = calendar.no_later(plus(heard.arrived.unwrap_or(heard.day), chance.between(2, 14)));
        piece.village = heard.village;
        piece.voices = vec![heard.record];
        sign(&mut chance, &mut piece, deputies);
        entry(&mut chance, piece, space)
    };
    chosen.into_iter().take(count).map(enter).collect()
}

/// 代表直通车 of a town or street: what its own offices can settle.
pub(super) fn express(
    calendar: Calendar,
    space: SpaceId,
    unit: &'static Unit,
    deputies: &[RecordId],
    heard: &[Heard],
    count: usize,
) -> Vec<Entry> {
    let mut chance = Chance::of(&format!("express {}", unit.code));
    let mut titles = Titles::default();
    let mut chosen: Vec<&Heard> =
        heard.iter().filter(|heard| heard.tier == "town" && heard.arrived.is_some()).collect();
    chance.shuffle(&mut chosen);
    let enter = |n: usize| {
        let heard = chosen[n % chosen.len()];
        let mut piece = piece(&mut chance, concern(heard.category), unit, None, None, &mut titles);
        piece.tier = "express";
        piece.day = calendar.no_later(plus(heard.arrived.unwrap_or(heard.day), chance.between(1, 6)));
        piece.village = heard.village;
        piece.lead = *chance.pick(deputies);
        piece.voices = vec![heard.record];
        // 并案: the same concern of the same village, raised by others.
        let same = |other: &&&Heard| other.category == heard.category && other.village == heard.village;
        piece.voices.extend(chosen.iter().filter(same).take(1).map(|other| other.record));
        entry(&mut chance, piece, space)
    };
    let count = if chosen.is_empty() { 0 } else { count };
    (0..count).map(enter).collect()
}

/// 上收: an express again, as a suggestion to the district.
pub(super) fn taken_over(space: SpaceId, day: Date, express: &Contents) -> Entry {
    let copied = Kind::Suggestion.schema().fields.iter().filter(|field| field.key != "tier");
    let mut edits = vec![Edit::put("tier", "district")];
    for field in copied {
        match express.fields.get(field.key) {
            Some(FieldValue::Single { value, .. }) => edits.push(Edit::put(field.key, value.clone())),
            Some(FieldValue::Prose { text }) => edits.push(Edit::write(field.key, text)),
            Some(FieldValue::Set { elements }) => edits.extend(add_all(field.key, elements)),
            _ => {}
        }
    }
    Entry { day, at: ms(day, 10, 30), kind: Kind::Suggestion, space, edits }
}

/// Titles that are taken, so that two suggestions differ at least in name.
#[derive(Default)]
struct Titles(BTreeSet<String>);

/// Tries for a title that is not taken; then it gets a number.
const TRIES: usize = 12;

impl Titles {
    fn invent(&mut self, chance: &mut Chance, concern: &Concern, unit: &Unit, village: usize) -> String {
        let mut title = String::new();
        for again in 0..TRIES {
            let village = if again == 0 { village } else { chance.below(unit.villages.len()) };
            let scene = Scene { village: unit.villages[village], town: unit.name, month: 1 };
            title = scene.one_of(chance, concern.titles);
            if self.0.insert(title.clone()) {
                return title;
            }
        }
        let again = format!("再次提出{}", title.trim_start_matches("关于"));
        if self.0.insert(again.clone()) { again } else { title }
    }
}

fn named_in(title: &str) -> Option<&'static Unit> {
    let names = |unit: &&Unit| title.contains(unit.name) || unit.villages.iter().any(|village| title.contains(village));
    UNITS.iter().find(names)
}

fn piece(
    chance: &mut Chance,
    concern: &'static Concern,
    unit: &'static Unit,
    title: Option<String>,
    theme: Option<&'static str>,
    titles: &mut Titles,
) -> Piece {
    let village = chance.below(unit.villages.len());
    let title = title.unwrap_or_else(|| titles.invent(chance, concern, unit, village));
    Piece {
        tier: "district",
        day: SESSION_START,
        title,
        concern,
        unit,
        village,
        theme,
        lead: RecordId([0; 16]),
        cosigners: Vec::new(),
        voices: Vec::new(),
        in_session: false,
    }
}

/// 领衔 and 联名.
fn sign(chance: &mut Chance, piece: &mut Piece, deputies: &[RecordId]) {
    let count = 1 + chance.below(4);
    let mut signing = chance.sample(deputies, count);
    if let Some(lead) = signing.pop() {
        piece.lead = lead;
    }
    piece.cosigners = signing;
}

fn entry(chance: &mut Chance, piece: Piece, space: SpaceId) -> Entry {
    let scene = Scene { village: piece.unit.villages[piece.village], town: piece.unit.name, month: piece.day.month() };
    let mut edits = vec![
        Edit::put("tier", piece.tier),
        Edit::put("type", *chance.weighted(&[("suggestion", 90), ("opinion", 7), ("criticism", 3)])),
        Edit::put("term", TERM),
        Edit::put("in_session", piece.in_session),
        Edit::put("date", piece.day.to_string()),
        Edit::put("title", piece.title.as_str()),
        Edit::write("facts", &facts(chance, &scene, piece.concern)),
        Edit::write("analysis", &analysis(chance, piece.concern)),
        Edit::write("asks", &asks(chance, &scene, piece.concern)),
        Edit::put("category", piece.concern.category),
        Edit::put("lead", piece.lead),
    ];
    if piece.in_session {
        edits.push(Edit::put("session", SESSION));
    }
    edits.extend(piece.theme.map(|theme| Edit::add("themes", theme)));
    edits.extend(add_all("cosigners", piece.cosigners));
    edits.extend(add_all("voices", piece.voices));
    let units = if piece.tier == "express" { piece.concern.offices } else { piece.concern.bureaus };
    edits.extend(add_all("wish_units", units));
    Entry { day: piece.day, at: ms(piece.day, 11, 15), kind: Kind::Suggestion, space, edits }
}

/// 有情况: what was seen in the village.
fn facts(chance: &mut Chance, scene: &Scene<'_>, concern: &Concern) -> String {
    let mut facts = scene.fill(chance, "走访{t}{v}时了解到:");
    for (n, matter) in chance.sample(concern.matters, 2).into_iter().enumerate() {
        let matter = scene.fill(chance, matter);
        let trouble = scene.one_of(chance, concern.troubles);
        let effect = scene.one_of(chance, concern.effects);
        let joint = if n == 0 { "" } else { "同时," };
        facts.push_str(&format!("{joint}{matter}{trouble}，{effect}。"));
    }
    facts.push_str(&scene.fill(chance, "据统计，涉及{h}户{n}人，群众多次反映，盼望尽快解决。"));
    facts
}

/// 有分析.
fn analysis(chance: &mut Chance, concern: &Concern) -> String {
    let causes = chance.sample(concern.causes, 2);
    format!("主要原因：{}；{}。如不及时解决，问题可能进一步加重，影响群众获得感。", causes[0], causes[causes.len() - 1])
}

/// 有具体意见.
fn asks(chance: &mut Chance, scene: &Scene<'_>, concern: &Concern) -> String {
    let asks = chance.sample(concern.asks, 3);
    let numbered = asks.iter().zip(["一是", "二是", "三是"]).map(|(ask, number)| {
        let ask = scene.fill(chance, ask);
        format!("{number}{}", ask.trim_start_matches("建议").trim_end_matches('。'))
    });
    format!("{}。", numbered.collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_rural_titles_are_split_as_the_figure_says() {
        let mut by_category: BTreeMap<&str, usize> = BTreeMap::new();
        RURAL_TITLES.iter().for_each(|(category, _)| *by_category.entry(category).or_default() += 1);
        assert_eq!(by_category, volumes::RURAL_BY_CATEGORY.into_iter().collect());
        assert_eq!(RURAL_TITLES.len(), volumes::RURAL_SUGGESTIONS);
    }

    #[test]
    fn every_title_fits_its_field() {
        let deputies = [RecordId([1; 16]), RecordId([2; 16])];
        for entry in of_session(SpaceId(1), &deputies) {
            let title = entry.edits.iter().find_map(|edit| edit.puts_text("title")).unwrap_or_default();
            assert!((8..=50).contains(&title.chars().count()), "{title}");
        }
    }
}
