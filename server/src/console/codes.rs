//! 代码表 (E25): the lists that fields choose from, as they are in this district: those that come with the software, with
//! what the district has added to the open ones, renamed and ended.
//!
//! An entry of a list that is not open says nothing, wherever it came from: on those lists rules, figures or the law rest.
//! What is not offered any more, or not known, keeps its name where records hold it.

use lianxin_shared::{
    id::SpaceId,
    rights::SpaceKind,
    schema::{CodeList, Field, Kind, Type, codes::OPEN},
};

use super::{
    ledger::Choice,
    problem::Problem,
    words::{Words, today},
};
use crate::store::{LedgerQuery, LedgerRow, Store};

/// Entries that are read. The open lists have some sixty codes together.
const ENTRIES_MAX: u32 = 500;
/// Between the places of the codes that come with a list, so that others find room between them.
const STEP: i64 = 10;

/// What the district says of its code lists today.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    entries: Vec<Entry>,
    today: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entry {
    list: String,
    code: String,
    zh: String,
    en: String,
    /// Its place in the list; 0 for none.
    order: i64,
    /// The days from and until which it is offered; empty where it always was or will be.
    from: String,
    until: String,
}

impl Codes {
    /// As they are now. What codes are called is told to everybody who reads a record that holds them.
    pub(super) async fn in_force(store: &dyn Store, now_ms: i64) -> Result<Self, Problem> {
        let spaces = store.lasting_spaces().await?;
        let open = spaces.iter().filter(|space| space.kind == SpaceKind::DistrictPublic);
        let open: Vec<SpaceId> = open.map(|space| space.id).collect();
        let rows = match open.is_empty() {
            true => Vec::new(),
            false => store.ledger(&LedgerQuery::of(Kind::CodeEntry, open), None, ENTRIES_MAX).await?,
        };
        let entries = rows.into_iter().map(Entry::of).filter(|entry| is_open(&entry.list)).collect();
        Ok(Self { entries, today: today(now_ms) })
    }

    /// The words for a code; the code itself where nobody knows it.
    pub(super) fn word(&self, words: Words, list: &str, code: &str) -> String {
        let label = CodeList::find(list).and_then(|list| list.label(code));
        match (self.entry(list, code), label) {
            // Until its day the old name stands.
            (Some(entry), label) if label.is_none() || entry.from <= self.today => entry.words(words).to_owned(),
            (_, Some(label)) => words.label(label).to_owned(),
            (_, None) => code.to_owned(),
        }
    }

    /// The code that a person means who types its words in either language, or the code itself.
    pub(super) fn key(&self, list: &str, typed: &str) -> Option<String> {
        let is_called = |zh: &str, en: &str, code: &str| {
            zh == typed || code == typed || !en.is_empty() && en.eq_ignore_ascii_case(typed)
        };
        let own = self.entries.iter().filter(|entry| entry.list == list);
        let own = own.map(|entry| (entry.zh.as_str(), entry.en.as_str(), entry.code.as_str()));
        let built_in = CodeList::find(list).map(|list| list.codes).unwrap_or_default();
        let built_in = built_in.iter().map(|code| (code.label.zh, code.label.en, code.key));
        own.chain(built_in).find(|(zh, en, code)| is_called(zh, en, code)).map(|(.., code)| code.to_owned())
    }

    /// The words for what a field holds, where that is a code or the name of a list.
    pub(super) fn word_of(&self, words: Words, field: &Field, held: &str) -> String {
        match field.ty {
            Type::Code { list } => self.word(words, list, held),
            _ if names_list(field) => list_name(words, held),
            _ => held.to_owned(),
        }
    }

    /// What a field offers, with what it holds or asks for marked; that stays choosable, offered or not.
    pub(super) fn choices(&self, words: Words, field: &Field, held: &[&str]) -> Vec<Choice> {
        let mut offered = match field.ty {
            Type::Code { list } => self.offered(list),
            _ if names_list(field) => OPEN.map(Into::into).into(),
            _ => return Vec::new(),
        };
        let missing = held.iter().filter(|code| !code.is_empty() && !offered.iter().any(|offered| offered == *code));
        let missing: Vec<String> = missing.map(|code| (*code).to_owned()).collect();
        offered.extend(missing);
        let choice = |code: String| Choice {
            label: self.word_of(words, field, &code),
            chosen: held.contains(&code.as_str()),
            key: code,
        };
        offered.into_iter().map(choice).collect()
    }

