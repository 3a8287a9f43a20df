//! What `null` does to a field of a simple type.

use serde_json::Value as Json;

use super::{ParsedParts, Scalar, WriteMode};
use crate::{Field, Value, ValueError};

/// Reads a value for the only part of a field: `null` by the rules of the field, anything else with
/// `read`, which gets the name for messages.
///
/// `null` clears a nullable field. On another it stands for the default of a new record, and so does what
/// is empty; without a default, and on a record that exists, the empty text stays text.
///
/// # Errors
/// What `read` refuses, and `null` where the field needs a value that no default gives.
pub(super) fn parse(
    field: &Field,
    value: &Json,
    mode: WriteMode,
    read: impl FnOnce(&str, &Json) -> Result<Value, ValueError>,
) -> Result<ParsedParts, ValueError> {
    let part = &field.field_type.spec().parts[0];
    let path = field.column_name(part);
    let read = if value.is_null() { Value::Null } else { read(&path, value)? };
    if read != Value::Null || field.is_nullable {
        return Ok(vec![(0, read)]);
    }
    if mode == WriteMode::Create && !field.default_value.is_null() {
        return Ok(Vec::new());
    }
    match value {
        Json::Null => Err(ValueError::invalid(&path, value, "a value, since the field is not nullable")),
        Json::String(_) if part.scalar == Scalar::Text => Ok(vec![(0, Value::Text(String::new()))]),
        _ => Ok(vec![(0, Value::Null)]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{FieldType, field_type::sample};

    #[test]
    fn null_clears_or_takes_the_default_or_is_refused() {
        for (nullable, default, mode, expected) in [
            (true, Json::Null, WriteMode::Create, Ok(vec![(0, Value::Null)])),
            (true, json!("'x'"), WriteMode::Update, Ok(vec![(0, Value::Null)])),
            (false, json!("'x'"), WriteMode::Create, Ok(vec![])),
            (false, json!("'x'"), WriteMode::Update, Err(())),
            (false, Json::Null, WriteMode::Create, Err(())),
            (false, Json::Null, WriteMode::Update, Err(())),
        ] {
            let mut field = sample::field(FieldType::Text);
            field.is_nullable = nullable;
            field.default_value = default;
            let parsed = parse(&field, &Json::Null, mode, |_, _| unreachable!("null is not read"));
            assert_eq!(parsed.map_err(drop), expected, "{nullable} {mode:?} {}", field.default_value);
        }
    }

    #[test]
    fn what_is_empty_takes_the_default_of_a_new_record() {
        let nothing = || Ok(vec![(0, Value::Null)]);
        let empty_text = || Ok(vec![(0, sample::text(""))]);
        let (quoted, listed) = (json!("'x'"), json!(["'x'"]));
        for (field_type, empty, nullable, default, mode, expected) in [
            (FieldType::Text, json!(""), true, &quoted, WriteMode::Create, nothing()),
            (FieldType::Text, json!(""), false, &quoted, WriteMode::Create, Ok(vec![])),
            (FieldType::Text, json!(""), false, &quoted, WriteMode::Update, empty_text()),
            (FieldType::Text, json!(""), false, &Json::Null, WriteMode::Create, empty_text()),
            (FieldType::Array, json!([]), true, &listed, WriteMode::Create, nothing()),
            (FieldType::Array, json!([]), false, &listed, WriteMode::Create, Ok(vec![])),
            (FieldType::Array, json!([]), false, &listed, WriteMode::Update, nothing()),
            (FieldType::RawJson, json!({}), false, &json!({"a": 1}), WriteMode::Create, Ok(vec![])),
        ] {
            let mut field = sample::field(field_type);
            (field.is_nullable, field.default_value) = (nullable, default.clone());
            assert_eq!(field.parse(&empty, mode), expected, "{field_type:?} {nullable} {default} {mode:?}");
        }
    }
}
