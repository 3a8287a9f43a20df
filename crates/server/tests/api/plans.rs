//! How databases go about what the server asks of them: no request reads a table as a whole that a better
//! way leads through.
//!
//! Plans are those of large tables. On PostgreSQL they are looked at twice, as the server meets them: for
//! the first time, and when the statement has run so often that one plan may serve all values.

mod cases;
mod explain;
mod requests;

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use fourfold_model::{DataModel, standard};
use jiff::Timestamp;

use crate::support::TestServer;
use crate::support::bulk::{AROUND, COMPANIES, PEOPLE, fill};
use cases::{Case, cases};
use explain::{Access, Database};

/// Enough for PostgreSQL to see that an index is the better way.
const ROWS: usize = 20_000;

/// Tables with a few rows, however large a workspace is: the members, the version of the model, and the
/// numbers of records.
const SMALL: [&str; 3] = ["workspaceMember", "_model", "_live"];

/// The version of PostgreSQL that the snapshot is of; others word some plans otherwise.
const REVIEWED_POSTGRES: &str = "15";

#[test]
fn no_request_reads_a_table_as_a_whole_that_need_not_be() {
    let server = TestServer::start();
    if server.data().is_database() {
        // SQLite keeps no statistics, so its plans are those of any table.
        for tables in [&[COMPANIES, PEOPLE][..], &AROUND] {
            fill(server.data(), tables, ROWS);
        }
    }
    let database = Database::open(server.data());
    // Tables and columns are named as in every new workspace.
    let objects = standard::objects(Timestamp::UNIX_EPOCH).into_iter().map(Arc::new);
    let model = DataModel::new(1, objects.collect());
    let mut plans = String::new();
    let mut complaints = String::new();
    for Case { name, statements, reads } in cases(&model, database.target()) {
        _ = writeln!(plans, "{name}");
        for explained in database.explain(&statements) {
            _ = writeln!(plans, "{}", explained.plan);
            let large = explained.accesses.iter().filter(|(table, _)| !SMALL.contains(&table.as_str()));
            for (table, access) in large {
                let allowed = reads.iter().find(|(known, _)| known == table);
                if allowed.map_or(Access::Search, |(_, most)| *most) < *access {
                    _ = writeln!(complaints, "{name}: {access:?} of {table}\n{}\n", explained.text);
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}\n{plans}");
    match database.version() {
        None => insta::assert_snapshot!("sqlite", plans),
        Some(version) if version == REVIEWED_POSTGRES => insta::assert_snapshot!("postgres", plans),
        Some(version) => {
            // Written past the capture of the test harness: a check that did not happen is said aloud.
            let _ = writeln!(
                std::io::stderr(),
                "plans: those of PostgreSQL {version} are checked, but not compared with the reviewed ones"
            );
        }
    }
}

/// Whoever destroys a record makes the database look for what refers to it.
#[test]
fn every_reference_to_a_record_begins_an_index() {
    let server = TestServer::start();
    let (references, bare) = Database::open(server.data()).references();
    assert!(20 < references, "the standard objects refer to each other: {references}");
    assert_eq!(bare, Vec::<String>::new(), "of {references} references, these have no index");
}
