//! The only module that speaks to a database.
//!
//! A [`Store`] is one database: the control data of the server, or one workspace. Reads see one
//! snapshot; writes run in a [`Transaction`] and are durable when they are answered.

mod migration;
pub(crate) mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use fourfold_model::{Scalar, Value};
use fourfold_query::sql::{SqlTarget, Statement};
use fourfold_query::{BoundRead, Cells, CompiledRead, ReadOutput, read_values};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

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
        "the data was written by a newer version of Fourfold (schema {found}, this version knows {known}); nothing was changed: run that version again"
    )]
    NewerSchema { found: i64, known: i64 },
    /// The model that the request was planned on is no longer in force.
    #[error("the data model changed in the meantime")]
    StaleModel,
    /// Anything else: disk, corruption, a statement of ours that does not fit the schema.
    #[error("database: {0}")]
    Other(String),
}

/// The model that a request was planned on.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    /// Reads the version of the model in force: one row with a whole number.
    pub(crate) current: Statement,
    /// The version that the request was planned on.
    pub(crate) version: i64,
}

/// What must hold when a write happens, until it is committed.
#[derive(Clone, Debug)]
pub(crate) enum Premise {
    /// Nothing beyond what its statements say.
    None,
    /// The model is in force.
    Model(Basis),
    /// The model is in force, and no other write relies on it: this one replaces it.
    ReplacedModel(Basis),
}

/// One row of a small answer.
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
        match self.0.get(column) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }

    /// The number in a column, if any.
    pub(crate) fn float(&self, column: usize) -> Option<f64> {
        match self.0.get(column) {
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        }
    }

    /// The id in a column; nil when it holds none.
    pub(crate) fn id(&self, column: usize) -> Uuid {
        self.optional_id(column).unwrap_or_default()
    }

    /// The id in a column, if any.
    pub(crate) fn optional_id(&self, column: usize) -> Option<Uuid> {
        match self.0.get(column) {
            Some(Value::Uuid(id)) => Some(*id),
            Some(Value::Text(text)) => Uuid::try_parse(text).ok(),
            _ => None,
        }
    }

    /// The instant in a column; 1970 when it holds none.
    pub(crate) fn time(&self, column: usize) -> Timestamp {
        match self.0.get(column) {
            Some(Value::DateTime(instant)) => *instant,
            Some(Value::Integer(millis)) => Timestamp::from_millisecond(*millis).unwrap_or_default(),
            _ => Timestamp::default(),
        }
    }

    /// Whether a column holds true.
    pub(crate) fn flag(&self, column: usize) -> bool {
        matches!(self.0.get(column), Some(Value::Boolean(true) | Value::Integer(1)))
    }
}

/// The values of a row whose columns hold these kinds.
fn values_of(row: &impl Cells, scalars: &[Scalar]) -> Result<Vec<Value>, StoreError> {
    let unfit = || StoreError::Other("a column holds a value that its field cannot have".into());
    read_values(row, scalars).ok_or_else(unfit)
}

/// A handle on one database; cheap to clone.
#[derive(Clone)]
pub(crate) enum Store {
    /// A file.
    Sqlite(Arc<sqlite::SqliteStore>),
    /// A schema.
    Postgres(Arc<postgres::PostgresStore>),
}

impl Store {
    /// Opens a SQLite file, or makes it, and brings its schema to the latest version.
    ///
    /// `migrations` are scripts in order; the file remembers how many it has seen.
    ///
    /// # Errors
    /// `NewerSchema` when the file has seen more scripts than there are.
    pub(crate) fn open_file(
        path: &Path,
        mode: FileMode,
        migrations: &[&'static str],
    ) -> Result<Self, StoreError> {
        Ok(Self::Sqlite(Arc::new(sqlite::SqliteStore::open(path, mode, migrations)?)))
    }

    /// Whether other servers may change what is in it.
    pub(crate) fn is_shared(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(_) => true,
        }
    }

