//! Which cases the printed figures count (DOMAIN §7.0), under which names in an address, and how their numbers are
//! shown. Their arithmetic is [`lianxin_shared::case::figures`].

use lianxin_shared::{
    case::{Date, ExitKind, figures::Part, suggestion, verification},
    schema::Kind,
};

use crate::store::CaseFilter;

/// In an address, all states of suggestions that count, under one name.
pub(super) const COUNTED: &str = "counted";
/// In an address, all exits of voices, under one name.
pub(super) const DECIDED: &str = "decided";
/// In an address, all states in which something is still to be done, under one name.
pub(super) const OPEN: &str = "open";
/// The states of a voice that was handed in and not struck off.
const OPEN_VOICES: [&str; 11] = [
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
];
/// In an address, how the name of a class of replies begins.
const CLASS: &str = "class-";

/// Words, or a number with the way to its records.
pub(super) struct Piece {
    pub text: String,
    pub href: Option<String>,
    pub strong: bool,
}

impl Piece {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, strong: false }
    }

    pub(super) fn link(text: String, href: String) -> Self {
        Self { text, href: Some(href), strong: false }
    }

    pub(super) fn strong(text: String) -> Self {
        Self { text, href: None, strong: true }
    }
}

/// 「3 / 4 = 75.0%」
pub(super) fn share(part: Piece, whole: Piece, percent: String) -> Vec<Piece> {
    vec![part, Piece::text(" / "), whole, Piece::text(" = "), Piece::strong(percent)]
}

/// The suggestions that are 建议总数.
pub(super) fn counted() -> CaseFilter {
    let states = suggestion::State::counted_keys().map(str::to_owned).collect();
    CaseFilter { states, ..CaseFilter::default() }
}

/// What was handed in and is not done: voices until they are struck off, suggestions until they are closed.
pub(super) fn open(kind: Kind) -> CaseFilter {
    use suggestion::State;
    let done: Vec<&str> = State::ALL.into_iter().filter(|state| state.is_done()).map(State::key).collect();
    let before = [State::Submitted, State::Review, State::Revision].map(State::key);
    let states: Vec<&str> = match kind {
        Kind::Voice => OPEN_VOICES.into(),
        Kind::Suggestion => before.into_iter().chain(State::counted_keys().filter(|key| !done.contains(key))).collect(),
        _ => Vec::new(),
    };
    CaseFilter { states: states.into_iter().map(str::to_owned).collect(), ..CaseFilter::default() }
}

/// The suggestions whose rates are told: those of 建议总数 that go to a congress, as they stand on a day.
pub(super) fn counted_by(day: Date) -> CaseFilter {
    CaseFilter { counted: true, as_of: day.to_string(), ..CaseFilter::default() }
}

/// Of [`counted_by`], what an address means by a name; with the key of its words, and the class that it names.
pub(super) fn named(name: &str, day: Date) -> Option<(CaseFilter, String, Option<String>)> {
    let counted = counted_by(day);
    if name == COUNTED {
        return Some((counted, format!("part.{COUNTED}"), None));
    }
    if let Some(class) = name.strip_prefix(CLASS).filter(|class| !class.is_empty()) {
        let class = class.to_owned();
        return Some((CaseFilter { class: Some(class.clone()), ..counted }, "part.class".to_owned(), Some(class)));
    }
    let part = Part::ALL.iter().find(|part| part.key() == name)?;
    Some((CaseFilter { parts: vec![*part], ..counted }, format!("part.{name}"), None))
}

/// A class of replies, as an address names it.
pub(super) fn class_name(class: &str) -> String {
    format!("{CLASS}{class}")
}

/// What deputies did counts once it is verified.
pub(super) fn verified() -> CaseFilter {
    CaseFilter { states: vec![VERIFIED.into()], ..CaseFilter::default() }
}

pub(super) const VERIFIED: &str = verification::State::Verified.key();

/// The voices whose exit was decided.
pub(super) fn decided() -> CaseFilter {
    CaseFilter { exits: ExitKind::ALL.iter().map(|exit| exit.key().to_owned()).collect(), ..CaseFilter::default() }
}
