//! Creates and upserts as SQL: however many the records are, the statements are as many.

use fourfold_model::{Scalar, Value};
use uuid::Uuid;

use super::rows::{CellKind, RowsWriter};
use super::write::{Lookup, WriteStatements};
use super::{Alias, SqlWriter, Statement};
use crate::error::PlanError;
use crate::plan::{FilledColumn, NewRecord, NewRecords, RowValue, WriteKind};

/// The smallest and the largest position of a table's rows; none when there is no row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extremes {
    /// The smallest.
    pub lowest: Option<f64>,
    /// The largest.
    pub highest: Option<f64>,
}

impl WriteStatements<'_> {
    /// Finds the records that an upsert changes, one statement for each unique key of which a new record
    /// has all columns. What it finds stays as it is until the transaction ends.
    pub fn existing(&self, connected: &[Uuid]) -> Vec<Lookup> {
        let WriteKind::Create(NewRecords { columns, records, keys }) = &self.write.kind else {
            return Vec::new();
        };
        let by_key = keys.iter().filter_map(|key| {
            let key_columns: Vec<FilledColumn> =
                key.columns.iter().map(|place| columns[*place].clone()).collect();
            let is_id = matches!(key_columns.as_slice(), [only] if only.name == "id");
            let (mut places, mut values) = (Vec::new(), Vec::new());
            for (place, record) in records.iter().enumerate() {
                let parts = key.columns.iter().map(|column| filled(&record.values[*column], connected));
                if let Some(key) = parts.collect::<Option<Vec<Value>>>()
                    && (record.has_own_id || !is_id)
                {
                    places.push(place);
                    values.push(key);
                }
            }
            if places.is_empty() {
                return None;
            }
            let mut sql = self.lookup(&self.write.table, &key_columns, values);
            if key.live_only {
                sql.raw(" WHERE ").column(Alias::table(0), "deletedAt").raw(" IS NULL");
            }
            let lock = sql.dialect().lock_rows();
            sql.raw(lock);
            Some(Lookup { places, statement: sql.statement() })
        });
        by_key.collect()
    }

    /// Keeps others from making what an upsert looks for, where there are others.
    pub fn keep_others_out(&self) -> Option<Statement> {
        let [before, after] = self.target.dialect().lock_table()?;
        let mut sql = SqlWriter::new(self.target);
        sql.raw(before).table(&self.write.table).raw(after);
        Some(sql.statement())
    }

    /// Finds the extremes among the positions, where records need them for their own. A single new record
    /// finds its place while it is inserted.
    pub fn extremes(&self) -> Option<Statement> {
        let WriteKind::Create(new) = &self.write.kind else { return None };
        let is_word = |value: &RowValue| matches!(value, RowValue::FirstPosition | RowValue::LastPosition);
        let has_word = |record: &NewRecord| {
            let changes = record.changes.iter().flatten().map(|(_, value)| value);
            record.values.iter().chain(changes).any(is_word)
        };
        if new.is_single() || !new.records.iter().any(has_word) {
            return None;
        }
        // Apart, since SQLite finds one end of an index for each select, and reads all of it for both ends.
        let mut sql = SqlWriter::new(self.target);
        sql.raw("SELECT (SELECT min(\"position\") FROM ").table(&self.write.table);
        sql.raw("), (SELECT max(\"position\") FROM ").table(&self.write.table).raw(")");
        Some(sql.statement())
    }

    /// The statements that insert new records and change those that exist. `existing` has the id of the
    /// record that takes each one's place, where there is one; `connected` the ids that the connects found.
    ///
    /// # Errors
    /// When a record that exists does not take what was given.
    pub fn create(
        &self,
        existing: &[Option<Uuid>],
        connected: &[Uuid],
        extremes: Extremes,
    ) -> Result<Vec<Statement>, PlanError> {
        let WriteKind::Create(new) = &self.write.kind else { return Ok(Vec::new()) };
        if let ([record], true) = (new.records.as_slice(), new.is_single()) {
            return Ok(vec![self.insert_one(&new.columns, record, connected)]);
        }
        let mut resolver = Resolver { connected, positions: Positions::new(new, extremes) };
        let mut inserted = Vec::new();
        let mut changed = Changed::default();
        for (record, existing) in new.records.iter().zip(existing) {
            match existing {
                None => {
                    inserted.push(record.values.iter().map(|value| resolver.resolve(value)).collect());
                }
                Some(id) => {
                    let changes = record.changes.as_ref().map_err(Clone::clone)?;
                    changed.add(*id, changes.iter().map(|(column, value)| (column, resolver.resolve(value))));
                }
            }
        }
        let update = (!changed.ids.is_empty()).then(|| self.update_each(changed));
        let insert = (!inserted.is_empty()).then(|| self.insert_all(&new.columns, inserted));
        Ok(update.into_iter().chain(insert).collect())
    }

    /// `INSERT INTO "person" (…) VALUES (…)`
    fn insert_one(&self, columns: &[FilledColumn], record: &NewRecord, connected: &[Uuid]) -> Statement {
        let mut sql = SqlWriter::new(self.target);
        self.insert_into(&mut sql, columns);
        sql.raw("VALUES (");
        sql.separated(", ", &record.values, |sql, value| self.write_value(sql, value, connected)).raw(")");
        sql.statement()
    }

    /// `INSERT INTO "person" (…) SELECT r.c0, … FROM unnest(…) AS r(c0, …)`, or `VALUES (?1, …)` in many runs
    fn insert_all(&self, columns: &[FilledColumn], rows: Vec<Vec<Value>>) -> Statement {
        let kinds: Vec<CellKind> = columns.iter().map(|column| column.kind).collect();
        let mut writer = RowsWriter::new(self.target, kinds);
        self.insert_into(&mut writer.sql, columns);
        let [before, after] = if writer.is_table() { ["SELECT ", " FROM "] } else { ["VALUES (", ")"] };
        writer.sql.raw(before);
        for column in 0..columns.len() {
            writer.sql.raw(if 0 < column { ", " } else { "" });
            writer.cell(column);
        }
        writer.sql.raw(after);
        if writer.is_table() {
            writer.table();
        }
        writer.statement(rows)
    }

    fn insert_into(&self, sql: &mut SqlWriter, columns: &[FilledColumn]) {
        sql.raw("INSERT INTO ").table(&self.write.table).raw(" (");
        sql.separated(", ", columns, |sql, column| _ = sql.ident(&column.name)).raw(") ");
    }

    /// Changes each record in its own way:
    /// `UPDATE "person" AS t0 SET "a" = r.c1, "b" = CASE WHEN r.c2 THEN r.c3 ELSE t0."b" END … WHERE t0."id" = r.c0`
    fn update_each(&self, changed: Changed) -> Statement {
        let alias = Alias::table(0);
        let Changed { ids, columns, rows } = changed;
        let is_optional: Vec<bool> = (0..columns.len())
            .map(|place| rows.iter().any(|row| row.get(place).is_none_or(Option::is_none)))
            .collect();
        let mut kinds = vec![CellKind::Scalar(Scalar::Uuid)];
        for (column, is_optional) in columns.iter().zip(&is_optional) {
            kinds.extend(is_optional.then_some(CellKind::Scalar(Scalar::Boolean)));
            kinds.push(column.kind);
        }
        let mut writer = RowsWriter::new(self.target, kinds);
        writer.sql.raw("UPDATE ").table(&self.write.table).raw(" AS ").alias(alias).raw(" SET ");
        let mut cell = 1;
        for (place, (column, is_optional)) in columns.iter().zip(&is_optional).enumerate() {
            writer.sql.raw(if 0 < place { ", " } else { "" }).ident(&column.name).raw(" = ");
            if *is_optional {
                writer.sql.raw("CASE WHEN ");
                writer.cell(cell);
                writer.sql.raw(" THEN ");
                writer.cell(cell + 1);
                writer.sql.raw(" ELSE ").column(alias, &column.name).raw(" END");
                cell += 2;
            } else {
                writer.cell(cell);
                cell += 1;
            }
        }
        if writer.is_table() {
            writer.sql.raw(" FROM ");
            writer.table();
        }
        writer.sql.raw(" WHERE ").column(alias, "id").raw(" = ");
        writer.cell(0);
        let rows = ids.into_iter().zip(rows).map(|(id, mut row)| {
            row.resize(columns.len(), None);
            let mut cells = vec![Value::Uuid(id)];
            for (value, is_optional) in row.into_iter().zip(&is_optional) {
                cells.extend(is_optional.then_some(Value::Boolean(value.is_some())));
                cells.push(value.unwrap_or(Value::Null));
            }
            cells
        });
        writer.statement(rows.collect())
    }
}

