//! What a client gave for one record, read by the fields' types.

use fourfold_model::{DataModel, Field, FieldType, NameError, Object, RecordId, Value, WriteMode};
use serde_json::Value as Json;

use super::connect::{self, Connect};
use super::{RowValue, invalid_data};
use crate::Actor;
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::RecordData;

/// What a client gave, by field.
pub(in crate::plan) struct Given(Vec<(String, Vec<(usize, RowValue)>)>);

impl Given {
    pub(super) fn take(&mut self, field: &Field) -> Vec<(usize, RowValue)> {
        self.take_named(&field.name)
    }

    pub(super) fn take_named(&mut self, name: &str) -> Vec<(usize, RowValue)> {
        let place = self.0.iter().position(|(given, _)| given == name);
        place.map(|place| self.0.swap_remove(place).1).unwrap_or_default()
    }

    /// The value for a column of the object's table.
    pub(in crate::plan) fn column(&self, object: &Object, column: &str) -> Option<&RowValue> {
        self.0.iter().find_map(|(name, parts)| {
            let field = object.fields.get(name)?;
            let spec = field.field_type.spec();
            let found = parts.iter().find(|(part, _)| field.column_name(&spec.parts[*part]) == column);
            found.map(|(_, value)| value)
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, parts)| given == name && !parts.is_empty())
    }

    pub(super) fn replace(&mut self, name: &str, parts: Vec<(usize, RowValue)>) {
        self.take_named(name);
        self.0.push((name.to_owned(), parts));
    }
}

pub(in crate::plan) fn read_data(
    model: &DataModel,
    object: &Object,
    data: &RecordData,
    mode: WriteMode,
    connects: &mut Vec<Connect>,
) -> Result<Given, PlanError> {
    let mut given = Given(Vec::with_capacity(data.len()));
    for (name, value) in data {
        if name == "id" && mode == WriteMode::Create && !value.is_null() {
            check_id(value)?;
        }
        let joined = object.field_by_join_column(name);
        let Some(field) = joined.or_else(|| object.fields.get(name)) else {
            return Err(invalid_data(unknown_field(object, name)));
        };
        if field.is_to_many() {
            let message = format!("{name} is a list of records; write the relation on their side");
            return Err(invalid_data(message));
        }
        let parts = if joined.is_none() && field.is_to_one() {
            if data.contains_key(&fourfold_model::inflection::join_column(field)) {
                let message = format!("{name} and {name}Id cannot both be given");
                return Err(PlanError::new(PlanErrorCode::InvalidConnect, message));
            }
            connect::plan(model, field, value, connects)?
        } else {
            let parsed = field.parse(value, mode)?;
            parsed.into_iter().map(|(part, value)| (part, row_value(field, value))).collect()
        };
        given.0.push((field.name.clone(), parts));
    }
    Ok(given)
}

/// The words that a position may be, which only the database can turn into numbers.
fn row_value(field: &Field, value: Value) -> RowValue {
    match (field.field_type, &value) {
        (FieldType::Position, Value::Text(word)) if word == "first" => RowValue::FirstPosition,
        (FieldType::Position, Value::Text(_)) => RowValue::LastPosition,
        _ => RowValue::Known(value),
    }
}

fn check_id(value: &Json) -> Result<(), PlanError> {
    if value.as_str().and_then(RecordId::parse).is_some() {
        return Ok(());
    }
    let error = fourfold_model::ValueError::invalid("id", value, "a UUID");
    Err(PlanError::new(PlanErrorCode::InvalidId, error.message))
}

/// Who made the record: the caller, unless the data names somebody; a source alone is kept
/// (`rest-core.md` 7.9). Who changed it last is always the caller.
pub(super) fn stamp_creation(object: &Object, given: &mut Given, actor: &Actor) {
    given.replace("updatedBy", actor_parts(actor));
    if !object.fields.contains_key("createdBy") {
        return;
    }
    let sent = given.take_named("createdBy");
    let is_empty = |value: &RowValue| match value {
        RowValue::Known(Value::Text(text)) => text.is_empty(),
        value => *value == RowValue::Known(Value::Null),
    };
    let filled = |place: usize| sent.iter().find(|(part, value)| *part == place && !is_empty(value));
    if filled(NAME_PART).is_some() {
        return given.replace("createdBy", sent);
    }
    let mut parts = actor_parts(actor);
    if let Some((_, source)) = filled(SOURCE_PART) {
        parts[SOURCE_PART].1 = source.clone();
    }
    given.replace("createdBy", parts);
}

/// The places of `source` and `name` among the parts of an `ACTOR`.
const SOURCE_PART: usize = 0;
const NAME_PART: usize = 2;

pub(super) fn actor_parts(actor: &Actor) -> Vec<(usize, RowValue)> {
    let part_value = |name: &str| match name {
        "source" => Value::Text(actor.source.into()),
        "workspaceMemberId" => actor.workspace_member_id.map_or(Value::Null, Value::Uuid),
        "name" => Value::Text(actor.name.clone()),
        _ => Value::Json("{}".into()),
    };
    let parts = FieldType::Actor.spec().parts.iter().enumerate();
    parts.map(|(place, part)| (place, RowValue::Known(part_value(part.name)))).collect()
}

fn unknown_field(object: &Object, name: &str) -> String {
    match fourfold_model::parse_name(name) {
        Err(NameError::TooLong(_)) => format!("{} has no field of so long a name", object.name_singular),
        _ => format!("{} has no field {name}", object.name_singular),
    }
}
