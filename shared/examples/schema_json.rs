//! Prints the schema and the code lists as JSON, for the forms of the app's view.

use std::collections::BTreeMap;

use lianxin_shared::{
    schema::{Kind, SCHEMA_VERSION, codes},
    sealed::NOTICE_VERSION,
};

fn main() {
    let kinds: BTreeMap<_, _> = Kind::ALL.into_iter().map(|kind| (kind.key(), kind.schema())).collect();
    let codes: BTreeMap<_, _> = codes::ALL.iter().map(|list| (list.key, list.codes)).collect();
    let schema = serde_json::json!({
        "version": SCHEMA_VERSION,
        "kinds": kinds,
        "codes": codes,
        "notice_version": NOTICE_VERSION,
    });
    println!("{schema}");
}
