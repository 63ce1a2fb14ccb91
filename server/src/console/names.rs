//! What references and codes are called on a page: the titles of the records that it mentions, the code lists of today.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    rights::Space,
    schema::Kind,
};

use super::{codes::Codes, desk::Desk, problem::Problem, words::Words};
use crate::store::Store;

/// References to records that not everyone may read, looked up for one page at the most. Each costs
/// a look at where the record lies.
const CHECKED_MAX: usize = 300;

/// The titles of records, as far as the reader may know them, and the words for codes.
#[derive(Default)]
pub(super) struct Names {
    titles: HashMap<RecordId, (Kind, String)>,
    pub codes: Arc<Codes>,
}

impl Names {
    /// The titles of these records. Units, stations, deputies, trainings and pairings are public by
    /// rule: their names are told to everyone who reads a record that mentions them. Of everything
    /// else, only what the reader may read.
    pub(super) async fn of(desk: &Desk, ids: impl IntoIterator<Item = RecordId>) -> Result<Self, Problem> {
        let ids: HashSet<RecordId> = ids.into_iter().collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let mut titles = desk.store().titles(&ids).await?;
        let guarded: Vec<RecordId> =
            titles.iter().filter(|(_, (kind, _))| !is_public(*kind)).map(|(id, _)| *id).collect();
        for (place, id) in guarded.into_iter().enumerate() {
            let readable = place < CHECKED_MAX
                && desk.store().record(id).await?.is_some_and(|record| desk.may_read(record.space, record.kind));
            if !readable {
                titles.remove(&id);
            }
        }
        Ok(Self { titles, codes: desk.codes.clone() })
    }

    /// The titles of those of these records that everybody may read.
    pub(super) async fn open(
        store: &dyn Store,
        codes: Arc<Codes>,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<Self, Problem> {
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let mut titles = store.titles(&ids).await?;
        titles.retain(|_, (kind, _)| is_public(*kind));
        Ok(Self { titles, codes })
    }

    /// What the record is called; `None` when there is none or the reader may not know.
    pub(super) fn title(&self, words: Words, id: RecordId) -> Option<String> {
        let (kind, title) = self.titles.get(&id)?;
        Some(readable_title(words, *kind, title))
    }

    /// The title of what may be a record.
    pub(super) fn titled(&self, words: Words, id: Option<RecordId>) -> Option<String> {
        self.title(words, id?)
    }

    /// The name of what a list of people holds: a mandate's id, or a name as it was typed.
    pub(super) fn person(&self, words: Words, entry: &str) -> String {
        match entry.parse::<RecordId>() {
            Ok(id) => self.title(words, id).unwrap_or_else(|| words.get("unknown_record").to_owned()),
            Err(_) => entry.to_owned(),
        }
    }
}

/// A town or street whose open data the reader reads.
pub(super) struct Town {
    pub unit: UnitCode,
    pub space: SpaceId,
    pub name: String,
}

/// The reader's towns and streets, by code, called as their units are (a space has a name of its own).
pub(super) async fn towns(desk: &Desk) -> Result<Vec<Town>, Problem> {
    let spaces = desk.town_spaces();
    let unit_id = |unit: &UnitCode| RecordId::derived(Kind::AdminUnit, &[&unit.0]);
    let ids: Vec<RecordId> = spaces.iter().map(|space| unit_id(&space.unit)).collect();
    let names = Names::of(desk, ids).await?;
    let town = |space: &&Space| Town {
        name: names.title(desk.words, unit_id(&space.unit)).unwrap_or_else(|| space.name.clone()),
        unit: space.unit.clone(),
        space: space.id,
    };
    Ok(spaces.iter().map(town).collect())
}

/// A record's title as a page shows it: dates are written out, and nothing is without words.
pub(super) fn readable_title(words: Words, kind: Kind, title: &str) -> String {
    match kind {
        Kind::ReceptionDay => format!("{} {}", words.day(title), words.kind(kind)),
        Kind::ChecklistAnswer if !title.is_empty() => format!("{} {}", words.day(title), words.kind(kind)),
        Kind::Pairing => format!("{} {title}", words.kind(kind)),
        _ if title.is_empty() => words.fill("untitled", &[("kind", words.kind(kind))]),
        _ => title.to_owned(),
    }
}

fn is_public(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AdminUnit
            | Kind::Station
            | Kind::Deputy
            | Kind::Mandate
            | Kind::Training
            | Kind::Pairing
            | Kind::Term
            | Kind::Group
            | Kind::ChecklistDefinition
            | Kind::CodeEntry
    )
}
