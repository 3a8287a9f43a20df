//! The answers that a workspace keeps under idempotency keys, seen from the database.

use std::fs;

use rusqlite::Connection;

use super::TestData;

impl TestData {
    /// Makes all kept answers as old as can be.
    pub(crate) fn expire_kept_answers(&self) {
        match self.is_database() {
            true => _ = self.in_postgres("UPDATE _answer SET expiresAt = to_timestamp(0)"),
            false => {
                _ = self.in_sqlite().execute("UPDATE _answer SET expiresAt = 0", []).expect("it can be set")
            }
        }
    }

    /// How many answers are kept.
    pub(crate) fn kept_answers(&self) -> i64 {
        let count = "SELECT count(*) FROM _answer";
        match self.is_database() {
            true => self.in_postgres(count).parse().expect("a number"),
            false => self.in_sqlite().query_row(count, [], |row| row.get(0)).expect("a number"),
        }
    }

    fn in_postgres(&self, sql: &str) -> String {
        let database = self.database();
        let schema = database.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'workspace%'");
        database.sql(&format!("SET search_path = \"{schema}\"; {sql}"))
    }

    fn in_sqlite(&self) -> Connection {
        let files = fs::read_dir(self.folder().join("workspaces")).expect("there is a workspace");
        let mut paths = files.map(|file| file.expect("it can be read").path());
        let file = paths.find(|path| path.extension().is_some_and(|end| end == "sqlite"));
        Connection::open(file.expect("a workspace is a file")).expect("it can be opened")
    }
}
