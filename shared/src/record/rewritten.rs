//! 两人同时修改: a sentence that two people rewrote without seeing each other. The merge keeps the
//! letters of both, which may read as neither of them meant it; so it is marked until somebody who
//! saw both has written on, or the marks are old (DOMAIN §6.2, TX).

use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use serde::Serialize;

use super::{Action, inspect::inspect_change, shape::Shape};
use crate::{
    id::{Actor, RecordId},
    schema::Class,
};

/// A sentence that two rewrote at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rewritten {
    pub field: &'static str,
    /// As it was before both.
    pub sentence: String,
    pub by: [Actor; 2],
    /// The later of both, by the devices' clocks, milliseconds since 1970.
    pub time_ms: i64,
}

/// One change of a prose field.
struct Rewrite {
    field: &'static str,
    hash: ChangeHash,
    actor: Actor,
    time_ms: i64,
    /// The sentences that it changed or took out.
    gone: Vec<String>,
}

pub(super) fn rewritten(doc: &Automerge, shape: &'static Shape, id: RecordId, since_ms: i64) -> Vec<Rewritten> {
    let rewrites = rewrites(doc, shape, id, since_ms);
    let mut found: Vec<Rewritten> = Vec::new();
    for (n, later) in rewrites.iter().enumerate() {
        for earlier in &rewrites[..n] {
            if later.field != earlier.field || later.actor == earlier.actor {
                continue;
            }
            // Who saw whom takes a walk through the history: only where it matters.
            let both: Vec<&String> = later.gone.iter().filter(|sentence| earlier.gone.contains(sentence)).collect();
            let settled = || is_settled(doc, &rewrites[n + 1..], earlier, later);
            if both.is_empty() || saw(doc, later.hash, earlier.hash) || settled() {
                continue;
            }
            for sentence in both {
                let known = found.iter().any(|known| known.field == later.field && known.sentence == *sentence);
                if !known {
                    // In the same order for everybody, whoever's arrived first.
                    let mut by = [earlier.actor, later.actor];
                    by.sort_unstable();
                    found.push(Rewritten {
                        field: later.field,
                        sentence: sentence.clone(),
                        by,
                        time_ms: earlier.time_ms.max(later.time_ms),
                    });
                }
            }
        }
    }
    found.sort_unstable_by(|a, b| (a.field, &a.sentence).cmp(&(b.field, &b.sentence)));
    found
}

/// The changes of prose since then, parents first.
fn rewrites(doc: &Automerge, shape: &'static Shape, id: RecordId, since_ms: i64) -> Vec<Rewrite> {
    let mut rewrites = Vec::new();
    for change in doc.get_changes(&[shape.genesis_hash()]) {
        if change.timestamp().saturating_mul(1000) < since_ms {
            continue;
        }
        let Ok(inspected) = inspect_change(shape, id, &change) else { continue };
        for field in shape.schema.fields.iter().filter(|field| field.class == Class::Prose) {
            let wrote = |touch: &super::Touch| touch.field == field.key && touch.action == Action::Splice;
            if !inspected.touches.iter().any(wrote) {
                continue;
            }
            let Ok(Some((automerge::Value::Object(_), object))) = doc.get(ROOT, field.key) else { continue };
            let before = doc.text_at(&object, change.deps()).unwrap_or_default();
            let after = doc.text_at(&object, &[change.hash()]).unwrap_or_default();
            let kept = sentences(&after);
            let gone = sentences(&before).into_iter().filter(|sentence| !kept.contains(sentence));
            rewrites.push(Rewrite {
                field: field.key,
                hash: change.hash(),
                actor: inspected.actor,
                time_ms: inspected.time_ms,
                gone: gone.map(Into::into).collect(),
            });
        }
    }
    rewrites
}

/// Whether a change rests on another one.
fn saw(doc: &Automerge, change: ChangeHash, other: ChangeHash) -> bool {
    !doc.get_changes_meta(&[change]).iter().any(|unseen| unseen.hash == other)
}

/// Whether somebody who saw both has written on in the field.
fn is_settled(doc: &Automerge, after: &[Rewrite], one: &Rewrite, other: &Rewrite) -> bool {
    let saw_both = |rewrite: &Rewrite| saw(doc, rewrite.hash, one.hash) && saw(doc, rewrite.hash, other.hash);
    after.iter().any(|rewrite| rewrite.field == one.field && saw_both(rewrite))
}

fn sentences(text: &str) -> Vec<&str> {
    let ends = ['。', '！', '？', '；', '!', '?', ';', '\n'];
    text.split(ends).map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Edit, Record},
        schema::Kind,
    };

    const T0: i64 = 1_760_000_000_000;

    fn write(record: &mut Record, actor: u8, at_ms: i64, text: &str) {
        record.edit(Actor([actor; 16]), at_ms, None, &[Edit::write("body", text)]).unwrap();
    }

    fn merge(into: &mut Record, from: &Record) {
        let changes = from.changes();
        into.apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap();
    }

    /// One minute book on two phones.
    fn two() -> (Record, Record) {
        let mut one = Record::new(Kind::Activity, RecordId([7; 16]));
        write(&mut one, 1, T0, "上午走访五户。下午看水源。晚上开会。");
        let mut other = Record::new(Kind::Activity, RecordId([7; 16]));
        merge(&mut other, &one);
        (one, other)
    }

    #[test]
    fn the_same_sentence_rewritten_by_two_is_marked_until_somebody_who_saw_both_writes_on() {
        let (mut one, mut other) = two();
        write(&mut one, 1, T0 + 1000, "上午走访六户。下午看水源。晚上开会。");
        write(&mut other, 2, T0 + 2000, "上午走访五户,慰问两户。下午看水源。晚上开会。");
        merge(&mut one, &other);
        merge(&mut other, &one);
        let marked = one.rewritten(0);
        assert_eq!(marked, other.rewritten(0), "the same on both");
        assert_eq!(marked.len(), 1);
        assert_eq!((marked[0].field, marked[0].sentence.as_str()), ("body", "上午走访五户"));
        assert_eq!((marked[0].by, marked[0].time_ms), ([Actor([1; 16]), Actor([2; 16])], T0 + 2000));
        assert!(one.rewritten(T0 + 3000).is_empty(), "old marks go");
        let mended = one.read().text("body").replace("。下午", "。\n下午");
        write(&mut one, 3, T0 + 4000, &mended);
        assert!(one.rewritten(0).is_empty());
    }

    #[test]
    fn different_sentences_and_edits_that_saw_each_other_are_not_marked() {
        let (mut one, mut other) = two();
        write(&mut one, 1, T0 + 1000, "上午走访六户。下午看水源。晚上开会。");
        write(&mut other, 2, T0 + 2000, "上午走访五户。下午看水源。晚上开群众会。");
        merge(&mut one, &other);
        assert!(one.rewritten(0).is_empty());
        let (mut one, mut other) = two();
        write(&mut one, 1, T0 + 1000, "上午走访六户。下午看水源。晚上开会。");
        merge(&mut other, &one);
        write(&mut other, 2, T0 + 2000, "上午走访七户。下午看水源。晚上开会。");
        assert!(other.rewritten(0).is_empty());
    }
}
