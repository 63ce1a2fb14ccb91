//! What becomes of mandates (DOMAIN §6.3 E3b): what deputies contest in their dossiers, suspension and end.

use lianxin_shared::{
    case::{Act, Fault},
    id::RecordId,
    schema::Kind,
};

use super::{
    calendar::plus,
    chance::Chance,
    docket::{Docket, Hand},
};

/// Of mandates with an account, those in a hundred whose holder contests the dossier.
const CONTESTED_PERCENT: usize = 3;
/// How long before the end of the demo year mandates change.
const CHANGED_DAYS: i64 = 40;

/// 异议: what a deputy misses in the dossier; the office answers some.
pub(super) fn contests(docket: &mut Docket<'_>, mandates: &[RecordId], office: &Hand) {
    for mandate in mandates {
        let mut chance = Chance::of(&format!("contest {mandate}"));
        if !chance.percent(CONTESTED_PERCENT) {
            continue;
        }
        let day = docket.calendar.spread_from(docket.calendar.new_year(), chance.below(12), 12);
        let mut way = docket.way(Kind::Mandate, *mandate, day, office.clone());
        let text = "三月随镇人大参加的集中视察没有归入档案。".into();
        let contest = |_| Act::Contest { fault: Fault::Missing, about: None, text };
        if way.step(1, &Hand::Deputy(*mandate), contest).is_some() && chance.percent(60) {
            // The contest is the mandate's first event.
            let settle = |_| Act::SettleContest { contest: 1, upheld: true, text: "已补录，请核对。".into() };
            way.step(chance.between(2, 8), office, settle);
        }
    }
}

/// 暂停执行, 恢复执行, 终止 (代表法 第六十一、六十二条), of a few who have no account.
pub(super) fn changes(docket: &mut Docket<'_>, mandates: &[RecordId]) {
    let without: Vec<RecordId> =
        mandates.iter().copied().filter(|mandate| !docket.hands.have(&Hand::Deputy(*mandate))).collect();
    let chosen = Chance::of("mandates").sample(&without, ENDED.len() + SUSPENDED.len());
    let day = plus(docket.calendar.last(), -CHANGED_DAYS);
    let (ended, suspended) = chosen.split_at(ENDED.len().min(chosen.len()));
    for (mandate, text) in ended.iter().zip(ENDED) {
        let mut way = docket.way(Kind::Mandate, *mandate, day, Hand::District);
        way.step(20, &Hand::District, |on| Act::End { on, text: (*text).into() });
    }
    for (mandate, (text, resumed)) in suspended.iter().zip(SUSPENDED) {
        let mut way = docket.way(Kind::Mandate, *mandate, day, Hand::District);
        let suspended = way.step(3, &Hand::District, |on| Act::Suspend { on, text: (*text).into() });
        if suspended.is_some() && *resumed {
            way.step(21, &Hand::District, |on| Act::Resume { on });
        }
    }
}

const ENDED: &[&str] = &["工作调动迁出本行政区域，代表资格终止。", "本人书面辞去代表职务，常委会会议接受辞职。"];
/// With whether it is over by now.
const SUSPENDED: &[(&str, bool)] = &[
    ("因刑事案件被羁押，正在受侦查，暂停执行代表职务。", false),
    ("被判处拘役，正在服刑，暂停执行代表职务。", false),
    ("因刑事案件被羁押，正在受起诉，暂停执行代表职务。", true),
];
