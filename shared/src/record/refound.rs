//! A record founded anew (DESIGN, Records 9): one change, its *founding*, says what the record says now, and stands for
//! all that was ever written in it.
//!
//! A merge history forgets nothing, and some things have to be forgotten: a name that slipped into a text, what was told
//! in a petition, a photo that somebody wants gone. The server makes the founding and destroys what was before; whoever
//! receives it does the same. What somebody wrote meanwhile on the record as it was is carried over to the record as it is.

use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, legacy};

use super::{
    Change, ChangeHash, Contents, Edit, EditError, FieldChange, FieldValue, ID_KEY, NewChange, OWN_KEYS, Op, Record,
    Unreadable, Value, What, compose::Composer, history::field_changes, inspect::inspect_change, parsed, shape,
};
use crate::{
    id::{Actor, RecordId},
    schema::{Class, Kind},
};

/// Where a founding says how many there have been of this record. Only servers write it.
pub(super) const FOUNDED_KEY: &str = "_founded";

impl Record {
    /// How often it was founded anew.
    pub fn founded(&self) -> i64 {
        let found = self.doc.get(ROOT, FOUNDED_KEY).ok().flatten();
        found.and_then(|(value, _)| value.as_i64()).unwrap_or(0)
    }

    /// The record without its history, and the change that founds it. Of values in conflict the winner stays: they are to
    /// be settled before.
    ///
    /// # Errors
    /// When the outcome would say anything else than the record does.
    pub fn found_anew(&self, actor: Actor, time_ms: i64) -> Result<(Record, NewChange), Unreadable> {
        let mut anew = self.with_extensions_only()?;
        let heads = anew.doc.get_heads();
        let mut composer = Composer::new(&anew.doc, &heads, ActorId::from(actor));
        if heads == [self.shape.genesis_hash()] {
            composer.put(&ROOT, ID_KEY, ScalarValue::Bytes(self.id.0.to_vec()));
        }
        composer.put(&ROOT, FOUNDED_KEY, ScalarValue::Int(self.founded() + 1));
        self.say_again(&mut composer)?;
        let founding = composer.finish(time_ms / 1000).ok_or(Unreadable::Damaged("an empty founding"))?;
        let made = NewChange::of(&founding);
        anew.merge(vec![founding])?;
        let alike = anew.says() == self.says();
        if alike { Ok((anew, made)) } else { Err(Unreadable::Damaged("the founding says something else")) }
    }

    /// The record as these changes found it anew, without anything that came before; `None` if they do not.
    ///
    /// # Errors
    /// When the bytes are no changes.
    pub fn founded_by(&self, incoming: &[&[u8]]) -> Result<Option<Record>, Unreadable> {
        let founded = self.founded();
        let founds = |change: &Change| founding(change).is_some_and(|number| number > founded);
        if !parsed(incoming.iter().copied())?.iter().any(founds) {
            return Ok(None);
        }
        let mut anew = self.with_extensions_only()?;
        let fitting = anew.what_fits(incoming.iter().copied());
        anew.apply(fitting)?;
        Ok((anew.founded() > founded).then_some(anew))
    }

    /// Makes a change of the record as it was once more in the record as it is now, at the time that it says. What the
    /// founding has taken out stays out; nothing is made when nothing is left to write.
    ///
    /// # Errors
    /// When it does not fit what is here now.
    pub fn carry_over(&mut self, was: &Record, change: ChangeHash, actor: Actor) -> Result<Vec<NewChange>, EditError> {
        let changes = was.all_changes();
        let change = changes.iter().find(|known| ChangeHash::from(known.hash()) == change);
        let inspected = change.and_then(|change| inspect_change(was.shape, was.id, change).ok());
        let Some(inspected) = inspected else { return Err(EditError::engine("the change is not here")) };
        let wrote = field_changes(&was.doc, was.shape.schema, &inspected);
        let contents = self.read();
        let edits: Vec<Edit> = wrote.into_iter().filter_map(|change| self.as_edit(change, &contents)).collect();
        self.write(actor, inspected.time_ms, None, &edits)
    }

    /// Whether a person saw the record only as it was before it was founded anew.
    pub(super) fn has_lost(&self, seen: &[ChangeHash]) -> bool {
        self.founded() > 0 && !seen.is_empty() && !seen.iter().any(|hash| self.contains(*hash))
    }

