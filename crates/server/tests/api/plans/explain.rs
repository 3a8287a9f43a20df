//! Asks a database how it would run statements.

use fourfold_model::Value;
use fourfold_query::sql::{SqlTarget, Statement};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::support::TestData;
use crate::support::bulk::{open_file, schema};
use crate::support::postgres::{cluster, query, script};

/// How often a statement runs before PostgreSQL has chosen between a plan for each run and one for all.
const RUNS_UNTIL_SETTLED: usize = 7;

/// How the name ends of an index that has nothing but the trash in it.
const TRASH_INDEX: &str = "_trash";

/// How a plan reaches a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// Some rows, which an index leads to; or all that is in the trash.
    Search,
    /// Rows in the order of an index, until there are enough.
    Walk,
    /// All rows.
    Scan,
}

/// A statement with its plan.
pub(super) struct Explained {
    pub(super) text: String,
    /// An indented tree.
    pub(super) plan: String,
    /// Which tables it reads, and how; on PostgreSQL for the first time or later.
    pub(super) accesses: Vec<(String, Access)>,
}

/// The database of a workspace.
pub(super) enum Database {
    Sqlite(Box<Connection>, SqlTarget),
    Postgres { url: String, target: SqlTarget, schema: String },
}

impl Database {
    pub(super) fn open(data: &TestData) -> Self {
        if !data.is_database() {
            return Self::Sqlite(open_with_functions(data).into(), SqlTarget::sqlite());
        }
        let schema = schema(data);
        // Without an order of its own, and looked at anew only here: plans do not change under the test.
        data.database().sql("VACUUM ANALYZE");
        Self::Postgres { url: data.database().url(), target: SqlTarget::postgres(&schema), schema }
    }

    pub(super) fn target(&self) -> &SqlTarget {
        match self {
            Self::Sqlite(_, target) | Self::Postgres { target, .. } => target,
        }
    }

    /// The major version of PostgreSQL.
    pub(super) fn version(&self) -> Option<String> {
        match self {
            Self::Sqlite(..) => None,
            Self::Postgres { .. } => {
                Some(cluster().sql("SELECT current_setting('server_version_num')::INTEGER / 10000"))
            }
        }
    }

    pub(super) fn explain(&self, statements: &[Statement]) -> Vec<Explained> {
        statements
            .iter()
            .map(|statement| match self {
                Self::Sqlite(connection, _) => explain_sqlite(connection, &statement.text),
                Self::Postgres { url, schema, .. } => explain_postgres(url, schema, statement),
            })
            .collect()
    }

    /// How many columns refer to another table, and which of them begin no index.
    pub(super) fn references(&self) -> (usize, Vec<String>) {
        let columns: Vec<(String, bool)> = match self {
            Self::Sqlite(connection, _) => sqlite_references(connection),
            Self::Postgres { url, schema, .. } => {
                let rows = query(url, &POSTGRES_REFERENCES.replace("{schema}", schema))
                    .unwrap_or_else(|error| panic!("{error}"));
                let rows = rows.lines().filter_map(|line| line.split_once('|'));
                rows.map(|(column, indexed)| (column.to_owned(), indexed == "t")).collect()
            }
        };
        let bare = columns.iter().filter(|(_, indexed)| !indexed).map(|(column, _)| column.clone());
        (columns.len(), bare.collect())
    }
}

/// With functions of the names that the server registers; no plan calls them.
fn open_with_functions(data: &TestData) -> Connection {
    let connection = open_file(data);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for name in ["like_pattern", "like_folded"] {
        let registered = connection.create_scalar_function(name, 2, flags, |_| Ok(0));
        registered.expect("a function can be registered");
    }
    connection
}

/// `SEARCH t0 USING INDEX …`, `SCAN t0 …`, `USE TEMP B-TREE FOR ORDER BY`, each below its parent.
fn explain_sqlite(connection: &Connection, text: &str) -> Explained {
    let explaining = format!("EXPLAIN QUERY PLAN {text}");
    let mut prepared = connection.prepare(&explaining).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let mut rows = prepared.raw_query();
    let mut depths: Vec<(i64, usize)> = vec![(0, 1)];
    let mut lines: Vec<(usize, String)> = Vec::new();
    while let Some(row) = rows.next().expect("a plan has rows") {
        let (id, parent): (i64, i64) = (row.get_unwrap(0), row.get_unwrap(1));
        let depth = depths.iter().rev().find(|(known, _)| *known == parent).map_or(1, |(_, depth)| *depth);
        depths.push((id, depth + 1));
        lines.push((depth, row.get_unwrap(3)));
    }
    let is_cut = text.contains(" LIMIT ");
    let is_sorted = lines.iter().any(|(_, line)| line == "USE TEMP B-TREE FOR ORDER BY");
    let accesses = lines.iter().filter_map(|(_, line)| {
        let mut words = line.split(' ');
        let access = match words.next() {
            Some("SEARCH") => Access::Search,
            Some("SCAN") if line.contains("VIRTUAL TABLE") || line.contains("CONSTANT ROW") => return None,
            Some("SCAN") if line.contains(TRASH_INDEX) => Access::Search,
            Some("SCAN") if line.contains(" INDEX ") && is_cut && !is_sorted => Access::Walk,
            Some("SCAN") => Access::Scan,
            _ => return None,
        };
        Some((table_of(words.next()?, text), access))
    });
    let accesses = accesses.collect();
    let plan = lines.iter().map(|(depth, line)| format!("{}{line}\n", "  ".repeat(*depth)));
    Explained {
        text: shortened(text).to_owned(),
        plan: plan.collect::<String>().trim_end().to_owned(),
        accesses,
    }
}

