//! A record's history as people read it: who, when by which clock, and each field before and after.

use lianxin_shared::{
    id::UserId,
    limits::CLOCK_OFFSET_NOTICE_MS,
    record::{FieldChange, Value, What},
    schema::Kind,
};

use super::{
    names::Names,
    values::{Shown, entry_text, show, show_text},
    words::{Words, number},
};
use crate::hub::HistoryLine;

/// Later than this after it was written, a change counts as one that waited for signal, in milliseconds.
const WAITED_MS: i64 = 10 * 60 * 1000;
/// Characters of unchanged prose shown on both sides of a change.
const CONTEXT_CHARS: usize = 24;
/// Characters of one piece of changed prose; the record itself has all of it.
const PIECE_CHARS_MAX: usize = 400;

/// One change.
pub(super) struct Entry {
    pub change: String,
    pub who: String,
    pub device_time: String,
    pub received: String,
    /// What is remarkable about the two clocks.
    pub remark: Option<String>,
    /// The record's first change, which fills in everything.
    pub first: bool,
    /// What was before was cleared away.
    pub founding: bool,
    pub lines: Vec<Line>,
}

/// What it did to one field.
pub(super) struct Line {
    pub field: String,
    pub label: String,
    /// For the style: `set`, `cleared`, `wrote`, `added`, `removed`, `counted`, `noted`.
    pub act: &'static str,
    pub before: Option<Shown>,
    pub after: Option<Shown>,
    pub pieces: Vec<Piece>,
}

/// A piece of prose: `same`, `del` or `ins`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub what: &'static str,
    pub text: String,
}

/// Someone who wrote in the record.
pub(super) struct Contributor {
    pub name: String,
    pub changes: usize,
    pub first: String,
    pub last: String,
}

/// The history, newest first.
pub(super) fn entries(words: Words, names: &Names, kind: Kind, history: &[HistoryLine]) -> Vec<Entry> {
    history.iter().enumerate().rev().map(|(place, line)| entry(words, names, kind, line, place == 0)).collect()
}

fn entry(words: Words, names: &Names, kind: Kind, line: &HistoryLine, first: bool) -> Entry {
    let lines = line.entry.fields.iter().map(|change| field_line(words, names, kind, change)).collect();
    Entry {
        change: line.entry.change.to_string(),
        who: who(words, line),
        device_time: words.moment(line.entry.time_ms),
        received: line.received_ms.map_or_else(|| words.get("unknown").to_owned(), |ms| words.moment(ms)),
        remark: line.received_ms.and_then(|received_ms| remark(words, line.entry.time_ms, received_ms)),
        first: first && !line.entry.founding,
        founding: line.entry.founding,
        lines,
    }
}

fn who(words: Words, line: &HistoryLine) -> String {
    line.author.as_ref().map_or_else(|| words.get("unknown_person").to_owned(), |author| author.name.clone())
}

/// Clocks lie: a device that is ahead of the server is set wrong; one that is behind was, most
/// likely, without signal.
fn remark(words: Words, device_ms: i64, received_ms: i64) -> Option<String> {
    let waited = received_ms.saturating_sub(device_ms);
    let (key, length) = match waited {
        _ if waited > WAITED_MS => ("history.waited", waited),
        _ if waited < -CLOCK_OFFSET_NOTICE_MS => ("history.ahead", waited),
        _ => return None,
    };
    Some(words.fill(key, &[("time", &words.duration(length))]))
}

fn field_line(words: Words, names: &Names, kind: Kind, change: &FieldChange) -> Line {
    let field = kind.schema().field(&change.field);
    let text = |text: &str| Some(show_text(words, names, field, text));
    let (act, before, after, pieces) = match &change.what {
        What::Set { before, after } => {
            let shown = |value| show(words, names, field, value);
            let act = if after.is_some() { "set" } else { "cleared" };
            (act, before.as_ref().map(shown), after.as_ref().map(shown), Vec::new())
        }
        What::Wrote { before, after } => ("wrote", None, None, difference(before, after)),
        What::Added { element } => ("added", None, text(element), Vec::new()),
        What::Removed { element } => ("removed", text(element), None, Vec::new()),
        What::Counted { by } => ("counted", None, Some(Shown::plain(format!("+{}", number(*by)))), Vec::new()),
        What::Noted { text } => ("noted", None, Some(Shown::plain(text.as_str())), Vec::new()),
        What::Entered { element, before, after } => {
            let shown = |value: &Value| Shown::plain(entry_text(words, names, field, element, value));
            let act = if after.is_some() { "set" } else { "cleared" };
            (act, before.as_ref().map(shown), after.as_ref().map(shown), Vec::new())
        }
    };
    Line { field: change.field.clone(), label: words.field(kind, &change.field), act, before, after, pieces }
}

