//! Creates that change a record which exists already, over both doors.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::model::create_object;
use crate::support::{Client, Response, TestServer};

const UPSERT_COMPANIES: &str = "mutation Upsert($data: [CompanyCreateInput!]!) {
    createCompanies(data: $data, upsert: true) { id name position deletedAt createdBy { name } }
}";

async fn upsert(client: &Client, records: Json) -> Response {
    client.post("/rest/batch/companies?upsert=true", records).await
}

fn domain(url: &str) -> Json {
    json!({"primaryLinkUrl": url})
}

#[tokio::test]
async fn records_that_exist_are_changed_and_the_others_made_in_input_order() {
    let server = TestServer::start();
    let client = server.client();
    let made = upsert(
        &client,
        json!([
            {"name": "Acme", "domainName": domain("https://acme.example"), "position": 7,
             "address": {"addressCity": "Oslo", "addressCountry": "Norway"}},
            {"name": "Bolt", "domainName": domain("https://bolt.example")},
        ]),
    )
    .await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    let made = made.list("/data/createCompanies").to_vec();
    // Each record sets other fields.
    let again = upsert(
        &client,
        json!([
            {"name": "Cog"},
            {"domainName": domain("https://BOLT.example/"), "address": {"addressCity": "Bergen"}},
            {"id": made[0]["id"], "annualRevenue": {"amountMicros": 5, "currencyCode": "EUR"}},
        ]),
    )
    .await;
    assert_eq!(again.outcome(), "201", "{}", again.body);
    let again = again.list("/data/createCompanies");
    assert_eq!(again[0]["name"], "Cog");
    assert_eq!((&again[1]["id"], &again[1]["name"]), (&made[1]["id"], &json!("Bolt")));
    assert_eq!(again[1]["address"]["addressCity"], "Bergen");
    assert_eq!(again[1]["domainName"]["primaryLinkUrl"], "https://bolt.example");
    assert_eq!(again[1]["position"], made[1]["position"]);
    assert_eq!((&again[2]["id"], &again[2]["name"]), (&made[0]["id"], &json!("Acme")));
    assert_eq!(again[2]["annualRevenue"], json!({"amountMicros": 5, "currencyCode": "EUR"}));
    assert_eq!(again[2]["address"], made[0]["address"]);
    assert_eq!(again[2]["position"], 7);
    assert_eq!(again[2]["createdAt"], made[0]["createdAt"]);
    let all = client.get("/rest/companies").await;
    assert_eq!(all.part("/totalCount"), &json!(3), "{}", all.body);
}

#[tokio::test]
async fn a_record_in_the_trash_comes_back_with_its_maker() {
    let server = TestServer::start();
    let client = server.client();
    let record = json!({"name": "Acme", "domainName": domain("acme.example"),
        "createdBy": {"source": "IMPORT", "name": "Nightly import"}});
    let made = client.post("/rest/companies", record).await;
    let id = made.text("/data/createCompany/id");
    for data in
        [json!({"id": id, "name": "By id"}), json!({"domainName": domain("acme.example"), "name": "By key"})]
    {
        let deleted = client.delete(&format!("/rest/companies/{id}?soft_delete=true")).await;
        assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
        let back = client.graphql(UPSERT_COMPANIES, json!({"data": [data]})).await;
        assert_eq!(back.outcome(), "200", "{}", back.body);
        let back = back.part("/data/createCompanies/0");
        let expected = (&json!(id), &data["name"], &Json::Null, &json!("Nightly import"));
        assert_eq!((&back["id"], &back["name"], &back["deletedAt"], &back["createdBy"]["name"]), expected);
    }
}

#[tokio::test]
async fn a_record_that_is_named_twice_gets_the_later_values() {
    let server = TestServer::start();
    let client = server.client();
    let made =
        client.post("/rest/companies", json!({"name": "Acme", "domainName": domain("acme.example")})).await;
    let id = made.text("/data/createCompany/id");
    let twice = json!([
        {"id": id, "name": "First", "address": {"addressCity": "Oslo"}},
        {"domainName": domain("acme.example"), "name": "Second"},
    ]);
    let twice = upsert(&client, twice).await;
    let twice = twice.list("/data/createCompanies");
    assert_eq!(twice.len(), 2);
    for record in twice {
        assert_eq!((&record["name"], &record["address"]["addressCity"]), (&json!("Second"), &json!("Oslo")));
    }
}

#[tokio::test]
async fn a_key_of_several_columns_counts_when_it_is_whole() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "vessel").await;
    let phones = json!({"objectMetadataId": object, "type": "PHONES", "name": "bridge", "label": "Bridge",
        "isUnique": true});
    let created = client.post("/rest/metadata/fields", phones).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let phone = |number: &str| {
        json!({"primaryPhoneNumber": number, "primaryPhoneCountryCode": "FR",
        "primaryPhoneCallingCode": "+33"})
    };
    let path = "/rest/vessels?upsert=true";
    let first = client.post(path, json!({"name": "Ida", "bridge": phone("612345678")})).await;
    let same = client.post(path, json!({"name": "Ida II", "bridge": phone("06 12 34 56 78")})).await;
    assert_eq!(same.text("/data/createVessel/id"), first.text("/data/createVessel/id"), "{}", same.body);
    let codes_alone = json!({"primaryPhoneCountryCode": "FR", "primaryPhoneCallingCode": "+33"});
    for name in ["Una", "Una II"] {
        let other = client.post(path, json!({"name": name, "bridge": codes_alone})).await;
        assert_eq!(other.outcome(), "201", "{}", other.body);
    }
    let all = client.get("/rest/vessels").await;
    assert_eq!(all.part("/totalCount"), &json!(3), "{}", all.body);
}

