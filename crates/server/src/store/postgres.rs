//! PostgreSQL: a pool of connections that all workspaces share, each workspace a schema.
//!
//! A plain read is one round trip, or two when it finds nothing; a read with lists of related records
//! two; a write two: its statements with what it begins with, then its end.

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

use fourfold_model::Value;
use fourfold_query::sql::{SqlTarget, Statement};
use fourfold_query::{BoundRead, CompiledRead, ReadOutput};
use futures_util::future::BoxFuture;

use super::{Basis, Premise, Row, StoreError, Transaction};
use fetch::Fetch;
use pipeline::{Answer, Step, Use};
use session::TransactionKind;

pub(crate) use connect_error::ConnectError;
pub(crate) use connection::{Connection, Connector};
pub(crate) use listen::{Change, listen};
pub(crate) use migrate::migrate;
pub(crate) use pool::{Pool, PooledConnection};
pub(crate) use server_check::check_server;
pub(crate) use session::SessionSettings;
pub(crate) use transaction::PostgresTransaction;
pub(crate) use url::DatabaseUrl;

/// The schema of the control data. Connections look for unqualified names in it.
pub(crate) const CONTROL_SCHEMA: &str = "core";

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
        let mut attempt = 0;
        loop {
            let connection = self.pool.get().await?;
            match fetch_json(&connection, basis, reads).await {
                Err(error) if is_worth_another_read(&error, attempt) => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    pub(super) async fn rows(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let mut attempt = 0;
        loop {
            let connection = self.pool.get().await?;
            match fetch_rows(&connection, statement).await {
                Err(error) if is_worth_another_read(&error, attempt) => attempt += 1,
                outcome => return outcome,
            }
        }
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

/// Whether a read that failed is run again: once, on another connection. The first may have been lost
/// while it rested, or had a statement prepared that no longer fits the tables.
fn is_worth_another_read(error: &StoreError, attempt: usize) -> bool {
    attempt == 0 && matches!(error, StoreError::Unavailable(_) | StoreError::Conflict)
}

async fn fetch_json(
    connection: &Connection,
    basis: &Basis,
    reads: &[(Arc<CompiledRead>, BoundRead)],
) -> Result<Vec<ReadOutput>, StoreError> {
    let usage = Use::Often { model: basis.version };
    let mut fetch = Fetch::new(reads.iter().map(|(read, bound)| (&**read, bound)));
    let first = fetch.first(None);
    // A single statement is a snapshot by itself.
    let is_transaction = connection.is_pooled() || 1 < first.len() || !fetch.is_flat();
    let ends_here = is_transaction && fetch.is_flat();
    connection.mark_open();
    let mut steps: Vec<Step<'_>> = match is_transaction {
        true => begin(connection, TransactionKind::Snapshot).await?.into_iter().collect(),
        false => Vec::new(),
    };
    let before = steps.len();
    steps.extend(first.iter().map(Step::Statement));
    steps.extend(ends_here.then_some(Step::Control("COMMIT")));
    let mut answers = all(connection, pipeline::run(connection, &steps, usage).await)?;
    let answers = answers.split_off(before);
    let mut version = fetch.model_version(&answers);
    let is_over = ends_here || !is_transaction;
    if is_over {
        connection.mark_done();
    }
    if version.is_some_and(|version| version != basis.version) {
        return Err(StoreError::StaleModel);
    }
    fetch.take_first(answers);
    if !is_over {
        let second = fetch.second();
        let mut steps: Vec<_> = second.iter().map(Step::Statement).collect();
        steps.push(Step::Control("COMMIT"));
        fetch.take_second(all(connection, pipeline::run(connection, &steps, usage).await)?);
        connection.mark_done();
    }
    if version.is_none() {
        // No row told it. Versions only grow: one that is in force now was so a moment ago.
        version = fetch_rows(connection, &basis.current).await?.first().map(|row| row.integer(0));
    }
    if version != Some(basis.version) {
        return Err(StoreError::StaleModel);
    }
    Ok(fetch.finish())
}

async fn fetch_rows(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    connection.mark_open();
    let mut steps = Vec::new();
    if connection.is_pooled() {
        steps.extend(begin(connection, TransactionKind::Snapshot).await?);
    }
    steps.push(Step::Statement(statement));
    steps.extend(connection.is_pooled().then_some(Step::Control("COMMIT")));
    let answers = all(connection, pipeline::run(connection, &steps, Use::Once).await)?;
    connection.mark_done();
    Ok(answers.iter().flat_map(|answer| &answer.rows).map(rows::owned).collect())
}

/// What begins a transaction, together with the first statements. Behind a pooler it has begun when this
/// answers, since there it may have to wait for a session.
async fn begin(connection: &Connection, kind: TransactionKind) -> Result<Option<Step<'_>>, StoreError> {
    connection.mark_open();
    if connection.is_pooled() {
        return connection.begin(kind).await.map(|()| None);
    }
    Ok(Some(Step::Control(connection.begin_text(kind))))
}

/// Takes an advisory lock, in a transaction that lasts until the connection goes back to its pool.
pub(crate) async fn lock(connection: &Connection, key: i64) -> Result<(), StoreError> {
    let text = "SELECT pg_advisory_xact_lock($1)";
    let statement = Statement::new(text, vec![Value::Integer(key)]);
    let mut steps: Vec<_> = begin(connection, TransactionKind::Write).await?.into_iter().collect();
    // Whoever has it may be making a workspace, which takes longer than a statement should.
    let unlimited = "SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = 0";
    steps.push(Step::Control(unlimited));
    steps.push(Step::Statement(&statement));
    all(connection, pipeline::run(connection, &steps, Use::Unlimited).await).map(drop)
}

/// Runs a statement that is needed once, in a transaction of its own.
pub(crate) async fn run_alone(connection: &Connection, statement: &Statement) -> Result<(), StoreError> {
    let mut steps: Vec<_> = begin(connection, TransactionKind::Write).await?.into_iter().collect();
    steps.extend([Step::Statement(statement), Step::Control("COMMIT")]);
    all(connection, pipeline::run(connection, &steps, Use::Unlimited).await)?;
    connection.mark_done();
    Ok(())
}

/// The answers, when no step failed; otherwise what the first failure means.
fn all(
    connection: &Connection,
    answers: Vec<Result<Answer, tokio_postgres::Error>>,
) -> Result<Vec<Answer>, StoreError> {
    let answers: Result<Vec<_>, _> = answers.into_iter().collect();
    answers.map_err(|error| connection.failure(error))
}
