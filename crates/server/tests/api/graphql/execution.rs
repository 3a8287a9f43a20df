//! How documents run where that is not standard GraphQL, and where it is (`graphql-core.md` 1.3, 1.4).

use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::model::create_object;
use crate::support::{Client, TestServer};

/// A server with the companies `Acme` and `Bolt`, of which the first has a person.
async fn server_with_companies() -> TestServer {
    let server = TestServer::start();
    let companies = json!([{"name": "Acme", "address": {"addressCity": "Oslo"}}, {"name": "Bolt"}]);
    let made = server.client().post("/rest/batch/companies", companies).await;
    let id = made.text("/data/createCompanies/0/id");
    let person = json!({"name": {"firstName": "Ida"}, "companyId": id});
    assert_eq!(server.client().post("/rest/people", person).await.outcome(), "201");
    server
}

/// What a document answers without an error.
async fn data(client: &Client, document: &str, variables: Json) -> Json {
    let answer = client.graphql(document, variables.clone()).await;
    assert_eq!(answer.outcome(), "200", "{document} {variables}: {}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn variables_are_values_and_their_types_are_not_looked_at() {
    let server = server_with_companies().await;
    let client = server.client();
    let acme = json!({"name": {"eq": "Acme"}});
    for (document, variables, total) in [
        ("query Q($f: CompanyFilterInput) { companies(filter: $f) { totalCount } }", json!({"f": acme}), 1),
        ("query Q($f: Whatever!) { companies(filter: $f) { totalCount } }", json!({"f": acme}), 1),
        ("query Q($f: JSON!) { companies(filter: $f) { totalCount } }", json!({}), 2),
        ("{ companies(filter: $f) { totalCount } }", json!({"f": acme}), 1),
        ("{ companies(filter: $f) { totalCount } }", json!({}), 2),
        ("{ companies(filter: {name: {eq: $name}}) { totalCount } }", json!({"name": "Bolt"}), 1),
        (
            "{ companies(filter: {or: [{name: {eq: $a}}, {name: {eq: $b}}]}) { totalCount } }",
            json!({"a": "Acme", "b": "Bolt"}),
            2,
        ),
        // Twenty ignores defaults.
        ("query Q($f: F = {name: {eq: \"Acme\"}}) { companies(filter: $f) { totalCount } }", json!({}), 1),
        (
            "query Q($f: F = {name: {eq: \"Acme\"}}) { companies(filter: $f) { totalCount } }",
            json!({"f": null}),
            2,
        ),
        (
            "query Q($f: F = {name: {eq: \"Acme\"}}) { companies(filter: $f) { totalCount } }",
            json!({"f": {"name": {"eq": "Bolt"}}}),
            1,
        ),
        // Null is the same as absent, whatever the argument.
        (
            "{ companies(filter: null, orderBy: null, first: null, last: null, after: null, offset: null,
            colour: null) { totalCount } }",
            json!({}),
            2,
        ),
        ("{ companies(after: \"\") { totalCount } }", json!({}), 2),
    ] {
        assert_eq!(data(&client, document, variables).await["companies"]["totalCount"], total, "{document}");
    }
}

