//! Whether a server can hold the data: asked once, at the start.

use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::connect_error::ConnectError;
use super::connection::Connection;

/// The first version that is tested; `server_version_num` of 15.0.
const OLDEST_VERSION: u32 = 150_000;

// The collation is the one that makes text lowercase for comparisons, whatever the database's own.
const QUESTIONS: &str = r#"
    SELECT current_setting('server_version_num'),
           current_setting('server_version'),
           current_setting('server_encoding'),
           EXISTS (SELECT FROM pg_catalog.pg_collation
                   WHERE collname = 'und-x-icu' AND collnamespace = 'pg_catalog'::regnamespace),
           pg_is_in_recovery(),
           current_setting('transaction_read_only'),
           has_database_privilege(current_database(), 'CREATE'),
           current_database(),
           current_user"#;

/// Asks the server for its version, encoding and abilities, in one round trip.
///
/// # Errors
/// The first thing that it lacks, with what to do about it.
pub(crate) async fn check_server(connection: &Connection) -> Result<(), ConnectError> {
    let url = connection.url();
    let answer = connection.client().simple_query(QUESTIONS).await;
    let answer = answer.map_err(|error| ConnectError::from_driver(&error, url))?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let reason = "it answers nothing when asked for its version".into();
    let row = row.ok_or_else(|| ConnectError::Other { server: url.describe(), reason })?;
    judge(row, url.describe())
}

fn judge(row: &SimpleQueryRow, server: String) -> Result<(), ConnectError> {
    let text = |column: usize| row.get(column).unwrap_or_default();
    let is_true = |column: usize| text(column) == "t";
    if text(0).parse().unwrap_or(0) < OLDEST_VERSION {
        return Err(ConnectError::TooOld { server, version: text(1).into() });
    }
    if text(2) != "UTF8" {
        return Err(ConnectError::Encoding { server, encoding: text(2).into() });
    }
    if !is_true(3) {
        return Err(ConnectError::NoIcu(server));
    }
    if is_true(4) {
        return Err(ConnectError::Replica(server));
    }
    if text(5) == "on" {
        return Err(ConnectError::ReadOnly(server));
    }
    if !is_true(6) {
        return Err(ConnectError::no_create(server, text(7).into(), text(8).into()));
    }
    Ok(())
}
