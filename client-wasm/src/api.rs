//! The calls that the view makes and the events that it hears: the Rust side of `view/src/api.ts`.
//!
//! Everything crosses as JSON. The words for a problem are in `shared/texts`; the keys used here are
//!
//! - `engine.bad_call`: the view asked for something that this engine does not know (an update is half done);
//! - `engine.start`: no randomness, so no engine;
//! - `storage.full`, `storage.failed`, `storage.unavailable`, `storage.blocked`, `storage.newer`, `storage.corrupt`;
//! - `sign_in.wrong`, `sign_in.wait` (with seconds), `sign_in.locked`, `sign_in.network`, `sign_in.server`,
//!   `sign_in.update`, `sign_in.other_account`, `sign_in.no_access`;
//! - `sign_out.unsent`;
//! - `record.unknown`, `record.unreadable`;
//! - `edit.*` and `denied.*` of `EditProblem::text_key`, `returned.*` of `FilingProblem::text_key`.
//! - `file.bad`, `file.not_here`, `file.not_arrived`, `file.no_signal`;
//! - `sealed.*`, `edit.*` and `denied.*` of `SealProblem::text_key`.

use std::{borrow::Cow, collections::BTreeMap, rc::Rc};

use lianxin_shared::{
    check::privacy,
    device::{Command, EditProblem, Filing, FilingProblem, Filter, Part, RecordState, Seal, SealProblem},
    id::{BlobHash, EventId, RecordId, SealedId},
    json,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

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

#[derive(Deserialize)]
struct SignInArgs {
    login: String,
    password: String,
}

#[derive(Deserialize)]
struct SignOutArgs {
    discard: bool,
}

#[derive(Deserialize)]
struct RecordArgs {
    id: RecordId,
}

#[derive(Deserialize)]
struct PutAwayArgs {
    what: String,
}

#[derive(Deserialize)]
struct DismissArgs {
    id: EventId,
}

#[derive(Deserialize)]
struct SealedArgs {
    voice: RecordId,
}

#[derive(Deserialize)]
struct UnsealArgs {
    id: SealedId,
}

#[derive(Deserialize)]
struct SlipsArgs {
    texts: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct KeepFileArgs {
    original: String,
    preview: Option<String>,
}

#[derive(Deserialize)]
struct FileArgs {
    record: Option<RecordId>,
    hash: BlobHash,
    #[serde(default)]
    preview: bool,
}

/// What looks like a telephone or identity number in a text: the words' key, and enough to find it again.
#[derive(Serialize)]
struct SlipSaid {
    text: &'static str,
    shown: String,
}

/// The first slip of each text, by field.
fn slips(texts: &BTreeMap<String, String>) -> BTreeMap<&str, SlipSaid> {
    let first = |text: &str| {
        let slip = privacy::slips(text).into_iter().next()?;
        Some(SlipSaid { text: slip.kind.text_key(), shown: slip.shown() })
    };
    texts.iter().filter_map(|(field, text)| Some((field.as_str(), first(text)?))).collect()
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
        Err(problem) => format!("{{\"problem\":{}}}", to_json(&problem)),
    }
}

async fn dispatch(engine: &Rc<Engine>, call: &str, args: &str) -> Answered {
    match call {
        "account" => engine.account(),
        "sign_in" => {
            let SignInArgs { login, password } = parse(args)?;
            engine.sign_in(&login, &password).await
        }
        "sign_out" => {
            let SignOutArgs { discard } = parse(args)?;
            engine.sign_out(discard).await?;
            Ok(to_json(&()))
        }
        "list" => Ok(engine.list(&parse::<Filter>(args)?)),
        "record" => {
            let RecordArgs { id } = parse(args)?;
            engine.record(id).await
        }
        "edit" => Ok(to_json(&engine.edit(&parse::<Command>(args)?).await?)),
        "act" => Ok(to_json(&engine.act(&parse::<Filing>(args)?).await?)),
        "dismiss" => {
            let DismissArgs { id } = parse(args)?;
            engine.dismiss(id).await?;
            Ok(to_json(&()))
        }
        "sealed" => {
            let SealedArgs { voice } = parse(args)?;
            Ok(engine.sealed(voice))
        }
        "seal" => Ok(to_json(&engine.seal(&parse::<Seal>(args)?).await?)),
        "unseal" => {
            let UnsealArgs { id } = parse(args)?;
            engine.unseal(id).await?;
            Ok(to_json(&()))
        }
        "status" => Ok(to_json(&engine.status())),
        "load_older" => {
            engine.load_older();
            Ok(to_json(&()))
        }
        "sync_now" => {
            engine.sync_now();
            Ok(to_json(&()))
        }
        "put_away" => {
            let PutAwayArgs { what } = parse(args)?;
            engine.put_away(&what).await?;
            Ok(to_json(&()))
        }
        "offer_again" => {
            let RecordArgs { id } = parse(args)?;
            engine.offer_again(id).await?;
            Ok(to_json(&()))
        }
        "keep_file" => {
            let KeepFileArgs { original, preview } = parse(args)?;
            Ok(to_json(&engine.keep_file(&original, preview.as_deref()).await?))
        }
        "drop_file" => {
            let FileArgs { hash, .. } = parse(args)?;
            engine.drop_file(hash).await?;
            Ok(to_json(&()))
        }
        "file" => {
            let FileArgs { record, hash, preview } = parse(args)?;
            let part = if preview { Part::Preview } else { Part::Original };
            Ok(to_json(&engine.file(record, hash, part).await?))
        }
        "set_data_use" => {
            engine.set_data_use(parse(args)?).await?;
            Ok(to_json(&()))
        }
        "slips" => {
            let SlipsArgs { texts } = parse(args)?;
            Ok(to_json(&slips(&texts)))
        }
        "slip_number" => Ok(to_json(&engine.slip_number().await?)),
        _ => Err(Problem::of("engine.bad_call")),
    }
}

fn parse<T: DeserializeOwned>(args: &str) -> Result<T, Problem> {
    json::read(args.as_bytes()).map_err(|_| Problem::of("engine.bad_call"))
}

/// Plain data always has a JSON form; should it not, the view reads `null` and says that it does not understand.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_and_events_read_as_api_ts_says() {
        assert_eq!(to_json(&Problem::from(StorageError::Full)), r#"{"text":"storage.full"}"#);
        let wait = Problem { seconds: Some(9), ..Problem::of("sign_in.wait") };
        assert_eq!(to_json(&wait), r#"{"text":"sign_in.wait","seconds":9}"#);
        assert_eq!(to_json(&Event::Ready), r#"{"event":"ready"}"#);
        let ids = [RecordId([0; 16])];
        let json = r#"{"event":"changed","ids":["00000000000000000000000000000000"]}"#;
        assert_eq!(to_json(&Event::Changed { ids: &ids }), json);
        assert_eq!(to_json(&()), "null");
    }
}
