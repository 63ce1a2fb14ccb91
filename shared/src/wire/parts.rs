//! What the contents of an Automerge change chunk are made of (Automerge's binary format, "change
//! chunk"). Nothing is believed of the columns here: they are bytes under a number.

use super::codec::{Reader, Writer};
use crate::{
    id::{Actor, ChangeHash, RecordId},
    limits::{CHANGE_BYTES_MAX, CHANGE_DEPS_MAX},
};

/// Specification of the column that holds the values' bytes.
pub(super) const VALUE_COLUMN: u64 = 0x57;
const ACTOR_BYTES: usize = 16;
const COLUMNS_MAX: usize = 64;
const OTHER_ACTORS_MAX: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) deps: Vec<ChangeHash>,
    pub(super) actor: Actor,
    pub(super) sequence: u64,
    /// The number of the first operation.
    pub(super) start: u64,
    pub(super) time: i64,
    pub(super) message: &'a [u8],
    pub(super) others: Vec<Actor>,
    /// Specification and data.
    pub(super) columns: Vec<(u64, &'a [u8])>,
}

impl<'a> Parts<'a> {
    /// `None` when it is put together in another way than this one.
    pub(super) fn of(contents: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(contents);
        let deps = r.list(CHANGE_DEPS_MAX as usize, |r| r.fixed().map(ChangeHash)).ok()?;
        let actor = read_actor(&mut r)?;
        let (sequence, start) = (r.number().ok()?, r.number().ok()?);
        let time = r.two_complement().ok()?;
        let message = r.bytes(CHANGE_BYTES_MAX).ok()?;
        let others = r.count(OTHER_ACTORS_MAX).ok()?;
        let others = (0..others).map(|_| read_actor(&mut r)).collect::<Option<_>>()?;
        let shape = r.list(COLUMNS_MAX, |r| Ok((r.number()?, r.count(CHANGE_BYTES_MAX)?))).ok()?;
        let columns = shape
            .into_iter()
            .map(|(specification, length)| Some((specification, r.take(length).ok()?)))
            .collect::<Option<_>>()?;
        let parts = Self { deps, actor, sequence, start, time, message, others, columns };
        r.is_empty().then_some(parts)
    }

    pub(super) fn join(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.list(&self.deps, |w, dep| w.fixed(&dep.0));
        w.bytes(&self.actor.0);
        w.number(self.sequence);
        w.number(self.start);
        w.two_complement(self.time);
        w.bytes(self.message);
        w.list(&self.others, |w, other| w.bytes(&other.0));
        w.list(&self.columns, |w, (specification, data)| {
            w.number(*specification);
            w.number(data.len() as u64);
        });
        self.columns.iter().for_each(|(_, data)| w.fixed(data));
        w.finish()
    }

    /// How many bytes of the values stand behind the record's id, if it is among them (a first
    /// change names its record) and there is one such column.
    pub(super) fn cut(&self, record: RecordId) -> Option<usize> {
        let mut values = self.columns.iter().filter(|(specification, _)| *specification == VALUE_COLUMN);
        let (Some((_, data)), None) = (values.next(), values.next()) else { return None };
        let place = data.windows(record.0.len()).rposition(|window| window == record.0)?;
        Some(data.len() - place - record.0.len())
    }
}

fn read_actor(r: &mut Reader<'_>) -> Option<Actor> {
    Actor::try_from(r.bytes(ACTOR_BYTES).ok()?).ok()
}
