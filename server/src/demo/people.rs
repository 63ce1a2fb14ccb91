//! Who: invented deputies with their mandates, and the staff. Nobody here is a real person; names
//! repeat, as they do (DOMAIN §1, finding 3).

use super::{
    chance::Chance,
    places::{CITY_SEATS, Station, UNITS, stations},
};

/// Real people named in the source article: never used.
pub const FORBIDDEN_NAMES: [&str; 3] = ["黄光领", "黄中敏", "胡艳维"];

/// A deputy.
#[derive(Debug, Clone)]
pub(super) struct Deputy {
    pub(super) name: String,
    pub(super) gender: &'static str,
    pub(super) ethnicity: &'static str,
    pub(super) post: String,
    pub(super) strengths: Vec<&'static str>,
    pub(super) seats: Vec<Seat>,
    /// The place of the deputy's station in [`stations`].
    pub(super) station: usize,
}

/// One mandate.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) level: Level,
    pub(super) constituency: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Town,
    District,
    City,
}

impl Level {
    pub(super) fn code(self) -> &'static str {
        match self {
            Level::Town => "town",
            Level::District => "district",
            Level::City => "city",
        }
    }
}

/// All deputies: by unit, then by seat.
pub(super) fn deputies() -> Vec<Deputy> {
    let stations = stations();
    let mut chance = Chance::of("people");
    let mut all = Vec::new();
    for unit in &UNITS {
        let here: Vec<usize> = (0..stations.len()).filter(|n| stations[*n].unit.code == unit.code).collect();
        let mut seated = Vec::new();
        for n in 0..unit.town_seats {
            let station = here[n % here.len()];
            let seat = Seat { level: Level::Town, constituency: town_constituency(unit.villages, n) };
            seated.push(invent(&mut chance, &stations[station], station, seat));
        }
        let both = if unit.is_town() { seats_held_twice(unit.code) } else { 0 };
        for n in 0..unit.district_seats {
            let constituency = format!("{}第{}选区", unit.name, NUMERALS[n / 3 % NUMERALS.len()]);
            let seat = Seat { level: Level::District, constituency };
            match seated.get_mut(FIRST_HELD_TWICE + n * 4).filter(|_| n < both) {
                Some(deputy) => deputy.seats.push(seat),
                None => {
                    let station = here[n % here.len()];
                    seated.push(invent(&mut chance, &stations[station], station, seat));
                }
            }
        }
        seat_in_city(&mut chance, unit.name, &stations, &here, &mut seated);
        cast(unit.name, &here, &mut seated);
        all.extend(seated);
    }
    all
}

/// In 芝麻镇 this is 李秀碧.
const FIRST_HELD_TWICE: usize = 9;

/// District seats of a town that its town deputies hold: 20 in the eight towns.
fn seats_held_twice(code: &str) -> usize {
    if code.ends_with(['2', '5', '7', '8']) { 3 } else { 2 }
}

fn town_constituency(villages: &[&str], n: usize) -> String {
    format!("{}选区", villages[n % villages.len()])
}

/// Five of the six city deputies are district deputies too.
fn seat_in_city(chance: &mut Chance, unit: &str, stations: &[Station], here: &[usize], seated: &mut Vec<Deputy>) {
    let Some(nth) = CITY_SEATS.iter().position(|seat| *seat == unit) else { return };
    let seat = Seat { level: Level::City, constituency: "汇川区人民代表大会".into() };
    match seated.iter_mut().rev().find(|deputy| deputy.seats.len() == 1).filter(|_| nth > 0) {
        Some(deputy) => deputy.seats.push(seat),
        None => seated.push(invent(chance, &stations[here[0]], here[0], seat)),
    }
}

fn invent(chance: &mut Chance, at: &Station, station: usize, seat: Seat) -> Deputy {
    let woman = chance.percent(30);
    let name = loop {
        let name = invent_name(chance, woman);
        if !FORBIDDEN_NAMES.contains(&name.as_str()) {
            break name;
        }
    };
    let ethnicity = chance.weighted(&[("汉族", 86), ("苗族", 5), ("仡佬族", 4), ("土家族", 3), ("布依族", 2)]);
    let (post, strengths) = chance.pick(if at.unit.is_town() { COUNTRY_POSTS } else { CITY_POSTS });
    let village = at.village.unwrap_or_else(|| chance.below(at.unit.villages.len()));
    Deputy {
        name,
        gender: if woman { "female" } else { "male" },
        ethnicity,
        post: post.replace("{v}", at.unit.villages[village]).replace("{t}", at.unit.name),
        strengths: strengths.to_vec(),
        seats: vec![seat],
        station,
    }
}

