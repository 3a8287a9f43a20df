//! `DATE_TIME`: an instant with milliseconds, in many forms; UTC without an offset.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "DATE_TIME",
    parts: &[Part::new("", Scalar::DateTime).required()],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::date_time)
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    quoted::parse_text_or_function(field, default, "now")
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
    fn instants_are_text() {
        let half_past_eight = Value::DateTime("2025-01-13T08:30:00Z".parse().unwrap());
        let field = field(FieldType::DateTime);
        assert_stores(
            &field,
            [
                (json!("2025-01-13T10:30:00+02:00"), Some(half_past_eight.clone())),
                (json!("2025-01-13 08:30"), Some(half_past_eight.clone())),
                (Json::Null, Some(Value::Null)),
                (json!(""), None),
                (json!("2025-1-3"), None),
                (json!(1736757000), None),
            ],
        );
        assert_defaults(
            &field,
            [
                (json!("now"), Some(vec![])),
                (json!("'2025-01-13 08:30'"), Some(vec![(0, half_past_eight)])),
                (json!("2025-01-13 08:30"), None),
            ],
        );
    }
}
