//! The list of deletions: which sealed records were deleted, in a file beside the database, so that a
//! database restored from an older backup does not bring them back. It holds ids and times, nothing of
//! a citizen. Append-only; one line each: id, why, when.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use lianxin_shared::{
    id::SealedId,
    sealed::{Deletion, WhyDeleted},
};

/// The file's name in the data folder.
const FILE: &str = "sealed-deletions.txt";

/// Where deletions are remembered. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DeletionList(Option<Arc<PathBuf>>);

impl DeletionList {
    /// The list of a data folder; made when the first deletion comes.
    pub fn of_folder(folder: &Path) -> Self {
        Self(Some(Arc::new(folder.join(FILE))))
    }

    /// None, for a database that is never restored.
    pub fn in_memory() -> Self {
        Self(None)
    }

    /// Remembers deletions, durably.
    ///
    /// # Errors
    /// When the file cannot be written. Then they are in the database alone, until the list is
    /// completed from it.
    pub fn append(&self, deletions: &[(SealedId, Deletion)]) -> std::io::Result<()> {
        let Some(path) = self.0.as_deref().filter(|_| !deletions.is_empty()) else { return Ok(()) };
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut lines = String::new();
        if is_torn(&file)? {
            lines.push('\n');
        }
        for (id, Deletion { why, at_ms }) in deletions {
            lines.push_str(&format!("{id} {} {at_ms}\n", *why as u8));
        }
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    }

    /// Everything remembered. A line that was cut off by the loss of power is left out: what it was
    /// about is in the database.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self) -> std::io::Result<Vec<(SealedId, Deletion)>> {
        let Some(path) = self.0.as_deref() else { return Ok(Vec::new()) };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        Ok(whole.lines().filter_map(parse).collect())
    }
}

/// Whether the last line has no end.
fn is_torn(mut file: &File) -> std::io::Result<bool> {
    use std::io::{Seek, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn parse(line: &str) -> Option<(SealedId, Deletion)> {
    let mut words = line.split(' ');
    let id = words.next()?.parse().ok()?;
    let why = WhyDeleted::from_number(words.next()?.parse().ok()?);
    let at_ms = words.next()?.parse().ok()?;
    Some((id, Deletion { why, at_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletions_are_remembered_also_behind_a_line_that_was_cut_off() {
        let folder = std::env::temp_dir().join(format!("lianxin-deletions-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let list = DeletionList::of_folder(&folder);
        assert_eq!(list.read().unwrap(), []);
        let first = (SealedId([1; 16]), Deletion { why: WhyDeleted::Citizen, at_ms: 5 });
        let second = (SealedId([2; 16]), Deletion { why: WhyDeleted::Expired, at_ms: 6 });
        list.append(&[first]).unwrap();
        fs::write(folder.join(FILE), format!("{} 2 5\n{} 1", first.0, second.0)).unwrap();
        assert_eq!(list.read().unwrap(), [first]);
        list.append(&[second]).unwrap();
        assert_eq!(list.read().unwrap(), [first, second]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
