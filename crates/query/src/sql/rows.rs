//! Several rows of values that one statement takes.
//!
//! PostgreSQL gets one array for each column, so that the text and the number of binds depend on the
//! columns alone. SQLite, to which there is no way that could be saved, runs the prepared statement for
//! row after row: every form of many rows in one run took at least twice as long
//! (`docs/decisions/many-records.md`).

use fourfold_model::{Scalar, Value};

use super::{SqlTarget, SqlWriter, Statement};

/// What a column of such rows holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// Values of a field's part.
    Scalar(Scalar),
    /// Bytes that the server made.
    Bytes,
}

/// Writes a statement around the cells of its rows.
pub(super) struct RowsWriter {
    pub(super) sql: SqlWriter,
    kinds: Vec<CellKind>,
}

impl RowsWriter {
    pub(super) fn new(target: &SqlTarget, kinds: Vec<CellKind>) -> Self {
        Self { sql: SqlWriter::new(target), kinds }
    }

    /// Whether the rows are a table `r` of the statement.
    pub(super) fn is_table(&self) -> bool {
        self.sql.dialect().takes_arrays()
    }

    /// The value of a column in the row that is being written: `r.c2`, or `?3`.
    pub(super) fn cell(&mut self, column: usize) {
        if !self.is_table() {
            self.sql.placeholder(column + 1);
            return;
        }
        let cast = self.sql.dialect().element_cast(self.kinds[column]);
        self.sql.raw("r.c").number(column).raw(cast);
    }

    /// The table of the rows: `unnest($1::UUID[], …) AS r(c0, …)`.
    pub(super) fn table(&mut self) {
        write_arrays(&mut self.sql, &self.kinds, 1);
        self.sql.raw(" AS r(");
        write_names(&mut self.sql, self.kinds.len());
        self.sql.raw(")");
    }

    /// The statement with its rows; each has a value for each kind.
    pub(super) fn statement(self, rows: Vec<Vec<Value>>) -> Statement {
        if self.is_table() {
            return Statement { binds: columns(rows, self.kinds.len()), ..self.sql.statement() };
        }
        let runs = rows.len();
        Statement { binds: rows.into_iter().flatten().collect(), runs, ..self.sql.statement() }
    }
}

/// Adds a table `r` of bound keys: `key`, the place of each from 0, and `c0`, `c1` … They are few and
/// short, so that SQLite takes them as JSON.
pub(super) fn write_keys(sql: &mut SqlWriter, kinds: &[CellKind], keys: Vec<Vec<Value>>) {
    let binds = if sql.dialect().takes_arrays() {
        columns(keys, kinds.len())
    } else {
        let rows = keys.into_iter().map(|key| Value::List(Scalar::Json, key)).collect();
        vec![Value::List(Scalar::Json, rows)]
    };
    sql.raw("(");
    write_key_rows(sql, kinds, binds);
    sql.raw(") AS r");
}

/// Adds the select of such a table. `binds` are one for each column where the database takes arrays, else
/// one for all.
pub(super) fn write_key_rows<B>(sql: &mut SqlWriter<B>, kinds: &[CellKind], binds: Vec<B>) {
    let first = sql.binds.len() + 1;
    sql.binds.extend(binds);
    if sql.dialect().takes_arrays() {
        sql.raw("SELECT u.key - 1 AS key, ");
        write_names(sql, kinds.len());
        sql.raw(" FROM ");
        write_arrays(sql, kinds, first);
        sql.raw(" WITH ORDINALITY AS u(");
        write_names(sql, kinds.len());
        sql.raw(", key)");
        return;
    }
    sql.raw("SELECT key");
    for (place, kind) in kinds.iter().enumerate() {
        // JSON has no bytes; they travel as hexadecimal digits.
        let [before, after] = if *kind == CellKind::Bytes { [", unhex(", ")"] } else { [", ", ""] };
        sql.raw(before).raw("value ->> ").number(place).raw(after).raw(" AS c").number(place);
    }
    sql.raw(" FROM json_each(").placeholder(first).raw(")");
}

/// `unnest($1::UUID[], $2::TEXT[])`
fn write_arrays<B>(sql: &mut SqlWriter<B>, kinds: &[CellKind], first: usize) {
    sql.raw("unnest(");
    for (place, kind) in kinds.iter().enumerate() {
        let array = sql.dialect().array_cast(*kind);
        sql.raw(if 0 < place { ", " } else { "" }).placeholder(first + place).raw(array);
    }
    sql.raw(")");
}

/// `c0, c1`
fn write_names<B>(sql: &mut SqlWriter<B>, count: usize) {
    for place in 0..count {
        sql.raw(if 0 < place { ", c" } else { "c" }).number(place);
    }
}

/// The values column by column.
fn columns(rows: Vec<Vec<Value>>, count: usize) -> Vec<Value> {
    let mut columns: Vec<Vec<Value>> = (0..count).map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    columns.into_iter().map(Value::Column).collect()
}
