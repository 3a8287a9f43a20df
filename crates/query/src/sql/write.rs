//! Writes as SQL.

use fourfold_model::{Scalar, Value};
use uuid::Uuid;

use super::condition::write_condition;
use super::read::check_bind_limit;
use super::rows::{CellKind, write_keys};
use super::{Alias, SqlTarget, SqlWriter, Statement};
use crate::bind::Bind;
use crate::error::PlanError;
use crate::plan::{Connect, FilledColumn, NewRecords, PlannedWrite, RowValue, WriteKind, WriteTarget};

/// Writes the statements of a planned write for one database.
#[derive(Clone, Copy, Debug)]
pub struct WriteStatements<'w> {
    pub(super) write: &'w PlannedWrite,
    pub(super) target: &'w SqlTarget,
}

impl<'w> WriteStatements<'w> {
    /// The statements of `write`.
    pub fn new(write: &'w PlannedWrite, target: &'w SqlTarget) -> Self {
        Self { write, target }
    }

    /// Finds what the connects name, one statement for each relation.
    pub fn connects(&self) -> Vec<Lookup> {
        let connects = &self.write.connects;
        let mut relations: Vec<(&str, Vec<usize>)> = Vec::new();
        for (place, connect) in connects.iter().enumerate() {
            match relations.iter_mut().find(|(field, _)| *field == connect.field) {
                Some((_, places)) => places.push(place),
                None => relations.push((&connect.field, vec![place])),
            }
        }
        let lookup = |(_, places): (&str, Vec<usize>)| {
            let Connect { table, columns, .. } = &connects[places[0]];
            let keys = places.iter().map(|place| connects[*place].key.clone()).collect();
            let mut sql = self.lookup(table, columns, keys);
            sql.raw(" WHERE ").column(Alias::table(0), "deletedAt").raw(" IS NULL");
            Lookup { places, statement: sql.statement() }
        };
        relations.into_iter().map(lookup).collect()
    }

    /// Finds the records that have one of these keys: the place of the key, and the id.
    pub(super) fn lookup(&self, table: &str, columns: &[FilledColumn], keys: Vec<Vec<Value>>) -> SqlWriter {
        let kinds: Vec<CellKind> = columns.iter().map(|column| column.kind).collect();
        let alias = Alias::table(0);
        let mut sql = SqlWriter::new(self.target);
        sql.raw("SELECT r.key, ").column(alias, "id").raw(" FROM ");
        write_keys(&mut sql, &kinds, keys);
        sql.raw(" JOIN ").table(table).raw(" AS ").alias(alias).raw(" ON ");
        for (place, column) in columns.iter().enumerate() {
            sql.raw(if 0 < place { " AND " } else { "" });
            sql.column(alias, &column.name).raw(" = r.c").number(place);
        }
        sql
    }

    /// Finds the ids of the records that match, at most `limit`: `SELECT t0."id" FROM "person" AS t0 …`
    ///
    /// # Errors
    /// When a value of the filter does not fit its field, or it compares too much.
    pub fn matching_ids(&self, limit: Option<usize>) -> Result<Option<Statement>, PlanError> {
        let Some(WriteTarget::Matching(matching)) = &self.write.target else { return Ok(None) };
        let alias = Alias::table(0);
        let mut sql: SqlWriter<Bind> = SqlWriter::new(self.target);
        sql.raw("SELECT ")
            .column(alias, "id")
            .raw(" FROM ")
            .table(&self.write.table)
            .raw(" AS ")
            .alias(alias);
        sql.raw(" WHERE ");
        write_condition(&mut sql, &matching.condition);
        sql.raw(" ORDER BY ").column(alias, "id");
        if let Some(limit) = limit {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            sql.raw(" LIMIT ").bind(Bind::Constant(Value::Integer(limit)));
        }
        let lock = sql.dialect().lock_rows();
        sql.raw(lock);
        let (text, binds) = sql.finish();
        check_bind_limit(binds.len())?;
        Ok(Some(Statement::new(text, matching.resolve(&binds)?)))
    }

    /// The statement that changes the records with these ids; none for a create.
    /// `UPDATE "person" SET … WHERE "id" IN (…)` or `DELETE FROM "person" WHERE "id" IN (…)`
    pub fn change(&self, ids: &Value, connected: &[Uuid]) -> Option<Statement> {
        let mut sql = SqlWriter::new(self.target);
        match &self.write.kind {
            WriteKind::Create(_) | WriteKind::Merge(_) => return None,
            WriteKind::Update { assignments } => {
                sql.raw("UPDATE ").table(&self.write.table).raw(" SET ");
                sql.separated(", ", assignments, |sql, (column, value)| {
                    sql.ident(&column.name).raw(" = ");
                    self.write_value(sql, value, connected);
                });
            }
            WriteKind::SetDeleted { deleted } => {
                self.write_set_deleted(&mut sql, &self.write.table, *deleted)
            }
            WriteKind::Destroy => _ = sql.raw("DELETE FROM ").table(&self.write.table),
        }
        sql.raw(" WHERE \"id\"");
        write_ids(&mut sql, ids);
        Some(sql.statement())
    }

