//! Counts what the bytes of a change claim, before Automerge believes them.
//!
//! A change's columns are run-length encoded: ten bytes can claim a quintillion operations, and
//! Automerge walks them one by one. Its columns may also be deflated, without a bound on what they
//! inflate to. This module reads only the chunk's frame and the runs' lengths (Automerge's binary
//! format, "change chunk"), and refuses both.

use super::Malformed;
use crate::limits::{CHANGE_DEPS_MAX, CHANGE_OPS_MAX, RECORD_OPS_MAX};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM_BYTES: usize = 4;
const HASH_BYTES: usize = 32;
const CHUNK_CHANGE: u8 = 1;
const CHUNK_COMPRESSED_CHANGE: u8 = 2;
const COLUMN_DEFLATED: u64 = 0b1000;
/// A change names few other actors: those whose operations it overwrites.
const OTHER_ACTORS_MAX: u64 = 1024;
const COLUMNS_MAX: u64 = 64;

/// Whether these bytes say that they are a change, and not a document.
pub(super) fn is_change(bytes: &[u8]) -> bool {
    bytes.get(MAGIC.len() + CHECKSUM_BYTES) == Some(&CHUNK_CHANGE)
}

/// Refuses a change that is deflated, or claims more than the limits allow. Tells how many operations it claims.
pub(super) fn check(bytes: &[u8]) -> Result<u64, Malformed> {
    let mut input = Input(bytes);
    if input.take(MAGIC.len())? != MAGIC {
        return Err(Malformed::NotAChange);
    }
    input.take(CHECKSUM_BYTES)?;
    match input.take(1)?[0] {
        CHUNK_CHANGE => {}
        CHUNK_COMPRESSED_CHANGE => return Err(Malformed::Compressed),
        _ => return Err(Malformed::NotAChange),
    }
    let length = input.number()?;
    if length != input.0.len() as u64 {
        return Err(Malformed::NotAChange);
    }
    let deps = input.number_up_to(CHANGE_DEPS_MAX)?;
    input.take(deps * HASH_BYTES)?;
    input.prefixed()?; // actor
    input.number()?; // sequence
    let first_operation = input.number()?;
    // Behind the last number that Automerge can count to, nobody could write into the record any more.
    if first_operation > RECORD_OPS_MAX {
        return Err(Malformed::TooLarge);
    }
    input.number()?; // time (signed, but its length reads the same)
    input.prefixed()?; // message
    let other_actors = input.number_up_to(OTHER_ACTORS_MAX)?;
    for _ in 0..other_actors {
        input.prefixed()?;
    }
    columns(&mut input, 1 + other_actors as u64)
}

/// The operations that the columns claim: as many as the longest has items.
fn columns(input: &mut Input<'_>, actors: u64) -> Result<u64, Malformed> {
    let count = input.number_up_to(COLUMNS_MAX)?;
    let mut declared = Vec::with_capacity(count);
    for _ in 0..count {
        declared.push((input.number()?, input.number()?));
    }
    let mut claimed = 0;
    for (specification, length) in declared {
        let length = usize::try_from(length).map_err(|_| Malformed::NotAChange)?;
        let data = Input(input.take(length)?);
        if specification & COLUMN_DEFLATED != 0 {
            return Err(Malformed::Compressed);
        }
        let items = match specification & 0b111 {
            // actor: runs of indices into the change's own list, which Automerge does not check
            1 => data.run_lengths(|input| input.number_up_to(actors - 1).map(|index| index as u64))?,
            // group, integer, delta, value metadata: runs of numbers
            0 | 2 | 3 | 6 => data.run_lengths(Input::number)?,
            // boolean: alternating run lengths
            4 => data.boolean_lengths()?,
            // string: runs of strings
            5 => data.run_lengths(Input::prefixed)?,
            // raw values: as long as they are
            _ => 0,
        };
        if items > CHANGE_OPS_MAX {
            return Err(Malformed::TooLarge);
        }
        claimed = claimed.max(items);
    }
    Ok(claimed)
}

#[derive(Clone, Copy)]
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Malformed::NotAChange)?;
        self.0 = tail;
        Ok(head)
    }

    /// A LEB128 number of at most 64 bits, as its unsigned bits.
    fn number(&mut self) -> Result<u64, Malformed> {
        self.leb128().map(|(bits, _)| bits)
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let (bits, width) = self.leb128()?;
        let negative = width < 64 && bits >> (width - 1) & 1 == 1;
        Ok(if negative { (bits | u64::MAX << width) as i64 } else { bits as i64 })
    }

    fn leb128(&mut self) -> Result<(u64, u32), Malformed> {
        let (mut bits, mut width) = (0_u64, 0);
        loop {
            let byte = self.take(1)?[0];
            if width >= 63 && byte > 0x7f {
                return Err(Malformed::NotAChange);
            }
            bits |= u64::from(byte & 0x7f) << width;
            width += 7;
            if byte & 0x80 == 0 {
                return Ok((bits, width));
            }
        }
    }

    fn number_up_to(&mut self, max: u64) -> Result<usize, Malformed> {
        let number = self.number()?;
        if number > max { Err(Malformed::TooLarge) } else { Ok(number as usize) }
    }

    fn prefixed(&mut self) -> Result<u64, Malformed> {
        let length = self.number()?;
        let length = usize::try_from(length).map_err(|_| Malformed::NotAChange)?;
        self.take(length)?;
        Ok(length as u64)
    }

    /// Items in a run-length column: a positive count repeats one item, a negative one lists that
    /// many, zero is followed by a count of nulls.
    fn run_lengths(mut self, mut item: impl FnMut(&mut Self) -> Result<u64, Malformed>) -> Result<u64, Malformed> {
        let mut items: u64 = 0;
        while !self.0.is_empty() && items <= CHANGE_OPS_MAX {
            let run = self.signed()?;
            let count = match run {
                0 => self.number()?,
                1.. => {
                    item(&mut self)?;
                    run.unsigned_abs()
                }
                _ => {
                    for _ in 0..run.unsigned_abs().min(CHANGE_OPS_MAX + 1) {
                        item(&mut self)?;
                    }
                    run.unsigned_abs()
                }
            };
            items = items.saturating_add(count);
        }
        Ok(items)
    }

    fn boolean_lengths(mut self) -> Result<u64, Malformed> {
        let mut items: u64 = 0;
        while !self.0.is_empty() && items <= CHANGE_OPS_MAX {
            items = items.saturating_add(self.number()?);
        }
        Ok(items)
    }
}
