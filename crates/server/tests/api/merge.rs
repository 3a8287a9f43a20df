//! Several records become one, over both doors.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::model::{create_object, object_id};
use crate::support::{Client, Response, TestServer};

/// The id of the record with this number.
fn id(number: usize) -> String {
    format!("7d0c3a2e-5a41-4c7b-9f0a-{number:012x}")
}

fn ids(numbers: &[usize]) -> Vec<String> {
    numbers.iter().copied().map(id).collect()
}

async fn make(client: &Client, plural: &str, records: Json) {
    let made = client.post(&format!("/rest/batch/{plural}"), records).await;
    assert_eq!(made.outcome(), "201", "{plural}: {}", made.body);
}

async fn merge(client: &Client, plural: &str, numbers: &[usize], survivor: usize) -> Response {
    let body = json!({"ids": ids(numbers), "conflictPriorityIndex": survivor});
    client.patch(&format!("/rest/{plural}/merge"), body).await
}

/// One record, whatever it answers.
async fn get(client: &Client, plural: &str, number: usize) -> Response {
    client.get(&format!("/rest/{plural}/{}", id(number))).await
}

/// Fields and relations that the standard objects lack: lists, and a company that belongs to another.
async fn add_fields(client: &Client) {
    let company = object_id(client, "company").await;
    let ship = create_object(client, "ship").await;
    let option = |value: &str, position: usize| json!({"value": value, "label": value, "position": position, "color": "blue"});
    let relation = |name: &str, object: &str| {
        json!({"objectMetadataId": object, "type": "RELATION", "name": name, "label": name, "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company, "targetFieldLabel": format!("{name} of"),
            "targetFieldIcon": "IconBox",
        }})
    };
    for field in [
        json!({"objectMetadataId": company, "type": "ARRAY", "name": "words", "label": "words"}),
        json!({"objectMetadataId": company, "type": "BOOLEAN", "name": "flag", "label": "flag"}),
        json!({"objectMetadataId": company, "type": "MULTI_SELECT", "name": "tags", "label": "tags",
               "options": [option("RED", 0), option("BLUE", 1), option("GREEN", 2)]}),
        relation("parent", &company),
        relation("owner", &ship),
    ] {
        let made = client.post("/rest/metadata/fields", field.clone()).await;
        assert_eq!(made.outcome(), "201", "{field}: {}", made.body);
    }
}

