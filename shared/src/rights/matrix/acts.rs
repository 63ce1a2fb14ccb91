//! Who files which official act: each cell asks the judge ([`decide`]), with a case that has got as far as the act needs.

use std::fmt::Write;

use super::{HANDLING_UNIT, MANDATE, STATION, TEXT, head, line, person, space, space_name, stories};
use crate::{
    case::{self, Act, Book, Case, Facts, Request, ReturnReason, Target, Tier, Verdict, may_ask},
    id::{EventId, RecordId, UnitCode, UserId},
    rights::{Person, Post, Role, Space, SpaceKind},
    schema::Kind,
    text::{Language, Texts},
};
use stories::{BEGINS_MS, OTHER_MANDATE, OTHER_UNIT, Step};

const INTRODUCTION: &str = "
# Who files which act

Asked of the judge (`src/case`), as the server asks it: whether such a person may enter the act in their own area,
somewhere on the way of a case. `own`: a deputy, of a record of the own mandate. `joined`: a deputy who takes part in it,
as attendee, collector or co-signer. `e`: files it. `paper`: enters from paper what another person did (代录), and says so.
Entered by the server, and asked for by nobody: `hand_over` instead of `submit` when the mandate has ended, `joined` in a
voice into which another was merged, `disputed_evaluation` instead of an evaluation that comes second.

Where this differs from the letter of the domain model, on purpose:

- A group leader is a deputy: what is of the own mandate may be filed by the group leader's post too, as long as it lies at
  the station.
- A handling unit without an account (村居) has its acts entered from paper by the office.
";

/// The tables: of a kind, in a space, and of a suggestion by its tier.
const TABLES: [(Kind, SpaceKind, Option<Tier>); 10] = [
    (Kind::Voice, SpaceKind::Station, None),
    (Kind::Suggestion, SpaceKind::Case, Some(Tier::Town)),
    (Kind::Suggestion, SpaceKind::Case, Some(Tier::District)),
    (Kind::Activity, SpaceKind::Station, None),
    (Kind::Activity, SpaceKind::DistrictOffice, None),
    (Kind::DutyReport, SpaceKind::Station, None),
    (Kind::DossierEntry, SpaceKind::Case, None),
    (Kind::DossierEntry, SpaceKind::DistrictOffice, None),
    (Kind::Mandate, SpaceKind::TownPublic, None),
    (Kind::Mandate, SpaceKind::DistrictPublic, None),
];

/// The acts on one kind of record, where it lies.
pub(in crate::rights) struct Table {
    pub kind: Kind,
    pub place: SpaceKind,
    pub tier: Option<Tier>,
    pub rows: Vec<Row>,
}

/// Who files an act. The cells are in the order of [`Role::ALL`].
pub(in crate::rights) struct Row {
    pub act: String,
    /// What tells the row from another one with the same act.
    pub note: &'static str,
    pub cells: [Cell; Role::ALL.len()],
}

/// How a role files an act, if at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::rights) struct Cell {
    own: bool,
    joined: bool,
    paper: bool,
}

pub(super) fn write(page: &mut String) {
    page.push_str(INTRODUCTION);
    for table in tables() {
        let label = table.kind.schema().label;
        let tier = table.tier.map(|tier| format!(", to the {}", tier.key())).unwrap_or_default();
        let _ = write!(page, "\n## Acts: {} {}, in the {}{tier}\n\n", label.zh, label.en, space_name(table.place));
        head(page, "act");
        for row in &table.rows {
            let key = format!("act.{}", row.act);
            let words = Texts::console().get(Language::Zh, &key);
            let note = if row.note.is_empty() { String::new() } else { format!(" *{}*", row.note) };
            let cells: [String; Role::ALL.len()] = std::array::from_fn(|at| row.cells[at].shown(Role::ALL[at]));
            line(page, &format!("{}{note} {words}", row.act), &cells);
        }
    }
}

pub(in crate::rights) fn tables() -> impl Iterator<Item = Table> {
    TABLES.into_iter().map(|(kind, place, tier)| Table { kind, place, tier, rows: rows(kind, place, tier) })
}

impl Cell {
    fn or(self, other: Cell) -> Cell {
        Cell { own: self.own || other.own, joined: self.joined || other.joined, paper: self.paper || other.paper }
    }

    /// Only of deputies it matters whose the record is.
    pub(in crate::rights) fn shown(self, role: Role) -> String {
        let is_deputy = matches!(role, Role::Deputy | Role::GroupLeader);
        match self {
            Cell { own: false, joined: false, paper: false } => "-",
            Cell { own: false, joined: false, paper: true } => "paper",
            _ if !is_deputy => "e",
            Cell { own: true, joined: true, .. } => "own, joined",
            Cell { own: true, .. } => "own",
            Cell { .. } => "joined",
        }
        .to_owned()
    }
}

fn rows(kind: Kind, place: SpaceKind, tier: Option<Tier>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut played = Played::new(kind, place, tier);
    for step in stories::of(kind, tier) {
        let (act, cells) = (step.act.key().to_owned(), played.step(&step));
        match rows.iter_mut().find(|row| row.act == act && row.note == step.note) {
            Some(row) => row.cells = std::array::from_fn(|at| row.cells[at].or(cells[at])),
            None => rows.push(Row { act, note: step.note, cells }),
        }
    }
    rows
}

/// Whose a record is, seen from the deputy of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Joined,
}

