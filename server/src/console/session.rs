//! The session that a page is about, where nobody says which: the one on record (届次, E4).

use lianxin_shared::{
    case::{
        Date,
        session::{self, Sitting},
    },
    id::{RecordId, UnitCode},
    record::{FieldValue, Value},
    rights::SpaceKind,
    schema::Kind,
    sorted::Map,
};

use super::{desk::Desk, directory::everything, problem::Problem, record::prefilled};

/// Records of terms and sessions that are read: a district and its towns have some six a year.
const TERMS_MAX: u32 = 200;

/// How things stand today with the congress of a unit, as far as the reader may know.
pub(super) async fn today(desk: &Desk, unit: &UnitCode) -> Result<Option<Sitting>, Problem> {
    let rows = desk.store().ledger(&everything(desk, Kind::Term), None, TERMS_MAX).await?;
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let terms: Vec<_> = desk.hub().contents(desk.person(), &ids).await?.into_values().collect();
    Ok(session::on(&terms, RecordId::derived(Kind::AdminUnit, &[&unit.0]), Date::at(desk.now_ms())))
}

/// The same of the reader's district.
pub(super) async fn of_district(desk: &Desk) -> Result<Option<Sitting>, Problem> {
    let mut units = desk.spaces.iter().filter_map(|granted| granted.space.unit.district());
    match units.next() {
        Some(district) => today(desk, &UnitCode(district.to_owned())).await,
        None => Ok(None),
    }
}

/// What the form of a suggestion begins with (E9: 届次会次、会上/闭会). Raised at the district's desk it is the district's
/// congress that counts, at a town's the town's.
pub(super) async fn prefill(desk: &Desk, fields: &mut Map<&'static str, FieldValue>) -> Result<(), Problem> {
    let spaces = desk.spaces_to_create(Kind::Suggestion);
    let desk_of = |kind: SpaceKind| spaces.iter().find(|space| space.kind == kind);
    let Some(space) = desk_of(SpaceKind::DistrictOffice).or(desk_of(SpaceKind::TownOffice)) else { return Ok(()) };
    let Some(sitting) = today(desk, &space.unit).await? else { return Ok(()) };
    let said = [("term", sitting.term), ("session", sitting.session)];
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    fields.extend(said.map(|(field, text)| (field, prefilled(Value::Text(text)))));
    fields.insert("in_session", prefilled(Value::Bool(sitting.in_session)));
    Ok(())
}