#[tokio::test]
async fn the_record_that_stays_gets_all_values_and_all_that_refers() {
    let server = TestServer::start();
    let client = server.client();
    add_fields(&client).await;
    let companies = json!([
        {"id": id(1), "name": "Acme", "words": ["b", "a"], "tags": ["RED"], "flag": true,
         "domainName": {"primaryLinkUrl": "https://acme.example"}},
        {"id": id(2), "name": "  ", "words": ["c", "a"], "tags": ["GREEN", "RED"], "flag": false,
         "annualRevenue": {"amountMicros": 0, "currencyCode": null}},
        {"id": id(3), "name": "Acme Ltd", "annualRevenue": {"amountMicros": 5, "currencyCode": "EUR"},
         "address": {"addressCity": "Oslo"}, "linkedinLink": {"primaryLinkUrl": "https://linkedin.com/acme"}},
    ]);
    make(&client, "companies", companies).await;
    // The other one points at one that goes, and one that goes at one that stays.
    make(&client, "companies", json!([{"id": id(4), "name": "Child", "parentId": id(1)}])).await;
    client.patch(&format!("/rest/companies/{}", id(3)), json!({"parentId": id(2)})).await;
    make(&client, "people", json!([{"id": id(11), "companyId": id(1)}, {"id": id(12), "companyId": id(3)}]))
        .await;
    make(&client, "ships", json!([{"id": id(13), "ownerId": id(3)}])).await;
    make(&client, "opportunities", json!([{"id": id(14), "companyId": id(1)}])).await;
    make(&client, "notes", json!([{"id": id(15)}])).await;
    make(&client, "noteTargets", json!([{"id": id(16), "noteId": id(15), "targetCompanyId": id(1)}])).await;
    make(&client, "attachments", json!([{"id": id(17), "targetCompanyId": id(1)}])).await;
    make(
        &client,
        "timelineActivities",
        json!([{"id": id(18), "targetCompanyId": id(3), "happensAt": "2026-01-01T00:00:00Z", "name": "x"}]),
    )
    .await;
    client.delete(&format!("/rest/people/{}?soft_delete=true", id(12))).await;
    let before = get(&client, "companies", 2).await;
    let person_before = get(&client, "people", 11).await;

    let merged = merge(&client, "companies", &[1, 2, 3], 1).await;
    assert_outcome(&merged, "200", "merges");
    let company = merged.part("/data/mergeCompany").clone();
    assert_eq!(company["id"], id(2));
    assert_eq!(company["name"], "Acme", "blank text is no value, and the first wins");
    assert_eq!(company["words"], json!(["b", "a", "c"]));
    assert_eq!(company["tags"], json!(["RED", "GREEN"]));
    assert_eq!(company["flag"], false, "false is a value");
    assert_eq!(company["annualRevenue"], json!({"amountMicros": 0, "currencyCode": null}), "and so is 0");
    assert_eq!(company["address"]["addressCity"], "Oslo");
    assert_eq!(company["domainName"]["primaryLinkUrl"], "https://acme.example", "a unique value moves");
    assert_eq!(company["linkedinLink"]["primaryLinkUrl"], "https://linkedin.com/acme");
    assert_eq!(company["parentId"], id(2), "what pointed at one of them points at the one that is left");
    for kept in ["createdAt", "createdBy", "updatedBy", "position", "deletedAt"] {
        assert_eq!(&company[kept], before.part(&format!("/data/company/{kept}")), "{kept}");
    }
    assert!(
        before.text("/data/company/updatedAt").as_str() < company["updatedAt"].as_str().unwrap_or_default()
    );
    assert_eq!(get(&client, "companies", 2).await.part("/data/company"), &company);

    for number in [1, 3] {
        assert_outcome(&get(&client, "companies", number).await, "404 NotFoundException", "a loser");
    }
    let anywhere = client
        .get_with("/rest/companies", &[("filter", "or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL)")])
        .await;
    assert_eq!(anywhere.part("/totalCount"), &json!(2), "losers are in no trash: {}", anywhere.body);
    for (plural, singular, number, column) in [
        ("people", "person", 11, "companyId"),
        ("ships", "ship", 13, "ownerId"),
        ("opportunities", "opportunity", 14, "companyId"),
        ("noteTargets", "noteTarget", 16, "targetCompanyId"),
        ("attachments", "attachment", 17, "targetCompanyId"),
        ("timelineActivities", "timelineActivity", 18, "targetCompanyId"),
        ("companies", "company", 4, "parentId"),
    ] {
        let moved = get(&client, plural, number).await;
        assert_eq!(moved.part(&format!("/data/{singular}/{column}")), &json!(id(2)), "{}", moved.body);
    }
    let person = get(&client, "people", 11).await;
    assert!(person_before.text("/data/person/updatedAt") < person.text("/data/person/updatedAt"));
    let restored = client.patch(&format!("/rest/people/{}/restore", id(12)), json!({})).await;
    assert_eq!(restored.part("/data/restorePerson/companyId"), &json!(id(2)), "even out of the trash");
}

