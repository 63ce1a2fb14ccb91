//! The columns of each kind's ledger, and what its summary's code and status are called.

use lianxin_shared::{
    case::{CaseRow, HANDED_OVER},
    id::RecordId,
    schema::{Field, Kind},
    summary::Summary,
};

use super::super::{
    directory,
    names::{Names, readable_title},
    words::{Words, number},
};
use crate::store::LedgerRow;

/// People named in a cell; of more, only how many there are.
const PEOPLE_SHOWN: usize = 3;

/// What a column shows of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Title,
    Date,
    Code,
    Status,
    Place,
    Station,
    People,
    Number,
    Themes,
    /// How many records it is linked with.
    Links,
    /// Where its case stands.
    State,
    /// The first limit that runs.
    Due,
    Lead,
    CaseNumber,
    /// When the server received the last change.
    Updated,
}

impl Column {
    const ALL: [Column; 15] = [
        Column::Title,
        Column::Date,
        Column::Code,
        Column::Status,
        Column::Place,
        Column::Station,
        Column::People,
        Column::Number,
        Column::Themes,
        Column::Links,
        Column::State,
        Column::Due,
        Column::Lead,
        Column::CaseNumber,
        Column::Updated,
    ];

    /// The name in an address, and the style's.
    pub(super) fn key(self) -> &'static str {
        match self {
            Column::Title => "title",
            Column::Date => "date",
            Column::Code => "code",
            Column::Status => "status",
            Column::Place => "place",
            Column::Station => "station",
            Column::People => "people",
            Column::Number => "number",
            Column::Themes => "themes",
            Column::Links => "links",
            Column::State => "state",
            Column::Due => "due",
            Column::Lead => "lead",
            Column::CaseNumber => "case_number",
            Column::Updated => "updated",
        }
    }

    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.key() == key)
    }

    /// Whether it tells of the case.
    fn is_of_case(self) -> bool {
        matches!(self, Column::State | Column::Due | Column::Lead | Column::CaseNumber)
    }
}

/// The columns that a ledger shows until others are chosen.
pub(super) fn shown_first(kind: Kind) -> Vec<Column> {
    let hidden: &[Column] = match kind {
        Kind::Suggestion => &[Column::Themes, Column::Links, Column::Updated],
        Kind::Voice => &[Column::Number, Column::Updated],
        _ => &[],
    };
    columns(kind).iter().map(|(column, _)| *column).filter(|column| !hidden.contains(column)).collect()
}

/// The states of a kind's cases that a ledger is filtered by, in the order of a case's life. One that
/// has no case yet is a draft.
pub(super) fn states(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Activity | Kind::DutyReport | Kind::DossierEntry => {
            &[HANDED_OVER, "submitted", "returned", "verified", "void"]
        }
        Kind::Voice => &[
            HANDED_OVER,
            "recorded",
            "sorted",
            "village",
            "town",
            "district",
            "upper",
            "merged",
            "petition",
            "petition_told",
            "result",
            "fed_back",
            "closed",
        ],
        Kind::Suggestion => &[
            HANDED_OVER,
            "submitted",
            "review",
            "revision",
            "declined",
            "accepted",
            "assigned",
            "in_hand",
            "return_asked",
            "extension_asked",
            "answered",
            "evaluated",
            "not_evaluated",
            "rehandling",
            "coordination",
            "closed",
            "tracking",
            "archived",
            "withdrawn",
            "converted",
        ],
        _ => &[],
    }
}

/// Whether cases of this kind have limits.
pub(super) fn has_limits(kind: Kind) -> bool {
    matches!(kind, Kind::Voice | Kind::Suggestion)
}

