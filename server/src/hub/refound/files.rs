//! Foundings in files beside the database, so that one that is restored from an older backup does not bring back what was
//! cleared away. A file for each record: the latest founding, because an earlier one says what a later one has taken out.

use std::{
    fs::{self, File},
    io::{Error, ErrorKind, Result, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use lianxin_shared::{
    id::{Actor, DeviceId, RecordId, SpaceId},
    record::NewChange,
    schema::Kind,
};

/// The folder's name in the data folder.
const FOLDER: &str = "foundings";
/// While a file is being written.
const UNFINISHED: &str = "part";

/// Where foundings are kept. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct FoundingFiles(Option<Arc<PathBuf>>);

/// A record's founding, as a server would have to make it once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Founding {
    pub(super) record: RecordId,
    pub(super) kind: Kind,
    pub(super) space: SpaceId,
    pub(super) actor: Actor,
    pub(super) device: DeviceId,
    pub(super) received_ms: i64,
    pub(super) change: NewChange,
}

impl FoundingFiles {
    /// Those of a data folder; made when the first comes.
    pub fn of_folder(folder: &Path) -> Self {
        Self(Some(Arc::new(folder.join(FOLDER))))
    }

    /// Keeps a founding durably, in the place of the record's earlier one.
    pub(super) fn keep(&self, founding: &Founding) -> Result<()> {
        let Some(folder) = self.0.as_deref() else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let place = folder.join(founding.record.to_string());
        let unfinished = place.with_extension(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(&written(founding))?;
        file.sync_all()?;
        fs::rename(&unfinished, &place)?;
        File::open(folder)?.sync_all()
    }

    /// All of them. One that cannot be read stops the server: without it a restore would go unnoticed.
    pub(super) fn all(&self) -> Result<Vec<Founding>> {
        let Some(folder) = self.0.as_deref() else { return Ok(Vec::new()) };
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                continue;
            }
            let record = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            let founding = record.and_then(|record| read(record, &fs::read(&path).ok()?));
            found.push(founding.ok_or_else(|| Error::new(ErrorKind::InvalidData, path.display().to_string()))?);
        }
        Ok(found)
    }
}

/// A line of what the change does not say, then the change.
fn written(founding: &Founding) -> Vec<u8> {
    let Founding { kind, space, actor, device, received_ms, change, .. } = founding;
    let head = format!("{} {} {actor} {} {received_ms} {}\n", *kind as u8, space.0, device.0, change.hash);
    [head.as_bytes(), &change.bytes].concat()
}

fn read(record: RecordId, bytes: &[u8]) -> Option<Founding> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let mut words = std::str::from_utf8(&bytes[..end]).ok()?.split(' ');
    let mut next = || words.next();
    Some(Founding {
        record,
        kind: Kind::from_number(next()?.parse().ok()?)?,
        space: SpaceId(next()?.parse().ok()?),
        actor: next()?.parse().ok()?,
        device: DeviceId(next()?.parse().ok()?),
        received_ms: next()?.parse().ok()?,
        change: NewChange { hash: next()?.parse().ok()?, bytes: bytes[end + 1..].to_vec() },
    })
}

#[cfg(test)]
mod tests {
    use lianxin_shared::id::ChangeHash;

    use super::*;

    #[test]
    fn the_latest_founding_of_each_record_is_kept() {
        let folder = std::env::temp_dir().join(format!("lianxin-foundings-{}", std::process::id()));
        let files = FoundingFiles::of_folder(&folder);
        assert_eq!(files.all().unwrap(), []);
        let founding = |bytes: &[u8]| Founding {
            record: RecordId([1; 16]),
            kind: Kind::Voice,
            space: SpaceId(3),
            actor: Actor([4; 16]),
            device: DeviceId(5),
            received_ms: 6,
            change: NewChange { hash: ChangeHash([7; 32]), bytes: bytes.into() },
        };
        files.keep(&founding(b"first\n")).unwrap();
        files.keep(&founding(b"second\n\n")).unwrap();
        fs::write(folder.join(FOLDER).join("cut off.part"), b"1").unwrap();
        assert_eq!(files.all().unwrap(), [founding(b"second\n\n")]);
        fs::write(folder.join(FOLDER).join(RecordId([2; 16]).to_string()), b"spoilt").unwrap();
        assert!(files.all().is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
