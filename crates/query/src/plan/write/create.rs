//! New records, and those that an upsert may find in their place.

use fourfold_model::{DataModel, Field, FieldType, Object, Value, WriteMode};
use jiff::Timestamp;
use uuid::Uuid;

use super::connect::{self, Connect};
use super::given::{read_data, stamp_creation};
use super::{FilledColumn, RowValue, assigned, filled, stamp_update, unique_key, with_key};
use crate::Actor;
use crate::error::PlanError;
use crate::operation::RecordData;

/// Records to insert, in input order.
#[derive(Debug)]
pub struct NewRecords {
    pub(crate) columns: Vec<FilledColumn>,
    pub(crate) records: Vec<NewRecord>,
    /// What an upsert finds existing records by; empty for a plain create.
    pub(crate) keys: Vec<UniqueKey>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct NewRecord {
    /// The id that it gets, unless it exists.
    pub(crate) id: Uuid,
    /// Its values, one for each column.
    pub(crate) values: Vec<RowValue>,
    /// What an upsert sets when the record exists, or why it cannot; nothing for a plain create.
    pub(crate) changes: Result<Vec<(FilledColumn, RowValue)>, PlanError>,
    /// Whether the client named the id.
    pub(crate) has_own_id: bool,
}

/// Columns of which no two records have the same values.
#[derive(Debug)]
pub(crate) struct UniqueKey {
    /// Places among the columns of [`NewRecords`].
    pub(crate) columns: Vec<usize>,
    /// Whether records in the trash may have them too.
    pub(crate) live_only: bool,
}

impl NewRecords {
    /// Whether it is one record that nobody looks for first.
    pub(crate) fn is_single(&self) -> bool {
        self.records.len() == 1 && !self.is_upsert()
    }

    /// Whether records may exist already, which are then changed.
    pub fn is_upsert(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The ids that the records get, unless they exist.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.records.iter().map(|record| record.id)
    }
}

/// Plans a create or an upsert.
pub(super) struct Creation<'a> {
    pub(super) model: &'a DataModel,
    pub(super) object: &'a Object,
    pub(super) actor: &'a Actor,
    pub(super) now: Timestamp,
    pub(super) upsert: bool,
}

impl Creation<'_> {
    pub(super) fn plan(
        &self,
        records: &[RecordData],
        connects: &mut Vec<Connect>,
    ) -> Result<NewRecords, PlanError> {
        let stored: Vec<&Field> = self.object.fields.values().filter(|field| is_stored(field)).collect();
        let columns: Vec<FilledColumn> = stored
            .iter()
            .flat_map(|field| field.columns())
            .flat_map(|(part, name)| filled(name, part))
            .collect();
        let planned = records.iter().map(|record| self.record(&stored, record, connects));
        let records = planned.collect::<Result<Vec<_>, PlanError>>()?;
        connect::require_one_key(connects)?;
        for record in &records {
            unique_key::refuse_long(self.object, &|column| {
                Some(&record.values[columns.iter().position(|known| known.name == column)?])
            })?;
        }
        let keys = if self.upsert { unique_keys(self.object, &columns) } else { Vec::new() };
        Ok(NewRecords { columns, records, keys })
    }

    fn record(
        &self,
        stored: &[&Field],
        data: &RecordData,
        connects: &mut Vec<Connect>,
    ) -> Result<NewRecord, PlanError> {
        let mut given = read_data(self.model, self.object, data, WriteMode::Create, connects)?;
        let has_own_id = given.has("id");
        stamp_creation(self.object, &mut given, self.actor);
        let mut id = Uuid::nil();
        let mut values = Vec::new();
        for field in stored {
            let field_values = complete(field, given.take(field), self.now);
            if let (FieldType::Uuid, "id", [RowValue::Known(Value::Uuid(own))]) =
                (field.field_type, field.name.as_str(), field_values.as_slice())
            {
                id = *own;
            }
            let parts = field.field_type.spec().parts.iter();
            values.extend(parts.zip(field_values).flat_map(|(part, value)| with_key(part, value)));
        }
        let changes = if self.upsert { self.changes(data, connects) } else { Ok(Vec::new()) };
        Ok(NewRecord { id, values, changes, has_own_id })
    }

    /// What changes when the record exists: what was given, and it leaves the trash. Who made it stays.
    fn changes(
        &self,
        data: &RecordData,
        connects: &mut Vec<Connect>,
    ) -> Result<Vec<(FilledColumn, RowValue)>, PlanError> {
        let mut given = read_data(self.model, self.object, data, WriteMode::Update, connects)?;
        for kept in ["id", "createdBy"] {
            given.take_named(kept);
        }
        given.replace("deletedAt", vec![(0, RowValue::Known(Value::Null))]);
        stamp_update(&mut given, self.actor, self.now);
        Ok(assigned(self.object, given).collect())
    }
}

/// Whether writes fill the columns of a field.
fn is_stored(field: &Field) -> bool {
    !field.is_to_many() && field.field_type != FieldType::TsVector
}

/// The parts of a new record's field: what was given, else the default. A position is `first`.
fn complete(field: &Field, given: Vec<(usize, RowValue)>, now: Timestamp) -> Vec<RowValue> {
    let mut values: Vec<RowValue> = if field.field_type == FieldType::Position {
        vec![RowValue::FirstPosition]
    } else {
        field.defaults(now).into_iter().map(RowValue::Known).collect()
    };
    for (part, value) in given {
        values[part] = value;
    }
    values
}

/// What an upsert finds records by: the id, and each unique index.
fn unique_keys(object: &Object, columns: &[FilledColumn]) -> Vec<UniqueKey> {
    let places = |names: Vec<String>| -> Option<Vec<usize>> {
        names.iter().map(|name| columns.iter().position(|column| column.name == *name)).collect()
    };
    let id = places(vec!["id".into()]).map(|columns| UniqueKey { columns, live_only: false });
    let of_indexes = object.indexes.iter().filter(|index| index.is_unique).filter_map(|index| {
        let columns = places(object.index_columns(index))?;
        Some(UniqueKey { columns, live_only: index.live_only })
    });
    id.into_iter().chain(of_indexes).filter(|key| !key.columns.is_empty()).collect()
}
