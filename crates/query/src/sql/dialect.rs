//! Where databases differ, each difference with its answers side by side.

mod search;

use std::borrow::Cow;
use std::fmt::Write as _;

use fourfold_model::{Scalar, Value};
use uuid::Uuid;

use super::{Alias, CellKind, SqlWriter};
use crate::bind::Bind;
use crate::calendar::Period;
use crate::operation::{Direction, Slot};
use crate::plan::{ColumnRef, Elements};

/// The database that a statement is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.44 or newer with FTS5, and with the functions that the server registers: `fold_case`,
    /// `like_pattern`, `like_folded`, `decimal_sum`, and those of days and of searching.
    Sqlite,
    /// PostgreSQL 15 or newer, built with ICU.
    Postgres,
}

/// What one statement may hold at most. A database refuses more when it prepares the text, so the limit
/// is the lower one of both (<https://sqlite.org/limits.html>; appendix K of PostgreSQL's manual): a
/// request that one of them takes, the other takes too.
pub(crate) struct Limits {
    /// Tables that one `FROM` joins; SQLite's.
    pub(crate) tables: usize,
    /// Columns of a row; PostgreSQL's 1664, less what statements add by themselves.
    pub(crate) columns: usize,
    /// Placeholders; SQLite's.
    pub(crate) binds: usize,
}

pub(crate) const LIMITS: Limits = Limits { tables: 64, columns: 1600, binds: 32_766 };

/// The longest identifier of PostgreSQL, in bytes.
const MAX_IDENTIFIER_BYTES: usize = 63;

impl Dialect {
    /// What stands before the number of a placeholder.
    pub(crate) fn placeholder(self) -> char {
        match self {
            Self::Sqlite => '?',
            Self::Postgres => '$',
        }
    }

