//! Whether a server can hold the data: asked once, at the start.

use tokio_postgres::SimpleQueryMessage;

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
    judge(std::array::from_fn(|column| row.get(column).unwrap_or_default()), url.describe())
}

/// Judges the answers to [`QUESTIONS`], in their order.
fn judge(answers: [&str; 9], server: String) -> Result<(), ConnectError> {
    let [number, version, encoding, has_icu, is_replica, is_read_only, may_create, database, role] = answers;
    if number.parse().unwrap_or(0) < OLDEST_VERSION {
        return Err(ConnectError::TooOld { server, version: version.into() });
    }
    if encoding != "UTF8" {
        return Err(ConnectError::Encoding { server, encoding: encoding.into() });
    }
    if has_icu != "t" {
        return Err(ConnectError::NoIcu(server));
    }
    if is_replica == "t" {
        return Err(ConnectError::Replica(server));
    }
    if is_read_only == "on" {
        return Err(ConnectError::ReadOnly(server));
    }
    if may_create != "t" {
        return Err(ConnectError::no_create(server, database.into(), role.into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_a_server_lacks_is_named() {
        let good = ["150004", "15.4", "UTF8", "t", "f", "off", "t", "crm", "ada"];
        assert!(judge(good, "S".into()).is_ok());
        for (column, answer, problem) in [
            (0, "140011", "S runs PostgreSQL 15.4, and Fourfold wants 15 or later"),
            (0, "", "wants 15 or later"),
            (2, "LATIN1", "S keeps text as LATIN1"),
            (3, "f", "S was built without ICU"),
            (4, "t", "S is a replica"),
            (5, "on", "S takes no writes"),
            (6, "f", r#"`GRANT CONNECT, CREATE ON DATABASE "crm" TO "ada"`"#),
        ] {
            let mut answers = good;
            answers[column] = answer;
            let error = judge(answers, "S".into()).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
