//! `ACTOR`: who or what wrote a record.
//!
//! Which parts of a client's `createdBy` survive is up to the plan; here each part only has to fit.

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode, composite, quoted};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "ACTOR",
    parts: &[
        Part::new("source", Scalar::Option).required(),
        Part::new("workspaceMemberId", Scalar::Uuid),
        Part::new("name", Scalar::Text).null_reads(NullReads::EmptyText).required().secondary(),
        Part::new("context", Scalar::Json).secondary(),
    ],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_composite,
    merge: super::merge::preferred,
};

const SOURCE: usize = 0;

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let parts = composite::parse_parts(field, value, mode)?;
    if field.is_nullable {
        return Ok(parts);
    }
    parts.into_iter().map(|(index, value)| Ok((index, require(field, index, value)?))).collect()
}

/// What a field that is not nullable stores: of its required parts, an empty name can be text.
fn require(field: &Field, index: usize, value: Value) -> Result<Value, ValueError> {
    match value {
        Value::Null if index == SOURCE => {
            let path = format!("{}.source", field.name);
            Err(ValueError::invalid(
                &path,
                &Json::Null,
                &format!("one of {}", field.option_values().join(", ")),
            ))
        }
        Value::Null if SPEC.parts[index].required => Ok(Value::Text(String::new())),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_updates, field, json_text, refused, text},
    };

    const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

    #[test]
    fn parts_are_read_one_by_one() {
        let context = json!({"provider": "google"});
        assert_updates(
            &field(FieldType::Actor),
            [
                (
                    json!({"source": "IMPORT", "workspaceMemberId": ID, "name": "Ana", "context": context}),
                    Ok(vec![
                        (0, text("IMPORT")),
                        (1, Value::Uuid(ID.parse().unwrap())),
                        (2, text("Ana")),
                        (3, json_text(&context)),
                    ]),
                ),
                (json!({"source": "APPLICATION"}), Ok(vec![(0, text("APPLICATION"))])),
                (json!({"source": null, "name": ""}), Ok(vec![(0, Value::Null), (2, Value::Null)])),
                (json!({"context": {}}), Ok(vec![(3, Value::Null)])),
                (json!(null), Ok(vec![])),
                (json!({"source": "DREAM"}), refused()),
                (json!({"source": ""}), refused()),
                (json!({"workspaceMemberId": ""}), refused()),
                (json!({"name": 7}), refused()),
                (json!({"email": "a@b.example"}), refused()),
                (json!("API"), refused()),
            ],
        );
    }

    #[test]
    fn a_field_that_is_not_nullable_needs_a_source() {
        let field = Field { is_nullable: false, ..field(FieldType::Actor) };
        assert_updates(
            &field,
            [
                (json!({"source": null}), refused()),
                (json!({"name": null}), Ok(vec![(2, text(""))])),
                (json!({"workspaceMemberId": null}), Ok(vec![(1, Value::Null)])),
            ],
        );
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Actor),
            [
                (
                    json!({"source": "'MANUAL'", "name": "'System'", "workspaceMemberId": null}),
                    Some(vec![(0, text("MANUAL")), (1, Value::Null), (2, text("System"))]),
                ),
                (json!({"source": "'DREAM'"}), None),
                (json!({"source": "MANUAL"}), None),
            ],
        );
    }
}
