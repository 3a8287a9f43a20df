//! Requests over REST that must be refused, each with its status and code, and change nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::{Client, TestServer};

const UNKNOWN_ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// A workspace with something in it that bad input could damage.
async fn server_with_records() -> TestServer {
    let server = TestServer::start();
    for (path, body) in [
        ("/rest/companies", json!({"name": "Harbour Light"})),
        ("/rest/people", json!({"name": {"firstName": "Ida", "lastName": "Berg"}, "jobTitle": "Pilot"})),
    ] {
        let created = server.client().post(path, body).await;
        assert_eq!(created.outcome(), "201", "{path}: {}", created.body);
    }
    server
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    for (case, path, body, outcome) in [
        ("half a document", "/rest/companies", r#"{"name": "#, "400 Bad Request"),
        ("no document", "/rest/companies", "", "400 Bad Request"),
        ("another language", "/rest/companies", "<name>Acme</name>", "400 Bad Request"),
        ("a list for one record", "/rest/companies", r#"[{"name": "A"}]"#, "400"),
        ("a text for one record", "/rest/companies", r#""Acme""#, "400"),
        ("one record for a batch", "/rest/batch/companies", r#"{"name": "A"}"#, "400 TypeError"),
        ("a text for a batch", "/rest/batch/companies", r#""A""#, "400 TypeError"),
        ("a batch of texts", "/rest/batch/companies", r#"["A"]"#, "400 BadRequestException"),
        ("half a batch document", "/rest/batch/companies", r#"[{"name": "A"}"#, "400 Bad Request"),
        ("an unknown field", "/rest/companies", r#"{"nmae": "A"}"#, "400 BadRequestException"),
        ("a number for a text", "/rest/companies", r#"{"name": 5}"#, "400 BadRequestException"),
        ("a text for an address", "/rest/companies", r#"{"address": "Oslo"}"#, "400 BadRequestException"),
        (
            "an unknown part",
            "/rest/companies",
            r#"{"address": {"addressPlanet": "Mars"}}"#,
            "400 BadRequestException",
        ),
        (
            "a text for an amount",
            "/rest/companies",
            r#"{"annualRevenue": {"amountMicros": "much"}}"#,
            "400 BadRequestException",
        ),
        (
            "a bad link",
            "/rest/companies",
            r#"{"domainName": {"primaryLinkUrl": "a b"}}"#,
            "400 Error INVALID_URL",
        ),
        ("a bad id", "/rest/companies", r#"{"id": "one"}"#, "400 Error INVALID_QUERY_INPUT"),
        ("no position", "/rest/companies", r#"{"position": null}"#, "400 BadRequestException"),
        (
            "an undeclared option",
            "/rest/opportunities",
            r#"{"stage": "DAYDREAM"}"#,
            "400 BadRequestException",
        ),
        ("a date that is none", "/rest/opportunities", r#"{"closeDate": "soon"}"#, "400 BadRequestException"),
        ("a bad join column", "/rest/people", r#"{"companyId": "one"}"#, "400 BadRequestException"),
        (
            "a related record that does not exist",
            "/rest/people",
            r#"{"companyId": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}"#,
            "400 BadRequestException",
        ),
        ("a to-many relation", "/rest/companies", r#"{"people": []}"#, "400 BadRequestException"),
        ("an unknown object", "/rest/dinosaurs", r#"{"name": "A"}"#, "400 BadRequestException"),
        ("the singular name", "/rest/company", r#"{"name": "A"}"#, "400 BadRequestException"),
    ] {
        assert_outcome(&client.post_text(path, body).await, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn texts_of_any_length_are_kept_unless_they_must_be_unique() {
    let server = server_with_records().await;
    let client = server.client();
    let link = |bytes: usize| {
        // Of random letters, which no database can compress until they fit.
        let letters: String = (0..bytes - 22).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
        json!({"domainName": {"primaryLinkUrl": format!("https://acme.example/{letters}")}})
    };
    assert_outcome(&client.post("/rest/companies", link(1990)).await, "201", "a long link");
    assert_outcome(
        &client.post("/rest/companies", link(2100)).await,
        "400 BadRequestException",
        "a longer one",
    );
    let long = "ö".repeat(100_000);
    let created = client.post("/rest/companies", json!({"name": long})).await;
    assert_outcome(&created, "201", "a name of 200 kB");
    let ordered =
        client.get_with("/rest/companies", &[("order_by", "name[DescNullsLast]"), ("limit", "1")]).await;
    assert_eq!(ordered.text("/data/companies/0/name"), long);
}

#[tokio::test]
async fn batches_that_are_refused_store_nothing() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let companies = |count: usize| (0..count).map(|number| json!({"name": format!("C{number}")}));
    let with = |last: Json| companies(59).chain([last]).collect::<Json>();
    for (case, body, outcome) in [
        ("61 records", companies(61).collect(), "400 BadRequestException"),
        ("1000 records", companies(1000).collect(), "400 BadRequestException"),
        ("the last has an unknown field", with(json!({"nmae": "A"})), "400 BadRequestException"),
        ("the last has a bad id", with(json!({"id": "one"})), "400 Error INVALID_QUERY_INPUT"),
        ("the last is no record", with(json!(null)), "400"),
        (
            "two with one id",
            json!([{"id": UNKNOWN_ID, "name": "A"}, {"id": UNKNOWN_ID, "name": "B"}]),
            "400 BadRequestException",
        ),
    ] {
        assert_outcome(&client.post("/rest/batch/companies", body).await, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn parameters_that_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let foreign_cursor = STANDARD.encode(format!(r#"{{"position":1,"id":"{UNKNOWN_ID}"}}"#));
    let no_json = STANDARD.encode("no JSON");
    let long_name = format!("{}[eq]:x", "n".repeat(10_000));
    for (case, parameters, outcome) in [
        ("an unknown field", vec![("filter", "colour[eq]:red")], "400 BadRequestException"),
        ("a very long field", vec![("filter", long_name.as_str())], "400 BadRequestException"),
        ("an unknown comparator", vec![("filter", "name[regex]:.*")], "400 BadRequestException"),
        ("a comparator of another type", vec![("filter", "position[like]:1")], "400 BadRequestException"),
        ("a composite without its part", vec![("filter", "address[eq]:Oslo")], "400 BadRequestException"),
        ("a text for an id", vec![("filter", "id[eq]:one")], "400 BadRequestException"),
        ("a text for a number", vec![("filter", "position[eq]:many")], "400 BadRequestException"),
        ("a text for a date", vec![("filter", "createdAt[gt]:yesterday")], "400 BadRequestException"),
        ("in without brackets", vec![("filter", "name[in]:A")], "400 BadRequestException"),
        ("is with another word", vec![("filter", "name[is]:EMPTY")], "400 BadRequestException"),
        ("an open parenthesis", vec![("filter", "or(name[eq]:a")], "400 BadRequestException"),
        ("nothing in it", vec![("filter", "")], "400 BadRequestException"),
        ("an unknown conjunction", vec![("filter", "xor(name[eq]:a)")], "400 BadRequestException"),
        ("a to-many relation", vec![("filter", "people.jobTitle[eq]:x")], "400 BadRequestException"),
        ("a relation itself", vec![("filter", "accountOwner[eq]:x")], "400 BadRequestException"),
        ("an unknown order", vec![("order_by", "colour")], "400 Error FIELD_NOT_FOUND"),
        ("an unknown direction", vec![("order_by", "name[Down]")], "400 BadRequestException"),
        ("an order by a composite", vec![("order_by", "address")], "400"),
        ("an empty order", vec![("order_by", "")], "400"),
        ("a negative limit", vec![("limit", "-1")], "400 BadRequestException"),
        ("a limit that is no number", vec![("limit", "many")], "400 BadRequestException"),
        ("two limits", vec![("limit", "1"), ("limit", "2")], "400 BadRequestException"),
        ("a depth of two", vec![("depth", "2")], "400 BadRequestException"),
        ("a depth that is no number", vec![("depth", "deep")], "400 BadRequestException"),
        ("a cursor that is no base64", vec![("starting_after", "#!")], "400 BadRequestException"),
        ("a cursor that is no JSON", vec![("starting_after", &no_json)], "400 BadRequestException"),
        ("a cursor of another order", vec![("starting_after", &foreign_cursor)], "400 Error INVALID_CURSOR"),
        (
            "both cursors",
            vec![("starting_after", &foreign_cursor), ("ending_before", &foreign_cursor)],
            "400 BadRequestException",
        ),
    ] {
        assert_outcome(&client.get_with("/rest/companies", &parameters).await, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn paths_and_ids_that_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let unknown = format!("/rest/companies/{UNKNOWN_ID}");
    let restore = format!("{unknown}/restore");
    let too_long = format!("{unknown}/people");
    let member = format!("/rest/workspaceMembers/{UNKNOWN_ID}");
    let trash_member = format!("{member}?soft_delete=true");
    for (case, method, path, outcome) in [
        ("reads a malformed id", "GET", "/rest/companies/one", "400 BadRequestException"),
        ("changes a malformed id", "PATCH", "/rest/companies/one", "400 BadRequestException"),
        ("deletes a malformed id", "DELETE", "/rest/companies/one", "400 BadRequestException"),
        ("reads an unknown id", "GET", &unknown, "404 NotFoundException"),
        ("changes an unknown id", "PATCH", &unknown, "404 NotFoundException"),
        ("deletes an unknown id", "DELETE", &unknown, "404 NotFoundException"),
        ("restores an unknown id", "PATCH", &restore, "404 NotFoundException"),
        ("destroys all", "DELETE", "/rest/companies", "400 BadRequestException"),
        ("deletes all", "DELETE", "/rest/companies?soft_delete=true", "400 BadRequestException"),
        ("goes too far", "GET", &too_long, "400 BadRequestException"),
        ("names in another case", "GET", "/rest/Companies", "400 BadRequestException"),
        ("puts a member into the trash", "DELETE", &trash_member, "400 BadRequestException"),
        ("destroys a member", "DELETE", &member, "400 Error PERMISSION_DENIED"),
        ("no API", "GET", "/nowhere", "404"),
        ("a method that records do not have", "DELETE", "/graphql", "405"),
    ] {
        let response = match method {
            "GET" => client.get(path).await,
            "PATCH" => client.patch(path, json!({"name": "Changed"})).await,
            _ => client.delete(path).await,
        };
        assert_outcome(&response, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn input_without_end_is_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;

    let filter = format!("{}name[eq]:a{}", "not(".repeat(10_000), ")".repeat(10_000));
    let response = client.get(&format!("/rest/companies?filter={filter}")).await;
    assert_outcome(&response, "400", "a filter of 10 000 levels");

    let json = format!("{}{}", r#"{"address": "#.repeat(10_000), "}".repeat(10_000));
    assert_outcome(&client.post_text("/rest/companies", json).await, "400", "a body of 10 000 levels");

    assert_too_large(&client, "/rest/companies", &format!(r#"{{"name": "{}"}}"#, "n".repeat(11 << 20))).await;
    assert_eq!(Everything::read(&client).await, before);
}

/// A body over the limit of 10 MB.
async fn assert_too_large(client: &Client, path: &str, body: &str) {
    assert_outcome(&client.post_text(path, body).await, "413 Payload Too Large", "11 MB");
}
