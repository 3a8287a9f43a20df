//! What `null` does to a field of a simple type.

use serde_json::Value as Json;

use super::{ParsedParts, WriteMode};
use crate::{Field, Value, ValueError};

/// Reads a value for the only part of a field: `null` by the rules of the field, anything else with
/// `read`, which gets the name for messages.
///
/// `null` clears a nullable field. On another it stands for the default of a new record.
///
/// # Errors
/// What `read` refuses, and `null` where the field needs a value that no default gives.
pub(super) fn parse(
    field: &Field,
    value: &Json,
    mode: WriteMode,
    read: impl FnOnce(&str, &Json) -> Result<Value, ValueError>,
) -> Result<ParsedParts, ValueError> {
    let path = field.column_name(&field.field_type.spec().parts[0]);
    if !value.is_null() {
        return Ok(vec![(0, read(&path, value)?)]);
    }
    if field.is_nullable {
        return Ok(vec![(0, Value::Null)]);
    }
    if mode == WriteMode::Create && !field.default_value.is_null() {
        return Ok(Vec::new());
    }
    Err(ValueError::invalid(&path, value, "a value, since the field is not nullable"))
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
}
