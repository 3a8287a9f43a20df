//! How PostgreSQL looks for duplicates, and what its indexes say to a merge.

use fourfold_query::sql::SqlTarget;
use serde_json::json;

use crate::support::TestServer;
use crate::support::duplicates::{assert_conflict_changes_nothing, searches};

/// Enough records that reading a whole table costs more than any index.
const RECORDS: usize = 20_000;

#[tokio::test]
async fn a_merge_that_would_break_a_unique_index_changes_nothing() {
    let server = TestServer::start();
    let make_index = || {
        let database = server.data().database();
        let table =
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tablename = 'noteTarget'";
        let table = database.sql(table);
        database.sql(&format!("CREATE UNIQUE INDEX once ON {table} (\"noteId\", \"targetPersonId\")"));
    };
    assert_conflict_changes_nothing(&server.client(), make_index).await;
}

#[tokio::test]
async fn no_table_is_read_from_end_to_end() {
    let server = TestServer::start();
    let client = server.client();
    client.post("/rest/companies", json!({"name": "Acme"})).await;
    client.post("/rest/people", json!({"name": {"firstName": "Ada", "lastName": "Lovelace"}})).await;
    let database = server.data().database();
    let schema = database.sql("SELECT schemaname FROM pg_tables WHERE tablename = 'company'");
    for (table, texts) in [
        ("company", &["name", "domainNamePrimaryLinkUrl"][..]),
        ("person", &["nameFirstName", "nameLastName", "linkedinLinkPrimaryLinkUrl", "emailsPrimaryEmail"]),
    ] {
        let texts = texts.iter().map(|text| {
            format!(", '{text}', '{text} ' || n, '{text}_key', '\\x' || encode(sha256(('{text}' || n)::BYTEA), 'hex')")
        });
        let columns = database.sql(&format!(
            "SELECT string_agg(format('made.%I', column_name), ', ') FROM information_schema.columns \
             WHERE table_schema = '{schema}' AND table_name = '{table}' AND is_generated = 'NEVER'"
        ));
        let into = columns.replace("made.", "");
        let table = format!("\"{schema}\".{table}");
        database.sql(&format!(
            "INSERT INTO {table} ({into}) SELECT {columns} FROM {table} AS one, generate_series(1, {RECORDS}) AS n, \
             jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(){})) AS made",
            texts.collect::<String>()
        ));
        database.sql(&format!("ANALYZE {table}"));
    }
    for (case, statements) in searches(&SqlTarget::postgres(&schema)) {
        assert_eq!(statements.len(), 2, "{case}: however many probes there are");
        for (place, statement) in statements.iter().enumerate() {
            // The plan of one probe, and that for whatever comes, which is used in the long run. Of many probes
            // it is enough that there are indexes: in a table as small as this one they may cost more.
            for (mode, probes, scans) in [("custom", 1, "on"), ("generic", 1, "on"), ("custom", 200, "off")] {
                let filled = |text: &str| format!("array_fill({text}, ARRAY[{probes}])");
                let ids = filled("gen_random_uuid()");
                let columns = statement.matches("::BYTEA[]").count();
                let cells = (0..columns).flat_map(|_| [filled("'Acme'::TEXT"), filled("'\\x61'::BYTEA")]);
                let arguments: Vec<String> = std::iter::once(ids).chain(cells).collect();
                // Only the statement of the records has a limit.
                let limit = if place == 0 { ", 200" } else { "" };
                let plan = database.sql(&format!(
                    "SET plan_cache_mode = force_{mode}_plan; SET enable_seqscan = {scans}; \
                     PREPARE search AS {statement}; EXPLAIN EXECUTE search({}{limit})",
                    arguments.join(", ")
                ));
                assert!(!plan.contains("Seq Scan on company"), "{case} {mode} {probes}:\n{plan}");
                assert!(!plan.contains("Seq Scan on person"), "{case} {mode} {probes}:\n{plan}");
            }
        }
    }
}
