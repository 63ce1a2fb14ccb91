//! What the district and the towns do for deputies: trainings (E12, form F8) and leaders' guidance
//! visits (E14, form F9).

use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::Edit,
    schema::Kind,
};

use super::{
    calendar::{Calendar, TERM, TERM_START, ms, plus},
    chance::Chance,
    office::Entry,
    people::OFFICIALS,
    phone::{add_all, append},
    places::UNITS,
    vocabulary::{Scene, concern_by_chance},
    volumes,
};

/// Held by the district, or by the n-th unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    District,
    Town(usize),
}

/// The towns that held trainings: 团泽、板桥、泗渡、沙湾、山盆、芝麻 (invented).
const TRAINING_TOWNS: [usize; 6] = [6, 7, 8, 9, 10, 11];
/// The first training after the change of term.
const FIRST_TRAINING_AFTER_DAYS: i64 = 20;
/// People at a training who are no deputies: officers, clerks (未列名).
const UNNAMED: (i64, i64) = (3, 12);

/// Who held each of the trainings, in the order of [`volumes::TRAININGS`].
pub(super) fn training_holders() -> Vec<Held> {
    let mut towns = TRAINING_TOWNS.into_iter();
    let held = volumes::TRAININGS.iter().map(|(level, _)| match *level {
        "district" => Held::District,
        _ => towns.next().map_or(Held::District, Held::Town),
    });
    held.collect()
}

/// R4: the n-th training since the change of term. Person-times are the roster and the unnamed.
pub(super) fn training(calendar: Calendar, n: usize, space: SpaceId, deputies: &[RecordId]) -> Entry {
    let mut chance = Chance::of(&format!("training {n}"));
    let (level, person_times) = volumes::TRAININGS[n];
    let first = plus(TERM_START, FIRST_TRAINING_AFTER_DAYS);
    let day = calendar.spread_from(first, n, volumes::TRAININGS.len());
    let fewest = person_times.saturating_sub(deputies.len()) as i64;
    let unnamed = chance.between(UNNAMED.0, UNNAMED.1).max(fewest);
    let roster = chance.sample(deputies, person_times - usize::try_from(unnamed).unwrap_or_default());
    let (topic, subjects, summary) = TOPICS[n % TOPICS.len()];
    let mut edits = vec![
        Edit::put("term", TERM),
        Edit::put("level", level),
        Edit::put("topic", topic),
        Edit::put("kind", *chance.pick(&["invite", "go_out", "meeting", "invite"])),
        Edit::put("date", day.to_string()),
        Edit::put(
            "place",
            *chance.pick(&["区委党校报告厅", "镇人大会议室", "代表联络站学习室", "红花岗区观摩点", "线上会议室"]),
        ),
        Edit::put("unnamed_count", person_times as i64 - roster.len() as i64),
        Edit::write("summary", summary),
    ];
    edits.extend(add_all("subjects", subjects));
    edits.extend(add_all(
        "lecturers",
        [*chance.pick(&["区委党校讲师", "市人大代表工作委员会同志", "区农业农村局技术人员", "优秀代表"])],
    ));
    edits.extend(add_all("roster", roster));
    Entry { day, at: ms(day, 18, 0), kind: Kind::Training, space, edits }
}

