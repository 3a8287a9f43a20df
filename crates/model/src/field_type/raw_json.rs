//! `RAW_JSON`: a JSON object or list. The empty ones are null.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "RAW_JSON",
    parts: &[Part::new("", Scalar::Json)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::json)
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    if default.is_string() {
        return Err(ValueError::invalid(&field.name, default, "an object or a list"));
    }
    field.parse(default, WriteMode::Create)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_stores, field},
    };

    #[test]
    fn objects_and_lists_are_accepted() {
        assert_stores(
            &field(FieldType::RawJson),
            [
                (json!({"b": 1, "a": [null, 1.5]}), Some(Value::Json(r#"{"b":1,"a":[null,1.5]}"#.into()))),
                (json!([1]), Some(Value::Json("[1]".into()))),
                (json!(r#" {"b": 1, "a": 2} "#), Some(Value::Json(r#"{"b":1,"a":2}"#.into()))),
                (json!({}), Some(Value::Null)),
                (json!([]), Some(Value::Null)),
                (json!("{}"), Some(Value::Null)),
                (json!("null"), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
                (json!("7"), None),
                (json!("{oops"), None),
                (json!(""), None),
                (json!("[".repeat(100_000)), None),
                (json!(7), None),
                (json!(true), None),
            ],
        );
    }

    #[test]
    fn defaults_are_objects() {
        assert_defaults(
            &field(FieldType::RawJson),
            [
                (json!({"a": 1}), Some(vec![(0, Value::Json(r#"{"a":1}"#.into()))])),
                (json!({}), Some(vec![(0, Value::Null)])),
                (json!("{}"), None),
                (json!("'{}'"), None),
                (json!(1), None),
            ],
        );
    }
}