    /// Where the statements for this store run.
    pub(crate) fn target(&self) -> &SqlTarget {
        match self {
            Self::Sqlite(store) => store.target(),
            Self::Postgres(store) => store.target(),
        }
    }

    /// Runs planned reads, all on one snapshot; each answer is JSON text along its plan's shape.
    ///
    /// # Errors
    /// `StaleModel` when another server has replaced the model that they were planned on. A SQLite file has
    /// one server, which knows by itself.
    pub(crate) async fn fetch_json(
        &self,
        basis: &Basis,
        reads: Vec<(Arc<CompiledRead>, BoundRead)>,
    ) -> Result<Vec<ReadOutput>, StoreError> {
        match self {
            Self::Sqlite(store) => {
                store.read(move |connection| sqlite::fetch_json_in_snapshot(connection, &reads)).await
            }
            Self::Postgres(store) => store.fetch_json(basis, &reads).await,
        }
    }

    /// All rows of a small answer.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(store) => store.read(move |connection| sqlite::rows(connection, &statement)).await,
            Self::Postgres(store) => store.rows(&statement).await,
        }
    }

    /// Runs `work` in a transaction. It is committed, durably, when `work` answers `Ok`; otherwise
    /// nothing of it remains. It goes on when whoever asked for it is gone.
    ///
    /// `work` may wait for nothing but the transaction: on SQLite it runs on the writer's thread.
    ///
    /// # Errors
    /// `StaleModel` when the premise does not hold, the error of `work`, or why the database could not
    /// commit.
    pub(crate) async fn write<T, E>(
        &self,
        premise: Premise,
        work: impl for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => store.write(premise, work).await,
            Self::Postgres(store) => store.write(premise, work).await,
        }
    }

    /// Runs statements in one transaction; the number of rows that each changed.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(crate) async fn apply(
        &self,
        premise: Premise,
        statements: Vec<Statement>,
    ) -> Result<Vec<u64>, StoreError> {
        self.write(premise, move |mut transaction| {
            Box::pin(async move { transaction.execute(&statements).await })
        })
        .await
    }

    /// Finishes the write that is running and closes the connections, unless other stores share them.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(_) => {}
        }
    }
}

/// An open transaction. Statements that are given together go to the database together.
pub(crate) enum Transaction<'t> {
    Sqlite(&'t mut sqlite::SqliteTransaction),
    Postgres(&'t mut postgres::PostgresTransaction),
}

impl Transaction<'_> {
    /// Where the statements of this transaction run.
    pub(crate) fn target(&self) -> &SqlTarget {
        match self {
            Self::Sqlite(transaction) => transaction.target(),
            Self::Postgres(transaction) => transaction.target(),
        }
    }

    /// Runs statements in order; the number of rows that each changed.
    pub(crate) async fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.execute(statements),
            Self::Postgres(transaction) => transaction.execute(statements).await,
        }
    }

    /// All rows of some small answers.
    pub(crate) async fn rows(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.rows(statements),
            Self::Postgres(transaction) => transaction.rows(statements).await,
        }
    }

    /// The rows of a statement whose columns hold these kinds of values.
    ///
    /// # Errors
    /// Those of the statement; `Other` when a column holds something else.
    pub(crate) async fn values(
        &mut self,
        statement: &Statement,
        scalars: &[Scalar],
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.values(statement, scalars),
            Self::Postgres(transaction) => transaction.values(statement, scalars).await,
        }
    }

    /// Runs statements in order, then reads the records with these ids, in their order, as this
    /// transaction has left them.
    pub(crate) async fn execute_and_fetch(
        &mut self,
        statements: &[Statement],
        read: &CompiledRead,
        bound: &BoundRead,
        ids: &Value,
    ) -> Result<ReadOutput, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.execute_and_fetch(statements, read, bound, ids),
            Self::Postgres(transaction) => transaction.execute_and_fetch(statements, read, bound, ids).await,
        }
    }
}
