//! Connections that wait for work.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use tokio::time::timeout;

use super::connect_error::ConnectError;
use super::connection::{Connection, Connector};
use crate::store::StoreError;

/// How long a request waits for a connection before it is told to come back.
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection that was dropped in the middle may take to come clean.
const ROLLBACK_LIMIT: Duration = Duration::from_millis(500);

/// A connection that rested for longer is asked whether it still stands.
const TRUSTED_REST: Duration = Duration::from_secs(30);
const PROBE_LIMIT: Duration = Duration::from_secs(2);

/// How long closing waits for connections that are in use.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// A number of connections to one database, opened when they are needed; cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: managed::Pool<Manager>,
}

/// A connection until it is dropped, when it goes back to its pool.
///
/// If it is dropped between `mark_open` and `mark_done`, because its request was given up or failed,
/// it is rolled back first, and replaced when that takes too long. One that is broken takes all with it
/// that rest.
pub(crate) struct PooledConnection {
    connection: Arc<Connection>,
    place: Option<Object<Manager>>,
}

struct Manager {
    connector: Arc<Connector>,
}

impl Pool {
    /// A pool of up to `max_size` connections, with none yet.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub(crate) fn new(connector: Arc<Connector>, max_size: usize) -> Result<Self, StoreError> {
        let connections = managed::Pool::builder(Manager { connector })
            .max_size(max_size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_LIMIT))
            // The last one used has its statements at hand.
            .queue_mode(QueueMode::Lifo)
            .build()
            .map_err(|error| StoreError::Other(error.to_string()))?;
        Ok(Self { connections })
    }

    /// A connection that nobody else uses.
    ///
    /// # Errors
    /// `Busy` when all are in use for 5 s; `Unavailable` when a new one cannot be opened, or the pool
    /// is closed.
    pub(crate) async fn get(&self) -> Result<PooledConnection, StoreError> {
        match self.connections.get().await {
            Ok(place) => Ok(PooledConnection { connection: Arc::clone(&place), place: Some(place) }),
            Err(PoolError::Timeout(_)) => Err(StoreError::Busy),
            Err(PoolError::Backend(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(PoolError::Closed) => Err(StoreError::Unavailable("its connections are closed".into())),
            Err(error) => Err(StoreError::Other(error.to_string())),
        }
    }

    /// Hands out no more connections, and closes each as it comes back; waits for that, for at most
    /// 10 s.
    pub(crate) async fn close(&self) {
        self.connections.close();
        let _ = timeout(CLOSE_LIMIT, self.connections.manager().connector.closed()).await;
    }
}

impl managed::Manager for Manager {
    type Type = Arc<Connection>;
    type Error = ConnectError;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        // Seldom, and large: in a box, so that not every request has room for it.
        Box::pin(Connection::open(&self.connector)).await.map(Arc::new)
    }

    async fn recycle(&self, connection: &mut Self::Type, metrics: &Metrics) -> RecycleResult<Self::Error> {
        let is_fresh = metrics.last_used() < TRUSTED_REST;
        let stands = !connection.is_broken()
            && (is_fresh
                || matches!(timeout(PROBE_LIMIT, connection.client().check_connection()).await, Ok(Ok(()))));
        if stands { Ok(()) } else { Err(RecycleError::message("the connection is closed")) }
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl PooledConnection {
    /// What dropping does, for whoever wants another connection in its place; this one is not to be used
    /// after it.
    pub(super) fn give_back(&mut self) {
        let Some(place) = self.place.take() else { return };
        if self.connection.is_broken() {
            // Whatever ended it, such as a restart of the server, has most likely ended the others that rest.
            if let Some(pool) = Object::pool(&place) {
                pool.retain(|_, _| false);
            }
            drop(Object::take(place));
        } else if self.connection.is_dirty() {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn(clean(place))),
                // Nothing can be waited for outside the runtime.
                Err(_) => drop(Object::take(place)),
            }
        }
    }
}

/// Rolls back what a connection was dropped with, and gives it back to its pool.
async fn clean(place: Object<Manager>) {
    match timeout(ROLLBACK_LIMIT, place.client().batch_execute("ROLLBACK")).await {
        Ok(Ok(())) => place.mark_done(),
        Ok(Err(_)) => drop(Object::take(place)),
        // A statement still runs, and closing the connection alone would not stop it.
        Err(_) => Object::take(place).cancel().await,
    }
}
