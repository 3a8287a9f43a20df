//! `POSITION`: the place of a record among the others.
//!
//! A write is a number, or `"first"` or `"last"`, which come out as `Value::Text` of that word: only the
//! plan can turn them into numbers, since they depend on the other records.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, scalar_value};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "POSITION",
    parts: &[Part::new("", Scalar::Float).required()],
    creatable: false,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    match value {
        Json::Number(_) => Ok(vec![(0, scalar_value::number(&field.name, value)?)]),
        Json::String(text) if matches!(text.as_str(), "first" | "last") => {
            Ok(vec![(0, Value::Text(text.clone()))])
        }
        _ => Err(ValueError::invalid(&field.name, value, "a number, \"first\" or \"last\"")),
    }
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    if !default.is_number() {
        return Err(ValueError::invalid(&field.name, default, "a number"));
    }
    field.parse(default, WriteMode::Create)
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
    fn positions_are_numbers_or_words_for_the_ends() {
        let field = field(FieldType::Position);
        assert_stores(
            &field,
            [
                (json!(-1.5), Some(Value::Float(-1.5))),
                (json!("first"), Some(text("first"))),
                (json!("last"), Some(text("last"))),
                (json!("middle"), None),
                (json!("1"), None),
                (Json::Null, None),
                (json!(true), None),
            ],
        );
        assert_defaults(&field, [(json!(0), Some(vec![(0, Value::Float(0.0))])), (json!("first"), None)]);
    }
}
