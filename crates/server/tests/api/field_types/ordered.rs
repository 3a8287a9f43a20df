//! Lists in the order of each type, in all four directions.

use serde_json::{Value as Json, json};

use super::sample::Samples;

/// Values that rise, for each field and part; two further records have none.
fn rising() -> Vec<(&'static str, Vec<Json>)> {
    vec![
        ("uuid", ids().map(Json::from).into()),
        ("text", vec![json!("acme"), json!("echo"), json!("Éclair"), json!("Zebra")]),
        ("number", vec![json!(-1e300), json!(-0.5), json!(9), json!(10)]),
        ("flag", vec![json!(false), json!(true)]),
        ("day", vec![json!("0099-12-31"), json!("1969-12-31"), json!("2026-03-01"), json!("9998-12-31")]),
        (
            "moment",
            vec![json!("1969-12-31T23:59:59.999Z"), json!("2026-03-01"), json!("2026-03-01T00:00:00.001Z")],
        ),
        ("stage", vec![json!("NEW"), json!("WON"), json!("LOST")]),
        ("rating", vec![json!("RATING_1"), json!("RATING_3"), json!("RATING_5")]),
        ("tags", vec![json!(["BULKY"]), json!(["COLD"])]),
        ("words", vec![json!(["a"]), json!(["b", "a"]), json!(["c"])]),
        ("extra", vec![json!([1]), json!({"a": 1}), json!({"b": 1})]),
        ("fullName.firstName", vec![json!("ana"), json!("Bo")]),
        ("fullName.lastName", vec![json!("luz"), json!("SOL")]),
        ("mails.primaryEmail", vec![json!("a@b.example"), json!("b@b.example")]),
        ("mails.additionalEmails", vec![json!(["a@b.example"]), json!(["b@b.example"])]),
        ("site.primaryLinkUrl", vec![json!("a.example"), json!("B.example")]),
        ("place.addressCity", vec![json!("bergen"), json!("Oslo")]),
        ("place.addressLat", vec![json!(-1.5), json!(1), json!(10)]),
        ("price.amountMicros", vec![json!(-5), json!(0), json!(9_007_199_254_740_993_i64)]),
        ("price.currencyCode", vec![json!("CHF"), json!("EUR")]),
        ("actor.workspaceMemberId", ids().map(Json::from).into()),
        ("actor.context", vec![json!({"a": 1}), json!({"b": 1})]),
        ("story.markdown", vec![json!("ajar"), json!("Open")]),
    ]
}

fn ids() -> [&'static str; 3] {
    [
        "0d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11",
        "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11",
        "fd0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11",
    ]
}

/// The value under its path, as JSON: `{"price": {"amountMicros": 5}}`.
fn nested(path: &str, value: Json) -> Json {
    path.split('.').rev().fold(value, |below, name| json!({name: below}))
}

/// The names of all records in the order of `path`, over both doors, which must agree.
async fn names(samples: &Samples, path: &str, direction: &str) -> Vec<String> {
    let order = format!("{path}[{direction}]");
    let list = samples.client.get_with("/rest/samples", &[("order_by", &order)]).await;
    let over_rest: Vec<&Json> = list.list("/data/samples").iter().map(|record| &record["name"]).collect();
    let document = "query Q($order: [SampleOrderByInput]) {
        samples(orderBy: $order) { edges { node { name } } } }";
    let variables = json!({"order": [nested(path, json!(direction))]});
    let list = samples.client.graphql(document, variables).await;
    let edges = list.list("/data/samples/edges").iter();
    let over_graphql: Vec<&Json> = edges.map(|edge| &edge["node"]["name"]).collect();
    assert_eq!(over_rest, over_graphql, "{order}");
    over_rest.into_iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn every_type_has_an_order_in_which_nulls_have_their_place() {
    let samples = Samples::start().await;
    for (path, values) in rising() {
        // From the greatest on, so that the order of the ids is the reverse.
        let mut records: Vec<Json> = vec![json!({"name": "none 1"}), json!({"name": "none 2"})];
        for (place, value) in values.iter().enumerate().rev() {
            let mut record = nested(path, value.clone());
            record["name"] = json!(format!("value {place}"));
            records.push(record);
        }
        let created = samples.client.post("/rest/batch/samples", Json::from(records)).await;
        assert_eq!(created.outcome(), "201", "{path}: {}", created.body);
        let rising: Vec<String> = (0..values.len()).map(|place| format!("value {place}")).collect();
        let falling: Vec<String> = rising.iter().rev().cloned().collect();
        let none = ["none 1".to_owned(), "none 2".to_owned()];
        for (direction, expected) in [
            ("AscNullsFirst", [&none[..], &rising].concat()),
            ("AscNullsLast", [&rising[..], &none].concat()),
            ("DescNullsFirst", [&none[..], &falling].concat()),
            ("DescNullsLast", [&falling[..], &none].concat()),
        ] {
            assert_eq!(names(&samples, path, direction).await, expected, "{path} {direction}");
        }
        let all = r#"mutation { destroySamples(filter: {}) { id } }"#;
        assert_eq!(samples.client.graphql(all, json!({})).await.outcome(), "200");
    }
}

#[tokio::test]
async fn related_records_give_an_order() {
    let samples = Samples::start().await;
    for (name, company) in
        [("c", json!({"name": "Zebra"})), ("b", json!({"name": "acme"})), ("a", json!(null))]
    {
        let mut record = json!({"name": name});
        if company.is_object() {
            let created = samples.client.post("/rest/companies", company).await;
            record["ownerId"] = json!(created.text("/data/createCompany/id"));
        }
        let created = samples.client.post("/rest/samples", record).await;
        assert_eq!(created.outcome(), "201", "{}", created.body);
    }
    for (path, direction, expected) in [
        ("owner.name", "AscNullsFirst", ["a", "b", "c"]),
        ("owner.name", "AscNullsLast", ["b", "c", "a"]),
        ("owner.name", "DescNullsFirst", ["a", "c", "b"]),
        ("owner.name", "DescNullsLast", ["c", "b", "a"]),
        ("ownerId", "AscNullsLast", ["c", "b", "a"]),
        ("ownerId", "DescNullsFirst", ["a", "b", "c"]),
    ] {
        assert_eq!(names(&samples, path, direction).await, expected, "{path} {direction}");
    }
}