type Topic = (&'static str, &'static [&'static str], &'static str);

const TOPICS: &[Topic] = &[
    (
        "新一届代表履职培训班",
        &["代表法", "履职规范"],
        "系统学习代表法和组织法，老代表现身说法，新代表对权利义务有了完整认识。",
    ),
    ("新国发2号文件专题学习", &["新国发2号文件"], "逐条解读文件精神，结合本地产业讨论落实举措，形成建议线索八条。"),
    ("代表建议撰写与办理", &["建议撰写"], "以“有情况、有分析、有具体意见”为主线，现场修改建议草稿二十余件。"),
    ("乡村振兴与代表作用发挥", &["乡村振兴"], "围绕产业、生态、乡风、治理、生活五个方面交流做法，实地观摩合作社。"),
    ("联络站规范化建设观摩", &["联络站建设"], "观摩先进联络站，学习接待登记、台账管理和意见闭环。"),
    ("监督法与审议发言", &["监督法"], "模拟审议发言和专题询问，提高会议期间履职能力。"),
    ("基层治理与矛盾调解", &["基层治理"], "以案说法，讲解邻里纠纷、山林权属调解的步骤和分寸。"),
    ("群众工作方法与意见记录", &["群众工作"], "强调记原话、记清楚、不替群众下结论，现场练习离线记录。"),
    ("防灾减灾与应急避险", &["安全生产"], "讲解地质灾害识别和转移避险，组织桌面演练。"),
    ("农村饮水与道路管护政策", &["农村供水", "农村公路"], "部门解读政策口径，代表提问踊跃，明确申报渠道。"),
    ("个人信息保护与履职纪律", &["个人信息保护法"], "讲清什么能记、什么不能记，强调群众电话不写进公开台账。"),
];

/// The first visit of the year, and the visits' hour.
const FIRST_VISIT_AFTER_DAYS: i64 = 10;

/// Members of the chairpersons' meeting who lead visits.
const LEADERS: usize = 5;
/// Of visits, those in a hundred that an official without a mandate leads too.
const OFFICIALS_PERCENT: usize = 30;

/// R5: the year's guidance visits by members of the chairpersons' meeting. Two units are still to be visited.
pub(super) fn guidance_visits(calendar: Calendar, desks: &[SpaceId], deputies: &[RecordId]) -> Vec<Entry> {
    let meeting = Chance::of("chairpersons' meeting").sample(deputies, LEADERS);
    let mut chance = Chance::of("guidance visits");
    let mut units: Vec<usize> = (0..UNITS.len()).collect();
    chance.shuffle(&mut units);
    let first = plus(calendar.new_year(), FIRST_VISIT_AFTER_DAYS);
    let visit = |n: usize| {
        let place = units[n % units.len()];
        let (unit, space) = (&UNITS[place], desks[place]);
        let day = calendar.spread_from(first, n, volumes::GUIDANCE_VISITS);
        let scene = Scene { village: unit.villages[n % unit.villages.len()], town: unit.name, month: day.month() };
        let topic = scene.one_of(&mut chance, VISIT_TOPICS);
        let mut edits = vec![
            Edit::put("date", day.to_string()),
            Edit::put("unit", unit.record()),
            Edit::put("topic", topic.as_str()),
            Edit::write("minutes", &minutes(&mut chance, &scene, &topic)),
        ];
        let leaders = 1 + chance.below(2);
        edits.extend(add_all("leader_mandates", chance.sample(&meeting, leaders)));
        if chance.percent(OFFICIALS_PERCENT) {
            edits.push(Edit::add("leaders", *chance.pick(&OFFICIALS)));
        }
        for _ in 0..chance.between(2, 4) {
            edits.push(append("issues", issue(&mut chance, &scene, unit.is_town())));
        }
        Entry { day, at: ms(day, 18, 30), kind: Kind::GuidanceVisit, space, edits }
    };
    (0..volumes::GUIDANCE_VISITS).map(visit).collect()
}

const VISIT_TOPICS: &[&str] = &[
    "督导{t}代表联络站规范化建设",
    "调研{t}代表建议办理情况",
    "督导{t}结对联系工作",
    "调研{t}人大代表助力乡村振兴",
    "督导{t}代表履职档案管理",
];

fn minutes(chance: &mut Chance, scene: &Scene<'_>, topic: &str) -> String {
    let body = scene.fill(
        chance,
        "实地察看{v}联络点，翻阅台账和接待登记，随机与{h}户群众交谈，听取代表和站长汇报。与会同志提出，要把群众意见记原话、分清层级、按时反馈，把履职记录及时录入，不搞突击补录。",
    );
    format!("{topic}座谈会：{body}对存在问题逐条反馈，要求一个月内整改并回访。")
}

const STATION_ISSUES: &[&str] = &[
    "接待登记个别栏目空缺，反馈日期未填",
    "站内公示的代表照片和电话未更新",
    "季度小组活动记录不完整",
    "有{n}条意见超过15个工作日未反馈",
    "学习资料陈旧，制度上墙内容与现行规定不一致",
];

fn issue(chance: &mut Chance, scene: &Scene<'_>, in_town: bool) -> String {
    if chance.percent(55) {
        return scene.one_of(chance, STATION_ISSUES);
    }
    let concern = concern_by_chance(chance, in_town);
    let matter = scene.one_of(chance, concern.matters);
    let trouble = scene.one_of(chance, concern.troubles);
    format!("{}{matter}{trouble}", scene.village)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_training_level_has_its_holder() {
        let holders = training_holders();
        let agree = |(held, (level, _)): (&Held, &(&str, usize))| (*held == Held::District) == (*level == "district");
        assert!(holders.iter().zip(&volumes::TRAININGS).all(agree));
        let towns =
            holders.iter().filter_map(|held| if let Held::Town(unit) = held { Some(&UNITS[*unit]) } else { None });
        assert!(towns.into_iter().all(crate::demo::places::Unit::is_town));
    }
}
