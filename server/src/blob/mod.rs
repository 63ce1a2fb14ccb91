//! Photos and recordings: bytes in an object store, by record and hash.
//!
//! A file arrives in parts, each where the last one ended; what has arrived of one that broke off stays, device by
//! device, so that nobody can spoil another's delivery. When the last part is there the whole is checked (hash, type,
//! no position) and lies under its name from then on. Whoever may read a record may read what it names, and nobody
//! else: a record's files are its own, so the hash alone opens nothing.

mod apart;
mod content;

use std::{path::Path as FolderPath, sync::Arc};

use axum::body::Bytes;
use futures_util::TryStreamExt;
use lianxin_shared::{
    blob::{self, Refusal},
    device::Part,
    id::{BlobHash, DeviceId, RecordId, UserId},
    limits::{BLOB_BYTES_MAX, BLOB_BYTES_PER_DAY_MAX, BLOB_PART_BYTES_MAX},
    rights::{Access, Person},
    sorted::Set,
};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path};

use crate::{
    hub::{Hub, HubError, contents_of},
    store::{StoreError, StoredBlob},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// What broke off and was never gone on with is thrown away after so long.
const PARTS_KEPT_MS: i64 = 14 * DAY_MS;
/// For so long after a record was founded anew it is looked again whether files are left of what it no longer names.
const FOUNDED_LOOKED_AT_MS: i64 = 31 * DAY_MS;

/// Where the bytes lie.
#[derive(Debug, Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
}

/// A part of a file that a device delivers.
#[derive(Debug)]
pub struct NewPart {
    pub record: RecordId,
    pub hash: BlobHash,
    pub device: DeviceId,
    /// Where it begins in the file.
    pub at: u64,
    /// Bytes of the whole file.
    pub of: u64,
    pub bytes: Bytes,
}

/// What stood in the way of a file.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The server has so many bytes: there it goes on.
    #[error("the part does not begin at {has}")]
    Offset { has: u64 },
    #[error("the file is refused: {0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the object store failed: {0}")]
    Objects(#[from] object_store::Error),
}

impl From<Refusal> for BlobError {
    fn from(refusal: Refusal) -> Self {
        BlobError::Refused(refusal)
    }
}

/// A file, or a preview, as it is given out.
#[derive(Debug)]
pub struct GivenOut {
    pub mime: &'static str,
    pub bytes: Bytes,
}

