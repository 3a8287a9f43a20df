//! How a search is asked for: arguments, selections, other root fields beside it.

use serde_json::json;

use crate::outcome::assert_outcome;
use crate::support::TestServer;

#[tokio::test]
async fn bad_arguments_are_refused_and_leave_no_data() {
    let server = TestServer::start();
    let client = server.client();
    let many = format!(r#"searchInput: "{}", limit: 1"#, "x".repeat(1001));
    let words =
        format!(r#"searchInput: "{}", limit: 1"#, (0..33).map(|n| format!("w{n} ")).collect::<String>());
    for (arguments, outcome) in [
        (r#"limit: 1"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a""#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: null, limit: 1"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: 1, limit: 1"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: "1""#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 1.5"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 101"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: -1"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a\u0000", limit: 1"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 1, depth: 2"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 1, excludedObjectNameSingulars: [1]"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 1, after: 3"#, "200 GRAPHQL_VALIDATION_FAILED"),
        (r#"searchInput: "a", limit: 1, after: "e30=""#, "200 BAD_USER_INPUT *"),
        (
            r#"searchInput: "a", limit: 1, filter: {name: {eq: "x"}}"#,
            "200 BAD_USER_INPUT INVALID_ARGS_FILTER",
        ),
        (r#"searchInput: "a", limit: 1, filter: {id: {eq: "x"}}"#, "200 BAD_USER_INPUT INVALID_ARGS_FILTER"),
        (r#"searchInput: "a", limit: 1, filter: 7"#, "200 BAD_USER_INPUT INVALID_ARGS_FILTER"),
        (many.as_str(), "200 BAD_USER_INPUT *"),
        (words.as_str(), "200 BAD_USER_INPUT *"),
    ] {
        let document =
            format!("{{ search({arguments}) {{ pageInfo {{ hasNextPage }} }} companies {{ totalCount }} }}");
        let response = client.graphql(&document, json!({})).await;
        assert_outcome(&response, outcome, arguments);
        assert_eq!(response.part("/data"), &json!(null), "{arguments}");
    }
    for selection in ["", "{ edges }", "{ pageInfo { hasNextPage { x } } }"] {
        let document = format!(r#"{{ search(searchInput: "a", limit: 1) {selection} }}"#);
        assert_outcome(
            &client.graphql(&document, json!({})).await,
            "200 GRAPHQL_VALIDATION_FAILED",
            selection,
        );
    }
}

#[tokio::test]
async fn a_search_is_selected_and_mixed_as_any_field() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/companies", json!({"name": "Quay"})).await;
    assert_eq!(created.outcome(), "201");
    let document = "query Q($text: String! = \"quay\", $cut: Boolean!) { \
         companies(filter: {name: {eq: \"Quay\"}}) { totalCount } \
         hits: search(searchInput: $text, limit: 1, includedObjectNameSingulars: \"company\") { \
             __typename edges { ...E cursor @skip(if: $cut) } pageInfo { more: hasNextPage __typename } surprise } \
         other: search(searchInput: $text, limit: 1, excludedObjectNameSingulars: [\"company\", \"nothing\"]) \
             { edges { cursor } } } \
         fragment E on SearchResultEdge { __typename node { __typename name: label kind: objectLabelSingular } }";
    let response = client.graphql(document, json!({"cut": true})).await;
    assert_eq!(response.outcome(), "200", "{}", response.body);
    let expected = json!({
        "companies": {"totalCount": 1},
        "hits": {
            "__typename": "SearchResultConnection",
            "edges": [{
                "__typename": "SearchResultEdge",
                "node": {"__typename": "SearchRecord", "name": "Quay", "kind": "Company"},
            }],
            "pageInfo": {"more": false, "__typename": "SearchResultPageInfo"},
            "surprise": null,
        },
        "other": {"edges": []},
    });
    assert_eq!(response.part("/data"), &expected);
    assert_eq!(response.list("/extensions/warnings").len(), 1);

    let listed =
        "{ __type(name: \"SearchRecord\") { fields { name } } __schema { queryType { fields { name } } } }";
    let response = client.graphql(listed, json!({})).await;
    assert_eq!(response.list("/data/__type/fields").len(), 7, "{}", response.body);
    let roots = response.list("/data/__schema/queryType/fields");
    assert!(roots.iter().any(|field| field["name"] == "search"));

    let valid = "{ search(searchInput: \"quay\", limit: 2) { edges { node { recordId tsRank } } } }";
    assert_eq!(client.graphql_strictly(valid).await.outcome(), "200");
    let mutation =
        client.graphql("mutation { search(searchInput: \"a\", limit: 1) { edges { cursor } } }", json!({}));
    assert_outcome(&mutation.await, "200 GRAPHQL_VALIDATION_FAILED", "a mutation");
}

#[tokio::test]
async fn the_vector_of_a_record_reads_and_filters_as_text_and_is_never_written() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/notes", json!({"title": "Crate 7"})).await;
    let id = created.text("/data/createNote/id");
    assert_eq!(created.text("/data/createNote/searchVector"), "'7':2 'crate':1");
    let filtered = async |filter: &str| {
        let filter = format!("{filter},id[eq]:{id}");
        let response = client.get_with("/rest/notes", &[("filter", filter.as_str())]).await;
        assert_eq!(response.outcome(), "200", "{}", response.body);
        response.list("/data/notes").len()
    };
    assert_eq!(filtered("searchVector[eq]:\"'7':2 'crate':1\"").await, 1);
    assert_eq!(filtered("searchVector[neq]:\"'7':2 'crate':1\"").await, 0);
    assert_eq!(filtered("searchVector[is]:NOT_NULL").await, 1);
    assert_eq!(filtered("searchVector[is]:NULL").await, 0);
    let refused = client.patch(&format!("/rest/notes/{id}"), json!({"searchVector": "x"})).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}