fn invent_name(chance: &mut Chance, woman: bool) -> String {
    let family = chance.weighted(FAMILY_NAMES);
    if woman {
        return format!("{family}{}{}", chance.pick(WOMEN_FIRST), chance.pick(WOMEN_SECOND));
    }
    if chance.percent(12) {
        return format!("{family}{}", chance.pick(MEN_SECOND));
    }
    format!("{family}{}{}", chance.pick(MEN_FIRST), chance.pick(MEN_SECOND))
}

/// The fictional people of DOMAIN §9, each where the stories of §8 need them.
struct Part {
    name: &'static str,
    gender: &'static str,
    ethnicity: &'static str,
    unit: &'static str,
    /// The n-th deputy of the unit's n-th station.
    station: usize,
    post: &'static str,
}

const fn part(
    name: &'static str,
    gender: &'static str,
    ethnicity: &'static str,
    unit: &'static str,
    station: usize,
    post: &'static str,
) -> Part {
    Part { name, gender, ethnicity, unit, station, post }
}

const CAST: [Part; 9] = [
    part("黄光明", "male", "汉族", "芝麻镇", 1, "竹元村蔬菜专业合作社理事长"),
    part("陈德贵", "male", "汉族", "芝麻镇", 1, "竹元村村民委员会委员"),
    part("李秀碧", "female", "汉族", "芝麻镇", 1, "竹元村乡村医生"),
    part("黄光明", "male", "汉族", "高坪街道", 1, "海龙囤村村民，乡村旅馆经营者"),
    part("杨昌华", "male", "苗族", "山盆镇", 0, "山盆镇高粱种植大户"),
    part("田维珍", "female", "仡佬族", "毛石镇", 0, "毛石小学教师"),
    part("罗永富", "male", "汉族", "松林镇", 1, "干堰村烤烟种植户"),
    part("何朝会", "female", "汉族", "团泽镇", 1, "群兴村辣椒合作社负责人"),
    part("王大文", "male", "汉族", "沙湾镇", 1, "底水村村医"),
];

/// Gives the unit's parts of the cast to the first deputies of their stations.
fn cast(unit: &str, here: &[usize], seated: &mut [Deputy]) {
    for station in here {
        let parts = CAST.iter().filter(|part| part.unit == unit && here.get(part.station) == Some(station));
        for (part, deputy) in parts.zip(seated.iter_mut().filter(|deputy| deputy.station == *station)) {
            deputy.name = part.name.into();
            deputy.gender = part.gender;
            deputy.ethnicity = part.ethnicity;
            deputy.post = part.post.into();
        }
    }
}

/// A staff member's name: of a station, a town's office.
pub(super) fn staff_name(of: &str) -> String {
    let mut chance = Chance::of(&format!("staff {of}"));
    let woman = chance.percent(55);
    invent_name(&mut chance, woman)
}

/// Officials of the standing committee who hold no mandate, invented.
pub(super) const OFFICIALS: [&str; 3] = ["赵廷文", "吴成林", "申桂华"];

const NUMERALS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

