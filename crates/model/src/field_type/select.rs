//! `SELECT`: one of the field's options.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "SELECT",
    parts: &[Part::new("", Scalar::Option).required()],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_text,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, |path, value| {
        scalar_value::option(path, value, &field.option_values())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_stores, field, text},
    };

    #[test]
    fn only_options_are_accepted() {
        let field = field(FieldType::Select);
        assert_stores(
            &field,
            [
                (json!("LOW"), Some(text("LOW"))),
                (Json::Null, Some(Value::Null)),
                (json!("low"), None),
                (json!("MID"), None),
                (json!(""), None),
                (json!(1), None),
                (json!(["LOW"]), None),
            ],
        );
        assert_defaults(
            &field,
            [
                (json!("'LOW'"), Some(vec![(0, text("LOW"))])),
                (json!("LOW"), None),
                (json!("'MID'"), None),
                (json!(["'LOW'"]), None),
            ],
        );
    }

    #[test]
    fn a_refusal_lists_the_options() {
        let error = field(FieldType::Select).parse(&json!("MID"), WriteMode::Create).unwrap_err();
        assert_eq!(error.message, r#"sample does not accept "MID": expected one of LOW, HIGH"#);
    }
}
