//! Documents over GraphQL that must be refused, each with its codes, and change nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::TestServer;

/// A workspace with something in it that bad input could damage.
async fn server_with_records() -> TestServer {
    let server = TestServer::start();
    let document = r#"mutation {
        createCompany(data: {name: "Harbour Light"}) { id }
        createPerson(data: {name: {firstName: "Ida", lastName: "Berg"}}) { id }
    }"#;
    let created = server.client().graphql(document, json!({})).await;
    assert_eq!(created.outcome(), "200", "{}", created.body);
    server
}

#[tokio::test]
async fn requests_that_are_no_document() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    for (case, body, outcome) in [
        ("no JSON", r#"{"query": "#, "400"),
        ("no query", "{}", "200 *"),
        ("a list of documents", r#"[{"query": "{ companies { totalCount } }"}]"#, "400"),
        (
            "variables that are a list",
            r#"{"query": "{ companies { totalCount } }", "variables": [1]}"#,
            "400",
        ),
    ] {
        assert_outcome(&client.post_text("/graphql", body).await, outcome, case);
    }
    for (case, document, outcome) in [
        ("an empty document", "", "200 GRAPHQL_PARSE_FAILED"),
        ("an open brace", "{ companies( { id }", "200 GRAPHQL_PARSE_FAILED"),
        ("an open text", r#"{ company(filter: {name: {eq: "x}}) { id } }"#, "200 GRAPHQL_PARSE_FAILED"),
        ("no GraphQL", "SELECT * FROM company", "200 GRAPHQL_PARSE_FAILED"),
        ("an unknown root field", "{ dinosaurs { totalCount } }", "200 GRAPHQL_VALIDATION_FAILED"),
        (
            "an unknown mutation",
            "mutation { createDinosaur(data: {}) { id } }",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        ("no root field", "query Q { ...F } fragment F on Query { }", "200 GRAPHQL_PARSE_FAILED"),
        ("an unknown fragment", "{ companies { edges { node { ...Nowhere } } } }", "200 *"),
        (
            "two operations, none chosen",
            "query A { companies { totalCount } } query B { people { totalCount } }",
            "200 *",
        ),
    ] {
        assert_outcome(&client.graphql(document, json!({})).await, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn arguments_that_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let foreign = STANDARD.encode(r#"{"position":1,"id":"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}"#);
    for (case, arguments, sub_code) in [
        ("an unknown argument", json!({"colour": "red"}), "INVALID_QUERY_INPUT"),
        ("a filter on an unknown field", json!({"filter": {"colour": {"eq": "red"}}}), "INVALID_ARGS_FILTER"),
        ("an unknown operator", json!({"filter": {"name": {"regex": "."}}}), "INVALID_ARGS_FILTER"),
        ("two operators", json!({"filter": {"name": {"eq": "a", "neq": "b"}}}), "INVALID_ARGS_FILTER"),
        ("no operator", json!({"filter": {"name": {}}}), "INVALID_ARGS_FILTER"),
        ("a text for an id", json!({"filter": {"id": {"eq": "one"}}}), "INVALID_ARGS_FILTER"),
        ("a number for a text", json!({"filter": {"name": {"eq": 5}}}), "INVALID_ARGS_FILTER"),
        (
            "a to-many relation",
            json!({"filter": {"people": {"jobTitle": {"eq": "x"}}}}),
            "INVALID_ARGS_FILTER",
        ),
        ("an empty in", json!({"filter": {"name": {"in": []}}}), "INVALID_QUERY_INPUT"),
        ("an unknown order", json!({"orderBy": [{"colour": "AscNullsFirst"}]}), "FIELD_NOT_FOUND"),
        ("an unknown direction", json!({"orderBy": [{"name": "Down"}]}), "INVALID_QUERY_INPUT"),
        (
            "an order by a composite",
            json!({"orderBy": [{"address": "AscNullsFirst"}]}),
            "INVALID_QUERY_INPUT",
        ),
        ("first and last", json!({"first": 1, "last": 1}), "ARGS_CONFLICT"),
        ("after and before", json!({"after": foreign, "before": foreign}), "ARGS_CONFLICT"),
        ("a negative first", json!({"first": -1}), "INVALID_ARGS_FIRST"),
        ("a negative last", json!({"last": -1}), "INVALID_ARGS_LAST"),
        ("a cursor that is none", json!({"after": "#!"}), "INVALID_CURSOR"),
        ("a cursor of another order", json!({"after": foreign}), "INVALID_CURSOR"),
    ] {
        let document = format!("{{ companies({}) {{ totalCount }} }}", literal(&arguments));
        let response = client.graphql(&document, json!({})).await;
        assert_outcome(&response, &format!("200 BAD_USER_INPUT {sub_code}"), case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn data_that_is_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    for (case, data, codes) in [
        ("an unknown field", json!({"nmae": "A"}), "BAD_USER_INPUT INVALID_ARGS_DATA"),
        ("a number for a text", json!({"name": 5}), "BAD_USER_INPUT INVALID_ARGS_DATA"),
        ("a text for an address", json!({"address": "Oslo"}), "BAD_USER_INPUT INVALID_ARGS_DATA"),
        ("a bad link", json!({"domainName": {"primaryLinkUrl": "a b"}}), "BAD_USER_INPUT INVALID_URL"),
        ("a bad id", json!({"id": "one"}), "BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("a to-many relation", json!({"people": []}), "BAD_USER_INPUT INVALID_ARGS_DATA"),
        (
            "a related record that does not exist",
            json!({"accountOwnerId": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}),
            "BAD_USER_INPUT",
        ),
    ] {
        let document = "mutation M($data: CompanyCreateInput!) { createCompany(data: $data) { id } }";
        let response = client.graphql(document, json!({ "data": data })).await;
        assert_outcome(&response, &format!("200 {codes}"), case);
        assert_eq!(response.body["data"], json!({"createCompany": null}), "{case}");
    }
    let companies: Json = (0..61).map(|number| json!({"name": format!("C{number}")})).collect();
    let document = "mutation M($data: [CompanyCreateInput!]!) { createCompanies(data: $data) { id } }";
    let response = client.graphql(document, json!({ "data": companies })).await;
    assert_outcome(&response, "200 BAD_USER_INPUT TOO_MANY_RECORDS_TO_UPDATE", "61 records");
    for (case, document, codes) in [
        (
            "an update without an id",
            "updateCompany(data: {name: \"x\"}) { id }",
            "BAD_USER_INPUT INVALID_QUERY_INPUT",
        ),
        (
            "an update with a bad id",
            "updateCompany(id: \"one\", data: {name: \"x\"}) { id }",
            "BAD_USER_INPUT INVALID_QUERY_INPUT",
        ),
        (
            "a delete of an unknown id",
            "deleteCompany(id: \"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\") { id }",
            "NOT_FOUND RECORD_NOT_FOUND",
        ),
    ] {
        let response = client.graphql(&format!("mutation {{ {document} }}"), json!({})).await;
        assert_outcome(&response, &format!("200 {codes}"), case);
    }
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn documents_without_end_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let nested = |levels: usize| {
        let pairs = levels / 2;
        let there_and_back = "people { edges { node { company { ".repeat(pairs);
        format!(
            "{{ companies {{ edges {{ node {{ {there_and_back} id {} }} }} }} }}",
            "} } } }".repeat(pairs)
        )
    };
    let filters = |levels: usize| {
        let (open, close) = ("{not: ".repeat(levels), "}".repeat(levels));
        format!("{{ companies(filter: {open}{{name: {{eq: \"a\"}}}}{close}) {{ totalCount }} }}")
    };
    let doubling =
        (0..40).map(|level| format!("fragment F{level} on Company {{ ...F{0} ...F{0} }} ", level + 1));
    let doubling = doubling.collect::<String>() + "fragment F40 on Company { id }";
    for (case, document, outcome) in [
        ("to-many inside to-many", nested(4), "200 BAD_USER_INPUT TOO_COMPLEX_QUERY"),
        ("a selection of 12 relations", nested(24), "200 BAD_USER_INPUT *"),
        ("a selection of 100 relations", nested(200), "200 *"),
        ("braces of 10 000 levels", "{ a ".repeat(10_000) + &"}".repeat(10_000), "200 *"),
        ("braces that never close", "{ a ".repeat(100_000), "200 *"),
        ("a filter of 10 000 levels", filters(10_000), "200 *"),
        ("a list of 10 000 levels", format!("{{ companies(filter: {}{}) {{ totalCount }} }}", "[".repeat(10_000), "]".repeat(10_000)), "200 *"),
        (
            "5000 root aliases",
            format!("{{ {} }}", (0..5000).map(|n| format!("a{n}: companies {{ totalCount }} ")).collect::<String>()),
            "200 BAD_USER_INPUT",
        ),
        (
            "a fragment inside itself",
            "{ companies { edges { node { ...A } } } } fragment A on Company { id ...B } fragment B on Company { ...A }".into(),
            "200 *",
        ),
        ("fragments that double", format!("{{ companies {{ edges {{ node {{ ...F0 }} }} }} }} {doubling}"), "200 *"),
    ] {
        assert_outcome(&client.graphql(&document, json!({})).await, outcome, case);
    }

    // Deep variables are JSON, which has a limit of its own.
    let filter = format!("{}{{}}{}", r#"{"not": "#.repeat(10_000), "}".repeat(10_000));
    let body = format!(
        r#"{{"query": "query Q($f: CompanyFilterInput) {{ companies(filter: $f) {{ totalCount }} }}", "variables": {{"f": {filter}}}}}"#
    );
    assert_outcome(&client.post_text("/graphql", body).await, "400", "variables of 10 000 levels");
    let body = format!(r##"{{"query": "# {}"}}"##, "x".repeat(11 << 20));
    assert_outcome(&client.post_text("/graphql", body).await, "413", "11 MB");
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn an_unknown_selected_field_is_null_and_named() {
    let server = server_with_records().await;
    let document = "{ companies { edges { node { name nmae } } } }";
    let read = server.client().graphql(document, json!({})).await;
    let node = read.part("/data/companies/edges/0/node");
    assert_eq!(node, &json!({"name": "Harbour Light", "nmae": null}));
    let warnings = read.part("/extensions/warnings").to_string();
    assert!(warnings.contains("nmae"), "{warnings}");

    let strict = server.client().graphql_strictly(document).await;
    assert_outcome(&strict, "200 GRAPHQL_VALIDATION_FAILED", "strict");
}

/// JSON as a GraphQL literal: names without quotes.
fn literal(arguments: &Json) -> String {
    fn write(value: &Json) -> String {
        match value {
            Json::Object(members) => format!("{{{}}}", write_members(members)),
            Json::Array(items) => format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(", ")),
            other => other.to_string(),
        }
    }
    fn write_members(members: &serde_json::Map<String, Json>) -> String {
        let members = members.iter().map(|(name, value)| format!("{name}: {}", write(value)));
        members.collect::<Vec<_>>().join(", ")
    }
    arguments.as_object().map(write_members).unwrap_or_default()
}