/// The value of a key's part; none when it holds nothing.
fn filled(value: &RowValue, connected: &[Uuid]) -> Option<Value> {
    match value {
        RowValue::Known(Value::Null) | RowValue::FirstPosition | RowValue::LastPosition => None,
        RowValue::Known(value) => Some(value.clone()),
        RowValue::Connected(place) => connected.get(*place).map(|id| Value::Uuid(*id)),
    }
}

/// Records that exist, and what of each is set. A record that is named twice gets the later values.
#[derive(Default)]
struct Changed {
    ids: Vec<Uuid>,
    columns: Vec<FilledColumn>,
    /// For each id, the value for each column; none where it stays, and may be cut short.
    rows: Vec<Vec<Option<Value>>>,
}

impl Changed {
    fn add<'c>(&mut self, id: Uuid, changes: impl Iterator<Item = (&'c FilledColumn, Value)>) {
        let row = match self.ids.iter().position(|known| *known == id) {
            Some(row) => row,
            None => {
                self.ids.push(id);
                self.rows.push(Vec::new());
                self.ids.len() - 1
            }
        };
        for (column, value) in changes {
            let place = self.columns.iter().position(|known| known.name == column.name);
            let place = place.unwrap_or_else(|| {
                self.columns.push(column.clone());
                self.columns.len() - 1
            });
            let row = &mut self.rows[row];
            row.resize(row.len().max(place + 1), None);
            row[place] = Some(value);
        }
    }
}