impl Blobs {
    /// In a folder, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn of_folder(folder: &FolderPath) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // An acknowledged file survives the loss of power, as a record does.
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects) })
    }

    /// In memory, for tests and for a server without a place for files.
    pub fn in_memory() -> Self {
        Self { objects: Arc::new(InMemory::new()) }
    }

    /// In an S3-compatible store, `s3://bucket/prefix`; the key and the endpoint are `AWS_…` in the environment.
    ///
    /// # Errors
    /// When the address is no such one.
    #[cfg(feature = "s3")]
    pub fn of_url(url: &str) -> anyhow::Result<Self> {
        let url = url.parse()?;
        let lower = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let aws = lower.filter(|(name, _)| name.starts_with("aws_"));
        let (objects, prefix) = object_store::parse_url_opts(&url, aws)?;
        Ok(Self { objects: Arc::new(object_store::prefix::PrefixStore::new(objects, prefix)) })
    }

    /// Whether a file is one that is taken, by its content: its media type.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(bytes: &[u8]) -> Result<&'static str, Refusal> {
        if bytes.len() > BLOB_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        content::checked(bytes)
    }

    /// Takes a part; how much of the file is here now. When that is all, the file has been checked and stored. A part
    /// without bytes only asks.
    ///
    /// # Errors
    /// When the part does not fit what is here, the file is none that is taken, or the person has delivered enough for
    /// today.
    pub async fn take(&self, hub: &Hub, person: &Person, part: NewPart, now_ms: i64) -> Result<u64, BlobError> {
        if part.of > BLOB_BYTES_MAX as u64 || part.bytes.len() > BLOB_PART_BYTES_MAX {
            return Err(Refusal::TooLarge.into());
        }
        check(hub, person, part.record, part.hash, Access::Write).await?;
        if let Some(stored) = hub.store().blob(part.record, part.hash).await? {
            return Ok(stored.bytes);
        }
        let parts = self.parts(&part).await?;
        let end = if part.bytes.is_empty() {
            parts.end
        } else {
            self.append(hub, person.user, &parts, &part, now_ms).await?
        };
        // Also when nothing has come: the server may have died between the last part and this.
        if end >= part.of {
            self.finish(hub, person.user, &part, now_ms).await?;
        }
        Ok(end)
    }

    /// Takes a photo's preview.
    ///
    /// # Errors
    /// As [`Blobs::take`].
    pub async fn take_preview(
        &self,
        hub: &Hub,
        person: &Person,
        (record, hash): (RecordId, BlobHash),
        bytes: Bytes,
        now_ms: i64,
    ) -> Result<(), BlobError> {
        content::checked_preview(&bytes)?;
        check(hub, person, record, hash, Access::Write).await?;
        let place = preview(record, hash);
        // The first one stays: nobody changes what others have seen.
        if self.read(&place).await?.is_some() {
            return Ok(());
        }
        count(hub, person.user, bytes.len(), now_ms).await?;
        self.objects.put(&place, bytes.into()).await?;
        Ok(())
    }

    /// A file that a record names, or a photo's preview; `None` when it has not arrived.
    ///
    /// # Errors
    /// When the person may not read the record, or it does not name the file.
    pub async fn give(
        &self,
        hub: &Hub,
        person: &Person,
        (record, hash): (RecordId, BlobHash),
        part: Part,
    ) -> Result<Option<GivenOut>, BlobError> {
        check(hub, person, record, hash, Access::Read).await?;
        self.give_public(hub, (record, hash), part).await
    }

    /// The same for everybody: the caller has made sure that the file is public.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn give_public(
        &self,
        hub: &Hub,
        (record, hash): (RecordId, BlobHash),
        part: Part,
    ) -> Result<Option<GivenOut>, BlobError> {
        let place = match part {
            Part::Original if hub.store().blob(record, hash).await?.is_none() => return Ok(None),
            Part::Original => original(record, hash),
            Part::Preview => preview(record, hash),
        };
        Ok(self.read(&place).await?.and_then(given_out))
    }

    /// The media type of a file of a record, if it has arrived, or of its preview, if that has.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn state(&self, hub: &Hub, record: RecordId, hash: BlobHash) -> Result<BlobState, BlobError> {
        let stored = hub.store().blob(record, hash).await?;
        let previewed = match self.objects.head(&preview(record, hash)).await {
            Ok(_) => true,
            Err(object_store::Error::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(BlobState { mime: stored.map(|stored| stored.mime), previewed })
    }

    /// Throws away what broke off and was not gone on with, yesterday's counts, and what records that were founded anew no
    /// longer name. Returns how many parts.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn sweep(&self, hub: &Hub, now_ms: i64) -> Result<usize, BlobError> {
        hub.store().forget_blob_days(day(now_ms)).await?;
        self.settle_all_apart(hub).await?;
        let all: Vec<_> = self.objects.list(Some(&Path::from(PARTS))).try_collect().await?;
        let old = all.into_iter().filter(|part| now_ms - part.last_modified.timestamp_millis() > PARTS_KEPT_MS);
        for record in hub.store().founded_since(now_ms - FOUNDED_LOOKED_AT_MS).await? {
            let stored = hub.store().record(record).await?;
            if let Some(contents) = stored.and_then(|stored| contents_of(&stored, record)) {
                self.forget_others(hub, record, &blob::named(&contents)).await?;
            }
        }
        let mut thrown_away = 0;
        for part in old {
            self.objects.delete(&part.location).await?;
            thrown_away += 1;
        }
        Ok(thrown_away)
    }

    /// Gives a record files that another one has. What has not arrived yet is not there; its phone delivers it for the other.
    ///
    /// # Errors
    /// When a store fails; what was given stays out of reach until the record names it.
    pub async fn copy(&self, hub: &Hub, from: RecordId, to: RecordId, files: &[BlobHash]) -> Result<(), BlobError> {
        for hash in files.iter().copied() {
            if let Some(bytes) = self.read(&preview(from, hash)).await? {
                self.objects.put(&preview(to, hash), bytes.into()).await?;
            }
            let stored = hub.store().blob(from, hash).await?;
            if let (Some(stored), Some(bytes)) = (stored, self.read(&original(from, hash)).await?) {
                self.objects.put(&original(to, hash), bytes.into()).await?;
                hub.store().add_blob(&StoredBlob { record: to, ..stored }).await?;
            }
        }
        Ok(())
    }

    /// Destroys what is here of a record's files but those that are named: originals, previews, and what was arriving.
    ///
    /// # Errors
    /// When a store fails; the rest is destroyed the next time.
    pub async fn forget_others(&self, hub: &Hub, record: RecordId, named: &Set<BlobHash>) -> Result<(), BlobError> {
        for folder in [ORIGINALS, PREVIEWS, PARTS] {
            let folder = Path::from_iter([folder, &record.to_string()]);
            let files: Vec<_> = self.objects.list(Some(&folder)).try_collect().await?;
            for file in files {
                let rest = file.location.prefix_match(&folder);
                let hash = rest.and_then(|mut rest| rest.next()?.as_ref().parse::<BlobHash>().ok());
                let Some(hash) = hash.filter(|hash| !named.contains(hash)) else { continue };
                self.objects.delete(&file.location).await?;
                hub.store().drop_blob(record, hash).await?;
            }
        }
        Ok(())
    }

    async fn append(
        &self,
        hub: &Hub,
        user: UserId,
        parts: &Parts,
        part: &NewPart,
        now_ms: i64,
    ) -> Result<u64, BlobError> {
        if part.at != parts.end {
            return Err(BlobError::Offset { has: parts.end });
        }
        let end = part.at + part.bytes.len() as u64;
        if end > part.of {
            return Err(Refusal::TooLarge.into());
        }
        count(hub, user, part.bytes.len(), now_ms).await?;
        let place = parts.folder.clone().join(format!("{:010}", part.at));
        self.objects.put(&place, part.bytes.clone().into()).await?;
        Ok(end)
    }

    async fn finish(&self, hub: &Hub, user: UserId, part: &NewPart, now_ms: i64) -> Result<(), BlobError> {
        let parts = self.parts(part).await?;
        let mut whole = Vec::with_capacity(usize::try_from(part.of).unwrap_or_default());
        for place in &parts.places {
            whole.extend_from_slice(&self.objects.get(place).await?.bytes().await?);
        }
        let checked = if whole.len() as u64 == part.of && BlobHash::of(&whole) == part.hash {
            content::checked(&whole)
        } else {
            Err(Refusal::WrongHash)
        };
        if let Ok(mime) = checked {
            let blob = StoredBlob {
                record: part.record,
                hash: part.hash,
                mime: mime.to_owned(),
                bytes: part.of,
                user,
                received_ms: now_ms,
            };
            self.objects.put(&original(part.record, part.hash), whole.into()).await?;
            hub.store().add_blob(&blob).await?;
        }
        for place in &parts.places {
            self.objects.delete(place).await?;
        }
        checked?;
        Ok(())
    }

    /// What has arrived of a file from a device, without gaps.
    async fn parts(&self, part: &NewPart) -> Result<Parts, BlobError> {
        let folder =
            Path::from_iter([PARTS, &part.record.to_string(), &part.hash.to_string(), &part.device.0.to_string()]);
        let mut listed: Vec<_> = self.objects.list(Some(&folder)).try_collect().await?;
        listed.sort_by(|a, b| a.location.cmp(&b.location));
        let mut parts = Parts { folder, places: Vec::new(), end: 0 };
        for object in listed {
            // Two deliveries of one device that overlapped: what does not go on from the end is not counted.
            let begins = object.location.filename().and_then(|name| name.parse::<u64>().ok());
            if begins == Some(parts.end) {
                parts.end += object.size;
                parts.places.push(object.location);
            }
        }
        Ok(parts)
    }

    async fn read(&self, place: &Path) -> Result<Option<Bytes>, BlobError> {
        match self.objects.get(place).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is here of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobState {
    /// The media type of the original.
    pub mime: Option<String>,
    pub previewed: bool,
}

struct Parts {
    folder: Path,
    places: Vec<Path>,
    end: u64,
}

/// Folders of the object store. Never renamed.
const ORIGINALS: &str = "originals";
const PREVIEWS: &str = "previews";
const PARTS: &str = "parts";

fn original(record: RecordId, hash: BlobHash) -> Path {
    Path::from_iter([ORIGINALS, &record.to_string(), &hash.to_string()])
}

fn preview(record: RecordId, hash: BlobHash) -> Path {
    Path::from_iter([PREVIEWS, &record.to_string(), &hash.to_string()])
}

/// Whether a person may read, or write, a record that names a file.
async fn check(hub: &Hub, person: &Person, record: RecordId, hash: BlobHash, access: Access) -> Result<(), BlobError> {
    let filed = hub.files_of(person, record).await?.filter(|filed| filed.access >= access);
    let mut named = filed.is_some_and(|filed| filed.files.contains(&hash));
    if !named && access == Access::Write {
        named = hub.files_owed(person, record).await?.contains(&hash);
    }
    if named { Ok(()) } else { Err(Refusal::Unnamed.into()) }
}

async fn count(hub: &Hub, user: UserId, bytes: usize, now_ms: i64) -> Result<(), BlobError> {
    let counted = hub.store().count_blob_bytes(user, day(now_ms), bytes as u64, BLOB_BYTES_PER_DAY_MAX).await?;
    if counted { Ok(()) } else { Err(Refusal::DayFull.into()) }
}

fn day(now_ms: i64) -> i64 {
    now_ms.div_euclid(DAY_MS)
}

/// What lies here was checked when it came; should the disk have spoilt it, it is given to nobody.
fn given_out(bytes: Bytes) -> Option<GivenOut> {
    Some(GivenOut { mime: content::media_type(&bytes)?, bytes })
}