impl Whose {
    /// Whose it is, and who takes part in it.
    fn mandates(self) -> (RecordId, RecordId) {
        if self == Whose::Own { (MANDATE, OTHER_MANDATE) } else { (OTHER_MANDATE, MANDATE) }
    }
}

/// Whether records of a kind name deputies who take part besides the one whose it is.
fn names_others(kind: Kind) -> bool {
    case::facts::TAKING_PART.iter().any(|field| kind.schema().field(field).is_some())
}

/// A case on its way.
struct Played {
    case: Case,
    place: SpaceKind,
    tier: Option<Tier>,
    book: Book,
    now_ms: i64,
    asked: u32,
}

impl Played {
    fn new(kind: Kind, place: SpaceKind, tier: Option<Tier>) -> Self {
        Self { case: Case::new(kind), place, tier, book: Book::sample(), now_ms: BEGINS_MS, asked: 0 }
    }

    /// Who files this step's act now.
    fn step(&mut self, step: &Step) -> [Cell; Role::ALL.len()] {
        self.now_ms += i64::from(step.after_days) * 24 * 60 * 60 * 1000;
        let act = stories::numbered(&step.act, &self.case);
        let cells = Role::ALL.map(|role| self.cell(&person(role), &act));
        let entered = self.ask(&somebody_for_everything(), Whose::Own, &act, false);
        if let (true, Verdict::Accepted(event)) = (step.enters, entered) {
            self.case.apply(&event);
        }
        self.asked += 1;
        cells
    }

    fn cell(&self, person: &Person, act: &Act) -> Cell {
        let may = |whose, on_paper| is_yes(&self.ask(person, whose, act, on_paper));
        let (own, joined) = (may(Whose::Own, false), names_others(self.case.kind) && may(Whose::Joined, false));
        let paper = may(Whose::Own, true) || may(Whose::Joined, true);
        Cell { own, joined, paper: paper && !own && !joined }
    }

    fn ask(&self, person: &Person, whose: Whose, act: &Act, on_paper: bool) -> Verdict {
        let request = Request {
            id: EventId::caused(EventId([7; 16]), RecordId::derived(Kind::Station, &[&self.asked.to_string()])),
            // A mandate's case is the deputy's own by its id.
            case: whose.mandates().0,
            kind: self.case.kind,
            seen: self.case.seq(),
            made_ms: self.now_ms,
            proxy: on_paper.then(|| "纸质材料".into()),
            act: act.clone(),
        };
        if !may_ask(person, None, &self.lies_in(whose), act) {
            return no();
        }
        let facts = self.facts(whose, request.case);
        case::decide(&self.case, &facts, &self.book, person, &self.desk(), &request, self.now_ms)
    }

    /// A draft lies at the station, a dossier entry in its deputy's own space. With its first event it gets a space of its
    /// own, of which the deputies, the office and the units are parties.
    fn lies_in(&self, whose: Whose) -> Space {
        if self.place != SpaceKind::Case {
            return space(self.place);
        }
        match (self.case.seq(), self.case.kind) {
            (0, Kind::DossierEntry) => return space(SpaceKind::Private),
            (0, _) => return space(SpaceKind::Station),
            _ => {}
        }
        let (owner, other) = whose.mandates();
        let unit = UnitCode::of_deputy(&UnitCode(STATION.into()), owner);
        let units = [self.desk().unit, UnitCode(HANDLING_UNIT.into()), UnitCode::of_mandate(other)];
        Space { unit, parties: units.into(), ..space(SpaceKind::Case) }
    }

    /// The office that decides.
    fn desk(&self) -> Space {
        match (self.place, self.tier) {
            (SpaceKind::Case, Some(Tier::District | Tier::Upper)) => space(SpaceKind::DistrictOffice),
            (SpaceKind::Case, _) => space(SpaceKind::TownOffice),
            (place, _) => space(place),
        }
    }

    /// Of a record in which everything is filled in.
    fn facts(&self, whose: Whose, record: RecordId) -> Facts {
        let (owner, other) = whose.mandates();
        let moved_to = self.tier.map(|tier| (record, tier));
        Facts {
            filled: self.case.kind.schema().fields.iter().map(|field| field.key).collect(),
            owner: Some(owner),
            taking_part: [other].into(),
            tier: self.tier,
            text: Some(TEXT),
            next_number: 1,
            has_congress: true,
            target: Some(Target { moved_to, ..Target::default() }),
            ..Facts::default()
        }
    }
}

/// Yes, or no for a reason that does not lie in the person.
fn is_yes(verdict: &Verdict) -> bool {
    use ReturnReason::{NoHolidayTable, NotConfirmed, PetitionNarrative};
    match verdict {
        Verdict::Accepted(_) => true,
        Verdict::Returned(no) => matches!(no.reason, NoHolidayTable | NotConfirmed | PetitionNarrative),
        Verdict::Known { .. } => false,
    }
}

fn no() -> Verdict {
    let reason = ReturnReason::NotAllowed;
    Verdict::Returned(case::Returned { reason, happened: None, detail: String::new() })
}

/// With every post there is: the stories go on by this person.
fn somebody_for_everything() -> Person {
    let mut posts: Vec<Post> = Role::ALL.into_iter().flat_map(|role| person(role).posts).collect();
    posts.push(Post { role: Role::Deputy, unit: UnitCode(STATION.into()), mandate: Some(OTHER_MANDATE) });
    posts.push(Post { role: Role::Unit, unit: UnitCode(OTHER_UNIT.into()), mandate: None });
    Person { user: UserId(1), name: String::new(), posts }
}
