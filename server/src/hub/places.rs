//! Where records lie comes into being with what they are of: a district is set up on the command line, a town or street
//! brings its spaces along when it is entered, and so does a station.

use std::collections::BTreeSet;

use lianxin_shared::{
    id::{RecordId, UnitCode},
    record::Contents,
    rights::{Space, SpaceKind},
    schema::Kind,
};

use super::{
    Hub, HubError,
    read::{contents_of, space_in},
};
use crate::store::StoreError;

impl Hub {
    /// Sets up a district: its open data, and its desk. Once is enough; again it takes the new name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn found_district(&self, code: &UnitCode, name: &str) -> Result<(), StoreError> {
        for kind in [SpaceKind::DistrictPublic, SpaceKind::DistrictOffice] {
            self.store.make_space(kind, code, &space_name(kind, name)).await?;
        }
        Ok(())
    }

    /// Makes the spaces of units and stations that were just entered, or names them as these are called now.
    pub(super) async fn make_places(&self, records: &BTreeSet<RecordId>) -> Result<(), HubError> {
        for id in records {
            let Some(stored) = self.store.record(*id).await? else { continue };
            let spaces = self.store.spaces().await?;
            let lies_in = space_in(&spaces, stored.space);
            let contents = contents_of(&stored, *id).ok_or(HubError::Unreadable(*id))?;
            for kind in lies_in.map(|lies_in| brings(&contents, lies_in)).unwrap_or_default() {
                let (code, name) = (UnitCode(contents.text("code").into()), space_name(*kind, contents.text("name")));
                let is_there = |space: &Space| space.kind == *kind && space.unit == code && space.name == name;
                if !spaces.iter().any(is_there) {
                    self.store.make_space(*kind, &code, &name).await?;
                }
            }
        }
        Ok(())
    }
}

/// Whether entering a record of this kind may bring spaces along.
pub(super) fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::AdminUnit | Kind::Station)
}

/// The spaces that a unit or station has. One outside of where it was entered has none: nobody opens a desk elsewhere.
fn brings(contents: &Contents, lies_in: &Space) -> &'static [SpaceKind] {
    let code = contents.text("code");
    if !code.starts_with(&lies_in.unit.0) || code.len() == lies_in.unit.0.len() {
        return &[];
    }
    match (contents.kind, lies_in.kind, contents.text("level")) {
        (Kind::AdminUnit, SpaceKind::DistrictPublic, "town" | "street") => {
            &[SpaceKind::TownPublic, SpaceKind::TownOffice]
        }
        (Kind::Station, SpaceKind::TownPublic, _) => &[SpaceKind::Station],
        _ => &[],
    }
}

/// What people call a space: 「芝麻镇工作台」.
pub(crate) fn space_name(kind: SpaceKind, unit: &str) -> String {
    match kind {
        SpaceKind::DistrictPublic | SpaceKind::TownPublic => format!("{unit}公开资料"),
        SpaceKind::DistrictOffice | SpaceKind::TownOffice => format!("{unit}工作台"),
        SpaceKind::Station | SpaceKind::Private | SpaceKind::Case => unit.to_owned(),
    }
}
