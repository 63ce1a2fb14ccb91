//! Villagers who left their name (E19): sealed, on the phone that took it down and on the server, and in no record.
//! All of them are invented, and so are their numbers.

use lianxin_shared::{
    id::RecordId,
    sealed::{Basis, Contents, NOTICE_VERSION, Sensitive},
    sorted::Set,
};

use super::chance::Chance;

/// In a hundred voices.
const NAMED_PERCENT: usize = 4;
/// Of these, in a hundred, those who spoke of an illness.
const ILL_PERCENT: usize = 12;

/// How they are called, and their names.
const VILLAGERS: [(&str, &str); 8] = [
    ("张大爷", "张德洪"),
    ("李孃孃", "李先琼"),
    ("王某某", "王应权"),
    ("赵婆婆", "赵国珍"),
    ("陈师傅", "陈永忠"),
    ("杨某某", "杨昌秀"),
    ("何大叔", "何正才"),
    ("罗某某", "罗开芬"),
];

/// Whom a voice is from, where the villager said so after having heard what it is for.
pub(super) fn of(voice: RecordId, at: i64) -> Option<Contents> {
    // A stream of its own, so that nothing else of the year shifts.
    let mut chance = Chance::of(&format!("villager {voice}"));
    if !chance.percent(NAMED_PERCENT) {
        return None;
    }
    let (alias, name) = *chance.pick(&VILLAGERS);
    let mut sensitive = Set::new();
    if chance.percent(ILL_PERCENT) {
        sensitive.insert(Sensitive::Health);
    }
    Some(Contents {
        alias: alias.into(),
        name: name.into(),
        phone: format!("1390852{:04}", chance.below(10_000)),
        address: String::new(),
        note: "办理情况请打电话告知。".into(),
        basis: Basis::Consent,
        notice_version: NOTICE_VERSION.into(),
        noticed_ms: at,
        consent_by: String::new(),
        sensitive,
        newer: Vec::new(),
    })
}
