//! The only module that speaks to a database.
//!
//! A [`Store`] is one database: the control data of the server, or one workspace. Reads see one
//! snapshot; writes run in a [`Transaction`] and are durable when they are answered.

#[allow(dead_code, reason = "no store is made of it yet")]
mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use fourfold_model::Value;
use fourfold_query::sql::{Dialect, Statement};
use fourfold_query::{BoundRead, CompiledRead, ReadOutput};
use futures_util::future::BoxFuture;

pub(crate) use sqlite::FileMode;

/// What went wrong in the database. Callers see the kinds that a request can cause; the rest is ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// A unique index already holds the values; the columns of that index.
    #[error("the values of {columns:?} in {table} are taken")]
    Duplicate { table: String, columns: Vec<String> },
    /// A foreign key points at a record that does not exist, or a record is still referred to.
    #[error("a related record does not exist or is still referred to")]
    ForeignKey,
    /// A column that must have a value would have none.
    #[error("{0} must have a value")]
    NotNull(String),
    /// Too many requests wait for the database.
    #[error("the database is busy")]
    Busy,
    /// A statement ran for longer than it may; it was cancelled, and its transaction with it.
    #[error("the database took too long; the statement was cancelled")]
    TimedOut,
    /// Another transaction changed or locked the same rows; nothing of this one remains.
    #[error("another transaction was in the way; trying again helps")]
    Conflict,
    /// No connection could be made, or it broke; what the driver or the server said about it.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A value does not fit into an index, which holds at most a third of a page.
    #[error("a value is too long for a field whose values are unique")]
    TooLarge,
    /// The database file was written by a newer version.
    #[error(
        "the data was written by a newer version of Fourfold (schema {found}, this version knows {known})"
    )]
    NewerSchema { found: i64, known: i64 },
    /// Anything else: disk, corruption, a statement of ours that does not fit the schema.
    #[error("database: {0}")]
    Other(String),
}

/// One row of a small answer, in which every column is text, a number or null.
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The text in a column; empty when it holds nothing.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.optional_text(column).unwrap_or_default()
    }

    /// The text in a column, if any.
    pub(crate) fn optional_text(&self, column: usize) -> Option<&str> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The whole number in a column; 0 when it holds nothing.
    pub(crate) fn integer(&self, column: usize) -> i64 {
        self.optional_integer(column).unwrap_or_default()
    }

    /// The whole number in a column, if any.
    pub(crate) fn optional_integer(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }
}

/// A handle on one database; cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    sqlite: Arc<sqlite::SqliteStore>,
}

impl Store {
    /// Opens a SQLite file, or makes it, and brings its schema to the latest version.
    ///
    /// `migrations` are scripts in order; the file remembers how many it has seen.
    ///
    /// # Errors
    /// `NewerSchema` when the file has seen more scripts than there are.
    pub(crate) fn open(path: &Path, mode: FileMode, migrations: &[&'static str]) -> Result<Self, StoreError> {
        Ok(Self { sqlite: Arc::new(sqlite::SqliteStore::open(path, mode, migrations)?) })
    }

    /// The dialect of statements for this store.
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    /// Runs planned reads, all on one snapshot; each answer is JSON text along its plan's shape.
    pub(crate) async fn fetch_json(
        &self,
        reads: Vec<(Arc<CompiledRead>, BoundRead)>,
    ) -> Result<Vec<ReadOutput>, StoreError> {
        self.sqlite.read(move |connection| sqlite::fetch_json_in_snapshot(connection, &reads)).await
    }

    /// All rows of a small answer.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.sqlite.read(move |connection| sqlite::rows(connection, &statement)).await
    }

    /// Runs `work` in a transaction. It is committed, durably, when `work` answers `Ok`; otherwise
    /// nothing of it remains.
    ///
    /// `work` may wait for nothing but the transaction: on SQLite it runs on the writer's thread.
    ///
    /// # Errors
    /// The error of `work`, or why the database could not commit.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.sqlite.write(work).await
    }

    /// Finishes the write that is running and closes the connections.
    pub(crate) async fn close(&self) {
        self.sqlite.close().await;
    }
}

/// An open transaction.
pub(crate) struct Transaction {
    connection: rusqlite::Connection,
}

#[expect(clippy::unused_async, reason = "a server's database answers later; SQLite at once")]
impl Transaction {
    /// The dialect of statements for this transaction.
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    /// Runs one statement; the number of rows it changed.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        sqlite::execute(&self.connection, statement)
    }

    /// All rows of a small answer.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        sqlite::rows(&self.connection, statement)
    }

    /// Reads the records with these ids, in their order, as this transaction has left them.
    pub(crate) async fn fetch_written(
        &mut self,
        read: &CompiledRead,
        bound: &BoundRead,
        ids: &Value,
    ) -> Result<ReadOutput, StoreError> {
        sqlite::fetch_json(&self.connection, read, bound, Some(ids))
    }
}
