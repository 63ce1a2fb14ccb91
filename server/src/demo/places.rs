//! Where: Huichuan's towns and streets, villages and communities, liaison stations and rooms.
//!
//! Towns and streets carry the codes of the statistics bureau (DOMAIN §1.2); the last digits of
//! villages and stations are invented, since no list of them was found.

use lianxin_shared::{
    id::{RecordId, UnitCode},
    schema::Kind,
};

use super::calendar::ReceptionDays;

pub(super) const DISTRICT: &str = "520303";
pub(super) const DISTRICT_NAME: &str = "汇川区";

/// A town (镇) or a street (街道), which has no people's congress.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) villages: &'static [&'static str],
    /// Villages with a liaison room (室).
    pub(super) rooms: &'static [&'static str],
    /// Deputies to the town's congress and to the district's (numbers invented on the law's formula, DOMAIN §1.2).
    pub(super) town_seats: usize,
    pub(super) district_seats: usize,
}

impl Unit {
    pub(super) fn is_town(&self) -> bool {
        self.town_seats > 0
    }

    pub(super) fn level(&self) -> &'static str {
        if self.is_town() { "town" } else { "street" }
    }

    pub(super) fn code(&self) -> UnitCode {
        UnitCode(self.code.into())
    }

    pub(super) fn record(&self) -> RecordId {
        unit_record(self.code)
    }

    /// The name of the body that acts for deputies there.
    pub(super) fn office(&self) -> String {
        if self.is_town() { format!("{}人大", self.name) } else { format!("{}人大工委", self.name) }
    }

    pub(super) fn village(&self, n: usize) -> Village {
        let name = self.villages[n];
        let is_village = name.ends_with('村');
        // As the statistics bureau numbers them: communities from 001, villages from 200.
        let number = if is_village { 200 + n } else { 1 + n };
        Village {
            name,
            code: format!("{}{number:03}", self.code),
            level: if is_village { "village" } else { "community" },
        }
    }

    pub(super) fn all_villages(&self) -> Vec<Village> {
        (0..self.villages.len()).map(|n| self.village(n)).collect()
    }

    /// The town's station, then its rooms.
    pub(super) fn stations(&'static self) -> Vec<Station> {
        let own = Station {
            unit: self,
            code: format!("{}S00", self.code),
            name: format!("{}人大代表联络站", self.name),
            kind: "station",
            village: None,
            rule: self.station_rule(),
        };
        let rooms = self.rooms.iter().enumerate().map(|(n, village)| Station {
            unit: self,
            code: format!("{}S{:02}", self.code, n + 1),
            name: format!("{village}联络室"),
            kind: "room",
            village: self.villages.iter().position(|name| name == village),
            rule: ReceptionDays::ALL[(n + self.villages.len()) % ReceptionDays::ALL.len()],
        });
        std::iter::once(own).chain(rooms).collect()
    }

    /// DOMAIN §8 story 3: at 山盆 it is 农历逢三、六、九.
    fn station_rule(&self) -> ReceptionDays {
        if self.name == "山盆镇" {
            return ReceptionDays::ALL[5];
        }
        ReceptionDays::ALL[self.villages.len() % ReceptionDays::ALL.len()]
    }
}

/// A village (村) or community (社区、居).
#[derive(Debug, Clone)]
pub(super) struct Village {
    pub(super) name: &'static str,
    pub(super) code: String,
    pub(super) level: &'static str,
}

impl Village {
    pub(super) fn record(&self) -> RecordId {
        unit_record(&self.code)
    }
}

/// A liaison station (站) or room (室).
#[derive(Debug, Clone)]
pub(super) struct Station {
    pub(super) unit: &'static Unit,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    /// A room's village, by its place in the unit's list.
    pub(super) village: Option<usize>,
    pub(super) rule: ReceptionDays,
}

impl Station {
    pub(super) fn record(&self) -> RecordId {
        RecordId::derived(Kind::Station, &[&self.code])
    }

    pub(super) fn code(&self) -> UnitCode {
        UnitCode(self.code.clone())
    }

    /// Its village, or its town or street.
    pub(super) fn place(&self) -> RecordId {
        self.village.map_or_else(|| self.unit.record(), |n| self.unit.village(n).record())
    }

    pub(super) fn address(&self) -> String {
        match self.village {
            Some(n) => format!("{}{}{}办公楼一楼", DISTRICT_NAME, self.unit.name, self.unit.villages[n]),
            None => format!("{}{}便民服务中心二楼", DISTRICT_NAME, self.unit.name),
        }
    }
}

pub(super) fn unit_record(code: &str) -> RecordId {
    RecordId::derived(Kind::AdminUnit, &[code])
}

/// Every station, towns' and streets' in the order of [`UNITS`].
pub(super) fn stations() -> Vec<Station> {
    UNITS.iter().flat_map(Unit::stations).collect()
}

