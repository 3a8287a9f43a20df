//! The rows that hold a data model.
//!
//! An object is one row with its definition as JSON, each of its fields another; `place` keeps their
//! order. The names of these tables start with an underscore, which no object's name can.

use std::sync::Arc;

use fourfold_model::{DataModel, Field, Object, Value};
use fourfold_query::sql::{Dialect, SqlWriter, Statement};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::{Row, Store, StoreError, Transaction};

/// The scripts that a workspace's database has seen, in order. A script that was released is never
/// changed.
pub(super) const MIGRATIONS: &[&str] = &["
CREATE TABLE _model (version INTEGER NOT NULL) STRICT;
INSERT INTO _model (version) VALUES (0);
CREATE TABLE _object (
    id TEXT PRIMARY KEY NOT NULL,
    nameSingular TEXT NOT NULL COLLATE NOCASE UNIQUE,
    place INTEGER NOT NULL,
    definition TEXT NOT NULL
) STRICT;
CREATE TABLE _field (
    id TEXT PRIMARY KEY NOT NULL,
    objectId TEXT NOT NULL REFERENCES _object (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    place INTEGER NOT NULL,
    definition TEXT NOT NULL,
    UNIQUE (objectId, name)
) STRICT;
"];

/// The version of the model in the database; 0 before the first objects. A write that was planned on
/// another version must be planned again.
pub(crate) async fn model_version(transaction: &mut Transaction) -> Result<u64, StoreError> {
    let rows = transaction.rows(&Statement::fixed("SELECT version FROM _model")).await?;
    Ok(version_of(&rows))
}

fn version_of(rows: &[Row]) -> u64 {
    rows.first().and_then(|row| u64::try_from(row.integer(0)).ok()).unwrap_or_default()
}

/// The model in the database, in one snapshot.
pub(super) async fn load(store: &Store) -> Result<DataModel, StoreError> {
    // One statement, since each is a snapshot of its own: version, object, field of it.
    let rows = store
        .rows(Statement::fixed(
            "SELECT m.version, o.id, o.definition, f.definition FROM _model AS m \
             LEFT JOIN _object AS o ON 1 LEFT JOIN _field AS f ON f.objectId = o.id \
             ORDER BY o.place, o.id, f.place",
        ))
        .await?;
    let mut objects: IndexMap<&str, Object> = IndexMap::new();
    for row in &rows {
        let (Some(id), Some(definition)) = (row.optional_text(1), row.optional_text(2)) else { continue };
        if !objects.contains_key(id) {
            objects.insert(id, parse(definition)?);
        }
        let (Some(object), Some(field)) = (objects.get_mut(id), row.optional_text(3)) else { continue };
        let field: Field = parse(field)?;
        object.fields.insert(field.name.clone(), field);
    }
    Ok(DataModel::new(version_of(&rows), objects.into_values().map(Arc::new).collect()))
}

fn parse<T: DeserializeOwned>(definition: &str) -> Result<T, StoreError> {
    serde_json::from_str(definition)
        .map_err(|error| StoreError::Other(format!("a definition in the data model: {error}")))
}

/// Writes what `after` has and `before` had not, removes the rest, and takes over the version.
pub(super) async fn save(
    transaction: &mut Transaction,
    before: &DataModel,
    after: &DataModel,
) -> Result<(), StoreError> {
    let dialect = transaction.dialect();
    let changed = |old: &Arc<Object>| after.object(old.id).is_none_or(|new| !Arc::ptr_eq(old, new));
    // First out, then in: names that one object gives up, another may take.
    for old in before.objects().iter().filter(|old| changed(old)) {
        transaction.execute(&delete_object(dialect, old.id)).await?;
    }
    for (place, new) in after.objects().iter().enumerate() {
        if before.object(new.id).is_some_and(|old| Arc::ptr_eq(old, new)) {
            continue;
        }
        transaction.execute(&insert_object(dialect, place, new)?).await?;
        for (place, field) in new.fields.values().enumerate() {
            transaction.execute(&insert_field(dialect, new.id, place, field)?).await?;
        }
    }
    let mut sql = SqlWriter::new(dialect);
    sql.raw("UPDATE _model SET version = ").bind(Value::Integer(version_column(after.version())));
    transaction.execute(&sql.statement()).await?;
    Ok(())
}

/// Its fields go with it.
fn delete_object(dialect: Dialect, id: Uuid) -> Statement {
    let mut sql = SqlWriter::new(dialect);
    sql.raw("DELETE FROM _object WHERE id = ").bind(Value::Uuid(id));
    sql.statement()
}

fn insert_object(dialect: Dialect, place: usize, object: &Object) -> Result<Statement, StoreError> {
    let definition = definition(&Object { fields: IndexMap::new(), ..object.clone() })?;
    let values =
        [Value::Uuid(object.id), Value::Text(object.name_singular.clone()), place_column(place), definition];
    let mut sql = SqlWriter::new(dialect);
    sql.raw("INSERT INTO _object (id, nameSingular, place, definition) VALUES (");
    sql.separated(", ", values, |sql, value| {
        sql.bind(value);
    });
    sql.raw(")");
    Ok(sql.statement())
}

fn insert_field(
    dialect: Dialect,
    object: Uuid,
    place: usize,
    field: &Field,
) -> Result<Statement, StoreError> {
    let values = [
        Value::Uuid(field.id),
        Value::Uuid(object),
        Value::Text(field.name.clone()),
        place_column(place),
        definition(field)?,
    ];
    let mut sql = SqlWriter::new(dialect);
    sql.raw("INSERT INTO _field (id, objectId, name, place, definition) VALUES (");
    sql.separated(", ", values, |sql, value| {
        sql.bind(value);
    });
    sql.raw(")");
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
