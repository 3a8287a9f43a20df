//! What the records of a group have in common, and figures over them.

use serde_json::{Value as Json, json};

use super::fixture::{COMPANIES, Fixture, groups};

#[tokio::test]
async fn values_of_every_type_in_their_order() {
    let fixture = Fixture::create().await;
    let null = Json::Null;
    let cases: Vec<(Json, Vec<(Json, u64)>)> = vec![
        (
            json!({"name": true}),
            vec![
                (json!("alpha"), 1),
                (json!("beta"), 1),
                (json!("Beta"), 1),
                (json!("gamma"), 1),
                (null.clone(), 1),
            ],
        ),
        (json!({"stage": true}), vec![(json!("NEW"), 2), (json!("WON"), 1), (null.clone(), 2)]),
        (json!({"rating": true}), vec![(json!("RATING_2"), 1), (json!("RATING_5"), 1), (null.clone(), 3)]),
        (json!({"tags": true}), vec![(json!(["COLD", "BULKY"]), 2), (json!(["COLD"]), 1), (null.clone(), 2)]),
        (json!({"tags": {"unnest": true}}), vec![(json!("COLD"), 3), (json!("BULKY"), 2), (null.clone(), 2)]),
        (
            json!({"words": {"unnest": true}}),
            vec![(json!("x"), 1), (json!("Y"), 1), (json!("y"), 1), (null.clone(), 3)],
        ),
        (json!({"isFragile": true}), vec![(json!(false), 1), (json!(true), 2), (null.clone(), 2)]),
        (json!({"weight": true}), vec![(json!(-1), 1), (json!(2.5), 2), (null.clone(), 2)]),
        (
            json!({"size": {"amountMicros": true}}),
            vec![
                (json!("3000000"), 1),
                (json!("5000000"), 1),
                (json!("9007199254740993"), 1),
                (null.clone(), 2),
            ],
        ),
        (json!({"size": {"currencyCode": true}}), vec![(json!("EUR"), 2), (null.clone(), 3)]),
        (json!({"place": {"addressCity": true}}), vec![(json!("Oslo"), 2), (null.clone(), 3)]),
        (json!({"place": {"addressLat": true}}), vec![(json!("59.9"), 2), (null.clone(), 3)]),
        (json!({"driver": {"firstName": true}}), vec![(json!("Ada"), 2), (null.clone(), 3)]),
        // The id of a company in the trash is still stored; the company itself is missing.
        (
            json!({"ownerId": true}),
            vec![
                (json!(COMPANIES[0]), 2),
                (json!(COMPANIES[1]), 1),
                (json!(COMPANIES[2]), 1),
                (null.clone(), 1),
            ],
        ),
        (
            json!({"owner": {"id": true}}),
            vec![(json!(COMPANIES[0]), 2), (json!(COMPANIES[1]), 1), (null.clone(), 2)],
        ),
        (json!({"owner": {"name": true}}), vec![(json!("Acme"), 1), (json!("zebra"), 2), (null.clone(), 2)]),
        (json!({"owner": {"address": {"addressCity": true}}}), vec![(json!("Bern"), 2), (null.clone(), 3)]),
        (
            json!({"owner": {"annualRevenue": {"amountMicros": true}}}),
            vec![(json!("2000000"), 2), (null.clone(), 3)],
        ),
        (
            json!({"owner": {"createdAt": {"granularity": "DAY"}}}),
            vec![(json!("2026-02-28"), 2), (json!("2026-03-02"), 1), (null.clone(), 2)],
        ),
        (
            json!({"owner": {"createdAt": {"granularity": "DAY_OF_THE_WEEK", "timeZone": "Asia/Tokyo"}}}),
            vec![(json!("Monday"), 1), (json!("Sunday"), 2), (null, 2)],
        ),
    ];
    for (dimension, expected) in cases {
        // Without an order the dimensions themselves are it.
        assert_eq!(fixture.counts(&dimension, &json!([])).await, expected, "{dimension}");
    }
}

