//! What is said of one file of a record (附件, E18): whether it may be published, whether faces are hidden, who wrote a
//! recording down. A record of its own beside the file's, in the same space.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    blob,
    case::Machine,
    id::BlobHash,
    record::{Contents, Edit, Value},
    rights::{SpaceKind, Target as RightsTarget},
    schema::{Field, Kind},
    sorted::Map,
};

use super::{
    desk::Desk,
    edit_record::{FormPage, Typed, Written, create_with, to_record},
    form::{Filling, Form, Offers, Treat},
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    problem::Problem,
    record::{self, prefilled},
};
use crate::{
    hub::{HubError, RecordPage, contents_of, public_files},
    store::StoredBlob,
};

/// What people said of a file, in words, and where more can be said.
#[derive(Default)]
pub(super) struct SaidOf {
    pub marks: Vec<String>,
    pub say: Option<String>,
}

/// Of a file of a record; `whole` when all of it is here, `public` when it may be published.
pub(super) async fn said_of(
    desk: &Desk,
    page: &RecordPage,
    hash: BlobHash,
    whole: bool,
    public: bool,
) -> Result<SaidOf, Problem> {
    let id = blob::attachment(page.id, hash);
    let stored = desk.store().record(id).await?;
    let is_there = stored.is_some();
    let readable = stored.filter(|stored| desk.may_read(stored.space, stored.kind));
    let said = readable.map(|stored| contents_of(&stored, id).ok_or(HubError::Unreadable(id))).transpose()?;
    let say = match (is_there, &said) {
        (true, Some(_)) if may_say(desk, page) => Some(format!("{}/edit", record_href(id))),
        (false, _) if whole && may_say(desk, page) => Some(format!("{}/file/{hash}/say", record_href(page.id))),
        // What lies where this person does not read keeps the file from being public.
        _ => None,
    };
    let marks = said.map(|said| marks(desk, page, hash, &said, public)).unwrap_or_default();
    Ok(SaidOf { marks, say })
}

fn marks(desk: &Desk, page: &RecordPage, hash: BlobHash, said: &Contents, public: bool) -> Vec<String> {
    let published = match page.case().machine {
        Machine::Suggestion(suggestion) => suggestion.public_files.contains(&hash),
        _ => false,
    };
    let label = |key| desk.words.field(Kind::Attachment, key);
    let by = Some(said.text("transcribed_by")).filter(|by| !by.is_empty());
    let marks = [
        (public && published).then(|| desk.words.get("files.public").to_owned()),
        (public && !published).then(|| label("may_be_public")),
        said.is_true("not_public").then(|| label("not_public")),
        said.is_true("blurred").then(|| label("blurred")),
        by.map(|by| format!("{}{}{by}", label("transcribed_by"), desk.words.get("colon"))),
    ];
    marks.into_iter().flatten().collect()
}

/// The record's files that may be published.
pub(super) async fn public(desk: &Desk, page: &RecordPage) -> Result<Vec<BlobHash>, Problem> {
    Ok(public_files(desk.store(), page.id, page.space.id, &page.contents).await?)
}

/// Of a suggestion something is said once it is handed in: before, it moves, and this would stay behind.
fn may_say(desk: &Desk, page: &RecordPage) -> bool {
    let stays = page.kind != Kind::Suggestion || page.space.kind == SpaceKind::Case;
    let veto = Kind::Attachment.schema().field("not_public");
    stays && veto.is_some_and(|field| desk.may_write(RightsTarget::new(Kind::Attachment, &page.space), field))
}

pub(super) async fn page(desk: Desk, Path(address): Path<(String, String)>) -> Result<Response, Problem> {
    let (page, file) = sayable(&desk, &address).await?;
    Ok(layout::html(&form_page(&desk, &page, &file, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(
    desk: Desk,
    Path(address): Path<(String, String)>,
    Sent(sent): Sent,
) -> Result<Response, Problem> {
    let (page, file) = sayable(&desk, &address).await?;
    let offers = Offers::of(&desk, Kind::Attachment).await?;
    let place = (Kind::Attachment, page.space.id);
    match create_with(&desk, place, of_the_file(&file), (&offers, &sent)).await? {
        Written::Done(_) => Ok(to_record(page.id, "saved")),
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, &page, &file, Typed::again(&sent, errors, error)).await?;
            Ok((status, layout::html(&page)?).into_response())
        }
    }
}

/// What nobody needs to be asked.
fn of_the_file(file: &StoredBlob) -> Vec<Edit> {
    let bytes = i64::try_from(file.bytes).unwrap_or(i64::MAX);
    let mut edits = vec![
        Edit::put("record", file.record),
        Edit::put("hash", file.hash.to_string()),
        Edit::put("mime", file.mime.as_str()),
        Edit::put("bytes", bytes),
    ];
    // A photo that tells where it was taken is not accepted.
    if file.mime.starts_with("image/") {
        edits.push(Edit::put("exif_stripped", true));
    }
    edits
}

/// The record, and its file of this address, of which the person may say something.
async fn sayable(desk: &Desk, (id, hash): &(String, String)) -> Result<(RecordPage, StoredBlob), Problem> {
    let page = record::readable(desk, id).await?;
    let hash: BlobHash = hash.parse().map_err(|_| Problem::NotFound)?;
    if !blob::named(&page.contents).contains(&hash) {
        return Err(Problem::NotFound);
    }
    if !may_say(desk, &page) {
        return Err(Problem::NotAllowed);
    }
    let file = desk.store().blob(page.id, hash).await?.ok_or(Problem::NotFound)?;
    Ok((page, file))
}

async fn form_page(
    desk: &Desk,
    page: &RecordPage,
    file: &StoredBlob,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let kind = if file.mime.starts_with("audio/") { "audio" } else { "photo" };
    let mut fields = Map::new();
    fields.insert("kind", prefilled(Value::text(kind)));
    let contents = Contents { kind: Kind::Attachment, fields, unknown: Map::new() };
    let offers = Offers::of(desk, Kind::Attachment).await?;
    let filling = Filling { desk, offers: &offers, contents: &contents, sent, errors: &errors, new: true };
    let form = Form::fill(&filling, |field| treat(desk, page, field)).await?;
    Ok(FormPage {
        page: Page::new(desk, words.get("files.say_title"), &ledger_href(page.kind), &Pairs::default()),
        purpose: "attachment",
        action: format!("{}/file/{}/say", record_href(page.id), file.hash),
        cancel: record_href(page.id),
        submit: words.get("form.save"),
        intro: words.get("files.say_intro"),
        error,
        findings: Vec::new(),
        source: None,
        heads: Vec::new(),
        spaces: Vec::new(),
        form,
        people: Vec::new(),
    })
}

/// What is asked; the rest the file tells.
const ASKED: [&str; 6] = ["kind", "taken", "may_be_public", "not_public", "blurred", "transcribed_by"];

fn treat(desk: &Desk, page: &RecordPage, field: &Field) -> Treat {
    let may = desk.may_write(RightsTarget::new(Kind::Attachment, &page.space), field);
    if may && ASKED.contains(&field.key) { Treat::Ask } else { Treat::Leave }
}
