//! The rows that hold a data model, and the tables beside those of the objects.
//!
//! An object is one row with its definition as JSON, each of its fields another; `place` keeps their
//! order. The names of these tables start with an underscore, which no object's name can.

use std::sync::Arc;

use fourfold_model::{DataModel, Field, Object, Value};
use fourfold_query::sql::{MODEL_TABLE, SqlTarget, SqlWriter, Statement};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::{Basis, Row, Store, StoreError};

/// The scripts that a workspace's database has seen, in order. A script that was released is never
/// changed.
pub(crate) const MIGRATIONS: &[&str] = &["
CREATE TABLE _model (version {integer} NOT NULL){options};
INSERT INTO _model (version) VALUES (0);
CREATE TABLE _object (
    id {uuid} PRIMARY KEY NOT NULL,
    nameSingular TEXT NOT NULL,
    place {integer} NOT NULL,
    definition {json} NOT NULL
){options};
CREATE UNIQUE INDEX _object_name ON _object (lower(nameSingular));
CREATE TABLE _field (
    id {uuid} PRIMARY KEY NOT NULL,
    objectId {uuid} NOT NULL REFERENCES _object (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    place {integer} NOT NULL,
    definition {json} NOT NULL
){options};
CREATE UNIQUE INDEX _field_name ON _field (objectId, lower(name));
CREATE TABLE _answer (
    id {uuid} NOT NULL,
    place {integer} NOT NULL,
    request TEXT NOT NULL,
    answer TEXT,
    tag TEXT,
    expiresAt {time} NOT NULL,
    PRIMARY KEY (id, place)
){options};
CREATE INDEX _answer_expiry ON _answer (expiresAt);
"];

/// What a request relies on that was planned on `version` of the model. The version is 0 before the
/// first objects.
pub(crate) fn basis(target: &SqlTarget, version: u64) -> Basis {
    let mut sql = SqlWriter::new(target);
    sql.raw("SELECT version FROM ").table(MODEL_TABLE);
    Basis { current: sql.statement(), version: version_column(version) }
}

/// The version of the model in force.
pub(super) async fn current_version(store: &Store) -> Result<u64, StoreError> {
    Ok(version_of(&store.rows(basis(store.target(), 0).current).await?))
}

fn version_of(rows: &[Row]) -> u64 {
    rows.first().and_then(|row| u64::try_from(row.integer(0)).ok()).unwrap_or_default()
}

/// The model in the database, in one snapshot.
pub(super) async fn load(store: &Store) -> Result<DataModel, StoreError> {
    // One statement, since each is a snapshot of its own: version, object, field of it.
    let mut sql = SqlWriter::new(store.target());
    sql.raw("SELECT m.version, o.id, o.definition, f.definition FROM ").table(MODEL_TABLE);
    sql.raw(" AS m LEFT JOIN ").table("_object").raw(" AS o ON TRUE LEFT JOIN ").table("_field");
    sql.raw(" AS f ON f.objectId = o.id ORDER BY o.place, o.id, f.place");
    let rows = store.rows(sql.statement()).await?;
    let mut objects: IndexMap<Uuid, Object> = IndexMap::new();
    for row in &rows {
        let (Some(id), Some(definition)) = (row.optional_id(1), row.optional_text(2)) else { continue };
        if !objects.contains_key(&id) {
            objects.insert(id, parse(definition)?);
        }
        let (Some(object), Some(field)) = (objects.get_mut(&id), row.optional_text(3)) else { continue };
        let field: Field = parse(field)?;
        object.fields.insert(field.name.clone(), field);
    }
    Ok(DataModel::new(version_of(&rows), objects.into_values().map(Arc::new).collect()))
}

fn parse<T: DeserializeOwned>(definition: &str) -> Result<T, StoreError> {
    serde_json::from_str(definition)
        .map_err(|error| StoreError::Other(format!("a definition in the data model: {error}")))
}

/// The statements that write what `after` has and `before` had not, remove the rest, and take over the
/// version.
pub(super) fn save(
    target: &SqlTarget,
    before: &DataModel,
    after: &DataModel,
) -> Result<Vec<Statement>, StoreError> {
    let changed = |old: &Arc<Object>| after.object(old.id).is_none_or(|new| !Arc::ptr_eq(old, new));
    // First out, then in: names that one object gives up, another may take.
    let mut statements: Vec<Statement> =
        before.objects().iter().filter(|old| changed(old)).map(|old| delete_object(target, old.id)).collect();
    for (place, new) in after.objects().iter().enumerate() {
        if before.object(new.id).is_some_and(|old| Arc::ptr_eq(old, new)) {
            continue;
        }
        statements.push(insert_object(target, place, new)?);
        for (place, field) in new.fields.values().enumerate() {
            statements.push(insert_field(target, new.id, place, field)?);
        }
    }
    let mut sql = SqlWriter::new(target);
    sql.raw("UPDATE ").table(MODEL_TABLE).raw(" SET version = ");
    sql.bind(Value::Integer(version_column(after.version())));
    statements.push(sql.statement());
    Ok(statements)
}

/// Its fields go with it.
fn delete_object(target: &SqlTarget, id: Uuid) -> Statement {
    let mut sql = SqlWriter::new(target);
    sql.raw("DELETE FROM ").table("_object").raw(" WHERE id = ").bind(Value::Uuid(id));
    sql.statement()
}

fn insert_object(target: &SqlTarget, place: usize, object: &Object) -> Result<Statement, StoreError> {
    let definition = definition(&Object { fields: IndexMap::new(), ..object.clone() })?;
    let name = Value::Text(object.name_singular.clone());
    let values = [Value::Uuid(object.id), name, place_column(place), definition];
    let mut sql = SqlWriter::new(target);
    sql.raw("INSERT INTO ").table("_object").raw(" (id, nameSingular, place, definition) VALUES (");
    sql.separated(", ", values, |sql, value| _ = sql.bind(value)).raw(")");
    Ok(sql.statement())
}

fn insert_field(
    target: &SqlTarget,
    object: Uuid,
    place: usize,
    field: &Field,
) -> Result<Statement, StoreError> {
    let name = Value::Text(field.name.clone());
    let values = [Value::Uuid(field.id), Value::Uuid(object), name, place_column(place), definition(field)?];
    let mut sql = SqlWriter::new(target);
    sql.raw("INSERT INTO ").table("_field").raw(" (id, objectId, name, place, definition) VALUES (");
    sql.separated(", ", values, |sql, value| _ = sql.bind(value)).raw(")");
    Ok(sql.statement())
}

fn definition(entity: &impl serde::Serialize) -> Result<Value, StoreError> {
    let text = serde_json::to_string(entity).map_err(|error| StoreError::Other(error.to_string()))?;
    Ok(Value::Json(text))
}

fn place_column(place: usize) -> Value {
    Value::Integer(i64::try_from(place).unwrap_or(i64::MAX))
}

fn version_column(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
