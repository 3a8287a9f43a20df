//! Documents with random values, and documents that are random themselves: no answer blames the server,
//! what is refused changes nothing, and the pages of related records put together are the list.

mod documents;

use axum::body::to_bytes;
use axum::http::StatusCode;
use serde_json::{Map, Value as Json, json};

use super::GraphqlRequest;
use super::core::{CoreRequest, handle};
use crate::records::tests::groups::{dimension, group_order};
use crate::records::tests::random::Random;
use crate::records::tests::samples::{ORDERS, Samples, company, members, parcel};

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

const DOCUMENTS: [&str; 16] = [
    "query($f: F, $o: O, $a: A, $n: N) { parcels(filter: $f, orderBy: $o, after: $a, first: $n) { totalCount edges { cursor node { id name owner { name } } } pageInfo { endCursor } } }",
    "query($f: F, $o: O, $a: A, $n: N) { parcels(filter: $f, orderBy: $o, before: $a, last: $n, offset: $n) { edges { cursor } } }",
    "query($f: F, $o: O, $n: N) { companies { edges { node { name parcels(filter: $f, orderBy: $o, first: $n) { totalCount edges { node { id owner { id } } } } } } } }",
    "query($g: G, $h: H, $f: F, $n: N) { parcelsGroupBy(groupBy: $g, orderBy: $h, filter: $f, limit: $n) { groupByDimensionValues totalCount sumWeight countEmptyName } }",
    "query($g: G, $o: O, $n: N) { parcelsGroupBy(groupBy: $g, orderByForRecords: $o, offsetForRecords: $n) { groupByDimensionValues edges { cursor node { id owner { name parcels { totalCount } } } } pageInfo { endCursor } } }",
    "query($f: F) { parcel(filter: $f) { price tags words payload createdBy { name } nothing } }",
    "mutation($d: D) { createParcel(data: $d) { id owner { name } } }",
    "mutation($d: D) { createParcels(data: [$d, $d]) { id } }",
    "mutation($d: D) { createParcels(data: [{name: \"first\"}, $d, {name: \"last\"}], upsert: true) { id } }",
    "mutation($d: D) { createParcel(data: $d, upsert: true) { id price { amountMicros } } }",
    "mutation($d: D, $i: I) { updateParcel(id: $i, data: $d) { id owner { name } } }",
    "mutation($f: F) { destroyParcels(filter: $f) { id owner { name } } }",
    "mutation($f: F, $d: D) { updateParcels(filter: $f, data: $d) { id } }",
    "mutation($f: F) { deleteParcels(filter: $f) { id } restoreParcels(filter: $f) { id } }",
    "query($c: C, $i: I) { companyDuplicates(data: $c, ids: $i) { totalCount maxUpdatedAt edges { cursor node { name parcels { totalCount } } } } }",
    "mutation($m: M, $p: P, $r: R) { mergeCompanies(ids: $m, conflictPriorityIndex: $p, dryRun: $r) { id name parcels { edges { node { id } } } } }",
];

#[tokio::test]
async fn no_document_is_an_internal_error() {
    let samples = Samples::create().await;
    samples.fill(&mut Random::new(1), 10).await;
    let mut outcomes = [0, 0];
    let mut stored = samples.dump();
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        if seed % 100 == 99 {
            samples.fill(random, 5).await;
            stored = samples.dump();
        }
        let document = match random.chance(0.3) {
            true => documents::document(random),
            false => (*random.one_of(&DOCUMENTS)).to_owned(),
        };
        let query = if random.chance(0.1) { random.garbled(&document) } else { document };
        let mut variables = variables(random);
        if query.contains("merge") {
            let merge = samples.merge(random).await;
            stored = samples.dump();
            for (variable, member) in [("m", "ids"), ("p", "conflictPriorityIndex"), ("r", "dryRun")] {
                variables.insert(variable.into(), merge[member].clone());
            }
        }
        let case = format!("seed {seed}: {query} {}", Json::from(variables.clone()));
        let answer = answer(&samples, query, variables).await.unwrap_or_else(|| panic!("{case}"));
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let is_ours = |error: &Json| {
            matches!(error["extensions"]["code"].as_str(), None | Some("INTERNAL_SERVER_ERROR" | "TIMEOUT"))
        };
        assert!(!errors.iter().any(is_ours), "{case}: {answer}");
        let is_refused = answer["data"].as_object().is_none_or(|data| data.values().all(Json::is_null));
        let before = std::mem::replace(&mut stored, samples.dump());
        if is_refused {
            assert_eq!(stored, before, "{case}: refused, but something changed");
        }
        outcomes[usize::from(errors.is_empty())] += 1;
    }
    // Documents that all fail at the first check would prove little.
    assert!(outcomes.iter().all(|count| ROUNDS / 10 < *count), "{outcomes:?}");
}

