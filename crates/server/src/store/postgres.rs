//! PostgreSQL: a pool of connections that all workspaces share, each workspace a schema.
//!
//! A plain read is one round trip, a read with lists of related records two, a write two: its statements
//! with what it begins with, then its end.

mod bind;
mod connect_error;
mod connection;
mod driver_error;
mod error;
#[cfg(test)]
mod fake_server;
mod fetch;
mod listen;
mod migrate;
mod pipeline;
mod pool;
mod pooler;
mod rows;
mod server_check;
mod session;
mod statement_cache;
mod tls;
mod transaction;
mod url;
mod url_text;

use std::sync::Arc;

use fourfold_query::sql::{SqlTarget, Statement};
use fourfold_query::{BoundRead, CompiledRead, ReadOutput};
use futures_util::future::BoxFuture;

use super::{Basis, Premise, Row, StoreError, Transaction};
use fetch::Fetch;
use pipeline::{Answer, Step};
use session::TransactionKind;
use transaction::is_current;

pub(crate) use connect_error::ConnectError;
pub(crate) use connection::{Connection, Connector};
pub(crate) use listen::{Change, listen};
pub(crate) use migrate::migrate;
pub(crate) use pool::{Pool, PooledConnection};
pub(crate) use server_check::check_server;
pub(crate) use session::SessionSettings;
pub(crate) use transaction::PostgresTransaction;
pub(crate) use url::DatabaseUrl;

/// Microseconds from 1970 to 2000, from which the server counts.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// One schema of a database.
pub(crate) struct PostgresStore {
    pool: Pool,
    target: SqlTarget,
    /// What writes to it announce to other servers.
    announced: Announced,
    /// The advisory lock that orders writes and changes of the model.
    model_lock: i64,
}

/// Which writes other servers are told of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Announced {
    /// All: it is the control data, of which servers keep copies.
    Control,
    /// Those that replace the model of this workspace.
    Model(uuid::Uuid),
}

impl PostgresStore {
    pub(crate) fn new(pool: Pool, schema: &str, announced: Announced) -> Self {
        let model_lock = match announced {
            Announced::Control => 0,
            // Half of a random id: two workspaces with one lock would only wait for each other.
            Announced::Model(workspace) => {
                i64::from_be_bytes(*workspace.as_bytes().first_chunk().unwrap_or(&[0; 8]))
            }
        };
        Self { pool, target: SqlTarget::postgres(schema), announced, model_lock }
    }

    pub(super) fn target(&self) -> &SqlTarget {
        &self.target
    }

    /// Runs reads on one snapshot, in one round trip, or two with lists of related records.
    pub(super) async fn fetch_json(
        &self,
        basis: &Basis,
        reads: &[(Arc<CompiledRead>, BoundRead)],
    ) -> Result<Vec<ReadOutput>, StoreError> {
        let connection = self.pool.get().await?;
        let mut fetch = Fetch::new(reads.iter().map(|(read, bound)| (&**read, bound)));
        let first = fetch.first(None);
        // A single statement is a snapshot by itself.
        let is_transaction = connection.is_pooled() || 1 < first.len() || !fetch.is_flat();
        let begin = is_transaction.then(|| connection.begin_text(TransactionKind::Snapshot));
        let commit = Step::Control("COMMIT");
        let mut steps: Vec<Step<'_>> = begin.into_iter().map(Step::Control).collect();
        let before = steps.len() + 1;
        steps.push(Step::Statement(&basis.current));
        steps.extend(first.iter().map(Step::Statement));
        let ends_here = is_transaction && fetch.is_flat();
        steps.extend(ends_here.then_some(commit));
        connection.mark_open();
        let mut answers = pipeline::run(&connection, &steps).await;
        if let Some(Ok(version)) = answers.get(before - 1)
            && !is_current(basis, version)
        {
            return Err(StoreError::StaleModel);
        }
        let answers = all(&connection, &mut answers)?;
        fetch.take_first(answers.into_iter().skip(before));
        if is_transaction && !ends_here {
            let second = fetch.second();
            let steps: Vec<_> = second.iter().map(Step::Statement).chain([Step::Control("COMMIT")]).collect();
            let mut answers = pipeline::run(&connection, &steps).await;
            fetch.take_second(all(&connection, &mut answers)?);
        }
        connection.mark_done();
        Ok(fetch.finish())
    }

    pub(super) async fn rows(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let connection = self.pool.get().await?;
        let mut steps = vec![Step::Statement(statement)];
        if connection.is_pooled() {
            steps.insert(0, Step::Control(connection.begin_text(TransactionKind::Snapshot)));
            steps.push(Step::Control("COMMIT"));
        }
        connection.mark_open();
        let mut answers = pipeline::run(&connection, &steps).await;
        let answers = all(&connection, &mut answers)?;
        connection.mark_done();
        Ok(answers.iter().flat_map(|answer| &answer.rows).map(rows::owned).collect())
    }

    /// Runs `work` in a transaction, in a task of its own: it ends even when its request is given up.
    pub(super) async fn write<T, E>(
        self: &Arc<Self>,
        premise: Premise,
        work: impl for<'t> FnOnce(Transaction<'t>) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = Arc::clone(self);
        let running = tokio::spawn(async move {
            let announcement = store.announcement(&premise);
            let connection = store.pool.get().await?;
            let mut transaction = PostgresTransaction::new(connection, &store, premise);
            let done = work(Transaction::Postgres(&mut transaction)).await?;
            transaction.commit(announcement).await?;
            Ok(done)
        });
        running.await.unwrap_or_else(|failure| Err(StoreError::Other(failure.to_string()).into()))
    }

    fn announcement(&self, premise: &Premise) -> Option<Statement> {
        match (self.announced, premise) {
            (Announced::Control, _) => Some(Change::Control.announcement()),
            (Announced::Model(workspace), Premise::ReplacedModel(_)) => {
                Some(Change::Model(workspace).announcement())
            }
            (Announced::Model(_), Premise::None | Premise::Model(_)) => None,
        }
    }
}

/// Takes an advisory lock, in a transaction that lasts until the connection goes back to its pool.
pub(crate) async fn lock(connection: &Connection, key: i64) -> Result<(), StoreError> {
    let begin = connection.begin_text(TransactionKind::Write);
    let text = "SELECT pg_advisory_xact_lock($1)";
    let statement = Statement { text: text.into(), binds: vec![fourfold_model::Value::Integer(key)] };
    connection.mark_open();
    // Whoever has it may be making a workspace, which takes longer than a statement should.
    let unlimited = Step::Control("SET LOCAL statement_timeout = '60s'");
    let steps = [Step::Control(begin), unlimited, Step::Statement(&statement)];
    all(connection, &mut pipeline::run(connection, &steps).await).map(drop)
}

/// Runs a statement that is needed once, in a transaction of its own.
pub(crate) async fn run_alone(connection: &Connection, text: &str) -> Result<(), StoreError> {
    let begin = connection.begin_text(TransactionKind::Write);
    connection.mark_open();
    let steps = [Step::Control(begin), Step::Control(text), Step::Control("COMMIT")];
    all(connection, &mut pipeline::run(connection, &steps).await)?;
    connection.mark_done();
    Ok(())
}

/// The answers, when no step failed; otherwise what the first failure means.
fn all(
    connection: &Connection,
    answers: &mut Vec<Result<Answer, tokio_postgres::Error>>,
) -> Result<Vec<Answer>, StoreError> {
    let answers: Result<Vec<_>, _> = std::mem::take(answers).into_iter().collect();
    answers.map_err(|error| connection.failure(error))
}
