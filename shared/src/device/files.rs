//! Photos and recordings on this device: kept as soon as they are taken, delivered after the records that name them.
//!
//! The bytes are durable before a form is saved; the edit that names a file puts it into the queue in its own
//! transaction. How far a file has got is the server's to say and is stored nowhere. Previews go before originals,
//! the newest first, and none before its record.

use serde::Serialize;

use super::{After, Device, Prepared, Store, Write, meta_write, receive::Receiving};
use crate::{
    blob::{self, Refusal},
    id::{BlobHash, RecordId},
    limits::{BLOB_BYTES_MAX, PREVIEW_BYTES_MAX},
    record::{Edit, Record},
    schema::Kind,
    sorted::Map,
    wire::{
        BadBytes,
        codec::{Reader, Writer},
    },
};

/// What a form left behind that was never saved goes after so long, in milliseconds: thirty days.
const UNNAMED_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// The first byte of the stored form.
const STORED_VERSION: u8 = 1;
/// Bytes of a refusal's key.
const KEY_BYTES_MAX: usize = 40;

/// A file of a record, or of a form that has not been saved.
pub(super) type FileKey = (BlobHash, Option<RecordId>);

/// A file that was taken on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    bytes: u64,
    /// Whether it has a preview.
    previewed: bool,
    /// Whether the preview waits to be sent.
    preview: bool,
    /// Whether the server has all of it.
    delivered: bool,
    kept_ms: i64,
    refused: Option<Refusal>,
}

/// What the network allows at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Text only.
    Nothing,
    /// Originals wait for Wi-Fi.
    Previews,
    Everything,
}

/// The next piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    pub hash: BlobHash,
    pub record: RecordId,
    pub what: Part,
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Preview,
    Original,
}

/// A file of this device as a record's page shows it; of one that is not listed only the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    pub hash: BlobHash,
    pub bytes: u64,
    /// Of these, how many the server has.
    pub sent: u64,
    /// The end of the words' key.
    pub refused: Option<&'static str>,
}

/// Why a file was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is empty or too large")]
pub struct BadFile;

impl Device {
    /// Keeps a file that a form is about to name.
    ///
    /// # Errors
    /// When it is empty or too large.
    pub fn prepare_keep(
        &self,
        original: Vec<u8>,
        preview: Option<Vec<u8>>,
        now_ms: i64,
    ) -> Result<(BlobHash, Prepared), BadFile> {
        let previewed = preview.as_ref().map_or(1, Vec::len);
        if original.is_empty() || original.len() > BLOB_BYTES_MAX || !(1..=PREVIEW_BYTES_MAX).contains(&previewed) {
            return Err(BadFile);
        }
        let hash = BlobHash::of(&original);
        let (bytes, previewed) = (original.len() as u64, preview.is_some());
        let file = File { bytes, previewed, preview: previewed, delivered: false, kept_ms: now_ms, refused: None };
        let mut prepared = Prepared::nothing();
        prepared.put(Store::Blobs, hash, Some(original));
        if preview.is_some() {
            prepared.put(Store::Previews, hash, preview);
        }
        prepared.file((hash, None), Some(file));
        Ok((hash, prepared))
    }

    /// Lets a file go that no form names any more. One that a record names stays.
    pub fn prepare_drop(&self, hash: BlobHash) -> Prepared {
        let mut prepared = Prepared::nothing();
        if self.files.contains_key(&(hash, None)) {
            prepared.file((hash, None), None);
            if !self.files.keys().any(|key| key.0 == hash && key.1.is_some()) {
                prepared.put(Store::Blobs, hash, None);
                prepared.put(Store::Previews, hash, None);
            }
        }
        prepared
    }

    /// Files of forms that nobody came back to.
    pub fn forgotten_files(&self, now_ms: i64) -> Vec<BlobHash> {
        let old = |file: &File| now_ms - file.kept_ms > UNNAMED_KEPT_MS;
        self.files
            .iter()
            .filter(|((_, record), file)| record.is_none() && old(file))
            .map(|((hash, _), _)| *hash)
            .collect()
    }

