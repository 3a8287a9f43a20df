//! Changes of records: what stays of a composite, what null does, and what a default is no use for.

use serde_json::{Value as Json, json};

use super::sample::{DOORS, Samples, assert_reads, refusal};
use crate::outcome::assert_outcome;

#[tokio::test]
async fn composites_keep_or_lose_what_an_update_does_not_name() {
    let samples = Samples::start().await;
    let ana = json!({"firstName": "Ana", "lastName": "Sol"});
    let oslo = json!({"addressCity": "Oslo", "addressLat": 1.5});
    let euros = json!({"amountMicros": 5, "currencyCode": "EUR"});
    let sync = json!({"source": "IMPORT", "name": "Sync", "context": {"a": 1}});
    let mails = json!({"primaryEmail": "a@b.example", "additionalEmails": ["c@d.example"]});
    let other_phone = json!([{"number": "4155552671", "callingCode": "+1", "countryCode": "US"}]);
    let phones = json!({"primaryPhoneNumber": "612345678", "primaryPhoneCountryCode": "FR",
        "primaryPhoneCallingCode": "+33", "additionalPhones": other_phone});
    let primary_alone = json!({"primaryPhoneNumber": "612345678", "primaryPhoneCountryCode": "FR",
        "primaryPhoneCallingCode": "+33", "additionalPhones": []});
    let links = json!({"primaryLinkUrl": "a.example", "primaryLinkLabel": "A",
        "secondaryLinks": [{"url": "b.example", "label": "B"}]});
    let no_links = json!({"primaryLinkUrl": "", "primaryLinkLabel": "", "secondaryLinks": []});
    let story = json!({"blocknote": "[]", "markdown": "old"});
    for (field, before, change, after) in [
        ("fullName", &ana, json!({"lastName": "Luz"}), json!({"firstName": "Ana", "lastName": "Luz"})),
        ("fullName", &ana, json!({"lastName": ""}), json!({"firstName": "Ana", "lastName": ""})),
        ("fullName", &ana, json!({}), ana.clone()),
        ("fullName", &ana, json!(null), ana.clone()),
        (
            "place",
            &oslo,
            json!({"addressCity": "Bergen"}),
            json!({"addressCity": "Bergen", "addressLat": 1.5}),
        ),
        ("place", &oslo, json!(null), oslo.clone()),
        ("price", &euros, json!({"amountMicros": 7}), json!({"amountMicros": 7, "currencyCode": "EUR"})),
        ("price", &euros, json!({"currencyCode": ""}), json!({"amountMicros": 5, "currencyCode": null})),
        ("price", &euros, json!(null), euros.clone()),
        (
            "actor",
            &sync,
            json!({"name": "Job"}),
            json!({"source": "IMPORT", "name": "Job", "context": {"a": 1}}),
        ),
        ("actor", &sync, json!(null), sync.clone()),
        (
            "mails",
            &mails,
            json!({"primaryEmail": "X@y.example"}),
            json!({"primaryEmail": "x@y.example", "additionalEmails": ["c@d.example"]}),
        ),
        // Twenty clears the address; keeping it is what people mean.
        (
            "mails",
            &mails,
            json!({"additionalEmails": []}),
            json!({"primaryEmail": "a@b.example", "additionalEmails": []}),
        ),
        (
            "mails",
            &mails,
            json!({"primaryEmail": null}),
            json!({"primaryEmail": "", "additionalEmails": ["c@d.example"]}),
        ),
        ("mails", &mails, json!(null), mails.clone()),
        ("tels", &phones, json!({}), primary_alone.clone()),
        ("tels", &phones, json!({"primaryPhoneCountryCode": "FR"}), primary_alone),
        (
            "tels",
            &phones,
            json!({"primaryPhoneNumber": "+14155552671"}),
            json!({"primaryPhoneNumber": "4155552671", "primaryPhoneCountryCode": "US",
                "primaryPhoneCallingCode": "+1", "additionalPhones": []}),
        ),
        ("tels", &phones, json!({"additionalPhones": other_phone}), phones.clone()),
        ("tels", &phones, json!(null), phones.clone()),
        (
            "site",
            &links,
            json!({"primaryLinkUrl": "c.example"}),
            json!({"primaryLinkUrl": "c.example", "primaryLinkLabel": "", "secondaryLinks": []}),
        ),
        (
            "site",
            &links,
            json!({"secondaryLinks": [{"url": "d.example", "label": "D"}]}),
            json!({"primaryLinkUrl": "d.example", "primaryLinkLabel": "D", "secondaryLinks": []}),
        ),
        ("site", &links, json!({"primaryLinkLabel": "A"}), no_links.clone()),
        ("site", &links, json!({}), no_links),
        ("site", &links, json!(null), links.clone()),
        ("story", &story, json!({"blocknote": "[]"}), json!({"blocknote": "[]", "markdown": ""})),
        (
            "story",
            &story,
            json!({"blocknote": "[]", "markdown": "new"}),
            json!({"blocknote": "[]", "markdown": "new"}),
        ),
        ("story", &story, json!({}), json!({"blocknote": null, "markdown": ""})),
        ("story", &story, json!(null), json!({"blocknote": null, "markdown": ""})),
    ] {
        for door in DOORS {
            let case = format!("{door:?}: {field} {change}");
            let (_, record) = samples.create(door, field, before).await;
            let id = record["id"].as_str().unwrap_or_else(|| panic!("{case}: no record"));
            let (answer, value) = samples.update(door, id, field, &change).await;
            assert_eq!(answer.outcome(), "200", "{case}: {}", answer.body);
            assert_reads(&value, &after, &case);
        }
    }
}