    /// The name under which the database knows a table, column or index.
    ///
    /// PostgreSQL cuts longer names, and two of them could become one; so a long name ends in a digest of
    /// all of it. Columns that each table has by itself lend their names to no other.
    pub fn identifier(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Postgres if MAX_IDENTIFIER_BYTES < name.len() => {
                let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string();
                let mut kept = MAX_IDENTIFIER_BYTES - digest.len() - 1;
                while !name.is_char_boundary(kept) {
                    kept -= 1;
                }
                Cow::Owned(format!("{}_{digest}", &name[..kept]))
            }
            _ if self.system_columns().iter().any(|column| column.eq_ignore_ascii_case(name)) => {
                Cow::Owned(format!("{name}_"))
            }
            Self::Sqlite | Self::Postgres => Cow::Borrowed(name),
        }
    }

    /// The columns that every table has by itself (<https://sqlite.org/rowidtable.html>; PostgreSQL's
    /// manual, 5.5).
    fn system_columns(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["rowid", "oid", "_rowid_"],
            Self::Postgres => &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"],
        }
    }

    /// The column type for values of this kind.
    ///
    /// SQLite has neither dates nor UUIDs: ids and dates are text, whose byte order is their order;
    /// instants are milliseconds since 1970, lists and JSON are JSON text. On PostgreSQL text compares by
    /// its bytes, as on SQLite, and JSON is `json`, which keeps the order of keys.
    pub fn column_type(self, scalar: Scalar) -> &'static str {
        match self {
            Self::Sqlite => match scalar {
                Scalar::BigInt | Scalar::Boolean | Scalar::DateTime => "INTEGER",
                Scalar::Float => "REAL",
                Scalar::Uuid
                | Scalar::Text
                | Scalar::Date
                | Scalar::Option
                | Scalar::OptionList
                | Scalar::TextList
                | Scalar::Json
                | Scalar::SearchVector => "TEXT",
            },
            Self::Postgres => match scalar {
                Scalar::Uuid => "UUID",
                Scalar::Text | Scalar::Option | Scalar::SearchVector => "TEXT COLLATE \"C\"",
                Scalar::Float => "DOUBLE PRECISION",
                Scalar::BigInt => "BIGINT",
                Scalar::Boolean => "BOOLEAN",
                Scalar::Date => "DATE",
                Scalar::DateTime => "TIMESTAMPTZ",
                Scalar::OptionList | Scalar::TextList => "TEXT[] COLLATE \"C\"",
                Scalar::Json => "JSON",
            },
        }
    }

    /// The type of a column of bytes.
    pub(crate) fn bytes_type(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }

    /// What stands behind a placeholder that a column of this kind is compared with. PostgreSQL finds the
    /// type of a single value out by itself, but for fractions that whole numbers are compared with.
    pub(crate) fn operand_cast(self, scalar: Scalar) -> &'static str {
        match (self, scalar) {
            (Self::Postgres, Scalar::BigInt) => "::NUMERIC",
            (Self::Postgres | Self::Sqlite, _) => "",
        }
    }

    /// What stands behind a placeholder for a whole number where nothing else tells its type.
    pub(crate) fn whole_number_cast(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "::BIGINT",
        }
    }

    /// A pattern match that minds case, with `\` before what stands for itself: before the text, between
    /// text and pattern, after.
    ///
    /// SQLite's own `LIKE` folds ASCII, so our connections register a function.
    pub(crate) fn like(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["like_pattern(", ", ", ")"],
            Self::Postgres => ["(", " LIKE ", ")"],
        }
    }

    /// The same without case, for a pattern that has none. SQLite has [`Self::fold_case`] in one function with
    /// the match, which copies no text that it looks at.
    pub(crate) fn like_folded(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["like_folded(", ", ", ")"],
            Self::Postgres => {
                ["(replace(lower((", ") COLLATE \"und-x-icu\"), 'ς', 'σ') COLLATE \"C\" LIKE ", ")"]
            }
        }
    }

    /// Text without its case, as [`fold_case`](crate::fold_case) has it: before and after. SQLite folds
    /// only ASCII, so our connections register that function.
    pub(crate) fn fold_case(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["fold_case(", ")"],
            Self::Postgres => ["replace(lower((", ") COLLATE \"und-x-icu\"), 'ς', 'σ') COLLATE \"C\""],
        }
    }

    /// A list or JSON as its JSON text: before and after the column.
    pub(crate) fn json_text(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["", ""],
            Self::Postgres => ["(to_json(", ")::TEXT COLLATE \"C\")"],
        }
    }

    /// How a direction is written. Where nulls go by themselves it says nothing, so that an index in the
    /// database's own order serves it: SQLite takes null for the smallest value, PostgreSQL for the
    /// largest. What is never null says nothing about nulls.
    pub(crate) fn direction(self, direction: Direction, may_be_null: bool) -> &'static str {
        match (self, direction, may_be_null) {
            (_, Direction::AscNullsFirst | Direction::AscNullsLast, false)
            | (Self::Sqlite, Direction::AscNullsFirst, true)
            | (Self::Postgres, Direction::AscNullsLast, true) => "",
            (_, Direction::DescNullsFirst | Direction::DescNullsLast, false)
            | (Self::Sqlite, Direction::DescNullsLast, true)
            | (Self::Postgres, Direction::DescNullsFirst, true) => " DESC",
            (Self::Sqlite, Direction::AscNullsLast, true) => " NULLS LAST",
            (Self::Postgres, Direction::AscNullsFirst, true) => " NULLS FIRST",
            (Self::Sqlite, Direction::DescNullsFirst, true) => " DESC NULLS FIRST",
            (Self::Postgres, Direction::DescNullsLast, true) => " DESC NULLS LAST",
        }
    }

    /// A table `p` of a bound list of ids, with `key` (place in the list) and `value`.
    pub(crate) fn list_table(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["json_each(", ") AS p"],
            Self::Postgres => ["unnest(", "::UUID[]) WITH ORDINALITY AS p(value, key)"],
        }
    }

    /// Whether a value is in a bound list of this kind: before and after the list.
    pub(crate) fn in_list(self, scalar: Scalar) -> [&'static str; 2] {
        match self {
            Self::Sqlite => [" IN (SELECT value FROM json_each(", "))"],
            Self::Postgres => [
                " = ANY (",
                match scalar {
                    Scalar::Uuid => "::UUID[])",
                    Scalar::Float => "::DOUBLE PRECISION[])",
                    Scalar::BigInt => "::NUMERIC[])",
                    Scalar::Boolean => "::BOOLEAN[])",
                    Scalar::Date => "::DATE[])",
                    Scalar::DateTime => "::TIMESTAMPTZ[])",
                    Scalar::Text
                    | Scalar::Option
                    | Scalar::OptionList
                    | Scalar::TextList
                    | Scalar::Json
                    | Scalar::SearchVector => "::TEXT[])",
                },
            ],
        }
    }

    /// Whether a statement takes many rows as one array for each column.
    pub(crate) fn takes_arrays(self) -> bool {
        match self {
            Self::Sqlite => false,
            Self::Postgres => true,
        }
    }

    /// What stands behind the placeholder for the values of a column in many rows. Arrays of lists would
    /// be taken apart too far, so lists are elements as text.
    pub(crate) fn array_cast(self, kind: CellKind) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, _) => "",
            (Self::Postgres, CellKind::Bytes) => "::BYTEA[]",
            (Self::Postgres, CellKind::Scalar(scalar)) => match scalar {
                Scalar::Uuid => "::UUID[]",
                Scalar::Float => "::DOUBLE PRECISION[]",
                Scalar::BigInt => "::BIGINT[]",
                Scalar::Boolean => "::BOOLEAN[]",
                Scalar::Date => "::DATE[]",
                Scalar::DateTime => "::TIMESTAMPTZ[]",
                Scalar::Json => "::JSON[]",
                Scalar::Text
                | Scalar::Option
                | Scalar::OptionList
                | Scalar::TextList
                | Scalar::SearchVector => "::TEXT[]",
            },
        }
    }

    /// What stands behind the placeholder for one value of a column where nothing else tells its type.
    pub(crate) fn value_cast(self, kind: CellKind) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, _) => "",
            (Self::Postgres, CellKind::Bytes) => "::BYTEA",
            (Self::Postgres, CellKind::Scalar(scalar)) => match scalar {
                Scalar::Uuid => "::UUID",
                Scalar::Float => "::DOUBLE PRECISION",
                Scalar::BigInt => "::BIGINT",
                Scalar::Boolean => "::BOOLEAN",
                Scalar::Date => "::DATE",
                Scalar::DateTime => "::TIMESTAMPTZ",
                Scalar::Json => "::JSON",
                Scalar::OptionList | Scalar::TextList => "::TEXT[]",
                Scalar::Text | Scalar::Option | Scalar::SearchVector => "::TEXT",
            },
        }
    }

    /// What stands behind an element of such an array to become the column's value.
    pub(crate) fn element_cast(self, kind: CellKind) -> &'static str {
        match (self, kind) {
            (Self::Postgres, CellKind::Scalar(Scalar::OptionList | Scalar::TextList)) => "::TEXT[]",
            (Self::Postgres | Self::Sqlite, _) => "",
        }
    }

    /// The elements of a list column, as a table `e` with one column `value`.
    pub(crate) fn list_elements(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["json_each(", ") AS e"],
            Self::Postgres => ["unnest(", ") AS e(value)"],
        }
    }

    /// One value made of several, equal to another when all of them are, nulls included.
    pub(crate) fn value_list(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["json_array(", ")"],
            Self::Postgres => ["ROW(", ")"],
        }
    }

    /// One value made of all that a group has in common, missing values included, that rows can be joined
    /// by: before the values, between them, after.
    ///
    /// SQLite finds no rows by several values that may be missing, so there it is a text of what each would
    /// be as a literal. On PostgreSQL it is a record; without its type, its parts would be compared one by
    /// one.
    pub(crate) fn group_key(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["(quote(", ") || quote(", "))"],
            Self::Postgres => ["ROW(", ", ", ")::RECORD"],
        }
    }

    /// Whether a key is one of `_groups`: before and after it. SQLite makes an index of a list, but not
    /// of what it looks into for each row; PostgreSQL takes a record before a list for several values.
    pub(crate) fn is_among_groups(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["", " IN (SELECT g.key FROM _groups AS g)"],
            Self::Postgres => ["EXISTS (SELECT 1 FROM _groups AS g WHERE g.key = ", ")"],
        }
    }

    /// The exact sum of a column, as the double next to it; null when all of the column is, or no double
    /// is near. The column stands between the pieces.
    ///
    /// Doubles are added as the decimal numbers that clients wrote, so that the sum depends on no order.
    /// SQLite has no such numbers: our connections register a function.
    pub(crate) fn sum(self, scalar: Scalar) -> &'static [&'static str] {
        match (self, scalar) {
            (Self::Sqlite, _) => &["decimal_sum(", ")"],
            (Self::Postgres, Scalar::BigInt) => &["sum(", ")::DOUBLE PRECISION"],
            (Self::Postgres, _) => &[
                // Half of the smallest double there is.
                "CASE WHEN abs(sum(",
                "::TEXT::NUMERIC)) <= 2.4703282292062328e-324 THEN 0::DOUBLE PRECISION WHEN abs(sum(",
                // Halfway between the largest double and the next there would be.
                "::TEXT::NUMERIC)) < 1.797693134862315807937289714053e308 THEN sum(",
                "::TEXT::NUMERIC)::DOUBLE PRECISION END",
            ],
        }
    }

    /// Whether the rows of a read end in a column with the version of the model in force.
    ///
    /// Servers that share a PostgreSQL database have to notice that another one has changed the model. A
    /// SQLite file has one server, which knows.
    pub(crate) fn tells_model_version(self) -> bool {
        match self {
            Self::Sqlite => false,
            Self::Postgres => true,
        }
    }

    /// The period of a day: before and after. What stands between is written by [`write_local_day`].
    ///
    /// SQLite has no calendar of whole numbers, so our connections register a function. On PostgreSQL weeks
    /// are counted from one that began in the year -399, which is before all days.
    fn period(self, period: Period) -> [&'static str; 2] {
        match (self, period) {
            (Self::Sqlite, Period::Day) => ["", ""],
            (Self::Sqlite, Period::WeekFromMonday) => ["period('week from monday', ", ")"],
            (Self::Sqlite, Period::WeekFromSunday) => ["period('week from sunday', ", ")"],
            (Self::Sqlite, Period::WeekFromSaturday) => ["period('week from saturday', ", ")"],
            (Self::Sqlite, Period::Month) => ["period('month', ", ")"],
            (Self::Sqlite, Period::Quarter) => ["period('quarter', ", ")"],
            (Self::Sqlite, Period::Year) => ["period('year', ", ")"],
            (Self::Sqlite, Period::DayOfTheWeek) => ["period('day of the week', ", ")"],
            (Self::Sqlite, Period::MonthOfTheYear) => ["period('month of the year', ", ")"],
            (Self::Sqlite, Period::QuarterOfTheYear) => ["period('quarter of the year', ", ")"],
            (Self::Postgres, Period::Day) => ["", "::DATE"],
            (Self::Postgres, Period::WeekFromMonday) => {
                ["date_bin('7 days', ", ", TIMESTAMP '0400-01-01 BC')::DATE"]
            }
            (Self::Postgres, Period::WeekFromSunday) => {
                ["date_bin('7 days', ", ", TIMESTAMP '0401-12-31 BC')::DATE"]
            }
            (Self::Postgres, Period::WeekFromSaturday) => {
                ["date_bin('7 days', ", ", TIMESTAMP '0401-12-30 BC')::DATE"]
            }
            (Self::Postgres, Period::Month) => ["date_trunc('month', ", ")::DATE"],
            (Self::Postgres, Period::Quarter) => ["date_trunc('quarter', ", ")::DATE"],
            (Self::Postgres, Period::Year) => ["date_trunc('year', ", ")::DATE"],
            (Self::Postgres, Period::DayOfTheWeek) => ["extract(isodow FROM ", ")::BIGINT"],
            (Self::Postgres, Period::MonthOfTheYear) => ["extract(month FROM ", ")::BIGINT"],
            (Self::Postgres, Period::QuarterOfTheYear) => ["extract(quarter FROM ", ")::BIGINT"],
        }
    }

    /// What keeps other writers out of a table until the transaction ends, and those who lock its rows:
    /// before and after its name. SQLite has one writer.
    pub(crate) fn lock_table(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(["LOCK TABLE ", " IN EXCLUSIVE MODE"]),
        }
    }

    /// What keeps rows of `t0` that a transaction selected as they are, until it has changed them. SQLite
    /// has one writer.
    pub(crate) fn lock_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE OF t0",
        }
    }

    /// The same for rows that nobody else keeps; the others are left out.
    pub fn lock_free_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// What closes a table definition.
    pub fn table_options(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT",
            Self::Postgres => "",
        }
    }
}

