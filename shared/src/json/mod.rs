//! JSON and types, in one way only.
//!
//! Each way of reading a type is compiled for that type anew, and the phone's engine is downloaded over 2G. So JSON is
//! read into a plain value first, and types from that. And serde's tagged enums, which buffer what they read and so
//! bring ways of their own, are avoided: what stands as `{"act": "void", "text": …}` is read as `{"void": {"text": …}}`.
//! What phones read is taken out of an [`Object`] by hand: a derived reader is two kilobytes for each type.

mod parse;
mod write;

use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::{Error, Map, Value};

pub(crate) use parse::parse;
pub use write::write;

/// Reads JSON.
///
/// # Errors
/// When the bytes are no JSON, or not of this type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    T::deserialize(parse(bytes).ok_or_else(|| serde::de::Error::custom("no JSON"))?)
}

/// JSON that is not what was asked for, and what was missing or of another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no fitting {0}")]
pub struct Unfit(pub &'static str);

/// A JSON object that is taken apart field by field. `null` is as good as nothing; fields that nobody takes are left.
#[derive(Debug, Clone, Default)]
pub struct Object(Map<String, Value>);

/// What is read from an [`Object`].
pub trait FromObject: Sized {
    /// # Errors
    /// With what is missing or of another form.
    fn take_from(object: &mut Object) -> Result<Self, Unfit>;
}

impl Object {
    /// # Errors
    /// When the bytes are no JSON, or no object.
    pub fn read(bytes: &[u8]) -> Result<Self, Unfit> {
        parse(bytes).ok_or(Unfit("JSON")).and_then(Self::of)
    }

    /// # Errors
    /// When the value is no object.
    pub fn of(value: Value) -> Result<Self, Unfit> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Unfit("object")),
        }
    }

    /// Leaves `null` behind: what takes an entry out of a map and balances its tree is a kilobyte for every phone.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.0.get_mut(key).map(Value::take).filter(|value| !value.is_null())
    }

    /// What `read` takes; `None` where there is nothing.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn maybe<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Result<T, Unfit>,
    ) -> Result<Option<T>, Unfit> {
        let is_there = self.0.get(key).is_some_and(|value| !value.is_null());
        if is_there { read(self, key).map(Some) } else { Ok(None) }
    }

    /// # Errors
    /// When there is no text.
    pub fn text(&mut self, key: &'static str) -> Result<String, Unfit> {
        match self.take(key) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Unfit(key)),
        }
    }

    /// Something that is written as text: ids and hashes.
    ///
    /// # Errors
    /// When there is no text, or not such a one.
    pub fn parsed<T: FromStr>(&mut self, key: &'static str) -> Result<T, Unfit> {
        self.text(key)?.parse().map_err(|_| Unfit(key))
    }

    /// # Errors
    /// When there is no whole number.
    pub fn number(&mut self, key: &'static str) -> Result<i64, Unfit> {
        self.take(key).and_then(|value| value.as_i64()).ok_or(Unfit(key))
    }

    /// A number that another type holds.
    ///
    /// # Errors
    /// When there is no whole number, or it does not fit.
    pub fn counted<T: TryFrom<i64>>(&mut self, key: &'static str) -> Result<T, Unfit> {
        self.number(key)?.try_into().map_err(|_| Unfit(key))
    }

    /// Nothing is untrue.
    ///
    /// # Errors
    /// When there is something else than a truth value.
    pub fn flag(&mut self, key: &'static str) -> Result<bool, Unfit> {
        self.take(key).map_or(Ok(false), |value| value.as_bool().ok_or(Unfit(key)))
    }

    /// # Errors
    /// When there is no object.
    pub fn object(&mut self, key: &'static str) -> Result<Object, Unfit> {
        self.take(key).ok_or(Unfit(key)).and_then(Object::of)
    }

    /// # Errors
    /// When there is no list.
    pub fn list(&mut self, key: &'static str) -> Result<Vec<Value>, Unfit> {
        match self.take(key) {
            Some(Value::Array(values)) => Ok(values),
            _ => Err(Unfit(key)),
        }
    }

    /// A list, each of which `read` reads.
    ///
    /// # Errors
    /// When there is no list, or something else in it.
    pub fn each<T>(&mut self, key: &'static str, read: impl Fn(Value) -> Option<T>) -> Result<Vec<T>, Unfit> {
        let mut all = Vec::new();
        // Not collected: what collects and may fail is half a kilobyte for each type, in every phone.
        for value in self.list(key)? {
            all.push(read(value).ok_or(Unfit(key))?);
        }
        Ok(all)
    }

    /// A list of what is written as text.
    ///
    /// # Errors
    /// When there is no list, or something else in it.
    pub fn parsed_list<T: FromStr>(&mut self, key: &'static str) -> Result<Vec<T>, Unfit> {
        self.each(key, |value| value.as_str()?.parse().ok())
    }

    /// A list of objects.
    ///
    /// # Errors
    /// When there is no list, or something else in it.
    pub fn objects<T: FromObject>(&mut self, key: &'static str) -> Result<Vec<T>, Unfit> {
        self.each(key, |value| T::take_from(&mut Object::of(value).ok()?).ok())
    }

    /// All that nobody has taken.
    pub fn into_fields(self) -> Map<String, Value> {
        // One by one: what builds a map in bulk sorts first.
        let mut fields = Map::new();
        for (key, value) in self.0 {
            if !value.is_null() {
                fields.insert(key, value);
            }
        }
        fields
    }
}

/// The flat form of an enum's value: its key beside its fields.
pub(crate) fn flatten(tag: &str, value: Value) -> Value {
    let (key, fields) = match value {
        Value::Object(one) => match one.into_iter().next() {
            Some((key, Value::Object(fields))) => (key, fields),
            Some((key, _)) => (key, Map::new()),
            None => return Value::Null,
        },
        Value::String(key) => (key, Map::new()),
        other => return other,
    };
    // The key first, as people read it; a map keeps its own order.
    let mut flat = Map::new();
    flat.insert(tag.to_owned(), Value::String(key));
    flat.extend(fields);
    Value::Object(flat)
}

/// Reads an enum's value from its flat form. Fields that only a newer version knows are passed over.
pub(crate) fn unflatten<T>(
    tag: &str,
    mut flat: Map<String, Value>,
    read: impl Fn(Value) -> Result<T, Error>,
) -> Result<T, Error> {
    let Some(Value::String(key)) = flat.remove(tag) else {
        return Err(serde::de::Error::custom(format_args!("{tag} is missing")));
    };
    let fields = Map::from_iter([(key.clone(), Value::Object(flat))]);
    read(Value::Object(fields)).or_else(|error| read(Value::String(key)).map_err(|_| error))
}

/// Gives an enum with `#[serde(remote = "Self")]` the flat form.
macro_rules! flat {
    ($name:ty, $tag:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let value =
                    <$name>::serialize(self, serde_json::value::Serializer).map_err(serde::ser::Error::custom)?;
                $crate::json::flatten($tag, value).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let flat = serde_json::Map::deserialize(deserializer)?;
                $crate::json::unflatten($tag, flat, |value| <$name>::deserialize(value))
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use flat;

/// For tests: all that JSON can be, without floats.
#[cfg(test)]
fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;

    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x30\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
