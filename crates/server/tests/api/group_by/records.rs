//! Records inside groups.

use serde_json::{Value as Json, json};

use super::fixture::{COMPANIES, Fixture, groups};
use crate::support::TestServer;
use crate::support::model::create_object;

/// The names of the records of each group.
fn names(answer: &Json) -> Vec<Vec<&str>> {
    groups(answer)
        .map(|group| {
            let edges = group["edges"].as_array().unwrap_or_else(|| panic!("no edges in {group}"));
            edges.iter().filter_map(|edge| edge["node"]["name"].as_str()).collect()
        })
        .collect()
}

#[tokio::test]
async fn records_come_in_windows_of_ten_in_their_order() {
    let fixture = Fixture::create().await;
    let parcels =
        (0..23).map(|number| json!({"name": format!("n{number:02}"), "stage": "LOST"})).collect::<Json>();
    assert_eq!(fixture.client.post("/rest/batch/parcels", parcels).await.outcome(), "201");
    let window =
        |from: usize, to: usize| (from..to).map(|number| format!("n{number:02}")).collect::<Vec<_>>();
    let by = json!({"stage": true});
    for (offset, expected) in
        [(0, [2, 1, 10, 2]), (1, [1, 0, 10, 1]), (10, [0, 0, 10, 0]), (20, [0, 0, 3, 0]), (99, [0; 4])]
    {
        let variables = json!({"by": by, "offset": offset, "records": [{"name": "AscNullsLast"}]});
        let selection = "totalCount edges { node { name } } pageInfo { hasNextPage }";
        let found = fixture.graphql(variables, selection).await;
        // Groups and their figures are the same wherever the window stands.
        let totals: Vec<&Json> = groups(&found).map(|group| &group["totalCount"]).collect();
        assert_eq!(totals, [2, 1, 23, 2], "{offset}");
        let shown = names(&found);
        assert_eq!(shown.iter().map(Vec::len).collect::<Vec<_>>(), expected, "{offset}");
        assert_eq!(shown[2], window(offset.min(23), (offset + 10).min(23)), "{offset}");
        let goes_on: Vec<&Json> = groups(&found).map(|group| &group["pageInfo"]["hasNextPage"]).collect();
        assert_eq!(
            goes_on,
            [&json!(false), &json!(false), &json!(offset + 10 < 23), &json!(false)],
            "{offset}"
        );
    }
    let everything = json!({"by": by, "offset": i64::MAX});
    assert_eq!(
        names(&fixture.graphql(everything, "edges { node { name } }").await).concat(),
        Vec::<&str>::new()
    );
}

#[tokio::test]
async fn records_are_ordered_by_their_fields_and_those_of_related_records() {
    let fixture = Fixture::create().await;
    for (order, expected) in [
        (json!({"name": "DescNullsLast"}), json!([["gamma", "Beta", "beta", "alpha", ""]])),
        (
            json!([{"owner": {"name": "AscNullsLast"}}, {"name": "AscNullsLast"}]),
            json!([["Beta", "alpha", "beta", "gamma", ""]]),
        ),
        (
            json!([{"size": {"amountMicros": "DescNullsLast"}}, {"name": "DescNullsLast"}]),
            json!([["alpha", "Beta", "beta", "gamma", ""]]),
        ),
    ] {
        let variables =
            json!({"by": {"createdAt": {"granularity": "YEAR", "timeZone": "UTC"}}, "records": order});
        let found = fixture.graphql(variables, "edges { node { name } }").await;
        assert_eq!(json!(names(&found)), expected, "{order}");
    }
}

#[tokio::test]
async fn records_show_relations_and_few_of_each_list() {
    let fixture = Fixture::create().await;
    let people: Json =
        (0..7).map(|number| json!({"jobTitle": format!("p{number}"), "companyId": COMPANIES[0]})).collect();
    assert_eq!(fixture.client.post("/rest/batch/people", people).await.outcome(), "201");
    let document = "{ companiesGroupBy(groupBy: [{address: {addressCity: true}}], orderByForRecords: [{name: AscNullsLast}]) {
        __typename dimensions: groupByDimensionValues n: totalCount
        pageInfo { hasNextPage hasPreviousPage }
        edges { __typename cursor node { __typename name people(first: 60) { totalCount edges { node { id company { name } } } } } }
        again: edges { node { parcels { edges { node { name owner { name } } } } } }
        edges { node { people(first: 60) { pageInfo { hasNextPage } } } } } }";
    let found = fixture.client.graphql(document, json!({})).await;
    assert_eq!(found.outcome(), "200", "{}", found.body);
    let groups = &found.body["data"]["companiesGroupBy"];
    assert_eq!(groups[0]["__typename"], "CompanyGroupByConnection");
    assert_eq!(groups[0]["dimensions"], json!(["Bern"]));
    assert_eq!(groups[1]["dimensions"], json!([null]));
    assert_eq!((&groups[0]["n"], &groups[1]["n"]), (&json!(1), &json!(1)));
    assert_eq!(groups[0]["pageInfo"], json!({"hasNextPage": false, "hasPreviousPage": false}));
    let edge = &groups[0]["edges"][0];
    assert_eq!(
        (&edge["__typename"], &edge["node"]["__typename"]),
        (&json!("CompanyEdge"), &json!("Company"))
    );
    assert!(edge["cursor"].is_string());
    let people = &edge["node"]["people"];
    assert_eq!(people["totalCount"], 7);
    assert_eq!(people["edges"].as_array().map(Vec::len), Some(5));
    assert_eq!(people["edges"][0]["node"]["company"]["name"], "zebra");
    assert_eq!(people["pageInfo"]["hasNextPage"], true);
    assert_eq!(groups[0]["again"][0]["node"]["parcels"]["edges"].as_array().map(Vec::len), Some(2));
    assert_eq!(groups[1]["edges"][0]["node"]["people"]["edges"], json!([]));
}

