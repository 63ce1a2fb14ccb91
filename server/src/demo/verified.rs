//! What deputies did and the offices verify (核实, DOMAIN §6.3 E6, E16, E17), and what deputies contest in their dossiers.

use lianxin_shared::{
    case::{Act, Fault},
    id::RecordId,
    schema::Kind,
};

use super::{
    chance::Chance,
    docket::{Docket, Hand},
    phone::{Arrived, Phone},
};

/// Of a hundred, those that come back to be amended.
const RETURNED_PERCENT: usize = 2;
/// Of mandates with an account, those in a hundred whose holder contests the dossier.
const CONTESTED_PERCENT: usize = 3;

/// Plans what the office does with what a phone has handed in.
pub(super) fn plan(docket: &mut Docket<'_>, phone: &Phone, office: &Hand) -> anyhow::Result<()> {
    for Arrived { kind, record, day } in &phone.arrived {
        if !matches!(kind, Kind::Activity | Kind::DutyReport | Kind::DossierEntry) {
            continue;
        }
        let mut chance = Chance::of(&format!("verified {record}"));
        let after_days = chance.between(1, 6);
        let returned = chance.percent(RETURNED_PERCENT) && !is_counted(phone, *kind, *record)?;
        let act = match returned {
            true => Act::AskRevision { text: "请补充参加人员和具体成效。".into() },
            false => Act::Verify,
        };
        docket.way(*kind, *record, *day, office.clone()).step(after_days, office, |_| act);
    }
    Ok(())
}

/// Whether a figure of the article rests on it: R6, R9.
fn is_counted(phone: &Phone, kind: Kind, record: RecordId) -> anyhow::Result<bool> {
    let contents = phone.contents(kind, record)?;
    Ok(contents.text("kind") == "pairing" || contents.number("jobs").is_some())
}

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
