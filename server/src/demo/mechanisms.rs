//! What the offices keep of the mechanisms: the year's plans (E15), the stations' checklists (E2), terms (E4), groups
//! (E5), notices (E20), what is written into dossiers by hand (E17), and what guidance visits want mended (E14); deputies'
//! telephones (E3), and samples of what the district may enter: a code (E25) and rules of scoring (E17b).

use jiff::civil::Date;
use lianxin_shared::{
    id::{RecordId, SpaceId},
    record::Edit,
    schema::Kind,
};

use super::{
    calendar::{Calendar, SESSION, SESSION_DAYS, SESSION_START, TERM, TERM_START, ms, plus},
    chance::Chance,
    office::{Entry, Spaces, Visited},
    people::staff_name,
    phone::{add_all, append},
    places::{DISTRICT, Station, UNITS, Unit, unit_record},
    roster::unit_of,
};

/// DOMAIN §1.4: the district's own lists were not found; these are samples and say so.
const CHECKLISTS: [(&str, &str, &[&str]); 2] = [
    (
        "haves",
        "代表联络站（室）规范化建设“八有”",
        &["有场所", "有标识", "有设施", "有人员", "有制度", "有经费", "有活动", "有台账"],
    ),
    (
        "standards",
        "代表联络站（室）规范化建设“九化”",
        &[
            "阵地建设标准化",
            "制度机制规范化",
            "代表进站全员化",
            "信息公开透明化",
            "活动开展常态化",
            "联系群众多样化",
            "意见办理闭环化",
            "履职管理档案化",
            "工作手段信息化",
        ],
    ),
];
const CHECKLIST_VERSION: &str = "2022示例";
/// Of a hundred items, those that a station lacks or is mending.
const LACKING_PERCENT: usize = 7;

/// Deputies of a town or street whose telephone its desk has entered; of these in a hundred, those who need something.
const CONTACTS_PER_UNIT: usize = 6;
const NEEDS_PERCENT: usize = 15;

/// Deputies in the leading group of a mechanism.
const GROUP_MEMBERS: usize = 4;

/// The district's lists and plans.
pub(super) fn of_the_district(calendar: Calendar, spaces: &Spaces, deputies: &[RecordId]) -> Vec<Entry> {
    let public = |day: Date, kind: Kind, edits: Vec<Edit>| entry(day, kind, spaces.district_public, edits);
    let mut entries = Vec::new();
    for (list, title, items) in CHECKLISTS {
        let mut edits = vec![
            Edit::put("list", list),
            Edit::put("version", CHECKLIST_VERSION),
            Edit::put("title", title),
            Edit::put("sample", true),
            Edit::put("basis", "示例，待区人大确认"),
            Edit::put("valid_from", plus(TERM_START, 40).to_string()),
        ];
        edits.extend((1..).zip(items).map(|(n, item)| Edit::enter("items", n, *item)));
        entries.push(public(plus(TERM_START, 40), Kind::ChecklistDefinition, edits));
    }
    let term = vec![
        Edit::put("unit", unit_record(DISTRICT)),
        Edit::put("term", TERM),
        Edit::put("start", TERM_START.to_string()),
    ];
    entries.push(public(TERM_START, Kind::Term, term));
    let closes = plus(SESSION_START, SESSION_DAYS - 1);
    let session = vec![
        Edit::put("unit", unit_record(DISTRICT)),
        Edit::put("term", TERM),
        Edit::put("session", SESSION),
        Edit::put("start", SESSION_START.to_string()),
        Edit::put("end", closes.to_string()),
        Edit::put("congress_start", SESSION_START.to_string()),
        Edit::put("congress_end", closes.to_string()),
    ];
    entries.push(public(SESSION_START, Kind::Term, session));
    for (mechanism, title, plan) in PLANS {
        let mut edits = plan_of(calendar, mechanism, unit_record(DISTRICT), title, plan, 180_000);
        edits.extend(add_all("member_mandates", Chance::of(title).sample(deputies, GROUP_MEMBERS)));
        entries.push(public(plus(calendar.new_year(), 12), Kind::MechanismPlan, edits));
    }
    for (n, (title, audience, text)) in NOTICES.iter().enumerate() {
        let day = calendar.spread_from(calendar.new_year(), n, NOTICES.len());
        let edits = vec![
            Edit::put("title", *title),
            Edit::put("audience", *audience),
            Edit::put("date", day.to_string()),
            Edit::put("until", plus(day, 30).to_string()),
            Edit::write("text", text),
        ];
        entries.push(public(day, Kind::Notice, edits));
    }
    entries.push(public(plus(calendar.new_year(), 15), Kind::CodeEntry, sample_code(calendar)));
    let rule = |rule| {
        entry(plus(calendar.new_year(), 16), Kind::ScoreRule, spaces.district_office, sample_rule(calendar, rule))
    };
    entries.extend(SAMPLE_RULES.iter().map(rule));
    entries.extend(dossier_entries(calendar, "district", spaces.district_office, deputies, 12));
    entries
}