#[tokio::test]
async fn records_of_taken_apart_lists_are_in_each_of_their_groups_once() {
    let fixture = Fixture::create().await;
    let variables = json!({"by": {"words": {"unnest": true}}, "records": {"name": "AscNullsLast"}});
    let found = fixture.graphql(variables, "edges { node { name } }").await;
    assert_eq!(names(&found), [vec!["beta"], vec!["beta"], vec!["Beta"], vec!["alpha", "gamma", ""]]);
}

#[tokio::test]
async fn objects_may_be_called_like_what_statements_call_their_parts() {
    let server = TestServer::start();
    let client = server.client();
    for name in ["g", "r", "key", "place", "n"] {
        create_object(&client, name).await;
        let created = client.post(&format!("/rest/{name}s"), json!({"name": "one"})).await;
        assert_eq!(created.outcome(), "201", "{}", created.body);
        let document = format!(
            "{{ {name}sGroupBy(groupBy: {{name: true}}) {{ groupByDimensionValues edges {{ node {{ name }} }} }} }}"
        );
        let found = client.graphql(&document, json!({})).await;
        let expected = json!([{"groupByDimensionValues": ["one"], "edges": [{"node": {"name": "one"}}]}]);
        assert_eq!(found.body["data"][format!("{name}sGroupBy")], expected, "{}", found.body);
    }
}

#[tokio::test]
async fn rest_shows_a_sample_of_whole_records_when_it_is_asked_for() {
    let fixture = Fixture::create().await;
    let parameters = [
        ("group_by", r#"[{"stage":true}]"#),
        ("filter", "stage[eq]:NEW"),
        ("include_records_sample", "true"),
        ("order_by_for_records", "name[DescNullsLast],id"),
    ];
    let found = fixture.rest(&parameters).await;
    let records = found[0]["records"].as_array().expect("there are records");
    assert_eq!(records.iter().map(|record| &record["name"]).collect::<Vec<_>>(), ["Beta", "alpha"]);
    assert_eq!(records[0]["ownerId"], COMPANIES[1]);
    assert_eq!(records[0]["size"], json!({"amountMicros": 5_000_000, "currencyCode": "EUR"}));
    assert!(records[0].get("owner").is_none());
    let one =
        fixture.client.get(&format!("/rest/parcels/{}", records[0]["id"].as_str().unwrap_or_default())).await;
    assert_eq!(one.body["data"]["parcel"], records[0]);
    for flag in ["1", "True", ""] {
        let parameters = [("group_by", r#"[{"stage":true}]"#), ("include_records_sample", flag)];
        assert!(fixture.rest(&parameters).await[0].get("records").is_none(), "{flag}");
    }
}

#[tokio::test]
async fn groups_stand_beside_other_root_fields() {
    let fixture = Fixture::create().await;
    let document = "{ byStage: parcelsGroupBy(groupBy: [{stage: true}]) { totalCount }
        byOwner: parcelsGroupBy(groupBy: {ownerId: true}, includeRecords: true) { totalCount edges { node { id } } }
        none: parcelsGroupBy(groupBy: {stage: true}, filter: {name: {eq: \"nobody\"}}) { totalCount edges { node { id } } }
        parcels { totalCount } }";
    let found = fixture.client.graphql(document, json!({})).await;
    let data = &found.body["data"];
    assert_eq!(
        data["byStage"],
        json!([{"totalCount": 2}, {"totalCount": 1}, {"totalCount": 2}]),
        "{}",
        found.body
    );
    assert_eq!(data["byOwner"].as_array().map(Vec::len), Some(4));
    assert_eq!(data["none"], json!([]));
    assert_eq!(data["parcels"]["totalCount"], 5);
    let strict = "{ parcelsGroupBy(groupBy: [{arrivesAt: {granularity: MONTH, timeZone: \"UTC\"}}],
        orderBy: [{arrivesAt: {granularity: MONTH, orderBy: AscNullsLast}}, {aggregate: {sumWeight: AscNullsLast}}])
        { groupByDimensionValues countEmptyName edges { node { id } } pageInfo { hasNextPage } } }";
    let found = fixture.client.graphql_strictly(strict).await;
    assert_eq!(found.outcome(), "200", "{}", found.body);
}