    /// The statements that take related records along into the trash or out of it.
    pub fn followers(&self, ids: &Value) -> Vec<Statement> {
        let WriteKind::SetDeleted { deleted } = self.write.kind else { return Vec::new() };
        let follow = |(table, column): &(String, String)| {
            let mut sql = SqlWriter::new(self.target);
            self.write_set_deleted(&mut sql, table, deleted);
            sql.raw(" WHERE ").ident(column);
            write_ids(&mut sql, ids);
            sql.statement()
        };
        self.write.followers.iter().map(follow).collect()
    }

    /// Finds a live record that holds the values of a unique index: what a duplicate collides with. `None`
    /// when the columns are not among what the write sets.
    pub fn conflicting(&self, columns: &[String]) -> Option<Statement> {
        let keys: Vec<Vec<(CellKind, &RowValue)>> = match &self.write.kind {
            WriteKind::Create(NewRecords { columns: filled, records, .. }) => {
                let place = |name: &String| filled.iter().position(|column| column.name == *name);
                let places: Vec<usize> = columns.iter().map(place).collect::<Option<_>>()?;
                let keys = records.iter().map(|record| {
                    places.iter().map(|place| (filled[*place].kind, &record.values[*place])).collect()
                });
                keys.collect()
            }
            WriteKind::Update { assignments } => {
                let set = |name: &String| {
                    let (column, value) = assignments.iter().find(|(column, _)| column.name == *name)?;
                    Some((column.kind, value))
                };
                vec![columns.iter().map(set).collect::<Option<_>>()?]
            }
            WriteKind::SetDeleted { .. } | WriteKind::Destroy | WriteKind::Merge(_) => return None,
        };
        let kinds = keys.first()?.iter().map(|(kind, _)| *kind);
        let filled: Vec<FilledColumn> =
            columns.iter().zip(kinds).map(|(name, kind)| FilledColumn { name: name.clone(), kind }).collect();
        let known = keys.iter().filter_map(|key| {
            let values = key.iter().map(|(_, value)| match value {
                RowValue::Known(value) => Some(value.clone()),
                RowValue::FirstPosition | RowValue::LastPosition | RowValue::Connected(_) => None,
            });
            values.collect::<Option<Vec<Value>>>()
        });
        let mut sql = self.lookup(&self.write.table, &filled, known.collect());
        sql.raw(" WHERE ").column(Alias::table(0), "deletedAt").raw(" IS NULL ORDER BY r.key LIMIT 1");
        Some(sql.statement())
    }

    fn write_set_deleted(&self, sql: &mut SqlWriter, table: &str, deleted: bool) {
        let now = Value::DateTime(self.write.now);
        sql.raw("UPDATE ").table(table).raw(" SET \"updatedAt\" = ").bind(now.clone());
        sql.raw(", \"deletedAt\" = ").bind(if deleted { now } else { Value::Null });
    }

    pub(super) fn write_value(&self, sql: &mut SqlWriter, value: &RowValue, connected: &[Uuid]) {
        let (before, after) = match value {
            RowValue::Known(value) => {
                sql.bind(value.clone());
                return;
            }
            RowValue::Connected(place) => {
                sql.bind(connected.get(*place).map_or(Value::Null, |id| Value::Uuid(*id)));
                return;
            }
            // An empty table counts as having a record at 1.
            RowValue::FirstPosition => ("(SELECT coalesce(min(\"position\"), 1) - 1 FROM ", ")"),
            RowValue::LastPosition => ("(SELECT coalesce(max(\"position\"), 1) + 1 FROM ", ")"),
        };
        sql.raw(before).table(&self.write.table).raw(after);
    }
}

pub(super) fn write_ids(sql: &mut SqlWriter, ids: &Value) {
    let [before, after] = sql.dialect().in_list(Scalar::Uuid);
    sql.raw(before).bind(ids.clone()).raw(after);
}

/// A statement that finds records by their keys.
#[derive(Debug)]
pub struct Lookup {
    /// What each key belongs to, by its place in the write.
    pub places: Vec<usize>,
    /// Gives rows of a key's place among [`Self::places`], and the id of a record that has it.
    pub statement: Statement,
}
