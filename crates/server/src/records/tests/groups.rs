//! Random things to group parcels by, and orders of such groups.

use serde_json::{Value as Json, json};

use super::random::Random;
use super::samples::ORDERS;

const GRANULARITIES: [&str; 6] = ["DAY", "WEEK", "YEAR", "DAY_OF_THE_WEEK", "NONE", "HOUR"];

const DIRECTIONS: [&str; 3] = ["AscNullsFirst", "DescNullsLast", "Upwards"];

/// One thing to group by: mostly one that exists.
pub(crate) fn dimension(random: &mut Random) -> Json {
    match random.below(10) {
        0 => random.json(2),
        1 => json!({*random.one_of(&["tags", "words", "name"]): {"unnest": true}}),
        2..5 => {
            let path = *random.one_of(&["shippedOn", "arrivesAt", "owner.createdAt", "weight"]);
            let zone = *random.one_of(&["UTC", "Asia/Kathmandu", "Nowhere"]);
            let by = json!({
                "granularity": random.one_of(&GRANULARITIES), "timeZone": zone, "weekStartDay": "SUNDAY",
            });
            nested(path, by)
        }
        _ => {
            let path = *random.one_of(&ORDERS);
            nested(path, json!(true))
        }
    }
}

/// One criterion of an order of groups.
pub(crate) fn group_order(random: &mut Random) -> Json {
    let direction = *random.one_of(&DIRECTIONS);
    match random.below(5) {
        0 => random.json(2),
        1 => {
            json!({"aggregate": {*random.one_of(&["totalCount", "sumWeight", "countEmptyName", "sumName"]): direction}})
        }
        2 => json!({"arrivesAt": {"granularity": random.one_of(&GRANULARITIES), "orderBy": direction}}),
        _ => {
            let path = *random.one_of(&ORDERS);
            nested(path, json!(direction))
        }
    }
}

fn nested(path: &str, value: Json) -> Json {
    path.rsplit('.').fold(value, |below, name| json!({name: below}))
}