/// E25: a theme that the district might add.
fn sample_code(calendar: Calendar) -> Vec<Edit> {
    vec![
        Edit::put("list", "theme"),
        Edit::put("code", "rural_tourism"),
        Edit::put("zh", "乡村旅游"),
        Edit::put("en", "Rural tourism"),
        Edit::put("order", 90_i64),
        Edit::put("valid_from", calendar.new_year().to_string()),
        Edit::put("sample", true),
    ]
}

/// E17b: there is no period in which they are applied, since scoring is off by default.
fn sample_rule(calendar: Calendar, (section, title, per, value, cap): &(&str, &str, &str, i64, i64)) -> Vec<Edit> {
    vec![
        Edit::put("section", *section),
        Edit::put("title", *title),
        Edit::put("per", *per),
        Edit::put("value", *value),
        Edit::put("cap", *cap),
        Edit::put("valid_from", calendar.new_year().to_string()),
        Edit::put("basis", "示例，待区人大确认"),
        Edit::put("sample", true),
    ]
}

/// E3: how a town's or street's desk reaches some of its deputies. No local number begins with a
/// nought, so these are nobody's.
pub(super) fn contacts(space: SpaceId, unit: &Unit, people: &[RecordId]) -> Vec<Entry> {
    let mut chance = Chance::of(&format!("contacts {}", unit.code));
    let chosen = chance.sample(people, CONTACTS_PER_UNIT);
    let contact = |deputy: RecordId| {
        let mut edits =
            vec![Edit::put("deputy", deputy), Edit::put("phone", format!("0851-0000 0{:03}", chance.below(1000)))];
        if chance.percent(NEEDS_PERCENT) {
            edits.push(Edit::put("accessibility", *chance.pick(&["请用大字版材料", "听力不便，请当面通知"])));
        }
        entry(plus(TERM_START, 30), Kind::DeputyContact, space, edits)
    };
    chosen.into_iter().map(contact).collect()
}

/// A town's or street's.
pub(super) fn of_a_town(
    calendar: Calendar,
    spaces: &Spaces,
    stations: &[Station],
    n: usize,
    deputies: &[RecordId],
) -> Vec<Entry> {
    let unit = &UNITS[n];
    let public = spaces.town_public[n];
    let mut entries = Vec::new();
    for station in stations.iter().filter(|station| unit_of(station) == n) {
        for (list, _, items) in CHECKLISTS {
            entries.push(entry(check_day(calendar), Kind::ChecklistAnswer, public, answers(station, list, items)));
        }
    }
    if !deputies.is_empty() {
        entries.push(entry(plus(TERM_START, 60), Kind::Group, public, group(unit, deputies)));
    }
    let plan = "落实站室经费和值班人员，每月通报接待安排；年中检查一次台账。";
    let title = format!("{}代表工作服务保障方案", unit.name);
    let plan = plan_of(calendar, "service", unit.record(), &title, plan, 30_000);
    entries.push(entry(plus(calendar.new_year(), 20), Kind::MechanismPlan, public, plan));
    entries.extend(dossier_entries(calendar, unit.code, spaces.town_office[n], deputies, 3));
    entries
}

/// 整改事项, which lie at the town's desk: one for each visit.
pub(super) fn to_be_mended(calendar: Calendar, spaces: &Spaces, visits: &[Visited]) -> Vec<Entry> {
    let mended = |Visited { id, day, unit }: &Visited| {
        let mut chance = Chance::of(&format!("mended {id}"));
        let place = UNITS.iter().position(|other| other.record() == *unit)?;
        let due = plus(*day, 30);
        let state = match plus(due, chance.between(-12, 20)) < calendar.last() {
            true => "solved",
            false => *chance.pick(&["open", "mending"]),
        };
        let mut edits = vec![
            Edit::put("visit", *id),
            Edit::put("unit", *unit),
            Edit::put("title", *chance.pick(&["接待登记反馈日期未填", "超期意见未反馈", "公示栏信息未更新"])),
            Edit::put("date", day.to_string()),
            Edit::put("owner", staff_name(&format!("mends {id}"))),
            Edit::put("due", due.to_string()),
            Edit::put("state", state),
        ];
        if state == "solved" {
            edits.push(append("progress", "已逐条补填并回访，督导组复查通过。"));
        }
        let told = if state == "solved" { due.min(calendar.last()) } else { *day };
        Some(entry(told, Kind::Rectification, spaces.town_office[place], edits))
    };
    visits.iter().filter_map(mended).collect()
}

fn entry(day: Date, kind: Kind, space: SpaceId, edits: Vec<Edit>) -> Entry {
    Entry { day, at: ms(day, 15, 20), kind, space, edits }
}

/// The stations are checked in the first quarter.
fn check_day(calendar: Calendar) -> Date {
    calendar.no_later(plus(calendar.new_year(), 60))
}

