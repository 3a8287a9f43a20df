//! Values that are refused, with their code and the field in the message.

use serde_json::{Value as Json, json};

use super::sample::{DOORS, Samples, refusal};
use crate::outcome::assert_outcome;

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// Sends each value through both doors, in a new record and in a change of one.
async fn assert_refuses<const N: usize>(samples: &Samples, code: &str, cases: [(&str, Json, &str); N]) {
    let (_, record) = samples.create(DOORS[0], "text", &json!("kept")).await;
    let id = record["id"].as_str().expect("a record has an id");
    let before = samples.client.get("/rest/samples").await.body;
    for (field, sent, named) in cases {
        for door in DOORS {
            let case = format!("{door:?}: {field} {sent}");
            let (created, _) = samples.create(door, field, &sent).await;
            let (updated, _) = samples.update(door, id, field, &sent).await;
            for refused in [created, updated] {
                assert_outcome(&refused, &refusal(door, code), &case);
                assert!(refused.message().contains(named), "{case}: {}", refused.message());
            }
        }
    }
    assert_eq!(samples.client.get("/rest/samples").await.body, before, "{code}");
}

#[tokio::test]
async fn simple_values() {
    let samples = Samples::start().await;
    let file = json!({"fileId": ID, "label": "Plan"});
    assert_refuses(
        &samples,
        "INVALID_ARGS_DATA",
        [
            ("nowhere", json!(1), "nowhere"),
            ("uuid", json!("one"), "uuid"),
            ("uuid", json!(""), "uuid"),
            ("uuid", json!("00000000-0000-0000-0000-000000000000"), "uuid"),
            ("uuid", json!(7), "uuid"),
            ("text", json!(7), "text"),
            ("text", json!(true), "text"),
            ("text", json!({"a": 1}), "text"),
            ("text", json!(["a"]), "text"),
            ("text", json!("a\0b"), "text"),
            ("number", json!("7"), "number"),
            ("number", json!(""), "number"),
            ("number", json!(true), "number"),
            ("number", json!([1]), "number"),
            ("whole", json!("7"), "whole"),
            ("flag", json!("true"), "flag"),
            ("flag", json!(1), "flag"),
            ("flag", json!([]), "flag"),
            ("stage", json!(""), "NEW, WON, LOST"),
            ("stage", json!("new"), "NEW, WON, LOST"),
            ("stage", json!(1), "stage"),
            ("stage", json!(["NEW"]), "stage"),
            ("rating", json!(3), "RATING_5"),
            ("rating", json!("RATING_6"), "RATING_5"),
            ("tags", json!(["COLD", "HOT"]), "COLD, BULKY"),
            ("tags", json!("HOT"), "tags"),
            ("tags", json!([null]), "tags"),
            ("tags", json!(1), "tags"),
            ("words", json!([1]), "words"),
            ("words", json!(1), "words"),
            ("words", json!({"a": "b"}), "words"),
            ("extra", json!("plain"), "extra"),
            ("extra", json!("\"text\""), "extra"),
            ("extra", json!(1), "extra"),
            ("extra", json!(true), "extra"),
            ("docs", json!("plan.pdf"), "docs"),
            ("docs", json!([ID]), "docs"),
            ("docs", json!([{"fileId": ID}]), "docs"),
            ("docs", json!([{"fileId": "one", "label": "Plan"}]), "docs"),
            ("docs", json!([{"fileId": ID, "label": "Plan", "extension": ".pdf"}]), "docs"),
            ("docs", json!([file, file, file]), "at most 2"),
            ("docs", json!([file]), "no such file was uploaded"),
            ("position", json!(null), "position"),
            ("position", json!("middle"), "position"),
            ("position", json!("1"), "position"),
            ("searchVector", json!("a"), "searchVector"),
            ("ownerId", json!("one"), "ownerId"),
            ("owner", json!(ID), "owner"),
            ("owner", json!({"name": "Acme"}), "owner"),
            ("noteTargets", json!([]), "noteTargets"),
        ],
    )
    .await;
}

#[tokio::test]
async fn dates() {
    let samples = Samples::start().await;
    for form in [
        json!("2024"),
        json!("2024-01"),
        json!("2024-13-01"),
        json!("2024-02-31"),
        json!("13/01/2025"),
        json!("yesterday"),
        json!(""),
        json!("1736726400"),
        json!(1_736_726_400),
        json!(true),
        json!({}),
    ] {
        for field in ["day", "moment", "createdAt", "deletedAt"] {
            assert_refuses(&samples, "INVALID_ARGS_DATA", [(field, form.clone(), field)]).await;
        }
    }
    let (time, loose) = (json!("2025-01-03 10:00"), json!("2025-1-3"));
    assert_refuses(&samples, "INVALID_ARGS_DATA", [("day", time, "day"), ("moment", loose, "moment")]).await;
}