#[tokio::test]
async fn contacts_are_collected() {
    let server = TestServer::start();
    let client = server.client();
    let people = json!([
        {"id": id(1), "emails": {"primaryEmail": "a@x.example", "additionalEmails": ["b@x.example"]},
         "phones": {"primaryPhoneNumber": "+33612345678"}},
        {"id": id(2), "emails": {"additionalEmails": ["A@x.example", "c@x.example"]},
         "phones": {"primaryPhoneNumber": "+33612345678", "additionalPhones": [{"number": "+14155552671"}]},
         "linkedinLink": {"primaryLinkUrl": "two.example", "primaryLinkLabel": "Two"}},
        {"id": id(3), "emails": {"primaryEmail": "d@x.example"},
         "linkedinLink": {"primaryLinkUrl": "three.example", "secondaryLinks": [{"url": "two.example", "label": "2"}]}},
    ]);
    make(&client, "people", people).await;
    let document = "mutation M($ids: [UUID!]!) { mergePeople(ids: $ids, conflictPriorityIndex: 1) { id
        emails { primaryEmail additionalEmails }
        phones { primaryPhoneNumber primaryPhoneCallingCode primaryPhoneCountryCode additionalPhones }
        linkedinLink { primaryLinkUrl primaryLinkLabel secondaryLinks } } }";
    let merged = client.graphql(document, json!({"ids": ids(&[1, 2, 3])})).await;
    assert_outcome(&merged, "200", "over GraphQL");
    assert_eq!(
        merged.part("/data/mergePeople"),
        &json!({
            "id": id(2),
            "emails": {"primaryEmail": "a@x.example", "additionalEmails": ["b@x.example", "c@x.example", "d@x.example"]},
            "phones": {
                "primaryPhoneNumber": "612345678", "primaryPhoneCallingCode": "+33", "primaryPhoneCountryCode": "FR",
                "additionalPhones": [{"number": "4155552671", "callingCode": "+1", "countryCode": "US"}],
            },
            "linkedinLink": {
                "primaryLinkUrl": "two.example", "primaryLinkLabel": "Two",
                "secondaryLinks": [{"url": "three.example", "label": ""}],
            },
        })
    );
}

#[tokio::test]
async fn a_dry_run_shows_the_record_and_changes_nothing() {
    let server = TestServer::start();
    let client = server.client();
    make(&client, "companies", json!([{"id": id(1), "name": "Acme"}, {"id": id(2), "name": "Bolt"}])).await;
    let people = (0..8).map(|number| {
        json!({"id": id(10 + number), "companyId": id(1 + number % 2), "jobTitle": format!("{}", 7 - number)})
    });
    make(&client, "people", people.collect()).await;
    make(&client, "opportunities", json!([{"id": id(30), "companyId": id(1)}])).await;
    let before = Everything::read(&client).await;
    let body = json!({"ids": ids(&[1, 2]), "conflictPriorityIndex": 1, "dryRun": true});
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = client.patch("/rest/companies/merge?depth=1", body.clone()).await;
        assert_outcome(&response, "200", "over REST");
        let company = response.part("/data/mergeCompany");
        assert_eq!(company["name"], "Bolt");
        assert!(company["deletedAt"].is_string(), "{company}");
        assert_eq!(company["people"].as_array().map(Vec::len), Some(8), "{company}");
        assert_eq!(company["opportunities"][0]["id"], id(30));
        assert_eq!(company["accountOwner"], Json::Null);
        seen.push(company["id"].clone());
    }
    assert!(seen[0] != seen[1] && !seen.contains(&json!(id(1))) && !seen.contains(&json!(id(2))), "{seen:?}");

    let document =
        "mutation M($ids: [UUID!]!) { mergeCompanies(ids: $ids, conflictPriorityIndex: 0, dryRun: true) {
        name people(first: 3, orderBy: [{jobTitle: AscNullsFirst}]) { totalCount maxCreatedAt
            pageInfo { hasNextPage } edges { node { jobTitle company { name } } } }
        noteTargets { totalCount edges { cursor } } } }";
    let response = client.graphql(document, json!({"ids": ids(&[1, 2])})).await;
    assert_outcome(&response, "200", "over GraphQL");
    let company = response.part("/data/mergeCompanies");
    assert_eq!(company["name"], "Acme");
    let people = &company["people"];
    assert_eq!(
        (&people["totalCount"], &people["pageInfo"]["hasNextPage"]),
        (&json!(8), &json!(true)),
        "{people}"
    );
    let titles: Vec<_> =
        people["edges"].as_array().into_iter().flatten().map(|edge| &edge["node"]["jobTitle"]).collect();
    assert_eq!(titles, ["0", "1", "2"], "those of both in one order");
    assert!(people["maxCreatedAt"].is_string(), "{people}");
    assert_eq!(company["noteTargets"], json!({"totalCount": 0, "edges": []}));
    assert_eq!(Everything::read(&client).await, before);

    let real = json!({"ids": ids(&[1, 2]), "conflictPriorityIndex": 1, "dryRun": false});
    let merged = client.patch("/rest/companies/merge?depth=1", real).await;
    assert_eq!(merged.part("/data/mergeCompany/deletedAt"), &Json::Null);
    assert_eq!(merged.list("/data/mergeCompany/people").len(), 8, "{}", merged.body);
}

