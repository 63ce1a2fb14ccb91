//! Which cases the printed figures count (DOMAIN §7.0). Their arithmetic is [`lianxin_shared::case::figures`].

use lianxin_shared::case::{ExitKind, suggestion, verification};

use crate::store::CaseFilter;

/// In an address, all states of suggestions that count, under one name.
pub(super) const COUNTED: &str = "counted";
/// In an address, all exits of voices, under one name.
pub(super) const DECIDED: &str = "decided";

/// The suggestions that are 建议总数.
pub(super) fn counted() -> CaseFilter {
    let states = suggestion::State::counted_keys().map(str::to_owned).collect();
    CaseFilter { states, ..CaseFilter::default() }
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
