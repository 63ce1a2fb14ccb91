//! Which files of a record may be published (附件, E18).

use lianxin_shared::{
    blob,
    id::{BlobHash, RecordId, SpaceId},
    record::Contents,
};

use super::{HubError, contents_of};
use crate::store::Store;

/// The files of a record, which lies in this space, of which somebody holds that they may be published, and nobody that
/// they may not. What is said of a file counts where its record lies: elsewhere others could say it.
///
/// # Errors
/// When the store fails.
pub async fn public_files(
    store: &dyn Store,
    record: RecordId,
    space: SpaceId,
    contents: &Contents,
) -> Result<Vec<BlobHash>, HubError> {
    let mut public = Vec::new();
    for hash in blob::named(contents) {
        let id = blob::attachment(record, hash);
        let said = store.record(id).await?.filter(|said| said.space == space);
        if said.and_then(|said| contents_of(&said, id)).is_some_and(|said| blob::may_be_public(&said)) {
            public.push(hash);
        }
    }
    Ok(public)
}
