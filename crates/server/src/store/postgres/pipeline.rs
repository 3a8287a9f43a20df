//! Statements sent one behind the other, without waiting for answers in between: one round trip.

use std::pin::pin;
use std::time::Duration;

use fourfold_query::sql::Statement;
use futures_util::future::{join_all, try_join_all};
use futures_util::stream::StreamExt;
use tokio::time::timeout;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Row};

use super::bind::Bound;
use super::connection::Connection;

/// One thing for the server to do.
pub(super) enum Step<'s> {
    /// Begins or ends a transaction.
    Control(&'s str),
    /// A statement with its values.
    Statement(&'s Statement),
}

/// How statements are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// They will come again as long as this version of the model is in force: the connection keeps them
    /// prepared.
    Often { model: i64 },
    /// They are for this once.
    Once,
    /// The same, and they have limits of their own, as those that change tables have.
    Unlimited,
}

/// What a step gave.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// The rows that it changed.
    pub(super) changed: u64,
}

/// Does all steps in order; what each gave, or why it failed. What fails in a transaction makes the
/// steps behind it fail too.
///
/// Statements that are used often and that the connection has not seen are prepared before any step is
/// done. When one of them cannot be, no step is done, and its error stands alone.
pub(super) async fn run(
    connection: &Connection,
    steps: &[Step<'_>],
    usage: Use,
) -> Vec<Result<Answer, Error>> {
    let limit = match usage {
        Use::Often { .. } | Use::Once => connection.answer_limit(steps.len()),
        Use::Unlimited => None,
    };
    in_time(connection, limit, run_unlimited(connection, steps, usage)).await
}

async fn run_unlimited(
    connection: &Connection,
    steps: &[Step<'_>],
    usage: Use,
) -> Vec<Result<Answer, Error>> {
    let model = match usage {
        Use::Often { model } if !connection.is_pooled() => Some(model),
        Use::Often { .. } | Use::Once | Use::Unlimited => None,
    };
    let prepared = match try_join_all(steps.iter().map(|step| prepare(connection, step, model))).await {
        Ok(prepared) => prepared,
        Err(error) => return vec![Err(error)],
    };
    // A future sends its messages when it is first asked, and they are asked in this order.
    let client = connection.client();
    join_all(steps.iter().zip(prepared).map(|(step, prepared)| run_step(client, step, prepared))).await
}

/// What `answers` gives. When it does not come in time the connection is ended, which it then tells.
async fn in_time<T>(connection: &Connection, limit: Option<Duration>, answers: impl Future<Output = T>) -> T {
    let mut answers = pin!(answers);
    if let Some(limit) = limit {
        match timeout(limit, &mut answers).await {
            Ok(answers) => return answers,
            Err(_) => connection.end(),
        }
    }
    answers.await
}

/// The prepared statement for a step that is one, where it is kept for a version of the model. Otherwise
/// the statement travels with its values, as it always does behind a pooler.
async fn prepare(
    connection: &Connection,
    step: &Step<'_>,
    model: Option<i64>,
) -> Result<Option<tokio_postgres::Statement>, Error> {
    match (step, model) {
        (Step::Statement(statement), Some(model)) => {
            connection.prepare(&statement.text, model).await.map(Some)
        }
        (Step::Statement(_) | Step::Control(_), _) => Ok(None),
    }
}

async fn run_step(
    client: &Client,
    step: &Step<'_>,
    prepared: Option<tokio_postgres::Statement>,
) -> Result<Answer, Error> {
    match step {
        Step::Control(text) => client.batch_execute(text).await.map(|()| Answer::default()),
        Step::Statement(statement) => run_statement(client, prepared, statement).await,
    }
}

async fn run_statement(
    client: &Client,
    prepared: Option<tokio_postgres::Statement>,
    statement: &Statement,
) -> Result<Answer, Error> {
    let binds = statement.binds.iter().map(Bound);
    let stream = match prepared {
        Some(prepared) => client.query_raw(&prepared, binds).await?,
        None => client.query_typed_raw(&statement.text, binds.map(|bind| (bind, Type::UNKNOWN))).await?,
    };
    let mut stream = std::pin::pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(Answer { rows, changed: stream.rows_affected().unwrap_or_default() })
}
