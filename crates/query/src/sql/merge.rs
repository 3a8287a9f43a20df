//! A merge as SQL.

use fourfold_model::Value;

use super::write::{WriteStatements, write_ids};
use super::{Alias, SqlWriter, Statement};
use crate::plan::MergedRecords;

impl WriteStatements<'_> {
    /// Reads the records that become one: the id, then the values for each column. Unless it is a dry run
    /// they stay as they are until the transaction ends, locked in the order of their ids, so that two
    /// merges do not wait for each other.
    pub fn records_to_merge(&self, records: &MergedRecords) -> Statement {
        let alias = Alias::table(0);
        let mut sql = SqlWriter::new(self.target);
        sql.raw("SELECT ").column(alias, "id");
        for column in records.columns() {
            sql.raw(", ").column(alias, &column.name);
        }
        sql.raw(" FROM ").table(&self.write.table).raw(" AS ").alias(alias);
        sql.raw(" WHERE ").column(alias, "id");
        write_ids(&mut sql, &Value::ids(records.ids().iter().copied()));
        sql.raw(" AND ").column(alias, "deletedAt").raw(" IS NULL ORDER BY ").column(alias, "id");
        let lock = sql.dialect().lock_rows();
        sql.raw(if records.is_dry_run() { "" } else { lock });
        sql.statement()
    }

    /// Makes one record of several: what points at those that go points at the one that stays, one statement
    /// for each join column; they go; and it gets the merged values, which are free then.
    pub fn merge(&self, records: &MergedRecords, merged: &[Value]) -> Vec<Statement> {
        let losers = Value::ids(records.losers());
        let moved = records.referring.iter().map(|(table, column)| {
            let mut sql = SqlWriter::new(self.target);
            sql.raw("UPDATE ").table(table).raw(" SET ").ident(column).raw(" = ");
            sql.bind(Value::Uuid(records.survivor())).raw(", \"updatedAt\" = ");
            sql.bind(Value::DateTime(self.write.now)).raw(" WHERE ").ident(column);
            write_ids(&mut sql, &losers);
            sql.statement()
        });
        let mut statements: Vec<Statement> = moved.collect();
        let mut sql = SqlWriter::new(self.target);
        sql.raw("DELETE FROM ").table(&self.write.table).raw(" WHERE \"id\"");
        write_ids(&mut sql, &losers);
        statements.push(sql.statement());

        let mut sql = SqlWriter::new(self.target);
        sql.raw("UPDATE ").table(&self.write.table).raw(" SET ");
        sql.separated(", ", records.assignments(merged), |sql, (column, value)| {
            sql.ident(&column.name).raw(" = ").bind(value);
        });
        sql.raw(" WHERE \"id\" = ").bind(Value::Uuid(records.survivor()));
        statements.push(sql.statement());
        statements
    }
}
