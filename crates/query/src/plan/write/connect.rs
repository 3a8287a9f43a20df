//! Relations given by a unique field of the related record: `{"connect": {"where": {…}}}`.

use std::collections::{BTreeMap, BTreeSet};

use fourfold_model::{DataModel, Field, Object, Value, WriteMode};
use serde_json::{Map, Value as Json};

use super::{FilledColumn, RowValue, invalid_data};
use crate::error::{PlanError, PlanErrorCode};
use crate::sql::CellKind;

/// A related record to find before the write: exactly one live record must have these values.
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// The relation, for messages.
    pub field: String,
    pub(crate) table: String,
    /// A unique key of the table.
    pub(crate) columns: Vec<FilledColumn>,
    /// Its values.
    pub(crate) key: Vec<Value>,
}

/// The join column's value for a relation that is written by its name.
pub(super) fn plan(
    model: &DataModel,
    field: &Field,
    value: &Json,
    connects: &mut Vec<Connect>,
) -> Result<Vec<(usize, RowValue)>, PlanError> {
    let name = &field.name;
    let members = value.as_object().filter(|members| {
        !members.is_empty() && members.keys().all(|key| key == "connect" || key == "disconnect")
    });
    let Some(members) = members else {
        let message = format!(
            "{name} takes {{\"connect\": {{\"where\": …}}}} or {{\"disconnect\": true}}; {name}Id takes an id"
        );
        return Err(invalid_data(message));
    };
    match (members.get("connect"), members.get("disconnect")) {
        (Some(_), Some(_)) => Err(refused(format!("{name}: connect and disconnect exclude each other"))),
        (None, Some(Json::Bool(true))) => Ok(vec![(0, RowValue::Known(Value::Null))]),
        (None, Some(Json::Bool(false))) => Ok(Vec::new()),
        (None, _) => Err(invalid_data(format!("{name}: disconnect takes true"))),
        (Some(connect), None) => {
            let Some(opposite) = model.opposite(field) else {
                return Err(refused(format!("{name} leads nowhere")));
            };
            let Some(wanted) = connect.get("where").and_then(Json::as_object) else {
                return Err(refused(format!("{name}: connect needs \"where\" with a unique field")));
            };
            let (columns, key) = unique_key(opposite.object, name, wanted)?;
            let table = opposite.object.name_singular.clone();
            connects.push(Connect { field: name.clone(), table, columns, key });
            Ok(vec![(0, RowValue::Connected(connects.len() - 1))])
        }
    }
}

/// The columns and values of `wanted`, which must be exactly one unique key of the object.
fn unique_key(
    object: &Object,
    relation: &str,
    wanted: &Map<String, Json>,
) -> Result<(Vec<FilledColumn>, Vec<Value>), PlanError> {
    // In the order of their names, so that keys of the same columns are alike.
    let mut key = BTreeMap::new();
    for (name, value) in wanted {
        let field = object.field_by_join_column(name).or_else(|| object.fields.get(name));
        let Some(field) = field.filter(|field| !field.is_to_many()) else {
            return Err(refused(format!("{relation}: {} has no field {name}", object.name_singular)));
        };
        let parts = field.field_type.spec().parts;
        let is_composite = field.field_type.spec().is_composite();
        for (part, value) in field.parse(value, WriteMode::Create)? {
            let given = !is_composite || parts[part].in_unique_key;
            if given && value != Value::Null {
                let part = &parts[part];
                key.insert(field.column_name(part), (CellKind::Scalar(part.scalar), value));
            }
        }
    }
    let columns: BTreeSet<&str> = key.keys().map(String::as_str).collect();
    let is_id = columns.len() == 1 && columns.contains("id");
    let mut unique = object.indexes.iter().filter(|index| index.is_unique && !index.live_only);
    let is_unique = is_id
        || unique.any(|index| {
            let covered = object.index_columns(index);
            covered.iter().map(String::as_str).collect::<BTreeSet<_>>() == columns
        });
    if is_unique {
        let filled = |(name, (kind, value))| (FilledColumn { name, kind }, value);
        return Ok(key.into_iter().map(filled).unzip());
    }
    let message =
        format!("{relation}: \"where\" must give all of one unique key of {}", object.name_singular);
    Err(refused(message))
}

/// All records of one request must find a relation by the same key, so that one lookup serves them.
pub(super) fn require_one_key(connects: &[Connect]) -> Result<(), PlanError> {
    for (place, connect) in connects.iter().enumerate() {
        let before = connects[..place].iter().find(|before| before.field == connect.field);
        if before.is_some_and(|before| before.columns != connect.columns) {
            let message =
                format!("{}: all records of one request must connect by the same key", connect.field);
            return Err(refused(message));
        }
    }
    Ok(())
}

fn refused(message: String) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidConnect, message)
}
