//! Several records become one: whose values win, and which records refer to those that go.

use std::sync::Arc;

use fourfold_model::{DataModel, Field, Object, RecordId, Scalar, Value};
use jiff::Timestamp;
use uuid::Uuid;

use super::{FilledColumn, filled};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::Merge;
use crate::sort_key::key_of;
use crate::sql::CellKind;

/// How many records may become one (`rest-core.md` 6.10).
const RECORDS: std::ops::RangeInclusive<usize> = 2..=9;

/// Records that become one.
#[derive(Debug)]
pub struct MergedRecords {
    object: Arc<Object>,
    /// In the order in which they were named.
    ids: Vec<Uuid>,
    survivor: usize,
    is_dry_run: bool,
    now: Timestamp,
    /// What points at records of the object: table and join column.
    pub(crate) referring: Vec<(String, String)>,
}

impl MergedRecords {
    pub(super) fn plan(
        model: &DataModel,
        object: &Arc<Object>,
        merge: &Merge,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        let refused = |message: String| Err(PlanError::new(PlanErrorCode::InvalidMerge, message));
        if object.duplicate_criteria.is_none() {
            let name = &object.name_plural;
            return refused(format!("{name} cannot be merged, since nothing tells which are duplicates"));
        }
        let count = merge.ids.len();
        if !RECORDS.contains(&count) {
            let (fewest, most) = (RECORDS.start(), RECORDS.end());
            return refused(format!("ids: a merge takes {fewest} to {most} records, not {count}"));
        }
        if count <= merge.survivor {
            let message =
                format!("conflictPriorityIndex: {} is no place among {count} ids, from 0", merge.survivor);
            return refused(message);
        }
        let ids: Vec<Uuid> = merge.ids.iter().map(|id| (*id).into()).collect();
        if let Some(place) = (1..count).find(|place| ids[..*place].contains(&ids[*place])) {
            return refused(format!("ids: {} stands there twice", ids[place]));
        }
        Ok(Self {
            object: Arc::clone(object),
            ids,
            survivor: merge.survivor,
            is_dry_run: merge.dry_run,
            now,
            referring: referring(model, object),
        })
    }

    /// The ids of all records, in the order in which they were named.
    pub fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    /// The id of the record that stays.
    pub fn survivor(&self) -> Uuid {
        self.ids[self.survivor]
    }

    /// The ids of the records that go.
    pub(crate) fn losers(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.ids.iter().copied().filter(|id| *id != self.survivor())
    }

    /// Whether nothing changes.
    pub fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// The columns of a record's values.
    pub(crate) fn columns(&self) -> impl Iterator<Item = FilledColumn> + '_ {
        value_columns(&self.object)
    }

    /// What each of these columns holds.
    pub fn scalars(&self) -> Vec<Scalar> {
        let parts = self.object.fields.values().flat_map(Field::columns);
        parts.map(|(part, _)| part.scalar).collect()
    }

    /// The values of the one record, of those of all in the order of the ids; each has a value for every
    /// column. System fields are those of the record that stays, but for its last change. A dry run shows a
    /// record that nobody finds: with an id of its own, and deleted.
    pub fn merge(&self, records: &[Vec<Value>]) -> Vec<Value> {
        let mut merged = Vec::new();
        for field in self.object.fields.values() {
            let start = merged.len();
            let end = start + field.columns().count();
            let values: Vec<&[Value]> = records.iter().map(|record| &record[start..end]).collect();
            match (field.is_system, field.name.as_str()) {
                (true, "updatedAt") => merged.push(Value::DateTime(self.now)),
                (true, "deletedAt") if self.is_dry_run => merged.push(Value::DateTime(self.now)),
                (true, "id") if self.is_dry_run => {
                    merged.push(Value::Uuid(RecordId::generate(self.now).into()));
                }
                (true, _) => merged.extend_from_slice(values[self.survivor]),
                (false, _) if field.is_to_many() => {}
                (false, _) => merged.extend(field.merge(&values, self.survivor)),
            }
        }
        merged
    }

    /// The columns that the record that stays gets, with their values of [`Self::merge`].
    pub(crate) fn assignments(&self, merged: &[Value]) -> Vec<(FilledColumn, Value)> {
        let parts = self
            .object
            .fields
            .values()
            .flat_map(|field| field.columns().map(move |(part, name)| (field, part, name)));
        let set = parts.zip(merged).filter(|((field, ..), _)| !field.is_system || field.name == "updatedAt");
        let assignments = set.flat_map(|((field, part, name), value)| {
            let value = match value {
                // What pointed at a record that goes points at the one that stays.
                Value::Uuid(id) if field.is_to_one() && self.ids.contains(id) => Value::Uuid(self.survivor()),
                value => value.clone(),
            };
            let key = key_of(&value);
            filled(name, part).zip([value, key])
        });
        assignments.collect()
    }
}

/// The columns of an object's values, in the order of its fields and their parts.
pub(in crate::plan) fn value_columns(object: &Object) -> impl Iterator<Item = FilledColumn> + '_ {
    object.fields.values().flat_map(|field| {
        field.columns().map(|(part, name)| FilledColumn { name, kind: CellKind::Scalar(part.scalar) })
    })
}

/// The join columns of all objects that point at records of `object`.
fn referring(model: &DataModel, object: &Object) -> Vec<(String, String)> {
    let columns = model.objects().iter().flat_map(|other| {
        let points_here = |field: &&Field| {
            field.is_to_one()
                && field.relation.as_ref().is_some_and(|relation| relation.target_object == object.id)
        };
        let fields = other.fields.values().filter(points_here);
        fields.flat_map(|field| field.columns().map(|(_, column)| (other.name_singular.clone(), column)))
    });
    columns.collect()
}