/// Common in northern Guizhou.
const FAMILY_NAMES: &[(&str, usize)] = &[
    ("王", 9),
    ("李", 8),
    ("张", 8),
    ("陈", 7),
    ("杨", 6),
    ("罗", 5),
    ("黄", 5),
    ("刘", 5),
    ("周", 4),
    ("赵", 4),
    ("吴", 4),
    ("何", 3),
    ("袁", 3),
    ("娄", 3),
    ("田", 3),
    ("冯", 3),
    ("徐", 2),
    ("胡", 2),
    ("邓", 2),
    ("谢", 2),
    ("申", 2),
    ("余", 2),
    ("令狐", 2),
    ("骆", 1),
    ("犹", 1),
    ("穆", 1),
    ("宋", 1),
    ("韩", 1),
];
const MEN_FIRST: &[&str] = &[
    "光", "德", "昌", "永", "国", "正", "大", "朝", "兴", "廷", "成", "世", "家", "先", "明", "登", "泽", "绍", "云",
    "天",
];
const MEN_SECOND: &[&str] = &[
    "明", "贵", "华", "富", "强", "勇", "文", "林", "军", "平", "海", "云", "伦", "祥", "会", "书", "刚", "才", "武",
    "友",
];
const WOMEN_FIRST: &[&str] = &["秀", "绍", "朝", "维", "小", "玉", "春", "桂", "兴", "正", "晓", "忠", "光", "群"];
const WOMEN_SECOND: &[&str] = &["碧", "珍", "芬", "会", "兰", "英", "琴", "群", "梅", "霞", "丽", "容", "先", "莲"];

type PostOf = (&'static str, &'static [&'static str]);

const COUNTRY_POSTS: &[PostOf] = &[
    ("{v}党支部书记、村委会主任", &["基层治理"]),
    ("{v}村民委员会委员", &["基层治理", "矛盾调解"]),
    ("{v}种植大户", &["辣椒种植", "高粱种植"]),
    ("{v}养殖户", &["生猪养殖", "肉牛养殖"]),
    ("{v}专业合作社理事长", &["合作社经营", "蔬菜种植"]),
    ("{v}村民", &[]),
    ("{v}乡村医生", &["基层医疗"]),
    ("{t}中心小学教师", &["乡村教育"]),
    ("{t}卫生院医生", &["基层医疗"]),
    ("{t}农业技术推广站技术员", &["农业技术", "病虫害防治"]),
    ("返乡创业人员，农家乐经营者", &["乡村旅游"]),
    ("{t}个体工商户", &["商贸流通"]),
    ("{t}酒用高粱收购点负责人", &["高粱种植", "订单农业"]),
    ("{t}烤烟种植户", &["烤烟种植"]),
];

const CITY_POSTS: &[PostOf] = &[
    ("{v}党委书记", &["社区治理"]),
    ("{v}居民委员会副主任", &["社区治理", "养老服务"]),
    ("{t}企业负责人", &["企业管理", "就业"]),
    ("{t}中学教师", &["教育"]),
    ("{t}社区卫生服务中心主治医师", &["医疗卫生"]),
    ("律师", &["法律服务"]),
    ("{t}物业公司经理", &["物业管理"]),
    ("{t}个体工商户", &["商贸流通"]),
    ("{t}环卫工人", &["城市管理"]),
    ("{t}社会工作者", &["养老服务", "青少年服务"]),
];

#[cfg(test)]
mod tests {
    use super::{super::volumes, *};

    #[test]
    fn the_seats_are_taken() {
        let deputies = deputies();
        let seats: Vec<&Seat> = deputies.iter().flat_map(|deputy| &deputy.seats).collect();
        assert_eq!(seats.len(), volumes::MANDATES);
        assert_eq!(seats.len() - deputies.len(), volumes::FURTHER_MANDATES);
        assert!(deputies.iter().any(|deputy| deputy.seats.len() > 1 && deputy.seats[0].level == Level::Town));
        let stations = stations();
        for deputy in &deputies {
            let in_street = !stations[deputy.station].unit.is_town();
            assert!(!(in_street && deputy.seats[0].level == Level::Town), "streets have no congress");
        }
    }

    #[test]
    fn the_cast_has_its_places_and_real_people_have_none() {
        let deputies = deputies();
        let stations = stations();
        let named = |name: &str| deputies.iter().filter(|deputy| deputy.name == name).collect::<Vec<_>>();
        assert!(named("黄光明").len() >= 2);
        for name in ["黄光明", "陈德贵", "李秀碧"] {
            assert!(named(name).iter().any(|deputy| stations[deputy.station].name == "竹元村联络室"), "{name}");
        }
        assert!(FORBIDDEN_NAMES.iter().all(|name| named(name).is_empty()));
        assert!(deputies.iter().all(|deputy| deputy.post.chars().count() <= 60));
    }
}
