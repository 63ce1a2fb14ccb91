//! The few primitives that the messages are made of. Reading never trusts a length.

/// Bytes that are no message of this protocol. The text is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message: {0}")]
pub struct BadBytes(pub &'static str);

/// Builds a message.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// An unsigned number, seven bits a byte, lowest first (LEB128).
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 & 0x7f | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A signed number: zigzag, so that small ones of either sign are short.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    /// A signed number in two's complement, as Automerge writes times (signed LEB128).
    pub(crate) fn two_complement(&mut self, mut number: i64) {
        loop {
            let byte = number as u8 & 0x7f;
            number >>= 7;
            let sign_is_said = (byte & 0x40 == 0) == (number == 0) && (number == 0 || number == -1);
            if sign_is_said {
                return self.0.push(byte);
            }
            self.0.push(byte | 0x80);
        }
    }

    pub(crate) fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.fixed(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u64);
        for item in items {
            each(self, item);
        }
    }

    /// A section: a tag that old readers may skip, its length, its body.
    pub(crate) fn section(&mut self, tag: u64, body: impl FnOnce(&mut Self)) {
        let mut section = Writer::default();
        body(&mut section);
        self.number(tag);
        self.bytes(&section.0);
    }

    pub(crate) fn written(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Takes a message apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn byte(&mut self) -> Result<u8, BadBytes> {
        Ok(self.fixed::<1>()?[0])
    }

    pub(crate) fn number(&mut self) -> Result<u64, BadBytes> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(BadBytes("number too large"));
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BadBytes("number too long"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, BadBytes> {
        let zigzag = self.number()?;
        Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// A signed number in two's complement (signed LEB128).
    pub(crate) fn two_complement(&mut self) -> Result<i64, BadBytes> {
        let mut number = 0_i64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unsaid = 64_u32.saturating_sub(shift + 7);
                return Ok(number << unsaid >> unsaid);
            }
        }
        Err(BadBytes("number too long"))
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], BadBytes> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(BadBytes("cut short"))?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn bytes(&mut self, max: usize) -> Result<&'a [u8], BadBytes> {
        let length = self.count(max)?;
        self.take(length)
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], BadBytes> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(BadBytes("cut short"))?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn text(&mut self, max: usize) -> Result<String, BadBytes> {
        let bytes = self.bytes(max)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| BadBytes("text is not UTF-8"))
    }

    /// A count of things that follow, at most `max`.
    pub(crate) fn count(&mut self, max: usize) -> Result<usize, BadBytes> {
        let count = self.number()?;
        if count > max as u64 { Err(BadBytes("count over the limit")) } else { Ok(count as usize) }
    }

    pub(crate) fn list<T>(
        &mut self,
        max: usize,
        mut each: impl FnMut(&mut Self) -> Result<T, BadBytes>,
    ) -> Result<Vec<T>, BadBytes> {
        let count = self.count(max)?;
        // Not `with_capacity(count)`: the count is only a claim until the items have been read.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// The next section: its tag and a reader over its body.
    pub(crate) fn section(&mut self) -> Result<(u64, Reader<'a>), BadBytes> {
        let tag = self.number()?;
        let body = self.bytes(usize::MAX)?;
        Ok((tag, Reader(body)))
    }
}