/// Joins each parent `p` with its rows of `table`. `rest` writes what follows the select list of one
/// parent's rows: where they come from, which they are, their order and their limit. `columns` are those of
/// the table that the statement uses, or none for all.
///
/// SQLite lets a select look at the parent only where it is compared with. PostgreSQL would run that for
/// every pair of a parent and a row, and has joins that look at what stands before them.
pub(super) fn join_per_parent<B>(
    sql: &mut SqlWriter<B>,
    table: &str,
    alias: Alias,
    columns: &[&str],
    rest: impl FnOnce(&mut SqlWriter<B>),
) {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.raw(" JOIN ").table(table).raw(" AS ").alias(alias);
            sql.raw(" ON ").column(alias, "id").raw(" IN (SELECT ").column(alias, "id");
            rest(sql);
            sql.raw(")");
        }
        Dialect::Postgres => {
            // Each column costs, when the statement is planned and for each row.
            sql.raw(" CROSS JOIN LATERAL (SELECT ");
            if columns.is_empty() {
                sql.alias(alias).raw(".*");
            }
            sql.separated(", ", columns, |sql, column| _ = sql.column(alias, column));
            rest(sql);
            sql.raw(") AS ").alias(alias);
        }
    }
}

/// Divides a sum by the number of its values; `sum` and `count` write them.
///
/// PostgreSQL refuses a quotient that is nearer to 0 than any double, which is 0 on SQLite.
pub(super) fn write_average<B>(
    sql: &mut SqlWriter<B>,
    scalar: Scalar,
    sum: impl Fn(&mut SqlWriter<B>),
    count: impl Fn(&mut SqlWriter<B>),
) {
    let quotient = |sql: &mut SqlWriter<B>| {
        sum(sql);
        sql.raw(" / ");
        count(sql);
    };
    if sql.dialect() == Dialect::Sqlite || scalar != Scalar::Float {
        return quotient(sql);
    }
    // Tiny sums are so many times the smallest double: 0 is nearest when that is at most half of the count.
    sql.raw("CASE WHEN 1e-300 < abs(");
    sum(sql);
    sql.raw(") THEN ");
    quotient(sql);
    sql.raw(" WHEN 2 * abs(");
    sum(sql);
    sql.raw(") / '5e-324'::DOUBLE PRECISION <= ");
    count(sql);
    sql.raw(" THEN 0 ELSE ");
    quotient(sql);
    sql.raw(" END");
}

