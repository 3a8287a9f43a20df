//! `BOOLEAN`: true or false, never a text.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "BOOLEAN",
    parts: &[Part::new("", Scalar::Boolean).required()],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::boolean)
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
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
    fn only_booleans_are_booleans() {
        let field = field(FieldType::Boolean);
        assert_stores(
            &field,
            [
                (json!(true), Some(Value::Boolean(true))),
                (json!(false), Some(Value::Boolean(false))),
                (Json::Null, Some(Value::Null)),
                (json!("true"), None),
                (json!(1), None),
                (json!([]), None),
            ],
        );
        assert_defaults(
            &field,
            [(json!(false), Some(vec![(0, Value::Boolean(false))])), (json!("'false'"), None)],
        );
    }
}