/// Who wrote, in the order of their first change.
pub(super) fn contributors(words: Words, history: &[HistoryLine]) -> Vec<Contributor> {
    let mut people: Vec<(Option<UserId>, Vec<&HistoryLine>)> = Vec::new();
    for line in history {
        let user = line.author.as_ref().map(|author| author.user);
        match people.iter_mut().find(|(known, _)| *known == user) {
            Some((_, lines)) => lines.push(line),
            None => people.push((user, vec![line])),
        }
    }
    people
        .into_iter()
        .map(|(_, lines)| {
            let times = || lines.iter().map(|line| line.entry.time_ms);
            Contributor {
                name: who(words, lines[0]),
                changes: lines.len(),
                first: words.moment(times().min().unwrap_or_default()),
                last: words.moment(times().max().unwrap_or_default()),
            }
        })
        .collect()
}

/// What was taken out of and put into prose, with a little of what stands around it. One edit of a
/// form is nearly always one place, so the common beginning and end say it all.
fn difference(before: &str, after: &str) -> Vec<Piece> {
    let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let shorter = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let context = |chars: &[char]| chars.iter().collect::<String>();
    let mut around_head = context(&before[head.saturating_sub(CONTEXT_CHARS)..head]);
    if head > CONTEXT_CHARS {
        around_head.insert(0, '…');
    }
    let mut around_tail = context(&after[after.len() - tail..after.len() - tail + tail.min(CONTEXT_CHARS)]);
    if tail > CONTEXT_CHARS {
        around_tail.push('…');
    }
    let pieces = [
        ("same", around_head),
        ("del", piece(&before[head..before.len() - tail])),
        ("ins", piece(&after[head..after.len() - tail])),
        ("same", around_tail),
    ];
    pieces.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| Piece { what, text }).collect()
}

fn piece(chars: &[char]) -> String {
    let mut text: String = chars.iter().take(PIECE_CHARS_MAX).collect();
    if chars.len() > PIECE_CHARS_MAX {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let piece = |piece: Piece| match piece.what {
            "del" => format!("[-{}-]", piece.text),
            "ins" => format!("[+{}+]", piece.text),
            _ => piece.text,
        };
        difference(before, after).into_iter().map(piece).collect()
    }

    #[test]
    fn only_what_changed_is_marked() {
        assert_eq!(shown("三组断头路没修", "三组断头路已经修了"), "三组断头路[-没修-][+已经修了+]");
        assert_eq!(shown("", "新"), "[+新+]");
        assert_eq!(shown("旧", ""), "[-旧-]");
        assert_eq!(shown("aa", "aaa"), "aa[+a+]");
        assert_eq!(shown("路灯坏了", "路灯又坏了"), "路灯[+又+]坏了");
    }

    #[test]
    fn long_prose_is_cut_around_the_change() {
        let (head, tail) = ("头".repeat(100), "尾".repeat(100));
        let text = shown(&format!("{head}{tail}"), &format!("{head}新{tail}"));
        assert_eq!(text, format!("…{}[+新+]{}…", "头".repeat(CONTEXT_CHARS), "尾".repeat(CONTEXT_CHARS)));
        assert_eq!(difference("", &"长".repeat(1000))[0].text.chars().count(), PIECE_CHARS_MAX + 1);
    }

    #[test]
    fn waiting_for_signal_and_wrong_clocks_are_remarked() {
        let words = Words(lianxin_shared::text::Language::Zh);
        assert_eq!(remark(words, 0, 60_000), None);
        assert!(remark(words, 0, 3 * 3_600_000).is_some_and(|text| text.contains('3')));
        assert!(remark(words, 3_600_000, 0).is_some());
    }
}