#[tokio::test]
async fn relations_are_connected_in_an_upsert() {
    let server = TestServer::start();
    let client = server.client();
    upsert(
        &client,
        json!([{"name": "Acme", "domainName": domain("acme.example")},
        {"name": "Bolt", "domainName": domain("bolt.example")}]),
    )
    .await;
    let person = |email: &str, company: &str| {
        json!({"emails": {"primaryEmail": email},
            "company": {"connect": {"where": {"domainName": {"primaryLinkUrl": company}}}}})
    };
    let path = "/rest/batch/people?upsert=true&depth=1";
    for companies in [["acme.example", "bolt.example"], ["bolt.example", "acme.example"]] {
        let people =
            json!([person("ida@acme.example", companies[0]), person("una@acme.example", companies[1])]);
        let people = client.post(path, people).await;
        assert_eq!(people.outcome(), "201", "{}", people.body);
        let found = people.list("/data/createPeople").iter().map(|person| &person["company"]["domainName"]);
        let found: Vec<&Json> = found.map(|domain| &domain["primaryLinkUrl"]).collect();
        assert_eq!(found, companies);
    }
    let all = client.get("/rest/people").await;
    assert_eq!(all.part("/totalCount"), &json!(2), "{}", all.body);
}

#[tokio::test]
async fn upserts_that_are_refused_change_nothing() {
    let server = TestServer::start();
    let client = server.client();
    let made = upsert(
        &client,
        json!([{"name": "Acme", "domainName": domain("acme.example")},
        {"name": "Bolt", "domainName": domain("bolt.example")}]),
    )
    .await;
    let ids: Vec<&Json> = made.list("/data/createCompanies").iter().map(|company| &company["id"]).collect();
    let before = Everything::read(&client).await;
    let good = json!({"id": ids[0], "name": "Changed"});
    let new = json!({"name": "New", "domainName": domain("new.example")});
    for (case, last, outcome) in [
        (
            "two matches",
            json!({"id": ids[0], "domainName": domain("bolt.example")}),
            ["400 BadRequestException", "200 BAD_USER_INPUT UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT"],
        ),
        ("a new key twice", new.clone(), ["400 BadRequestException", "200 BAD_USER_INPUT"]),
        (
            "an unknown field",
            json!({"nmae": "A"}),
            ["400 BadRequestException", "200 BAD_USER_INPUT INVALID_ARGS_DATA"],
        ),
        (
            "a bad id",
            json!({"id": "one"}),
            ["400 Error INVALID_QUERY_INPUT", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"],
        ),
        (
            "no such member",
            json!({"id": ids[1], "accountOwnerId": "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}),
            ["400 BadRequestException", "200 BAD_USER_INPUT"],
        ),
    ] {
        let records = json!([good, new, last]);
        assert_outcome(&upsert(&client, records.clone()).await, outcome[0], case);
        let over_graphql = client.graphql(UPSERT_COMPANIES, json!({"data": records})).await;
        assert_outcome(&over_graphql, outcome[1], case);
    }
    let flag = "mutation { createCompany(data: {name: \"A\"}, upsert: \"yes\") { id } }";
    assert_outcome(
        &client.graphql(flag, json!({})).await,
        "200 BAD_USER_INPUT INVALID_QUERY_INPUT",
        "no flag",
    );
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn upserts_of_the_same_new_record_at_once_make_one() {
    let server = TestServer::start();
    let client = server.client();
    let records = json!([{"name": "Acme", "domainName": domain("acme.example")},
        {"name": "Bolt", "domainName": domain("bolt.example")}]);
    let answers = join_all((0..16).map(|_| upsert(&client, records.clone()))).await;
    for answer in &answers {
        assert_eq!(answer.outcome(), "201", "{}", answer.body);
    }
    let all = client.get("/rest/companies").await;
    assert_eq!(all.part("/totalCount"), &json!(2), "{}", all.body);
}

#[tokio::test]
async fn upserts_that_overlap_in_any_order_all_succeed() {
    let server = TestServer::start();
    let client = server.client();
    let batches = (0..12).map(|batch: usize| {
        let client = client.clone();
        let records = (0..10).map(move |place| {
            // Each batch has a window of its own, every second one backwards.
            let number = batch / 2 + if batch.is_multiple_of(2) { place } else { 9 - place };
            json!({"name": format!("C{number}"), "domainName": domain(&format!("c{number}.example"))})
        });
        async move { upsert(&client, records.collect()).await }
    });
    for answer in join_all(batches).await {
        assert_eq!(answer.outcome(), "201", "{}", answer.body);
    }
    let all = client.get("/rest/companies").await;
    assert_eq!(all.part("/totalCount"), &json!(15), "{}", all.body);
}
