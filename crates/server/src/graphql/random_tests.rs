//! Whatever a document asks for, the server answers JSON and never blames itself.

use axum::body::to_bytes;
use serde_json::{Map, Value as Json, json};

use super::GraphqlRequest;
use super::core::{CoreRequest, handle};
use crate::records::tests::random::Random;
use crate::records::tests::samples::{Samples, members, parcel};

const ROUNDS: u64 = 800;

/// Names that mean something in filters, orders and data, and some that mean nothing.
const NAMES: [&str; 22] = [
    "and",
    "or",
    "not",
    "name",
    "weight",
    "score",
    "stage",
    "rating",
    "tags",
    "words",
    "payload",
    "price",
    "amountMicros",
    "driver",
    "firstName",
    "owner",
    "ownerId",
    "deletedAt",
    "address",
    "addressCity",
    "id",
    "nmae",
];

const OPERATORS: [&str; 15] = [
    "eq",
    "neq",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "is",
    "like",
    "ilike",
    "startsWith",
    "endsWith",
    "containsAny",
    "containsIlike",
    "isEmptyArray",
];

const DOCUMENTS: [&str; 8] = [
    "query($f: F, $o: O, $a: A, $n: N) { parcels(filter: $f, orderBy: $o, after: $a, first: $n) { totalCount edges { cursor node { id name owner { name } } } pageInfo { endCursor } } }",
    "query($f: F, $o: O, $a: A, $n: N) { parcels(filter: $f, orderBy: $o, before: $a, last: $n, offset: $n) { edges { cursor } } }",
    "query($f: F, $o: O, $n: N) { companies { edges { node { name parcels(filter: $f, orderBy: $o, first: $n) { totalCount edges { node { id owner { id } } } } } } } }",
    "query($f: F) { parcel(filter: $f) { price tags words payload createdBy { name } nothing } }",
    "mutation($d: D) { createParcel(data: $d) { id owner { name } } }",
    "mutation($d: D) { createParcels(data: [$d, $d]) { id } }",
    "mutation($f: F, $d: D) { updateParcels(filter: $f, data: $d) { id } }",
    "mutation($f: F) { deleteParcels(filter: $f) { id } restoreParcels(filter: $f) { id } }",
];

#[tokio::test]
async fn no_document_is_an_internal_error() {
    let samples = Samples::create().await;
    samples.fill(&mut Random::new(1), 10).await;
    let mut outcomes = [0, 0];
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let document = *random.one_of(&DOCUMENTS);
        let query = if random.chance(0.1) { random.garbled(document) } else { document.to_owned() };
        let variables = variables(random);
        let case = format!("seed {seed}: {query} {}", Json::from(variables.clone()));
        let document = GraphqlRequest { query, variables, operation_name: None };
        let request = CoreRequest { document, is_strict: false, max_batch: 60 };
        let response = handle(samples.caller(), request).await;
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let answer: Json = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{case}: {error}"));
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let is_ours = |error: &Json| error["extensions"]["code"] == "INTERNAL_SERVER_ERROR";
        assert!(!errors.iter().any(is_ours), "{case}: {answer}");
        outcomes[usize::from(errors.is_empty())] += 1;
    }
    // Documents that all fail at the first check would prove little.
    assert!(outcomes.iter().all(|count| ROUNDS / 10 < *count), "{outcomes:?}");
}

fn variables(random: &mut Random) -> Map<String, Json> {
    let mut data = Json::Object(parcel(random, &["7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11".into()]));
    data["ownerId"] = Json::Null;
    if random.chance(0.3) {
        data[*random.one_of(&NAMES)] = random.json(2);
    }
    members(json!({
        "f": filter(random, 3),
        "o": order(random),
        "a": if random.chance(0.2) { random.json(0) } else { Json::Null },
        "n": if random.chance(0.2) { random.json(1) } else { json!(random.below(4)) },
        "d": data,
    }))
}

fn filter(random: &mut Random, depth: usize) -> Json {
    if depth == 0 || random.chance(0.1) {
        return random.json(1);
    }
    match random.below(10) {
        0 => (0..random.below(3)).map(|_| filter(random, depth - 1)).collect(),
        1..4 => json!({*random.one_of(&NAMES): filter(random, depth - 1)}),
        4 => json!({*random.one_of(&NAMES): {*random.one_of(&OPERATORS): random.json(1)}}),
        5 => json!({"owner": {"name": {*random.one_of(&OPERATORS): random.text()}}}),
        6 => json!({"weight": {"gt": random.float()}, "score": {"neq": random.below(3)}}),
        7 => json!({"not": {"stage": {*random.one_of(&OPERATORS): "NEW"}}}),
        8 => json!({"words": {"containsIlike": random.text()}}),
        _ => json!({"or": [{"tags": {"containsAny": ["COLD"]}}, {"name": {"is": "NULL"}}]}),
    }
}

fn order(random: &mut Random) -> Json {
    let direction = *random.one_of(&["AscNullsFirst", "DescNullsLast", "Upwards"]);
    match random.below(5) {
        0 => Json::Null,
        1 => json!({*random.one_of(&NAMES): direction}),
        2 => json!([{"name": "AscNullsLast"}, {*random.one_of(&NAMES): {*random.one_of(&NAMES): direction}}]),
        3 => json!([{"owner": {"address": {"addressCity": "DescNullsFirst"}}}]),
        _ => random.json(2),
    }
}
