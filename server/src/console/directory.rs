//! What forms and filters offer to choose from: stations, units, pairings, deputies.

use lianxin_shared::{id::RecordId, rights::SpaceKind, schema::Kind};

use super::{
    desk::Desk,
    names::{Names, Town, towns},
    problem::Problem,
    words::Words,
};
use crate::store::{LedgerQuery, LedgerRow};

/// Records offered in one list. A district has some 140 units, 51 stations and 900 mandates.
const OFFERED_MAX: u32 = 3000;

/// Something that can be chosen: a record and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub id: RecordId,
    pub label: String,
}

/// The readable records of a kind.
pub(super) async fn offers(desk: &Desk, kind: Kind) -> Result<Vec<Offer>, Problem> {
    let rows = desk.store().ledger(&everything(desk, kind), None, OFFERED_MAX).await?;
    let mentioned: Vec<RecordId> = rows
        .iter()
        .flat_map(|row| {
            let town = row.summary.status.parse().ok();
            [row.summary.station, row.summary.place, town].into_iter().flatten()
        })
        .collect();
    let names = Names::of(desk, mentioned).await?;
    let towns = if kind == Kind::AdminUnit { towns(desk).await? } else { Vec::new() };
    let labelled = rows.iter().map(|row| (order(desk, kind, row), label(desk.words, &names, &towns, row), row.id));
    let mut labelled: Vec<_> = labelled.collect();
    labelled.sort();
    Ok(labelled.into_iter().map(|(_, label, id)| Offer { id, label }).collect())
}

/// What belongs to a place is listed town by town, the district's own units last: most people have
/// one town. People are listed by name.
fn order(desk: &Desk, kind: Kind, row: &LedgerRow) -> (bool, String) {
    let space = desk.spaces.iter().map(|granted| &granted.space).find(|space| space.id == row.space);
    match space.filter(|_| matches!(kind, Kind::AdminUnit | Kind::Station)) {
        Some(space) => (space.kind == SpaceKind::DistrictPublic, space.unit.0.clone()),
        None => (false, String::new()),
    }
}

/// A query for all records of a kind that the reader may read.
pub(super) fn everything(desk: &Desk, kind: Kind) -> LedgerQuery {
    LedgerQuery { cases: desk.cases_of(kind), ..LedgerQuery::of(kind, desk.spaces_of(kind)) }
}

/// Names repeat: a mandate is told apart by its level and station, a village by its town.
fn label(words: Words, names: &Names, towns: &[Town], row: &LedgerRow) -> String {
    let summary = &row.summary;
    let title = summary.title.clone();
    let station = || summary.station.and_then(|id| names.title(words, id));
    let parts: Vec<Option<String>> = match row.kind {
        Kind::Mandate => {
            let ended = (summary.status != "active").then(|| words.code("mandate_status", &summary.status));
            vec![Some(title), Some(words.code("mandate_level", &summary.code)), station(), ended]
        }
        Kind::AdminUnit if matches!(summary.code.as_str(), "village" | "community") => {
            let town = towns.iter().find(|town| town.space == row.space);
            vec![Some(title), town.map(|town| town.name.clone())]
        }
        Kind::Pairing => vec![Some(pairing(words, names, row))],
        _ => vec![Some(title)],
    };
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// 「2026 上海路街道—芝麻镇」: a pairing's summary has the street as its place and the town as its status.
pub(super) fn pairing(words: Words, names: &Names, row: &LedgerRow) -> String {
    let name = |id: Option<RecordId>| id.and_then(|id| names.title(words, id)).unwrap_or_else(|| "?".into());
    format!("{} {}—{}", row.summary.title, name(row.summary.place), name(row.summary.status.parse().ok()))
}

/// Which of the offers someone means who types a label, an id or a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    One(&'a Offer),
    /// Several are called so.
    Several(Vec<&'a Offer>),
    Nobody,
}

/// Finds what was typed: an id, a label, or a name that labels begin with.
pub(super) fn find<'a>(offers: &'a [Offer], typed: &str) -> Meant<'a> {
    let typed = typed.trim();
    if let Ok(id) = typed.parse::<RecordId>() {
        return offers.iter().find(|offer| offer.id == id).map_or(Meant::Nobody, Meant::One);
    }
    let labelled: Vec<&Offer> = offers.iter().filter(|offer| offer.label == typed).collect();
    let found = match labelled.is_empty() {
        false => labelled,
        true => offers.iter().filter(|offer| offer.label.split(" · ").next() == Some(typed)).collect(),
    };
    match found[..] {
        [] => Meant::Nobody,
        [one] => Meant::One(one),
        _ => Meant::Several(found),
    }
}

/// The label of an offer; empty where there is none.
pub(super) fn label_of(offers: &[Offer], id: RecordId) -> String {
    offers.iter().find(|offer| offer.id == id).map(|offer| offer.label.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(id: u8, label: &str) -> Offer {
        Offer { id: RecordId([id; 16]), label: label.into() }
    }

    #[test]
    fn people_of_the_same_name_are_told_apart() {
        let offers = [
            offer(1, "黄光明 · 区人大代表 · 竹元村联络室"),
            offer(2, "黄光明 · 镇人大代表 · 新民村联络室"),
            offer(3, "李秀碧 · 镇人大代表"),
        ];
        assert_eq!(find(&offers, "李秀碧"), Meant::One(&offers[2]));
        assert_eq!(find(&offers, " 黄光明 · 区人大代表 · 竹元村联络室 "), Meant::One(&offers[0]));
        assert_eq!(find(&offers, "黄光明"), Meant::Several(vec![&offers[0], &offers[1]]));
        assert_eq!(find(&offers, &RecordId([2; 16]).to_string()), Meant::One(&offers[1]));
        assert_eq!([find(&offers, "黄"), find(&offers, "")], [Meant::Nobody, Meant::Nobody]);
    }
}
