//! JSON and types, in one way only.
//!
//! Each way of reading a type is compiled for that type anew, and the phone's engine is downloaded over 2G. So JSON is
//! read into a plain value first, and types from that. And serde's tagged enums, which buffer what they read and so
//! bring ways of their own, are avoided: what stands as `{"act": "void", "text": …}` is read as `{"void": {"text": …}}`.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Error, Map, Value};

/// Reads JSON.
///
/// # Errors
/// When the bytes are no JSON, or not of this type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    T::deserialize(serde_json::from_slice::<Value>(bytes)?)
}

/// Writes plain data, which always has a JSON form.
pub fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data has a JSON form")
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
