//! Prints the schema and the code lists as JSON, for the forms and pages of the app's view. Kinds that
//! only offices keep have no page there: of them the view, which every phone downloads, gets the name.

use std::collections::{BTreeMap, BTreeSet};

use lianxin_shared::{
    schema::{Kind, SCHEMA_VERSION, Schema, Type, codes},
    sealed::NOTICE_VERSION,
};

/// Kinds without a page in the app.
const OFFICES_ONLY: [Kind; 10] = [
    Kind::Term,
    Kind::MechanismPlan,
    Kind::DossierEntry,
    Kind::ChecklistDefinition,
    Kind::ChecklistAnswer,
    Kind::CodeEntry,
    Kind::Attachment,
    Kind::ScoreRule,
    Kind::ScoreBatch,
    Kind::DeputyContact,
];

fn main() {
    let shown = |kind: &Kind| !OFFICES_ONLY.contains(kind);
    let fields = |schema: &'static Schema| if shown(&schema.kind) { schema.fields } else { &[] };
    let kinds: BTreeMap<_, _> = Kind::ALL
        .into_iter()
        .map(Kind::schema)
        .map(|schema| (schema.kind.key(), serde_json::json!({ "label": schema.label, "fields": fields(schema) })))
        .collect();
    let used: BTreeSet<&str> = Kind::ALL.into_iter().flat_map(|kind| fields(kind.schema())).flat_map(lists).collect();
    let codes: BTreeMap<_, _> =
        codes::ALL.iter().filter(|list| used.contains(list.key)).map(|list| (list.key, list.codes)).collect();
    let schema = serde_json::json!({
        "version": SCHEMA_VERSION,
        "kinds": kinds,
        "codes": codes,
        "notice_version": NOTICE_VERSION,
    });
    println!("{schema}");
}

/// The code lists that a field offers.
fn lists(field: &lianxin_shared::schema::Field) -> Vec<&'static str> {
    let types = match field.ty {
        Type::Each { of, value } => vec![*of, *value],
        ty => vec![ty],
    };
    types.into_iter().filter_map(|ty| if let Type::Code { list } = ty { Some(list) } else { None }).collect()
}
