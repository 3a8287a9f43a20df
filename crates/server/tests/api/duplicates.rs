//! Records that are likely the same, found over both doors.

use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::{Client, Response, TestServer};

/// The id of the record with this number; ids are in the order of the numbers.
fn id(number: usize) -> String {
    format!("7d0c3a2e-5a41-4c7b-9f0a-{number:012x}")
}

async fn make(client: &Client, plural: &str, records: Json) {
    let made = client.post(&format!("/rest/batch/{plural}"), records).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
}

/// Companies and people of whom some are alike.
async fn server_with_records() -> TestServer {
    let server = TestServer::start();
    let client = server.client();
    let domain = |url: &str| json!({"primaryLinkUrl": url});
    let companies = json!([
        {"id": id(1), "name": "Acme", "domainName": domain("https://acme.example")},
        {"id": id(2), "name": "Acme"},
        {"id": id(3), "name": "acme"},
        {"id": id(4), "name": "Acme"},
        {"id": id(5), "name": "Öl"},
        {"id": id(6), "name": "Öl"},
        {"id": id(7), "name": "北京市"},
        {"id": id(8), "name": "北京市"},
        {"id": id(9)},
        {"id": id(10)},
    ]);
    make(&client, "companies", companies).await;
    let trashed = client.delete(&format!("/rest/companies/{}?soft_delete=true", id(4))).await;
    assert_eq!(trashed.outcome(), "200", "{}", trashed.body);
    let name = |first: &str, last: &str| json!({"firstName": first, "lastName": last});
    let people = json!([
        {"id": id(21), "name": name("Ada", "Lovelace"), "emails": {"primaryEmail": "ada@acme.example"},
         "linkedinLink": {"primaryLinkUrl": "https://linkedin.com/in/ada"}},
        {"id": id(22), "name": name("Ada", "Lovelace"), "companyId": id(1)},
        {"id": id(23), "name": name("Ada", "Lovelac")},
        {"id": id(24), "name": name("Augusta", "King"),
         "linkedinLink": {"primaryLinkUrl": "https://linkedin.com/in/ada"}},
        {"id": id(25), "name": name("Al", "Lovelace")},
        {"id": id(26), "name": name("Al", "Lovelace")},
        {"id": id(27), "name": name("Ada", "")},
    ]);
    make(&client, "people", people).await;
    server
}