/// What a document answers, if that is JSON.
async fn answer(samples: &Samples, query: String, variables: Map<String, Json>) -> Option<Json> {
    let document = GraphqlRequest { query, variables, operation_name: None };
    let request =
        CoreRequest { document, key: Ok(None), is_strict: false, max_batch: 60, refusal: StatusCode::OK };
    let response = handle(samples.caller(), request).await;
    serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.ok()?).ok()
}

fn variables(random: &mut Random) -> Map<String, Json> {
    let mut data = Json::Object(parcel(random, &["7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11".into()]));
    data["ownerId"] = Json::Null;
    if random.chance(0.3) {
        data[*random.one_of(&NAMES)] = random.json(2);
    }
    let probes: Json = (0..random.below(4)).map(|_| Json::Object(company(random))).collect();
    members(json!({
        "f": filter(random, 3),
        "o": order(random),
        "g": (0..=random.below(2)).map(|_| dimension(random)).collect::<Json>(),
        "h": (0..random.below(3)).map(|_| group_order(random)).collect::<Json>(),
        "i": if random.chance(0.2) { random.json(0) } else { json!("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11") },
        "a": if random.chance(0.2) { random.json(0) } else { Json::Null },
        "n": if random.chance(0.2) { random.json(1) } else { json!(random.below(4)) },
        "d": data,
        "c": if random.chance(0.2) { random.json(1) } else { probes },
        "i": if random.chance(0.2) { random.json(1) } else { Json::Null },
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

const PAGES: &str = "query($o: O, $n: N, $a: A, $b: B, $l: L) { companies { edges { node { id parcels(orderBy: $o, first: $n, after: $a, last: $l, before: $b) { totalCount edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } } }";

/// The page of the parcels of one company; all companies are asked, each gets a page of its own.
async fn page(samples: &Samples, company: &str, variables: Json) -> (Vec<String>, Json) {
    let answer = answer(samples, PAGES.into(), members(variables.clone())).await.unwrap();
    assert_eq!(answer["errors"], Json::Null, "{variables}");
    let companies = answer["data"]["companies"]["edges"].as_array().unwrap();
    let found = companies.iter().find(|edge| edge["node"]["id"] == company).unwrap();
    let parcels = &found["node"]["parcels"];
    let edges = parcels["edges"].as_array().unwrap();
    let ids = edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned());
    let mut facts = parcels["pageInfo"].clone();
    facts["totalCount"] = parcels["totalCount"].clone();
    (ids.collect(), facts)
}

#[tokio::test]
async fn pages_of_related_records_show_each_record_once_and_in_order() {
    let samples = Samples::create().await;
    let random = &mut Random::new(2);
    let companies = samples.make("company", vec![members(json!({})), members(json!({}))]).await;
    let parcels = (0..14).map(|_| {
        let mut parcel = parcel(random, &companies);
        parcel.shift_remove("deletedAt");
        parcel
    });
    samples.make("parcel", parcels.collect()).await;
    for (place, order) in ORDERS.into_iter().enumerate() {
        let direction = ["AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"][place % 4];
        let order = order.split('.').rev().fold(json!(direction), |below, name| json!({name: below}));
        let size = 1 + random.below(3);
        let (whole, facts) = page(&samples, &companies[0], json!({"o": order, "n": 100})).await;
        assert_eq!(facts["totalCount"], whole.len(), "{order}");
        let (mut forward, mut facts) = page(&samples, &companies[0], json!({"o": order, "n": size})).await;
        while facts["hasNextPage"] == true && forward.len() <= whole.len() {
            let next = json!({"o": order, "n": size, "a": facts["endCursor"]});
            let (ids, after) = page(&samples, &companies[0], next).await;
            forward.extend(ids);
            facts = after;
        }
        assert_eq!(forward, whole, "{order} forward by {size}");
        let mut backward = Vec::from_iter(whole.last().cloned());
        let (_, all) = page(&samples, &companies[0], json!({"o": order, "n": 100})).await;
        let mut before = all["endCursor"].clone();
        while backward.len() <= whole.len() {
            let previous = json!({"o": order, "l": size, "b": before});
            let (ids, facts) = page(&samples, &companies[0], previous).await;
            backward.splice(0..0, ids);
            if facts["hasPreviousPage"] == false {
                break;
            }
            before = facts["startCursor"].clone();
        }
        assert_eq!(backward, whole, "{order} backward by {size}");
    }
}
