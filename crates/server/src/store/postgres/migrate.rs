//! The server's own tables in a schema: made and brought up to date, once, whoever starts first.

use fourfold_model::Value;
use fourfold_query::sql::{Dialect, SqlTarget, SqlWriter, Statement};

use super::connection::Connection;
use super::pipeline::{self, Step, Use};
use super::{all, lock, rows};
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
    let target = SqlTarget::postgres(schema);
    let in_schema = |write: &dyn Fn(&mut SqlWriter)| {
        let mut sql = SqlWriter::new(&target);
        write(&mut sql);
        sql.statement()
    };
    lock(connection, MIGRATION_LOCK).await?;
    let prepare = [
        // That something exists already is no news.
        Statement::fixed("SET LOCAL client_min_messages = warning"),
        in_schema(&|sql| _ = sql.raw("CREATE SCHEMA IF NOT EXISTS ").ident(schema)),
        in_schema(&|sql| _ = sql.raw("SET LOCAL search_path = ").ident(schema)),
        Statement::fixed("CREATE TABLE IF NOT EXISTS _migration (place BIGINT PRIMARY KEY)"),
        Statement::fixed("SELECT count(*) FROM _migration"),
    ];
    let steps: Vec<_> = prepare.iter().map(Step::Statement).collect();
    let answers = all(connection, pipeline::run(connection, &steps, Use::Unlimited).await)?;
    let seen =
        answers.last().and_then(|answer| answer.rows.first()).map_or(0, |row| rows::owned(row).integer(0));
    let known = i64::try_from(scripts.len()).unwrap_or(i64::MAX);
    if known < seen {
        return Err(StoreError::NewerSchema { found: seen, known });
    }
    for (place, script) in (0_i64..).zip(scripts).skip_while(|(place, _)| *place < seen) {
        let script = migration::text_for(Dialect::Postgres, script);
        let note = in_schema(&|sql| {
            sql.raw("INSERT INTO _migration VALUES (").bind(Value::Integer(place)).raw(")");
        });
        let steps = [Step::Control(&script), Step::Statement(&note)];
        all(connection, pipeline::run(connection, &steps, Use::Unlimited).await)?;
    }
    all(connection, pipeline::run(connection, &[Step::Control("COMMIT")], Use::Unlimited).await)?;
    connection.mark_done();
    Ok(())
}
