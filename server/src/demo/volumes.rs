//! How much of everything there is (DOMAIN §9, "Volumes for a demo year"), and the figures of the
//! source article that the records add up to (DOMAIN §7.1).

/// R1: 14 站 + 37 室.
pub const STATIONS: usize = 51;
pub const ROOMS: usize = 37;
/// Towns and streets (DOMAIN §1.2).
pub const UNITS: usize = 14;
pub const VILLAGES: usize = 106;
/// Mandates in office, of all levels.
pub const MANDATES: usize = 740;
/// Of these, the second or third mandate of a person (invented; finding 3 of DOMAIN).
pub const FURTHER_MANDATES: usize = 25;
/// Activities of the demo year, pairing activities included.
pub const ACTIVITIES: usize = 1_900;
/// Of these, organised by the district and by towns and streets (invented split).
pub(super) const DISTRICT_ACTIVITIES: usize = 48;
pub(super) const TOWN_ACTIVITIES: usize = 140;
pub const VOICES: usize = 3_200;
/// R2: of the session 五届一次, and those of them about rural revitalization (25/129 = 19.4 %).
pub const SESSION_SUGGESTIONS: usize = 129;
pub const RURAL_SUGGESTIONS: usize = 25;
/// R3: the rural ones by category (the split is invented).
pub const RURAL_BY_CATEGORY: [(&str, usize); 5] =
    [("industry", 8), ("roads", 7), ("village", 5), ("education_health", 4), ("other", 1)];
/// District suggestions between sessions (闭会期间).
pub const BETWEEN_SESSIONS_SUGGESTIONS: usize = 60;
/// Of these, taken over from towns and streets (上收, invented).
pub(super) const TAKEN_OVER_SUGGESTIONS: usize = 3;
/// 代表直通车.
pub const EXPRESS_SUGGESTIONS: usize = 640;
/// R4: person-times of the trainings since the change of term, with who held them (invented split).
pub const TRAININGS: [(&str, usize); 11] = [
    ("district", 72),
    ("district", 60),
    ("town", 55),
    ("town", 48),
    ("district", 64),
    ("town", 50),
    ("district", 58),
    ("town", 45),
    ("district", 66),
    ("town", 52),
    ("town", 50),
];
/// R4: 620 人次.
pub const PERSON_TIMES: usize = 620;
/// R5: 督导调研 of the year.
pub const GUIDANCE_VISITS: usize = 12;
/// R6: what a pair owes in a year.
pub const PAIRING_TARGET: i64 = 4;
/// R6: the pairs (invented), and what each has done this year. Two have met the target; the third
/// stands at 3 of 4 as in DOMAIN §8 story 10, which is on track until October and 需加快 from November.
pub const PAIRINGS: [(&str, &str, usize); 3] =
    [("上海路街道", "芝麻镇", 4), ("洗马路街道", "毛石镇", 4), ("大连路街道", "山盆镇", 3)];
/// Reception days that a station holds in the year: one a month (DOMAIN §1.3).
pub(super) const RECEPTION_DAYS_PER_STATION: usize = 12;

const _: () = assert!(RURAL_SUGGESTIONS <= SESSION_SUGGESTIONS && ROOMS + UNITS == STATIONS);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_add_up() {
        assert_eq!(TRAININGS.iter().map(|(_, person_times)| person_times).sum::<usize>(), PERSON_TIMES);
        assert_eq!(RURAL_BY_CATEGORY.iter().map(|(_, count)| count).sum::<usize>(), RURAL_SUGGESTIONS);
    }
}