#[tokio::test]
async fn periods_of_dates_and_of_instants() {
    let fixture = Fixture::create().await;
    let null = Json::Null;
    for (dimension, expected) in [
        // Dates need no time zone and mind none.
        (
            json!({"shippedOn": {"granularity": "QUARTER", "timeZone": "Asia/Tokyo"}}),
            vec![(json!("2025-10-01"), 1), (json!("2026-01-01"), 2), (null.clone(), 2)],
        ),
        (
            json!({"shippedOn": {"granularity": "WEEK"}}),
            vec![
                (json!("2025-12-29"), 1),
                (json!("2026-02-23"), 1),
                (json!("2026-03-30"), 1),
                (null.clone(), 2),
            ],
        ),
        (
            json!({"shippedOn": {"granularity": "WEEK", "weekStartDay": "SUNDAY"}}),
            vec![
                (json!("2025-12-28"), 1),
                (json!("2026-03-01"), 1),
                (json!("2026-03-29"), 1),
                (null.clone(), 2),
            ],
        ),
        (
            json!({"shippedOn": {"granularity": "WEEK", "weekStartDay": "SATURDAY"}}),
            vec![
                (json!("2025-12-27"), 1),
                (json!("2026-02-28"), 1),
                (json!("2026-03-28"), 1),
                (null.clone(), 2),
            ],
        ),
        (
            json!({"shippedOn": {"granularity": "YEAR"}}),
            vec![(json!("2025-01-01"), 1), (json!("2026-01-01"), 2), (null.clone(), 2)],
        ),
        (
            json!({"shippedOn": {"granularity": "NONE"}}),
            vec![
                (json!("2025-12-31"), 1),
                (json!("2026-03-01"), 1),
                (json!("2026-03-31"), 1),
                (null.clone(), 2),
            ],
        ),
        (
            json!({"shippedOn": {"granularity": "MONTH_OF_THE_YEAR"}}),
            vec![(json!("March"), 2), (json!("December"), 1), (null.clone(), 2)],
        ),
        (
            json!({"shippedOn": {"granularity": "QUARTER_OF_THE_YEAR"}}),
            vec![(json!("Q1"), 2), (json!("Q4"), 1), (null.clone(), 2)],
        ),
        // Summer time began on 29 March and ended on 25 October, at 01:00 UTC.
        (
            json!({"arrivesAt": {"granularity": "DAY", "timeZone": "Europe/Berlin"}}),
            vec![(json!("2026-03-29"), 2), (json!("2026-10-25"), 2), (null.clone(), 1)],
        ),
        (
            json!({"arrivesAt": {"granularity": "DAY", "timeZone": "UTC"}}),
            vec![
                (json!("2026-03-28"), 1),
                (json!("2026-03-29"), 1),
                (json!("2026-10-25"), 2),
                (null.clone(), 1),
            ],
        ),
        (
            json!({"arrivesAt": {"granularity": "MONTH", "timeZone": "America/Los_Angeles"}}),
            vec![(json!("2026-03-01"), 2), (json!("2026-10-01"), 2), (null.clone(), 1)],
        ),
        (
            json!({"arrivesAt": {"granularity": "DAY_OF_THE_WEEK"}}),
            vec![(json!("Saturday"), 1), (json!("Sunday"), 3), (null.clone(), 1)],
        ),
        (
            json!({"arrivesAt": {"granularity": "NONE"}}),
            vec![
                (json!("2026-03-28T23:30:00.000Z"), 1),
                (json!("2026-03-29T00:30:00.000Z"), 1),
                (json!("2026-10-25T00:30:00.000Z"), 1),
                (json!("2026-10-25T01:30:00.000Z"), 1),
                (null.clone(), 1),
            ],
        ),
    ] {
        assert_eq!(fixture.counts(&dimension, &json!([])).await, expected, "{dimension}");
    }
}

