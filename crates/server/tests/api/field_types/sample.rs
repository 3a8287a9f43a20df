//! The object `sample`, which has a field of every type that clients can make.

use serde_json::{Value as Json, json};

use crate::support::model::{create_object, object_id};
use crate::support::{Client, Response, TestServer};

/// A server whose workspace has the object.
pub(crate) struct Samples {
    pub(crate) client: Client,
    pub(crate) server: TestServer,
}

/// One of the two ways to the records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Door {
    Rest,
    Graphql,
}

pub(super) const DOORS: [Door; 2] = [Door::Rest, Door::Graphql];

impl Samples {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start();
        let client = server.client();
        let object = create_object(&client, "sample").await;
        let company = object_id(&client, "company").await;
        for field in fields(&company) {
            let mut field = field;
            field["objectMetadataId"] = json!(object);
            field["label"] = field["name"].clone();
            let created = client.post("/rest/metadata/fields", field.clone()).await;
            assert_eq!(created.outcome(), "201", "{field}: {}", created.body);
        }
        Self { client, server }
    }

    /// Creates a record through a door; what it answers, and the record if there is one.
    pub(super) async fn create(&self, door: Door, field: &str, value: &Json) -> (Response, Json) {
        match door {
            Door::Rest => {
                let created = self.client.post("/rest/samples", json!({field: value})).await;
                let record = created.body["data"]["createSample"].clone();
                (created, record)
            }
            Door::Graphql => {
                // A composite without a selection is the whole composite.
                let document = format!(
                    "mutation M($data: SampleCreateInput!) {{ createSample(data: $data) {{ id {field} }} }}"
                );
                let created = self.client.graphql(&document, json!({"data": {field: value}})).await;
                let record = created.body["data"]["createSample"].clone();
                (created, record)
            }
        }
    }

    /// Changes one field of a record through a door; what it answers, and the field if it was changed.
    pub(super) async fn update(&self, door: Door, id: &str, field: &str, value: &Json) -> (Response, Json) {
        match door {
            Door::Rest => {
                let updated = self.client.patch(&format!("/rest/samples/{id}"), json!({field: value})).await;
                let value = updated.body["data"]["updateSample"][field].clone();
                (updated, value)
            }
            Door::Graphql => {
                let document = format!(
                    "mutation M($id: UUID!, $data: SampleUpdateInput!) {{ \
                     updateSample(id: $id, data: $data) {{ {field} }} }}"
                );
                let variables = json!({"id": id, "data": {field: value}});
                let updated = self.client.graphql(&document, variables).await;
                let value = updated.body["data"]["updateSample"][field].clone();
                (updated, value)
            }
        }
    }
}

/// Compares what was read with what a table names: of objects the members that it names.
///
/// # Panics
/// When they differ.
#[track_caller]
pub(super) fn assert_reads(read: &Json, expected: &Json, case: &str) {
    match (read, expected) {
        (Json::Object(read), Json::Object(expected)) if !expected.is_empty() => {
            for (name, expected) in expected {
                assert_reads(read.get(name).unwrap_or(&Json::Null), expected, &format!("{case}, {name}"));
            }
        }
        _ => assert_eq!(read, expected, "{case}"),
    }
}

/// How a refusal with this code looks through a door.
pub(super) fn refusal(door: Door, code: &str) -> String {
    match (door, code) {
        (Door::Rest, "INVALID_ARGS_DATA" | "INVALID_ARGS_FILTER") => "400 BadRequestException".into(),
        (Door::Rest, code) => format!("400 Error {code}"),
        (Door::Graphql, code) => format!("200 BAD_USER_INPUT {code}"),
    }
}

fn fields(company: &str) -> Vec<Json> {
    let option = |(place, value): (usize, &str)| json!({"value": value, "label": value, "position": place});
    let options = |values: &[&str]| values.iter().copied().enumerate().map(option).collect::<Json>();
    vec![
        json!({"type": "UUID", "name": "uuid"}),
        json!({"type": "TEXT", "name": "text"}),
        json!({"type": "NUMBER", "name": "number"}),
        json!({"type": "NUMBER", "name": "whole", "settings": {"dataType": "int"}}),
        json!({"type": "BOOLEAN", "name": "flag"}),
        json!({"type": "DATE", "name": "day"}),
        json!({"type": "DATE_TIME", "name": "moment"}),
        // Neither the order of the alphabet nor its reverse.
        json!({"type": "SELECT", "name": "stage", "options": options(&["NEW", "WON", "LOST"])}),
        json!({"type": "RATING", "name": "rating"}),
        json!({"type": "MULTI_SELECT", "name": "tags", "options": options(&["COLD", "BULKY"])}),
        json!({"type": "ARRAY", "name": "words"}),
        json!({"type": "RAW_JSON", "name": "extra"}),
        json!({"type": "FILES", "name": "docs", "settings": {"maxNumberOfValues": 2}}),
        json!({"type": "FULL_NAME", "name": "fullName"}),
        json!({"type": "EMAILS", "name": "mails"}),
        json!({"type": "PHONES", "name": "tels"}),
        json!({"type": "LINKS", "name": "site"}),
        json!({"type": "ADDRESS", "name": "place"}),
        json!({"type": "CURRENCY", "name": "price"}),
        json!({"type": "ACTOR", "name": "actor"}),
        json!({"type": "RICH_TEXT", "name": "story"}),
        json!({"type": "RELATION", "name": "owner", "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company,
            "targetFieldLabel": "Samples", "targetFieldIcon": "IconBox",
        }}),
        json!({"type": "TEXT", "name": "title", "isNullable": false, "defaultValue": "'draft'"}),
        json!({"type": "NUMBER", "name": "count", "isNullable": false, "defaultValue": 3}),
        json!({"type": "SELECT", "name": "phase", "isNullable": false, "defaultValue": "'B'",
            "options": options(&["A", "B"])}),
        json!({"type": "MULTI_SELECT", "name": "kinds", "isNullable": false, "defaultValue": ["'X'"],
            "options": options(&["X", "Y"])}),
        json!({"type": "ARRAY", "name": "bits", "isNullable": false, "defaultValue": ["'a'"]}),
        json!({"type": "CURRENCY", "name": "fee",
            "defaultValue": {"amountMicros": "'1000000'", "currencyCode": "'USD'"}}),
        json!({"type": "TEXT", "name": "code", "isUnique": true}),
        json!({"type": "EMAILS", "name": "mailKey", "isUnique": true}),
        json!({"type": "PHONES", "name": "telKey", "isUnique": true}),
        json!({"type": "LINKS", "name": "siteKey", "isUnique": true}),
    ]
}
