//! Very many records, put into the tables by SQL: over the API they would take minutes.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::TestData;

/// Fills tables of a workspace, whose server may be running, with `rows` each; one in twenty is in the trash.
/// All that SQL does not name gets its default; what triggers keep, such as totals, they keep here too.
///
/// Ids come before those that servers make, so that these records are the first of every list. Names are
/// ordered at random: their keys are no keys of theirs.
pub(crate) fn fill(data: &TestData, tables: &[Table], rows: usize) {
    for table in tables {
        match data.is_database() {
            true => {
                let schema = format!("\"{}\".", schema(data));
                data.database().sql(&table.insert(rows, &POSTGRES, &schema));
            }
            false => {
                let insert = table.insert(rows, &SQLITE, "");
                open_file(data).execute_batch(&insert).expect("the records can be stored");
            }
        }
    }
}

/// The id of the record of each object with this number, from 1.
pub(crate) fn id(number: usize) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

/// What an object's records hold beside the columns that all have.
pub(crate) struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    /// One for each column; `n` counts the rows from 1.
    values: &'static str,
}

pub(crate) const COMPANIES: Table =
    Table { name: "company", columns: &["name", "name_key"], values: "'Bulk ' || n, {key}" };

/// Each belongs to the company with its number, as the others do.
pub(crate) const PEOPLE: Table = Table {
    name: "person",
    columns: &["nameFirstName", "nameFirstName_key", "companyId"],
    values: "'Bulk ' || n, {key}, {id}",
};

/// What points at companies, and at notes.
pub(crate) const AROUND: [Table; 6] = [
    Table { name: "note", columns: &["title", "title_key"], values: "'Bulk ' || n, {key}" },
    Table { name: "noteTarget", columns: &["noteId", "targetCompanyId"], values: "{id}, {id}" },
    Table { name: "taskTarget", columns: &["targetCompanyId"], values: "{id}" },
    Table { name: "attachment", columns: &["targetCompanyId"], values: "{id}" },
    Table { name: "timelineActivity", columns: &["targetCompanyId"], values: "{id}" },
    Table { name: "opportunity", columns: &["companyId"], values: "{id}" },
];

/// What is written otherwise on each database.
struct Dialect {
    id_cast: &'static str,
    instant: &'static str,
    key: &'static str,
}

const SQLITE: Dialect = Dialect { id_cast: "", instant: "n * 1000", key: "randomblob(12)" };

const POSTGRES: Dialect =
    Dialect { id_cast: "::UUID", instant: "to_timestamp(n)", key: "decode(md5(n::TEXT), 'hex')" };

impl Table {
    fn insert(&self, rows: usize, dialect: &Dialect, schema: &str) -> String {
        let Dialect { id_cast, instant, key } = dialect;
        let digits = "substr(CAST(1000000000000 + n AS TEXT), 2)";
        let id = format!("('00000000-0000-7000-8000-' || {digits}){id_cast}");
        let values = self.values.replace("{key}", key).replace("{id}", &id);
        let columns: String = self.columns.iter().map(|column| format!(", \"{column}\"")).collect();
        format!(
            "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows}) \
             INSERT INTO {schema}\"{}\" (id, position, \"createdAt\", \"updatedAt\", \"deletedAt\"{columns}) \
             SELECT {id}, -n, {instant}, {instant}, CASE WHEN n % 20 = 0 THEN {instant} END, {values} FROM series",
            self.name,
        )
    }
}

/// The schema of the only workspace in a database.
pub(crate) fn schema(data: &TestData) -> String {
    data.database().sql("SELECT schemaname FROM pg_tables WHERE tablename = 'company'")
}

type Function = fn(&str) -> String;

/// What the server registers for triggers.
const FUNCTIONS: [(&str, Function); 2] =
    [("search_vector", fourfold_query::search::vector), ("search_lexemes", fourfold_query::search::lexemes)];

/// The file of the only workspace in a folder, opened beside the server, with the functions that triggers call.
pub(crate) fn open_file(data: &TestData) -> Connection {
    let folder = data.folder().join("workspaces");
    let entries = std::fs::read_dir(&folder).expect("the folder of workspaces can be read");
    let mut paths = entries.map(|entry| entry.expect("the folder of workspaces can be read").path());
    let file = paths.find(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    let connection = Connection::open(file.expect("there is a workspace")).expect("the file opens");
    connection.pragma_update(None, "foreign_keys", true).expect("foreign keys can be minded");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, function) in FUNCTIONS {
        let registered = connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(context.get_raw(0).as_str_or_null()?.map(function))
        });
        registered.expect("a function can be registered");
    }
    connection
}