#[tokio::test]
async fn merges_that_are_refused_change_nothing() {
    let server = TestServer::start();
    let client = server.client();
    make(&client, "companies", (1..=12).map(|number| json!({"id": id(number), "name": "Acme"})).collect())
        .await;
    make(&client, "notes", json!([{"id": id(21)}, {"id": id(22)}])).await;
    let trashed = client.delete(&format!("/rest/companies/{}?soft_delete=true", id(12))).await;
    assert_eq!(trashed.outcome(), "200", "{}", trashed.body);
    let before = Everything::read(&client).await;
    let (bad, missing) = ("400 BadRequestException", "404 NotFoundException");
    let (input, not_found) = ("200 BAD_USER_INPUT INVALID_QUERY_INPUT", "200 NOT_FOUND RECORD_NOT_FOUND");
    for (case, ids, index, dry_run, rest, graphql) in [
        ("no ids", json!([]), json!(0), json!(false), bad, input),
        ("one id", json!([id(1)]), json!(0), json!(false), bad, input),
        ("ten ids", json!(ids(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10])), json!(0), json!(false), bad, input),
        ("an id twice", json!(ids(&[1, 2, 1])), json!(0), json!(false), bad, input),
        (
            "an id twice in another case",
            json!([id(10), id(10).to_uppercase()]),
            json!(0),
            json!(false),
            bad,
            input,
        ),
        ("a bad id", json!([id(1), "one"]), json!(0), json!(false), bad, input),
        ("no id", json!([id(1), null]), json!(0), json!(false), bad, input),
        ("a text for ids", json!(id(1)), json!(0), json!(false), bad, input),
        ("ids that are null", Json::Null, json!(0), json!(false), bad, input),
        ("an index behind the ids", json!(ids(&[1, 2])), json!(2), json!(false), bad, input),
        ("a negative index", json!(ids(&[1, 2])), json!(-1), json!(false), bad, input),
        ("a fraction", json!(ids(&[1, 2])), json!(0.5), json!(false), bad, input),
        ("a text for the index", json!(ids(&[1, 2])), json!("0"), json!(false), bad, input),
        ("no index", json!(ids(&[1, 2])), Json::Null, json!(false), missing, input),
        ("a text for dryRun", json!(ids(&[1, 2])), json!(0), json!("true"), bad, input),
        ("an id of nothing", json!(ids(&[1, 99])), json!(0), json!(false), missing, not_found),
        ("one in the trash", json!(ids(&[1, 12])), json!(0), json!(false), missing, not_found),
        (
            "the one that would stay is in the trash",
            json!(ids(&[12, 1])),
            json!(0),
            json!(false),
            missing,
            not_found,
        ),
        ("a dry run with an id of nothing", json!(ids(&[1, 99])), json!(0), json!(true), missing, not_found),
    ] {
        let body = json!({"ids": ids, "conflictPriorityIndex": index, "dryRun": dry_run});
        assert_outcome(&client.patch("/rest/companies/merge", body.clone()).await, rest, case);
        let document = "mutation M($ids: [UUID!]!, $conflictPriorityIndex: Int!, $dryRun: Boolean) {
            mergeCompanies(ids: $ids, conflictPriorityIndex: $conflictPriorityIndex, dryRun: $dryRun) { id } }";
        let response = client.graphql(document, body).await;
        assert_outcome(&response, graphql, case);
        assert_eq!(response.part("/data"), &json!({"mergeCompanies": null}), "{case}");
    }
    let two = |more: Json| {
        let mut body = json!({"ids": ids(&[1, 2]), "conflictPriorityIndex": 0});
        body.as_object_mut()
            .into_iter()
            .for_each(|body| body.extend(more.as_object().cloned().unwrap_or_default()));
        body
    };
    let unknown = client.patch("/rest/companies/merge", two(json!({"dryrun": true}))).await;
    assert_outcome(&unknown, bad, "an unknown member");
    let unknown = "mutation M($ids: [UUID!]!) { mergeCompanies(ids: $ids, conflictPriorityIndex: 0, dryrun: true) { id } }";
    assert_outcome(
        &client.graphql(unknown, json!({"ids": ids(&[1, 2])})).await,
        input,
        "an unknown argument",
    );
    let notes = json!({"ids": ids(&[21, 22]), "conflictPriorityIndex": 0});
    assert_outcome(
        &client.patch("/rest/notes/merge", notes.clone()).await,
        bad,
        "an object without criteria",
    );
    assert_outcome(
        &client.patch("/rest/workspaceMembers/merge", notes).await,
        "400 Error PERMISSION_DENIED",
        "members",
    );
    let no_root = "mutation M($ids: [UUID!]!) { mergeNotes(ids: $ids, conflictPriorityIndex: 0) { id } }";
    let response = client.graphql(no_root, json!({"ids": ids(&[21, 22])})).await;
    assert_outcome(&response, "200 GRAPHQL_VALIDATION_FAILED", "no root field");
    assert_outcome(&client.patch("/rest/companies/merge?depth=2", two(json!({}))).await, bad, "depth");
    assert_outcome(&client.post("/rest/companies/merge", two(json!({}))).await, bad, "another method");
    assert_outcome(&client.patch("/rest/companies/merge", json!([])).await, "400", "a list for the body");
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn a_merge_that_is_sent_again_happens_once() {
    let server = TestServer::start();
    let client = server.client();
    make(&client, "companies", json!([{"id": id(1), "name": "Acme"}, {"id": id(2)}, {"id": id(3)}])).await;
    let body = json!({"ids": ids(&[1, 2]), "conflictPriorityIndex": 0});
    let send = |headers: &'static [(&'static str, &'static str)]| {
        client.send_with("PATCH", "/rest/companies/merge", headers, Some(body.clone()))
    };
    let (first, again) = (send(&[("idempotency-key", "k")]).await, send(&[("idempotency-key", "k")]).await);
    assert_outcome(&first, "200", "the first time");
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, "true"));
    assert_outcome(&send(&[]).await, "404 NotFoundException", "without the key");
    let read = get(&client, "companies", 1).await;
    assert_eq!(first.header("etag"), read.header("etag"), "the answer has the tag of the record");
    let expected = send(&[("if-match", "\"x\"")]).await;
    assert_outcome(&expected, "400", "a tag goes with the change of one record");
    assert!(expected.message().contains("one record"), "{}", expected.body);
}

