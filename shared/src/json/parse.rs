//! Reads JSON into plain values, as strictly as `serde_json` and in a tenth of its code, without tables for floats: a
//! number that is not whole, or has no place in 64 bits, reads as `null`. No record and no message has one.

use serde_json::{Map, Value};

/// Lists and objects within one another.
const DEPTH_MAX: usize = 127;

/// `None` where the bytes are no JSON.
pub(crate) fn parse(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { text: std::str::from_utf8(bytes).ok()?, at: 0 };
    let value = reader.value(DEPTH_MAX)?;
    reader.next();
    (reader.at == reader.text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// The byte here; none are as good as a zero, which JSON has nowhere.
    fn here(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    /// The next one that is no white space.
    #[inline(never)]
    fn next(&mut self) -> u8 {
        while matches!(self.here(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.here()
    }

    /// Passes over a byte, if it is the next.
    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.next() == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.next() {
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.list(depth.checked_sub(1)?),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text.get(self.at..)?.starts_with(word).then(|| self.at += word.len())?;
        Some(value)
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut fields = Map::new();
        self.eat(b'{')?;
        if self.eat(b'}').is_none() {
            loop {
                (self.next() == b'"').then_some(())?;
                let key = self.string()?;
                self.eat(b':')?;
                fields.insert(key, self.value(depth)?);
                if self.eat(b',').is_none() {
                    break self.eat(b'}')?;
                }
            }
        }
        Some(Value::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.eat(b'[')?;
        if self.eat(b']').is_none() {
            loop {
                values.push(self.value(depth)?);
                if self.eat(b',').is_none() {
                    break self.eat(b']')?;
                }
            }
        }
        Some(Value::Array(values))
    }

    /// From the quotation mark that is here.
    #[inline(never)]
    fn string(&mut self) -> Option<String> {
        let mut string = String::new();
        self.at += 1;
        loop {
            let from = self.at;
            while !matches!(self.here(), b'"' | b'\\' | ..b' ') {
                self.at += 1;
            }
            string.push_str(self.text.get(from..self.at)?);
            self.at += 1;
            match self.text.as_bytes().get(self.at - 1)? {
                b'"' => return Some(string),
                b'\\' => string.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let letter = self.here();
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => letter.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                (self.text.get(self.at..self.at + 2)? == "\\u").then(|| self.at += 2)?;
                let second = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x10000 + ((first - 0xd800) << 10 | second))?
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?))
    }

    fn number(&mut self) -> Option<Value> {
        let from = self.at;
        self.at += usize::from(self.here() == b'-');
        let zero = self.here() == b'0';
        let digits = self.digits()?;
        (digits == 1 || !zero).then_some(())?;
        let mut is_whole = true;
        if self.here() == b'.' {
            self.at += 1;
            self.digits()?;
            is_whole = false;
        }
        if matches!(self.here(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.here(), b'+' | b'-'));
            self.digits()?;
            is_whole = false;
        }
        let written = if is_whole { self.text.get(from..self.at)? } else { "" };
        let whole = written.parse::<i64>().map(Value::from);
        Some(whole.or_else(|_| written.parse::<u64>().map(Value::from)).unwrap_or_default())
    }

    /// How many there are; there must be one.
    fn digits(&mut self) -> Option<usize> {
        let from = self.at;
        while self.here().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > from).then(|| self.at - from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::json::write;

    /// What `serde_json` reads, with `null` for what is no whole number.
    fn read(text: &[u8]) -> Option<Value> {
        fn whole(value: &mut Value) {
            match value {
                Value::Number(number) if number.is_f64() => *value = Value::Null,
                Value::Array(values) => values.iter_mut().for_each(whole),
                Value::Object(fields) => fields.values_mut().for_each(whole),
                _ => (),
            }
        }
        let mut value = serde_json::from_slice(text).ok()?;
        whole(&mut value);
        Some(value)
    }

    #[test]
    fn what_is_written_in_many_ways_reads_as_serde_json_reads_it() {
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let texts = [
            " {\"a\" : [ 1 , -2,{} ,[]],\"a\":null}\n",
            "[true,false,null]",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "1.5e-3",
            "[1e5]",
            "\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\\"\\\\\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\u0041\"",
            "\"\\udc00\"",
            "\"\\u00g0\"",
            "\"\\u+041\"",
            "\"a\u{1}\"",
            "\"open",
            "\"\\",
            "01",
            "-",
            "1.",
            "1e",
            "+1",
            ".5",
            "tru",
            "nullx",
            "[1,]",
            "{,}",
            "{\"a\"}",
            "{a:1}",
            "[1 2]",
            "",
            " ",
            "\0",
            "1\0",
            "[]]",
            &deep(127),
            &deep(128),
        ];
        for text in texts {
            assert_eq!(parse(text.as_bytes()), read(text.as_bytes()), "{text}");
        }
        assert_eq!(parse(b"-0"), Some(json!(0)), "a float to serde_json");
        assert_eq!(parse(b"\"\xff\""), None);
    }

    proptest! {
        #[test]
        fn what_json_writes_it_reads(value in crate::json::any_json()) {
            prop_assert_eq!(parse(write(&value).as_bytes()), Some(value));
        }

        #[test]
        fn broken_texts_are_read_by_both_or_by_neither(
            value in crate::json::any_json(),
            at in any::<prop::sample::Index>(),
            put in prop::sample::select(&b"{}[]\",:\\u0123e.-tfn \x00\xff"[..]),
            instead in any::<bool>(),
        ) {
            let mut text = write(&value).into_bytes();
            let at = at.index(text.len());
            if instead { text[at] = put } else { text.insert(at, put) }
            // A minus before a zero is a float to serde_json, and a float has its range.
            let out_of_range = serde_json::from_slice::<Value>(&text).is_err_and(|error| error.to_string().contains("out of range"));
            prop_assume!(!out_of_range && !text.windows(2).any(|two| two == b"-0"));
            prop_assert_eq!(parse(&text), read(&text), "{}", String::from_utf8_lossy(&text));
        }
    }
}