    /// What an edit does to the queue, in the edit's own transaction.
    pub(super) fn name_files(&self, kind: Kind, record: RecordId, edits: &[Edit], prepared: &mut Prepared) {
        let (named, removed) = blob::named_by(kind, edits);
        for hash in named {
            let waits = self.files.contains_key(&(hash, Some(record)));
            let of_hash = self.files.iter().find(|((other, _), _)| *other == hash);
            // One that this device has never kept is at the server, or on a colleague's phone.
            if let Some((key, file)) = of_hash
                && !waits
            {
                prepared.file((hash, Some(record)), Some(file.undelivered()));
                if key.1.is_none() {
                    prepared.file((hash, None), None);
                }
            }
        }
        for hash in removed {
            if self.files.contains_key(&(hash, Some(record))) {
                prepared.file((hash, Some(record)), None);
            }
        }
    }

    /// What goes up next, as far as the network allows: nothing before its record.
    pub fn next_upload(&self, allowed: Allowed) -> Option<Upload> {
        let uploads = self.files.iter().filter_map(|((hash, record), file)| {
            let what = if file.preview { Part::Preview } else { Part::Original };
            let upload = Upload { hash: *hash, record: (*record)?, what, bytes: file.bytes };
            let may = match allowed {
                Allowed::Nothing => false,
                Allowed::Previews => file.preview,
                Allowed::Everything => true,
            };
            (may && !file.delivered && file.refused.is_none() && self.is_sent(upload.record)).then_some((file, upload))
        });
        uploads.max_by_key(|(file, _)| (file.preview, file.kept_ms)).map(|(_, upload)| upload)
    }

    /// Whether nothing of the record waits here: then the server knows what it names.
    fn is_sent(&self, record: RecordId) -> bool {
        self.rows.contains_key(&record) && !self.outbox.values().any(|waiting| waiting.record == record)
    }

    /// The server says how much of a file it has.
    pub fn note_progress(&mut self, hash: BlobHash, sent: u64) {
        self.progress.insert(hash, sent);
    }

    /// How much of a file the server has, if it was asked in this session.
    pub fn progress(&self, hash: BlobHash) -> Option<u64> {
        self.progress.get(&hash).copied()
    }

    /// After a line broke off nobody knows how much has arrived.
    pub fn forget_progress(&mut self, hash: BlobHash) {
        self.progress.remove(&hash);
    }

    /// The server has it.
    pub fn prepare_delivered(&self, upload: Upload) -> Prepared {
        let key = (upload.hash, Some(upload.record));
        let file = self.files.get(&key);
        let mut prepared = Prepared::nothing();
        if let Some(file) = file {
            let delivered = upload.what == Part::Original;
            prepared.file(key, Some(File { preview: false, delivered, ..file.clone() }));
            prepared.changed.push(upload.record);
            // With what it took of the day's bytes.
            prepared.writes.push(meta_write(&self.meta));
        }
        prepared
    }

    /// The server will not have it. It stays on this phone, with the reason.
    pub fn prepare_file_refused(&self, upload: Upload, why: Refusal) -> Prepared {
        let key = (upload.hash, Some(upload.record));
        let mut prepared = Prepared::nothing();
        if let Some(file) = self.files.get(&key) {
            prepared.file(key, Some(File { refused: Some(why), ..file.clone() }));
            prepared.changed.push(upload.record);
        }
        prepared
    }

    /// The photos and recordings of records that the server does not have, with their length. With those that it
    /// refused: they are on this phone only.
    pub fn undelivered_files(&self) -> impl Iterator<Item = (RecordId, BlobHash, u64)> {
        let waits = self.files.iter().filter(|(_, file)| !file.delivered);
        waits.filter_map(|((hash, record), file)| Some(((*record)?, *hash, file.bytes)))
    }

    /// How many [these](Device::undelivered_files) are, and how many bytes are to come.
    pub fn unsent_files(&self) -> (usize, u64) {
        self.undelivered_files().fold((0, 0), |(count, left), (_, hash, bytes)| {
            (count + 1, left + bytes.saturating_sub(self.progress(hash).unwrap_or(0)))
        })
    }

    /// The records of whose files the server does not have all, and has not refused what is left.
    pub(super) fn records_with_files_to_send(&self) -> impl Iterator<Item = RecordId> {
        let waits = self.files.iter().filter(|(_, file)| !file.delivered && file.refused.is_none());
        waits.filter_map(|((_, record), _)| *record)
    }