#[tokio::test]
async fn figures_are_numbers_over_graphql_and_texts_over_rest() {
    let fixture = Fixture::create().await;
    for (name, over_rest, over_graphql) in [
        ("totalCount", json!("2"), json!(2)),
        ("countUniqueValuesName", json!("2"), json!(2)),
        ("countEmptyRating", json!("1"), json!(1)),
        ("countNotEmptyRating", json!("1"), json!(1)),
        ("percentageEmptyRating", json!("0.5"), json!(0.5)),
        ("percentageNotEmptyStage", json!("1"), json!(1)),
        ("countTrueIsFragile", json!("0"), json!(0)),
        ("countFalseIsFragile", json!("1"), json!(1)),
        ("minWeight", json!(-1), json!(-1)),
        ("maxWeight", json!(2.5), json!(2.5)),
        ("sumWeight", json!(1.5), json!(1.5)),
        ("avgWeight", json!(0.75), json!(0.75)),
        ("minSizeAmountMicros", json!("5000000"), json!(5_000_000)),
        ("maxSizeAmountMicros", json!("9007199254740993"), json!(9_007_199_254_740_993_i64)),
        ("minShippedOn", json!("2025-12-31"), json!("2025-12-31")),
        ("maxArrivesAt", json!("2026-10-25T00:30:00.000Z"), json!("2026-10-25T00:30:00.000Z")),
        ("maxDeletedAt", Json::Null, Json::Null),
    ] {
        let aggregate = json!([name]).to_string();
        let rest = fixture
            .rest(&[
                ("group_by", r#"{"stage":true}"#),
                ("aggregate", &aggregate),
                ("filter", "stage[eq]:NEW"),
            ])
            .await;
        assert_eq!(rest, json!([{name: over_rest, "groupByDimensionValues": ["NEW"]}]), "{name}");
        let variables = json!({"by": {"stage": true}, "filter": {"stage": {"eq": "NEW"}}});
        assert_eq!(fixture.graphql(variables, name).await, json!([{name: over_graphql}]), "{name}");
    }
}

#[tokio::test]
async fn several_dimensions_at_once() {
    let fixture = Fixture::create().await;
    let by = json!([
        {"stage": true},
        {"owner": {"name": true}},
        {"arrivesAt": {"granularity": "YEAR", "timeZone": "UTC"}},
        {"arrivesAt": {"granularity": "MONTH_OF_THE_YEAR"}},
        {"owner": {"address": {"addressCity": true}}},
    ]);
    let found = fixture.graphql(json!({"by": by}), "groupByDimensionValues totalCount").await;
    let values: Vec<&Json> = groups(&found).map(|group| &group["groupByDimensionValues"]).collect();
    let expected = [
        json!(["NEW", "Acme", "2026-01-01", "March", null]),
        json!(["NEW", "zebra", "2026-01-01", "October", "Bern"]),
        json!(["WON", "zebra", "2026-01-01", "March", "Bern"]),
        json!([null, null, "2026-01-01", "October", null]),
        json!([null, null, null, null, null]),
    ];
    assert_eq!(values, expected.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn records_in_the_trash_count_when_the_filter_speaks_of_them() {
    let fixture = Fixture::create().await;
    for (filter, expected) in [
        ("stage[is]:NOT_NULL", json!([["NEW"], ["WON"]])),
        ("deletedAt[is]:NOT_NULL", json!([["LOST"]])),
        (
            "or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL),stage[is]:NOT_NULL",
            json!([["NEW"], ["WON"], ["LOST"]]),
        ),
        ("owner.name[eq]:zebra", json!([["NEW"], ["WON"]])),
        ("name[eq]:nobody", json!([])),
    ] {
        let found = fixture.rest(&[("group_by", r#"[{"stage":true}]"#), ("filter", filter)]).await;
        let values: Json = groups(&found).map(|group| group["groupByDimensionValues"].clone()).collect();
        assert_eq!(values, expected, "{filter}");
    }
}

#[tokio::test]
async fn groups_without_a_value_can_be_left_out() {
    let fixture = Fixture::create().await;
    for (dimension, expected) in [
        (r#"{"stage":true}"#, json!([["NEW"], ["WON"]])),
        (r#"{"name":true}"#, json!([["alpha"], ["beta"], ["Beta"], ["gamma"]])),
        (r#"{"tags":{"unnest":true}}"#, json!([["COLD"], ["BULKY"]])),
        (r#"{"owner":{"name":true}}"#, json!([["Acme"], ["zebra"]])),
        (r#"{"shippedOn":{"granularity":"YEAR"}}"#, json!([["2025-01-01"], ["2026-01-01"]])),
    ] {
        let found = fixture.rest(&[("group_by", dimension), ("omit_null_values", "true")]).await;
        let values: Json = groups(&found).map(|group| group["groupByDimensionValues"].clone()).collect();
        assert_eq!(values, expected, "{dimension}");
    }
}

#[tokio::test]
async fn morph_relations_are_dimensions_too() {
    let fixture = Fixture::create().await;
    let client = &fixture.client;
    for (note, company) in [("First", COMPANIES[0]), ("Second", COMPANIES[0]), ("Third", COMPANIES[1])] {
        let note = client.post("/rest/notes", json!({"title": note})).await.text("/data/createNote/id");
        let target = json!({"noteId": note, "targetCompanyId": company});
        assert_eq!(client.post("/rest/noteTargets", target).await.outcome(), "201");
    }
    let document = "{ noteTargetsGroupBy(groupBy: [{targetCompany: {name: true}}, {targetPerson: {name: {lastName: true}}}],
        orderBy: [{targetCompany: {name: DescNullsLast}}]) { groupByDimensionValues totalCount } }";
    let found = client.graphql(document, json!({})).await;
    assert_eq!(
        found.body["data"]["noteTargetsGroupBy"],
        json!([
            {"groupByDimensionValues": ["zebra", null], "totalCount": 2},
            {"groupByDimensionValues": ["Acme", null], "totalCount": 1},
        ]),
        "{}",
        found.body
    );
}