    fn as_edit(&self, FieldChange { field, what }: FieldChange, contents: &Contents) -> Option<Edit> {
        let known = self.shape.schema.field(&field)?;
        let op = match what {
            What::Set { after: Some(_), .. } if known.class == Class::Flag => Op::Mark,
            What::Set { after: None, .. } if known.class == Class::Flag => Op::Unmark,
            // It is set, and that is that.
            What::Set { .. } if known.class == Class::Once && contents.single(&field).is_some() => return None,
            What::Set { after: Some(value), .. } => Op::Put { value },
            What::Set { after: None, .. } => Op::Clear,
            What::Wrote { before, after } => Op::Write { text: merged(&before, &after, contents.text(&field)) },
            What::Added { element } => Op::Add { element },
            What::Removed { element } => Op::Remove { element },
            What::Counted { by } => Op::Increment { by },
            What::Noted { text } => Op::Append { text },
            What::Entered { element, before: Some(_), after: Some(_) }
                if contents.entry(&field, &element).is_none() =>
            {
                return None;
            }
            What::Entered { element, after: Some(value), .. } => Op::Enter { element, value },
            What::Entered { element, after: None, .. } => Op::Remove { element },
        };
        Some(Edit { field, op })
    }

    /// The genesis and the extensions that are here: constants, which say nothing.
    fn with_extensions_only(&self) -> Result<Record, Unreadable> {
        let mut blank = Record::shaped(self.shape, self.id);
        let constant = |change: &Change| Actor::try_from(change.actor_id().to_bytes()).is_ok_and(shape::is_nobody);
        blank.merge(self.all_changes().into_iter().filter(constant).collect())?;
        Ok(blank)
    }

    /// Writes everything that stands in the record, unknown fields of newer versions too.
    fn say_again(&self, composer: &mut Composer<'_>) -> Result<(), Unreadable> {
        for key in self.doc.keys(ROOT).filter(|key| !OWN_KEYS.contains(&key.as_str())) {
            match self.doc.get(ROOT, key.as_str())? {
                Some((automerge::Value::Object(ObjType::Text), text)) => {
                    composer.write(&text, &self.doc.text(&text)?);
                }
                Some((automerge::Value::Object(_), map)) => {
                    for element in self.doc.keys(&map) {
                        if let Some(value) = self.doc.get(&map, element.as_str())?.and_then(|(value, _)| scalar(&value))
                        {
                            composer.put(&map, &element, value);
                        }
                    }
                }
                Some((automerge::Value::Scalar(value), _)) => match value.as_ref() {
                    ScalarValue::Counter(_) => match value.as_i64().unwrap_or(0) {
                        0 => {}
                        counted => composer.increment(&key, counted),
                    },
                    value => composer.put(&ROOT, &key, value.clone()),
                },
                None => {}
            }
        }
        Ok(())
    }

    /// What the fields hold, whoever wrote it.
    fn says(&self) -> Vec<(String, String)> {
        let contents = self.read();
        let known = contents.fields.iter().map(|(key, value)| ((*key).to_owned(), held(value)));
        let unknown = contents.unknown.iter().map(|(key, value)| (key.clone(), format!("{value:?}")));
        known.chain(unknown).collect()
    }
}

/// Who founded the record anew.
pub(super) fn founder(doc: &Automerge) -> Option<Actor> {
    match doc.get(ROOT, FOUNDED_KEY).ok()?? {
        (_, ObjId::Id(_, actor, _)) => Actor::try_from(actor.to_bytes()).ok(),
        _ => None,
    }
}

/// The number that a founding carries; `None` for any other change.
pub(super) fn founding(change: &Change) -> Option<i64> {
    let operations = change.decode().operations;
    operations.iter().find_map(|operation| match (&operation.obj, &operation.key, &operation.action) {
        (legacy::ObjectId::Root, legacy::Key::Map(key), legacy::OpType::Put(ScalarValue::Int(number)))
            if key == FOUNDED_KEY =>
        {
            Some(*number)
        }
        _ => None,
    })
}

fn scalar(value: &automerge::Value<'_>) -> Option<ScalarValue> {
    match value {
        automerge::Value::Scalar(value) => Some(value.as_ref().clone()),
        automerge::Value::Object(_) => None,
    }
}

fn held(value: &FieldValue) -> String {
    match value {
        FieldValue::Single { value, .. } => format!("{value:?}"),
        FieldValue::Log { entries } => {
            let mut texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
            texts.sort_unstable();
            format!("{texts:?}")
        }
        FieldValue::Entries { entries } => {
            let values: Vec<(&String, &Value)> =
                entries.iter().map(|(element, entry)| (element, &entry.value)).collect();
            format!("{values:?}")
        }
        value => format!("{value:?}"),
    }
}

