//! Which cases the printed figures count, and their arithmetic (DOMAIN §7.0). Whole numbers only: no
//! figure depends on how a processor rounds.

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

/// A share in tenths of a per cent, rounded half up, not forced to add up to 100.0.
/// `None` when there is nothing to be a share of.
pub(super) fn share_tenths(part: u64, whole: u64) -> Option<u64> {
    if whole == 0 {
        return None;
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    u64::try_from((part * 2000 + whole) / (2 * whole)).ok()
}

/// A share as it is printed: 「19.4%」, or a dash.
pub(super) fn share(part: u64, whole: u64) -> String {
    match share_tenths(part, whole) {
        Some(tenths) => format!("{}.{}%", tenths / 10, tenths % 10),
        None => "—".into(),
    }
}

/// How a pairing stands in its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    Met,
    OnTrack,
    Behind,
}

impl Light {
    /// `done` activities of `target` after so many whole months of the year: as many as the months
    /// that have passed ask for (`done / target ≥ months / 12`) is on track.
    pub(super) fn of(done: u64, target: u64, months_passed: u64) -> Self {
        let (done, target, months) = (u128::from(done), u128::from(target), u128::from(months_passed.min(12)));
        if done >= target {
            Light::Met
        } else if done * 12 >= target * months {
            Light::OnTrack
        } else {
            Light::Behind
        }
    }

    /// The last part of the text's key, and the style's name.
    pub(super) fn key(self) -> &'static str {
        match self {
            Light::Met => "met",
            Light::OnTrack => "on_track",
            Light::Behind => "behind",
        }
    }
}

/// Whole months of `year` that have passed on `today` (`YYYY-MM-DD`).
pub(super) fn months_passed(year: i64, today: &str) -> u64 {
    let this_year: i64 = today.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let month: u64 = today.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1);
    match year.cmp(&this_year) {
        std::cmp::Ordering::Less => 12,
        std::cmp::Ordering::Equal => month.saturating_sub(1),
        std::cmp::Ordering::Greater => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_to_one_decimal() {
        assert_eq!(share(25, 129), "19.4%");
        assert_eq!([share(25, 128), share(25, 130)], ["19.5%", "19.2%"]);
        assert_eq!([share(1, 2000), share(1, 2001)], ["0.1%", "0.0%"], "a half goes up, less than a half does not");
        assert_eq!([share(0, 7), share(7, 7), share(0, 0)], ["0.0%", "100.0%", "—"]);
        assert_eq!(share_tenths(u64::MAX, u64::MAX), Some(1000));
    }

    #[test]
    fn the_published_table_of_128_suggestions() {
        let shares = [20, 7, 32, 44, 25, 64, 38, 21, 5].map(|part| share(part, 128));
        assert_eq!(shares, ["15.6%", "5.5%", "25.0%", "34.4%", "19.5%", "50.0%", "29.7%", "16.4%", "3.9%"]);
    }

    #[test]
    fn a_pairing_is_on_track_when_it_keeps_up_with_the_months() {
        assert_eq!(Light::of(4, 4, 2), Light::Met);
        assert_eq!([Light::of(1, 4, 3), Light::of(0, 4, 3)], [Light::OnTrack, Light::Behind]);
        assert_eq!([Light::of(0, 4, 0), Light::of(3, 4, 12)], [Light::OnTrack, Light::Behind]);
    }

    #[test]
    fn months_that_have_passed() {
        assert_eq!(months_passed(2022, "2022-04-27"), 3);
        assert_eq!([months_passed(2021, "2022-04-27"), months_passed(2023, "2022-04-27")], [12, 0]);
        assert_eq!(months_passed(2022, ""), 0);
    }
}
