//! Documents that hang together as GraphQL, of names that may mean something where they stand.

use serde_json::{Value as Json, json};

use crate::records::tests::random::Random;

const ROOTS: [&str; 16] = [
    "parcels",
    "parcel",
    "companies",
    "company",
    "createParcel",
    "createParcels",
    "updateParcel",
    "updateParcels",
    "deleteParcel",
    "deleteParcels",
    "restoreParcels",
    "destroyParcel",
    "parcelsNowhere",
    "workspaceMembers",
    "__typename",
    "__type",
];

const ARGUMENTS: [&str; 12] = [
    "filter", "orderBy", "first", "last", "after", "before", "offset", "data", "id", "upsert", "name",
    "colour",
];

const FIELDS: [&str; 24] = [
    "id",
    "name",
    "edges",
    "node",
    "cursor",
    "pageInfo",
    "hasNextPage",
    "totalCount",
    "owner",
    "ownerId",
    "parcels",
    "price",
    "amountMicros",
    "driver",
    "firstName",
    "tags",
    "payload",
    "createdBy",
    "context",
    "maxArrivesAt",
    "percentageEmptyName",
    "sumPriceAmountMicros",
    "__typename",
    "nowhere",
];

/// A query or a mutation of a few root fields, with a fragment that some selections use.
pub(super) fn document(random: &mut Random) -> String {
    let kind = *random.one_of(&["query", "query", "mutation"]);
    let roots: String = (0..=random.below(3)).map(|_| root(random)).collect();
    let fragment = selection(random, 2);
    format!("{kind} Q($f: F, $d: D, $flag: B = true) {{ {roots} }} fragment Some on Any {fragment}")
}

fn root(random: &mut Random) -> String {
    let name = *random.one_of(&ROOTS);
    let selected = if name == "__typename" { String::new() } else { selection(random, 5) };
    format!("{}{name}{}{}{selected} ", alias(random), arguments(random, 0.8), directive(random))
}

/// Fields with selections of their own, so that connections, records and composites are met at all depths.
fn selection(random: &mut Random, depth: usize) -> String {
    // What connections and edges have, most of the time.
    let fields: String = match random.below(6) {
        0..3 if depth > 2 => {
            let node = selection(random, depth - 2);
            format!("totalCount edges {{ cursor node {node} }} ")
        }
        _ => (0..=random.below(4)).map(|_| field(random, depth)).collect(),
    };
    format!(" {{ {fields} }}")
}

fn field(random: &mut Random, depth: usize) -> String {
    if random.chance(0.1) {
        return format!("...Some{} ", directive(random));
    }
    if depth > 0 && random.chance(0.1) {
        return format!("... on Parcel{}{} ", directive(random), selection(random, depth - 1));
    }
    let below = if depth > 0 && random.chance(0.4) { selection(random, depth - 1) } else { String::new() };
    let name = *random.one_of(&FIELDS);
    format!("{}{name}{}{}{below} ", alias(random), arguments(random, 0.1), directive(random))
}

fn alias(random: &mut Random) -> &'static str {
    match random.below(10) {
        0 => "a: ",
        1 => "b: ",
        _ => "",
    }
}

fn directive(random: &mut Random) -> &'static str {
    match random.below(16) {
        0 => " @include(if: $flag)",
        1 => " @skip(if: $flag)",
        2 => " @skip(if: $absent)",
        3 => " @unknown(if: 5)",
        _ => "",
    }
}

fn arguments(random: &mut Random, probability: f64) -> String {
    let mut given: Vec<String> = Vec::new();
    while given.len() < 3 && random.chance(probability) {
        let name = *random.one_of(&ARGUMENTS);
        if given.iter().any(|known| known.starts_with(name)) {
            continue;
        }
        given.push(format!("{name}: {}", value(random, name)));
    }
    if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
}

/// A value that fits the argument, or none.
fn value(random: &mut Random, name: &str) -> String {
    let fitting = match name {
        "filter" => "$f".to_owned(),
        "data" => (*random.one_of(&["$d", "[$d]", "{name: $absent}"])).to_owned(),
        "first" | "last" | "offset" => random.below(4).to_string(),
        "orderBy" => {
            (*random.one_of(&["{name: AscNullsLast}", "[{owner: {name: DescNullsFirst}}]"])).to_owned()
        }
        "upsert" => "true".to_owned(),
        _ => "\"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\"".to_owned(),
    };
    if random.chance(0.75) { fitting } else { literal(&random.json(2)) }
}

/// JSON as a literal: names without quotes.
fn literal(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", literal(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[test]
fn most_documents_parse() {
    let parsed = (0..200).filter(|seed| {
        let document = document(&mut Random::new(*seed));
        super::super::document::parse(&document).is_ok()
    });
    assert!(150 < parsed.count());
    assert_eq!(literal(&json!({"a": [1, "b"]})), r#"{a: [1, "b"]}"#);
}
