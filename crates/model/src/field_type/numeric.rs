//! `NUMERIC`: a double that clients may also write as text.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "NUMERIC",
    parts: &[Part::new("", Scalar::Float).required()],
    creatable: false,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::number_or_text)
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    if default.is_string() {
        return quoted::parse_text(field, default);
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
    fn numbers_may_be_text() {
        let field = field(FieldType::Numeric);
        assert_stores(
            &field,
            [
                (json!(7), Some(Value::Float(7.0))),
                (json!("12.5"), Some(Value::Float(12.5))),
                (json!("1e3"), Some(Value::Float(1000.0))),
                (json!(""), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
                (json!("12abc"), None),
                (json!("NaN"), None),
                (json!(true), None),
                (json!([]), None),
            ],
        );
        assert_defaults(
            &field,
            [
                (json!(1.5), Some(vec![(0, Value::Float(1.5))])),
                (json!("'1.5'"), Some(vec![(0, Value::Float(1.5))])),
                (json!("1.5"), None),
            ],
        );
    }
}
