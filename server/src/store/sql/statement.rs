//! One statement with its arguments, as both engines take it.

use std::fmt::Write as _;

/// An argument. Three types are enough, and both engines have them with the same meaning.
#[derive(Debug, Clone)]
pub(super) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! arg_from {
    ($($variant:ident: $($ty:ty => $with:expr),+;)+) => {$($(
        impl From<$ty> for Arg {
            fn from(value: $ty) -> Self {
                let convert: fn($ty) -> _ = $with;
                Arg::$variant(Some(convert(value)))
            }
        }
        impl From<Option<$ty>> for Arg {
            fn from(value: Option<$ty>) -> Self {
                let convert: fn($ty) -> _ = $with;
                Arg::$variant(value.map(convert))
            }
        }
    )+)+};
}

arg_from! {
    Int: i64 => |n| n, u32 => i64::from, u8 => i64::from, bool => i64::from;
    Text: &str => str::to_owned, String => |text| text;
    Bytes: &[u8] => <[u8]>::to_vec, [u8; 16] => |bytes| bytes.to_vec(), [u8; 32] => |bytes| bytes.to_vec(), Vec<u8> => |bytes| bytes;
}

/// SQL text with `$n` parameters, and their values. The text comes from this crate's sources only:
/// nothing that someone sent ever becomes part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) args: Vec<Arg>,
}

impl Statement {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), args: Vec::new() }
    }

    /// The value of the next `$n` that the text names.
    pub(super) fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }

    /// More text.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A parameter here.
    pub(super) fn arg(&mut self, value: impl Into<Arg>) -> &mut Self {
        self.args.push(value.into());
        // Writing to a String does not fail.
        let _ = write!(self.text, "${}", self.args.len());
        self
    }

    /// `(…, …)` for `in`. Padded with its last value to a power of two, so that the engine's cache of
    /// prepared statements sees few different texts; `(null)`, which is never in, when empty.
    pub(super) fn list(&mut self, values: impl IntoIterator<Item = impl Into<Arg>>) -> &mut Self {
        let mut values: Vec<Arg> = values.into_iter().map(Into::into).collect();
        let Some(last) = values.last().cloned() else { return self.push("(null)") };
        values.resize(values.len().next_power_of_two(), last);
        self.tuple(values)
    }

    /// `(…, …)`, one row of `values`.
    pub(super) fn tuple(&mut self, values: impl IntoIterator<Item = Arg>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { ", " }).arg(value);
        }
        self.push(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_lengths() {
        let mut statement = Statement::new("select 1 where 5 in ");
        statement.list([1_i64, 2, 3]).push(" and 'x' in ").list(Vec::<i64>::new());
        assert_eq!(statement.text, "select 1 where 5 in ($1, $2, $3, $4) and 'x' in (null)");
        assert!(matches!(statement.args[3], Arg::Int(Some(3))));
    }
}
