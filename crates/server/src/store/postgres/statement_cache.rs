//! The prepared statements of one connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::Cache;
use tokio_postgres::{Client, Error, Statement};

/// How many statements a connection keeps prepared. Each holds a plan in the server's memory, some
/// ten to a hundred kilobytes.
const MAX_STATEMENTS: usize = 256;

/// Statements by their text; those that are asked for seldom are closed when others need the room.
///
/// A statement keeps the types that its placeholders had when it was prepared, even when a column of the
/// same name has another type now: a date would go on being cut to its day. So one is used only with the
/// version of the model that it was prepared for.
pub(super) struct StatementCache(Mutex<Cache<Arc<str>, Prepared>>);

struct Prepared {
    model: i64,
    statement: Statement,
}

impl StatementCache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Cache::new(MAX_STATEMENTS)))
    }

    /// The statement with this text, prepared if it is not yet for this version of the model.
    pub(super) async fn prepare(
        &self,
        client: &Client,
        text: &Arc<str>,
        model: i64,
    ) -> Result<Statement, Error> {
        if let Some(prepared) = self.lock().get(text).filter(|prepared| prepared.model == model) {
            return Ok(prepared.statement.clone());
        }
        let statement = client.prepare(text).await?;
        self.lock().insert(Arc::clone(text), Prepared { model, statement: statement.clone() });
        Ok(statement)
    }

    /// Forgets all statements, for instance since the tables have changed.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Cache<Arc<str>, Prepared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
