//! Voices (E8, forms F1 and F2): one remark of one villager.

use jiff::civil::Date;
use lianxin_shared::{id::RecordId, record::Edit, schema::Kind};

use super::{
    calendar::{ms, plus, spoken},
    chance::Chance,
    phone::mark,
    team::{By, Team},
    villagers,
    vocabulary::{Concern, Scene, concern_by_chance},
};

/// Where a voice was heard.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Reception(RecordId),
    /// During an activity, by this channel.
    Activity(RecordId, &'static str),
    /// By this channel.
    Other(&'static str),
}

/// What later records and acts refer to.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) record: RecordId,
    /// The mandate of who took it down, or for whom.
    pub(super) collector: RecordId,
    pub(super) category: &'static str,
    pub(super) tier: &'static str,
    /// The place in the unit's list of villages.
    pub(super) village: usize,
    pub(super) day: Date,
    /// When the server got it; `None` for a draft.
    pub(super) arrived: Option<Date>,
}

/// 建议去向, in parts.
const TIERS: &[(&str, usize)] =
    &[("spot", 26), ("village", 36), ("town", 24), ("district", 4), ("upper", 2), ("petition", 4), ("declined", 4)];
/// In a hundred. Without the villager's words it stays a draft.
const VERBATIM_PERCENT: usize = 96;
const CONFIDENTIAL_PERCENT: usize = 3;
/// What comes so long after the same of the same village may be the same matter again; in a hundred.
const RAISED_AGAIN_DAYS: i64 = 90;
const RAISED_AGAIN_PERCENT: usize = 6;

/// The hours after the day's work, when records are completed at home (DOMAIN §5).
pub(super) fn evening(chance: &mut Chance, day: Date) -> i64 {
    let minute = i8::try_from(chance.between(0, 59)).unwrap_or(0);
    ms(day, if chance.percent(50) { 20 } else { 21 }, minute)
}

/// The village that a station's record is about: a room's own, mostly.
pub(super) fn village(team: &mut Team) -> usize {
    let own = team.station.village.filter(|_| team.chance.percent(85));
    own.unwrap_or_else(|| team.chance.below(team.station.unit.villages.len()))
}

/// Takes down a voice. `earlier` are those that the station heard before.
pub(super) fn record(team: &mut Team, by: By, day: Date, source: Source, earlier: &[Heard]) -> anyhow::Result<Heard> {
    let village = village(team);
    let unit = team.station.unit;
    let scene = Scene { village: unit.villages[village], town: unit.name, month: day.month() };
    let concern = concern_by_chance(&mut team.chance, unit.is_town());
    let tier = *team.chance.weighted(TIERS);
    let collector = team.mandate_of(by);
    let slip = team.phone(by).slip_number(day);
    let mut edits = vec![
        Edit::put("station", team.station.record()),
        Edit::put("slip_no", slip),
        Edit::put("date", day.to_string()),
        Edit::add("collectors", collector),
        Edit::put("village", unit.village(village).record()),
        Edit::put("category", concern.category),
        Edit::add("focus", concern.focus),
        Edit::put("tier_suggest", tier),
    ];
    edits.extend(heard_where(source));
    let words = words(&mut team.chance, &scene, concern, tier);
    let complete = tier == "petition" || words.iter().any(|edit| edit.field == "verbatim");
    edits.extend(words);
    edits.extend(weight(&mut team.chance, tier));
    let (space, at) = (team.space, evening(&mut team.chance, day));
    let record = team.phone(by).create(Kind::Voice, space, edits, at)?;
    if let Some(villager) = villagers::of(record, at) {
        team.phone(by).seal(record, villager)?;
    }
    if complete {
        team.phone(by).hand_in_voice(record, raised_before(record, concern, village, day, earlier), at)?;
    }
    Ok(Heard { record, collector, category: concern.category, tier, village, day, arrived: None })
}

/// 再次反映: the voice about the same that was heard long before, now and then.
fn raised_before(
    record: RecordId,
    concern: &Concern,
    village: usize,
    day: Date,
    earlier: &[Heard],
) -> Option<RecordId> {
    let mut chance = Chance::of(&format!("again {record}"));
    let long_ago = plus(day, -RAISED_AGAIN_DAYS);
    let same = |other: &&Heard| (other.category, other.village) == (concern.category, village) && other.day <= long_ago;
    earlier.iter().find(same).filter(|_| chance.percent(RAISED_AGAIN_PERCENT)).map(|other| other.record)
}

fn heard_where(source: Source) -> Vec<Edit> {
    match source {
        Source::Reception(day) => vec![Edit::put("channel", "reception"), Edit::put("source_day", day)],
        Source::Activity(activity, channel) => {
            vec![Edit::put("channel", channel), Edit::put("source_activity", activity)]
        }
        Source::Other(channel) => vec![Edit::put("channel", channel)],
    }
}

/// What was said, and the deputy's summary. Of a petition nothing at all: no narrative (DOMAIN §2.3).
fn words(chance: &mut Chance, scene: &Scene<'_>, concern: &Concern, tier: &str) -> Vec<Edit> {
    if tier == "petition" {
        return Vec::new();
    }
    let mut edits = vec![Edit::put("group", Scene::group(chance))];
    if chance.percent(VERBATIM_PERCENT) {
        edits.push(Edit::write("verbatim", &scene.one_of(chance, concern.words)));
    }
    let matter = scene.one_of(chance, concern.matters);
    let trouble = scene.one_of(chance, concern.troubles);
    let effect = scene.one_of(chance, concern.effects);
    let ask = scene.one_of(chance, concern.asks);
    edits.push(Edit::write("summary", &format!("{matter}{trouble}，{effect}。{ask}")));
    edits
}

/// How many it concerns, how urgent and how confidential it is.
fn weight(chance: &mut Chance, tier: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    if tier != "petition" && chance.percent(70) {
        edits.push(Edit::put("affected", chance.between(1, 240)));
    }
    let urgency = *chance.weighted(&[("normal", 85), ("urgent", 11), ("danger", 4)]);
    edits.push(Edit::put("urgency", urgency));
    if chance.percent(CONFIDENTIAL_PERCENT) {
        edits.push(mark("confidential"));
    }
    edits
}

const SENT_ON: &[&str] = &[
    "已向村委会反映，约定本周到现场看。",
    "已交镇联络站，按代表直通车转有关部门。",
    "与村干部一道到现场察看，情况属实，拍照留存。",
    "电话询问进度，答复正在列入计划。",
    "已联系施工方，材料到场后开工。",
];
const ANSWERED: &[&str] = &[
    "电话回访，群众表示已解决，满意。",
    "上门反馈办理情况，群众基本满意，希望尽快完工。",
    "当面向反映人说明暂不具备条件的原因，表示理解。",
    "已办结，群众在回执上签了意见。",
    "回访三户，均反映比以前好多了。",
    "反馈后群众仍有意见，继续跟踪。",
];

/// What became of it.
pub(super) fn follow_up(chance: &mut Chance, heard: &Heard, day: Date, last: bool) -> String {
    let text = *chance.pick(if last && heard.tier != "district" { ANSWERED } else { SENT_ON });
    format!("{} {text}", spoken(day))
}
