//! Writes as SQL.

use fourfold_model::{Scalar, Value};
use uuid::Uuid;

use super::read::{check_bind_limit, write_condition};
use super::{Alias, SqlTarget, SqlWriter, Statement};
use crate::bind::Bind;
use crate::error::PlanError;
use crate::plan::{Connect, PlannedWrite, RowValue, WriteKind, WriteTarget};

/// Writes the statements of a planned write for one database.
#[derive(Clone, Copy, Debug)]
pub struct WriteStatements<'w> {
    write: &'w PlannedWrite,
    target: &'w SqlTarget,
}

impl<'w> WriteStatements<'w> {
    /// The statements of `write`.
    pub fn new(write: &'w PlannedWrite, target: &'w SqlTarget) -> Self {
        Self { write, target }
    }

    /// Finds the ids of at most two records that a connect names: `SELECT "id" FROM "company" WHERE …`
    pub fn connect(&self, connect: &Connect) -> Statement {
        let mut sql = SqlWriter::new(self.target);
        sql.raw("SELECT \"id\" FROM ").table(&connect.table).raw(" WHERE \"deletedAt\" IS NULL");
        write_key(&mut sql, &connect.key);
        sql.raw(" LIMIT 2");
        sql.statement()
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
        Ok(Some(Statement { text, binds: matching.resolve(&binds)? }))
    }

    /// One insert for each new record, all of one text: `INSERT INTO "person" (…) VALUES (…)`.
    /// `connected` are the ids that the connects found.
    pub fn inserts(&self, connected: &[Uuid]) -> Vec<Statement> {
        let WriteKind::Create { columns, rows } = &self.write.kind else { return Vec::new() };
        let insert = |values: &[RowValue]| {
            let mut sql = SqlWriter::new(self.target);
            sql.raw("INSERT INTO ").table(&self.write.table).raw(" (");
            sql.separated(", ", columns, |sql, column| _ = sql.ident(column)).raw(") VALUES (");
            sql.separated(", ", values, |sql, value| self.write_value(sql, value, connected)).raw(")");
            sql.statement()
        };
        rows.iter().map(|row| insert(&row.values)).collect()
    }

    /// The statement that changes the records with these ids; none for a create.
    /// `UPDATE "person" SET … WHERE "id" IN (…)` or `DELETE FROM "person" WHERE "id" IN (…)`
    pub fn change(&self, ids: &Value, connected: &[Uuid]) -> Option<Statement> {
        let mut sql = SqlWriter::new(self.target);
        match &self.write.kind {
            WriteKind::Create { .. } => return None,
            WriteKind::Update { assignments } => {
                sql.raw("UPDATE ").table(&self.write.table).raw(" SET ");
                sql.separated(", ", assignments, |sql, (column, value)| {
                    sql.ident(column).raw(" = ");
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

    /// Finds the live record that holds the values of a unique index: what a duplicate collides with.
    /// `None` when the columns are not among what the write sets.
    pub fn conflicting(&self, columns: &[String], row: usize) -> Option<Statement> {
        let mut key = Vec::with_capacity(columns.len());
        for wanted in columns {
            let value = match &self.write.kind {
                WriteKind::Create { columns, rows } => {
                    let place = columns.iter().position(|column| column == wanted)?;
                    rows.get(row)?.values.get(place)?
                }
                WriteKind::Update { assignments } => {
                    &assignments.iter().find(|(column, _)| column == wanted)?.1
                }
                WriteKind::SetDeleted { .. } | WriteKind::Destroy => return None,
            };
            let RowValue::Known(value) = value else { return None };
            key.push((wanted.clone(), value.clone()));
        }
        let mut sql = SqlWriter::new(self.target);
        sql.raw("SELECT \"id\" FROM ").table(&self.write.table).raw(" WHERE \"deletedAt\" IS NULL");
        write_key(&mut sql, &key);
        Some(sql.statement())
    }

    fn write_set_deleted(&self, sql: &mut SqlWriter, table: &str, deleted: bool) {
        let now = Value::DateTime(self.write.now);
        sql.raw("UPDATE ").table(table).raw(" SET \"updatedAt\" = ").bind(now.clone());
        sql.raw(", \"deletedAt\" = ").bind(if deleted { now } else { Value::Null });
    }

    fn write_value(&self, sql: &mut SqlWriter, value: &RowValue, connected: &[Uuid]) {
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

fn write_key(sql: &mut SqlWriter, key: &[(String, Value)]) {
    for (column, value) in key {
        sql.raw(" AND ").ident(column).raw(" = ").bind(value.clone());
    }
}

fn write_ids(sql: &mut SqlWriter, ids: &Value) {
    let [before, after] = sql.dialect().in_list(Scalar::Uuid);
    sql.raw(before).bind(ids.clone()).raw(after);
}
