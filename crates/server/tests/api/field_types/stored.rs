//! Values that are accepted, and how they read afterwards.

use serde_json::{Value as Json, json};

use super::sample::{DOORS, Samples, assert_reads};

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// Writes each value through both doors, and compares how it reads.
async fn assert_stores<const N: usize>(samples: &Samples, cases: [(&str, Json, Json); N]) {
    for (field, sent, expected) in cases {
        for door in DOORS {
            let case = format!("{door:?}: {field} {sent}");
            let (answer, record) = samples.create(door, field, &sent).await;
            assert!(record.is_object(), "{case}: {}", answer.body);
            assert_reads(&record[field], &expected, &case);
        }
    }
}

#[tokio::test]
async fn simple_values() {
    let samples = Samples::start().await;
    assert_stores(
        &samples,
        [
            ("uuid", json!(ID), json!(ID)),
            ("uuid", json!(ID.to_uppercase()), json!(ID)),
            ("uuid", json!(null), json!(null)),
            ("text", json!(" Ana "), json!(" Ana ")),
            ("text", json!(""), json!("")),
            ("text", json!(null), json!("")),
            ("number", json!(1.5), json!(1.5)),
            ("number", json!(-3), json!(-3)),
            ("number", json!(1e308), json!(1e308)),
            ("number", json!(null), json!(null)),
            ("whole", json!(7), json!(7)),
            ("flag", json!(true), json!(true)),
            ("flag", json!(false), json!(false)),
            ("flag", json!(null), json!(null)),
            ("stage", json!("WON"), json!("WON")),
            ("stage", json!(null), json!(null)),
            ("rating", json!("RATING_3"), json!("RATING_3")),
            ("rating", json!(null), json!(null)),
            ("tags", json!(["BULKY", "COLD"]), json!(["BULKY", "COLD"])),
            ("tags", json!(["COLD", "COLD"]), json!(["COLD", "COLD"])),
            ("tags", json!("COLD"), json!(["COLD"])),
            ("tags", json!([]), json!([])),
            ("tags", json!(null), json!([])),
            ("words", json!(["a", "b"]), json!(["a", "b"])),
            ("words", json!("a"), json!(["a"])),
            ("words", json!([]), json!([])),
            ("words", json!(null), json!([])),
            ("extra", json!([1, "a", null]), json!([1, "a", null])),
            ("extra", json!(r#"{"b": [1]}"#), json!({"b": [1]})),
            ("extra", json!({}), json!(null)),
            ("extra", json!([]), json!(null)),
            ("extra", json!(null), json!(null)),
            ("docs", json!([]), json!(null)),
            ("docs", json!(null), json!(null)),
            ("position", json!(-2.5), json!(-2.5)),
        ],
    )
    .await;
}

#[tokio::test]
async fn dates_in_every_form() {
    let samples = Samples::start().await;
    for (form, is_instant) in [
        ("2025-01-13", true),
        ("20250113", true),
        ("2025.01.13", true),
        ("2025/01/13", true),
        ("01-13-2025", true),
        ("01/13/2025", true),
        ("01.13.2025", true),
        ("January 13, 2025", true),
        ("Jan 13, 2025", true),
        ("13 January 2025", true),
        ("13 Jan 2025", true),
        ("13-Jan-2025", true),
        ("2025-Jan-13", true),
        ("2025-01-13T00:00:00", true),
        ("2025-01-13T00:00:00Z", true),
        ("2025-01-13T00:00:00.000", true),
        ("2025-01-13T00:00:00.000Z", true),
        ("2025-01-13 00:00:00", true),
        ("2025-01-13 00:00:00.000", true),
        ("1/13/2025", true),
        ("2025-1-13", false),
    ] {
        assert_stores(&samples, [("day", json!(form), json!("2025-01-13"))]).await;
        if is_instant {
            assert_stores(&samples, [("moment", json!(form), json!("2025-01-13T00:00:00.000Z"))]).await;
        }
    }
    assert_stores(
        &samples,
        [
            ("day", json!("2025-01-13T23:30:00-05:00"), json!("2025-01-13")),
            ("moment", json!("2025-01-13T10:30:00+02:00"), json!("2025-01-13T08:30:00.000Z")),
            ("moment", json!("2025-01-13T10:30:00.123456Z"), json!("2025-01-13T10:30:00.123Z")),
            ("moment", json!("2025-01-13 10:30"), json!("2025-01-13T10:30:00.000Z")),
            ("moment", json!("2025-01-13T10:30"), json!("2025-01-13T10:30:00.000Z")),
            ("moment", json!("2025-01-13 10:30:15.5"), json!("2025-01-13T10:30:15.500Z")),
            ("moment", json!(null), json!(null)),
            ("createdAt", json!("2020-02-29"), json!("2020-02-29T00:00:00.000Z")),
            ("updatedAt", json!("2020-02-29"), json!("2020-02-29T00:00:00.000Z")),
        ],
    )
    .await;
}

#[tokio::test]
async fn composites() {
    let samples = Samples::start().await;
    let lat_lng = json!({"addressLat": 59.9, "addressLng": 10.75});
    let nobody = json!({"firstName": "", "lastName": ""});
    let no_mail = json!({"primaryEmail": "", "additionalEmails": []});
    let nothing = json!({"amountMicros": null, "currencyCode": null});
    assert_stores(
        &samples,
        [
            ("fullName", json!({"firstName": "Ana"}), json!({"firstName": "Ana", "lastName": ""})),
            ("fullName", json!(r#"{"lastName": "Sol"}"#), json!({"firstName": "", "lastName": "Sol"})),
            ("fullName", json!({}), nobody.clone()),
            ("fullName", json!(null), nobody),
            (
                "mails",
                json!({"primaryEmail": "Ana@Mail.Example", "additionalEmails": ["A2@Mail.Example"]}),
                json!({"primaryEmail": "ana@mail.example", "additionalEmails": ["a2@mail.example"]}),
            ),
            (
                "mails",
                json!({"additionalEmails": "a@b.example"}),
                json!({"additionalEmails": ["a@b.example"]}),
            ),
            (
                "mails",
                json!({"primaryEmail": "åna@müller.example"}),
                json!({"primaryEmail": "åna@müller.example"}),
            ),
            ("mails", json!({"primaryEmail": "", "additionalEmails": []}), no_mail.clone()),
            ("mails", json!(null), no_mail),
            (
                "place",
                json!({"addressCity": "Oslo", "addressLat": "59.9", "addressLng": 10.75}),
                json!({"addressStreet1": "", "addressCity": "Oslo", "addressLat": 59.9, "addressLng": 10.75}),
            ),
            ("place", lat_lng.clone(), lat_lng),
            ("place", json!({"addressLat": ""}), json!({"addressLat": null, "addressCountry": ""})),
            (
                "price",
                json!({"amountMicros": 19_990_000, "currencyCode": "EUR"}),
                json!({"amountMicros": 19_990_000, "currencyCode": "EUR"}),
            ),
            ("price", json!({"amountMicros": "19990000"}), json!({"amountMicros": 19_990_000})),
            ("price", json!({"amountMicros": 1.9}), json!({"amountMicros": 1})),
            ("price", json!({"amountMicros": "", "currencyCode": ""}), nothing.clone()),
            ("price", json!(null), nothing),
            (
                "actor",
                json!({"source": "IMPORT", "name": "Sync", "context": {"provider": "google"}}),
                json!({"source": "IMPORT", "workspaceMemberId": null, "name": "Sync",
                    "context": {"provider": "google"}}),
            ),
            ("actor", json!({}), json!({"source": "MANUAL", "name": "System", "workspaceMemberId": null})),
        ],
    )
    .await;
}

#[tokio::test]
async fn phones() {
    let samples = Samples::start().await;
    for ((number, country, calling), [national, region, code]) in [
        (("+33612345678", "", ""), ["612345678", "FR", "+33"]),
        (("+33 6 12 34 56 78", "", ""), ["612345678", "FR", "+33"]),
        (("06 12 34 56 78", "FR", ""), ["612345678", "FR", "+33"]),
        (("612345678", "", "+33"), ["612345678", "FR", "+33"]),
        (("+1123456789", "", ""), ["123456789", "", "+1"]),
        (("+14155552671", "", ""), ["4155552671", "US", "+1"]),
        (("+331234", "", ""), ["1234", "FR", "+33"]),
        (("1234567890", "FR", "+33"), ["1234567890", "FR", "+33"]),
        (("555123456", "US", "+1"), ["555123456", "US", "+1"]),
        (("", "FR", ""), ["", "FR", ""]),
        (("", "", "33"), ["", "", "+33"]),
        (("", "", ""), ["", "", ""]),
    ] {
        let primary = json!({"primaryPhoneNumber": number, "primaryPhoneCountryCode": country,
            "primaryPhoneCallingCode": calling});
        let reads = json!({"primaryPhoneNumber": national, "primaryPhoneCountryCode": region,
            "primaryPhoneCallingCode": code, "additionalPhones": []});
        assert_stores(&samples, [("tels", primary, reads)]).await;
        let additional = json!([{"number": number, "countryCode": country, "callingCode": calling}]);
        let entry = [("number", national), ("countryCode", region), ("callingCode", code)];
        let entry = entry.into_iter().filter(|(name, text)| *name == "number" || !text.is_empty());
        let entry: Json = entry.map(|(name, text)| (name.to_owned(), Json::from(text))).collect();
        for sent in [additional.clone(), json!(additional.to_string())] {
            let reads = json!({"primaryPhoneNumber": "", "additionalPhones": [entry]});
            assert_stores(&samples, [("tels", json!({"additionalPhones": sent}), reads)]).await;
        }
    }
}

#[tokio::test]
async fn links() {
    let samples = Samples::start().await;
    for (sent, stored) in [
        ("https://Acme.example/", "https://acme.example"),
        ("HTTPS://Acme.example/Path%2F/", "https://acme.example/Path%2F"),
        ("http://acme.example/?Q=1", "http://acme.example/?Q=1"),
        ("acme.example", "acme.example"),
        ("ACME.example/", "ACME.example/"),
        ("localhost", "localhost"),
        ("https://127.0.0.1:8080/", "https://127.0.0.1:8080"),
    ] {
        let reads = json!({"primaryLinkUrl": stored, "primaryLinkLabel": "", "secondaryLinks": []});
        assert_stores(&samples, [("site", json!({"primaryLinkUrl": sent}), reads)]).await;
    }
    let two = json!([{"url": "", "label": "no"}, {"url": "https://Up.example/", "label": "Up"},
        {"url": "b.example", "label": "B"}]);
    let promoted = json!({"primaryLinkUrl": "https://up.example", "primaryLinkLabel": "Up",
        "secondaryLinks": [{"url": "b.example", "label": "B"}]});
    let none = json!({"primaryLinkUrl": "", "primaryLinkLabel": "", "secondaryLinks": []});
    assert_stores(
        &samples,
        [
            ("site", json!({"secondaryLinks": two}), promoted.clone()),
            ("site", json!({"primaryLinkUrl": "", "secondaryLinks": two.to_string()}), promoted),
            ("site", json!({"primaryLinkLabel": "alone"}), none.clone()),
            ("site", json!(null), none),
        ],
    )
    .await;
}

#[tokio::test]
async fn rich_text() {
    let samples = Samples::start().await;
    let blocks = json!([{"id": "b1", "type": "paragraph", "props": {}, "children": [],
        "content": [{"type": "text", "text": "Gate", "styles": {"bold": true}}]}]);
    let blocks = json!(blocks.to_string());
    assert_stores(
        &samples,
        [
            ("story", json!({"blocknote": blocks}), json!({"blocknote": blocks, "markdown": "**Gate**"})),
            (
                "story",
                json!({"blocknote": blocks, "markdown": "other"}),
                json!({"blocknote": blocks, "markdown": "other"}),
            ),
            ("story", json!({"markdown": ""}), json!({"blocknote": null, "markdown": ""})),
            ("story", json!(null), json!({"blocknote": null, "markdown": ""})),
        ],
    )
    .await;
    for door in DOORS {
        let (answer, record) = samples.create(door, "story", &json!({"markdown": "# Gate\n\n- open"})).await;
        let derived = record["story"]["blocknote"].as_str().unwrap_or_default();
        let derived: Json = serde_json::from_str(derived).unwrap_or_default();
        assert_eq!(
            (&derived[0]["type"], &derived[0]["props"]["level"], &derived[1]["type"]),
            (&json!("heading"), &json!(1), &json!("bulletListItem")),
            "{door:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn what_is_null_or_empty_takes_the_default_of_a_new_record() {
    let samples = Samples::start().await;
    let fee = json!({"amountMicros": 1_000_000, "currencyCode": "USD"});
    assert_stores(
        &samples,
        [
            ("title", json!(null), json!("draft")),
            ("title", json!(""), json!("draft")),
            ("count", json!(null), json!(3)),
            ("phase", json!(null), json!("B")),
            ("kinds", json!(null), json!(["X"])),
            ("kinds", json!([]), json!(["X"])),
            ("bits", json!(null), json!(["a"])),
            ("bits", json!([]), json!(["a"])),
            ("bits", json!(["b"]), json!(["b"])),
            ("fee", json!(null), fee.clone()),
            ("fee", json!({}), fee),
            (
                "fee",
                json!({"currencyCode": "EUR"}),
                json!({"amountMicros": 1_000_000, "currencyCode": "EUR"}),
            ),
            ("fee", json!({"amountMicros": null}), json!({"amountMicros": null, "currencyCode": "USD"})),
        ],
    )
    .await;
    // A key that is absent takes the default; a null that a field may hold is a value.
    let (_, task) = (json!(null), json!({"status": null}));
    let created = samples.client.post("/rest/tasks", task).await;
    assert_eq!(created.part("/data/createTask/status"), &json!(null), "{}", created.body);
    let created = samples.client.post("/rest/tasks", json!({})).await;
    assert_eq!(created.part("/data/createTask/status"), &json!("TODO"), "{}", created.body);
}

#[tokio::test]
async fn who_made_a_record_is_the_caller_unless_somebody_is_named() {
    let samples = Samples::start().await;
    let key = json!({"source": "API", "name": "First key", "workspaceMemberId": null, "context": {}});
    let mut imported = key.clone();
    imported["source"] = json!("IMPORT");
    let sync = json!({"source": "IMPORT", "name": "Sync", "workspaceMemberId": ID,
        "context": {"provider": "google"}});
    assert_stores(
        &samples,
        [
            ("createdBy", json!(null), key.clone()),
            ("createdBy", json!({}), key.clone()),
            ("createdBy", json!({"workspaceMemberId": ID, "context": {"a": 1}}), key.clone()),
            ("createdBy", json!({"source": "IMPORT", "name": ""}), imported),
            ("createdBy", sync.clone(), sync.clone()),
            ("createdBy", json!(sync.to_string()), sync.clone()),
            ("updatedBy", sync, key),
        ],
    )
    .await;
}
