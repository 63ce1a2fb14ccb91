//! The calls that the view makes and the events that it hears: the Rust side of `view/src/api.ts`.
//!
//! Everything crosses as JSON. The words for a problem are in `shared/texts`; the keys used here are
//!
//! - `engine.bad_call`: the view asked for something that this engine does not know (an update is half done);
//! - `engine.start`: no randomness, so no engine;
//! - `storage.full`, `storage.failed`, `storage.unavailable`, `storage.blocked`, `storage.newer`, `storage.corrupt`;
//! - `sign_in.wrong`, `sign_in.wait` (with seconds), `sign_in.locked`, `sign_in.network`, `sign_in.server`,
//!   `sign_in.update`, `sign_in.closed`, `sign_in.no_access`, `sign_in.must_change`, `sign_in.pin`;
//! - `sign_in.pin_wrong`, `pin.short`, `pin.no_key`;
//! - `sign_out.unsent`;
//! - `record.unknown`, `record.unreadable`;
//! - `edit.*` and `denied.*` of `EditProblem::text_key`, `returned.*` of `FilingProblem::text_key`.
//! - `file.bad`, `file.not_here`, `file.not_arrived`, `file.no_signal`;
//! - `parcel.bad.*`, `parcel.no_key`, `parcel.insecure`;
//! - `sealed.*`, `edit.*` and `denied.*` of `SealProblem::text_key`.

use std::{borrow::Cow, rc::Rc};

use lianxin_shared::{
    check::{Aim, Circumstances, check_form, privacy},
    device::{Command, DataUse, EditProblem, Filing, FilingProblem, Filter, Part, RecordState, Seal, SealProblem},
    id::{RecordId, UserId},
    json::{self, FromObject, Object, Unfit},
    record::Edit,
    schema::Kind,
};
use serde::Serialize;

use crate::{engine::Engine, status::Status, storage::StorageError};

/// What went wrong, for people. Nothing was changed or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) text: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<u32>,
    /// A name, a date or a limit that the words need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl Problem {
    pub(crate) fn of(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), field: None, seconds: None, detail: None }
    }
}

impl From<Unfit> for Problem {
    fn from(_: Unfit) -> Self {
        Problem::of("engine.bad_call")
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Problem::of(error.text_key())
    }
}

impl From<EditProblem> for Problem {
    fn from(problem: EditProblem) -> Self {
        Self { field: problem.field().map(str::to_owned), ..Problem::of(problem.text_key()) }
    }
}

impl From<FilingProblem> for Problem {
    fn from(problem: FilingProblem) -> Self {
        Self { detail: problem.detail().map(str::to_owned), ..Problem::of(problem.text_key()) }
    }
}

impl From<SealProblem> for Problem {
    fn from(problem: SealProblem) -> Self {
        Self { field: problem.field().map(str::to_owned), ..Problem::of(problem.text_key()) }
    }
}

/// What the engine tells by itself.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// The engine works. Said again whenever the answer to `account` may be another one.
    Ready,
    Status {
        status: &'a Status,
    },
    Changed {
        ids: &'a [RecordId],
    },
    /// The engine is no more. `text` is a key, or after a panic what and where.
    Failed {
        text: &'a str,
    },
}

/// What is missing or doubtful in a form or, where nothing is edited, in a record.
fn check(args: &mut Object) -> Answered {
    let kind = Kind::from_key(&args.text("kind")?).ok_or(Unfit("kind"))?;
    let (before, edits) = (Edit::take_list(args, "before")?, Edit::take_list(args, "edits")?);
    let aim = if args.text("aim")? == "hand_in" { Aim::HandIn } else { Aim::Keep };
    let today = args.text("today")?;
    // Which unit has a congress is in records of offices, and phones need not have them.
    let circumstances = Circumstances { aim, today: &today, has_congress: None };
    Ok(json::write(&check_form(kind, &before, &edits, circumstances)))
}

/// Texts without the telephone numbers that were in them, by field, and the numbers in one line.
#[derive(Serialize)]
struct TakenOut {
    phone: String,
    texts: serde_json::Map<String, serde_json::Value>,
}

/// Looks for them in what was typed.
fn take_out(typed: Object) -> String {
    let mut found: Vec<String> = Vec::new();
    let mut texts = serde_json::Map::new();
    for (field, text) in typed.into_fields() {
        let Some(text) = text.as_str() else { continue };
        let (kept, numbers) = privacy::without_telephones(text);
        for number in numbers {
            // Said twice, in the villager's words and in the summary, it is one number.
            if !found.contains(&number) {
                found.push(number);
            }
        }
        texts.insert(field, kept.into());
    }
    let phone = found.join("、");
    json::write(&TakenOut { phone, texts })
}

/// The answer to `edit`.
#[derive(Serialize)]
pub(crate) struct Edited {
    pub(crate) id: RecordId,
    pub(crate) state: RecordState,
}

/// A value as JSON, or why there is none.
pub(crate) type Answered = Result<String, Problem>;

/// Answers one call: `{"ok": …}` or `{"problem": …}`.
pub(crate) async fn answer(engine: &Rc<Engine>, call: &str, args: &str) -> String {
    match dispatch(engine, call, args).await {
        Ok(value) => format!("{{\"ok\":{value}}}"),
        Err(problem) => format!("{{\"problem\":{}}}", json::write(&problem)),
    }
}