    /// Every code of every open list, with its words: what an entry may rename or end.
    pub(super) fn known(&self, words: Words) -> Vec<(String, String)> {
        let of_list = |list: &&'static str| {
            let name = list_name(words, list);
            let codes = CodeList::find(list).map(|list| list.codes).unwrap_or_default();
            let own = self.entries.iter().filter(|entry| entry.list == **list).map(|entry| entry.code.clone());
            let mut codes: Vec<String> = codes.iter().map(|code| code.key.to_owned()).chain(own).collect();
            let mut seen = std::collections::HashSet::new();
            codes.retain(|code| seen.insert(code.clone()));
            let named = |code: String| (format!("{name}: {}", self.word(words, list, &code)), code);
            codes.into_iter().map(named).map(|(label, code)| (code, label)).collect::<Vec<_>>()
        };
        OPEN.iter().flat_map(of_list).collect()
    }

    /// The codes of a list that are offered today, in their order.
    fn offered(&self, list: &str) -> Vec<String> {
        let built_in = CodeList::find(list).map(|list| list.codes).unwrap_or_default();
        let is_own = |entry: &&Entry| entry.list == list && !built_in.iter().any(|code| code.key == entry.code);
        let own = self.entries.iter().filter(is_own).map(|entry| (i64::MAX, entry.code.as_str()));
        let with_place = built_in.iter().zip(1..).map(|(code, place)| (place * STEP, code.key));
        let placed = with_place.chain(own).filter_map(|(place, code)| match self.entry(list, code) {
            Some(entry) if !entry.is_offered(&self.today, place) => None,
            Some(entry) if entry.order > 0 => Some((entry.order, code)),
            _ => Some((place, code)),
        });
        let mut placed: Vec<(i64, &str)> = placed.collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, code)| code.to_owned()).collect()
    }

    fn entry(&self, list: &str, code: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.list == list && entry.code == code)
    }
}

impl Entry {
    fn of(row: LedgerRow) -> Self {
        let summary = row.summary;
        let tag =
            |name: &str| summary.tags.iter().find_map(|tag| tag.strip_prefix(name)).unwrap_or_default().to_owned();
        Self {
            en: tag("en:"),
            until: tag("until:"),
            list: summary.code,
            code: summary.status,
            zh: summary.title,
            order: summary.number,
            from: summary.date,
        }
    }

    fn words(&self, words: Words) -> &str {
        match words.tag() {
            "en" if !self.en.is_empty() => &self.en,
            _ => &self.zh,
        }
    }

    /// What came with its list was offered before anybody wrote an entry for it.
    fn is_offered(&self, today: &str, place: i64) -> bool {
        let has_begun = place != i64::MAX || self.from.as_str() <= today;
        has_begun && (self.until.is_empty() || today <= self.until.as_str())
    }
}

/// Whether the district may add to the list with this key.
pub(super) fn is_open(list: &str) -> bool {
    CodeList::find(list).is_some_and(CodeList::is_open)
}

/// Whether it is the field in which an entry says to which list it belongs.
pub(super) fn names_list(field: &Field) -> bool {
    Kind::CodeEntry.schema().field("list").is_some_and(|own| std::ptr::eq(own, field))
}

/// Whether it is the field in which an entry says which code it is about.
pub(super) fn names_code(field: &Field) -> bool {
    Kind::CodeEntry.schema().field("code").is_some_and(|own| std::ptr::eq(own, field))
}

