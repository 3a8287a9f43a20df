//! Random groups of samples.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::requests::{DIRECTIONS, Request, Requests, graphql, rest};
use super::values::Values;

/// What samples can be grouped by as it is, as a path.
const PLAIN: [&str; 17] = [
    "text",
    "code",
    "number",
    "flag",
    "stage",
    "tags",
    "words",
    "reference",
    "fullName.firstName",
    "mails.primaryEmail",
    "site.primaryLinkUrl",
    "price.amountMicros",
    "price.currencyCode",
    "place.addressLat",
    "ownerId",
    "owner.id",
    "owner.name",
];

const GRANULARITIES: [&str; 9] = [
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "DAY_OF_THE_WEEK",
    "MONTH_OF_THE_YEAR",
    "QUARTER_OF_THE_YEAR",
    "NONE",
];

/// Whole hours, half hours, summer times of either half of the year, and one that is no zone.
const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Moon/Crater",
];

const FIGURES: [&str; 12] = [
    "totalCount",
    "sumNumber",
    "avgNumber",
    "minNumber",
    "countUniqueValuesText",
    "countUniqueValuesPrice",
    "countEmptyWords",
    "percentageEmptyText",
    "countTrueFlag",
    "maxDay",
    "minMoment",
    "sumPriceAmountMicros",
];

impl Requests {
    /// Groups, over either door.
    pub(super) fn groups(&mut self) -> Request {
        let filter = self.filter(1);
        let order_of_records = self.order();
        let mut values = self.values();
        let count = values.below(3) + 1;
        let (dimensions, orders): (Vec<Json>, Vec<Json>) = (0..count).map(|_| dimension(&mut values)).unzip();
        let mut order: Vec<Json> = orders.into_iter().filter(|_| values.chance(60)).collect();
        if values.chance(50) {
            let figure = values.one_of(&FIGURES);
            order.insert(0, json!({"aggregate": {figure: values.one_of(&DIRECTIONS)}}));
        }
        let limit = values.below(12) + 1;
        if values.chance(40) {
            return groups_over_rest(&mut values, &dimensions, &order, limit);
        }
        let records = if values.chance(50) {
            "pageInfo { hasNextPage startCursor } edges { cursor node { id code number owner { name } } }"
        } else {
            "countNotEmptyWords"
        };
        let document = format!(
            "query Q($by: [SampleGroupByInput!]!, $filter: SampleFilterInput, $order: [SampleOrderByWithGroupByInput!], \
             $records: [SampleOrderByInput], $limit: Int, $offset: Int) \
             {{ samplesGroupBy(groupBy: $by, filter: $filter, orderBy: $order, orderByForRecords: $records, \
             limit: $limit, offsetForRecords: $offset) {{ groupByDimensionValues {} {records} }} }}",
            FIGURES.join(" ")
        );
        let offset = if values.chance(30) { json!(values.below(4)) } else { Json::Null };
        let variables = json!({
            "by": dimensions, "filter": filter, "order": order, "records": order_of_records, "limit": limit,
            "offset": offset,
        });
        graphql("groups over GraphQL", &document, variables)
    }
}

fn groups_over_rest(values: &mut Values<'_>, dimensions: &[Json], order: &[Json], limit: usize) -> Request {
    let mut query = vec![
        ("group_by", json!(dimensions).to_string()),
        ("order_by", json!(order).to_string()),
        ("aggregate", json!(FIGURES).to_string()),
        ("limit", limit.to_string()),
        ("include_records_sample", values.chance(50).to_string()),
        ("omit_null_values", values.chance(20).to_string()),
    ];
    if values.chance(30) {
        query.push(("filter", format!("text[ilike]:\"%{}%\"", values.word())));
    }
    let mut request = rest("groups over REST", Method::GET, "/rest/samples/groupBy", Json::Null);
    request.query = query;
    request
}

/// A dimension, and the order that follows it.
fn dimension(values: &mut Values<'_>) -> (Json, Json) {
    let direction = json!(values.one_of(&DIRECTIONS));
    match values.below(10) {
        0 => {
            let name = values.one_of(&["tags", "words"]);
            (json!({name: {"unnest": true}}), json!({name: direction}))
        }
        1..=4 => {
            let path = values.one_of(&["day", "moment", "createdAt", "owner.createdAt"]);
            let granularity = values.one_of(&GRANULARITIES);
            let mut by = json!({"granularity": granularity});
            if values.chance(95) {
                let known = if values.chance(95) { &ZONES[..7] } else { &ZONES[7..] };
                by["timeZone"] = json!(values.one_of(known));
            }
            if values.chance(50) {
                by["weekStartDay"] = json!(values.one_of(&["MONDAY", "SUNDAY", "SATURDAY"]));
            }
            (nested(path, by), nested(path, json!({"granularity": granularity, "orderBy": direction})))
        }
        _ => {
            let path = values.one_of(&PLAIN);
            (nested(path, json!(true)), nested(path, direction))
        }
    }
}

fn nested(path: &str, value: Json) -> Json {
    path.rsplit('.').fold(value, |below, name| json!({name: below}))
}