/// The numbers of the records that each item of an answer lists.
fn numbers(response: &Response, key: &str) -> Vec<Vec<usize>> {
    let number = |record: &Json| {
        let id = record["id"].as_str().unwrap_or_default();
        usize::from_str_radix(id.rsplit('-').next().unwrap_or_default(), 16).unwrap_or_default()
    };
    let items = response.list("/data").iter().map(|item| {
        let found: Vec<usize> = item[key].as_array().into_iter().flatten().map(number).collect();
        assert_eq!(item["totalCount"], found.len(), "{}", response.body);
        let info = &item["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(false), &json!(false)));
        assert_eq!(info["startCursor"].is_null(), found.is_empty(), "{}", response.body);
        assert_eq!(info["endCursor"].is_null(), found.is_empty(), "{}", response.body);
        found
    });
    items.collect()
}

#[tokio::test]
async fn duplicates_are_equal_byte_for_byte_by_some_criterion() {
    let server = server_with_records().await;
    let client = server.client();
    let company = |data: Json| json!({"data": [data]});
    for (case, plural, body, expected) in [
        ("by name, not by case", "companies", json!({"ids": [id(1)]}), vec![vec![2]]),
        (
            "in input order",
            "companies",
            json!({"ids": [id(3), id(2), id(1)]}),
            vec![vec![], vec![1], vec![2]],
        ),
        ("the same id twice", "companies", json!({"ids": [id(1), id(1)]}), vec![vec![2], vec![2]]),
        ("an id in upper case", "companies", json!({"ids": [id(1).to_uppercase()]}), vec![vec![2]]),
        ("missing ids are left out", "companies", json!({"ids": [id(99), id(2)]}), vec![vec![1]]),
        ("and those in the trash", "companies", json!({"ids": [id(4)]}), vec![]),
        ("no ids", "companies", json!({"ids": []}), vec![]),
        ("two characters are too few", "companies", json!({"ids": [id(5)]}), vec![vec![]]),
        ("whatever their bytes", "companies", json!({"ids": [id(7)]}), vec![vec![8]]),
        ("nothing is like nothing", "companies", json!({"ids": [id(9)]}), vec![vec![]]),
        ("data", "companies", company(json!({"name": "Acme"})), vec![vec![1, 2]]),
        (
            "data with an id of its own",
            "companies",
            company(json!({"id": id(1), "name": "Acme"})),
            vec![vec![2]],
        ),
        ("data with a new id", "companies", company(json!({"id": id(99), "name": "Acme"})), vec![vec![1, 2]]),
        (
            "a domain is normalised first",
            "companies",
            company(json!({"domainName": {"primaryLinkUrl": "HTTPS://Acme.example/"}})),
            vec![vec![1]],
        ),
        (
            "either criterion",
            "companies",
            company(json!({"name": "acme", "domainName": {"primaryLinkUrl": "https://acme.example"}})),
            vec![vec![1, 3]],
        ),
        ("empty data", "companies", json!({"data": [{}, {"name": ""}]}), vec![vec![], vec![]]),
        ("people by name and link", "people", json!({"ids": [id(21)]}), vec![vec![22, 24]]),
        ("each part of a name counts", "people", json!({"ids": [id(25), id(27)]}), vec![vec![], vec![]]),
        (
            "an address in lower case",
            "people",
            json!({"data": [{"emails": {"primaryEmail": "ADA@Acme.example"}}]}),
            vec![vec![21]],
        ),
        (
            "a half of a name is none",
            "people",
            json!({"data": [{"name": {"firstName": "Ada"}}, {"name": {"firstName": "Ada", "lastName": "Lovelace"}}]}),
            vec![vec![], vec![21, 22]],
        ),
        (
            "what data connects to does not matter",
            "people",
            json!({"data": [
                {"name": {"firstName": "Ada", "lastName": "Lovelac"}, "companyId": id(99)},
                {"company": {"connect": {"where": {"id": id(99)}}}},
            ]}),
            vec![vec![23], vec![]],
        ),
    ] {
        let response = client.post(&format!("/rest/{plural}/duplicates"), body).await;
        assert_outcome(&response, "200", case);
        let key = if plural == "people" { "personDuplicates" } else { "companyDuplicates" };
        assert_eq!(numbers(&response, key), expected, "{case}: {}", response.body);
    }
}

#[tokio::test]
async fn an_object_without_criteria_has_items_without_records() {
    let server = TestServer::start();
    let client = server.client();
    make(&client, "notes", json!([{"id": id(1), "title": "Call"}, {"id": id(2), "title": "Call"}])).await;
    for (body, expected) in
        [(json!({"ids": [id(1), id(99), id(2)]}), 2), (json!({"data": [{"title": "Call"}, {}, {}]}), 3)]
    {
        let response = client.post("/rest/notes/duplicates", body).await;
        assert_eq!(numbers(&response, "noteDuplicates"), vec![Vec::<usize>::new(); expected]);
    }
    let response = client.graphql("{ noteDuplicates(ids: []) { totalCount } }", json!({})).await;
    assert_outcome(&response, "200 GRAPHQL_VALIDATION_FAILED", "no root field");
}

#[tokio::test]
async fn records_are_shown_as_lists_show_them() {
    let server = server_with_records().await;
    let client = server.client();
    let flat = client.post("/rest/people/duplicates", json!({"ids": [id(21)]})).await;
    let listed = client.get_with("/rest/people", &[("filter", &format!("id[eq]:{}", id(22)))]).await;
    assert_eq!(flat.part("/data/0/personDuplicates/0"), listed.part("/data/people/0"));
    let deep = client.post("/rest/people/duplicates?depth=1", json!({"ids": [id(21)]})).await;
    let listed =
        client.get_with("/rest/people", &[("filter", &format!("id[eq]:{}", id(22))), ("depth", "1")]).await;
    assert_eq!(deep.part("/data/0/personDuplicates/0"), listed.part("/data/people/0"));
    assert_eq!(deep.part("/data/0/personDuplicates/0/company/name"), "Acme");
    assert_outcome(
        &client.post("/rest/people/duplicates?depth=2", json!({"ids": [id(21)]})).await,
        "400 BadRequestException",
        "depth",
    );

    let document = "query Q($ids: [UUID]) { found: personDuplicates(ids: $ids) {
        __typename total: totalCount maxCreatedAt countNotEmptyCompany: countUniqueValuesId
        pageInfo { startCursor endCursor }
        edges { cursor node { id company { name people { totalCount edges { node { id } } } } } }
        again: edges { node { name { lastName } } } } }";
    let response = client.graphql(document, json!({"ids": [id(21), id(27)]})).await;
    assert_outcome(&response, "200", "over GraphQL");
    let first = response.part("/data/found/0");
    let edges = &first["edges"];
    assert_eq!(
        (&first["__typename"], &first["total"], &first["countNotEmptyCompany"]),
        (&json!("PersonConnection"), &json!(2), &json!(2)),
        "{first}"
    );
    assert_eq!(edges[0]["node"]["id"], id(22));
    assert_eq!(edges[0]["node"]["company"]["people"]["edges"], json!([{"node": {"id": id(22)}}]));
    assert_eq!(edges[1]["node"]["company"], Json::Null);
    assert_eq!(first["again"][1], json!({"node": {"name": {"lastName": "King"}}}));
    assert_eq!(
        (&first["pageInfo"]["startCursor"], &first["pageInfo"]["endCursor"]),
        (&edges[0]["cursor"], &edges[1]["cursor"])
    );
    assert!(first["maxCreatedAt"].is_string(), "{first}");
    let second = response.part("/data/found/1");
    assert_eq!(
        (&second["total"], &second["edges"], &second["maxCreatedAt"]),
        (&json!(0), &json!([]), &Json::Null)
    );
}

