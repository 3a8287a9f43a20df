//! `RATING`: one of `RATING_1` to `RATING_5`, which the server makes the options of the field.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "RATING",
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
    fn ratings_are_options_and_no_numbers() {
        let mut field = field(FieldType::Rating);
        field.options[1].value = "RATING_3".into();
        assert_stores(
            &field,
            [
                (json!("RATING_3"), Some(text("RATING_3"))),
                (Json::Null, Some(Value::Null)),
                (json!("RATING_6"), None),
                (json!(3), None),
            ],
        );
        assert_defaults(&field, [(json!("'RATING_3'"), Some(vec![(0, text("RATING_3"))])), (json!(3), None)]);
    }
}
