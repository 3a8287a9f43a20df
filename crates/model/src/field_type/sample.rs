//! Fields and cases for the tests of field types.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{FieldType, ParsedParts, WriteMode};
use crate::{Field, Owner, SelectOption, Value, ValueErrorCode};

/// A nullable field of this type, named `sample`, with the options `LOW` and `HIGH`.
pub(super) fn field(field_type: FieldType) -> Field {
    Field {
        id: Uuid::nil(),
        universal_id: Uuid::nil(),
        name: "sample".into(),
        label: "Sample".into(),
        description: None,
        icon: None,
        field_type,
        owner: Owner::Workspace,
        is_active: true,
        is_system: false,
        is_ui_editable: true,
        is_nullable: true,
        is_label_synced_with_name: false,
        overrides: serde_json::Map::new(),
        default_value: Json::Null,
        options: ["LOW", "HIGH"].map(option).into(),
        settings: Json::Null,
        relation: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn option(value: &str) -> SelectOption {
    SelectOption { id: Uuid::nil(), value: value.into(), label: value.into(), position: 0.0, color: None }
}

/// A `Value::Text`.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A `Value::TextList`.
pub(super) fn texts(texts: &[&str]) -> Value {
    Value::TextList(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// A `Value::Json`.
pub(super) fn json_text(value: &Json) -> Value {
    Value::Json(value.to_string())
}

/// Checks that a field of a simple type stores each value as told, and refuses where it is `None`.
#[track_caller]
pub(super) fn assert_stores<const N: usize>(field: &Field, cases: [(Json, Option<Value>); N]) {
    for (value, expected) in cases {
        let stored = field.parse(&value, WriteMode::Update).ok();
        assert_eq!(stored, expected.map(|value| vec![(0, value)]), "{value}");
    }
}

/// Checks what each update of a composite writes, or the code that it is refused with.
#[track_caller]
pub(super) fn assert_updates<const N: usize>(
    field: &Field,
    cases: [(Json, Result<ParsedParts, ValueErrorCode>); N],
) {
    for (value, expected) in cases {
        let written = field.parse(&value, WriteMode::Update).map_err(|error| error.code);
        assert_eq!(written, expected, "{value}");
    }
}

/// Checks what each default gives, or that it is refused where it is `None`.
#[track_caller]
pub(super) fn assert_defaults<const N: usize>(field: &Field, cases: [(Json, Option<ParsedParts>); N]) {
    for (default, expected) in cases {
        let parsed = (field.field_type.spec().parse_default)(field, &default).ok();
        assert_eq!(parsed, expected, "{default}");
    }
}

/// Shorthand for a refusal that has no code of its own.
pub(super) fn refused() -> Result<ParsedParts, ValueErrorCode> {
    Err(ValueErrorCode::InvalidArgsData)
}