#[tokio::test]
async fn composites() {
    let samples = Samples::start().await;
    let script = r#"[{"props": {"url": "javascript:alert(1)"}}]"#;
    assert_refuses(
        &samples,
        "INVALID_ARGS_DATA",
        [
            ("fullName", json!("Ana Sol"), "fullName"),
            ("fullName", json!(["Ana"]), "fullName"),
            ("fullName", json!({"middleName": "X"}), "fullName.middleName"),
            ("fullName", json!({"firstName": 7}), "fullName.firstName"),
            ("mails", json!("a@b.example"), "mails"),
            ("mails", json!({"primaryEmail": "nobody"}), "mails.primaryEmail"),
            ("mails", json!({"primaryEmail": " a@b.example"}), "mails.primaryEmail"),
            ("mails", json!({"primaryEmail": "\"a\"@b.example"}), "mails.primaryEmail"),
            ("mails", json!({"primaryEmail": format!("{}@b.example", "a".repeat(65))}), "mails.primaryEmail"),
            ("mails", json!({"primaryEmail": format!("a@{}", "b".repeat(254))}), "mails.primaryEmail"),
            ("mails", json!({"primaryEmail": 7}), "mails.primaryEmail"),
            ("mails", json!({"additionalEmails": ["nobody"]}), "mails.additionalEmails"),
            ("mails", json!({"additionalEmails": [7]}), "mails.additionalEmails"),
            ("mails", json!({"additionalEmails": {"a": 1}}), "mails.additionalEmails"),
            ("place", json!("Oslo"), "place"),
            ("place", json!({"addressCity": 7}), "place.addressCity"),
            ("place", json!({"addressLat": "north"}), "place.addressLat"),
            ("place", json!({"addressLat": true}), "place.addressLat"),
            ("place", json!({"addressLng": []}), "place.addressLng"),
            ("price", json!(19.99), "price"),
            ("price", json!({"amountMicros": "lots"}), "price.amountMicros"),
            ("price", json!({"amountMicros": true}), "price.amountMicros"),
            ("price", json!({"amountMicros": []}), "price.amountMicros"),
            ("price", json!({"amountMicros": 1e30}), "price.amountMicros"),
            ("price", json!({"currencyCode": 978}), "price.currencyCode"),
            ("actor", json!("API"), "actor"),
            ("actor", json!({"source": "DREAM"}), "APPLICATION"),
            ("actor", json!({"workspaceMemberId": "one"}), "actor.workspaceMemberId"),
            ("actor", json!({"context": "text"}), "actor.context"),
            ("tels", json!("+33612345678"), "tels"),
            ("tels", json!({"primaryPhoneNumber": 612_345_678}), "tels.primaryPhoneNumber"),
            ("tels", json!({"additionalPhones": ["+33612345678"]}), "tels.additionalPhones"),
            ("tels", json!({"additionalPhones": [{"phone": "1"}]}), "tels.additionalPhones"),
            ("site", json!("acme.example"), "site"),
            ("site", json!({"primaryLinkUrl": 7}), "site.primaryLinkUrl"),
            ("site", json!({"secondaryLinks": ["acme.example"]}), "site.secondaryLinks"),
            ("story", json!("text"), "story"),
            ("story", json!({"html": "<p>"}), "story.html"),
            ("story", json!({"markdown": 7}), "story.markdown"),
            ("story", json!({"blocknote": "{}"}), "story.blocknote"),
            ("story", json!({"blocknote": "text"}), "story.blocknote"),
            ("story", json!({"blocknote": []}), "story.blocknote"),
            ("story", json!({"blocknote": script}), "story.blocknote"),
        ],
    )
    .await;
}

#[tokio::test]
async fn phones_of_every_code() {
    let samples = Samples::start().await;
    for (code, number, country, calling) in [
        ("INVALID_PHONE_NUMBER", "123456789", "", ""),
        ("INVALID_PHONE_NUMBER", "call me", "FR", ""),
        ("INVALID_PHONE_NUMBER", "1", "FR", "+33"),
        ("INVALID_PHONE_COUNTRY_CODE", "612345678", "fr", ""),
        ("INVALID_PHONE_COUNTRY_CODE", "", "QQ", ""),
        ("INVALID_PHONE_CALLING_CODE", "612345678", "", "+999"),
        ("INVALID_PHONE_CALLING_CODE", "", "", "thirty"),
        ("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE", "612345678", "FR", "+49"),
        ("CONFLICTING_PHONE_COUNTRY_CODE", "+4915123456789", "FR", ""),
        ("CONFLICTING_PHONE_CALLING_CODE", "+4915123456789", "", "+33"),
    ] {
        let primary = json!({"primaryPhoneNumber": number, "primaryPhoneCountryCode": country,
            "primaryPhoneCallingCode": calling});
        let entry = json!({"number": number, "countryCode": country, "callingCode": calling});
        let additional = json!({"additionalPhones": [entry]});
        assert_refuses(&samples, code, [("tels", primary, "tels.primaryPhone")]).await;
        assert_refuses(&samples, code, [("tels", additional, "tels.additionalPhones")]).await;
    }
}

#[tokio::test]
async fn links_that_are_no_web_addresses() {
    let samples = Samples::start().await;
    for url in [
        "not a url",
        "acme",
        "https://",
        "https://acme",
        "12345",
        "https://12345",
        "acme..example",
        "mailto:a@b.example",
        "a@b.example",
        "javascript:alert(1)",
        "ftp://acme.example",
        "a.b.c.d.e.f.g.h.i.j.k.example",
        "/jobs",
    ] {
        let primary = json!({"primaryLinkUrl": url});
        let secondary = json!({"primaryLinkUrl": "acme.example", "secondaryLinks": [{"url": url}]});
        assert_refuses(
            &samples,
            "INVALID_URL",
            [("site", primary, "site.primaryLinkUrl"), ("site", secondary, "site.secondaryLinks")],
        )
        .await;
    }
}