#[tokio::test]
async fn a_field_that_needs_a_value_keeps_it() {
    let samples = Samples::start().await;
    for door in DOORS {
        let (_, record) = samples.create(door, "title", &json!("Kept")).await;
        let id = record["id"].as_str().expect("a record has an id");
        for field in ["title", "count", "phase", "kinds", "bits", "createdAt", "id", "position"] {
            let (refused, _) = samples.update(door, id, field, &json!(null)).await;
            assert_outcome(&refused, &refusal(door, "INVALID_ARGS_DATA"), field);
        }
        // Empty text is text, and an empty list a list: there is no default that a change could mean.
        for (field, empty) in [("title", json!("")), ("kinds", json!([])), ("bits", json!([]))] {
            let (answer, value) = samples.update(door, id, field, &empty).await;
            assert_eq!(value, empty, "{field}: {}", answer.body);
        }
        let (refused, _) =
            samples.update(door, id, "id", &json!("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11")).await;
        assert_outcome(&refused, &refusal(door, "INVALID_ARGS_DATA"), "another id");
        let (answer, value) = samples.update(door, id, "id", &json!(id)).await;
        assert_eq!(value, json!(id), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_server_keeps_its_own_fields() {
    let samples = Samples::start().await;
    let somebody = json!({"source": "IMPORT", "name": "Sync"});
    for door in DOORS {
        let (_, record) = samples.create(door, "position", &json!(7)).await;
        let id = record["id"].as_str().expect("a record has an id");
        let read = || async {
            let read = samples.client.get(&format!("/rest/samples/{id}")).await;
            read.part("/data/sample").clone()
        };
        let before = read().await;
        for (field, value) in [("text", json!("new")), ("updatedBy", somebody.clone())] {
            let (answer, _) = samples.update(door, id, field, &value).await;
            assert_eq!(answer.outcome(), "200", "{}", answer.body);
        }
        let after = read().await;
        for field in ["position", "createdAt", "createdBy", "updatedBy"] {
            assert_eq!(after[field], before[field], "{door:?}: {field}");
        }
        assert!(before["updatedAt"].as_str() < after["updatedAt"].as_str(), "{door:?}");
        let given = json!("2020-02-29T00:00:00.000Z");
        for field in ["createdAt", "updatedAt", "deletedAt"] {
            let (answer, value) = samples.update(door, id, field, &given).await;
            assert_eq!(value, given, "{door:?}: {field} {}", answer.body);
        }
        let (answer, value) = samples.update(door, id, "deletedAt", &json!(null)).await;
        assert_eq!((answer.outcome().as_str(), value), ("200", json!(null)), "{}", answer.body);
        let (answer, value) = samples.update(door, id, "createdBy", &somebody).await;
        assert_reads(&value, &somebody, &answer.body.to_string());
    }
}

/// The positions that records of one batch get, which ask for `places`.
async fn positions(samples: &Samples, places: Json) -> Vec<Json> {
    let places = places.as_array().expect("a list");
    let record = |place: &Json| if place.is_null() { json!({}) } else { json!({"position": place}) };
    let records: Json = places.iter().map(record).collect();
    let created = samples.client.post("/rest/batch/samples", records).await;
    created.list("/data/createSamples").iter().map(|record| record["position"].clone()).collect()
}

#[tokio::test]
async fn positions_count_from_the_ends() {
    let samples = Samples::start().await;
    assert_eq!(positions(&samples, json!(["first"])).await, [json!(0)], "an empty table");
    assert_eq!(
        positions(&samples, json!(["last", null, "last", "first"])).await,
        [json!(1), json!(-1), json!(2), json!(-2)]
    );
    assert_eq!(
        positions(&samples, json!([10, "last", -10, "first"])).await,
        [json!(10), json!(11), json!(-10), json!(-11)]
    );
    let (_, record) = samples.create(DOORS[1], "text", &json!("one")).await;
    let id = record["id"].as_str().expect("a record has an id");
    for (place, expected) in [("last", json!(12)), ("first", json!(-12))] {
        let (answer, value) = samples.update(DOORS[1], id, "position", &json!(place)).await;
        assert_eq!(value, expected, "{}", answer.body);
    }
}