/// The fourteen, with the villages and communities of DOMAIN §9. Which villages have rooms is invented.
pub(super) static UNITS: [Unit; super::volumes::UNITS] = [
    Unit {
        name: "上海路街道",
        code: "520303001",
        villages: &["南京路社区", "长征社区", "乌江恬苑社区", "茅草西社区"],
        rooms: &[],
        town_seats: 0,
        district_seats: 26,
    },
    Unit {
        name: "洗马路街道",
        code: "520303002",
        villages: &["添阳社区", "汇川社区", "高泥社区", "新舟社区", "洗马社区", "仁和苑社区"],
        rooms: &[],
        town_seats: 0,
        district_seats: 26,
    },
    Unit {
        name: "大连路街道",
        code: "520303003",
        villages: &["航星社区", "长沙路社区", "坪山社区", "航天社区", "长新社区"],
        rooms: &[],
        town_seats: 0,
        district_seats: 26,
    },
    Unit {
        name: "高桥街道",
        code: "520303004",
        villages: &[
            "十字社区",
            "高桥社区",
            "新桥社区",
            "干田社区",
            "鱼芽社区",
            "黄泥社区",
            "泥桥社区",
            "兴洲坝社区",
            "河溪村",
        ],
        rooms: &["河溪村"],
        town_seats: 0,
        district_seats: 24,
    },
    Unit {
        name: "董公寺街道",
        code: "520303005",
        villages: &["五星社区", "和平社区", "交通社区", "建国社区", "沿红社区"],
        rooms: &["和平社区"],
        town_seats: 0,
        district_seats: 24,
    },
    Unit {
        name: "高坪街道",
        code: "520303006",
        villages: &[
            "海龙囤村",
            "仁江村",
            "金塘村",
            "双江居",
            "大桥村",
            "鸣庄村",
            "高坪社区",
            "双狮村",
            "新黔村",
            "排军村",
            "永胜村",
            "新拱村",
            "清溪村",
        ],
        rooms: &["海龙囤村", "仁江村", "大桥村", "排军村", "清溪村"],
        town_seats: 0,
        district_seats: 24,
    },
    Unit {
        name: "团泽镇",
        code: "520303102",
        villages: &["群兴村", "三联村", "洪江村", "上坪村", "和平村", "团泽居", "高台村", "卜台村", "木杨村", "大坎村"],
        rooms: &["群兴村", "三联村", "和平村", "卜台村", "木杨村"],
        town_seats: 61,
        district_seats: 17,
    },
    Unit {
        name: "板桥镇",
        code: "520303104",
        villages: &["板桥社区", "长田村", "大沟村", "板桥村", "娄山关村", "柏杨村", "中寺村"],
        rooms: &["长田村", "娄山关村", "中寺村"],
        town_seats: 56,
        district_seats: 14,
    },
    Unit {
        name: "泗渡镇",
        code: "520303105",
        villages: &["观坝村", "松杉村", "布政村", "麻沟村", "金田村", "幸福村", "双仙村", "上坝村", "泗渡居"],
        rooms: &["观坝村", "松杉村", "麻沟村", "双仙村"],
        town_seats: 59,
        district_seats: 15,
    },
    Unit {
        name: "沙湾镇",
        code: "520303106",
        villages: &["底水村", "混子村", "八一村", "沙湾村", "建设村", "米粮村", "安村村", "连阡村"],
        rooms: &["底水村", "八一村", "米粮村", "连阡村"],
        town_seats: 57,
        district_seats: 15,
    },
    Unit {
        name: "山盆镇",
        code: "520303107",
        villages: &[
            "李梓村",
            "剑坝村",
            "打鼓村",
            "落炉村",
            "雨台村",
            "新华村",
            "茶厂村",
            "高雄村",
            "石盆村",
            "丁村村",
            "山盆村",
            "太坪村",
            "从坝村",
        ],
        rooms: &["李梓村", "打鼓村", "落炉村", "雨台村", "石盆村"],
        town_seats: 65,
        district_seats: 19,
    },
    Unit {
        name: "芝麻镇",
        code: "520303108",
        villages: &["竹元村", "高原村", "观音寺村", "新民村", "芝麻村"],
        rooms: &["竹元村", "高原村", "新民村"],
        town_seats: 53,
        district_seats: 14,
    },
    Unit {
        name: "松林镇",
        code: "520303109",
        villages: &["干堰村", "松林居", "中南村", "丁台村", "庙林村", "新庄村"],
        rooms: &["干堰村", "丁台村", "庙林村"],
        town_seats: 54,
        district_seats: 15,
    },
    Unit {
        name: "毛石镇",
        code: "520303110",
        villages: &["乐遥村", "毛石村", "台上村", "中坝村", "大梨村", "白花村"],
        rooms: &["乐遥村", "台上村", "大梨村"],
        town_seats: 55,
        district_seats: 15,
    },
];

/// Deputies to the city's congress, by unit (invented).
pub(super) const CITY_SEATS: [&str; 6] = ["上海路街道", "洗马路街道", "大连路街道", "高坪街道", "团泽镇", "山盆镇"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::volumes, *};

    #[test]
    fn the_district_has_its_villages_stations_and_seats() {
        assert_eq!(UNITS.iter().map(|unit| unit.villages.len()).sum::<usize>(), volumes::VILLAGES);
        let stations = stations();
        assert_eq!(stations.len(), volumes::STATIONS);
        assert_eq!(stations.iter().filter(|station| station.kind == "room").count(), volumes::ROOMS);
        assert!(stations.iter().all(|station| (station.kind == "room") == station.village.is_some()));
        let seats = UNITS.iter().map(|unit| unit.town_seats + unit.district_seats).sum::<usize>();
        assert_eq!(seats + CITY_SEATS.len(), volumes::MANDATES);
    }

    #[test]
    fn codes_are_unique_and_lie_within_their_town() {
        let villages = UNITS.iter().flat_map(|unit| unit.all_villages().into_iter().map(move |v| (unit, v.code)));
        let stations = stations();
        let stations = stations.iter().map(|station| (station.unit, station.code.clone()));
        let mut seen = BTreeSet::new();
        for (unit, code) in villages.chain(stations) {
            assert!(UnitCode(code.clone()).within(&unit.code()));
            assert!(seen.insert(code));
        }
        assert_eq!(UNITS[11].stations()[1].code, "520303108S01");
    }
}