#[tokio::test]
async fn merges_at_once_lose_nothing() {
    let server = TestServer::start();
    let client = server.client();
    for round in 0..6 {
        let number = |place: usize| 100 * round + place;
        let companies = (1..=4).map(|place| json!({"id": id(number(place)), "name": format!("C{place}")}));
        make(&client, "companies", companies.collect()).await;
        let people =
            (1..=4).map(|place| json!({"id": id(number(10 + place)), "companyId": id(number(place))}));
        make(&client, "people", people.collect()).await;
        let merges = [[1, 2, 3], [3, 2, 4]].map(|places| {
            let client = client.clone();
            async move { merge(&client, "companies", &places.map(number), 0).await }
        });
        let others = (0..4).map(|place| {
            let client = client.clone();
            async move {
                let person = json!({"id": id(number(20 + place)), "companyId": id(number(2))});
                client.post("/rest/people", person).await
            }
        });
        let (merges, others) = tokio::join!(join_all(merges), join_all(others));
        let mut outcomes: Vec<_> = merges.iter().map(Response::outcome).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["200", "404 NotFoundException"], "{merges:?}");
        let winner = merges.iter().find(|merge| merge.status == 200).expect("one succeeds");
        let survivor = winner.text("/data/mergeCompany/id");
        let losers = if survivor == id(number(1)) { [2, 3] } else { [2, 4] };
        for loser in losers {
            assert_eq!(get(&client, "companies", number(loser)).await.status, 404);
            let person = get(&client, "people", number(10 + loser)).await;
            assert_eq!(person.part("/data/person/companyId"), &json!(survivor));
        }
        // Whoever came in time was moved; whoever came late was told that the company is gone.
        for (place, other) in others.iter().enumerate() {
            assert!(matches!(other.status, 201 | 400), "{}", other.body);
            if other.status == 201 {
                let person = get(&client, "people", number(20 + place)).await;
                assert_eq!(person.part("/data/person/companyId"), &json!(survivor), "{}", person.body);
            }
        }
    }
}
