//! Activities (E6, form F3): of stations, towns, the district, and of pairs.

use jiff::civil::Date;
use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::Edit,
    schema::Kind,
};

use super::{
    calendar::{Calendar, date_time, ms},
    chance::Chance,
    office::Entry,
    phone::{add_all, increment},
    photos::{self, Picture},
    places::{Unit, Village},
    team::{By, Team},
    vocabulary::{Doing, FOCUS_SENTENCES, Scene, Visit, doing, station_doings},
    voices,
};

/// What later edits of an activity need to know.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub(super) doing: &'static Doing,
    village: &'static str,
    town: &'static str,
}

/// A station's activity. One where voices are heard is one where villagers are.
pub(super) fn record(team: &mut Team, day: Date, with_voices: bool) -> anyhow::Result<(By, RecordId, Occasion)> {
    let by = team.someone();
    let doing = match station_doings(&mut team.chance) {
        inside if with_voices && inside.visit == Visit::Inside => doing("courtyard"),
        any => any,
    };
    let village = voices::village(team);
    let unit = team.station.unit;
    let mut edits = vec![Edit::put("station", team.station.record())];
    let organizer = *team.chance.pick(doing.organizers);
    edits.extend(what(&mut team.chance, doing, organizer, unit.village(village), unit.name, day));
    let own = team.mandate_of(by);
    edits.push(Edit::add("attendees", own));
    let others = team.chance.below(5);
    let others = team.chance.sample(&team.members, others);
    edits.extend(add_all("attendees", others.into_iter().filter(|mandate| *mandate != own)));
    edits.extend(people(&mut team.chance, doing));
    let photo = photos::taken(team, day, doing.kind);
    edits.extend(photo.map(Picture::edit));
    let (space, at) = (team.space, voices::evening(&mut team.chance, day));
    let activity = team.phone(by).create(Kind::Activity, space, edits, at)?;
    team.photographed.extend(photo.map(|photo| (by, activity, photo)));
    team.phone(by).hand_in(Kind::Activity, activity, at)?;
    Ok((by, activity, Occasion { doing, village: unit.villages[village], town: unit.name }))
}

/// What has come of an activity, noted later.
pub(super) fn add_outcome(
    team: &mut Team,
    by: By,
    activity: RecordId,
    occasion: &Occasion,
    day: Date,
) -> anyhow::Result<()> {
    let scene = Scene { village: occasion.village, town: occasion.town, month: day.month() };
    let outcome = scene.one_of(&mut team.chance, occasion.doing.outcomes);
    let at = voices::evening(&mut team.chance, day);
    team.phone(by).edit(activity, vec![Edit::write("outcome", &outcome)], at)
}

/// The common fields of an activity.
fn what(chance: &mut Chance, doing: &Doing, organizer: &str, village: Village, town: &str, day: Date) -> Vec<Edit> {
    let scene = Scene { village: village.name, town, month: day.month() };
    let (start, hours) = hours(chance, doing);
    let focus = *chance.pick(doing.focus);
    let mut edits = vec![
        Edit::put("kind", doing.kind),
        Edit::put("title", scene.one_of(chance, doing.titles)),
        Edit::put("start", date_time(day, start, if chance.percent(50) { 0 } else { 30 })),
        Edit::put("village", village.record()),
        Edit::put("place", place(chance, doing, scene.village)),
        Edit::put("organizer", organizer),
        Edit::add("focus", focus),
        Edit::write("body", &body(chance, doing, &scene, focus)),
    ];
    if chance.percent(60) {
        edits.push(Edit::put("end", date_time(day, start + hours, 30)));
    }
    if chance.percent(25) {
        edits.push(Edit::add("focus", *chance.pick(doing.focus)));
    }
    let roles = 1 + usize::from(chance.percent(30));
    edits.extend(add_all("role", chance.sample(doing.roles, roles)));
    if chance.percent(40) {
        edits.push(Edit::write("outcome", &scene.one_of(chance, doing.outcomes)));
    }
    let theme =
        chance.weighted(&[("", 50), ("rural_revitalization", 25), ("livelihood", 17), ("safety", 5), ("business", 3)]);
    if !theme.is_empty() {
        edits.push(Edit::add("themes", *theme));
    }
    edits
}

fn body(chance: &mut Chance, doing: &Doing, scene: &Scene<'_>, focus: &str) -> String {
    let mut body = scene.one_of(chance, doing.beginnings);
    let middles = 1 + chance.below(2);
    body.push_str(&scene.some_of(chance, doing.middles, middles));
    let sentences = FOCUS_SENTENCES.iter().find(|(key, _)| *key == focus).map_or(&[][..], |(_, sentences)| sentences);
    if !sentences.is_empty() && chance.percent(75) {
        body.push_str(&scene.one_of(chance, sentences));
    }
    body
}

/// When it begins and how long it takes.
fn hours(chance: &mut Chance, doing: &Doing) -> (i8, i8) {
    let start = match doing.visit {
        Visit::Meeting => *chance.pick(&[9, 10, 14, 15, 19]),
        Visit::Homes => *chance.pick(&[8, 9, 14, 16]),
        Visit::Inside => *chance.pick(&[9, 14, 15]),
    };
    (start, *chance.pick(&[1, 2, 3]))
}

fn place(chance: &mut Chance, doing: &Doing, village: &str) -> String {
    match doing.visit {
        Visit::Meeting => {
            format!("{village}{}{}", Scene::group(chance), chance.pick(&["院坝", "晒坝", "文化广场", "村民家中"]))
        }
        Visit::Homes => format!("{village}{}", Scene::group(chance)),
        Visit::Inside => format!("{village}{}", chance.pick(&["会议室", "项目现场", "便民服务站", "活动室"])),
    }
}