/// The columns of a kind, each with the field that it is named after.
pub(super) fn columns(kind: Kind) -> &'static [(Column, &'static str)] {
    use Column::*;
    match kind {
        Kind::Activity => &[
            (Date, "start"),
            (Title, "title"),
            (Code, "kind"),
            (Place, "village"),
            (Station, "station"),
            (People, "attendees"),
            (Number, "crowd"),
            (State, "ledger.state"),
            (Updated, ""),
        ],
        Kind::Voice => &[
            (Date, "date"),
            (Title, "summary"),
            (Code, "category"),
            (Status, "urgency"),
            (Place, "village"),
            (Station, "station"),
            (People, "collectors"),
            (Number, "affected"),
            (State, "ledger.state"),
            (Due, "case.due"),
            (Updated, ""),
        ],
        Kind::Suggestion => &[
            (Date, "date"),
            (CaseNumber, "case.number"),
            (Title, "title"),
            (Code, "category"),
            (Status, "tier"),
            (People, "ledger.raised_by"),
            (Themes, "themes"),
            (Links, "voices"),
            (State, "ledger.state"),
            (Lead, "case.lead"),
            (Due, "case.due"),
            (Updated, ""),
        ],
        Kind::ReceptionDay => {
            &[(Title, "date"), (Station, "station"), (People, "deputies"), (Number, "visitors"), (Updated, "")]
        }
        Kind::Station => &[(Title, "name"), (Code, "kind"), (Place, "unit"), (Status, "state"), (Updated, "")],
        Kind::Mandate => &[
            (Title, "name"),
            (Code, "level"),
            (Station, "station"),
            (Status, "status"),
            (Date, "start"),
            (Updated, ""),
        ],
        Kind::Training => &[
            (Date, "date"),
            (Title, "topic"),
            (Status, "level"),
            (Code, "kind"),
            (Number, "ledger.person_times"),
            (Updated, ""),
        ],
        Kind::Pairing => &[(Title, "year"), (Updated, "")],
        Kind::GuidanceVisit => {
            &[(Date, "date"), (Title, "topic"), (Place, "unit"), (People, "leader_mandates"), (Updated, "")]
        }
        Kind::AdminUnit | Kind::Deputy => &[(Title, "name"), (Updated, "")],
        Kind::Term => &[(Date, "start"), (Title, "term"), (Place, "unit"), (Updated, "")],
        Kind::Group => &[(Title, "name"), (Code, "kind"), (People, "members"), (Updated, "")],
        Kind::MechanismPlan => {
            &[(Number, "year"), (Title, "title"), (Code, "mechanism"), (Place, "unit"), (Updated, "")]
        }
        Kind::DutyReport => &[
            (Date, "date"),
            (Title, "venue"),
            (People, "author"),
            (Station, "station"),
            (Number, "listeners"),
            (Updated, ""),
        ],
        Kind::DossierEntry => &[(Date, "date"), (Title, "text"), (Code, "section"), (People, "mandate"), (Updated, "")],
        Kind::ChecklistDefinition => &[(Date, "valid_from"), (Title, "title"), (Code, "list"), (Updated, "")],
        Kind::ChecklistAnswer => &[(Title, "date"), (Station, "station"), (Number, "answers"), (Updated, "")],
        Kind::Notice => &[(Date, "date"), (Title, "title"), (Status, "audience"), (Updated, "")],
        Kind::AppFeedback => &[(Date, "date"), (Title, "text"), (Code, "kind"), (Status, "state"), (Updated, "")],
        Kind::CodeEntry => &[(Date, "valid_from"), (Title, "zh"), (Code, "list"), (Status, "code"), (Updated, "")],
        Kind::Attachment => &[(Title, "mime"), (Code, "kind"), (Updated, "")],
        Kind::ScoreRule => &[(Date, "valid_from"), (Title, "title"), (Code, "section"), (Updated, "")],
        Kind::ScoreBatch => &[(Date, "start"), (Title, "title"), (Updated, "")],
        Kind::Rectification => {
            &[(Date, "date"), (Title, "title"), (Status, "state"), (Place, "unit"), (Links, "visit"), (Updated, "")]
        }
        Kind::DeputyContact => &[(Title, "deputy"), (People, "deputy"), (Updated, "")],
    }
}

/// The field that a summary's code is, where it is one of a list.
pub(super) fn code_field(kind: Kind) -> Option<&'static Field> {
    field_of(kind, Column::Code)
}

/// The field that a summary's status is, where it is one of a list.
pub(super) fn status_field(kind: Kind) -> Option<&'static Field> {
    field_of(kind, Column::Status)
}

/// Whether adding up the kind's numbers says anything.
pub(super) fn total_label(kind: Kind) -> Option<&'static str> {
    columns(kind).iter().find(|(column, _)| *column == Column::Number).map(|(_, name)| *name)
}

fn field_of(kind: Kind, column: Column) -> Option<&'static Field> {
    let (_, key) = columns(kind).iter().find(|(shown, _)| *shown == column)?;
    kind.schema().field(key)
}

/// A column's name: its field's, or a text where the column is more than a field.
pub(super) fn name(words: Words, kind: Kind, column: Column, key: &'static str) -> String {
    match (column, kind.schema().field(key)) {
        (Column::Updated, _) => words.get("ledger.updated").into(),
        (_, Some(field)) => words.label(field.label).into(),
        (_, None) => words.get(key).into(),
    }
}

/// The records whose titles a row mentions.
pub(super) fn mentioned(row: &LedgerRow) -> impl Iterator<Item = RecordId> {
    let summary = &row.summary;
    let people = summary.people.iter().filter_map(|person| person.parse().ok());
    let town = summary.status.parse().ok();
    [summary.station, summary.place, town].into_iter().flatten().chain(people).collect::<Vec<_>>().into_iter()
}

