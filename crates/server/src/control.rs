//! The control data of a server: workspaces, roles, users, memberships, API keys, signing keys.
//!
//! Only `accounts` reads and writes these tables.

use std::sync::atomic::{AtomicU64, Ordering};

use fourfold_model::Value;
use fourfold_query::sql::{SqlWriter, Statement};
use jiff::Timestamp;

use crate::store::{Premise, Row, Store, StoreError};

/// Scripts in order; a released one is never changed.
pub(crate) const MIGRATIONS: &[&str] = &[include_str!("control/001_accounts.sql")];

/// A handle on the control data.
pub(crate) struct Control {
    store: Store,
    /// Grows with every change made through this handle, so that caches notice at once.
    changes: AtomicU64,
}

impl Control {
    /// The control data in `store`, whose migrations have run.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, changes: AtomicU64::new(0) }
    }

    /// How often this handle has changed the data.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Takes note that another server changed the data, or may have.
    pub(crate) fn note_change(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// A statement of fixed text in which each `?` stands for the next of `binds`.
    pub(crate) fn statement(&self, text: &'static str, binds: impl IntoIterator<Item = Value>) -> Statement {
        let mut writer = SqlWriter::new(self.store.target());
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
        let applied = self.store.apply(Premise::None, statements).await;
        self.note_change();
        applied
    }

    pub(crate) async fn close(&self) {
        self.store.close().await;
    }
}

/// The time now, cut to the milliseconds that are stored.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default()
}
