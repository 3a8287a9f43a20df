//! Writes with one mistake somewhere: they are refused with a code, and every row stays as it was.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};

use crate::field_types::sample::Samples;
use crate::support::Response;

const ROUNDS: usize = 120;

const UNKNOWN_ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// What exists when the mistakes are made.
struct Known {
    /// A record with the code `taken` and values of many types.
    id: String,
    /// Another one, with the code `other`.
    other: String,
}

async fn known(samples: &Samples) -> Known {
    let company = json!({"name": "Acme", "domainName": {"primaryLinkUrl": "https://acme.example"}});
    let company = samples.client.post("/rest/companies", company).await.text("/data/createCompany/id");
    let mut taken = good_record();
    (taken["code"], taken["ownerId"]) = (json!("taken"), json!(company));
    let records = json!([taken, {"code": "other", "siteKey": {"primaryLinkUrl": "https://taken.example"}}]);
    let created = samples.client.post("/rest/batch/samples", records).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let id = |place: usize| created.text(&format!("/data/createSamples/{place}/id"));
    Known { id: id(0), other: id(1) }
}

fn good_record() -> Json {
    json!({
        "name": "good", "text": "Ωμέγα", "number": 1.5, "flag": true, "day": "2026-03-01",
        "moment": "2026-03-01T09:30:00.123Z", "stage": "NEW", "tags": ["COLD"], "words": ["a"],
        "extra": {"a": [1]}, "fullName": {"firstName": "Ana"},
        "mails": {"primaryEmail": "ana@mail.example"}, "tels": {"primaryPhoneNumber": "+33612345678"},
        "site": {"primaryLinkUrl": "acme.example"}, "price": {"amountMicros": 5, "currencyCode": "EUR"},
        "story": {"markdown": "# Gate"}, "position": "last",
    })
}

/// Members with one mistake: some the server sees at once, some only the database.
fn mistake(random: &mut StdRng, known: &Known) -> Json {
    let mistakes = [
        json!({"nmae": "A"}),
        json!({"text": 7}),
        json!({"number": "7"}),
        json!({"stage": "DREAM"}),
        json!({"tags": ["DREAM"]}),
        json!({"day": "2026-02-30"}),
        json!({"extra": "{"}),
        json!({"docs": [{"fileId": UNKNOWN_ID, "label": "Plan"}]}),
        json!({"mails": {"primaryEmail": "nobody"}}),
        json!({"tels": {"primaryPhoneNumber": "123456789"}}),
        json!({"site": {"secondaryLinks": [{"url": "mailto:a@b.example"}]}}),
        json!({"story": {"blocknote": "{}"}}),
        json!({"position": "middle"}),
        json!({"searchVector": "a"}),
        json!({"noteTargets": []}),
        json!({"text": "a\0b"}),
        json!({"createdBy": {"source": "DREAM"}}),
        json!({"code": "x".repeat(2001)}),
        json!({"siteKey": {"primaryLinkUrl": "https://taken.example/"}, "code": "taken"}),
        json!({"ownerId": UNKNOWN_ID}),
        json!({"ownerId": "one"}),
        json!({"owner": {"connect": {"where": {"id": UNKNOWN_ID}}}}),
        json!({"owner": {"connect": {"where": {"domainName": {"primaryLinkUrl": "nowhere.example"}}}}}),
        json!({"owner": {"connect": {"where": {"name": "Acme"}}}}),
        json!({"owner": {"name": "Acme"}}),
        json!({"id": "one"}),
        // A key of each: an upsert that matches both is refused, too.
        json!({"id": known.id, "code": "other"}),
    ];
    mistakes.choose(random).expect("there are some").clone()
}

fn with(mut record: Json, mistake: Json) -> Json {
    if let (Json::Object(record), Json::Object(mistake)) = (&mut record, mistake) {
        record.extend(mistake);
    }
    record
}

/// Sends a write that holds the mistake in one of the ways that there are.
async fn send(samples: &Samples, random: &mut StdRng, known: &Known, mistake: Json) -> (String, Response) {
    let client = &samples.client;
    let bad = match random.random_bool(0.5) {
        true => with(good_record(), mistake.clone()),
        false => mistake.clone(),
    };
    let mut batch: Vec<Json> = (0..random.random_range(0..4)).map(|_| good_record()).collect();
    batch.insert(random.random_range(0..=batch.len()), bad.clone());
    let upsert = random.random_bool(0.3);
    let flag = if upsert { "?upsert=true" } else { "" };
    // A change of a record keeps its own id.
    let mut change = mistake.as_object().cloned().unwrap_or_default();
    if change.get("id").is_some_and(|id| *id == json!(known.id)) {
        change = Map::from_iter([("id".into(), json!(known.other))]);
    }
    let graphql = |document: &str, variables: Json| {
        let document = document.to_owned();
        async move { (format!("{document} {variables}"), client.graphql(&document, variables).await) }
    };
    match random.random_range(0..8) {
        0 => {
            let path = format!("/rest/samples{flag}");
            (format!("POST {path} {bad}"), client.post(&path, bad).await)
        }
        1 | 2 => {
            let (path, batch) = (format!("/rest/batch/samples{flag}"), Json::from(batch));
            (format!("POST {path} {batch}"), client.post(&path, batch).await)
        }
        3 => {
            let (path, change) = (format!("/rest/samples/{}", known.id), Json::from(change));
            (format!("PATCH {path} {change}"), client.patch(&path, change).await)
        }
        4 => {
            let document = "mutation { updateSample(id: $id, data: $data) { id } }";
            graphql(document, json!({"id": known.id, "data": change})).await
        }
        5 => {
            let document = "mutation { updateSamples(filter: {}, data: $data) { id } }";
            // All records cannot have one value of a unique field either.
            graphql(document, json!({"data": with(json!({"code": "same"}), Json::from(change))})).await
        }
        6 => {
            let document = "mutation { createSample(data: $data, upsert: $upsert) { id } }";
            graphql(document, json!({"data": bad, "upsert": upsert})).await
        }
        _ => {
            let document = "mutation { createSamples(data: $data, upsert: $upsert) { id } }";
            graphql(document, json!({"data": batch, "upsert": upsert})).await
        }
    }
}

#[tokio::test]
async fn a_write_that_is_refused_leaves_every_row_as_it_was() {
    let samples = Samples::start().await;
    let known = known(&samples).await;
    let seed = rand::random_range(0..1_000_000);
    let random = &mut StdRng::seed_from_u64(seed);
    let before = samples.server.data().dump();
    assert!(before.lines().count() > 10, "{before}");
    for round in 0..ROUNDS {
        let mistake = mistake(random, &known);
        let (sent, answer) = send(&samples, random, &known, mistake).await;
        let case = format!("round {round} of seed {seed}: {sent}: {}", answer.body);
        let outcome = answer.outcome();
        let is_refused = outcome.starts_with("400 ") || outcome.starts_with("200 BAD_USER_INPUT");
        assert!(is_refused, "{outcome} {case}");
        assert_eq!(samples.server.data().dump(), before, "{case}");
    }
    let renamed = samples.client.patch(&format!("/rest/samples/{}", known.id), json!({"name": "new"})).await;
    assert_eq!(renamed.outcome(), "200", "{}", renamed.body);
    assert_ne!(samples.server.data().dump(), before, "a dump shows what changes");
}
