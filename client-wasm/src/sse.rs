//! Reads the live signal's server-sent events. Pure.

use lianxin_shared::json::{Object, Unfit};

/// Longer lines are nobody's signal.
const LINE_BYTES_MAX: usize = 1024;

/// A space has grown to this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal {
    pub(crate) space: u32,
    pub(crate) position: u64,
}

impl Signal {
    fn of(mut said: Object) -> Result<Self, Unfit> {
        Ok(Self { space: said.counted("space")?, position: said.counted("position")? })
    }
}

/// What has come of the present line and event.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    line: Vec<u8>,
    is_space: bool,
}

impl Reader {
    /// Takes bytes as they come, in any portions.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Signal> {
        let mut signals = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' => signals.extend(self.end_line()),
                b'\r' => {}
                _ if self.line.len() < LINE_BYTES_MAX => self.line.push(byte),
                _ => {}
            }
        }
        signals
    }

    fn end_line(&mut self) -> Option<Signal> {
        let line = std::mem::take(&mut self.line);
        // An empty line ends the event; a line that begins with a colon is a heartbeat.
        let Some((name, value)) = std::str::from_utf8(&line).ok()?.split_once(':') else {
            self.is_space = false;
            return None;
        };
        let value = value.trim_start();
        match name {
            "event" => {
                self.is_space = value == "space";
                None
            }
            "data" if self.is_space => Object::read(value.as_bytes()).and_then(Signal::of).ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_however_the_bytes_are_cut() {
        let stream = b": hello\n\nevent: space\r\ndata: {\"space\": 3, \"position\": 17}\n\nevent: other\ndata: {\"space\": 1, \"position\": 1}\n\ndata: x\n\nevent: space\ndata: {\"space\":4,\"position\":18}\n\n";
        let expected = [Signal { space: 3, position: 17 }, Signal { space: 4, position: 18 }];
        for portion in [1, 2, 7, 1_000] {
            let mut reader = Reader::default();
            let read: Vec<Signal> = stream.chunks(portion).flat_map(|bytes| reader.read(bytes)).collect();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut reader = Reader::default();
        assert_eq!(reader.read(&[b'x'; 100_000]), []);
        assert!(reader.line.len() <= LINE_BYTES_MAX);
    }
}