/// The table that an alias such as `t0` stands for.
fn table_of(alias: &str, text: &str) -> String {
    let end = format!("\" AS {alias}");
    let table = text.match_indices(&end).find(|(place, found)| {
        let rest = &text[place + found.len()..];
        !rest.starts_with(|next: char| next.is_ascii_digit())
    });
    let named = table.and_then(|(place, _)| text[..place].rsplit('"').next());
    named.unwrap_or(alias).to_owned()
}

fn explain_postgres(url: &str, schema: &str, statement: &Statement) -> Explained {
    const SEPARATOR: &str = "-- next --";
    let values: Vec<String> = statement.binds.iter().map(argument).collect();
    let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    let run = format!("EXPLAIN (COSTS OFF) EXECUTE run{values}; SELECT '{SEPARATOR}';");
    let text = format!(
        "SET max_parallel_workers_per_gather = 0; PREPARE run AS {}; {}",
        statement.text,
        run.repeat(RUNS_UNTIL_SETTLED)
    );
    let output = script(url, &text).unwrap_or_else(|error| panic!("{}\n{error}", statement.text));
    let plans: Vec<&str> = output.split(SEPARATOR).map(str::trim).filter(|plan| !plan.is_empty()).collect();
    assert_eq!(plans.len(), RUNS_UNTIL_SETTLED, "{output}");
    let (first, settled) = (plans[0], plans[RUNS_UNTIL_SETTLED - 1]);
    let accesses = [first, settled].into_iter().flat_map(postgres_accesses).collect();
    let indented = settled.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let plan = indented.replace(schema, "ws").trim_end().to_owned();
    Explained { text: format!("{}\n{first}\n{settled}", shortened(&statement.text)), plan, accesses }
}

/// `Seq Scan on company t0`, `Index Scan using company_position on company t0` with `Index Cond: …` below it.
fn postgres_accesses(plan: &str) -> Vec<(String, Access)> {
    let nodes: Vec<&str> = plan.lines().map(|line| line.trim_start_matches([' ', '-', '>'])).collect();
    let is_cut = nodes.iter().any(|node| node.starts_with("Limit"));
    let is_sorted = nodes.contains(&"Sort");
    let is_node = |line: &&str| line.contains(" Scan ") || line.contains("->");
    let accesses = nodes.iter().enumerate().filter_map(|(place, node)| {
        let (kind, table) = node.split_once(" on ").filter(|_| node.contains("Scan"))?;
        let table = table.split(' ').next()?;
        let own = nodes[place + 1..].iter().take_while(|line| !is_node(line));
        let is_led = own.into_iter().any(|line| line.starts_with("Index Cond"));
        let access = match kind {
            _ if kind.starts_with("Bitmap Index") => return None,
            _ if kind.starts_with("Bitmap Heap") || kind.starts_with("Function") => Access::Search,
            _ if is_led || kind.contains(TRASH_INDEX) => Access::Search,
            _ if kind.starts_with("Index") && is_cut && !is_sorted => Access::Walk,
            _ => Access::Scan,
        };
        Some((table.trim_matches('"').to_owned(), access))
    });
    accesses.collect()
}

/// A statement without its long select list.
fn shortened(text: &str) -> &str {
    text.find(" FROM ").map_or(text, |from| &text[from..])
}

/// A value as PostgreSQL reads it for a placeholder of any type.
fn argument(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        value => format!("'{}'", plain(value).replace('\'', "''")),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Uuid(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(instant) => instant.to_string(),
        Value::Bytes(bytes) => {
            format!("\\x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Value::TextList(items) => array(items.iter().map(|item| Value::Text(item.clone()))),
        Value::List(_, items) | Value::Column(items) => array(items.iter().cloned()),
    }
}

fn array(items: impl Iterator<Item = Value>) -> String {
    let items = items.map(|item| match item {
        Value::Null => "NULL".into(),
        item => format!("\"{}\"", plain(&item).replace('\\', "\\\\").replace('"', "\\\"")),
    });
    format!("{{{}}}", items.collect::<Vec<String>>().join(","))
}

const POSTGRES_REFERENCES: &str = "SELECT c.conrelid::REGCLASS || '.' || a.attname, EXISTS (\
     SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL) \
     FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
     WHERE c.contype = 'f' AND c.connamespace = '\"{schema}\"'::REGNAMESPACE ORDER BY 1";

fn sqlite_references(connection: &Connection) -> Vec<(String, bool)> {
    let sql = "SELECT t.name || '.' || f.\"from\", EXISTS (\
         SELECT 1 FROM pragma_index_list(t.name) AS l JOIN pragma_index_info(l.name) AS c \
         WHERE c.seqno = 0 AND c.name = f.\"from\" AND NOT l.partial) \
         FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table' ORDER BY 1";
    let mut prepared = connection.prepare(sql).expect("the schema can be asked");
    let rows = prepared.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the schema answers");
    rows.map(|row| row.expect("a row has two columns")).collect()
}