/// What a list is called: as the first field that offers it, with the kinds that have such a field.
fn list_name(words: Words, list: &str) -> String {
    let offers = |field: &&'static Field| matches!(field.ty, Type::Code { list: offered } if offered == list);
    let of_kind = |kind: Kind| kind.schema().fields.iter().find(offers).map(|field| (field, words.kind(kind)));
    let found: Vec<(&Field, &str)> = Kind::ALL.into_iter().filter_map(of_kind).collect();
    let Some((field, _)) = found.first() else { return list.to_owned() };
    let kinds: Vec<&str> = found.iter().map(|(_, kind)| *kind).collect();
    words.fill("code.list", &[("label", words.label(field.label)), ("kinds", &kinds.join(words.get("code.and")))])
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::Language;

    use super::*;

    const ZH: Words = Words(Language::Zh);
    const EN: Words = Words(Language::En);

    fn entry(list: &str, code: &str, zh: &str) -> Entry {
        Entry { list: list.into(), code: code.into(), zh: zh.into(), ..Entry::default() }
    }

    fn codes(entries: Vec<Entry>) -> Codes {
        Codes { entries, today: "2026-03-02".into() }
    }

    fn field(kind: Kind, key: &str) -> &'static Field {
        kind.schema().field(key).expect("the field is declared")
    }

    fn offered(codes: &Codes, held: &[&str]) -> Vec<String> {
        codes.choices(ZH, field(Kind::Activity, "themes"), held).into_iter().map(|choice| choice.label).collect()
    }

    #[test]
    fn an_entry_adds_renames_and_ends() {
        let tourism = Entry { order: 15, en: "Tourism".into(), ..entry("theme", "tourism", "乡村旅游") };
        let renamed = entry("theme", "business", "优化营商环境");
        let ended = Entry { until: "2026-03-01".into(), ..entry("theme", "safety", "安全生产") };
        let codes = codes(vec![tourism, renamed, ended]);
        assert_eq!(offered(&codes, &[]), ["乡村振兴", "乡村旅游", "优化营商环境", "民生实事"]);
        assert_eq!(offered(&codes, &["safety"]).last().map(String::as_str), Some("安全生产"), "what is held stays");
        assert_eq!(codes.word(EN, "theme", "tourism"), "Tourism");
        assert_eq!(codes.word(EN, "theme", "business"), "优化营商环境", "without an English name");
    }

    #[test]
    fn an_entry_holds_from_its_first_day_to_its_last() {
        let dated = |from: &str, until: &str| {
            let dates = Entry { from: from.into(), until: until.into(), ..entry("theme", "tourism", "乡村旅游") };
            offered(&codes(vec![dates]), &[]).contains(&"乡村旅游".to_owned())
        };
        assert!(dated("2026-03-02", "2026-03-02") && dated("", ""));
        assert!(!dated("2026-03-03", "") && !dated("", "2026-03-01"));
        let later = Entry { from: "2026-03-03".into(), ..entry("theme", "business", "新名称") };
        let codes = codes(vec![later]);
        assert_eq!(codes.word(ZH, "theme", "business"), "营商环境", "a name of tomorrow");
        assert_eq!(offered(&codes, &[]).len(), 4, "and the code is offered as before");
    }

    #[test]
    fn what_nobody_knows_is_shown_as_it_is_and_stays_choosable() {
        let codes = codes(Vec::new());
        assert_eq!(codes.word(ZH, "theme", "by_drone"), "by_drone");
        assert_eq!(offered(&codes, &["by_drone"]).last().map(String::as_str), Some("by_drone"));
        assert_eq!(offered(&codes, &[""]).len(), 4);
    }

    #[test]
    fn the_lists_that_can_be_changed_are_named_after_their_fields() {
        let list = field(Kind::CodeEntry, "list");
        let codes = codes(vec![entry("theme", "tourism", "乡村旅游")]);
        let labels: Vec<String> = codes.choices(ZH, list, &[]).into_iter().map(|choice| choice.label).collect();
        assert!(labels.contains(&"类别（群众意见、代表建议）".to_owned()), "{labels:?}");
        assert!(codes.known(ZH).contains(&("tourism".into(), "主题（履职活动、代表建议）: 乡村旅游".into())));
        assert!(codes.known(ZH).iter().all(|(code, _)| code != "danger"), "urgency is not open");
    }
}
