//! `DATE`: a calendar date, in many forms.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "DATE",
    parts: &[Part::new("", Scalar::Date).required()],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::date)
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
    fn dates_are_text() {
        let the_13th = Value::Date(jiff::civil::date(2025, 1, 13));
        let field = field(FieldType::Date);
        assert_stores(
            &field,
            [
                (json!("2025-01-13"), Some(the_13th.clone())),
                (json!("January 13, 2025"), Some(the_13th.clone())),
                (Json::Null, Some(Value::Null)),
                (json!(""), None),
                (json!("2024"), None),
                (json!(20250113), None),
            ],
        );
        assert_defaults(
            &field,
            [
                (json!("now"), Some(vec![])),
                (json!("'2025-01-13'"), Some(vec![(0, the_13th)])),
                (json!("2025-01-13"), None),
                (json!("'soon'"), None),
            ],
        );
    }
}
