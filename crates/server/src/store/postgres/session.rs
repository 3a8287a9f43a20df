//! What every statement may rely on: the schema it runs in, and how long it may take.

use std::sync::Arc;
use std::time::Duration;

use fourfold_model::Value;
use fourfold_query::sql::{SqlTarget, SqlWriter};

use super::CONTROL_SCHEMA;

/// What holds for every transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionSettings {
    /// How long one statement may run before the server cancels it, to the millisecond; zero for no
    /// limit.
    pub(crate) statement_timeout: Duration,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionKind {
    /// Each statement sees what was committed before it; may write.
    Write,
    /// All statements see one moment; may not write.
    Snapshot,
}

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The texts that put the settings in force, made once for all connections.
pub(super) struct SessionTexts {
    on_connect: Arc<str>,
    pooled_write: Arc<str>,
    pooled_snapshot: Arc<str>,
}

impl SessionTexts {
    pub(super) fn new(settings: SessionSettings) -> Self {
        let set = |begin: &'static str, scope: &'static str| {
            let timeout_ms = settings.statement_timeout.as_millis().min(i32::MAX as u128);
            let timeout_ms = Value::Integer(i64::try_from(timeout_ms).unwrap_or_default());
            let mut sql: SqlWriter = SqlWriter::new(&SqlTarget::postgres(CONTROL_SCHEMA));
            sql.raw(begin).raw(scope).raw("search_path = ").ident(CONTROL_SCHEMA);
            sql.raw("; ").raw(scope).raw("statement_timeout = ").literal(&timeout_ms);
            // Between statements we wait for nothing but ourselves; locks are not held for less.
            sql.raw("; ").raw(scope).raw("idle_in_transaction_session_timeout = '60s'");
            sql.statement().text
        };
        Self {
            on_connect: set("", "SET "),
            pooled_write: set("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ", "SET LOCAL "),
            pooled_snapshot: set("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ", "SET LOCAL "),
        }
    }

    /// Sets the session of a connection of our own.
    pub(super) fn on_connect(&self) -> &str {
        &self.on_connect
    }

    /// Opens a transaction. Behind a pooler the session is another one each time, so the settings
    /// come along.
    pub(super) fn begin(&self, kind: TransactionKind, is_pooled: bool) -> &str {
        match (kind, is_pooled) {
            (TransactionKind::Write, false) => BEGIN_WRITE,
            (TransactionKind::Snapshot, false) => BEGIN_SNAPSHOT,
            (TransactionKind::Write, true) => &self.pooled_write,
            (TransactionKind::Snapshot, true) => &self.pooled_snapshot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_hold_for_the_session_or_for_the_transaction() {
        let texts = SessionTexts::new(SessionSettings { statement_timeout: Duration::from_millis(10_500) });
        assert_eq!(
            texts.on_connect(),
            "SET search_path = \"core\"; SET statement_timeout = 10500; \
             SET idle_in_transaction_session_timeout = '60s'"
        );
        for (kind, begin) in [
            (TransactionKind::Write, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
            (TransactionKind::Snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        ] {
            assert_eq!(texts.begin(kind, false), begin);
            let local = "SET LOCAL search_path = \"core\"; SET LOCAL statement_timeout = 10500; \
                         SET LOCAL idle_in_transaction_session_timeout = '60s'";
            assert_eq!(texts.begin(kind, true), format!("{begin}; {local}"));
        }
    }
}
