//! Plans writes: names become columns, values are read by their field types, defaults filled in.

mod connect;
mod create;
mod given;
mod merge;
mod unique_key;

use fourfold_model::{DataModel, Object, Part, Scalar, Value, WriteMode};
use jiff::Timestamp;
use uuid::Uuid;

pub use connect::Connect;
pub(crate) use create::NewRecord;
pub use create::NewRecords;
pub(super) use given::read_data;
pub use merge::MergedRecords;
pub(super) use merge::value_columns;

use super::Condition;
use super::condition::ConditionPlanner;
use super::read::unknown_object;
use crate::Actor;
use crate::bind::{Bind, resolve_all};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::{Change, RecordData, Target, Values, Write};
use crate::sort_key::{key_column, key_of};
use crate::sql::{Alias, CellKind};
use given::{Given, actor_parts};

/// A write with all its values; nothing is left to look up but what [`Connect`] names.
#[derive(Debug)]
pub struct PlannedWrite {
    pub(crate) table: String,
    pub(crate) kind: WriteKind,
    /// Relations given by a unique field of the related record, to be found first.
    pub connects: Vec<Connect>,
    /// Which records it is about; none for a create.
    pub target: Option<WriteTarget>,
    /// Related records that go into the trash, and come out, with these: table and join column.
    pub(crate) followers: Vec<(String, String)>,
    /// When it happens.
    pub now: Timestamp,
}

#[derive(Debug)]
pub(crate) enum WriteKind {
    Create(NewRecords),
    Update { assignments: Vec<(FilledColumn, RowValue)> },
    SetDeleted { deleted: bool },
    Destroy,
    Merge(MergedRecords),
}

/// A column that a write fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilledColumn {
    pub(crate) name: String,
    pub(crate) kind: CellKind,
}

/// A value of a write.
#[derive(Clone, Debug, PartialEq)]
pub enum RowValue {
    /// Known now.
    Known(Value),
    /// One less than the smallest position.
    FirstPosition,
    /// One more than the largest position.
    LastPosition,
    /// The id that the connect with this place finds.
    Connected(usize),
}

/// The records that a write is about.
#[derive(Debug)]
pub enum WriteTarget {
    /// The one with this id; none is an error.
    One(Uuid),
    /// All that match.
    Matching(Matching),
}

/// A condition with its values.
#[derive(Debug)]
pub struct Matching {
    pub(crate) condition: Condition,
    pub(crate) values: Values,
}

impl Matching {
    pub(crate) fn resolve(&self, binds: &[Bind]) -> Result<Vec<Value>, PlanError> {
        resolve_all(binds, &self.values, &[])
    }
}

/// Resolves a write against a model, and reads all its values.
///
/// # Errors
/// When a field does not exist or refuses its value, or the object does not take the operation.
pub fn plan_write(
    model: &DataModel,
    write: &Write,
    actor: &Actor,
    now: Timestamp,
) -> Result<PlannedWrite, PlanError> {
    let object = model.by_singular(&write.object).ok_or_else(|| unknown_object(&write.object))?;
    let mut connects = Vec::new();
    let (kind, target) = match &write.change {
        Change::Create { records, upsert } => {
            let creation = create::Creation { model, object, actor, now, upsert: *upsert };
            (WriteKind::Create(creation.plan(records, &mut connects)?), None)
        }
        Change::Update(target, data) => {
            let assignments = plan_update(model, object, target, data, actor, now, &mut connects)?;
            (WriteKind::Update { assignments }, Some(target))
        }
        Change::Delete(target) => (WriteKind::SetDeleted { deleted: true }, Some(target)),
        Change::Restore(target) => (WriteKind::SetDeleted { deleted: false }, Some(target)),
        Change::Destroy(target) => (WriteKind::Destroy, Some(target)),
        Change::Merge(merge) => (WriteKind::Merge(MergedRecords::plan(model, object, merge, now)?), None),
    };
    let target = target.map(|target| plan_target(model, object, target)).transpose()?;
    let followers =
        if matches!(kind, WriteKind::SetDeleted { .. }) { followers(model, object) } else { Vec::new() };
    Ok(PlannedWrite { table: object.name_singular.clone(), kind, connects, target, followers, now })
}

impl PlannedWrite {
    /// The records that a create makes, or an upsert makes or changes.
    pub fn new_records(&self) -> Option<&NewRecords> {
        match &self.kind {
            WriteKind::Create(records) => Some(records),
            _ => None,
        }
    }

    /// The records that a merge makes one of.
    pub fn merged_records(&self) -> Option<&MergedRecords> {
        match &self.kind {
            WriteKind::Merge(records) => Some(records),
            _ => None,
        }
    }

    /// Whether records may exist already, which are then changed.
    pub fn is_upsert(&self) -> bool {
        self.new_records().is_some_and(NewRecords::is_upsert)
    }

    /// The id of the one record that it is about, if it is about one that must exist.
    pub fn only_id(&self) -> Option<Uuid> {
        match self.target {
            Some(WriteTarget::One(id)) => Some(id),
            _ => None,
        }
    }

