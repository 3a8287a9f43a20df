//! Scripts that make the server's own tables, written once for both databases.

use fourfold_model::Scalar;
use fourfold_query::sql::Dialect;

/// Stands in a script for what closes a table definition.
const TABLE_OPTIONS: &str = "{options}";

/// What stands in a script for the type of a column.
const TYPES: [(&str, Scalar); 5] = [
    ("{uuid}", Scalar::Uuid),
    ("{integer}", Scalar::BigInt),
    ("{boolean}", Scalar::Boolean),
    ("{time}", Scalar::DateTime),
    ("{json}", Scalar::Json),
];

/// A script as this database takes it.
pub(super) fn text_for(dialect: Dialect, script: &str) -> String {
    let adapted = script.replace(TABLE_OPTIONS, dialect.table_options());
    TYPES.iter().fold(adapted, |script, (name, scalar)| script.replace(name, dialect.column_type(*scalar)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_written_for_each_database() {
        let script =
            "CREATE TABLE t (id {uuid}, n {integer}, is_on {boolean}, at {time}, d {json}){options};";
        for (dialect, expected) in [
            (
                Dialect::Sqlite,
                "CREATE TABLE t (id TEXT, n INTEGER, is_on INTEGER, at INTEGER, d TEXT) STRICT;",
            ),
            (Dialect::Postgres, "CREATE TABLE t (id UUID, n BIGINT, is_on BOOLEAN, at TIMESTAMPTZ, d JSON);"),
        ] {
            assert_eq!(text_for(dialect, script), expected);
        }
    }
}
