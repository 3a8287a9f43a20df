//! The prepared statements of one connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::Cache;
use tokio_postgres::{Client, Error, Statement};

/// How many statements a connection keeps prepared. Each holds a plan in the server's memory, some
/// ten to a hundred kilobytes.
const MAX_STATEMENTS: usize = 256;

/// Statements by their text; those that are asked for seldom are closed when others need the room.
pub(super) struct StatementCache(Mutex<Cache<Arc<str>, Statement>>);

impl StatementCache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Cache::new(MAX_STATEMENTS)))
    }

    /// The statement with this text, prepared if it is not yet.
    pub(super) async fn prepare(&self, client: &Client, text: &Arc<str>) -> Result<Statement, Error> {
        if let Some(statement) = self.lock().get(text) {
            return Ok(statement.clone());
        }
        let statement = client.prepare(text).await?;
        self.lock().insert(Arc::clone(text), statement.clone());
        Ok(statement)
    }

    /// Forgets all statements, for instance since the tables have changed.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Cache<Arc<str>, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
