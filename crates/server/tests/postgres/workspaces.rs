//! Several workspaces in one database, and those that were never finished.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::model::{create_field, create_object, object_id};
use crate::support::postgres::Database;
use crate::support::{Client, TestServer, begin_fourfold};

/// How long things may take. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_key_of_one_sees_nothing_of_the_other() {
    let server = TestServer::start();
    let clients = ["Day", "Night"].map(|name| {
        let created = server.fourfold(&["workspace", "create", "--empty", "--name", name]);
        assert_eq!(created.code, Some(0), "{}", created.stderr);
        let key = server.fourfold(&["api-key", "create", "--name", "k", "--workspace", name]);
        assert_eq!(key.code, Some(0), "{}", key.stderr);
        server.client_with(key.stdout.trim())
    });
    let [day, night] = &clients;
    for (client, field) in [(day, "sail"), (night, "mast")] {
        let vessel = create_object(client, "vessel").await;
        create_field(client, &vessel, "TEXT", field).await;
        create_field(client, &vessel, "TEXT", "flag").await;
    }
    let vessel_of_day = object_id(day, "vessel").await;
    // One id and one name in both.
    let id = "5f4d1d0e-8a2e-4c58-9a5e-2f6f6f0c9f01";
    let path = format!("/rest/vessels/{id}");
    for (client, flag) in [(day, "of day"), (night, "of night")] {
        let made = client.post("/rest/vessels", json!({"id": id, "flag": flag})).await;
        assert_eq!(made.outcome(), "201", "{}", made.body);
    }
    let alone = day.post("/rest/vessels", json!({"flag": "alone", "sail": "x"})).await;
    let alone = format!("/rest/vessels/{}", alone.text("/data/createVessel/id"));
    assert_eq!(day.get(&path).await.part("/data/vessel/flag"), "of day");
    assert_eq!(night.get(&path).await.part("/data/vessel/flag"), "of night");

    for (case, answer, outcome) in [
        ("read", night.get(&alone).await, "404 NotFoundException"),
        ("update", night.patch(&alone, json!({"flag": "x"})).await, "404 NotFoundException"),
        ("delete", night.delete(&alone).await, "404 NotFoundException"),
        ("field", night.post("/rest/vessels", json!({"sail": "x"})).await, "400 BadRequestException"),
        (
            "object",
            night.get(&format!("/rest/metadata/objects/{vessel_of_day}")).await,
            "404 Error OBJECT_METADATA_NOT_FOUND",
        ),
        (
            "object that is deleted",
            night.delete(&format!("/rest/metadata/objects/{vessel_of_day}")).await,
            "404 Error ENTITY_NOT_FOUND",
        ),
    ] {
        assert_eq!(answer.outcome(), outcome, "{case}: {}", answer.body);
    }
    let deleted = night.delete(&format!("/rest/metadata/objects/{}", object_id(night, "vessel").await)).await;
    assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
    assert_eq!(day.get("/rest/vessels").await.part("/totalCount"), &json!(2), "that of the other stays");
    assert_eq!(server.client().get("/rest/vessels").await.outcome(), "400 BadRequestException");
}

#[tokio::test]
async fn an_interrupted_creation_leaves_nothing_that_counts() {
    let server = TestServer::start();
    let database = server.data().database();
    let place = server.data().arguments();
    let create =
        [&["workspace", "create", "--name", "Never"][..], &[place[0].as_str(), place[1].as_str()]].concat();
    for delay_ms in [0, 5, 20] {
        let before = unfinished(database);
        let mut creating = begin_fourfold(&create);
        let deadline = Instant::now() + PATIENCE;
        while unfinished(database).is_empty() || unfinished(database) == before {
            assert!(Instant::now() < deadline, "nothing is begun");
        }
        // Somewhere in the middle, not always at the same place.
        std::thread::sleep(Duration::from_millis(delay_ms));
        creating.kill().expect("it can be killed");
        let ended = creating.wait().expect("it can be waited for");
        assert!(!ended.success(), "it was killed before it was done");
        let listed = server.fourfold(&["workspace", "list"]);
        assert!(!listed.stdout.contains("Never"), "after {delay_ms} ms: {}", listed.stdout);
        let made = server.client().post("/rest/companies", json!({"name": "Meanwhile"})).await;
        assert_eq!(made.outcome(), "201", "{}", made.body);
    }
    assert_ne!(unfinished(database), "", "what was interrupted is still there");
    // Not ours, though it looks like it.
    database.sql("CREATE SCHEMA workspace_of_somebody");
    database.sql("COMMENT ON SCHEMA workspace_of_somebody IS 'unfinished workspace'");

    let created = server.fourfold(&["workspace", "create", "--name", "Night Shift"]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    assert_eq!(unfinished(database), "workspace_of_somebody");
    assert_eq!(database.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'workspace%'"), "3");
    let key = server.fourfold(&["api-key", "create", "--name", "k", "--workspace", "Night Shift"]);
    let companies = Client::new(server.url(), Some(key.stdout.trim())).get("/rest/companies").await;
    assert_ne!(companies.part("/totalCount"), &json!(0), "{}", companies.body);
}

/// The schema of a workspace that is not finished; each creation removes those before it.
fn unfinished(database: &Database) -> String {
    database
        .sql("SELECT nspname FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') LIKE 'unfinished%'")
}
