//! Plans writes: names become columns, values are read by their field types, defaults filled in.

mod connect;
mod unique_key;

use fourfold_model::{
    DataModel, Field, FieldType, NameError, Object, Part, RecordId, Scalar, Value, WriteMode,
};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use connect::Connect;

use super::Condition;
use super::condition::ConditionPlanner;
use super::read::unknown_object;
use crate::Actor;
use crate::bind::{Bind, resolve_all};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::{Change, RecordData, Target, Values, Write};
use crate::sort_key::{key_column, key_of};
use crate::sql::Alias;
use crate::sql::ddl::table_columns_of;

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
    Create { columns: Vec<String>, rows: Vec<Row> },
    Update { assignments: Vec<(String, RowValue)> },
    SetDeleted { deleted: bool },
    Destroy,
}

/// The values of one new record, one for each column.
#[derive(Debug)]
pub(crate) struct Row {
    /// The record's id.
    pub(crate) id: Uuid,
    pub(crate) values: Vec<RowValue>,
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
        resolve_all(binds, &self.values)
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
        Change::Create(records) => (plan_create(model, object, records, actor, now, &mut connects)?, None),
        Change::Update(target, data) => {
            let assignments = plan_update(model, object, target, data, actor, now, &mut connects)?;
            (WriteKind::Update { assignments }, Some(target))
        }
        Change::Delete(target) => (WriteKind::SetDeleted { deleted: true }, Some(target)),
        Change::Restore(target) => (WriteKind::SetDeleted { deleted: false }, Some(target)),
        Change::Destroy(target) => (WriteKind::Destroy, Some(target)),
    };
    let target = target.map(|target| plan_target(model, object, target)).transpose()?;
    let followers =
        if matches!(kind, WriteKind::SetDeleted { .. }) { followers(model, object) } else { Vec::new() };
    Ok(PlannedWrite { table: object.name_singular.clone(), kind, connects, target, followers, now })
}

impl PlannedWrite {
    /// The ids of the records that a create makes, in input order.
    pub fn created_ids(&self) -> Option<Vec<Uuid>> {
        match &self.kind {
            WriteKind::Create { rows, .. } => Some(rows.iter().map(|row| row.id).collect()),
            _ => None,
        }
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

fn plan_create(
    model: &DataModel,
    object: &Object,
    records: &[RecordData],
    actor: &Actor,
    now: Timestamp,
    connects: &mut Vec<Connect>,
) -> Result<WriteKind, PlanError> {
    let stored: Vec<&Field> = object.fields.values().filter(|field| !field.is_to_many()).collect();
    let columns = stored.iter().flat_map(|field| table_columns_of(field)).map(|column| column.name).collect();
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let mut given = read_data(model, object, record, WriteMode::Create, connects)?;
        stamp_creation(object, &mut given, record, actor);
        let mut id = Uuid::nil();
        let mut values = Vec::new();
        for field in &stored {
            let field_values = complete(field, given.take(field), now);
            if let (FieldType::Uuid, "id", [RowValue::Known(Value::Uuid(own))]) =
                (field.field_type, field.name.as_str(), field_values.as_slice())
            {
                id = *own;
            }
            let parts = field.field_type.spec().parts.iter();
            values.extend(parts.zip(field_values).flat_map(|(part, value)| with_key(part, value)));
        }
        rows.push(Row { id, values });
    }
    connect::require_one_key(connects)?;
    let columns: Vec<String> = columns;
    for row in &rows {
        unique_key::refuse_long(object, &|column| {
            Some(&row.values[columns.iter().position(|name| name == column)?])
        })?;
    }
    Ok(WriteKind::Create { columns, rows })
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

fn plan_update(
    model: &DataModel,
    object: &Object,
    target: &Target,
    data: &RecordData,
    actor: &Actor,
    now: Timestamp,
    connects: &mut Vec<Connect>,
) -> Result<Vec<(String, RowValue)>, PlanError> {
    let mut given = read_data(model, object, data, WriteMode::Update, connects)?;
    refuse_new_id(target, &given.take_named("id"))?;
    given.replace("updatedBy", actor_parts(actor));
    if !given.has("updatedAt") {
        given.replace("updatedAt", vec![(0, RowValue::Known(Value::DateTime(now)))]);
    }
    let mut assignments = Vec::new();
    for field in object.fields.values() {
        for (part, value) in given.take(field) {
            let part = &field.field_type.spec().parts[part];
            let column = field.column_name(part);
            let names = [column.clone(), key_column(&column)];
            assignments.extend(names.into_iter().zip(with_key(part, value)));
        }
    }
    unique_key::refuse_long(object, &|column| {
        assignments.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    })?;
    Ok(assignments)
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

/// What a client gave, by field.
struct Given(Vec<(String, Vec<(usize, RowValue)>)>);

impl Given {
    fn take(&mut self, field: &Field) -> Vec<(usize, RowValue)> {
        self.take_named(&field.name)
    }

    fn take_named(&mut self, name: &str) -> Vec<(usize, RowValue)> {
        let place = self.0.iter().position(|(given, _)| given == name);
        place.map(|place| self.0.swap_remove(place).1).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, parts)| given == name && !parts.is_empty())
    }

    fn replace(&mut self, name: &str, parts: Vec<(usize, RowValue)>) {
        self.take_named(name);
        self.0.push((name.to_owned(), parts));
    }
}

fn read_data(
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
fn stamp_creation(object: &Object, given: &mut Given, record: &Map<String, Json>, actor: &Actor) {
    given.replace("updatedBy", actor_parts(actor));
    if !object.fields.contains_key("createdBy") {
        return;
    }
    let sent = record.get("createdBy").and_then(Json::as_object);
    let has_name =
        sent.and_then(|sent| sent.get("name")).and_then(Json::as_str).is_some_and(|name| !name.is_empty());
    if has_name {
        return;
    }
    let mut parts = actor_parts(actor);
    let source = given.take_named("createdBy").into_iter().find(|(part, _)| *part == SOURCE_PART);
    if let Some((_, source)) = source.filter(|(_, source)| *source != RowValue::Known(Value::Null)) {
        parts[SOURCE_PART].1 = source;
    }
    given.replace("createdBy", parts);
}

/// The place of `source` among the parts of an `ACTOR`.
const SOURCE_PART: usize = 0;

fn actor_parts(actor: &Actor) -> Vec<(usize, RowValue)> {
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

fn invalid_data(message: impl Into<String>) -> PlanError {
    let code = PlanErrorCode::Value(fourfold_model::ValueErrorCode::InvalidArgsData);
    PlanError::new(code, message)
}
