//! An object with a field of every type that can be created.

use serde_json::{Value as Json, json};

use crate::support::Client;

/// Fields of the object `sample`, apart from its relation and what every object has.
pub(super) fn fields() -> Vec<(&'static str, Json)> {
    let options = |values: &[&str]| -> Json {
        let option = |(position, value): (usize, &&str)| json!({"value": value, "label": value.to_lowercase(), "position": position, "color": "blue"});
        values.iter().enumerate().map(option).collect()
    };
    vec![
        ("code", json!({"type": "TEXT", "isUnique": true})),
        ("text", json!({"type": "TEXT"})),
        ("number", json!({"type": "NUMBER"})),
        ("flag", json!({"type": "BOOLEAN", "defaultValue": false})),
        ("day", json!({"type": "DATE"})),
        ("moment", json!({"type": "DATE_TIME"})),
        ("stage", json!({"type": "SELECT", "options": options(&STAGES)})),
        ("tags", json!({"type": "MULTI_SELECT", "options": options(&TAGS)})),
        ("words", json!({"type": "ARRAY"})),
        ("extra", json!({"type": "RAW_JSON"})),
        ("fullName", json!({"type": "FULL_NAME"})),
        ("mails", json!({"type": "EMAILS"})),
        ("tel", json!({"type": "PHONES"})),
        ("site", json!({"type": "LINKS"})),
        ("place", json!({"type": "ADDRESS"})),
        ("price", json!({"type": "CURRENCY"})),
        ("story", json!({"type": "RICH_TEXT"})),
        ("reference", json!({"type": "UUID"})),
    ]
}

/// Not in the order of the alphabet.
pub(super) const STAGES: [&str; 4] = ["NEW", "ASKED", "MET", "CLOSED"];
pub(super) const TAGS: [&str; 3] = ["RED", "BLUE", "GREEN"];

/// Which of them companies have too.
pub(super) const OF_COMPANY: [&str; 6] = ["tags", "words", "extra", "tel", "site", "price"];

/// Makes the object, related to companies.
pub(super) async fn create(client: &Client) {
    let object = json!({
        "nameSingular": "sample", "namePlural": "samples", "labelSingular": "Sample", "labelPlural": "Samples",
    });
    let created = client.post("/rest/metadata/objects", object).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let sample = created.text("/id");
    let objects = client.get("/rest/metadata/objects?limit=200").await;
    let company = objects.list("/data").iter().find(|object| object["nameSingular"] == "company");
    let company = company.expect("there are companies")["id"].clone();
    let owner = json!({"type": "RELATION", "relationCreationPayload": {
        "type": "MANY_TO_ONE", "targetObjectMetadataId": company,
        "targetFieldLabel": "Samples", "targetFieldIcon": "IconBox",
    }});
    let of_sample = fields().into_iter().chain([("owner", owner)]).map(|field| (json!(sample), field));
    // What merges treat in their own way.
    let of_company = fields().into_iter().filter(|(name, _)| OF_COMPANY.contains(name));
    let of_company = of_company.map(|field| (company.clone(), field));
    for (object, (name, mut field)) in of_sample.chain(of_company) {
        field["objectMetadataId"] = object;
        field["name"] = json!(name);
        field["label"] = json!(name);
        let created = client.post("/rest/metadata/fields", field).await;
        assert_eq!(created.outcome(), "201", "{name}: {}", created.body);
    }
}
