//! How SQLite looks for duplicates, and what its indexes say to a merge.

use std::fs;

use fourfold_query::sql::SqlTarget;
use rusqlite::Connection;

use crate::support::duplicates::{assert_conflict_changes_nothing, searches};
use crate::support::{TestData, TestServer};

/// The file of the only workspace.
fn open_workspace(data: &TestData) -> Connection {
    let workspaces = fs::read_dir(data.folder().join("workspaces")).expect("there are workspaces");
    let mut files = workspaces.map(|entry| entry.expect("an entry can be read").path());
    let file = files.find(|path| path.extension().is_some_and(|extension| extension == "sqlite"));
    Connection::open(file.expect("there is a workspace")).expect("the file opens")
}

#[tokio::test]
async fn a_merge_that_would_break_a_unique_index_changes_nothing() {
    let server = TestServer::start();
    let make_index = || {
        let index = "CREATE UNIQUE INDEX once ON \"noteTarget\" (\"noteId\", \"targetPersonId\")";
        open_workspace(server.data()).execute_batch(index).expect("the index can be made");
    };
    assert_conflict_changes_nothing(&server.client(), make_index).await;
}

#[test]
fn no_table_is_read_from_end_to_end() {
    let (data, _) = TestData::prepared();
    let connection = open_workspace(&data);
    for (case, statements) in searches(&SqlTarget::sqlite()) {
        assert_eq!(statements.len(), 2, "{case}: however many probes there are");
        for statement in statements {
            let mut explained = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
                .unwrap_or_else(|error| panic!("{case}: {error}\n{statement}"));
            let mut rows = explained.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next().expect("a step can be read") {
                steps.push(row.get::<_, String>(3).expect("a step is text"));
            }
            // The tables of records inside the statement; the others are as short as its probes.
            let is_scan = |step: &&String| {
                ["SCAN s", "SCAN t"].iter().any(|scan| step.starts_with(scan))
                    && !step.starts_with("SCAN sub")
            };
            assert_eq!(steps.iter().find(is_scan), None, "{case}: {steps:#?}\n{statement}");
            let by_index = steps.iter().filter(|step| step.starts_with("SEARCH s0 USING INDEX")).count();
            assert!(1 < by_index, "{case}: {steps:#?}\n{statement}");
        }
    }
}
