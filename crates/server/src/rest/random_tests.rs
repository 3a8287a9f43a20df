//! Whatever a client sends over REST, the server answers JSON and never blames itself, and what it refuses
//! changes nothing.

use axum::body::{Bytes, to_bytes};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::records::{RecordRequest, handle};
use crate::records::tests::groups::{dimension, group_order};
use crate::records::tests::random::Random;
use crate::records::tests::samples::{ORDERS, Samples, company, parcel};

const ROUNDS: u64 = 600;

const FILTERS: [&str; 20] = [
    "name[eq]:Acme",
    "name[in]:[Acme,\"a,b\"]",
    "name[startsWith]:100%",
    "weight[gte]:1e308",
    "score[in]:[1,2,NaN]",
    "shippedOn[lt]:2026-03-01",
    "arrivesAt[gt]:\"2026-03-01T00:00:00Z\"",
    "stage[gt]:NEW",
    "rating[in]:[RATING_1]",
    "tags[containsAny]:[COLD]",
    "words[is]:NULL",
    "payload[like]:%a%",
    "isFragile[eq]:true",
    "price.amountMicros[gt]:9223372036854775807",
    "driver.firstName[ilike]:%E%",
    "mail.additionalEmails[like]:%c@%",
    "owner.name[neq]:Acme",
    "ownerId[eq]:7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11",
    "not(or(name[is]:NULL,deletedAt[is]:NOT_NULL))",
    "createdBy.source[in]:[API,IMPORT]",
];

#[tokio::test]
async fn no_request_is_an_internal_error() {
    let samples = Samples::create().await;
    samples.fill(&mut Random::new(1), 10).await;
    let mut outcomes = [0, 0];
    let mut stored = samples.dump();
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let (method, path) = random.one_of(&[
            (Method::GET, "/parcels"),
            (Method::GET, "/parcels"),
            (Method::GET, "/parcels/groupBy"),
            (Method::GET, "/parcels/groupBy"),
            (Method::POST, "/parcels"),
            (Method::POST, "/batch/parcels"),
            (Method::PATCH, "/parcels"),
            (Method::DELETE, "/parcels"),
            (Method::PATCH, "/restore/parcels"),
            (Method::POST, "/companies/duplicates"),
            (Method::PATCH, "/companies/merge"),
        ]);
        let query = if path.ends_with("groupBy") { groups(random) } else { query(random) };
        let body = match *path {
            "/companies/duplicates" => probes(random),
            "/companies/merge" => {
                let body = samples.merge(random).await;
                stored = samples.dump();
                body
            }
            _ => body(random),
        };
        let body = body.to_string();
        let body = if random.chance(0.05) { random.garbled(&body) } else { body };
        let request = RecordRequest {
            method,
            path,
            query: Some(&query),
            headers: &HeaderMap::new(),
            body: Bytes::from(body.clone()),
            max_batch: 60,
        };
        let case = format!("seed {seed}: {method} {path}?{query} {body}");
        match handle(samples.caller(), request).await {
            Ok(response) => {
                let answer = to_bytes(response.into_body(), usize::MAX).await.unwrap();
                assert!(serde_json::from_slice::<Json>(&answer).is_ok(), "{case}");
                outcomes[0] += 1;
            }
            Err(error) => {
                assert!(!error.code.row().status.is_server_error(), "{case}: {error:?}");
                assert_eq!(samples.dump(), stored, "{case}: refused, but something changed");
                outcomes[1] += 1;
            }
        }
        stored = samples.dump();
    }
    // Requests that all fail at the first check would prove little.
    assert!(outcomes.iter().all(|count| ROUNDS / 10 < *count), "{outcomes:?}");
}

