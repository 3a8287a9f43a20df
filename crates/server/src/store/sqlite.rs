//! SQLite: one writer that commits waiting requests together, and readers beside it.
//!
//! The file is in WAL mode, so readers see the last commit while the writer goes on. Nothing here
//! blocks the async runtime: every touch of a connection happens on a blocking thread.

mod days;
mod decimal_sum;
mod functions;
mod rows;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use fourfold_model::{Scalar, Value};
use fourfold_query::sql::{Dialect, SqlTarget, Statement};
use fourfold_query::{BoundRead, CompiledRead, ReadOutput};
use futures_util::future::BoxFuture;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ToSql, types};
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use super::{Premise, Row, StoreError, Transaction, migration};
use rows::fetch_json;
pub(super) use rows::fetch_json_in_snapshot;
use writer::Writer;

/// Whether a missing file is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileMode {
    /// The file must exist.
    Existing,
    /// A missing file is made, readable by its owner alone.
    CreateIfMissing,
}

/// How long a statement waits for another process that holds the file's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Prepared statements that each connection keeps, by their text.
const STATEMENTS_PER_CONNECTION: usize = 256;

/// Reads of one store that run at the same time; further ones wait.
const MAX_READERS: usize = 8;

/// One SQLite file.
pub(crate) struct SqliteStore {
    target: SqlTarget,
    path: PathBuf,
    idle_readers: Mutex<Vec<Connection>>,
    reader_permits: Semaphore,
    writer: Writer,
}

impl SqliteStore {
    pub(super) fn open(path: &Path, mode: FileMode, migrations: &[&'static str]) -> Result<Self, StoreError> {
        let mut connection = connect(path, mode)?;
        migrate(&mut connection, migrations)?;
        Ok(Self {
            target: SqlTarget::sqlite(),
            path: path.to_owned(),
            idle_readers: Mutex::default(),
            reader_permits: Semaphore::new(MAX_READERS),
            writer: Writer::new(connection),
        })
    }

    pub(super) fn target(&self) -> &SqlTarget {
        &self.target
    }

    /// Runs `work` on a connection for reading, in one snapshot.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = self.reader_permits.acquire().await.map_err(|_closed| StoreError::Busy)?;
        let idle = self.lock_idle().pop();
        let path = self.path.clone();
        let (connection, outcome) = tokio::task::spawn_blocking(move || {
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&path, FileMode::Existing)?,
            };
            let outcome = work(&connection);
            Ok::<_, StoreError>((connection, outcome))
        })
        .await
        .map_err(|failure| StoreError::Other(failure.to_string()))??;
        // One whose transaction could not be ended would make the next request fail.
        if connection.is_autocommit() {
            self.lock_idle().push(connection);
        }
        outcome
    }

    pub(super) async fn write<T, E>(
        &self,
        premise: Premise,
        work: impl for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(premise, work).await
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.lock_idle().clear();
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle_readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn connect(path: &Path, mode: FileMode) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if mode == FileMode::CreateIfMissing {
        create_private_file(path)
            .map_err(|error| StoreError::Other(format!("{}: {error}", path.display())))?;
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_PER_CONNECTION);
    // FULL: a commit that was answered survives a power cut, not only a crash of the process.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA mmap_size = 268435456;",
    )?;
    // Plans depend on the text of a statement alone. Otherwise SQLite compiles a statement anew whenever
    // another limit is bound to it, which costs more than running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    functions::register(&connection)?;
    Ok(connection)
}

/// Makes the file before SQLite would, so that nobody else can read it at any moment.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn migrate(connection: &mut Connection, migrations: &[&'static str]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let seen: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if known < seen {
        return Err(StoreError::NewerSchema { found: seen, known });
    }
    for script in migrations.iter().skip(usize::try_from(seen).unwrap_or_default()) {
        transaction.execute_batch(&migration::text_for(Dialect::Sqlite, script))?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// The open transaction of the writer, or of one request in it.
pub(crate) struct SqliteTransaction {
    connection: Connection,
    target: SqlTarget,
}

impl SqliteTransaction {
    fn new(connection: Connection) -> Self {
        Self { connection, target: SqlTarget::sqlite() }
    }

    pub(super) fn target(&self) -> &SqlTarget {
        &self.target
    }

    /// # Errors
    /// `StaleModel` when the premise does not hold. As there is one writer, it then holds to the end.
    fn check(&self, premise: &Premise) -> Result<(), StoreError> {
        let (Premise::Model(basis) | Premise::ReplacedModel(basis)) = premise else { return Ok(()) };
        let found = rows(&self.connection, &basis.current)?;
        if found.first().is_some_and(|row| row.integer(0) == basis.version) {
            Ok(())
        } else {
            Err(StoreError::StaleModel)
        }
    }

    pub(super) fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
        statements.iter().map(|statement| execute(&self.connection, statement)).collect()
    }

    pub(super) fn rows(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        statements.iter().map(|statement| rows(&self.connection, statement)).collect()
    }

    pub(super) fn values(
        &mut self,
        statement: &Statement,
        scalars: &[Scalar],
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        rows::values(&self.connection, statement, scalars)
    }

    pub(super) fn execute_and_fetch(
        &mut self,
        statements: &[Statement],
        read: &CompiledRead,
        bound: &BoundRead,
        ids: &Value,
    ) -> Result<ReadOutput, StoreError> {
        self.execute(statements)?;
        fetch_json(&self.connection, read, bound, Some(ids))
    }
}

