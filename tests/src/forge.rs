//! Changes as nobody's app makes them, byte by byte (PROTOCOL.md, "The contents of a change").

use lianxin_shared::{
    id::{Actor, ChangeHash},
    limits::CHANGE_OPS_MAX,
    wire,
};

pub const KEY_TEXT: u64 = 0x15;
pub const INSERT: u64 = 0x34;
pub const ACTION: u64 = 0x42;
pub const VALUE_META: u64 = 0x56;
pub const VALUE_RAW: u64 = 0x57;
pub const PRED_COUNT: u64 = 0x70;
/// Said of a column that is deflated.
pub const DEFLATED: u64 = 0b1000;

pub const MAKE_MAP: u64 = 0;
pub const SET: u64 = 1;
pub const INTEGER: u64 = 4;
pub const UTF8: u64 = 6;

/// What a change says of itself; every part of it can be a lie.
#[derive(Debug, Clone)]
pub struct Forged {
    pub deps: Vec<ChangeHash>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub other_actors: Vec<Vec<u8>>,
    pub columns: Vec<(u64, Vec<u8>)>,
}

impl Forged {
    /// A change that rests on these and sets the field `crowd` to 3, so many times.
    pub fn sets(actor: Actor, seq: u64, start_op: u64, deps: &[ChangeHash], times: u64) -> Self {
        let columns = vec![
            (KEY_TEXT, run(times, &prefixed(b"crowd"))),
            (INSERT, number(times)),
            (ACTION, run(times, &number(SET))),
            (VALUE_META, run(times, &number(1 << 4 | INTEGER))),
            (VALUE_RAW, vec![3; usize::try_from(times.min(CHANGE_OPS_MAX)).unwrap()]),
            (PRED_COUNT, run(times, &number(0))),
        ];
        Self { deps: deps.to_vec(), actor: actor.0.to_vec(), seq, start_op, other_actors: Vec::new(), columns }
    }

    /// The same with another column.
    pub fn with(mut self, specification: u64, data: impl Into<Vec<u8>>) -> Self {
        self.columns.retain(|(column, _)| column & !DEFLATED != specification & !DEFLATED);
        self.columns.push((specification, data.into()));
        self.columns.sort_by_key(|(column, _)| column & !DEFLATED);
        self
    }

    /// The same with text at another key.
    pub fn with_text(self, key: &[u8], text: &[u8]) -> Self {
        self.with(KEY_TEXT, run(1, &prefixed(key)))
            .with(VALUE_META, run(1, &number((text.len() as u64) << 4 | UTF8)))
            .with(VALUE_RAW, text)
    }

    /// What the wire carries.
    pub fn contents(&self) -> Vec<u8> {
        let mut deps = self.deps.clone();
        deps.sort_unstable();
        let mut contents = number(deps.len() as u64);
        deps.iter().for_each(|dep| contents.extend(dep.0));
        contents.extend(prefixed(&self.actor));
        contents.extend([number(self.seq), number(self.start_op), vec![0], vec![0]].concat());
        contents.extend(number(self.other_actors.len() as u64));
        self.other_actors.iter().for_each(|actor| contents.extend(prefixed(actor)));
        contents.extend(number(self.columns.len() as u64));
        for (specification, data) in &self.columns {
            contents.extend([number(*specification), number(data.len() as u64)].concat());
        }
        self.columns.iter().for_each(|(_, data)| contents.extend(data));
        contents
    }

    /// The change as it would be stored.
    pub fn chunk(&self) -> (ChangeHash, Vec<u8>) {
        wire::unpack(&self.contents())
    }
}

/// One item, so many times.
pub fn run(times: u64, item: &[u8]) -> Vec<u8> {
    let count = if times == 1 { signed(-1) } else { signed(i64::try_from(times).unwrap()) };
    [count, item.to_vec()].concat()
}

pub fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [number(bytes.len() as u64), bytes.to_vec()].concat()
}

pub fn number(mut number: u64) -> Vec<u8> {
    let mut written = Vec::new();
    while number > 0x7f {
        written.push(number as u8 | 0x80);
        number >>= 7;
    }
    written.push(number as u8);
    written
}

/// A signed number of Automerge: two's complement.
pub fn signed(mut number: i64) -> Vec<u8> {
    let mut written = Vec::new();
    loop {
        let byte = number as u8 & 0x7f;
        number >>= 7;
        if (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0) {
            written.push(byte);
            return written;
        }
        written.push(byte | 0x80);
    }
}
