//! [`fields_of`]: the names that a struct's fields have in a file, as serde knows them, so that no list of them is kept
//! beside the struct.

use serde::de::value::Error;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

/// The names of the fields, with what renames them; none for what is no struct.
pub(super) fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It ends in an error once it has said what it looks for.
    let _ = T::deserialize(Ask(&mut fields));
    fields
}

struct Ask<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Ask<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("there is nothing to read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::fields_of;

    #[derive(Deserialize)]
    #[serde(default, rename_all = "kebab-case")]
    #[derive(Default)]
    struct Sample {
        api_url: Option<String>,
        #[serde(rename = "at")]
        place: u8,
    }

    #[test]
    fn a_struct_tells_the_names_that_its_fields_have_in_a_file() {
        assert_eq!(fields_of::<Sample>(), ["api-url", "at"]);
        assert!(fields_of::<Vec<u8>>().is_empty());
    }
}