fn execute(connection: &Connection, statement: &Statement) -> Result<u64, StoreError> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    let mut changed = 0;
    let binds_of_run = statement.binds.len() / statement.runs.max(1);
    for run in 0..statement.runs {
        let binds = &statement.binds[run * binds_of_run..][..binds_of_run];
        changed += prepared.execute(rusqlite::params_from_iter(binds.iter().map(Bound)))?;
    }
    Ok(u64::try_from(changed).unwrap_or_default())
}

pub(super) fn rows(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    let columns = prepared.column_count();
    let mut found = prepared.query(rusqlite::params_from_iter(statement.binds.iter().map(Bound)))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|column| Ok(owned(row.get_ref(column)?)));
        rows.push(Row(values.collect::<rusqlite::Result<_>>()?));
    }
    Ok(rows)
}

fn owned(value: types::ValueRef<'_>) -> Value {
    match value {
        types::ValueRef::Null => Value::Null,
        types::ValueRef::Integer(number) => Value::Integer(number),
        types::ValueRef::Real(number) => Value::Float(number),
        types::ValueRef::Text(bytes) | types::ValueRef::Blob(bytes) => {
            Value::Text(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// A value on its way into a statement.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<types::ToSqlOutput<'_>> {
        use types::{ToSqlOutput, Value as Owned, ValueRef};
        let borrowed = |text: &'_ str| ToSqlOutput::Owned(Owned::Text(text.to_owned()));
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Owned(Owned::Null),
            Value::Text(text) | Value::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Integer(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Value::Float(number) => ToSqlOutput::Owned(Owned::Real(*number)),
            Value::Boolean(truth) => ToSqlOutput::Owned(Owned::Integer(i64::from(*truth))),
            Value::Uuid(id) => borrowed(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())),
            Value::Date(date) => borrowed(&date.to_string()),
            Value::DateTime(instant) => ToSqlOutput::Owned(Owned::Integer(instant.as_millisecond())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::TextList(items) => {
                ToSqlOutput::Owned(Owned::Text(serde_json::to_string(items).map_err(refuse_bind)?))
            }
            Value::List(_, items) | Value::Column(items) => {
                ToSqlOutput::Owned(Owned::Text(Json::from_iter(items.iter().map(list_item)).to_string()))
            }
        })
    }
}

/// A value as it stands in a bound list, which is JSON: in the form in which a column holds it.
fn list_item(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        // Whoever takes them turns the digits back.
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
        Value::Text(text) | Value::Json(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(truth) => i64::from(*truth).into(),
        Value::Uuid(id) => id.to_string().into(),
        Value::Date(date) => date.to_string().into(),
        Value::DateTime(instant) => instant.as_millisecond().into(),
        Value::TextList(items) => items.clone().into(),
        Value::List(_, items) | Value::Column(items) => items.iter().map(list_item).collect(),
    }
}

fn refuse_bind(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let rusqlite::Error::SqliteFailure(failure, Some(message)) = &error else {
            return Self::Other(error.to_string());
        };
        // SQLite names what failed only in its message: `UNIQUE constraint failed: person.id`.
        let subject = message.split_once(": ").map_or("", |(_, subject)| subject);
        match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                let names = || subject.split(", ").filter_map(|name| name.split_once('.'));
                Self::Duplicate {
                    table: names().next().map(|(table, _)| table.to_owned()).unwrap_or_default(),
                    columns: names().map(|(_, column)| column.to_owned()).collect(),
                }
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Self::ForeignKey,
            ffi::SQLITE_CONSTRAINT_NOTNULL => {
                Self::NotNull(subject.split_once('.').map_or(subject, |(_, column)| column).to_owned())
            }
            _ if failure.code == rusqlite::ErrorCode::DatabaseBusy => Self::Busy,
            _ => Self::Other(error.to_string()),
        }
    }
}
