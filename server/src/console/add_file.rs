//! A photo or a recording that staff add to a record at a desk: a scan of a paper form, a photo from a camera. Phones make
//! photos small and take the position out of them (`view/src/files`); here the file is taken as it is, or refused.

use axum::{
    body::Bytes,
    extract::{Multipart, Path},
    http::StatusCode,
    response::Response,
};
use lianxin_shared::{
    blob::Refusal,
    id::BlobHash,
    limits::{BLOB_BYTES_MAX, BLOB_PART_BYTES_MAX},
    record::Edit,
    schema::Field,
};

use super::{
    desk::Desk,
    edit_record::{Written, to_record, write},
    problem::Problem,
    record,
};
use crate::{
    blob::{Blobs, NewPart},
    hub::{Command, RecordPage, Target},
};

/// Bytes of the form: the file, its caption, and what stands between them.
pub(super) const FORM_BYTES_MAX: usize = BLOB_BYTES_MAX + 64 * 1024;

/// The field of a record that photos are added to.
const FILES: &str = "files";

/// Whether the person may add a file to the record.
pub(super) fn is_offered(desk: &Desk, record: &RecordPage) -> bool {
    field_of(record).is_some_and(|field| desk.may_write(record::target(record), field))
}

fn field_of(record: &RecordPage) -> Option<&'static Field> {
    record.kind.schema().field(FILES)
}

pub(super) async fn submit(desk: Desk, Path(id): Path<String>, form: Multipart) -> Result<Response, Problem> {
    let record = record::readable(&desk, &id).await?;
    if !is_offered(&desk, &record) {
        return Err(Problem::NotAllowed);
    }
    let Some(Sent { bytes, caption }) = read(form).await? else { return refused(&desk, record, "files.none").await };
    if let Err(why) = Blobs::check(&bytes) {
        return refused(&desk, record, said(why)).await;
    }
    let hash = BlobHash::of(&bytes);
    let id = record.id;
    // The record names it first: a file that nothing names is not taken. Sent again after half of this, it is the same.
    let edit = Edit::enter(FILES, hash, caption);
    match write(&desk, Command { target: Target::Existing { record: id }, base: None, edits: vec![edit] }).await {
        Written::Done(_) => {}
        Written::Refused { status, error, .. } => return record::again(&desk, record, status, error).await,
    }
    deliver(&desk, &record, hash, bytes).await?;
    Ok(to_record(id, "saved"))
}

struct Sent {
    bytes: Bytes,
    caption: String,
}

/// The form's parts; `None` where no file was chosen.
async fn read(mut form: Multipart) -> Result<Option<Sent>, Problem> {
    let (mut bytes, mut caption) = (Bytes::new(), String::new());
    while let Some(part) = form.next_field().await.map_err(|_| Problem::BadForm)? {
        match part.name() {
            Some("file") => bytes = part.bytes().await.map_err(|_| Problem::TooLarge)?,
            Some("caption") => caption = part.text().await.map_err(|_| Problem::BadForm)?.trim().to_owned(),
            _ => {}
        }
    }
    Ok((!bytes.is_empty()).then_some(Sent { bytes, caption }))
}

async fn deliver(desk: &Desk, record: &RecordPage, hash: BlobHash, bytes: Bytes) -> Result<(), Problem> {
    let of = bytes.len() as u64;
    let mut at = 0;
    while at < of {
        let end = bytes.len().min(at as usize + BLOB_PART_BYTES_MAX);
        let part = bytes.slice(at as usize..end);
        let part = NewPart { record: record.id, hash, device: desk.staff.device.id, at, of, bytes: part };
        at = desk.state.blobs.take(desk.hub(), desk.person(), part, desk.now_ms()).await?;
    }
    Ok(())
}

fn said(why: Refusal) -> &'static str {
    match why {
        Refusal::TooLarge => "files.refused.too_large",
        Refusal::Located => "files.refused.located",
        _ => "files.refused.foreign",
    }
}

async fn refused(desk: &Desk, record: RecordPage, key: &'static str) -> Result<Response, Problem> {
    record::again(desk, record, StatusCode::UNPROCESSABLE_ENTITY, desk.words.get(key).to_owned()).await
}
