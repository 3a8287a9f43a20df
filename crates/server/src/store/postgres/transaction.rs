//! A transaction that writes.

use fourfold_model::{Scalar, Value};
use fourfold_query::sql::{SqlTarget, Statement};
use fourfold_query::{BoundRead, CompiledRead, ReadOutput};

use super::fetch::Fetch;
use super::pipeline::{self, Answer, Step, Use};
use super::pool::{Pool, PooledConnection};
use super::rows::PostgresRow;
use super::session::TransactionKind;
use super::{PostgresStore, begin};
use crate::store::{Basis, Premise, Row, StoreError, values_of};

/// A change of the model waits for writes that rely on the old one, and later writes wait behind it: it
/// must not wait long. Once it has begun, an index of a large table may take its time.
const MODEL_CHANGE: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10min'";

/// An open transaction, which begins together with its first statements.
pub(crate) struct PostgresTransaction {
    connection: PooledConnection,
    /// For another connection, where the first turns out to be lost.
    pool: Pool,
    target: SqlTarget,
    /// What the transaction begins with, until it has begun.
    opening: Option<Opening>,
    usage: Use,
    /// A statement failed, so that the server will commit nothing.
    has_failed: bool,
}

struct Opening {
    premise: Premise,
    lock: Option<Statement>,
}

impl PostgresTransaction {
    pub(super) fn new(connection: PooledConnection, store: &PostgresStore, premise: Premise) -> Self {
        let lock = match premise {
            Premise::None => None,
            Premise::Model(_) => Some("SELECT pg_advisory_xact_lock_shared($1)"),
            Premise::ReplacedModel(_) => Some("SELECT pg_advisory_xact_lock($1)"),
        };
        let lock = lock.map(|text| Statement::new(text, vec![Value::Integer(store.model_lock)]));
        let usage = match &premise {
            Premise::None => Use::Once,
            Premise::Model(basis) => Use::Often { model: basis.version },
            Premise::ReplacedModel(_) => Use::Unlimited,
        };
        let (target, opening) = (store.target.clone(), Some(Opening { premise, lock }));
        Self { connection, pool: store.pool.clone(), target, opening, usage, has_failed: false }
    }

    pub(crate) fn target(&self) -> &SqlTarget {
        &self.target
    }

    /// Runs statements in order. The first ones begin the transaction, and check its premise, on the
    /// way: writes that share a model hold a lock together until they are committed, which whoever
    /// replaces the model waits for.
    async fn run<'s>(
        &mut self,
        statements: impl IntoIterator<Item = &'s Statement> + Clone,
    ) -> Result<Vec<Answer>, StoreError> {
        let Some(opening) = self.opening.take() else { return self.send(None, statements).await };
        match self.send(Some(&opening), statements.clone()).await {
            // The connection was lost, perhaps while it rested; nothing is committed yet.
            Err(StoreError::Unavailable(_)) => {
                self.connection.give_back();
                self.connection = self.pool.get().await?;
                self.has_failed = false;
                self.send(Some(&opening), statements).await
            }
            outcome => outcome,
        }
    }

    async fn send<'s>(
        &mut self,
        opening: Option<&Opening>,
        statements: impl IntoIterator<Item = &'s Statement>,
    ) -> Result<Vec<Answer>, StoreError> {
        let mut steps = Vec::new();
        let mut basis: Option<&Basis> = None;
        if let Some(opening) = opening {
            steps.extend(begin(&self.connection, TransactionKind::Write).await?);
            if matches!(opening.premise, Premise::ReplacedModel(_)) {
                steps.push(Step::Control(MODEL_CHANGE));
            }
            steps.extend(opening.lock.as_ref().map(Step::Statement));
            if let Premise::Model(found) | Premise::ReplacedModel(found) = &opening.premise {
                // Behind the lock, in a statement of its own, so that it sees what was committed before.
                steps.push(Step::Statement(&found.current));
                basis = Some(found);
            }
        }
        let opening_steps = steps.len();
        for statement in statements {
            steps.push(Step::Statement(statement));
        }
        let mut answers = pipeline::run(&self.connection, &steps, self.usage).await;
        if let Some(basis) = basis
            && let Some(Ok(version)) = answers.get(opening_steps - 1)
            && !is_current(basis, version)
        {
            self.has_failed = true;
            return Err(StoreError::StaleModel);
        }
        if let Some(place) = answers.iter().position(Result::is_err)
            && let Err(error) = answers.swap_remove(place)
        {
            self.has_failed = true;
            return Err(self.connection.failure(error));
        }
        Ok(answers.into_iter().skip(opening_steps).flatten().collect())
    }

    pub(crate) async fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
        Ok(self.run(statements).await?.iter().map(|answer| answer.changed).collect())
    }

    pub(crate) async fn rows(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        let answers = self.run(statements).await?;
        Ok(answers.iter().map(|answer| answer.rows.iter().map(super::rows::owned).collect()).collect())
    }

    pub(crate) async fn values(
        &mut self,
        statement: &Statement,
        scalars: &[Scalar],
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let answers = self.run([statement]).await?;
        let rows = answers.iter().flat_map(|answer| &answer.rows);
        rows.map(|row| values_of(&PostgresRow(row), scalars)).collect()
    }

    pub(crate) async fn execute_and_fetch(
        &mut self,
        statements: &[Statement],
        read: &CompiledRead,
        bound: &BoundRead,
        ids: &Value,
    ) -> Result<ReadOutput, StoreError> {
        let mut fetch = Fetch::new([(read, bound)]);
        let reads = fetch.first(Some(ids));
        let answers = self.run(statements.iter().chain(&reads)).await?;
        fetch.take_first(answers.into_iter().skip(statements.len()));
        let below = fetch.second();
        if !below.is_empty() {
            fetch.take_second(self.run(&below).await?);
        }
        Ok(fetch.finish().pop().unwrap_or_default())
    }

    /// Commits, and announces the change to other servers where there is something to announce.
    pub(super) async fn commit(self, announcement: Option<Statement>) -> Result<(), StoreError> {
        if self.opening.is_some() {
            // No statement ran.
            return Ok(());
        }
        if self.has_failed {
            return Err(StoreError::Other("a statement failed, and the transaction went on".into()));
        }
        let steps: Vec<_> =
            announcement.iter().map(Step::Statement).chain([Step::Control("COMMIT")]).collect();
        for answer in pipeline::run(&self.connection, &steps, self.usage).await {
            answer.map_err(|error| self.connection.failure(error))?;
        }
        self.connection.mark_done();
        Ok(())
    }
}

/// Whether the model of `basis` is the one in force.
fn is_current(basis: &Basis, answer: &Answer) -> bool {
    answer.rows.first().is_some_and(|row| super::rows::owned(row).integer(0) == basis.version)
}
