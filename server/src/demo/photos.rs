//! Photos (E18): drawn pictures in place of real ones, so that they show nobody.

use axum::body::Bytes;
use jiff::civil::Date;
use lianxin_shared::{
    id::{BlobHash, RecordId},
    record::Edit,
};

use super::{calendar::ms, chance::Chance, team::Team};
use crate::{
    blob::{Blobs, NewPart},
    hub::Hub,
};

/// Of a hundred activities of a station, those of which there is a photo.
const PHOTOGRAPHED_PERCENT: usize = 8;

/// A picture with its preview, and what is written under it.
#[derive(Debug)]
pub(super) struct Picture {
    original: &'static [u8],
    preview: &'static [u8],
    caption: &'static str,
}

macro_rules! picture {
    ($name:literal, $caption:literal) => {
        Picture {
            original: include_bytes!(concat!("photos/", $name, ".jpg")),
            preview: include_bytes!(concat!("photos/", $name, ".preview.jpg")),
            caption: $caption,
        }
    };
}

static PICTURES: [Picture; 3] =
    [picture!("courtyard", "院坝会现场"), picture!("road", "塌方路段"), picture!("water", "蓄水池")];

/// The photo of what a station does on a day, if somebody took one.
pub(super) fn taken(team: &Team, day: Date, kind: &str) -> Option<&'static Picture> {
    // A stream of its own, so that nothing else of the year shifts.
    let mut chance = Chance::of(&format!("photo {} {day} {kind}", team.station.code));
    chance.percent(PHOTOGRAPHED_PERCENT).then(|| match kind {
        "courtyard" | "policy" => &PICTURES[0],
        _ => chance.pick(&PICTURES),
    })
}

impl Picture {
    /// What names the photo in its record.
    pub(super) fn edit(&self) -> Edit {
        Edit::enter("files", self.hash(), self.caption)
    }

    fn hash(&self) -> BlobHash {
        BlobHash::of(self.original)
    }
}

/// Delivers the photos of a station's records, which the server has by now.
pub(super) async fn deliver(hub: &Hub, blobs: &Blobs, team: &Team, day: Date) -> anyhow::Result<()> {
    for (by, record, picture) in &team.photographed {
        let (clerk, at) = (team.holder(*by).clerk(), ms(day, 23, 0));
        let file: (RecordId, BlobHash) = (*record, picture.hash());
        blobs.take_preview(hub, &clerk.person, file, Bytes::from_static(picture.preview), at).await?;
        let part = NewPart {
            record: file.0,
            hash: file.1,
            device: clerk.device.id,
            at: 0,
            of: picture.original.len() as u64,
            bytes: Bytes::from_static(picture.original),
        };
        blobs.take(hub, &clerk.person, part, at).await?;
    }
    Ok(())
}
