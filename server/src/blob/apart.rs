//! Photos and recordings that an ended phone handed over. They lie apart from those of records, beside the refused
//! changes that name them, and are shown to who decides on those. When a record that was accepted names one it is the
//! record's; when nothing is left that could be accepted it is destroyed.

use lianxin_shared::{
    blob::{self, Refusal},
    device::Part,
    id::{BlobHash, RecordId, UserId},
    wire::ParcelFile,
};
use object_store::{ObjectStoreExt, path::Path};

use super::{BlobError, Blobs, GivenOut, content, count, given_out, original, preview};
use crate::{
    hub::{Hub, contents_of},
    store::{ApartFile, Settlement, StoredBlob},
};

/// The folder of the object store. Never renamed.
const APART: &str = "apart";

impl Blobs {
    /// Keeps a file that a change of the user's names which was refused, also one that has been accepted since.
    ///
    /// # Errors
    /// When it is none that is taken, nothing of its record waits for a decision, or the user has delivered enough for
    /// today.
    pub async fn take_apart(
        &self,
        hub: &Hub,
        user: UserId,
        ParcelFile { record, preview, original }: ParcelFile,
        now_ms: i64,
    ) -> Result<(), BlobError> {
        let mime = Self::check(&original)?;
        preview.as_deref().map(content::checked_preview).transpose()?;
        let refusals = hub.store().refusals_of(user, record).await?;
        if refusals.iter().all(|refusal| refusal.settled == Some(Settlement::Discarded)) {
            return Err(Refusal::Unnamed.into());
        }
        let file = ApartFile {
            record,
            user,
            hash: BlobHash::of(&original),
            mime: mime.to_owned(),
            bytes: original.len() as u64,
            previewed: preview.is_some(),
            received_ms: now_ms,
        };
        if self.read(&place(&file, Part::Original)).await?.is_some() {
            return Ok(());
        }
        count(hub, user, original.len() + preview.as_ref().map_or(0, Vec::len), now_ms).await?;
        // Noted first: nothing lies in the store that nobody would destroy.
        hub.store().add_apart(&file).await?;
        if let Some(preview) = preview {
            self.objects.put(&place(&file, Part::Preview), preview.into()).await?;
        }
        self.objects.put(&place(&file, Part::Original), original.into()).await?;
        // It may have been decided before the file came.
        self.settle_apart(hub, user, record).await
    }

    /// A file that waits, or its preview: the caller has made sure that the person decides on it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn give_apart(&self, file: &ApartFile, part: Part) -> Result<Option<GivenOut>, BlobError> {
        Ok(self.read(&place(file, part)).await?.and_then(given_out))
    }

    /// After a decision on a refused change of the record's.
    ///
    /// # Errors
    /// When a store fails; the rest is done by the next sweep.
    pub async fn settle_apart(&self, hub: &Hub, user: UserId, record: RecordId) -> Result<(), BlobError> {
        let files = hub.store().apart_files(&[record]).await?;
        let files: Vec<ApartFile> = files.into_iter().filter(|file| file.user == user).collect();
        if files.is_empty() {
            return Ok(());
        }
        let stored = hub.store().record(record).await?.and_then(|stored| contents_of(&stored, record));
        let named = stored.map(|contents| blob::named(&contents)).unwrap_or_default();
        let waits = hub.store().refusals_of(user, record).await?.iter().any(|refusal| refusal.is_kept());
        for file in files {
            if named.contains(&file.hash) {
                self.hand_to_record(hub, &file).await?;
            } else if waits {
                continue;
            }
            self.destroy_apart(hub, &file).await?;
        }
        Ok(())
    }

    /// Mends what was cut off between a decision of staff and what follows from it.
    pub(super) async fn settle_all_apart(&self, hub: &Hub) -> Result<(), BlobError> {
        for (user, record) in hub.store().apart_records().await? {
            self.settle_apart(hub, user, record).await?;
        }
        Ok(())
    }

    async fn hand_to_record(&self, hub: &Hub, file: &ApartFile) -> Result<(), BlobError> {
        let &ApartFile { record, user, hash, bytes, received_ms, .. } = file;
        // The first preview stays, as among those that come on their own.
        let shown = preview(record, hash);
        if self.read(&shown).await?.is_none()
            && let Some(preview) = self.read(&place(file, Part::Preview)).await?
        {
            self.objects.put(&shown, preview.into()).await?;
        }
        let Some(whole) = self.read(&place(file, Part::Original)).await? else { return Ok(()) };
        self.objects.put(&original(record, hash), whole.into()).await?;
        let mime = file.mime.clone();
        hub.store().add_blob(&StoredBlob { record, hash, mime, bytes, user, received_ms }).await?;
        Ok(())
    }

    async fn destroy_apart(&self, hub: &Hub, file: &ApartFile) -> Result<(), BlobError> {
        for part in [Part::Preview, Part::Original] {
            match self.objects.delete(&place(file, part)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        hub.store().drop_apart(file).await?;
        Ok(())
    }
}

fn place(file: &ApartFile, part: Part) -> Path {
    let part = match part {
        Part::Original => "original",
        Part::Preview => "preview",
    };
    Path::from_iter([APART, &file.record.to_string(), &file.user.0.to_string(), part, &file.hash.to_string()])
}
