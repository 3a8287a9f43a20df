//! `TEXT`: any text; not trimmed, no limit. The empty text is null where the field may be.

use serde_json::Value as Json;

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode, nullable, quoted, scalar_value,
};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "TEXT",
    parts: &[Part::new("", Scalar::Text)
        .null_reads(NullReads::EmptyText)
        .required()
        .searched(Searched::Words)],
    creatable: true,
    label_identifier: true,
    parse,
    parse_default: quoted::parse_text,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, |path, value| match scalar_value::text(path, value)? {
        Value::Null if !field.is_nullable => Ok(Value::Text(String::new())),
        text => Ok(text),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_stores, field, text},
    };

    #[test]
    fn only_text_is_text() {
        let field = field(FieldType::Text);
        assert_stores(
            &field,
            [
                (json!(" Ana "), Some(text(" Ana "))),
                (json!("a\nb 😀"), Some(text("a\nb 😀"))),
                (json!(""), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
                (json!("a\0b"), None),
                (json!(7), None),
                (json!(true), None),
                (json!({}), None),
                (json!(["a"]), None),
            ],
        );
    }

    #[test]
    fn a_field_that_is_not_nullable_keeps_empty_text() {
        let mut field = field(FieldType::Text);
        field.is_nullable = false;
        assert_stores(&field, [(json!(""), Some(text(""))), (Json::Null, None)]);
    }

    #[test]
    fn defaults_are_quoted() {
        assert_defaults(
            &field(FieldType::Text),
            [
                (json!("'draft'"), Some(vec![(0, text("draft"))])),
                (json!("'it's'"), Some(vec![(0, text("it's"))])),
                (json!("''"), Some(vec![(0, Value::Null)])),
                (json!("draft"), None),
                (json!("now"), None),
                (json!("'"), None),
                (json!(""), None),
                (json!(1), None),
            ],
        );
    }
}
