//! Names as long as names may be, whose columns have names that are longer yet.

use serde_json::{Value as Json, json};

use crate::support::TestServer;
use crate::support::model::object_id;

/// A name of 63 characters that begins like all others and ends in `end`.
fn name(end: &str) -> String {
    format!("{}{end}", "n".repeat(63 - end.len()))
}

#[tokio::test]
async fn an_object_and_its_fields_with_the_longest_names() {
    let server = TestServer::start();
    let client = server.client();
    let (one, many) = (name("Vessel"), name("Fleet"));
    let object = json!({"nameSingular": one, "namePlural": many, "labelSingular": "V", "labelPlural": "F"});
    let created = client.post("/rest/metadata/objects", object).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let object = created.text("/id");
    let company = object_id(&client, "company").await;
    let [price, captain, owner, contact, text] = ["Price", "Captain", "Owner", "Contact", "Text"].map(name);
    for mut field in [
        json!({"type": "CURRENCY", "name": price}),
        json!({"type": "FULL_NAME", "name": captain}),
        json!({"type": "EMAILS", "name": contact, "isUnique": true}),
        json!({"type": "TEXT", "name": text, "isUnique": true}),
        json!({"type": "RELATION", "name": owner, "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company,
            "targetFieldLabel": "Fleet", "targetFieldIcon": "IconShip"}}),
    ] {
        field["objectMetadataId"] = json!(object);
        field["label"] = json!("A label");
        let created = client.post("/rest/metadata/fields", field).await;
        assert_eq!(created.outcome(), "201", "{}", created.body);
    }
    let company = client.post("/rest/companies", json!({"name": "Harbour Light"})).await;
    let company = company.text("/data/createCompany/id");
    let owner_id = format!("{owner}Id");
    let vessel = |number: usize| {
        json!({
            (&price): {"amountMicros": number * 1_000_000, "currencyCode": "EUR"},
            (&captain): {"firstName": format!("Ida {number}"), "lastName": "Berg"},
            (&contact): {"primaryEmail": format!("ida{number}@example.org")},
            (&text): format!("text {number}"),
            (&owner_id): company,
        })
    };
    let path = format!("/rest/{many}");
    let batch = client.post(&format!("/rest/batch/{many}"), (0..3).map(vessel).collect()).await;
    assert_eq!(batch.outcome(), "201", "{}", batch.body);
    let pointer = format!("/data/create{}", capitalized(&many));
    let ids: Vec<&str> = batch.list(&pointer).iter().filter_map(|vessel| vessel["id"].as_str()).collect();

    let filter = format!("and({price}.amountMicros[gte]:1000000,{captain}.lastName[eq]:Berg)");
    let order = format!("{captain}.firstName[DescNullsLast]");
    let read = client.get_with(&path, &[("filter", &filter), ("order_by", &order), ("depth", "1")]).await;
    let found = read.list(&format!("/data/{many}"));
    let firsts: Vec<&Json> = found.iter().map(|vessel| &vessel[&captain]["firstName"]).collect();
    assert_eq!(firsts, ["Ida 2", "Ida 1"], "{}", read.body);
    assert_eq!(found[0][&owner]["name"], "Harbour Light", "{}", read.body);
    assert_eq!(found[0][&price]["amountMicros"], json!(2_000_000), "{}", read.body);

    let document = format!(
        "{{ {many}(filter: {{{owner}: {{name: {{eq: \"Harbour Light\"}}}}, {text}: {{eq: \"text 1\"}}}}, \
         orderBy: [{{{text}: AscNullsFirst}}]) {{ totalCount edges {{ node {{ {price} {{ amountMicros }} \
         {owner} {{ name }} }} }} }} }}"
    );
    let read = client.graphql(&document, json!({})).await;
    assert_eq!(read.part(&format!("/data/{many}/totalCount")), &json!(1), "{}", read.body);

    for (field, value) in [(&contact, json!({"primaryEmail": "ida1@example.org"})), (&text, json!("text 1"))]
    {
        let document = format!(
            "mutation M($data: {0}CreateInput!) {{ create{0}(data: $data) {{ id }} }}",
            capitalized(&one)
        );
        let refused = client.graphql(&document, json!({"data": {(field): value}})).await;
        assert_eq!(refused.outcome(), "200 BAD_USER_INPUT", "{}", refused.body);
        assert!(refused.message().contains(field.as_str()), "{field}: {}", refused.message());
        assert_eq!(refused.text("/errors/0/extensions/conflictingRecordId"), ids[1], "{}", refused.body);
        let taken = client.patch(&format!("{path}/{}", ids[2]), json!({(field): value})).await;
        assert_eq!(taken.outcome(), "400 BadRequestException", "{}", taken.body);
        assert!(taken.message().contains(field.as_str()), "{field}: {}", taken.message());
    }
    let deleted = client.delete(&format!("/rest/metadata/objects/{object}")).await;
    assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
