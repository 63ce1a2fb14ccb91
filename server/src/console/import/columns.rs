//! Which columns of a sheet are which fields: by the words over them, in either language.

use lianxin_shared::schema::{Class, Field, Kind};

use super::super::{form::Treat, new_record::treat, words::Words};

/// What marks a column that must be filled in, behind its words.
pub(super) const NEEDED: char = '*';

/// What a column of a sheet is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Column {
    Field(&'static Field),
    /// The place where the row's record goes, by its name.
    Place,
    Unknown,
}

/// The fields that a file can fill in: those that the form of a new record asks for, without those that take a value for
/// each of several people.
pub(super) fn fields(kind: Kind) -> impl Iterator<Item = &'static Field> {
    let asked = move |field: &&'static Field| treat(kind, field) == Treat::Ask && field.class != Class::Entries;
    kind.schema().fields.iter().filter(asked)
}

/// What each column is for; an error where two are for the same.
pub(super) fn matched(words: Words, kind: Kind, heads: &[String]) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> = Vec::with_capacity(heads.len());
    for head in heads {
        let said = head.trim().trim_end_matches([NEEDED, '＊']).trim();
        let column = meant(words, kind, said);
        if column != Column::Unknown && columns.contains(&column) {
            return Err(said.to_owned());
        }
        columns.push(column);
    }
    Ok(columns)
}

fn meant(words: Words, kind: Kind, said: &str) -> Column {
    if said.is_empty() {
        return Column::Unknown;
    }
    if said == words.get("form.space") {
        return Column::Place;
    }
    let is_called = |field: &&'static Field| {
        field.label.zh == said || field.label.en.eq_ignore_ascii_case(said) || field.key == said
    };
    fields(kind).find(is_called).map_or(Column::Unknown, Column::Field)
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::Language;

    use super::*;

    const WORDS: Words = Words(Language::Zh);

    fn keys(heads: &[&str]) -> Result<Vec<String>, String> {
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let key = |column| match column {
            Column::Field(field) => field.key.to_owned(),
            Column::Place => "@".into(),
            Column::Unknown => "?".into(),
        };
        matched(WORDS, Kind::Voice, &heads).map(|columns| columns.into_iter().map(key).collect())
    }

    #[test]
    fn columns_are_known_by_their_words_in_either_language() {
        let heads = ["收集日期*", " 村居 ", "deputy's summary", "category", "备注", "", "归属"];
        assert_eq!(keys(&heads), Ok(["date", "village", "summary", "category", "?", "?", "@"].map(Into::into).into()));
        assert_eq!(keys(&["记录人"]), Ok(vec!["?".into()]), "nobody says for another who recorded it");
    }

    #[test]
    fn two_columns_for_one_field_are_pointed_out() {
        assert_eq!(keys(&["类别", "Category"]), Err("Category".into()));
        assert!(keys(&["备注", "备注"]).is_ok(), "what is not taken over may come twice");
    }
}