#[tokio::test]
async fn enum_values_may_be_text_and_one_order_may_stand_alone() {
    let server = server_with_companies().await;
    let client = server.client();
    for (document, variables) in [
        ("{ companies(orderBy: [{name: DescNullsLast}]) { edges { node { name } } } }", json!({})),
        ("{ companies(orderBy: [{name: \"DescNullsLast\"}]) { edges { node { name } } } }", json!({})),
        ("{ companies(orderBy: {name: DescNullsLast}) { edges { node { name } } } }", json!({})),
        (
            "query Q($o: [CompanyOrderByInput]) { companies(orderBy: $o) { edges { node { name } } } }",
            json!({"o": {"name": "DescNullsLast"}}),
        ),
        ("{ companies(orderBy: [{}, {name: DescNullsLast}]) { edges { node { name } } } }", json!({})),
    ] {
        let companies = data(&client, document, variables).await;
        let edges = json!([{"node": {"name": "Bolt"}}, {"node": {"name": "Acme"}}]);
        assert_eq!(companies["companies"]["edges"], edges, "{document}");
    }
    // A value is made a list nowhere else; options and texts are, as data.
    for (document, outcome) in [
        ("{ companies(filter: [{}]) { totalCount } }", "200 BAD_USER_INPUT INVALID_ARGS_FILTER"),
        (
            "{ companies(filter: {name: {in: \"Acme\"}}) { totalCount } }",
            "200 BAD_USER_INPUT INVALID_ARGS_FILTER",
        ),
        (
            "mutation { createCompanies(data: {name: \"A\"}) { id } }",
            "200 BAD_USER_INPUT INVALID_QUERY_INPUT",
        ),
        (
            "mutation { createCompany(data: [{name: \"A\"}]) { id } }",
            "200 BAD_USER_INPUT INVALID_QUERY_INPUT",
        ),
        ("{ companies(first: \"1\") { totalCount } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("{ companies(first: 1.5) { totalCount } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("{ companies(first: 1e999) { totalCount } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("{ companies(after: 5) { totalCount } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        (
            "mutation { createCompany(data: {position: 1e999}) { id } }",
            "200 BAD_USER_INPUT INVALID_ARGS_DATA",
        ),
    ] {
        assert_outcome(&client.graphql(document, json!({})).await, outcome, document);
    }
}

#[tokio::test]
async fn what_is_selected_is_answered() {
    let server = server_with_companies().await;
    let client = server.client();
    let first = |fields: &str| {
        format!(
            "{{ companies(orderBy: {{name: AscNullsLast}}, first: 1) {{ edges {{ node {{ {fields} }} }} }} }}"
        )
    };
    let oslo = json!({"addressStreet1": "", "addressStreet2": "", "addressCity": "Oslo", "addressPostcode": "",
        "addressState": "", "addressCountry": "", "addressLat": null, "addressLng": null});
    for (fields, node) in [
        ("address { addressCity }", json!({"address": {"addressCity": "Oslo"}})),
        ("address", json!({"address": oslo})),
        ("address { __typename }", json!({"address": {"__typename": "Address"}})),
        (
            "called: name place: address { town: addressCity }",
            json!({"called": "Acme", "place": {"town": "Oslo"}}),
        ),
        ("name name", json!({"name": "Acme"})),
        (
            "address { addressCity } address { addressState }",
            json!({"address": {"addressCity": "Oslo", "addressState": ""}}),
        ),
        ("nowhere", json!({"nowhere": null})),
        ("nowhere { below }", json!({"nowhere": null})),
        ("address { nowhere }", json!({"address": {"nowhere": null}})),
        ("... on Company { name } ... { __typename }", json!({"name": "Acme", "__typename": "Company"})),
        ("name @skip(if: true) __typename @include(if: true)", json!({"__typename": "Company"})),
        ("name @skip(if: true)", json!({})),
        ("address { addressCity @skip(if: true) }", json!({"address": {}})),
        ("accountOwner { id }", json!({"accountOwner": null})),
        (
            "people { edges { node { name { firstName } } } }",
            json!({"people": {"edges": [{"node": {"name": {"firstName": "Ida"}}}]}}),
        ),
        (
            "people { edges { node { company { name address { addressCity } } } } }",
            json!({"people": {"edges": [{"node": {"company":
                {"name": "Acme", "address": {"addressCity": "Oslo"}}}}]}}),
        ),
        (
            "people { edges { node { id @skip(if: true) } } totalCount @skip(if: true) }",
            json!({"people": {"edges": [{"node": {}}]}}),
        ),
        (
            "people { __typename pageInfo { __typename hasNextPage hasPreviousPage } edges { __typename } }",
            json!({"people": {"__typename": "PersonConnection", "edges": [{"__typename": "PersonEdge"}],
                "pageInfo": {"__typename": "PageInfo", "hasNextPage": false, "hasPreviousPage": false}}}),
        ),
    ] {
        let companies = data(&client, &first(fields), json!({})).await;
        assert_eq!(companies["companies"]["edges"][0]["node"], node, "{fields}");
    }
    for document in [
        "{ companies }".to_owned(),
        "{ companies { edges } }".into(),
        "{ companies { edges { node } } }".into(),
        "{ companies { pageInfo } }".into(),
        first("people"),
        first("accountOwner"),
        "mutation { createCompany(data: {}) }".into(),
        first("name(colour: 1)"),
        first("accountOwner(colour: 1) { id }"),
        first("accountOwner(filter: {}) { id }"),
        first("address(first: 1) { addressCity }"),
        "{ companies { edges(first: 1) { cursor } } }".into(),
        "{ companies { edges { node(first: 1) { id } } } }".into(),
        "{ companies { pageInfo(first: 1) { hasNextPage } } }".into(),
        "{ companies { totalCount(first: 1) } }".into(),
        first("people(colour: 1) { totalCount }"),
    ] {
        let refused = client.graphql(&document, json!({})).await;
        assert_outcome(&refused, "200 BAD_USER_INPUT INVALID_QUERY_INPUT", &document);
    }
}

#[tokio::test]
async fn directives_listen_to_variables() {
    let server = server_with_companies().await;
    let document = "query Q($yes: Boolean!, $no: Boolean = false) {
        companies(filter: {name: {eq: \"Acme\"}}) @include(if: $yes) {
            totalCount @include(if: $no)
            edges { node { ...Who @skip(if: $no) ... @include(if: $no) { id } address @skip(if: $yes) { addressCity } } }
        }
        people @skip(if: $yes) { totalCount }
        person(filter: {}) @include(if: $no) { id }
    }
    fragment Who on Company { name id @include(if: $no) }";
    let answer = data(&server.client(), document, json!({"yes": true})).await;
    assert_eq!(answer, json!({"companies": {"edges": [{"node": {"name": "Acme"}}]}}));
    let nothing = "query Q($yes: Boolean!) { companies { totalCount @skip(if: $yes) } }";
    assert_eq!(data(&server.client(), nothing, json!({"yes": true})).await, json!({"companies": {}}));
}

#[tokio::test]
async fn root_fields_have_aliases_and_fragments() {
    let server = server_with_companies().await;
    let client = server.client();
    let total = |total: u8| json!({ "totalCount": total });
    for (document, answer) in [
        (
            "{ a: companies { totalCount } b: companies(first: 1) { totalCount } }",
            json!({"a": total(2), "b": total(2)}),
        ),
        (
            "{ companies { totalCount } companies { edges { node { name @skip(if: true) } } } }",
            json!({"companies": {"totalCount": 2, "edges": [{"node": {}}, {"node": {}}]}}),
        ),
        (
            "query Q { ...Roots } fragment Roots on Query { companies { ...Total } people { totalCount } }
            fragment Total on CompanyConnection { totalCount }",
            json!({"companies": total(2), "people": total(1)}),
        ),
        ("{ ... on Query { companies { totalCount } } }", json!({"companies": total(2)})),
        ("{ __typename companies { totalCount } }", json!({"__typename": "Query", "companies": total(2)})),
        ("mutation { __typename }", json!({"__typename": "Mutation"})),
        ("{ a: __typename }", json!({"a": "Query"})),
        (
            "{ companies { totalCount } __type(name: \"Company\") { name } }",
            json!({"companies": total(2), "__type": {"name": "Company"}}),
        ),
    ] {
        assert_eq!(data(&client, document, json!({})).await, answer, "{document}");
    }
}

#[tokio::test]
async fn one_key_cannot_stand_for_two_fields() {
    let server = server_with_companies().await;
    let client = server.client();
    for document in [
        "mutation { createCompany(data: {name: \"C\"}) { id } createCompany(data: {name: \"D\"}) { id } }",
        "mutation { a: createCompany(data: {name: \"C\"}) { id } a: createPerson(data: {}) { id } }",
        "{ companies { totalCount } companies(first: 1) { totalCount } }",
        "{ companies { edges { node { a: name a: id } } } }",
        "{ companies { edges { node { people(first: 1) { totalCount } people(first: 2) { totalCount } } } } }",
    ] {
        let refused = client.graphql(document, json!({})).await;
        assert_outcome(&refused, "200 BAD_USER_INPUT INVALID_QUERY_INPUT", document);
    }
    assert_eq!(data(&client, "{ companies { totalCount } }", json!({})).await["companies"]["totalCount"], 2);
}

#[tokio::test]
async fn the_operation_is_chosen_by_name() {
    let server = server_with_companies().await;
    let client = server.client();
    let document = "query First { companies { totalCount } } query Second { people { totalCount } }";
    for (name, outcome, answer) in [
        (json!("Second"), "200", json!({"people": {"totalCount": 1}})),
        (json!("First"), "200", json!({"companies": {"totalCount": 2}})),
        (json!("Third"), "200 GRAPHQL_VALIDATION_FAILED", json!(null)),
        (json!(null), "200 GRAPHQL_VALIDATION_FAILED", json!(null)),
        (json!(""), "200 GRAPHQL_VALIDATION_FAILED", json!(null)),
    ] {
        let body = json!({"query": document, "operationName": name});
        let answered = client.post("/graphql", body).await;
        assert_outcome(&answered, outcome, &name.to_string());
        assert_eq!(answered.body["data"], answer, "{name}");
    }
    let body =
        json!({"query": "query Only { people { totalCount } }", "operationName": null, "extensions": {}});
    assert_outcome(&client.post("/graphql", body).await, "200", "the only one");
    let subscription = client.graphql("subscription { companies { totalCount } }", json!({})).await;
    assert_outcome(&subscription, "200 GRAPHQL_VALIDATION_FAILED", "a subscription");
}

#[tokio::test]
async fn root_fields_fail_alone_and_mutations_run_in_order() {
    let server = server_with_companies().await;
    let client = server.client();
    let document = "mutation {
        first: createCompany(data: {name: \"C\", position: \"last\"}) { position }
        second: createCompany(data: {nmae: \"D\"}) { position }
        third: createCompany(data: {name: \"E\", position: \"last\"}) { position }
    }";
    let answer = client.graphql(document, json!({})).await;
    assert_outcome(&answer, "200 BAD_USER_INPUT INVALID_ARGS_DATA", "one of three");
    assert_eq!(answer.list("/errors").len(), 1, "{}", answer.body);
    assert_eq!(answer.part("/data/second"), &json!(null));
    let position = |name: &str| answer.part(&format!("/data/{name}/position")).as_f64();
    assert_eq!(position("first").map(|place| place + 1.0), position("third"), "{}", answer.body);
    for field in ["message", "extensions"] {
        assert!(!answer.part(&format!("/errors/0/{field}")).is_null());
    }
    assert!(answer.part("/errors/0/extensions/userFriendlyMessage").is_string());
    let content_type = answer.headers["content-type"].to_str().expect("it is text");
    assert!(content_type.starts_with("application/json"), "{content_type}");
}

#[tokio::test]
async fn names_in_the_schema_are_camel_case_around_digits() {
    let server = TestServer::start();
    let client = server.client();
    create_object(&client, "item2b").await;
    let created =
        data(&client, "mutation { createItem2B(data: {name: \"A\"}) { __typename } }", json!({})).await;
    assert_eq!(created, json!({"createItem2B": {"__typename": "Item2B"}}));
    let document =
        "{ item2Bs { totalCount edges { __typename } } item2B(filter: {name: {eq: \"A\"}}) { name }
        __type(name: \"Item2BFilterInput\") { name } }";
    let read = data(&client, document, json!({})).await;
    let edges = json!([{"__typename": "Item2BEdge"}]);
    assert_eq!(read["item2Bs"], json!({"totalCount": 1, "edges": edges}));
    assert_eq!(
        (&read["item2B"]["name"], &read["__type"]["name"]),
        (&json!("A"), &json!("Item2BFilterInput"))
    );
}

#[tokio::test]
async fn a_refused_document_is_a_400_for_those_who_accept_nothing_but_graphql() {
    let server = server_with_companies().await;
    let client = server.client();
    let graphql = "application/graphql-response+json";
    for (document, accept, status) in [
        ("{ companies( { id }", "application/json", 200),
        ("{ companies( { id }", "*/*", 200),
        ("{ companies( { id }", "application/graphql-response+json, application/json;q=0.9", 200),
        ("{ companies( { id }", graphql, 400),
        ("{ dinosaurs { id } }", "application/graphql-response+json; charset=utf-8", 400),
        ("{ dinosaurs { id } }", "application/json", 200),
        // What was run is answered with 200, whatever came of it.
        ("{ companies(colour: 1) { totalCount } }", graphql, 200),
        ("{ companies { totalCount } }", graphql, 200),
    ] {
        let answer = client.graphql_accepting(accept, document).await;
        assert_eq!(answer.status, status, "{document} {accept}: {}", answer.body);
        assert!(answer.body.is_object(), "{document} {accept}");
    }
}