/// What a row says in a column. Numbers and dates are for people; [`plain`] has them for programs.
pub(super) fn cell(words: Words, names: &Names, row: &LedgerRow, case: Option<&CaseRow>, column: Column) -> String {
    let summary = &row.summary;
    if column.is_of_case() {
        return match case {
            Some(case) => case_cell(words, row.kind, case, column),
            // Before its first event it is a draft.
            None if column == Column::State => super::super::official::state(words, row.kind, "draft"),
            None => String::new(),
        };
    }
    let title_of = |id: Option<RecordId>| id.and_then(|id| names.title(words, id)).unwrap_or_default();
    let code_in = |field: Option<&Field>, code: &str| {
        field.map(|field| names.codes.word_of(words, field, code)).unwrap_or_default()
    };
    match column {
        Column::Title if row.kind == Kind::Pairing => directory::pairing(words, names, row),
        Column::Title => readable_title(words, row.kind, &summary.title),
        Column::Date => words.day(&summary.date),
        Column::Code => code_in(code_field(row.kind), &summary.code),
        Column::Status => code_in(status_field(row.kind), &summary.status),
        Column::Place => title_of(summary.place),
        Column::Station => title_of(summary.station),
        Column::People => people(words, names, row),
        Column::Number if summary.number == 0 => String::new(),
        Column::Number => number(summary.number),
        Column::Themes => themes(words, names, summary),
        Column::Links if summary.links.is_empty() => String::new(),
        Column::Links => summary.links.len().to_string(),
        Column::Updated => words.moment(row.updated_ms),
        Column::State | Column::Due | Column::Lead | Column::CaseNumber => String::new(),
    }
}

fn case_cell(words: Words, kind: Kind, case: &CaseRow, column: Column) -> String {
    match column {
        Column::State => super::super::official::state(words, kind, &case.state),
        Column::Due => case.next_due().map(|due| words.day(&due.on.to_string())).unwrap_or_default(),
        Column::Lead => case.lead.as_ref().map(|lead| lead.name.clone()).unwrap_or_default(),
        _ => case.number.clone().unwrap_or_default(),
    }
}

/// A cell as a spreadsheet takes it: a number, a date as `YYYY-MM-DD`, or the words of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain {
    Number(i64),
    Text(String),
}

pub(super) fn plain(words: Words, names: &Names, row: &LedgerRow, case: Option<&CaseRow>, column: Column) -> Plain {
    match column {
        Column::Number if row.summary.number != 0 => Plain::Number(row.summary.number),
        Column::Links if !row.summary.links.is_empty() => Plain::Number(row.summary.links.len() as i64),
        Column::Date => Plain::Text(row.summary.date.clone()),
        Column::Due => Plain::Text(case.and_then(CaseRow::next_due).map(|due| due.on.to_string()).unwrap_or_default()),
        column => Plain::Text(cell(words, names, row, case, column)),
    }
}

fn people(words: Words, names: &Names, row: &LedgerRow) -> String {
    // The recorder is among the people; the column is about those who took part, led or collected.
    let shown: Vec<&String> = match row.summary.author.map(|author| author.to_string()) {
        Some(author) if row.summary.people.len() > 1 => {
            let (own, others): (Vec<_>, Vec<_>) = row.summary.people.iter().partition(|person| **person == author);
            own.into_iter().chain(others).collect()
        }
        _ => row.summary.people.iter().collect(),
    };
    let first: Vec<String> = shown.iter().take(PEOPLE_SHOWN).map(|person| names.person(words, person)).collect();
    let first = first.join("、");
    if shown.len() <= PEOPLE_SHOWN {
        return first;
    }
    words.fill("ledger.and_others", &[("first", &first), ("n", &shown.len().to_string())])
}

fn themes(words: Words, names: &Names, summary: &Summary) -> String {
    let themes = summary.tags.iter().filter_map(|tag| tag.strip_prefix("theme:"));
    themes.map(|theme| names.codes.word(words, "theme", theme)).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::{Language, Texts};

    use super::*;

    #[test]
    fn every_column_of_every_kind_has_a_name() {
        for kind in Kind::ALL {
            for (column, key) in columns(kind) {
                let known = *column == Column::Updated || kind.schema().field(key).is_some();
                assert!(known || Texts::console().keys().any(|text| text == *key), "{kind:?} {key}");
                assert!(!name(Words(Language::Zh), kind, *column, key).is_empty());
            }
        }
    }
}