#[tokio::test]
async fn an_item_shows_two_hundred_and_counts_all() {
    let server = TestServer::start();
    let client = server.client();
    for batch in 0..4 {
        let records = (0..60).map(|number| json!({"id": id(100 * batch + number), "name": "Acme"}));
        make(&client, "companies", records.collect()).await;
    }
    let response = client.post("/rest/companies/duplicates", json!({"ids": [id(0), id(1)]})).await;
    for item in response.list("/data") {
        assert_eq!(item["totalCount"], 239);
        assert_eq!(item["companyDuplicates"].as_array().map(Vec::len), Some(200));
        assert_eq!(item["pageInfo"]["hasNextPage"], false);
    }
    let probes: Vec<_> = (0..200).map(|_| json!({"name": "Nobody"})).collect();
    let response = client.post("/rest/companies/duplicates", json!({"data": probes})).await;
    assert_eq!(response.list("/data").len(), 200, "{}", response.body);
}

#[tokio::test]
async fn searches_that_are_refused() {
    let server = server_with_records().await;
    let client = server.client();
    let before = Everything::read(&client).await;
    let many_ids: Vec<_> = (0..201).map(id).collect();
    let many: Vec<_> = (0..201).map(|_| json!({"name": "Acme"})).collect();
    let (bad, input, data) = (
        "400 BadRequestException",
        "200 BAD_USER_INPUT INVALID_QUERY_INPUT",
        "200 BAD_USER_INPUT INVALID_ARGS_DATA",
    );
    for (case, body, rest, graphql) in [
        ("neither", json!({}), bad, input),
        ("nulls", json!({"ids": null, "data": null}), bad, input),
        ("both", json!({"ids": [id(1)], "data": [{"name": "Acme"}]}), bad, input),
        ("no data", json!({"data": []}), bad, input),
        ("a bad id", json!({"ids": [id(1), "one"]}), bad, input),
        ("a number for an id", json!({"ids": [1]}), bad, input),
        ("no id", json!({"ids": [null]}), bad, input),
        ("an id for a list of them", json!({"ids": id(1)}), bad, input),
        ("an object for ids", json!({"ids": {"0": id(1)}}), bad, input),
        ("a record for a list of them", json!({"data": {"name": "Acme"}}), bad, input),
        ("a text for a record", json!({"data": ["Acme"]}), bad, input),
        ("too many ids", json!({"ids": many_ids}), bad, input),
        ("too many data", json!({"data": many}), bad, input),
        ("an unknown field", json!({"data": [{"nmae": "Acme"}]}), bad, data),
        ("a number for a text", json!({"data": [{"name": "Acme"}, {"name": 5}]}), bad, data),
        ("a to-many relation", json!({"data": [{"people": []}]}), bad, data),
        (
            "a bad link",
            json!({"data": [{"domainName": {"primaryLinkUrl": "a b"}}]}),
            "400 Error INVALID_URL",
            "200 BAD_USER_INPUT INVALID_URL",
        ),
        ("a bad id in data", json!({"data": [{"id": "one"}]}), "400 Error INVALID_QUERY_INPUT", input),
        ("an unknown member", json!({"ids": [id(1)], "limit": 5}), bad, input),
    ] {
        assert_outcome(&client.post("/rest/companies/duplicates", body.clone()).await, rest, case);
        let extra = if body.get("limit").is_some() { ", limit: 5" } else { "" };
        let document = format!(
            "query Q($ids: [UUID], $data: [CompanyCreateInput]) {{ companyDuplicates(ids: $ids, data: $data{extra}) {{ totalCount }} }}"
        );
        let response = client.graphql(&document, body).await;
        assert_outcome(&response, graphql, case);
        assert_eq!(response.part("/data"), &json!({"companyDuplicates": null}), "{case}");
    }
    for (case, body, outcome) in [
        ("a list for the body", "[]", "400"),
        ("no JSON", "{", "400 Bad Request"),
        ("no body", "", "400 Bad Request"),
    ] {
        assert_outcome(&client.post_text("/rest/companies/duplicates", body).await, outcome, case);
    }
    assert_outcome(&client.get("/rest/companies/duplicates").await, bad, "another method");
    assert_outcome(
        &client.post("/rest/dinosaurs/duplicates", json!({"ids": []})).await,
        bad,
        "an unknown object",
    );
    let nothing = client.graphql("{ companyDuplicates(ids: []) }", json!({})).await;
    assert_outcome(&nothing, input, "no selection");
    let nested = "{ companyDuplicates(ids: []) { edges { node { people { edges { node { noteTargets { edges { node { id } } } } } } } } } }";
    assert_outcome(
        &client.graphql(nested, json!({})).await,
        "200 BAD_USER_INPUT TOO_COMPLEX_QUERY",
        "lists in lists",
    );
    assert_eq!(Everything::read(&client).await, before);
}
