//! Rows to JSON text, straight from the database's own buffers.

use std::sync::Arc;

use fourfold_model::{Scalar, Value};
use fourfold_query::sql::Statement;
use fourfold_query::{Assembly, BoundRead, Cell, Cells, CompiledRead, ReadOutput};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::Bound;
use crate::store::{StoreError, values_of};

/// Runs all statements of a read, outside of or inside a transaction.
///
/// `ids` are the records just written, where the read is about those.
pub(crate) fn fetch_json(
    connection: &Connection,
    read: &CompiledRead,
    bound: &BoundRead,
    ids: Option<&Value>,
) -> Result<ReadOutput, StoreError> {
    let mut assembly = Assembly::new(read, bound);
    each_row(connection, &read.root_statement(bound, ids), |row| assembly.push(row))?;
    for path in 0..read.paths() {
        let Some(parents) = assembly.parents(path) else { continue };
        let statement = read.child_statement(path, bound, &parents);
        each_row(connection, &statement, |row| assembly.push_child(path, row))?;
        if let Some(totals) = read.child_totals_statement(path, bound, &parents) {
            each_row(connection, &totals, |row| assembly.push_child_totals(path, row))?;
        }
    }
    if let Some(totals) = read.totals_statement(bound) {
        each_row(connection, &totals, |row| assembly.set_totals(row))?;
    }
    Ok(assembly.finish())
}

/// Runs reads on one snapshot of their own.
pub(crate) fn fetch_json_in_snapshot(
    connection: &Connection,
    reads: &[(Arc<CompiledRead>, BoundRead)],
) -> Result<Vec<ReadOutput>, StoreError> {
    let run_all = || reads.iter().map(|(read, bound)| fetch_json(connection, read, bound, None)).collect();
    // A single statement is a snapshot by itself.
    if matches!(reads, [(read, _)] if read.statements() == 1) {
        return run_all();
    }
    connection.prepare_cached("BEGIN")?.execute([])?;
    let outputs = run_all();
    connection.prepare_cached("COMMIT")?.execute([])?;
    outputs
}

/// All rows, whose columns hold these kinds of values.
pub(super) fn values(
    connection: &Connection,
    statement: &Statement,
    scalars: &[Scalar],
) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut rows = Vec::new();
    each_row(connection, statement, |row| rows.push(values_of(row, scalars)))?;
    rows.into_iter().collect()
}

fn each_row(
    connection: &Connection,
    statement: &Statement,
    mut take: impl FnMut(&SqliteRow<'_>),
) -> Result<(), StoreError> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(statement.binds.iter().map(Bound)))?;
    while let Some(row) = rows.next()? {
        take(&SqliteRow(row));
    }
    Ok(())
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl Cells for SqliteRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match self.0.get_ref(column) {
            Ok(ValueRef::Integer(number)) => Cell::Integer(number),
            Ok(ValueRef::Real(number)) => Cell::Float(number),
            Ok(ValueRef::Text(text) | ValueRef::Blob(text)) => Cell::Text(text),
            // The plan numbers the columns that it selects, so there is no other column to ask for.
            Ok(ValueRef::Null) | Err(_) => Cell::Null,
        }
    }
}
