//! Every row that a server has stored, for comparing.

use std::fs;
use std::path::Path;

use super::postgres::Database;

/// The rows of all databases in a data folder.
pub(super) fn of_folder(folder: &Path) -> String {
    let mut dump = String::new();
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("the data folder can be read")
        .map(|entry| entry.expect("the data folder can be read").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            dump.push_str(&of_folder(&path));
        } else if path.extension().is_some_and(|extension| extension == "sqlite") {
            dump.push_str(&of_file(&path).expect("the database can be read"));
        }
    }
    dump
}

fn of_file(path: &Path) -> rusqlite::Result<String> {
    let file = rusqlite::Connection::open(path)?;
    let mut tables = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let tables = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut dump = String::new();
    for table in tables {
        let mut rows = file.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
            dump.push_str(&format!("{table} {:?}\n", values.collect::<Result<Vec<_>, _>>()?));
        }
    }
    Ok(dump)
}

/// A digest of the rows of each table.
pub(super) fn of_database(database: &Database) -> String {
    let tables = database.sql(
        "SELECT string_agg(format('SELECT %L, md5(string_agg(t::text, E''\\n'' ORDER BY t::text)) FROM %I.%I t', \
         n.nspname || '.' || c.relname, n.nspname, c.relname), ' UNION ALL ') \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' \
         AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'",
    );
    database.sql(&format!("{tables} ORDER BY 1"))
}