fn answers(station: &Station, list: &str, items: &[&str]) -> Vec<Edit> {
    let mut chance = Chance::of(&format!("checked {} {list}", station.code));
    let definition = RecordId::derived(Kind::ChecklistDefinition, &[list, CHECKLIST_VERSION]);
    let mut edits = vec![Edit::put("station", station.record()), Edit::put("definition", definition)];
    for n in 1..=items.len() {
        if !chance.percent(LACKING_PERCENT) {
            edits.push(Edit::enter("answers", n, "yes"));
        } else {
            edits.push(Edit::enter("answers", n, *chance.pick(&["mending", "mending", "no"])));
            edits.push(Edit::enter("notes", n, *chance.pick(&["已列入本季度整改", "正在补齐", "待镇里统一安排"])));
        }
    }
    edits
}

fn group(unit: &Unit, deputies: &[RecordId]) -> Vec<Edit> {
    let mut chance = Chance::of(&format!("group {}", unit.code));
    let members = chance.sample(deputies, 9);
    let mut edits = vec![
        Edit::put("name", format!("{}第一代表小组", unit.name)),
        Edit::put("kind", "area"),
        Edit::write("plan", "每季度至少活动一次：一季度走访监测户，二季度视察饮水，三季度调研产业，四季度集中述职。"),
    ];
    edits.extend(members.first().map(|leader| Edit::put("leader", *leader)));
    edits.extend(add_all("members", members));
    edits
}

fn plan_of(calendar: Calendar, mechanism: &str, unit: RecordId, title: &str, plan: &str, budget: i64) -> Vec<Edit> {
    vec![
        Edit::put("mechanism", mechanism),
        Edit::put("unit", unit),
        Edit::put("year", i64::from(calendar.year())),
        Edit::put("title", title),
        Edit::put("head", staff_name(&format!("head of {title}"))),
        Edit::put("budget", budget),
        append("funds", format!("{}：站室办公用品和制度牌，{}元", plus(calendar.new_year(), 40), budget / 6)),
        Edit::write("plan", plan),
    ]
}

/// 表彰、会议: what no other record says.
fn dossier_entries(calendar: Calendar, name: &str, space: SpaceId, deputies: &[RecordId], count: usize) -> Vec<Entry> {
    let mut chance = Chance::of(&format!("dossier {name}"));
    let chosen = chance.sample(deputies, count);
    let entries = chosen.into_iter().enumerate().map(|(n, mandate)| {
        let day = calendar.spread_from(calendar.new_year(), n, count);
        let (section, text) = *chance.pick(DOSSIER);
        let edits = vec![
            Edit::put("mandate", mandate),
            Edit::put("section", section),
            Edit::put("date", day.to_string()),
            Edit::put("text", text),
        ];
        entry(day, Kind::DossierEntry, space, edits)
    });
    entries.collect()
}

const DOSSIER: &[(&str, &str)] = &[
    ("meetings", "出席人民代表大会会议，全程参加审议"),
    ("meetings", "列席常委会会议，就乡村医疗作发言"),
    ("honours", "被评为优秀代表建议领衔人"),
    ("honours", "所在代表小组获评先进代表小组"),
    ("training", "参加市人大常委会代表履职学习班三天"),
];

/// Section, title, unit, value and cap in hundredths of a point.
const SAMPLE_RULES: &[(&str, &str, &str, i64, i64)] = &[
    ("meetings", "出席代表大会会议", "act", 200, 1000),
    ("inspections", "参加视察、调研", "day", 150, 900),
    ("group", "参加代表小组活动", "act", 100, 400),
];

const PLANS: &[(&str, &str, &str)] = &[
    ("service", "代表履职服务保障工作方案", "成立领导小组，落实站室经费、阵地和人员，每季度调度一次。"),
    ("training", "代表履职培训年度计划", "区级四期、镇街各一期，走出去与请进来相结合，突出建议撰写和离线记录。"),
    ("assessment", "代表履职档案管理办法", "一人一档、一任一册；记录经镇街核实后归档，代表可提出异议，不排名。"),
    ("pairing", "街道与镇结对联系方案", "没有乡村振兴任务的街道与镇结对，每年开展活动不少于四次。"),
    ("routing", "代表建议分级交办流程", "信访事项引导，镇街能办的走代表直通车，区级事项按时限交办、面商、答复、测评。"),
    ("guidance", "主任会议成员督导调研安排", "每位成员联系两个镇街，发现问题当场交办，一个月内回访。"),
];

const NOTICES: &[(&str, &str, &str)] = &[
    (
        "关于做好年度代表述职工作的通知",
        "deputies",
        "请各位代表在年底前到原选区述职一次，述职报告交联络站录入，选民评议结果一并登记。",
    ),
    (
        "关于开展联络站（室）规范化核查的通知",
        "stations",
        "请各站室对照“八有”“九化”自查，缺项写明整改时限，镇街汇总后报区。",
    ),
    ("关于报送三季度代表活动台账的通知", "all", "请于本周五前核对活动、意见台账，退回补充的尽快补齐。"),
];
