//! What is refused, with which codes.

use serde_json::{Value as Json, json};

use super::fixture::{Fixture, document};
use crate::outcome::assert_outcome;

const BAD: &str = "400 BadRequestException";
const ORDER: &str = "400 UserInputError";
const INPUT: &str = "200 BAD_USER_INPUT INVALID_QUERY_INPUT";

const UNKNOWN: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

#[tokio::test]
async fn parameters_that_are_refused() {
    let fixture = Fixture::create().await;
    let by = ("group_by", r#"[{"stage":true}]"#);
    let long = format!("[{}]", vec![r#"{"stage":true}"#; 17].join(","));
    let deep = format!("{}true{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for (case, parameters, outcome) in [
        ("no group_by", vec![], BAD),
        ("an empty group_by", vec![("group_by", "")], BAD),
        ("two group_by", vec![by, by], BAD),
        ("nothing to group by", vec![("group_by", "[]")], BAD),
        ("half a document", vec![("group_by", "[{")], BAD),
        ("a text", vec![("group_by", r#""stage""#)], BAD),
        ("too deep", vec![("group_by", deep.as_str())], BAD),
        ("too many", vec![("group_by", long.as_str())], BAD),
        ("an unknown field", vec![("group_by", r#"[{"colour":true}]"#)], BAD),
        ("the id", vec![("group_by", r#"[{"id":true}]"#)], BAD),
        ("the position", vec![("group_by", r#"[{"position":true}]"#)], BAD),
        ("JSON", vec![("group_by", r#"[{"payload":true}]"#)], BAD),
        ("who made it", vec![("group_by", r#"[{"createdBy":{"name":true}}]"#)], BAD),
        ("two fields in one", vec![("group_by", r#"[{"stage":true,"name":true}]"#)], BAD),
        ("a composite", vec![("group_by", r#"[{"size":true}]"#)], BAD),
        ("a relation", vec![("group_by", r#"[{"owner":true}]"#)], BAD),
        ("a relation of a relation", vec![("group_by", r#"[{"owner":{"accountOwner":{"id":true}}}]"#)], BAD),
        ("a list of records", vec![("group_by", r#"[{"noteTargets":true}]"#)], BAD),
        ("no time zone", vec![("group_by", r#"[{"arrivesAt":{"granularity":"DAY"}}]"#)], BAD),
        (
            "no place",
            vec![("group_by", r#"[{"arrivesAt":{"granularity":"DAY","timeZone":"Moon/Crater"}}]"#)],
            BAD,
        ),
        (
            "a number for a place",
            vec![("group_by", r#"[{"arrivesAt":{"granularity":"DAY","timeZone":2}}]"#)],
            BAD,
        ),
        ("an unknown granularity", vec![("group_by", r#"[{"arrivesAt":{"granularity":"HOUR"}}]"#)], BAD),
        ("an unknown aggregate", vec![by, ("aggregate", r#"["sumStage"]"#)], BAD),
        ("an aggregate that is no text", vec![by, ("aggregate", "[1]")], BAD),
        ("aggregates that are no list", vec![by, ("aggregate", r#""totalCount""#)], BAD),
        ("aggregates that are no JSON", vec![by, ("aggregate", "totalCount")], BAD),
        ("a bad filter", vec![by, ("filter", "colour[eq]:red")], BAD),
        ("a bad limit", vec![by, ("limit", "many")], BAD),
        ("a negative limit", vec![by, ("limit", "-1")], BAD),
        ("an order that is no JSON", vec![by, ("order_by", "stage[AscNullsFirst]")], BAD),
        ("an order by another field", vec![by, ("order_by", r#"[{"name":"AscNullsFirst"}]"#)], ORDER),
        ("an order by an unknown field", vec![by, ("order_by", r#"[{"colour":"AscNullsFirst"}]"#)], ORDER),
        ("an unknown direction", vec![by, ("order_by", r#"[{"stage":"Up"}]"#)], ORDER),
        (
            "an order by an unknown aggregate",
            vec![by, ("order_by", r#"[{"aggregate":{"sumStage":"AscNullsFirst"}}]"#)],
            ORDER,
        ),
        ("a bad order of records", vec![by, ("order_by_for_records", "colour")], "400 Error FIELD_NOT_FOUND"),
        ("a bad direction of records", vec![by, ("order_by_for_records", "name[Up]")], BAD),
        ("an unknown view", vec![by, ("viewId", UNKNOWN)], "404 NotFoundException"),
        ("an unknown view by its other name", vec![by, ("view_id", UNKNOWN)], "404 NotFoundException"),
        ("a view that is no id", vec![by, ("viewId", "mine")], BAD),
    ] {
        assert_outcome(&fixture.client.get_with("/rest/parcels/groupBy", &parameters).await, outcome, case);
    }
    let posted = fixture.client.post("/rest/parcels/groupBy", json!({})).await;
    assert_outcome(&posted, BAD, "a POST");
}

#[tokio::test]
async fn arguments_that_are_refused() {
    let fixture = Fixture::create().await;
    let order = "200 BAD_USER_INPUT";
    let by = json!({"stage": true});
    let month = json!({"arrivesAt": {"granularity": "MONTH", "timeZone": "UTC"}});
    for (case, variables, outcome) in [
        ("nothing to group by", json!({}), INPUT),
        ("an empty list", json!({"by": []}), INPUT),
        ("a number", json!({"by": 5}), INPUT),
        ("two fields in one", json!({"by": {"stage": true, "name": true}}), INPUT),
        ("an unknown field", json!({"by": {"colour": true}}), INPUT),
        ("a date as it is", json!({"by": {"shippedOn": true}}), INPUT),
        (
            "no time zone",
            json!({"by": {"arrivesAt": {"granularity": "WEEK"}}}),
            "200 BAD_USER_INPUT MISSING_TIMEZONE_FOR_DATE_GROUP_BY",
        ),
        (
            "a place in another case",
            json!({"by": {"arrivesAt": {"granularity": "WEEK", "timeZone": "europe/berlin"}}}),
            "200 BAD_USER_INPUT INVALID_TIMEZONE",
        ),
        (
            "no place, where none is needed",
            json!({"by": {"owner": {"createdAt": {"granularity": "DAY", "timeZone": "Nowhere"}}}}),
            "200 BAD_USER_INPUT INVALID_TIMEZONE",
        ),
        ("a bad offset", json!({"by": by, "offset": -1}), INPUT),
        (
            "a bad filter",
            json!({"by": by, "filter": {"colour": {"eq": 1}}}),
            "200 BAD_USER_INPUT INVALID_ARGS_FILTER",
        ),
        ("an order by another field", json!({"by": by, "order": [{"name": "AscNullsFirst"}]}), order),
        (
            "another part of it",
            json!({"by": {"size": {"currencyCode": true}}, "order": {"size": {"amountMicros": "AscNullsFirst"}}}),
            order,
        ),
        (
            "two fields",
            json!({"by": by, "order": {"stage": "AscNullsFirst", "name": "AscNullsFirst"}}),
            order,
        ),
        (
            "two aggregates",
            json!({"by": by, "order": {"aggregate": {"totalCount": "AscNullsFirst", "avgWeight": "AscNullsFirst"}}}),
            order,
        ),
        (
            "another granularity",
            json!({"by": month, "order": {"arrivesAt": {"granularity": "DAY", "orderBy": "AscNullsFirst"}}}),
            order,
        ),
        ("no granularity", json!({"by": month, "order": {"arrivesAt": {"orderBy": "AscNullsFirst"}}}), order),
        (
            "a granularity alone",
            json!({"by": month, "order": {"arrivesAt": {"granularity": "MONTH"}}}),
            order,
        ),
        ("a direction alone", json!({"by": month, "order": {"arrivesAt": "AscNullsFirst"}}), order),
        ("a label of nothing", json!({"by": by, "order": {"owner": {"name": "AscNullsFirst"}}}), order),
        (
            "a bad order of records",
            json!({"by": by, "records": {"colour": "AscNullsFirst"}}),
            "200 BAD_USER_INPUT FIELD_NOT_FOUND",
        ),
        ("an unknown view", json!({"by": by, "view": UNKNOWN}), "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("a view that is no id", json!({"by": by, "view": "mine"}), INPUT),
    ] {
        let answer = fixture.client.graphql(&document("totalCount"), variables).await;
        assert_outcome(&answer, outcome, case);
        assert_eq!(answer.body["data"], json!({"parcelsGroupBy": null}), "{case}");
    }
    for (case, document, outcome) in [
        ("an unknown argument", "{ parcelsGroupBy(groupBy: {stage: true}, first: 5) { totalCount } }", INPUT),
        ("no selection", "{ parcelsGroupBy(groupBy: {stage: true}) }", "200 *"),
        (
            "the singular",
            "{ parcelGroupBy(groupBy: {stage: true}) { totalCount } }",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        assert_outcome(&fixture.client.graphql(document, json!({})).await, outcome, case);
    }
}

#[tokio::test]
async fn records_of_many_groups_are_too_much_at_once() {
    let fixture = Fixture::create().await;
    let selection = "edges { node { owner { accountOwner { id } } } }";
    let too_complex = "200 BAD_USER_INPUT TOO_COMPLEX_QUERY";
    for (limit, selection, outcome) in [
        (json!(666), selection, "200"),
        (json!(667), selection, too_complex),
        (json!(1999), "edges { node { id } }", "200"),
        (json!(2000), "edges { node { id } }", too_complex),
        (json!(9999), "totalCount", "200"),
    ] {
        let variables = json!({"by": {"name": true}, "limit": limit});
        let answer = fixture.client.graphql(&document(selection), variables).await;
        assert_outcome(&answer, outcome, &format!("{limit} {selection}"));
    }
    let lists =
        "edges { node { owner { people { edges { node { noteTargets { edges { node { id } } } } } } } } }";
    let answer = fixture.client.graphql(&document(lists), json!({"by": {"name": true}})).await;
    assert_outcome(&answer, too_complex, "a list in a list");
}

#[tokio::test]
async fn figures_that_do_not_exist_read_null_with_a_warning() {
    let fixture = Fixture::create().await;
    let variables = json!({"by": {"stage": true}, "limit": 1});
    let answer = fixture.client.graphql(&document("totalCount sumName"), variables).await;
    assert_eq!(answer.body["data"]["parcelsGroupBy"], json!([{"totalCount": 2, "sumName": null}]));
    let warning: &Json = answer.part("/extensions/warnings/0");
    assert_eq!(warning, "ParcelGroupByConnection has no field sumName; it reads null");
}
