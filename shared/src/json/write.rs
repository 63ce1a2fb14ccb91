//! Writes JSON, as `serde_json` would, in less code: nothing here can fail, so nothing that calls it looks for a failure,
//! and floats, whose tables alone are ten kilobytes for every phone, are not written. No record and no message has one.

use std::fmt::{self, Display, Write as _};

use serde::{
    Serialize,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
        SerializeTupleVariant, Serializer,
    },
};

/// Writes plain data, which always has a JSON form.
pub fn write(value: &(impl Serialize + ?Sized)) -> String {
    let mut text = String::new();
    let Ok(()) = value.serialize(Writer(&mut text));
    text
}

/// There is none: a type whose writing can fail is no plain data.
#[derive(Debug)]
enum Never {}

impl Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl serde::ser::Error for Never {
    fn custom<T: Display>(message: T) -> Self {
        panic!("no plain data: {message}")
    }
}

struct Writer<'a>(&'a mut String);

impl<'a> Writer<'a> {
    /// Begins a list or an object.
    fn open(self, open: &str, close: &'static str) -> Result<Members<'a>, Never> {
        self.0.push_str(open);
        Ok(Members { text: self.0, is_first: true, close })
    }

    /// The same as the only member of an object, as serde writes a variant.
    fn open_variant(self, variant: &str, open: &str, close: &'static str) -> Result<Members<'a>, Never> {
        self.0.push('{');
        key(self.0, variant);
        self.open(open, close)
    }

    fn number(self, number: impl Display) -> Result<(), Never> {
        // A string takes everything.
        let _ = write!(self.0, "{number}");
        Ok(())
    }

    fn raw(self, text: &str) -> Result<(), Never> {
        self.0.push_str(text);
        Ok(())
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Members<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.raw(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    #[inline(never)]
    fn serialize_i64(self, value: i64) -> Result<(), Never> {
        self.number(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    #[inline(never)]
    fn serialize_u64(self, value: u64) -> Result<(), Never> {
        self.number(value)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Never> {
        self.serialize_unit()
    }

    /// As JSON has it for what is no number.
    fn serialize_f64(self, _: f64) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        quoted(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.raw("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        let mut members = self.open("{", "}")?;
        members.member(variant, value);
        members.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Never> {
        self.open("[", "]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Never> {
        self.open("[", "]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Never> {
        self.open("[", "]")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Never> {
        self.open_variant(variant, "[", "]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Never> {
        self.open("{", "}")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Never> {
        self.open("{", "}")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Never> {
        self.open_variant(variant, "{", "}}")
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.serialize_str(&value.to_string())
    }
}

/// What is in a list or an object.
struct Members<'a> {
    text: &'a mut String,
    is_first: bool,
    close: &'static str,
}

impl Members<'_> {
    #[inline(never)]
    fn comma(&mut self) {
        if !self.is_first {
            self.text.push(',');
        }
        self.is_first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.comma();
        let Ok(()) = value.serialize(Writer(self.text));
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.comma();
        key(self.text, name);
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        let Ok(()) = value.serialize(Writer(self.text));
    }

    fn close(self) -> Result<(), Never> {
        self.text.push_str(self.close);
        Ok(())
    }
}

/// Lists of all kinds.
macro_rules! elements {
    ($($list:ident $add:ident),*) => {$(
        impl $list for Members<'_> {
            type Ok = ();
            type Error = Never;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                self.element(value);
                Ok(())
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        }
    )*};
}
elements!(SerializeSeq serialize_element, SerializeTuple serialize_element);
elements!(SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

/// Objects whose names are known.
macro_rules! members {
    ($($object:ident),*) => {$(
        impl $object for Members<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
                self.member(name, value);
                Ok(())
            }

            fn end(self) -> Result<(), Never> {
                self.close()
            }
        }
    )*};
}
members!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Never;

    /// A number is quoted: names in JSON are texts.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Never> {
        self.comma();
        let written = write(name);
        let quote = if written.starts_with('"') { "" } else { "\"" };
        for part in [quote, &written, quote, ":"] {
            self.text.push_str(part);
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(Writer(self.text))
    }

    fn end(self) -> Result<(), Never> {
        self.close()
    }
}

fn key(text: &mut String, name: &str) {
    quoted(text, name);
    text.push(':');
}

#[inline(never)]
fn quoted(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        let short = match letter {
            '"' => '"',
            '\\' => '\\',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\0'..'\u{20}' => {
                // A string takes everything.
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
                continue;
            }
            letter => {
                text.push(letter);
                continue;
            }
        };
        text.push('\\');
        text.push(short);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(i8),
        Tuple(u16, bool),
        Struct { some: Option<char>, none: Option<()> },
    }

    #[derive(Serialize)]
    struct Pair(u8, &'static str);

    #[derive(Serialize)]
    struct Whole {
        shapes: Vec<Shape>,
        pair: Pair,
        by_number: BTreeMap<i64, u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u32>,
        #[serde(flatten)]
        more: BTreeMap<String, Value>,
        bytes: (f64, ()),
    }

    proptest! {
        #[test]
        fn it_writes_what_serde_json_writes(value in crate::json::any_json()) {
            prop_assert_eq!(write(&value), serde_json::to_string(&value).unwrap());
        }
    }

    #[test]
    fn every_form_of_a_type_is_written_as_serde_json_writes_it() {
        let shapes =
            vec![Shape::Unit, Shape::New(-1), Shape::Tuple(2, true), Shape::Struct { some: Some('字'), none: None }];
        let (pair, by_number) = (Pair(7, "七"), BTreeMap::from([(-1, 1), (1, u64::MAX)]));
        let more = BTreeMap::from([("a\u{7f}\u{1}".to_owned(), json!([1]))]);
        let whole = Whole { shapes, pair, by_number, left_out: None, more, bytes: (f64::NAN, ()) };
        assert_eq!(write(&whole), serde_json::to_string(&whole).unwrap());
    }
}
