//! `NUMBER`: a double. Texts are refused; the setting `dataType` changes nothing here.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "NUMBER",
    parts: &[Part::new("", Scalar::Float).required()],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::number)
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
    fn only_numbers_are_numbers() {
        let field = field(FieldType::Number);
        assert_stores(
            &field,
            [
                (json!(7), Some(Value::Float(7.0))),
                (json!(-1.5), Some(Value::Float(-1.5))),
                (Json::Null, Some(Value::Null)),
                (json!("7"), None),
                (json!(""), None),
                (json!(true), None),
                (json!([]), None),
            ],
        );
        assert_defaults(
            &field,
            [(json!(0), Some(vec![(0, Value::Float(0.0))])), (json!("'0'"), None), (json!("0"), None)],
        );
    }
}