/// Turns the values of a write into those that are stored.
struct Resolver<'c> {
    connected: &'c [Uuid],
    positions: Positions,
}

impl Resolver<'_> {
    fn resolve(&mut self, value: &RowValue) -> Value {
        match value {
            RowValue::Known(value) => value.clone(),
            RowValue::Connected(place) => {
                self.connected.get(*place).map_or(Value::Null, |id| Value::Uuid(*id))
            }
            RowValue::FirstPosition => {
                self.positions.lowest -= 1.0;
                Value::Float(self.positions.lowest)
            }
            RowValue::LastPosition => {
                self.positions.highest += 1.0;
                Value::Float(self.positions.highest)
            }
        }
    }
}

/// Where the next records go.
struct Positions {
    lowest: f64,
    highest: f64,
}

impl Positions {
    /// Numbers in the request count as positions that exist. Without any there is one at 1.
    fn new(new: &NewRecords, extremes: Extremes) -> Self {
        let place = new.columns.iter().position(|column| column.name == "position");
        let given = new.records.iter().filter_map(|record| match record.values.get(place?) {
            Some(RowValue::Known(Value::Float(number))) => Some(*number),
            _ => None,
        });
        let given: Vec<f64> = given.collect();
        let lowest = given.iter().copied().chain(extremes.lowest).reduce(f64::min);
        let highest = given.iter().copied().chain(extremes.highest).reduce(f64::max);
        Self { lowest: lowest.unwrap_or(1.0), highest: highest.unwrap_or(1.0) }
    }
}
