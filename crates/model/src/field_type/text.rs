//! `TEXT`: any text; not trimmed, no limit. The empty text is null where the field may be.

use serde_json::Value as Json;

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode, nullable, quoted, scalar_value,
};
use crate::{Field, ValueError};

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
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::text)
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
        assert_eq!(field.parse(&json!(""), WriteMode::Create), Ok(vec![(0, text(""))]));
    }

    #[test]
    fn an_empty_default_is_text() {
        let mut field = field(FieldType::Text);
        (field.is_nullable, field.default_value) = (false, json!("''"));
        assert_defaults(&field, [(json!("''"), Some(vec![(0, text(""))]))]);
        assert_eq!(field.defaults(jiff::Timestamp::UNIX_EPOCH), [text("")]);
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
