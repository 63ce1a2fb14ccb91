//! What deputies did and the offices verify (核实, DOMAIN §6.3 E6, E16, E17).

use jiff::civil::Date;
use lianxin_shared::{case::Act, id::RecordId, record::Edit, schema::Kind};

use super::{
    calendar::{ms, plus},
    chance::Chance,
    docket::{Docket, Hand},
    phone::{Arrived, Phone},
};
use crate::hub::Hub;

/// What becomes of a record that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Verified,
    /// 更正 after it was verified.
    Corrected,
    /// 退回补充, and nothing yet.
    Returned,
    /// 退回补充, amended and handed in again.
    Amended,
    /// 作废: it was recorded twice.
    Void,
}

/// In a thousand.
const COURSES: &[(Course, usize)] = &[
    (Course::Verified, 962),
    (Course::Corrected, 8),
    (Course::Returned, 12),
    (Course::Amended, 14),
    (Course::Void, 4),
];
/// Days in which a record that came back is amended.
const AMENDED_DAYS: i64 = 9;

/// Plans what the office does with what a phone has handed in, and amends what came back. The holder acts by `hand`.
pub(super) async fn plan(
    hub: &Hub,
    docket: &mut Docket<'_>,
    phone: &mut Phone,
    hand: &Hand,
    office: &Hand,
) -> anyhow::Result<()> {
    for Arrived { kind, record, day } in phone.arrived.clone() {
        if !matches!(kind, Kind::Activity | Kind::DutyReport | Kind::DossierEntry) {
            continue;
        }
        let mut chance = Chance::of(&format!("verified {record}"));
        let course = match is_counted(phone, kind, record)? {
            true => Course::Verified,
            false => *chance.weighted(COURSES),
        };
        let amended = runs(docket, &mut chance, (kind, record, day), course, hand, office);
        if let Some(day) = amended.filter(|_| kind == Kind::Activity) {
            phone.edit(record, vec![Edit::write("outcome", AMENDMENT)], ms(day, 20, 10))?;
            phone.sync(hub, day).await?;
        }
    }
    Ok(())
}

/// One record's way through the office; on which day it is amended, if it came back.
fn runs(
    docket: &mut Docket<'_>,
    chance: &mut Chance,
    (kind, record, day): (Kind, RecordId, Date),
    course: Course,
    hand: &Hand,
    office: &Hand,
) -> Option<Date> {
    let mut way = docket.way(kind, record, day, office.clone());
    let after_days = chance.between(1, 6);
    match course {
        Course::Verified => drop(way.step(after_days, office, |_| Act::Verify)),
        Course::Corrected => {
            way.step(after_days, office, |_| Act::Verify)?;
            let text = "更正：日期应以签到表为准，原记录误记为次日。".into();
            way.step(chance.between(5, 20), hand, |_| Act::Correct { text });
        }
        Course::Void => {
            let text = "与联络站的记录重复，本条作废。".into();
            way.step(after_days, office, |_| Act::Void { text });
        }
        Course::Returned | Course::Amended => {
            let text = "请补充参加人员和具体成效。".into();
            let returned = way.step(after_days, office, |_| Act::AskRevision { text })?;
            if course == Course::Amended {
                let submit = Act::Submit { text: None, declared: true, again: None };
                way.step(AMENDED_DAYS, hand, |_| submit)?;
                way.step(chance.between(1, 5), office, |_| Act::Verify);
                return Some(plus(returned, AMENDED_DAYS - 1));
            }
        }
    }
    None
}

const AMENDMENT: &str = "补充：参加代表和群众已按签到表核对；会上商定的三件事已办结两件，另一件列入下月计划。";

/// Whether a figure of the article rests on it: R6, R9.
fn is_counted(phone: &Phone, kind: Kind, record: RecordId) -> anyhow::Result<bool> {
    let contents = phone.contents(kind, record)?;
    Ok(contents.text("kind") == "pairing" || contents.number("jobs").is_some())
}
