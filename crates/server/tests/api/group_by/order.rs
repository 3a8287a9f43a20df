//! The order of groups, and how many there are.

use serde_json::{Value as Json, json};

use super::fixture::{COMPANIES, Fixture, groups};

#[tokio::test]
async fn groups_follow_dimensions_figures_and_labels() {
    let fixture = Fixture::create().await;
    for (by, order, expected) in [
        (json!({"stage": true}), json!([{"stage": "DescNullsFirst"}]), json!([null, "WON", "NEW"])),
        (json!({"stage": true}), json!({"stage": "AscNullsFirst"}), json!([null, "NEW", "WON"])),
        (
            json!({"rating": true}),
            json!([{"rating": "DescNullsLast"}]),
            json!(["RATING_5", "RATING_2", null]),
        ),
        (
            json!({"name": true}),
            json!([{"name": "DescNullsLast"}]),
            json!(["gamma", "Beta", "beta", "alpha", null]),
        ),
        (
            json!({"shippedOn": {"granularity": "MONTH_OF_THE_YEAR"}}),
            json!([{"shippedOn": {"granularity": "MONTH_OF_THE_YEAR", "orderBy": "DescNullsLast"}}]),
            json!(["December", "March", null]),
        ),
        (
            json!({"size": {"currencyCode": true}}),
            json!([{"size": {"currencyCode": "AscNullsFirst"}}]),
            json!([null, "EUR"]),
        ),
        (
            json!({"stage": true}),
            json!([{"aggregate": {"maxSizeAmountMicros": "DescNullsFirst"}}]),
            json!([null, "NEW", "WON"]),
        ),
        // Equal by the first criterion, told apart by the next.
        (
            json!({"stage": true}),
            json!([{"aggregate": {"totalCount": "DescNullsLast"}}, {"stage": "DescNullsFirst"}]),
            json!([null, "NEW", "WON"]),
        ),
        (
            json!({"owner": {"name": true}}),
            json!([{"owner": {"name": "DescNullsFirst"}}]),
            json!([null, "zebra", "Acme"]),
        ),
        // By the label of the record whose id is the dimension; of the one in the trash nothing is known.
        (
            json!({"ownerId": true}),
            json!([{"owner": {"name": "AscNullsLast"}}]),
            json!([COMPANIES[1], COMPANIES[0], COMPANIES[2], null]),
        ),
        (
            json!({"owner": {"id": true}}),
            json!([{"owner": {"address": {"addressCity": "DescNullsLast"}}}]),
            json!([COMPANIES[0], COMPANIES[1], null]),
        ),
        (
            json!({"owner": {"id": true}}),
            json!([{"ownerId": "DescNullsLast"}]),
            json!([COMPANIES[1], COMPANIES[0], null]),
        ),
        // What says nothing orders nothing.
        (json!({"stage": true}), json!([{}, null, {"stage": null}]), json!(["NEW", "WON", null])),
    ] {
        let counts = fixture.counts(&by, &order).await;
        let values: Json = counts.into_iter().map(|(value, _)| value).collect();
        assert_eq!(values, expected, "{by} {order}");
    }
}

#[tokio::test]
async fn a_label_of_two_parts_orders_members() {
    let fixture = Fixture::create().await;
    let found = fixture
        .client
        .graphql(
            "{ companiesGroupBy(groupBy: {accountOwnerId: true}, orderBy: [{accountOwner: {name: {lastName: AscNullsLast}}},
               {accountOwner: {name: {firstName: AscNullsLast}}}]) { groupByDimensionValues totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(
        found.body["data"]["companiesGroupBy"],
        json!([{"groupByDimensionValues": [null], "totalCount": 2}]),
        "{}",
        found.body
    );
}

#[tokio::test]
async fn there_are_as_many_groups_as_the_limit_says() {
    let fixture = Fixture::create().await;
    let names = (0..60).map(|number| json!({"name": format!("n{number}")})).collect::<Json>();
    assert_eq!(fixture.client.post("/rest/batch/parcels", names).await.outcome(), "201");
    for (limit, expected) in [(None, 50), (Some("2"), 2), (Some("0"), 50), (Some(""), 50), (Some("1000"), 65)]
    {
        let mut parameters = vec![("group_by", r#"[{"name":true}]"#)];
        parameters.extend(limit.map(|limit| ("limit", limit)));
        let found = fixture.rest(&parameters).await;
        assert_eq!(groups(&found).count(), expected, "{limit:?}");
    }
    for (limit, expected) in [
        (json!(null), 50),
        (json!(2), 2),
        (json!(0), 50),
        (json!(-3), 50),
        (json!("7"), 50),
        (json!(20_000), 65),
    ] {
        let found = fixture.graphql(json!({"by": {"name": true}, "limit": limit}), "totalCount").await;
        assert_eq!(groups(&found).count(), expected, "{limit}");
    }
}
