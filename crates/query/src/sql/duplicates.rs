//! The search for duplicates as SQL: one statement for all probes, and one for their totals.
//!
//! ```sql
//! WITH r AS MATERIALIZED (probes: key, c0 the own id, c1 a text, c2 the key that it sorts by, c3 …),
//! m(key, id) AS (
//!   SELECT r.key, s0."id" FROM r JOIN "company" AS s0 ON coalesce(s0."name_key", X'') = r.c2 AND s0."name" = r.c1
//!   WHERE s0."id" <> r.c0 AND s0."deletedAt" IS NULL UNION …)
//! ```
//!
//! The keys are there for their indexes: those of texts may be too long for one.

use fourfold_model::{Scalar, Value};

use super::condition::write_key;
use super::rows::{CellKind, write_key_rows};
use super::{Alias, SqlWriter};
use crate::bind::Bind;
use crate::plan::{DuplicateSearch, MAX_DUPLICATES, MIN_CHARACTERS, ProbeSource, RowsPlan};
use crate::sort_key::{NoText, key_column};

/// The table of the object inside the search.
const FOUND: Alias = Alias::sub(0);

/// Writes `r` and `m` before the select of a statement.
pub(super) fn write_search(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, search: &DuplicateSearch) {
    sql.raw("WITH r AS MATERIALIZED (");
    match &search.probes {
        ProbeSource::Records(ids) => write_stored_probes(sql, rows, search, ids),
        ProbeSource::Rows => {
            let texts = search.criteria.iter().flatten();
            let kinds = texts.flat_map(|_| [CellKind::Scalar(Scalar::Text), CellKind::Bytes]);
            let kinds: Vec<_> = std::iter::once(CellKind::Scalar(Scalar::Uuid)).chain(kinds).collect();
            let binds = match sql.dialect().takes_arrays() {
                true => (0..kinds.len()).map(Bind::RowsColumn).collect(),
                false => vec![Bind::Rows],
            };
            write_key_rows(sql, &kinds, binds);
        }
    }
    sql.raw("), m(key, id) AS (");
    if search.criteria.is_empty() {
        sql.raw("SELECT key, c0 FROM r WHERE 1 = 0");
    }
    let mut cell = 1;
    sql.separated(" UNION ", &search.criteria, |sql, criterion| {
        sql.raw("SELECT r.key, ").column(FOUND, "id").raw(" FROM r JOIN ").table(&rows.table);
        sql.raw(" AS ").alias(FOUND).raw(" ON ");
        sql.separated(" AND ", criterion, |sql, column| {
            // As the indexes have it.
            write_key(sql, NoText::Lowest, |sql| _ = sql.column(FOUND, &key_column(column)));
            sql.raw(" = r.c").number(cell + 1);
            sql.raw(" AND ").column(FOUND, column).raw(" = r.c").number(cell);
            cell += 2;
        });
        sql.raw(" WHERE ").column(FOUND, "id").raw(" <> r.c0 AND ");
        sql.column(FOUND, "deletedAt").raw(" IS NULL");
    });
    sql.raw(") ");
}

/// The live records with these ids as probes: a criterion that does not count for one has no keys.
fn write_stored_probes(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, search: &DuplicateSearch, ids: &Bind) {
    let [before, after] = sql.dialect().list_table();
    sql.raw("SELECT p.key, ").column(FOUND, "id").raw(" AS c0");
    let mut cell = 1;
    for criterion in &search.criteria {
        for column in criterion {
            sql.raw(", ").column(FOUND, column).raw(" AS c").number(cell);
            sql.raw(", CASE WHEN ");
            sql.separated(" AND ", criterion, |sql, column| {
                sql.raw("length(").column(FOUND, column).raw(") >= ").number(MIN_CHARACTERS);
            });
            sql.raw(" THEN ").column(FOUND, &key_column(column)).raw(" END AS c").number(cell + 1);
            cell += 2;
        }
    }
    sql.raw(" FROM ").raw(before).bind(ids.clone()).raw(after);
    sql.raw(" JOIN ").table(&rows.table).raw(" AS ").alias(FOUND);
    sql.raw(" ON ").column(FOUND, "id").raw(" = p.value WHERE ");
    sql.column(FOUND, "deletedAt").raw(" IS NULL");
}

/// ` FROM r LEFT JOIN (…) AS d ON … LEFT JOIN "company" AS t0 ON …`: the first duplicates `d` of each probe by
/// their ids, and a row without a record for a probe that has none.
pub(super) fn from_found(sql: &mut SqlWriter<Bind>, rows: &RowsPlan) {
    sql.raw(
        " FROM r LEFT JOIN (SELECT key, id, row_number() OVER (PARTITION BY key ORDER BY id) AS place FROM m) \
         AS d ON d.key = r.key AND d.place <= ",
    );
    sql.bind(Bind::Constant(Value::Integer(MAX_DUPLICATES)));
    sql.raw(" LEFT JOIN ").table(&rows.table).raw(" AS ").alias(rows.alias);
    sql.raw(" ON ").column(rows.alias, "id").raw(" = d.id");
}

/// ` FROM m JOIN "company" AS t0 ON …`: all duplicates of all probes, with their columns where any is used.
pub(super) fn from_all_found(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, uses_columns: bool) {
    sql.raw(" FROM m");
    if uses_columns {
        sql.raw(" JOIN ").table(&rows.table).raw(" AS ").alias(rows.alias);
        sql.raw(" ON ").column(rows.alias, "id").raw(" = m.id");
    }
}