/// Writes the period that a day falls into, or an instant: in UTC, or by the clocks of a time zone.
pub(super) fn write_period(
    sql: &mut SqlWriter<Bind>,
    column: &ColumnRef,
    scalar: Scalar,
    period: Period,
    zone: Option<Slot>,
) {
    let [before, after] = sql.dialect().period(period);
    sql.raw(before);
    write_local_day(sql, column, scalar, zone);
    sql.raw(after);
}

/// Writes the day of a column, or an instant of that day. The clocks of a time zone are bound: how far they
/// are ahead of UTC, and since when, so that neither database needs to know time zones.
fn write_local_day(sql: &mut SqlWriter<Bind>, column: &ColumnRef, scalar: Scalar, zone: Option<Slot>) {
    let name = |sql: &mut SqlWriter<Bind>| _ = sql.column(column.alias, &column.column);
    match (sql.dialect(), zone) {
        (Dialect::Sqlite, None) => {
            sql.raw("day_number(");
            name(sql);
            sql.raw(")");
        }
        (Dialect::Sqlite, Some(zone)) => {
            sql.raw("day_number(");
            name(sql);
            sql.raw(", ").bind(Bind::ZoneOffsets(zone)).raw(", ").bind(Bind::ZoneStarts(zone)).raw(")");
        }
        (Dialect::Postgres, None) => {
            sql.raw("(");
            name(sql);
            sql.raw(if scalar == Scalar::Date { "::TIMESTAMP)" } else { " AT TIME ZONE 'UTC')" });
        }
        (Dialect::Postgres, Some(zone)) => {
            sql.raw("(");
            name(sql);
            sql.raw(" AT TIME ZONE 'UTC' + (").bind(Bind::ZoneOffsets(zone)).raw("::BIGINT[])[width_bucket(");
            name(sql);
            sql.raw(", ").bind(Bind::ZoneStarts(zone)).raw("::TIMESTAMPTZ[])] * INTERVAL '1 second')");
        }
    }
}

