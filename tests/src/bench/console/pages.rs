//! The pages that are measured: those that staff open, with every kind of filter.

use anyhow::Context;
use lianxin_server::{
    demo::{SESSION, TERM},
    store::{LedgerKey, LedgerQuery, LedgerRow, Store},
};
use lianxin_shared::{id::SpaceId, schema::Kind};

/// A page by its name in the results.
pub(super) struct Page {
    pub(super) name: &'static str,
    pub(super) address: String,
}

/// How far back a deep page begins: far behind the newest rows of its ledger.
const DEEP_YEARS_AGO: i64 = 7;

/// Taken from the demo before anything is copied, so that the records that they show are whole.
///
/// # Errors
/// When the store fails, or the demo has no such record.
pub(super) async fn pages(store: &dyn Store) -> anyhow::Result<Vec<Page>> {
    let spaces: Vec<SpaceId> = store.spaces().await?.iter().map(|space| space.id).collect();
    let first = async |kind: Kind| -> anyhow::Result<LedgerRow> {
        let rows = store.ledger(&LedgerQuery::of(kind, spaces.clone()), None, 50).await?;
        rows.into_iter()
            .find(|row| row.summary.station.is_some() || kind == Kind::Suggestion)
            .with_context(|| format!("no {}", kind.key()))
    };
    let (activity, voice) = (first(Kind::Activity).await?, first(Kind::Voice).await?);
    let (suggestion, mandate) = (first(Kind::Suggestion).await?, first(Kind::Mandate).await?);
    let year: i64 = activity.summary.date[..4].parse()?;
    let station = activity.summary.station.context("the activity of a station")?;
    let person = activity.summary.people.first().context("an activity that somebody attended")?;
    let key = LedgerKey { date: format!("{}-06-15", year - DEEP_YEARS_AGO), id: activity.id };
    let deep = format!("{}{}", key.id, key.date);
    let session = format!("session%3A{TERM}{SESSION}");
    let page = |name, address: String| Page { name, address: encoded(&address) };
    let ledger = |name, kind: Kind, query: &str| page(name, format!("/console/ledger/{}?{query}", kind.key()));
    let (a, v, s) = (Kind::Activity, Kind::Voice, Kind::Suggestion);
    let of_year = format!("from={year}&to={year}");
    Ok(vec![
        page("overview", "/console".into()),
        page("summary", format!("/console/summary?year={year}")),
        page("dossier", format!("/console/dossier/{}?year={year}", mandate.id)),
        page("record_activity", format!("/console/record/{}", activity.id)),
        page("record_voice", format!("/console/record/{}", voice.id)),
        page("record_suggestion", format!("/console/record/{}", suggestion.id)),
        ledger("activities", a, ""),
        ledger("activities_oldest", a, "order=oldest"),
        ledger("activities_deep", a, &format!("after={deep}")),
        ledger("activities_year", a, &of_year),
        ledger("activities_code", a, "code=courtyard"),
        ledger("activities_station", a, &format!("station={station}")),
        ledger("activities_person", a, &format!("person={person}")),
        ledger("activities_tags", a, "tag=theme%3Arural_revitalization&tag=focus%3Aall"),
        ledger("activities_verified_year", a, &format!("state=verified&{of_year}")),
        ledger("activities_board", a, "state=submitted"),
        ledger("voices", v, ""),
        ledger("voices_deep", v, &format!("after={deep}")),
        ledger("voices_year", v, &of_year),
        ledger("voices_code", v, "code=roads"),
        ledger("voices_board", v, "state=recorded"),
        ledger("voices_closed", v, "state=closed"),
        ledger("voices_decided_year", v, &format!("exit=decided&{of_year}")),
        ledger("voices_over", v, "due=over&order=due"),
        ledger("voices_text_common", v, "q=断头路"),
        ledger("voices_text_short", v, "q=路"),
        ledger("voices_text_two", v, "q=饮水"),
        ledger("voices_text_rare", v, "q=彀彀彀"),
        ledger("voices_text_none_two", v, "q=彀彀"),
        ledger("voices_text_words", v, "q=公路 路灯"),
        ledger("suggestions", s, ""),
        ledger("suggestions_deep", s, &format!("after={deep}")),
        ledger("suggestions_year", s, &of_year),
        ledger("suggestions_session", s, &format!("tag={session}")),
        ledger("suggestions_counted", s, &format!("counts=satisfied&{of_year}")),
        ledger("suggestions_closed", s, "state=closed"),
        ledger("suggestions_board", s, "state=review"),
        ledger("suggestions_due", s, "order=due"),
        ledger("suggestions_text", s, "q=断头路"),
        ledger("mandates", Kind::Mandate, ""),
        page("people", "/console/people".into()),
        page("quarantine", "/console/quarantine".into()),
    ])
}

/// An address as it travels: its Chinese percent-encoded, the rest as it stands.
fn encoded(address: &str) -> String {
    let mut encoded = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
