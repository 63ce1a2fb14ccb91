//! What everybody reads without an account (公众, P; DOMAIN §6.6): the stations and when they receive, the deputies in
//! office, and the suggestions that were published with their replies (代表法 第五十八条). Nothing else has an address here.

mod deputies;
mod file;
mod stations;
mod suggestions;

use std::sync::Arc;

use axum::{Router, extract::FromRequestParts, http::request::Parts, response::Response, routing::get};
use lianxin_shared::{
    id::{RecordId, SpaceId, UnitCode},
    record::Contents,
    rights::{Space, SpaceKind, district_key},
    schema::{Field, Kind},
};

use super::{codes::Codes, layout::Page, names::Names, problem::Problem, values::show_text, words::Words};
use crate::{
    http::AppState,
    hub::contents_of,
    store::{LedgerQuery, LedgerRow, Store, StoredRecord},
};

/// The pages, under `/public`.
pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/public", get(stations::list))
        .route("/public/station/{id}", get(stations::page))
        .route("/public/deputy/{id}", get(deputies::page))
        .route("/public/suggestions", get(suggestions::list))
        .route("/public/suggestion/{id}", get(suggestions::page))
        .route("/public/file/{record}/{hash}", get(file::given))
}

/// Whoever comes by.
struct Guest {
    words: Words,
    state: AppState,
    /// The page's own address, for coming back to it in another language.
    here: String,
    spaces: Arc<[Space]>,
}

impl FromRequestParts<AppState> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let spaces = state.hub.store().lasting_spaces().await?;
        let here = parts.uri.path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
        Ok(Guest { words: Words::of(&parts.headers), state: state.clone(), here, spaces })
    }
}

/// A line of a record: what it is called and what it says.
struct Line {
    label: &'static str,
    text: String,
}

impl Guest {
    fn store(&self) -> &dyn Store {
        self.state.hub.store()
    }

    fn now_ms(&self) -> i64 {
        self.state.clock.now_ms()
    }

    fn page(&self, title: impl Into<String>) -> Page {
        Page { here: self.here.clone(), ..Page::outside(self.words, title) }
    }

    /// The ids of the spaces of these kinds.
    fn spaces_of(&self, kinds: &[SpaceKind]) -> Vec<SpaceId> {
        self.spaces.iter().filter(|space| kinds.contains(&space.kind)).map(|space| space.id).collect()
    }

    /// The keys under which districts read their cases.
    fn districts(&self) -> Vec<String> {
        let districts = self.spaces.iter().filter(|space| space.kind == SpaceKind::DistrictOffice);
        districts.map(|space| district_key(&space.unit)).collect()
    }

    /// Rows of a kind that is open to all.
    async fn open(&self, query: LedgerQuery, limit: u32) -> Result<Vec<LedgerRow>, Problem> {
        let spaces = self.spaces_of(&[SpaceKind::DistrictPublic, SpaceKind::TownPublic]);
        Ok(self.store().ledger(&LedgerQuery { spaces, ..query }, None, limit).await?)
    }

    /// A record of this kind among the open ones, and what it says.
    async fn open_record(&self, id: &str, kind: Kind) -> Result<(RecordId, Contents), Problem> {
        let (id, stored) = self.stored(id, kind).await?;
        let is_open = self.spaces.iter().any(|space| space.id == stored.space && space.kind.is_reference());
        let contents = contents_of(&stored, id).filter(|_| is_open).ok_or(Problem::NotFound)?;
        Ok((id, contents))
    }

    async fn stored(&self, id: &str, kind: Kind) -> Result<(RecordId, StoredRecord), Problem> {
        let id: RecordId = id.parse().map_err(|_| Problem::NotFound)?;
        let stored = self.store().record(id).await?.filter(|stored| stored.kind == kind && !stored.summary.deleted);
        Ok((id, stored.ok_or(Problem::NotFound)?))
    }

    /// The names of units, stations and deputies.
    async fn names(&self, ids: impl IntoIterator<Item = RecordId>) -> Result<Names, Problem> {
        let codes = Codes::in_force(self.store(), self.now_ms()).await?;
        Names::open(self.store(), codes.into(), ids).await
    }

    /// What these fields of a record say, without those that say nothing.
    fn lines(&self, names: &Names, contents: &Contents, fields: &[&str]) -> Vec<Line> {
        let known = fields.iter().filter_map(|key| contents.kind.schema().field(key));
        let line = |field: &'static Field| Line {
            label: self.words.label(field.label),
            text: show_text(self.words, names, Some(field), contents.text(field.key)).text,
        };
        known.filter(|field| !contents.text(field.key).is_empty()).map(line).collect()
    }
}

fn unit_record(unit: &UnitCode) -> RecordId {
    RecordId::derived(Kind::AdminUnit, &[&unit.0])
}

type Answer = Result<Response, Problem>;