async fn dispatch(engine: &Rc<Engine>, call: &str, args: &str) -> Answered {
    let mut args = Object::read(args.as_bytes()).unwrap_or_default();
    match call {
        "account" => engine.account(),
        "sign_in" => engine.sign_in(&args.text("login")?, &args.text("password")?).await,
        "sign_out" => done(engine.sign_out(args.flag("keep")?, args.flag("discard")?).await),
        "others" => Ok(engine.others()),
        "switch" => {
            let pin = args.maybe("pin", Object::text)?.unwrap_or_default();
            done(engine.switch(UserId(args.number("user")?), &pin).await)
        }
        "set_pin" => done(engine.set_pin(&args.text("pin")?).await),
        "drop_pin" => done(engine.drop_pin().await),
        "unlock" => done(engine.unlock(&args.text("pin")?).await),
        "shut" => {
            engine.shut();
            done(Ok(()))
        }
        "drafts_key" => Ok(json::write(&engine.state.borrow().drafts_key)),
        "list" => Ok(engine.list(&Filter::take_from(&mut args)?)),
        "record" => engine.record(args.parsed("id")?).await,
        "edit" => Ok(json::write(&engine.edit(&Command::take_from(&mut args)?).await?)),
        "act" => Ok(json::write(&engine.act(&Filing::take_from(&mut args)?).await?)),
        "dismiss" => done(engine.dismiss(args.parsed("id")?).await),
        "sealed" => Ok(engine.sealed(args.parsed("voice")?)),
        "seal" => Ok(json::write(&engine.seal(&Seal::take_from(&mut args)?).await?)),
        "unseal" => done(engine.unseal(args.parsed("id")?).await),
        "status" => Ok(json::write(&engine.status())),
        "load_older" => {
            engine.load_older();
            done(Ok(()))
        }
        "sync_now" => {
            engine.sync_now();
            done(Ok(()))
        }
        "put_away" => done(engine.put_away(&args.text("what")?).await),
        "offer_again" => done(engine.offer_again(args.parsed("id")?).await),
        "keep_file" => {
            let (original, preview) = (args.text("original")?, args.maybe("preview", Object::text)?);
            Ok(json::write(&engine.keep_file(&original, preview.as_deref()).await?))
        }
        "drop_file" => done(engine.drop_file(args.parsed("hash")?).await),
        "file" => {
            let (record, hash) = (args.maybe("record", Object::parsed)?, args.parsed("hash")?);
            let part = if args.flag("preview")? { Part::Preview } else { Part::Original };
            Ok(json::write(&engine.file(record, hash, part).await?))
        }
        "pack" => Ok(json::write(&engine.pack().await?)),
        "carry" => engine.carry(&args.text("file")?).await,
        "set_data_use" => done(engine.set_data_use(DataUse::take_from(&mut args)?).await),
        "check" => check(&mut args),
        "take_out" => Ok(take_out(args.object("texts")?)),
        "slip_number" => Ok(json::write(&engine.slip_number().await?)),
        _ => Err(Problem::of("engine.bad_call")),
    }
}

fn done(result: Result<(), Problem>) -> Answered {
    result.map(|()| "null".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_and_events_read_as_api_ts_says() {
        assert_eq!(json::write(&Problem::from(StorageError::Full)), r#"{"text":"storage.full"}"#);
        let wait = Problem { seconds: Some(9), ..Problem::of("sign_in.wait") };
        assert_eq!(json::write(&wait), r#"{"text":"sign_in.wait","seconds":9}"#);
        assert_eq!(json::write(&Event::Ready), r#"{"event":"ready"}"#);
        let ids = [RecordId([0; 16])];
        let json = r#"{"event":"changed","ids":["00000000000000000000000000000000"]}"#;
        assert_eq!(json::write(&Event::Changed { ids: &ids }), json);
        assert_eq!(done(Ok(())), Ok("null".into()));
    }

    #[test]
    fn a_form_is_checked_as_the_view_sends_it() {
        let args = r#"{"kind":"voice","aim":"keep","today":"2026-03-10","before":[{"field":"date","op":"put","value":"2026-03-11"}],
            "edits":[{"field":"summary","op":"write","text":"电话13800001234"}]}"#;
        let answer = check(&mut Object::read(args.as_bytes()).unwrap()).unwrap();
        assert!(answer.contains(r#"{"field":"channel","weight":"mend","text":"check.missing"}"#), "{answer}");
        assert!(answer.contains(r#"{"field":"date","weight":"notice","text":"check.future"}"#), "{answer}");
        let private = r#"{"field":"summary","weight":"private","text":"check.telephone","shown":"138…34"}"#;
        assert!(answer.contains(private), "{answer}");
        assert_eq!(check(&mut Object::read(b"{\"kind\":\"voice\"}").unwrap()), Err(Problem::of("engine.bad_call")));
    }

    #[test]
    fn numbers_are_taken_out_of_what_was_typed() {
        let texts = Object::read(r#"{"summary":"电话13800001234","verbatim":"打138 0000 1234"}"#.as_bytes()).unwrap();
        assert_eq!(take_out(texts), r#"{"phone":"13800001234","texts":{"summary":"电话","verbatim":"打"}}"#);
    }
}
