//! Fields whose values are unique: what counts as the same, and what is never the same.

use serde_json::json;

use super::sample::{DOORS, Door, Samples};
use crate::outcome::assert_outcome;

#[tokio::test]
async fn the_same_value_is_a_duplicate_and_nothing_never_is() {
    let samples = Samples::start().await;
    let phone = |number: &str, calling: &str| json!({"primaryPhoneNumber": number, "primaryPhoneCallingCode": calling});
    for (field, value, is_taken) in [
        ("code", json!("A"), false),
        ("code", json!("A"), true),
        ("code", json!("a"), false),
        ("code", json!(""), false),
        ("code", json!(null), false),
        ("mailKey", json!({"primaryEmail": "ana@mail.example"}), false),
        ("mailKey", json!({"primaryEmail": "ANA@Mail.example"}), true),
        ("mailKey", json!({"additionalEmails": ["ana@mail.example"]}), false),
        ("mailKey", json!({"primaryEmail": ""}), false),
        ("telKey", phone("612345678", "+33"), false),
        ("telKey", phone("+33 6 12 34 56 78", ""), true),
        ("telKey", phone("612345678", "+49"), false),
        ("telKey", json!({"primaryPhoneCountryCode": "FR"}), false),
        ("telKey", json!({"primaryPhoneCountryCode": "FR"}), false),
        ("siteKey", json!({"primaryLinkUrl": "https://acme.example"}), false),
        ("siteKey", json!({"primaryLinkUrl": "HTTPS://ACME.example/"}), true),
        ("siteKey", json!({"primaryLinkUrl": "acme.example"}), false),
        ("siteKey", json!({"primaryLinkLabel": "Acme"}), false),
        ("siteKey", json!({}), false),
    ] {
        // What is not taken is, after the first door.
        let doors = if is_taken { &DOORS[..] } else { &DOORS[..1] };
        for door in doors {
            let case = format!("{door:?}: {field} {value}");
            let (answer, record) = samples.create(*door, field, &value).await;
            match (is_taken, door) {
                (false, _) => assert!(record.is_object(), "{case}: {}", answer.body),
                (true, Door::Rest) => assert_outcome(&answer, "400 BadRequestException", &case),
                (true, Door::Graphql) => {
                    assert_outcome(&answer, "200 BAD_USER_INPUT", &case);
                    let extensions = answer.part("/errors/0/extensions");
                    assert!(extensions["conflictingRecordId"].is_string(), "{case}: {extensions}");
                    assert_eq!(extensions["conflictingObjectNameSingular"], "sample", "{case}");
                }
            }
            if is_taken {
                assert!(answer.message().contains(field), "{case}: {}", answer.message());
            }
        }
    }
}

#[tokio::test]
async fn the_conflict_is_named_while_it_is_live() {
    let samples = Samples::start().await;
    let (_, taken) = samples.create(Door::Rest, "code", &json!("A")).await;
    let id = taken["id"].as_str().expect("a record has an id");
    let (_, other) = samples.create(Door::Rest, "code", &json!("B")).await;
    let other = other["id"].as_str().expect("a record has an id");
    let attempts = || async {
        let (created, _) = samples.create(Door::Graphql, "code", &json!("A")).await;
        let (updated, _) = samples.update(Door::Graphql, other, "code", &json!("A")).await;
        let (same_id, _) = samples.create(Door::Graphql, "id", &json!(id)).await;
        [created, updated, same_id]
    };
    for answer in attempts().await {
        assert_outcome(&answer, "200 BAD_USER_INPUT", "live");
        assert_eq!(answer.part("/errors/0/extensions/conflictingRecordId"), &json!(id));
    }
    let deleted = samples.client.delete(&format!("/rest/samples/{id}?soft_delete=true")).await;
    assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
    for answer in attempts().await {
        assert_outcome(&answer, "200 BAD_USER_INPUT", "in the trash");
        assert_eq!(answer.body["errors"][0]["extensions"]["conflictingRecordId"], json!(null));
    }
    for (path, body) in [("/rest/samples", json!({"id": id})), ("/rest/samples", json!({"code": "A"}))] {
        assert_outcome(&samples.client.post(path, body).await, "400 BadRequestException", "over REST");
    }
}
