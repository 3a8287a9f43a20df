//! A field that comes back under its name with another type, and fields whose names a database has uses for.

use serde_json::{Value as Json, json};

use crate::support::model::{create_field, create_object};
use crate::support::{Client, TestServer};

/// Requests at the same time, so that several connections of the server have seen each statement.
const AT_ONCE: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_takes_values_of_the_type_that_it_has_now() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let (moment, day) = ("2026-03-01T10:30:00.000Z", "2026-03-01");
    for (field_type, value, stored) in [
        ("DATE", json!(day), json!(day)),
        ("DATE_TIME", json!(moment), json!(moment)),
        ("NUMBER", json!(0.5), json!(0.5)),
        ("BOOLEAN", json!(true), json!(true)),
        ("TEXT", json!(moment), json!(moment)),
        ("ARRAY", json!(["a", "b"]), json!(["a", "b"])),
        (
            "UUID",
            json!("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"),
            json!("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"),
        ),
        ("RAW_JSON", json!({"b": 1, "a": 2}), json!({"b": 1, "a": 2})),
        ("DATE", json!(day), json!(day)),
    ] {
        let field = create_field(&client, &object, field_type, "due").await;
        for round in 0..2 {
            let writers = (0..AT_ONCE).map(|_| tokio::spawn(write_and_read(client.clone(), value.clone())));
            for writer in writers.collect::<Vec<_>>() {
                assert_eq!(writer.await.expect("no writer panics"), stored, "{field_type}, round {round}");
            }
        }
        assert_eq!(client.delete(&format!("/rest/metadata/fields/{field}")).await.status, 200);
    }
}

/// Creates a record without reading the field back, changes it, filters by it; what it has then.
async fn write_and_read(client: Client, value: Json) -> Json {
    let document = "mutation M($data: VisitCreateInput!) { createVisit(data: $data) { id } }";
    let created = client.graphql(document, json!({"data": {"due": value}})).await;
    let id = created.text("/data/createVisit/id");
    let updated = client.patch(&format!("/rest/visits/{id}"), json!({"due": value})).await;
    assert_eq!(updated.outcome(), "200", "{}", updated.body);
    let filter = json!({"id": {"eq": id}, "due": {"is": "NOT_NULL"}});
    let document =
        "query Q($filter: VisitFilterInput) { visits(filter: $filter) { edges { node { due } } } }";
    let read = client.graphql(document, json!({ "filter": filter })).await;
    read.part("/data/visits/edges/0/node/due").clone()
}

#[tokio::test]
async fn fields_may_have_the_names_of_columns_that_a_database_has_by_itself() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "range").await;
    for name in ["xmin", "xmax", "cmin", "ctid", "tableoid", "rowid", "oid"] {
        create_field(&client, &object, "NUMBER", name).await;
    }
    let record = json!({"xmin": 1, "xmax": 9, "cmin": 2, "ctid": 3, "tableoid": 4, "rowid": 5, "oid": 6});
    let created = client.post("/rest/ranges", record.clone()).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let list = [("filter", "and(xmin[gte]:1,ctid[eq]:3)"), ("order_by", "xmax[DescNullsLast],tableoid")];
    let read = client.get_with("/rest/ranges", &list).await;
    for (name, value) in record.as_object().expect("an object") {
        assert_eq!(read.part(&format!("/data/ranges/0/{name}")), value, "{name}");
    }
}
