//! Connections: a few for reading, one for writing, all used on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fourfold_query::search;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use tokio::sync::Semaphore;

use crate::Outcome;

/// As many as Fourfold has.
const MAX_READERS: usize = 8;

pub(super) struct Connections {
    path: PathBuf,
    idle_readers: Mutex<Vec<Connection>>,
    reader_permits: Semaphore,
    writer: Arc<Mutex<Connection>>,
}

impl Connections {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        Ok(Self {
            path: path.to_owned(),
            idle_readers: Mutex::default(),
            reader_permits: Semaphore::new(MAX_READERS),
            writer: Arc::new(Mutex::new(connect(path)?)),
        })
    }

    /// Runs `work` on a connection for reading.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let _permit = self.reader_permits.acquire().await?;
        let idle = lock(&self.idle_readers).pop();
        let path = self.path.clone();
        let (connection, outcome) = tokio::task::spawn_blocking(move || {
            let connection = idle.map_or_else(|| connect(&path), Ok)?;
            let outcome = work(&connection);
            Outcome::Ok((connection, outcome))
        })
        .await??;
        lock(&self.idle_readers).push(connection);
        outcome
    }

    /// Runs `work` on the connection for writing, when it is free.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let writer = Arc::clone(&self.writer);
        tokio::task::spawn_blocking(move || work(&lock(&writer))).await?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Settings as in `crates/server/src/store/sqlite.rs`. Every connection of this program to a workspace is made
/// here.
pub(crate) fn connect(path: &Path) -> Outcome<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA mmap_size = 268435456;",
    )?;
    // Without it, a statement with `LIMIT ?` is compiled anew each time that it gets a limit.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The triggers of the tables call them.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("search_vector", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(search::vector))
    })?;
    connection.create_scalar_function("search_lexemes", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(search::lexemes))
    })?;
    Ok(connection)
}