fn query(random: &mut Random) -> String {
    let mut pairs = vec!["soft_delete=true".to_owned()];
    if random.chance(0.3) {
        pairs.push("upsert=true".into());
    }
    let filters: Vec<&str> = (0..=random.below(2)).map(|_| *random.one_of(&FILTERS)).collect();
    let filter = maybe_garbled(random, &filters.join(","));
    if random.chance(0.8) {
        pairs.push(format!("filter={}", escaped(&filter)));
    }
    let order = *random.one_of(&ORDERS);
    if random.chance(0.5) {
        let direction = *random.one_of(&["", "[AscNullsLast]", "[DescNullsFirst]"]);
        let text = maybe_garbled(random, &format!("{order}{direction}"));
        pairs.push(format!("order_by={}", escaped(&text)));
    }
    if random.chance(0.4) {
        let parameter = *random.one_of(&["starting_after", "ending_before"]);
        pairs.push(format!("{parameter}={}", escaped(&cursor(random, order))));
    }
    if random.chance(0.3) {
        let limit = *random.one_of(&["0", "1", "200", "18446744073709551615", "-1", "x"]);
        pairs.push(format!("limit={limit}"));
    }
    if random.chance(0.3) {
        pairs.push("depth=1".into());
    }
    pairs.join("&")
}

/// The parameters of groups, some of them garbled.
fn groups(random: &mut Random) -> String {
    let by: Json = (0..=random.below(2)).map(|_| dimension(random)).collect();
    let order: Json = (0..random.below(3)).map(|_| group_order(random)).collect();
    let figures = json!([*random.one_of(&[
        "totalCount",
        "sumWeight",
        "avgPriceAmountMicros",
        "minName",
        "maxArrivesAt"
    ])]);
    let mut pairs = Vec::new();
    for (name, value) in [("group_by", by), ("order_by", order), ("aggregate", figures)] {
        let text = if random.chance(0.1) { random.garbled(&value.to_string()) } else { value.to_string() };
        if random.chance(0.9) {
            pairs.push(format!("{name}={}", escaped(&text)));
        }
    }
    let filter = *random.one_of(&FILTERS);
    let direction = *random.one_of(&["", "[DescNullsLast]", "[Down]"]);
    for (name, value) in [
        ("filter", maybe_garbled(random, filter)),
        ("order_by_for_records", format!("{}{direction}", random.one_of(&ORDERS))),
        ("include_records_sample", "true".into()),
        ("omit_null_values", "true".into()),
        ("limit", (*random.one_of(&["0", "1", "200", "x"])).into()),
    ] {
        if random.chance(0.4) {
            pairs.push(format!("{name}={}", escaped(&value)));
        }
    }
    pairs.join("&")
}

/// A cursor for this order, with any value in it.
fn cursor(random: &mut Random, order: &str) -> String {
    let mut keys = json!({"id": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"});
    let value = random.json(1);
    let nested = order.split('.').rev().fold(value, |below, name| json!({name: below}));
    if let (Json::Object(keys), Json::Object(nested)) = (&mut keys, nested) {
        keys.extend(nested);
    }
    let text = STANDARD.encode(keys.to_string());
    if random.chance(0.2) { random.garbled(&text) } else { text }
}

fn body(random: &mut Random) -> Json {
    let mut record = Json::Object(parcel(random, &["7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11".into()]));
    record["ownerId"] = Json::Null;
    for _ in 0..random.below(3) {
        let name = random.one_of(&ORDERS).split('.').next().unwrap_or_default();
        record[name] = random.json(2);
    }
    if random.chance(0.2) {
        record["owner"] = json!({"connect": {"where": {"id": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}}});
        record.as_object_mut().map(|record| record.shift_remove("ownerId"));
    }
    match random.below(10) {
        0..3 => json!([record]),
        // A batch fails as a whole, whichever of its records is wrong.
        3 => json!([{"name": "first"}, record, {"name": "last"}]),
        _ => record,
    }
}

fn probes(random: &mut Random) -> Json {
    let mut body = json!({});
    if random.chance(0.5) {
        body["ids"] = json!(["7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11", random.json(1)]);
    }
    if random.chance(0.6) {
        body["data"] = (0..random.below(4)).map(|_| Json::Object(company(random))).collect();
    }
    body
}

fn maybe_garbled(random: &mut Random, text: &str) -> String {
    if random.chance(0.3) { random.garbled(text) } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
