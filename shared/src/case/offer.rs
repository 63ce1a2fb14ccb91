//! What a person with a telephone can ask for now, told from where a case stands.
//!
//! The phone has neither the fold nor [`super::decide`]: they are large, and what is downloaded over 2G is counted.
//! These few rules say which acts to offer; the server judges. Tests hold them against `decide` over random histories.

use serde::{Serialize, Serializer};

use super::{
    HANDED_OVER,
    facts::Facts,
    who::{Part, held_by, office_of},
};
use crate::{
    id::{RecordId, TextHash},
    json::{self, Object},
    rights::{Person, Space},
    schema::Kind,
};

/// Where a case stands, as far as offers depend on it: a part of its [`super::CaseRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: String,
    /// The number of the last event.
    pub seq: u32,
    /// How many replies there are.
    pub round: u32,
    pub published: bool,
}

impl Standing {
    /// Of the JSON of a [`super::CaseRow`]; of a case without events where there is none.
    pub fn of(kind: Kind, row: Option<&str>) -> Self {
        let mut row = row.and_then(|row| Object::read(row.as_bytes()).ok()).unwrap_or_default();
        let state = row.text("state").unwrap_or_else(|_| beginning(kind).into());
        let published = row.flag("published").unwrap_or(false);
        Standing { state, seq: row.counted("seq").unwrap_or(0), round: row.counted("round").unwrap_or(0), published }
    }
}

fn beginning(kind: Kind) -> &'static str {
    if kind == Kind::Mandate { "active" } else { "draft" }
}

/// JSON as it came. It is shown, not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(pub String);

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What is no JSON after all is nothing, rather than an end of the whole answer to the view.
        json::parse(self.0.as_bytes()).serialize(serializer)
    }
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The acts' keys.
    pub acts: Vec<&'static str>,
    /// The wording that a suggestion has here.
    pub text: Option<TextHash>,
}

/// The acts against which nothing stands but what the person can mend, in the record or in the act.
pub fn offers(
    kind: Kind,
    record: RecordId,
    standing: &Standing,
    facts: &Facts,
    person: &Person,
    space: &Space,
) -> Offers {
    let office = office_of(kind, space);
    let state = standing.state.as_str();
    let in_one_of = |states: &[&str]| states.contains(&state);
    let may = |parts: &[Part<'_>]| held_by(person, space, facts, parts).is_some();
    let (owner, member, station) = (Part::Owner, Part::Member, Part::Station);
    let mut acts = Vec::new();
    let mut offer = |act, here: bool, parts: &[Part<'_>]| {
        if here && may(parts) {
            acts.push(act);
        }
    };
    match kind {
        Kind::Suggestion => {
            let draft = in_one_of(&["draft", HANDED_OVER, "revision"]);
            let replied = standing.round > 0;
            offer("submit", draft, &[owner]);
            offer("confirm", draft, &[member]);
            let open = !in_one_of(&["archived", "withdrawn", "converted"]);
            offer("evaluate", replied && open, &[owner]);
            offer("cosigner_view", replied && open, &[member]);
            offer("withdraw", in_one_of(&WITHDRAWABLE) && !replied, &[owner]);
            offer("object", !in_one_of(&["draft", HANDED_OVER]) && !standing.published, &[owner]);
        }
        Kind::Voice => {
            let hearers = [owner, member, station, Part::Town];
            let told = in_one_of(&["fed_back", "petition_told"]);
            let untold = in_one_of(&["result", "petition"]);
            offer("submit", in_one_of(&["draft", HANDED_OVER]), &hearers);
            offer("feedback", untold || told, &hearers);
            offer("miss", untold, &hearers);
        }
        Kind::Activity | Kind::DutyReport | Kind::DossierEntry => {
            offer("submit", in_one_of(&["draft", HANDED_OVER, "returned"]), &[owner, member, station, office]);
            offer("correct", state == "verified", &[office, owner, member, station]);
            offer("void", in_one_of(&["submitted", "returned"]), &[office, owner, station]);
            offer("void", state == "verified", &[office]);
            offer("contest", state == "verified", &[owner, member]);
        }
        // What is missing in a dossier as a whole.
        Kind::Mandate => offer("contest", true, &[Part::Holder(record)]),
        _ => {}
    }
    Offers { acts, text: facts.text }
}

/// The states of a suggestion before its first reply.
const WITHDRAWABLE: [&str; 8] = [
    "submitted",
    "review",
    "revision",
    "accepted",
    "assigned",
    "in_hand",
    // What a unit asks for while it is assigned or in hand.
    "return_asked",
    "extension_asked",
];
