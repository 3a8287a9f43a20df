//! `ADDRESS`: lines of an address, and where it is. The country is free text.

use super::{FieldTypeSpec, NullReads, Part, Scalar, Searched, composite, quoted};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "ADDRESS",
    parts: &[
        Part::new("addressStreet1", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressStreet2", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressCity", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressPostcode", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressState", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressCountry", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
        Part::new("addressLat", Scalar::Float),
        Part::new("addressLng", Scalar::Float),
    ],
    creatable: true,
    label_identifier: false,
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
    fn coordinates_may_be_text() {
        assert_updates(
            &field(FieldType::Address),
            [
                (
                    json!({"addressCity": "Oslo", "addressLat": 59.9, "addressLng": "10.75"}),
                    Ok(vec![(2, text("Oslo")), (6, Value::Float(59.9)), (7, Value::Float(10.75))]),
                ),
                (
                    json!({"addressCity": "", "addressLat": "", "addressLng": null}),
                    Ok(vec![(2, Value::Null), (6, Value::Null), (7, Value::Null)]),
                ),
                (json!(null), Ok(vec![])),
                (json!({"addressLat": "north"}), refused()),
                (json!({"addressLat": true}), refused()),
                (json!({"addressLat": []}), refused()),
                (json!({"addressPlanet": "Mars"}), refused()),
                (json!("Oslo"), refused()),
            ],
        );
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Address),
            [
                (
                    json!({"addressCountry": "'Norway'", "addressLat": null, "addressLng": 1}),
                    Some(vec![(5, text("Norway")), (6, Value::Null), (7, Value::Float(1.0))]),
                ),
                (json!({"addressCountry": "Norway"}), None),
            ],
        );
    }
}
