use std::collections::BTreeSet;

use super::*;

fn all_fields() -> impl Iterator<Item = (Kind, &'static Field)> {
    Kind::ALL.into_iter().flat_map(|kind| kind.schema().fields.iter().map(move |field| (kind, field)))
}

#[test]
fn every_kind_and_field_says_in_both_languages_what_it_is_and_what_belongs_there() {
    for kind in Kind::ALL {
        let label = kind.schema().label;
        assert!(!label.zh.is_empty() && !label.en.is_empty(), "{kind:?}");
        assert_eq!(kind.schema().kind, kind);
    }
    for (kind, field) in all_fields() {
        for words in [field.label, field.help] {
            assert!(!words.zh.is_empty() && !words.en.is_empty(), "{kind:?}.{} lacks words", field.key);
        }
    }
}

#[test]
fn keys_are_unique_and_leave_the_slash_to_spread_fields() {
    for kind in Kind::ALL {
        let keys: BTreeSet<&str> = kind.schema().fields.iter().map(|field| field.key).collect();
        assert_eq!(keys.len(), kind.schema().fields.len(), "{kind:?} has a key twice");
        assert!(keys.iter().all(|key| !key.contains('/') && !key.starts_with('_')), "{kind:?}");
        assert!(kind.schema().natural_key.iter().all(|key| keys.contains(key)), "{kind:?}");
    }
}

#[test]
fn a_field_is_not_older_than_its_kind_nor_newer_than_the_schema() {
    for (kind, field) in all_fields() {
        let versions = kind.schema().since..=SCHEMA_VERSION;
        assert!(versions.contains(&field.since), "{kind:?}.{}", field.key);
    }
}

#[test]
fn classes_and_types_fit_each_other() {
    for (kind, field) in all_fields() {
        let fits = match field.class {
            Class::Prose | Class::AuthorProse => field.ty == Type::Prose,
            Class::Counter => field.ty == Type::Number,
            Class::Flag => field.ty == Type::Bool,
            Class::Entries => matches!(field.ty, Type::Each { .. }),
            Class::Once | Class::Shown | Class::Quiet | Class::Set | Class::Log => {
                !matches!(field.ty, Type::Prose | Type::Each { .. })
            }
        };
        assert!(fits, "{kind:?}.{}", field.key);
    }
}

#[test]
fn every_code_field_has_its_list_and_every_list_is_used() {
    let mut used = BTreeSet::new();
    for (kind, field) in all_fields() {
        let types = match field.ty {
            Type::Each { of, value } => vec![*of, *value],
            ty => vec![ty],
        };
        for ty in types {
            if let Type::Code { list } = ty {
                assert!(CodeList::find(list).is_some(), "{kind:?}.{} asks for {list}", field.key);
                used.insert(list);
            }
        }
    }
    let unused: Vec<_> = codes::ALL.iter().filter(|list| !used.contains(list.key)).map(|list| list.key).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_open_lists_are_lists() {
    assert!(codes::OPEN.iter().all(|list| CodeList::find(list).is_some_and(CodeList::is_open)));
    assert!(!["urgency", "suggestion_tier", "role"].iter().any(|list| CodeList::find(list).unwrap().is_open()));
}

/// DOMAIN §4.1: no identity number at all, and a telephone only where few may read it.
#[test]
fn no_record_asks_for_a_citizens_identity() {
    for (kind, field) in all_fields() {
        let personal = ["id_number", "phone", "id_card", "villager", "visitor_name"].contains(&field.key);
        assert!(!personal || kind == Kind::DeputyContact, "{kind:?}.{}", field.key);
    }
}