    /// Whether the records are gone afterwards, so that the answer must be read before.
    pub fn is_destroy(&self) -> bool {
        matches!(self.kind, WriteKind::Destroy)
    }

    /// Whether fields change, which is bounded in how many records it may reach.
    pub fn is_update(&self) -> bool {
        matches!(self.kind, WriteKind::Update { .. })
    }
}

/// Refuses what the record APIs may not do: members come and go with their accounts
/// (`graphql-core.md` 5.8).
///
/// # Errors
/// `MemberDeletion` for a soft delete, `PermissionDenied` for every other change of members but that of
/// one member's fields.
pub fn refuse_member_writes(write: &Write) -> Result<(), PlanError> {
    if write.object != "workspaceMember" || matches!(write.change, Change::Update(Target::One(_), _)) {
        return Ok(());
    }
    let code = match write.change {
        Change::Delete(_) => PlanErrorCode::MemberDeletion,
        _ => PlanErrorCode::PermissionDenied,
    };
    Err(PlanError::new(code, "workspace members are made and removed with their accounts, one by one"))
}

/// Notes and tasks take what links them to other records along into the trash and out of it
/// (`graphql-core.md` 5.8).
fn followers(model: &DataModel, object: &Object) -> Vec<(String, String)> {
    let links = match object.name_singular.as_str() {
        "note" => "noteTargets",
        "task" => "taskTargets",
        _ => return Vec::new(),
    };
    let opposite = object.fields.get(links).and_then(|field| model.opposite(field));
    let follower = opposite.map(|opposite| {
        (opposite.object.name_singular.clone(), super::condition::only_target(opposite.field).column)
    });
    follower.into_iter().collect()
}

fn plan_target(model: &DataModel, object: &Object, target: &Target) -> Result<WriteTarget, PlanError> {
    Ok(match target {
        Target::One(id) => WriteTarget::One((*id).into()),
        Target::Matching(filter, values) => WriteTarget::Matching(Matching {
            condition: match filter {
                Some(filter) => ConditionPlanner::new(model).plan(object, Alias::table(0), filter)?,
                None => Condition::True,
            },
            values: values.clone(),
        }),
    })
}

fn plan_update(
    model: &DataModel,
    object: &Object,
    target: &Target,
    data: &RecordData,
    actor: &Actor,
    now: Timestamp,
    connects: &mut Vec<Connect>,
) -> Result<Vec<(FilledColumn, RowValue)>, PlanError> {
    let mut given = read_data(model, object, data, WriteMode::Update, connects)?;
    refuse_new_id(target, &given.take_named("id"))?;
    stamp_update(&mut given, actor, now);
    let assignments: Vec<_> = assigned(object, given).collect();
    unique_key::refuse_long(object, &|name| {
        assignments.iter().find(|(column, _)| column.name == name).map(|(_, value)| value)
    })?;
    Ok(assignments)
}

/// Who changed a record last is always the caller.
fn stamp_update(given: &mut Given, actor: &Actor, now: Timestamp) {
    given.replace("updatedBy", actor_parts(actor));
    if !given.has("updatedAt") {
        given.replace("updatedAt", vec![(0, RowValue::Known(Value::DateTime(now)))]);
    }
}

/// The columns that are set, with their values.
fn assigned(object: &Object, mut given: Given) -> impl Iterator<Item = (FilledColumn, RowValue)> + '_ {
    object.fields.values().flat_map(move |field| {
        let parts = given.take(field).into_iter();
        parts.flat_map(move |(part, value)| {
            let part = &field.field_type.spec().parts[part];
            filled(field.column_name(part), part).zip(with_key(part, value))
        })
    })
}

/// The column of a part, and behind it, for text, that with its key.
fn filled(name: String, part: &Part) -> impl Iterator<Item = FilledColumn> {
    let key = FilledColumn { name: key_column(&name), kind: CellKind::Bytes };
    let column = FilledColumn { name, kind: CellKind::Scalar(part.scalar) };
    std::iter::once(column).chain((part.scalar == Scalar::Text).then_some(key))
}

/// The value of a part's column, and behind it, for text, that of the column with its key.
fn with_key(part: &Part, value: RowValue) -> impl Iterator<Item = RowValue> {
    let key = match (part.scalar, &value) {
        (Scalar::Text, RowValue::Known(value)) => Some(RowValue::Known(key_of(value))),
        _ => None,
    };
    std::iter::once(value).chain(key)
}

/// A record keeps its id; sending the same one again does no harm, as some clients do.
fn refuse_new_id(target: &Target, id: &[(usize, RowValue)]) -> Result<(), PlanError> {
    match (id, target) {
        ([], _) => Ok(()),
        ([(_, RowValue::Known(Value::Uuid(id)))], Target::One(own)) if Uuid::from(*own) == *id => Ok(()),
        _ => Err(invalid_data("id: a record keeps the id that it was created with")),
    }
}

fn invalid_data(message: impl Into<String>) -> PlanError {
    let code = PlanErrorCode::Value(fourfold_model::ValueErrorCode::InvalidArgsData);
    PlanError::new(code, message)
}