/// Who came beside the deputies.
fn people(chance: &mut Chance, doing: &Doing) -> Vec<Edit> {
    let mut edits = Vec::new();
    match doing.visit {
        Visit::Meeting => edits.push(Edit::put("crowd", chance.between(11, 68))),
        Visit::Homes => edits.push(increment("households", chance.between(2, 14))),
        Visit::Inside => {}
    }
    if doing.kind == "publicity" {
        edits.push(increment("leaflets", chance.between(20, 180)));
    }
    if chance.percent(22) {
        let guest =
            *chance.pick(&["村支书", "驻村第一书记", "镇农技员", "派出所民警", "供水站负责人", "包村干部", "村医"]);
        edits.push(Edit::add("guests", guest));
    }
    edits
}

/// R6: an activity of a pair, recorded by the town's station with deputies of both sides.
pub(super) fn record_pairing(team: &mut Team, day: Date, pairing: RecordId, guests: &[RecordId]) -> anyhow::Result<()> {
    let town = team.station.unit;
    let village = voices::village(team);
    let (title, body) = *team.chance.pick(PAIRING_ACTIVITIES);
    let scene = Scene { village: town.villages[village], town: town.name, month: day.month() };
    let mut edits = vec![
        Edit::put("station", team.station.record()),
        Edit::put("kind", "pairing"),
        Edit::put("title", scene.fill(&mut team.chance, title)),
        Edit::put("start", date_time(day, 9, 30)),
        Edit::put("end", date_time(day, 16, 0)),
        Edit::put("village", town.village(village).record()),
        Edit::put("organizer", "town"),
        Edit::write("body", &scene.fill(&mut team.chance, body)),
        Edit::add("role", "pathfinder"),
        Edit::add("focus", "industry"),
        Edit::add("themes", "rural_revitalization"),
        Edit::put("pairing", pairing),
    ];
    edits.extend(add_all("attendees", guests));
    let hosts = team.chance.sample(&team.members, 4);
    edits.extend(add_all("attendees", hosts));
    let (space, at) = (team.space, voices::evening(&mut team.chance, day));
    let activity = team.staff.create(Kind::Activity, space, edits, at)?;
    team.staff.hand_in(Kind::Activity, activity, at)
}

const PAIRING_ACTIVITIES: &[(&str, &str)] = &[
    (
        "结对联系：产业对接会({v})",
        "街道代表联系城区商超和食堂，与{v}合作社现场对接{k}吨蔬菜销路，谈妥保底价和配送时间。双方约定每月通报一次供货情况。",
    ),
    (
        "结对联系：联合调研农村饮水",
        "两地代表分三组走访{h}户，看水源、看管网、看水费台账，晚上集中讨论，形成联合建议初稿。",
    ),
    (
        "结对联系：困难帮扶走进{v}",
        "街道代表带来助学金和常用药品，逐户送到监测户手中，并为{n}名老人义诊。镇代表陪同，记录后续需求。",
    ),
    ("结对联系：联合接待选民", "双方代表在联络站同台接待，登记意见{n}条，城里代表认领了用工和销路两类事项。"),
    ("结对联系：乡村旅游线路踏勘", "沿{lore}一线踏勘，讨论周末亲子线路和民宿接待标准，提出停车、厕所、标识三项短板。"),
];

/// Activities that an office organises.
pub(super) struct OfficeYear<'a> {
    pub(super) name: &'a str,
    pub(super) space: SpaceId,
    pub(super) organizer: &'static str,
    pub(super) kinds: &'static [&'static str],
    pub(super) units: &'a [Unit],
    pub(super) deputies: &'a [RecordId],
    pub(super) count: usize,
}

pub(super) const DISTRICT_KINDS: &[&str] =
    &["law_check", "appraisal", "inquiry", "survey", "inspection", "legislation"];
pub(super) const TOWN_KINDS: &[&str] = &["appraisal", "sit_in", "inspection", "supervision", "project", "duty_report"];

/// Deputies at an office's activity.
const OFFICE_ATTENDEES: (i64, i64) = (5, 18);

/// An office's activities, spread over the year.
pub(super) fn of_office(calendar: Calendar, year: &OfficeYear<'_>) -> Vec<Entry> {
    (0..year.count).map(|n| for_office(calendar, year, n)).collect()
}

fn for_office(calendar: Calendar, year: &OfficeYear<'_>, n: usize) -> Entry {
    let mut chance = Chance::of(&format!("office activity {} {n}", year.name));
    let shift = chance.below(365) as i64;
    let day = calendar.spread(n, year.count, shift);
    let unit = chance.pick(year.units);
    let village = unit.village(chance.below(unit.villages.len()));
    let doing = doing(year.kinds[n % year.kinds.len()]);
    let mut edits = what(&mut chance, doing, year.organizer, village, unit.name, day);
    let attending = usize::try_from(chance.between(OFFICE_ATTENDEES.0, OFFICE_ATTENDEES.1)).unwrap_or_default();
    let attendees = chance.sample(year.deputies, attending);
    edits.extend(attendees.first().map(|chair| Edit::put("chair_mandate", *chair)));
    edits.extend(add_all("attendees", attendees));
    Entry { day, at: ms(day, 17, 40), kind: Kind::Activity, space: year.space, edits }
}
