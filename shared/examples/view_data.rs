//! Prints as JSON what the app's view takes from `shared`: the schema and the code lists of its forms and pages, and
//! all words, each language for itself, because a phone downloads one first. Kinds that only offices keep have no page
//! there: of them the view, which every phone downloads, gets the name.

use std::collections::{BTreeMap, BTreeSet};

use lianxin_shared::{
    schema::{Kind, Label, SCHEMA_VERSION, Schema, Type, codes},
    sealed::NOTICE_VERSION,
};
use serde_json::{Value, json};

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

/// Texts that the app shows; those of the console stay there.
const TEXTS: [&str; 4] = [
    include_str!("../texts/common.json"),
    include_str!("../texts/case.json"),
    include_str!("../texts/app.json"),
    include_str!("../texts/files.json"),
];

#[derive(Default)]
struct Words {
    zh: BTreeMap<String, String>,
    en: BTreeMap<String, String>,
}

impl Words {
    fn learn(&mut self, key: String, zh: &str, en: &str) {
        self.zh.insert(key.clone(), zh.to_owned());
        self.en.insert(key, en.to_owned());
    }

    fn label(&mut self, key: String, label: Label) {
        self.learn(key, label.zh, label.en);
    }
}

fn main() {
    let mut words = Words::default();
    for text in TEXTS {
        let texts: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(text).expect("texts are JSON");
        for (key, both) in texts {
            words.learn(key, &both["zh"], &both["en"]);
        }
    }
    let shown = |kind: &Kind| !OFFICES_ONLY.contains(kind);
    let fields = |schema: &'static Schema| if shown(&schema.kind) { schema.fields } else { &[] };
    let mut kinds = BTreeMap::new();
    for schema in Kind::ALL.map(Kind::schema) {
        let kind = schema.kind.key();
        words.label(format!("kind.{kind}"), schema.label);
        for field in fields(schema) {
            words.label(format!("field.{kind}.{}", field.key), field.label);
        }
        kinds.insert(kind, fields(schema).iter().map(without_label).collect::<Vec<_>>());
    }
    let used: BTreeSet<&str> = Kind::ALL.into_iter().flat_map(|kind| fields(kind.schema())).flat_map(lists).collect();
    let mut lists = BTreeMap::new();
    for list in codes::ALL.iter().filter(|list| used.contains(list.key)) {
        for code in list.codes {
            words.label(format!("code.{}.{}", list.key, code.key), code.label);
        }
        lists.insert(list.key, list.codes.iter().map(|code| code.key).collect::<Vec<_>>());
    }
    let schema = json!({
        "version": SCHEMA_VERSION, "kinds": kinds, "codes": lists, "open": codes::OPEN, "notice_version": NOTICE_VERSION
    });
    println!("{}", json!({ "schema": schema, "words.zh": words.zh, "words.en": words.en }));
}

fn without_label(field: &lianxin_shared::schema::Field) -> Value {
    let mut field = json!(field);
    if let Some(fields) = field.as_object_mut() {
        fields.remove("label");
    }
    field
}

/// The code lists that a field offers.
fn lists(field: &lianxin_shared::schema::Field) -> Vec<&'static str> {
    let types = match field.ty {
        Type::Each { of, value } => vec![*of, *value],
        ty => vec![ty],
    };
    types.into_iter().filter_map(|ty| if let Type::Code { list } = ty { Some(list) } else { None }).collect()
}
