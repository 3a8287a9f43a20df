//! The writer of one file: waiting requests are committed together, with one `fsync` for the group.
//!
//! Each request runs in a savepoint of its own, so that one that fails takes nothing else with it,
//! and is answered only after the commit of its group. No thread waits while there is nothing to do.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::{Notify, oneshot};

use super::SqliteTransaction;
use crate::store::{Premise, StoreError, Transaction};

/// The most requests in one commit. More would only make the first of them wait.
const MAX_GROUP: usize = 128;

/// Requests that may wait; further ones are refused rather than kept in memory without bound.
const MAX_WAITING: usize = 10_000;

pub(super) struct Writer {
    state: Arc<Mutex<State>>,
    idle: Arc<Notify>,
}

struct State {
    waiting: Vec<Box<dyn Job>>,
    /// The connection while nobody writes; `None` while a group runs, and after `close`.
    connection: Option<Connection>,
    closed: bool,
}

/// One request's part of a group.
trait Job: Send {
    /// Runs the request in its savepoint.
    fn run(&mut self, transaction: &mut SqliteTransaction);
    /// Tells the client: the outcome of the request, or why its group could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Request<W, T, E> {
    premise: Premise,
    work: Option<W>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        let state = State { waiting: Vec::new(), connection: Some(connection), closed: false };
        Self { state: Arc::new(Mutex::new(state)), idle: Arc::default() }
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
        let (reply, answer) = oneshot::channel();
        self.enqueue(Box::new(Request { premise, work: Some(work), outcome: None, reply }))?;
        answer.await.map_err(|_dropped| StoreError::Other("the writer stopped".into()))?
    }

    fn enqueue(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(StoreError::Other("the store is closed".into()));
        }
        if MAX_WAITING <= state.waiting.len() {
            return Err(StoreError::Busy);
        }
        state.waiting.push(job);
        if let Some(connection) = state.connection.take() {
            let (state, idle) = (Arc::clone(&self.state), Arc::clone(&self.idle));
            tokio::task::spawn_blocking(move || {
                run_groups(&state, connection);
                idle.notify_waiters();
            });
        }
        Ok(())
    }

    /// Waits for the group that is running, then closes the connection.
    pub(super) async fn close(&self) {
        loop {
            let notified = self.idle.notified();
            {
                let mut state = lock(&self.state);
                state.closed = true;
                if state.connection.take().is_some() {
                    return;
                }
            }
            tokio::select! {
                () = notified => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(50)) => {}
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Commits group after group until nobody waits, then puts the connection back.
fn run_groups(state: &Mutex<State>, connection: Connection) {
    let mut transaction = SqliteTransaction::new(connection);
    loop {
        let mut group = {
            let mut state = lock(state);
            if state.waiting.is_empty() {
                state.connection = Some(transaction.connection);
                return;
            }
            let size = state.waiting.len().min(MAX_GROUP);
            state.waiting.drain(..size).collect::<Vec<_>>()
        };
        let committed = run_group(&mut transaction, &mut group);
        for job in group {
            job.answer(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(error.for_each_request()),
            });
        }
    }
}

fn run_group(transaction: &mut SqliteTransaction, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    transaction.connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in group {
        job.run(transaction);
        // On some failures, such as a full disk, SQLite rolls back everything by itself; what came
        // after would be committed alone.
        if transaction.connection.is_autocommit() {
            return Err(StoreError::Other("the database rolled back the transaction by itself".into()));
        }
    }
    transaction.connection.execute_batch("COMMIT").map_err(|error| {
        // A commit that failed leaves the transaction open; its locks must not stay.
        let _ = transaction.connection.execute_batch("ROLLBACK");
        error.into()
    })
}

impl<W, T, E> Job for Request<W, T, E>
where
    W: for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, transaction: &mut SqliteTransaction) {
        let Some(work) = self.work.take() else { return };
        self.outcome = Some(match transaction.check(&self.premise) {
            Ok(()) => run_in_savepoint(transaction, work),
            Err(error) => Err(error.into()),
        });
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            // A request that failed by itself keeps its own error, whatever became of its group.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::Other("the request did not run".into()).into()),
        };
        // A client that went away gets no answer; what it wrote stays.
        let _ = self.reply.send(outcome);
    }
}

fn run_in_savepoint<T, E: From<StoreError>>(
    transaction: &mut SqliteTransaction,
    work: impl for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<T, E>>,
) -> Result<T, E> {
    transaction.connection.execute_batch("SAVEPOINT request").map_err(StoreError::from)?;
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        match work(Transaction::Sqlite(transaction)).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(StoreError::Other("a write waited for something outside".into()).into()),
        }
    }));
    let outcome = ran.unwrap_or_else(|_panic| {
        Err(StoreError::Other("a write panicked and was rolled back".into()).into())
    });
    let end = if outcome.is_ok() { "RELEASE request" } else { "ROLLBACK TO request; RELEASE request" };
    transaction.connection.execute_batch(end).map_err(StoreError::from)?;
    outcome
}

impl StoreError {
    /// The failure of a commit, once for each request of the group.
    fn for_each_request(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            other => Self::Other(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use fourfold_query::sql::Statement;

    use super::*;

    fn run(
        text: &'static str,
    ) -> impl for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<(), StoreError>> + Send {
        move |mut transaction| {
            Box::pin(async move {
                let ran = transaction.execute(&[Statement::fixed(text)]).await;
                ran.map(drop)
            })
        }
    }

    #[test]
    fn nothing_is_committed_after_the_database_rolled_its_group_back() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER)").unwrap();
        let mut transaction = SqliteTransaction::new(connection);
        let (mut jobs, mut answers) = (Vec::<Box<dyn Job>>::new(), Vec::new());
        for text in ["INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (2)"] {
            let (reply, answer) = oneshot::channel::<Result<(), StoreError>>();
            jobs.push(Box::new(Request {
                premise: Premise::None,
                work: Some(run(text)),
                outcome: None,
                reply,
            }));
            answers.push(answer);
        }
        let committed = run_group(&mut transaction, &mut jobs);
        for job in jobs {
            job.answer(committed.as_ref().copied().map_err(StoreError::for_each_request));
        }
        for mut answer in answers {
            assert!(answer.try_recv().unwrap().is_err());
        }
        let left: i64 =
            transaction.connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
    }
}
