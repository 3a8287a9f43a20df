//! The control data of a server: workspaces, roles, users, memberships, API keys, signing keys.
//!
//! Columns hold ids as text and times as milliseconds since 1970. Only `accounts` reads and writes
//! these tables.

use std::sync::atomic::{AtomicU64, Ordering};

use fourfold_model::Value;
use fourfold_query::sql::{SqlWriter, Statement};
use jiff::Timestamp;
use uuid::Uuid;

use crate::command_error::CommandError;
use crate::data_folder::DataFolder;
use crate::store::{FileMode, Row, Store, StoreError, Transaction};

/// Scripts in order; a released one is never changed.
const MIGRATIONS: &[&str] = &[include_str!("control/001_accounts.sql")];

/// A handle on the control data.
pub(crate) struct Control {
    store: Store,
    /// Grows with every change made through this handle, so that caches notice at once.
    changes: AtomicU64,
}

impl Control {
    /// Opens the control data of `folder`, or makes it.
    pub(crate) async fn open(folder: &DataFolder) -> Result<Self, CommandError> {
        let path = folder.control_file();
        let open = {
            let path = path.clone();
            move || Store::open(&path, FileMode::CreateIfMissing, MIGRATIONS)
        };
        let opened = tokio::task::spawn_blocking(open)
            .await
            .unwrap_or_else(|failure| Err(StoreError::Other(failure.to_string())));
        let store = opened.map_err(|error| CommandError::data(path, error))?;
        Ok(Self { store, changes: AtomicU64::new(0) })
    }

    /// How often this handle has changed the data.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// A statement of fixed text in which each `?` stands for the next of `binds`.
    pub(crate) fn statement(&self, text: &'static str, binds: impl IntoIterator<Item = Value>) -> Statement {
        let mut writer = SqlWriter::new(self.store.dialect());
        let mut pieces = text.split('?');
        writer.raw(pieces.next().unwrap_or_default());
        for (piece, bind) in pieces.zip(binds) {
            writer.bind(bind).raw(piece);
        }
        writer.statement()
    }

    /// The rows that a statement as of [`Self::statement`] finds.
    pub(crate) async fn rows(
        &self,
        text: &'static str,
        binds: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.store.rows(self.statement(text, binds)).await
    }

    /// Runs all statements in one transaction; how many rows each changed.
    pub(crate) async fn apply(&self, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
        let applied = self.store.write(move |transaction| Box::pin(run_all(transaction, statements))).await;
        self.changes.fetch_add(1, Ordering::Release);
        applied
    }

    pub(crate) async fn close(&self) {
        self.store.close().await;
    }
}

async fn run_all(transaction: &mut Transaction, statements: Vec<Statement>) -> Result<Vec<u64>, StoreError> {
    let mut changed = Vec::with_capacity(statements.len());
    for statement in &statements {
        changed.push(transaction.execute(statement).await?);
    }
    Ok(changed)
}

/// Reading columns of the control data.
pub(crate) trait ControlRow {
    /// The id in a column.
    fn id(&self, column: usize) -> Uuid;
    /// The id in a column, if any.
    fn optional_id(&self, column: usize) -> Option<Uuid>;
    /// The time in a column.
    fn time(&self, column: usize) -> Timestamp;
    /// The time in a column, if any.
    fn optional_time(&self, column: usize) -> Option<Timestamp>;
    /// Whether the number in a column is not 0.
    fn flag(&self, column: usize) -> bool;
}

impl ControlRow for Row {
    fn id(&self, column: usize) -> Uuid {
        self.optional_id(column).unwrap_or_default()
    }

    fn optional_id(&self, column: usize) -> Option<Uuid> {
        Uuid::try_parse(self.optional_text(column)?).ok()
    }

    fn time(&self, column: usize) -> Timestamp {
        self.optional_time(column).unwrap_or_default()
    }

    fn optional_time(&self, column: usize) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.optional_integer(column)?).ok()
    }

    fn flag(&self, column: usize) -> bool {
        self.integer(column) != 0
    }
}

/// The time now, cut to the milliseconds that are stored.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default()
}
