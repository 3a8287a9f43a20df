//! `FULL_NAME`: first and last name, not trimmed.

use super::{FieldTypeSpec, NullReads, Part, Scalar, Searched, composite, quoted};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "FULL_NAME",
    parts: &[
        Part::new("firstName", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("lastName", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
    ],
    creatable: true,
    label_identifier: true,
    parse: composite::parse_parts,
    parse_default: quoted::parse_composite,
    merge: super::merge::preferred,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_updates, field, refused, text},
    };

    #[test]
    fn absent_parts_stay_and_empty_ones_are_null() {
        assert_updates(
            &field(FieldType::FullName),
            [
                (
                    json!({"firstName": "Ana", "lastName": " Sol"}),
                    Ok(vec![(0, text("Ana")), (1, text(" Sol"))]),
                ),
                (json!({"lastName": "Sol"}), Ok(vec![(1, text("Sol"))])),
                (json!({"firstName": "", "lastName": null}), Ok(vec![(0, Value::Null), (1, Value::Null)])),
                (json!(r#"{"firstName": "Ana"}"#), Ok(vec![(0, text("Ana"))])),
                (json!({}), Ok(vec![])),
                (json!(null), Ok(vec![])),
                (json!({"middleName": "X"}), refused()),
                (json!({"firstName": 7}), refused()),
                (json!("Ana Sol"), refused()),
                (json!(["Ana"]), refused()),
                (json!(7), refused()),
            ],
        );
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::FullName),
            [
                (
                    json!({"firstName": "'Ana'", "lastName": "''"}),
                    Some(vec![(0, text("Ana")), (1, Value::Null)]),
                ),
                (json!({"firstName": null, "lastName": ""}), Some(vec![(0, Value::Null), (1, Value::Null)])),
                (json!({"firstName": "Ana"}), None),
                (json!({"middleName": "'X'"}), None),
                (json!("'Ana'"), None),
            ],
        );
    }
}
