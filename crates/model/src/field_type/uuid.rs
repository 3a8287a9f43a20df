//! `UUID`: an id, in lower case.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, Searched, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "UUID",
    parts: &[Part::new("", Scalar::Uuid).required().searched(Searched::Words)],
    creatable: true,
    label_identifier: true,
    parse,
    parse_default,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::uuid)
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    quoted::parse_text_or_function(field, default, "uuid")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_stores, field},
    };

    const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

    #[test]
    fn ids_of_any_version_are_accepted() {
        let id = Value::Uuid(ID.parse().unwrap());
        assert_stores(
            &field(FieldType::Uuid),
            [
                (json!(ID), Some(id.clone())),
                (json!(ID.to_uppercase()), Some(id)),
                (Json::Null, Some(Value::Null)),
                (json!(""), None),
                (json!("00000000-0000-0000-0000-000000000000"), None),
                (json!("one"), None),
                (json!(1), None),
            ],
        );
    }

    #[test]
    fn the_default_is_the_function_or_quoted() {
        assert_defaults(
            &field(FieldType::Uuid),
            [
                (json!("uuid"), Some(vec![])),
                (json!(format!("'{ID}'")), Some(vec![(0, Value::Uuid(ID.parse().unwrap()))])),
                (json!(ID), None),
                (json!("now"), None),
                (json!("'one'"), None),
            ],
        );
    }
}
