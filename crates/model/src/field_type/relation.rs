//! `RELATION` and `MORPH_RELATION`: the id of another record, in the join column of the to-one side.
//!
//! `connect` and `disconnect` are not values of the field; the plan reads them.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "RELATION",
    parts: &[Part::new("", Scalar::Uuid)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_none,
    merge: super::merge::preferred,
};

pub(super) static MORPH_SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "MORPH_RELATION",
    parts: &[Part::new("", Scalar::Uuid)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_none,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    if field.is_to_many() {
        let expected = "no value: the records on the other side hold the relation";
        return Err(ValueError::invalid(&field.name, value, expected));
    }
    nullable::parse(field, value, mode, scalar_value::uuid)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        FieldType, OnDelete, Relation, RelationKind, Value,
        field_type::sample::{assert_defaults, assert_stores, field},
    };

    const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

    fn relation(field_type: FieldType, kind: RelationKind) -> Field {
        let relation = Relation { kind, target_object: Uuid::nil(), target_field: Uuid::nil(), morph: None };
        Field { relation: Some(relation), ..field(field_type) }
    }

    #[test]
    fn the_join_column_takes_an_id() {
        for field_type in [FieldType::Relation, FieldType::MorphRelation] {
            let field = relation(field_type, RelationKind::ManyToOne { on_delete: OnDelete::SetNull });
            assert_stores(
                &field,
                [
                    (json!(ID), Some(Value::Uuid(ID.parse().unwrap()))),
                    (Json::Null, Some(Value::Null)),
                    (json!(""), None),
                    (json!("one"), None),
                    (json!({"connect": {"where": {"id": ID}}}), None),
                ],
            );
            assert_defaults(&field, [(json!(format!("'{ID}'")), None), (json!("uuid"), None)]);
            let error = field.parse(&json!("one"), WriteMode::Create).unwrap_err();
            assert!(error.message.starts_with("sampleId does not accept"), "{}", error.message);
        }
    }

    #[test]
    fn the_to_many_side_takes_nothing() {
        let field = relation(FieldType::Relation, RelationKind::OneToMany);
        assert_stores(&field, [(json!(ID), None), (json!([ID]), None), (Json::Null, None)]);
    }
}
