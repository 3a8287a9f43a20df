//! Statements sent one behind the other, without waiting for answers in between: one round trip.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fourfold_query::sql::Statement;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, StreamExt, TryStreamExt};
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

/// Whether statements will run again on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// They will: the connection keeps them prepared, and each answer has to come within the limit for
    /// statements and a little more.
    Often,
    /// They are for this once, as those that change tables are, and may have limits of their own.
    Once,
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
        Use::Often => connection.answer_limit(),
        Use::Once => None,
    };
    let preparing = pin!(prepare(connection, steps, usage));
    let mut prepared = match in_time(connection, limit, preparing).await {
        Ok(prepared) => prepared.into_iter(),
        Err(error) => return vec![Err(error)],
    };
    let client = connection.client();
    // In order: a future sends its messages when it is first asked, and they are asked in this order.
    let mut running: FuturesOrdered<BoxFuture<'_, Result<Answer, Error>>> = steps
        .iter()
        .map(|step| -> BoxFuture<'_, _> {
            let prepared = prepared.next().flatten();
            match step {
                Step::Control(text) => {
                    Box::pin(async move { client.batch_execute(text).await.map(|()| Answer::default()) })
                }
                Step::Statement(statement) => Box::pin(run_statement(client, prepared, statement)),
            }
        })
        .collect();
    let mut answers = Vec::with_capacity(steps.len());
    while let Some(answer) = in_time(connection, limit, running.next()).await {
        answers.push(answer);
    }
    answers
}

/// What `answer` gives. When it does not come in time the connection is ended, which it then tells.
async fn in_time<T>(
    connection: &Connection,
    limit: Option<Duration>,
    mut answer: impl Future<Output = T> + Unpin,
) -> T {
    if let Some(limit) = limit {
        match timeout(limit, &mut answer).await {
            Ok(answer) => return answer,
            Err(_) => connection.end(),
        }
    }
    answer.await
}

/// The prepared statement for each step that is one. Behind a pooler none is: the statement travels
/// with its values.
async fn prepare(
    connection: &Connection,
    steps: &[Step<'_>],
    usage: Use,
) -> Result<Vec<Option<tokio_postgres::Statement>>, Error> {
    let is_kept = usage == Use::Often && !connection.is_pooled();
    let prepare = |step: &Step<'_>| {
        let text = match step {
            Step::Statement(statement) if is_kept => Some(Arc::clone(&statement.text)),
            Step::Statement(_) | Step::Control(_) => None,
        };
        async move {
            match text {
                Some(text) => connection.prepare(&text).await.map(Some),
                None => Ok(None),
            }
        }
    };
    steps.iter().map(prepare).collect::<FuturesOrdered<_>>().try_collect().await
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