    /// The files of a record that were taken on this device.
    pub fn files_of(&self, record: RecordId) -> Vec<FileView> {
        let of_record = self.files.iter().filter(|((_, of), _)| *of == Some(record));
        let view = |((hash, _), file): (&FileKey, &File)| FileView {
            hash: *hash,
            bytes: file.bytes,
            sent: if file.delivered { file.bytes } else { self.progress(*hash).unwrap_or(0) },
            refused: file.refused.map(Refusal::key),
        };
        of_record.map(view).collect()
    }

    /// After a restore of the server: what was delivered is offered again. What is there still is not sent.
    pub(super) fn files_again(&self) -> Vec<(FileKey, File)> {
        let delivered = self.files.iter().filter(|(_, file)| file.delivered);
        delivered.map(|(key, file)| (*key, file.undelivered())).collect()
    }

    pub(super) fn load_file(&mut self, key: &str, value: &[u8]) -> Result<(), BadBytes> {
        let (hash, record) = key.split_once('/').unwrap_or((key, ""));
        let hash = hash.parse().map_err(|_| BadBytes("not a file's hash"))?;
        let record = match record {
            "" => None,
            id => Some(id.parse().map_err(|_| BadBytes("not a record id"))?),
        };
        self.files.insert((hash, record), File::decode(value)?);
        Ok(())
    }

    pub(super) fn believe_files(&mut self, files: Map<FileKey, Option<File>>) {
        for (key, file) in files {
            match file {
                Some(file) => self.files.insert(key, file),
                None => self.files.remove(&key),
            };
        }
    }
}

impl Receiving<'_> {
    /// A record that was founded anew takes along what it named once and names no more, unless something else names it.
    pub(super) fn drop_files(&mut self, was: &Record, anew: &Record) {
        let id = was.id();
        let named = blob::named(&anew.read());
        let once = blob::named_once(was).into_iter().filter(|hash| !named.contains(hash));
        for hash in once {
            let key = (hash, Some(id));
            if self.device.files.contains_key(&key) {
                self.writes.push(file_write(key, None));
                self.after.files.insert(key, None);
            }
            if !self.device.files.keys().any(|other| other.0 == hash && *other != key) {
                for store in [Store::Blobs, Store::Previews] {
                    self.writes.push(Write { store, key: hash.to_string(), value: None });
                }
            }
        }
    }
}

/// Keeps a preview that came from the server.
pub fn preview_write(hash: BlobHash, preview: Vec<u8>) -> Write {
    Write { store: Store::Previews, key: hash.to_string(), value: Some(preview) }
}

impl Prepared {
    fn put(&mut self, store: Store, hash: BlobHash, value: Option<Vec<u8>>) {
        self.writes.push(Write { store, key: hash.to_string(), value });
    }

    fn file(&mut self, key: FileKey, file: Option<File>) {
        self.writes.push(file_write(key, file.as_ref()));
        let After { files, .. } = &mut self.after;
        files.insert(key, file);
    }
}

pub(super) fn file_write((hash, record): FileKey, file: Option<&File>) -> Write {
    let key = record.map_or_else(|| hash.to_string(), |record| format!("{hash}/{record}"));
    Write { store: Store::Files, key, value: file.map(File::encode) }
}

impl File {
    fn undelivered(&self) -> Self {
        File { preview: self.previewed, delivered: false, refused: None, ..self.clone() }
    }

    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.byte(STORED_VERSION);
        w.number(self.bytes);
        w.byte(u8::from(self.previewed) | u8::from(self.preview) << 1 | u8::from(self.delivered) << 2);
        w.signed(self.kept_ms);
        w.text(self.refused.map_or("", Refusal::key));
        w.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut r = Reader::new(bytes);
        if r.byte()? != STORED_VERSION {
            return Err(BadBytes("unknown version"));
        }
        let (bytes, marks) = (r.number()?, r.byte()?);
        Ok(Self {
            bytes,
            previewed: marks & 1 != 0,
            preview: marks & 2 != 0,
            delivered: marks & 4 != 0,
            kept_ms: r.signed()?,
            refused: Refusal::from_key(&r.text(KEY_BYTES_MAX)?),
        })
    }
}
