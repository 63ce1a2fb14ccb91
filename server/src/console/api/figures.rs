//! The figures as numbers: of whom they count, and by which definition, the pages say under each.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use lianxin_shared::schema::Kind;
use serde_json::{Map, Value, json};

use super::{
    super::{
        directory::everything,
        input::Asked,
        overview::{Asking, year_of},
        rates,
    },
    caller::Caller,
    ledgers::Address,
    problem::ApiProblem,
};
use crate::store::LedgerQuery;

/// The kinds of which a year's records are counted.
const COUNTED: [Kind; 4] = [Kind::Activity, Kind::Voice, Kind::Suggestion, Kind::ReceptionDay];

pub(super) async fn figures(Caller(desk): Caller, asked: Address) -> Result<Response, ApiProblem> {
    let Asked(asked) = asked.map_err(|_| ApiProblem::BadAddress(Vec::new()))?;
    let (asking, problems) = Asking::read(&desk, &asked).await?;
    if !problems.is_empty() {
        return Err(ApiProblem::BadAddress(problems));
    }
    let (from, to) = year_of(asking.year);
    let mut records = Map::new();
    for kind in COUNTED.into_iter().filter(|kind| desk.reads(*kind)) {
        let query = LedgerQuery { from: Some(from.clone()), to: Some(to.clone()), ..everything(&desk, kind) };
        let counted = desk.store().count(&query).await.map_err(super::super::problem::Problem::from)?;
        records.insert(kind.key().to_owned(), counted.records.into());
    }
    let suggestions = match desk.reads(Kind::Suggestion) {
        false => Value::Null,
        true => {
            let [session, year] = rates::scopes(&desk, &asking).await?.map(|scope| scope.parts());
            json!({ "session": numbers(&session), "year": numbers(&year) })
        }
    };
    let session = format!("{}{}", asking.term, asking.session);
    let answer = json!({ "year": asking.year, "session": session, "records": records, "suggestions": suggestions });
    Ok(Json(answer).into_response())
}

fn numbers(parts: &[(&'static str, u64)]) -> Value {
    Value::Object(parts.iter().map(|(key, count)| ((*key).to_owned(), (*count).into())).collect())
}
