//! Objects and fields that tests add to the data model.

use serde_json::{Value as Json, json};

use super::{Client, Response};

/// Makes an object whose plural has an `s` more; its id.
///
/// # Panics
/// When the server refuses it.
pub(crate) async fn create_object(client: &Client, name: &str) -> String {
    let created = client.post("/rest/metadata/objects", object(name)).await;
    assert_eq!(created.outcome(), "201", "{name}: {}", created.body);
    created.text("/id")
}

/// Makes a field that needs nothing but a type; its id.
///
/// # Panics
/// When the server refuses it.
pub(crate) async fn create_field(client: &Client, object_id: &str, field_type: &str, name: &str) -> String {
    let created = try_create_field(client, object_id, field_type, name).await;
    assert_eq!(created.outcome(), "201", "{name}: {}", created.body);
    created.text("/id")
}

/// As `create_field`; whatever the server answers.
pub(crate) async fn try_create_field(
    client: &Client,
    object_id: &str,
    field_type: &str,
    name: &str,
) -> Response {
    let field = json!({"objectMetadataId": object_id, "type": field_type, "name": name, "label": name});
    client.post("/rest/metadata/fields", field).await
}

/// The id of an object by its name.
///
/// # Panics
/// When there is none.
pub(crate) async fn object_id(client: &Client, name: &str) -> String {
    let objects = client.get("/rest/metadata/objects?limit=200").await;
    let object = objects.list("/data").iter().find(|object| object["nameSingular"] == name);
    let object = object.unwrap_or_else(|| panic!("no object {name} in {}", objects.body));
    object["id"].as_str().expect("an id is text").to_owned()
}

fn object(name: &str) -> Json {
    json!({
        "nameSingular": name, "namePlural": format!("{name}s"),
        "labelSingular": name, "labelPlural": format!("{name}s"),
    })
}