/// What two people made of a text at the same time, as their changes would merge.
fn merged(before: &str, after: &str, beside: &str) -> String {
    if before == beside {
        return after.to_owned();
    }
    // A Text of any kind will do.
    const FIELD: &str = "summary";
    let mut record = Record::new(Kind::Voice, RecordId([0; 16]));
    let mut write = |actor: u8, base: Option<&[ChangeHash]>, text: &str| {
        record.edit(Actor([actor; 16]), 0, base, &[Edit::write(FIELD, text)]).ok();
        record.heads()
    };
    let base = write(1, None, before);
    write(2, Some(&base), beside);
    write(3, Some(&base), after);
    record.read().text(FIELD).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Why, tests::any_edit};

    const ID: RecordId = RecordId([0xee; 16]);
    const ANNE: Actor = Actor([1; 16]);
    const BERT: Actor = Actor([2; 16]);
    const DESK: Actor = Actor([9; 16]);
    /// What nobody is to find any more.
    const CANARY: &str = "王某某13800001111";

    fn written(actor: Actor, record: &mut Record, edits: &[Edit]) -> NewChange {
        record.edit(actor, 1_760_000_000_000, None, edits).unwrap().unwrap()
    }

    fn received(record: &Record, changes: &[NewChange]) -> Record {
        let mut received = Record::new(record.kind(), record.id());
        received.apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap();
        received
    }

    fn holds(bytes: &[u8], text: &str) -> bool {
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    }

    #[test]
    fn what_was_taken_out_is_in_none_of_its_bytes() {
        let mut voice = Record::new(Kind::Voice, ID);
        written(ANNE, &mut voice, &[Edit::put("group", CANARY), Edit::write("summary", "路灯坏了。")]);
        written(ANNE, &mut voice, &[Edit { field: "group".into(), op: Op::Clear }]);
        assert!(holds(&voice.to_stored(), CANARY), "a history forgets nothing");
        let (anew, founding) = voice.found_anew(DESK, 1_770_000_000_000).unwrap();
        assert!(!holds(&anew.to_stored(), CANARY) && !holds(&founding.bytes, CANARY));
        assert_eq!((anew.read().text("summary"), anew.founded()), ("路灯坏了。", 1));
        let history = anew.history();
        assert!(matches!(&history[..], [entry] if entry.founding && entry.actor == DESK && entry.fields.is_empty()));
        assert_eq!(anew.found_anew(DESK, 0).unwrap().0.founded(), 2);
    }

    #[test]
    fn notes_keep_who_wrote_them() {
        let mut voice = Record::new(Kind::Voice, ID);
        for (actor, text) in [(ANNE, "去看过了"), (BERT, "打过电话")] {
            written(actor, &mut voice, &[Edit { field: "follow_ups".into(), op: Op::Append { text: text.into() } }]);
        }
        let contents = voice.found_anew(DESK, 0).unwrap().0.read();
        let Some(FieldValue::Log { entries }) = contents.fields.get("follow_ups") else { panic!("{contents:?}") };
        let by: Vec<_> = entries.iter().map(|entry| (entry.actor, entry.text.as_str())).collect();
        assert_eq!(by, [(Some(ANNE), "去看过了"), (Some(BERT), "打过电话")]);
    }

    #[test]
    fn a_person_cannot_found_a_record_anew() {
        let mut voice = Record::new(Kind::Voice, ID);
        written(ANNE, &mut voice, &[Edit::write("summary", "路灯坏了。")]);
        let (_, founding) = voice.found_anew(ANNE, 0).unwrap();
        assert!(super::super::inspect(Kind::Voice, ID, &founding.bytes).is_err());
    }

    #[test]
    fn later_prose_and_what_a_newer_version_wrote_stay() {
        let mut voice = Record::new(Kind::Voice, ID);
        written(ANNE, &mut voice, &[Edit::write("summary", "路灯坏了。")]);
        voice.write(ANNE, 0, None, &[Edit::write("transcript", "一落雨就恼火得很")]).unwrap();
        let (anew, founding) = voice.found_anew(DESK, 0).unwrap();
        assert_eq!(anew.read().text("transcript"), "一落雨就恼火得很");
        let phone = voice.founded_by(&[&founding.bytes]).unwrap().unwrap();
        assert_eq!(phone.read(), anew.read(), "a phone that has the extension needs the founding only");
        let new_phone = received(&voice, &anew.changes());
        assert_eq!(new_phone.read(), anew.read());
    }

    #[test]
    fn what_was_written_meanwhile_is_carried_over_without_what_was_taken_out() {
        let mut voice = Record::new(Kind::Voice, ID);
        written(
            ANNE,
            &mut voice,
            &[Edit::write("summary", &format!("{CANARY}家门口路灯坏了。")), Edit::put("group", "三组")],
        );
        let mut phone = received(&voice, &voice.changes());
        let waiting = written(
            BERT,
            &mut phone,
            &[Edit::write("summary", &format!("{CANARY}家门口路灯坏了，晚上看不见。")), Edit::put("affected", 12)],
        );
        written(ANNE, &mut voice, &[Edit::write("summary", "家门口路灯坏了。")]);
        let (_, founding) = voice.found_anew(DESK, 0).unwrap();
        let mut anew = phone.founded_by(&[&founding.bytes]).unwrap().unwrap();
        let again = anew.carry_over(&phone, waiting.hash, BERT).unwrap().pop().unwrap();
        assert_eq!(anew.read().text("summary"), "家门口路灯坏了，晚上看不见。");
        assert_eq!((anew.read().number("affected"), anew.read().text("group")), (Some(12), "三组"));
        assert!(!holds(&again.bytes, CANARY) && !holds(&anew.to_stored(), CANARY));
    }

    #[test]
    fn a_form_that_was_opened_before_does_not_bring_it_back() {
        let mut voice = Record::new(Kind::Voice, ID);
        written(ANNE, &mut voice, &[Edit::write("summary", CANARY)]);
        let seen = voice.heads();
        written(ANNE, &mut voice, &[Edit::write("summary", "路灯坏了。")]);
        let (mut anew, _) = voice.found_anew(DESK, 0).unwrap();
        let typed = [Edit::write("summary", &format!("{CANARY}，急"))];
        assert_eq!(anew.edit(BERT, 0, Some(&seen), &typed).unwrap_err().why, Why::Founded);
        assert!(anew.edit(BERT, 0, Some(&anew.heads()), &typed).unwrap().is_some());
    }

    #[test]
    fn a_photo_that_was_taken_out_does_not_come_back_with_its_caption() {
        let photo = "ab".repeat(32);
        let mut activity = Record::new(Kind::Activity, ID);
        written(ANNE, &mut activity, &[Edit::put("title", "院坝会"), Edit::enter("files", &photo, "")]);
        let mut phone = received(&activity, &activity.changes());
        let waiting = written(BERT, &mut phone, &[Edit::enter("files", &photo, "会场")]);
        written(ANNE, &mut activity, &[Edit::remove("files", &photo)]);
        let (_, founding) = activity.found_anew(DESK, 0).unwrap();
        let mut anew = phone.founded_by(&[&founding.bytes]).unwrap().unwrap();
        assert_eq!(anew.carry_over(&phone, waiting.hash, BERT), Ok(Vec::new()));
        assert!(!holds(&anew.to_stored(), &photo));
    }

    proptest! {
        #[test]
        fn a_record_founded_anew_says_what_it_said(edits in prop::collection::vec((any::<bool>(), any_edit()), 1..25)) {
            let mut record = Record::new(Kind::Activity, ID);
            for (anne, edit) in edits {
                let actor = if anne { ANNE } else { BERT };
                record.edit(actor, 0, None, &[edit]).ok();
            }
            let (anew, founding) = record.found_anew(DESK, 0).unwrap();
            prop_assert_eq!(anew.says(), record.says());
            prop_assert_eq!(Record::load(Kind::Activity, ID, &anew.save_checked().unwrap()).unwrap().read(), anew.read());
            // To whoever held it and to whoever did not it is the same.
            let held = record.founded_by(&[&founding.bytes]).unwrap().unwrap();
            prop_assert_eq!(held.read(), anew.read());
            prop_assert_eq!(received(&record, &[founding]).heads(), anew.heads());
        }

        #[test]
        fn texts_that_two_rewrote_merge(before in "[a-e]{0,8}", after in "[a-e]{0,8}", beside in "[a-e]{0,8}") {
            prop_assert_eq!(merged(&before, &after, &before), after.clone());
            prop_assert_eq!(merged(&before, &before, &beside), beside);
            let both = merged(&before, &after, "");
            prop_assert!(both.chars().all(|character| after.contains(character)), "nothing comes back that was deleted beside");
        }
    }
}
