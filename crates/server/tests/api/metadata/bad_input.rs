//! Changes of the data model that must be refused over both doors, and leave the model as it was.

use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::TestServer;

const UNKNOWN_ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";
const REPORT: &str = "METADATA_VALIDATION_FAILED";
const INPUT: &str = "BAD_USER_INPUT";

/// An object as it should be, but for what a case changes.
fn object(changes: Json) -> Json {
    let mut object = json!({
        "nameSingular": "vessel", "namePlural": "vessels", "labelSingular": "Vessel", "labelPlural": "Vessels",
    });
    merge(&mut object, changes);
    object
}

fn merge(target: &mut Json, changes: Json) {
    let Json::Object(changes) = changes else { return };
    for (name, value) in changes {
        target[name] = value;
    }
}

#[tokio::test]
async fn objects_that_are_refused() {
    let server = TestServer::start();
    let client = server.client();
    let before = Everything::read(&client).await;
    let long = "n".repeat(64);
    for (case, changes, code) in [
        ("a name of 64 characters", json!({"nameSingular": long}), REPORT),
        ("a plural of 64 characters", json!({"namePlural": long}), REPORT),
        ("a label of 64 characters", json!({"labelSingular": long}), REPORT),
        ("a name with a blank", json!({"nameSingular": "my vessel"}), REPORT),
        ("a name that starts with a capital", json!({"nameSingular": "Vessel"}), REPORT),
        ("a name beyond ASCII", json!({"nameSingular": "fartøy"}), REPORT),
        ("a name with a quote", json!({"nameSingular": "ves\"sel"}), INPUT),
        ("an empty name", json!({"nameSingular": ""}), INPUT),
        ("no name", json!({"nameSingular": null}), INPUT),
        ("a number for a name", json!({"nameSingular": 5}), INPUT),
        ("one name for both", json!({"namePlural": "vessel"}), REPORT),
        ("the name of another object", json!({"nameSingular": "company"}), REPORT),
        ("the plural of another object", json!({"namePlural": "companies"}), REPORT),
        ("a blank label", json!({"labelSingular": "  "}), REPORT),
    ] {
        let document =
            "mutation M($object: CreateObjectInput!) { createOneObject(input: {object: $object}) { id } }";
        let refused = client.metadata(document, json!({"object": object(changes.clone())})).await;
        assert_outcome(&refused, &format!("200 {code}"), case);
        let refused = client.post("/rest/metadata/objects", object(changes)).await;
        let error = if code == REPORT { "METADATA_VALIDATION_ERROR" } else { "Bad Request" };
        assert_outcome(&refused, &format!("400 {error}"), case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn fields_that_are_refused() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/metadata/objects", object(json!({}))).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let before = Everything::read(&client).await;
    let long = "n".repeat(64);
    let relation = |target: &str| {
        json!({"type": "RELATION", "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": target,
            "targetFieldLabel": "Vessels", "targetFieldIcon": "IconShip",
        }})
    };
    let option = |value: &str| json!({"value": value, "label": "An option", "position": 0, "color": "sky"});
    for (case, changes, code) in [
        ("a name of 64 characters", json!({"name": long}), REPORT),
        ("a name with a blank", json!({"name": "home port"}), REPORT),
        ("an empty name", json!({"name": ""}), INPUT),
        ("a name that exists", json!({"name": "name"}), REPORT),
        ("a name of a system field", json!({"name": "createdAt"}), REPORT),
        ("an unknown type", json!({"type": "COLOUR"}), INPUT),
        ("a type that only the server makes", json!({"type": "POSITION"}), REPORT),
        ("an unknown object", json!({"objectMetadataId": UNKNOWN_ID}), REPORT),
        ("a select without options", json!({"type": "SELECT"}), REPORT),
        ("a bad option", json!({"type": "SELECT", "options": [option("at sea")]}), REPORT),
        ("one option twice", json!({"type": "SELECT", "options": [option("A"), option("A")]}), REPORT),
        ("a relation to nothing", json!({"type": "RELATION"}), REPORT),
        ("a relation to an unknown object", relation(UNKNOWN_ID), REPORT),
    ] {
        let mut field = json!({"objectMetadataId": created.text("/id"), "type": "TEXT", "name": "harbour", "label": "Harbour"});
        merge(&mut field, changes);
        let document =
            "mutation M($field: CreateFieldInput!) { createOneField(input: {field: $field}) { id } }";
        let refused = client.metadata(document, json!({ "field": field })).await;
        assert_outcome(&refused, &format!("200 {code}"), case);
        let refused = client.post("/rest/metadata/fields", field).await;
        let error = if code == REPORT { "METADATA_VALIDATION_ERROR" } else { "Bad Request" };
        assert_outcome(&refused, &format!("400 {error}"), case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn ids_and_documents_that_are_refused() {
    let server = TestServer::start();
    let client = server.client();
    let before = Everything::read(&client).await;
    for (case, path, outcome) in [
        ("an unknown object", format!("/rest/metadata/objects/{UNKNOWN_ID}"), "404"),
        ("an unknown field", format!("/rest/metadata/fields/{UNKNOWN_ID}"), "404"),
        ("a malformed object", "/rest/metadata/objects/one".into(), "400"),
        ("a malformed field", "/rest/metadata/fields/one".into(), "400"),
        ("an unknown resource", "/rest/metadata/dinosaurs".into(), "404"),
    ] {
        assert_outcome(&client.get(&path).await, outcome, case);
        assert_outcome(&client.delete(&path).await, outcome, case);
    }
    for (case, document, outcome) in [
        ("an open brace", "{ objects { edges", "200 GRAPHQL_PARSE_FAILED"),
        ("an unknown root field", "{ dinosaurs { id } }", "200 GRAPHQL_VALIDATION_FAILED"),
        ("an unknown field", "{ objects { edges { node { colour } } } }", "200 GRAPHQL_VALIDATION_FAILED"),
        ("a missing argument", "mutation { createOneObject { id } }", "200 GRAPHQL_VALIDATION_FAILED"),
        ("a malformed id", "{ object(id: \"one\") { id } }", "200 GRAPHQL_VALIDATION_FAILED"),
        ("a record operation", "{ companies { totalCount } }", "200 GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_outcome(&client.metadata(document, json!({})).await, outcome, case);
    }
    for document in [
        format!("{{ object(id: \"{UNKNOWN_ID}\") {{ id }} }}"),
        format!("{{ field(id: \"{UNKNOWN_ID}\") {{ id }} }}"),
    ] {
        assert_outcome(&client.metadata(&document, json!({})).await, "200 NOT_FOUND *", &document);
    }
    let bomb = format!(
        "{{ objects {{ edges {{ node {{ {} }} }} }} }}",
        "fields { edges { node { object { ".repeat(500)
    );
    assert_outcome(&client.metadata(&bomb, json!({})).await, "200 *", "a selection without end");
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn a_standard_object_cannot_be_deleted() {
    let server = TestServer::start();
    let client = server.client();
    let before = Everything::read(&client).await;
    let listed = client.get("/rest/metadata/objects?limit=200").await;
    let company = listed.list("/data").iter().find(|object| object["nameSingular"] == "company");
    let id = company.and_then(|object| object["id"].as_str()).expect("a workspace has companies");
    let document = "mutation M($id: UUID!) { deleteOneObject(input: {id: $id}) { id } }";
    assert_outcome(
        &client.metadata(document, json!({ "id": id })).await,
        "200 METADATA_VALIDATION_FAILED",
        "GraphQL",
    );
    let refused = client.delete(&format!("/rest/metadata/objects/{id}")).await;
    assert_outcome(&refused, "400 METADATA_VALIDATION_ERROR", "REST");
    assert_eq!(Everything::read(&client).await, before);
}
