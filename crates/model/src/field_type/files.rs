//! `FILES`: a list of uploaded files, each with a label.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, composite, nullable, quoted};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "FILES",
    parts: &[Part::new("", Scalar::Json)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_none,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, |path, value| parse_files(field, path, value))
}

/// Reads a list of `{fileId, label}`, or a string that holds one as JSON. The empty list is null;
/// others are refused, since this version stores no files that they could name.
fn parse_files(field: &Field, path: &str, value: &Json) -> Result<Value, ValueError> {
    let files = composite::entries(path, value, &["fileId", "label"])?;
    if files.is_empty() {
        return Ok(Value::Null);
    }
    if let Some(limit) = field.settings["maxNumberOfValues"].as_u64()
        && limit < files.len() as u64
    {
        return Err(ValueError::invalid(path, value, &format!("at most {limit} files")));
    }
    for file in &files {
        if !is_file_id(file.get("fileId")) || !file.get("label").is_some_and(Json::is_string) {
            let expected = "objects of fileId, a UUID of version 4, and label, a string";
            return Err(ValueError::invalid(path, value, expected));
        }
    }
    Err(ValueError::invalid(
        path,
        value,
        "files that were uploaded for this field; no such file was uploaded",
    ))
}

fn is_file_id(id: Option<&Json>) -> bool {
    let id = id.and_then(Json::as_str).and_then(crate::RecordId::parse).map(Uuid::from);
    id.is_some_and(|id| id.get_version_num() == 4)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_stores, field},
    };

    #[test]
    fn refusals_say_what_is_wrong() {
        let mut field = field(FieldType::Files);
        field.settings = json!({"maxNumberOfValues": 1});
        let file = json!({"fileId": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11", "label": "Plan"});
        for (value, problem) in [
            (json!([file]), "no such file was uploaded"),
            (json!(json!([file]).to_string()), "no such file was uploaded"),
            (json!([file, file]), "at most 1 files"),
            (json!([{"fileId": "7d0c3a2e-5a41-7c7b-9f0a-3f6f0c1d2e11", "label": "Plan"}]), "version 4"),
            (json!([{"fileId": file["fileId"]}]), "label, a string"),
            (json!([{"fileId": file["fileId"], "label": 7}]), "label, a string"),
            (
                json!([{"fileId": file["fileId"], "label": "Plan", "extension": "pdf"}]),
                "objects of fileId, label",
            ),
            (json!(["7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"]), "objects of fileId, label"),
            (json!({}), "a list"),
            (json!("plan.pdf"), "a list"),
            (json!(7), "a list"),
        ] {
            let error = field.parse(&value, WriteMode::Create).unwrap_err();
            assert!(error.message.contains(problem), "{value}: {}", error.message);
        }
    }

    #[test]
    fn no_files_are_null() {
        let field = field(FieldType::Files);
        assert_stores(
            &field,
            [
                (json!([]), Some(Value::Null)),
                (json!("[]"), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
            ],
        );
        assert_defaults(&field, [(json!([]), None)]);
    }
}
