//! The rights as a page that a person can lay beside DOMAIN §6.6. Nothing is written down twice:
//! each cell asks the rules.

pub(super) mod acts;
pub(super) mod posts;
pub(super) mod sealed;
pub(super) mod settle;
mod stories;

use std::fmt::Write;

use super::{Access, Person, Post, Role, Space, SpaceKind, Stage, Target, best_access, may_change, reads, rules};
use crate::{
    id::{RecordId, SpaceId, TextHash, UnitCode, UserId},
    record::{Action, Touch, Value},
    schema::{Class, Field, Kind},
};

const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
const STATION: &str = "520303108S01";
const HANDLING_UNIT: &str = "520303U07";
const MANDATE: RecordId = RecordId([7; 16]);
/// The wording of a suggestion.
const TEXT: TextHash = TextHash([5; 16]);

const INTRODUCTION: &str = "# Who writes what

Printed by `cargo xtask matrix` from `src/rights.rs`, `src/case` and `src/sealed`; a test keeps it current. To be read beside
the access matrix of the domain model. First the records' fields, then the official acts, the sealed personal records, the
posts and what was refused.

Columns: D deputy, S station, T town or street, C district, L leader, A administrator, U handling unit, G group leader,
B auditor. Each person is looked at where the post belongs: a station's staff at their station, a town's at their town.
`w` writes, `r` reads, `n` is told how many there are, `-` does not get it at all. Three letters are the three stages of a record: before it is handed
in, after that, and after it is verified or closed; one letter stands for all three. Of kinds that are never handed in
the first letter holds.

The record is the deputy's own, and exists, except in the rows *when it is created*. In another deputy's record the
villager's own words (群众原话) are nobody's to change. U reads the cases that are assigned to its unit, as long as they
are, and acts on them by events; A and B hold no field records: administrators keep accounts and devices, auditors read
the audit log. The public (P) has no account: its pages show the stations in use, the
deputies in office and the suggestions that are published, and nothing else.

The deputy's own space (个人空间) is one mandate's: what is drafted there nobody else gets, but the server. A case has a
space of its own once its record is handed in, or once co-signers are named in a draft. Its deputy and the co-signers read
and write it, so do the offices that decide on it; the units that it is assigned to read it. In the table the case is a
town's, assigned to the unit.

Where this differs from the letter of the domain model, on purpose:

- A town writes the units of its own open data, its villages and groups; the district writes all.
- Deputies write reception days: the day's register is filled in by all who receive. Only the notice's date is the
  station's.
- A deputy edits colleagues' voices and activities of the same station, except the villager's own words: everything
  merges, is attributed and stays readable in the history.
- Of the deputy's own record, which an office keeps, the deputy writes what the public reads (简介), and nothing else.
- What a deputy may read is decided by space, not by field: so a deputy's telephone is a record of its own at the
  desks, and the dossier's manual entries lie there too; deputies read their dossier through the server.
- Guidance visits lie at the desk of the town that was visited, which reads what was found there. A station does not: it
  is told by its town.
- A draft that a deputy begins at the station is read and added to by colleagues there.

";

/// The page.
pub fn matrix() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("## Spaces\n\n");
    head(&mut page, "space");
    for kind in SpaceKind::ALL {
        let cells = Role::ALL.map(|role| match best_access(&person(role), &space(kind)) {
            Access::Write => "w".to_owned(),
            access => letter(access).to_string(),
        });
        line(&mut page, space_name(kind), &cells);
    }
    for kind in Kind::ALL {
        let schema = kind.schema();
        let _ = write!(page, "\n## {} {}\n", schema.label.zh, schema.label.en);
        for place in rules::places(kind) {
            let _ = write!(page, "\nIn the {}:\n\n", space_name(*place));
            head(&mut page, "fields");
            for (fields, cells) in rows(kind, *place) {
                line(&mut page, &fields, &cells);
            }
        }
    }
    acts::write(&mut page);
    sealed::write(&mut page);
    posts::write(&mut page);
    settle::write(&mut page);
    page
}

fn head(page: &mut String, first: &str) {
    let letters: Vec<&str> = Role::ALL.iter().map(|role| role.letter()).collect();
    let _ = write!(page, "| {first} | {} |\n|---|{}\n", letters.join(" | "), "---|".repeat(letters.len()));
}

fn line(page: &mut String, first: &str, cells: &[String]) {
    let _ = writeln!(page, "| {first} | {} |", cells.join(" | "));
}

