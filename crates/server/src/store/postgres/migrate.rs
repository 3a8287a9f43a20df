//! The server's own tables in a schema: made and brought up to date, once, whoever starts first.

use std::fmt::Write as _;

use fourfold_query::sql::Dialect;

use super::connection::Connection;
use super::session::TransactionKind;
use crate::store::{StoreError, migration};

/// The advisory lock that servers hold while they bring tables up to date.
const MIGRATION_LOCK: i64 = 0x464f_5552_464f_4c44; // "FOURFOLD"

/// Runs the scripts that the schema has not seen, in one transaction; the schema is made when it is
/// missing.
///
/// # Errors
/// `NewerSchema` when it has seen more scripts than there are; nothing is changed then.
pub(crate) async fn migrate(
    connection: &Connection,
    schema: &str,
    scripts: &[&'static str],
) -> Result<(), StoreError> {
    connection.mark_open();
    let failed = |error| connection.failure(error);
    let client = connection.client();
    let begin = connection.begin_text(TransactionKind::Write);
    let schema = quoted(schema);
    // Other servers may be about to do the same. The schema's name is ours, and quoted.
    let prepare = format!(
        "{begin}; SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); SET LOCAL client_min_messages = warning; \
         CREATE SCHEMA IF NOT EXISTS {schema}; SET LOCAL search_path = {schema}; \
         CREATE TABLE IF NOT EXISTS _migration (place BIGINT PRIMARY KEY)"
    );
    client.batch_execute(&prepare).await.map_err(failed)?;
    let seen = client.simple_query("SELECT count(*) FROM _migration").await.map_err(failed)?;
    let seen = seen.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse::<i64>().ok(),
        _ => None,
    });
    let seen = seen.unwrap_or_default();
    let known = i64::try_from(scripts.len()).unwrap_or(i64::MAX);
    if known < seen {
        return Err(StoreError::NewerSchema { found: seen, known });
    }
    let mut script = String::new();
    for (place, text) in (0_i64..).zip(scripts).skip_while(|(place, _)| *place < seen) {
        script.push_str(&migration::text_for(Dialect::Postgres, text));
        _ = write!(script, "INSERT INTO _migration VALUES ({place});");
    }
    script.push_str("COMMIT");
    client.batch_execute(&script).await.map_err(failed)?;
    connection.mark_done();
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