/// Writes the elements of a list column as rows `alias`, each element of a record once; a record without
/// any keeps its row.
pub(super) fn join_elements<B>(sql: &mut SqlWriter<B>, elements: &Elements) {
    let Elements { alias, list } = elements;
    let list = |sql: &mut SqlWriter<B>| _ = sql.column(list.alias, &list.column);
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.raw(" LEFT JOIN json_each(");
            list(sql);
            sql.raw(") AS ").alias(*alias).raw(" ON ").alias(*alias);
            sql.raw(".key = (SELECT min(e.key) FROM json_each(");
            list(sql);
            sql.raw(") AS e WHERE e.value = ").alias(*alias).raw(".value)");
        }
        Dialect::Postgres => {
            sql.raw(" LEFT JOIN LATERAL (SELECT DISTINCT e.value FROM unnest(");
            list(sql);
            sql.raw(") AS e(value)) AS ").alias(*alias).raw(" ON TRUE");
        }
    }
}

/// Writes a value as SQL text. DDL takes no binds.
pub(super) fn write_literal(dialect: Dialect, value: &Value, text: &mut String) {
    match (dialect, value) {
        (_, Value::Null) => text.push_str("NULL"),
        (_, Value::Integer(number)) => _ = write!(text, "{number}"),
        (_, Value::Float(number)) => _ = write!(text, "{number:?}"),
        (Dialect::Sqlite, Value::Boolean(truth)) => text.push(if *truth { '1' } else { '0' }),
        (Dialect::Postgres, Value::Boolean(truth)) => text.push_str(if *truth { "TRUE" } else { "FALSE" }),
        (Dialect::Sqlite, Value::DateTime(instant)) => _ = write!(text, "{}", instant.as_millisecond()),
        (Dialect::Postgres, Value::DateTime(instant)) => _ = write!(text, "'{instant}'"),
        (_, Value::Text(content) | Value::Json(content)) => write_quoted(dialect, content, text),
        (_, Value::Uuid(id)) => _ = write!(text, "'{id}'"),
        (_, Value::Date(date)) => _ = write!(text, "'{date}'"),
        (Dialect::Sqlite, Value::TextList(items)) => {
            write_quoted(dialect, &serde_json::Value::from(items.clone()).to_string(), text);
        }
        (Dialect::Postgres, Value::TextList(items)) => {
            text.push_str("ARRAY[");
            for (place, item) in items.iter().enumerate() {
                text.push_str(if 0 < place { ", " } else { "" });
                write_quoted(dialect, item, text);
            }
            text.push_str("]::TEXT[]");
        }
        (Dialect::Sqlite, Value::Bytes(bytes)) => {
            text.push_str("X'");
            write_hex(bytes, text);
            text.push('\'');
        }
        (Dialect::Postgres, Value::Bytes(bytes)) => {
            text.push_str("decode('");
            write_hex(bytes, text);
            text.push_str("', 'hex')");
        }
        // Nothing to compare with stands in DDL.
        (_, Value::List(..) | Value::Column(_)) => text.push_str("NULL"),
    }
}

fn write_hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        _ = write!(text, "{byte:02x}");
    }
}

/// PostgreSQL may be set to read a backslash as the start of an escape, which `E` makes it do in any case.
fn write_quoted(dialect: Dialect, content: &str, text: &mut String) {
    let escapes = dialect == Dialect::Postgres && content.contains('\\');
    text.push_str(if escapes { " E'" } else { "'" });
    for character in content.chars() {
        if character == '\'' || (escapes && character == '\\') {
            text.push(character);
        }
        text.push(character);
    }
    text.push('\'');
}