/// Fields with the same rights, in one row.
fn rows(kind: Kind, place: SpaceKind) -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for field in kind.schema().fields.iter().filter(|field| !field.retired) {
        let once = field.class == Class::Once;
        let cells: Vec<String> = Role::ALL.iter().map(|role| cell(*role, kind, place, field, !once)).collect();
        let name = if once { format!("{} *when it is created*", field.key) } else { field.key.to_owned() };
        match rows.iter_mut().find(|(fields, known)| *known == cells && fields.contains('*') == once) {
            Some((fields, _)) if once => *fields = format!("{}, {fields}", field.key),
            Some((fields, _)) => *fields = format!("{fields}, {name}"),
            None => rows.push((name, cells)),
        }
    }
    rows
}

fn cell(role: Role, kind: Kind, place: SpaceKind, field: &Field, exists: bool) -> String {
    let person = person(role);
    let space = space(place);
    let letters: String = [Stage::Draft, Stage::Submitted, Stage::Verified]
        .into_iter()
        // What is set when a record is created is set in its first stage.
        .take(if exists { 3 } else { 1 })
        .map(|stage| {
            let target = Target {
                kind,
                space: &space,
                record: Some(RecordId::derived(Kind::Station, &[STATION])),
                exists,
                author: exists.then_some(MANDATE),
                stage,
            };
            match may_change(&person, target, &[touch(field)]) {
                Ok(()) => 'w',
                Err(_) if best_access(&person, &space) > Access::None && !reads(&person, &space, kind) => 'n',
                Err(_) => letter(best_access(&person, &space)),
            }
        })
        .collect();
    let first = letters.chars().next().unwrap_or('-');
    if letters.chars().all(|letter| letter == first) { first.to_string() } else { letters }
}

/// A write of the field that its class allows.
pub(super) fn touch(field: &Field) -> Touch {
    let action = match field.class {
        Class::Prose | Class::AuthorProse => Action::Splice,
        Class::Set | Class::Flag => Action::Add(String::new()),
        Class::Log => Action::Append(String::new()),
        Class::Counter => Action::Increment(1),
        Class::Entries => Action::Enter { element: String::new(), value: Value::text("") },
        Class::Once | Class::Shown | Class::Quiet => Action::Put(MANDATE.into()),
    };
    Touch { field: field.key.into(), action }
}

fn letter(access: Access) -> char {
    match access {
        Access::None => '-',
        // Who may write in the space, but not this, reads it.
        Access::Read | Access::Write => 'r',
    }
}

fn space_name(kind: SpaceKind) -> &'static str {
    match kind {
        SpaceKind::DistrictPublic => "district's open data",
        SpaceKind::DistrictOffice => "district's desk",
        SpaceKind::TownPublic => "town's open data",
        SpaceKind::TownOffice => "town's desk",
        SpaceKind::Station => "station's work",
        SpaceKind::Private => "deputy's own",
        SpaceKind::Case => "case",
    }
}

/// Someone with this role, where such people are.
pub(super) fn person(role: Role) -> Person {
    let unit = match role {
        Role::Deputy | Role::Station | Role::GroupLeader => STATION,
        Role::Town => TOWN,
        Role::Unit => HANDLING_UNIT,
        Role::District | Role::Leader | Role::Admin | Role::Auditor => DISTRICT,
    };
    let mandate = matches!(role, Role::Deputy | Role::GroupLeader).then_some(MANDATE);
    let post = Post { role, unit: UnitCode(unit.into()), mandate };
    Person { user: UserId(1), name: String::new(), posts: vec![post] }
}

pub(super) fn space(kind: SpaceKind) -> Space {
    let unit = match kind {
        SpaceKind::DistrictPublic | SpaceKind::DistrictOffice => DISTRICT,
        SpaceKind::TownPublic | SpaceKind::TownOffice => TOWN,
        SpaceKind::Station | SpaceKind::Private | SpaceKind::Case => STATION,
    };
    let unit = UnitCode(unit.into());
    let (unit, parties) = match kind {
        SpaceKind::Private => (UnitCode::of_deputy(&unit, MANDATE), Vec::new()),
        SpaceKind::Case => {
            let parties = [TOWN, HANDLING_UNIT].map(|code| UnitCode(code.into()));
            (UnitCode::of_deputy(&unit, MANDATE), parties.into())
        }
        _ => (unit, Vec::new()),
    };
    Space { id: SpaceId(1), kind, unit, name: String::new(), parties }
}
