//! Changes to objects and fields that exist: what records, both Core APIs and search make of them.

use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::model::create_object;
use crate::support::{Client, Response, TestServer};

/// Changes a field over GraphQL.
async fn update_field(client: &Client, id: &str, update: Json) -> Response {
    let document = "mutation M($id: UUID!, $update: UpdateFieldInput!) { updateOneField(input: \
                    {id: $id, update: $update}) { id name label isUnique isActive options } }";
    client.metadata(document, json!({"id": id, "update": update})).await
}

/// Creates a field and gives its id.
async fn field(client: &Client, object: &str, members: Json) -> String {
    let mut field = json!({"objectMetadataId": object, "label": "Anything"});
    for (name, value) in members.as_object().into_iter().flatten() {
        field[name] = value.clone();
    }
    let created = client.post("/rest/metadata/fields", field).await;
    assert_eq!(created.status, 201, "{}", created.body);
    created.text("/id")
}

/// The standard object with this name, as REST tells it.
async fn standard(client: &Client, name: &str) -> Json {
    let listed = client.get("/rest/metadata/objects?limit=200").await;
    listed.list("/data").iter().find(|object| object["nameSingular"] == name).cloned().expect("it is there")
}

fn field_of<'a>(object: &'a Json, name: &str) -> &'a Json {
    let fields = object["fields"].as_array().expect("an object has fields");
    fields.iter().find(|field| field["name"] == name).expect("the field is there")
}

fn id_of(entity: &Json) -> &str {
    entity["id"].as_str().expect("it has an id")
}

#[tokio::test]
async fn a_renamed_field_keeps_its_values_its_index_and_its_place_in_search() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let place = field(&client, &object, json!({"type": "TEXT", "name": "place", "isUnique": true})).await;
    let links = field(&client, &object, json!({"type": "LINKS", "name": "site"})).await;
    let relation = json!({
        "type": "MANY_TO_ONE", "targetObjectMetadataId": id_of(&standard(&client, "company").await),
        "targetFieldLabel": "Guests", "targetFieldIcon": "IconUser",
    });
    let host = json!({"type": "RELATION", "name": "host", "relationCreationPayload": relation});
    let host = field(&client, &object, host).await;
    let company =
        client.post("/rest/companies", json!({"name": "Acme"})).await.text("/data/createCompany/id");
    let record = json!({
        "name": "Winter", "place": "Bergen", "site": {"primaryLinkUrl": "https://bergen.example"}, "hostId": company,
    });
    let id = client.post("/rest/visits", record).await.text("/data/createVisit/id");
    let stored = client.get("/rest/metadata/objects?limit=200").await;
    let visit =
        stored.list("/data").iter().find(|object| object["nameSingular"] == "visit").expect("it is there");
    let name = id_of(field_of(visit, "name")).to_owned();

    for (field, name) in [(&place, "town"), (&links, "page"), (&host, "owner"), (&name, "season")] {
        let renamed = update_field(&client, field, json!({ "name": name })).await;
        assert_eq!(renamed.text("/data/updateOneField/name"), name, "{}", renamed.body);
    }
    let read = client.get(&format!("/rest/visits/{id}?depth=1")).await;
    let visit = read.part("/data/visit");
    assert_eq!((&visit["town"], &visit["season"]), (&json!("Bergen"), &json!("Winter")), "{visit}");
    assert_eq!(visit["page"]["primaryLinkUrl"], "https://bergen.example", "{visit}");
    assert_eq!((&visit["ownerId"], &visit["owner"]["name"]), (&json!(company), &json!("Acme")), "{visit}");
    for old in ["place", "name", "site", "host", "hostId"] {
        assert!(visit.get(old).is_none(), "{old}: {visit}");
    }
    let found = client
        .graphql("{ visits(filter: {town: {eq: \"Bergen\"}}, orderBy: [{season: AscNullsFirst}]) { edges { node { season page { primaryLinkUrl } owner { name } } } } }", json!({}))
        .await;
    assert_eq!(found.text("/data/visits/edges/0/node/owner/name"), "Acme", "{}", found.body);
    assert_outcome(&client.post("/rest/visits", json!({"town": "Bergen"})).await, "400", "still unique");
    for text in ["Winter", "Summer"] {
        let found =
            client.graphql("query Q($text: String!) { search(searchInput: $text, limit: 5) { edges { node { recordId } } } }", json!({ "text": text })).await;
        assert_eq!(found.text("/data/search/edges/0/node/recordId"), id, "{text}: {}", found.body);
        let changed = client.patch(&format!("/rest/visits/{id}"), json!({"season": "Summer"})).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }
    // The name that was given up is free, for another type too.
    field(&client, &object, json!({"type": "NUMBER", "name": "place", "isUnique": true})).await;
    assert_eq!(client.patch(&format!("/rest/visits/{id}"), json!({"place": 7})).await.status, 200);
}

#[tokio::test]
async fn a_renamed_object_is_served_under_its_new_names_only() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "quay").await;
    let berth = create_object(&client, "berth").await;
    field(&client, &object, json!({"type": "TEXT", "name": "code", "isUnique": true})).await;
    // A relation to it, and one of several targets.
    let target = |label: &str| json!({"type": "MANY_TO_ONE", "targetObjectMetadataId": object, "targetFieldLabel": label, "targetFieldIcon": "IconShip"});
    let home = json!({"type": "RELATION", "name": "home", "relationCreationPayload": target("Berths")});
    field(&client, &berth, home).await;
    let owner = json!({"type": "MORPH_RELATION", "name": "owner", "morphRelationsCreationPayload": [target("Owned")]});
    field(&client, &berth, owner).await;
    let quay =
        client.post("/rest/quays", json!({"name": "North", "code": "N"})).await.text("/data/createQuay/id");
    let record = json!({"name": "One", "homeId": quay, "ownerQuayId": quay});
    let berth = client.post("/rest/berths", record).await.text("/data/createBerth/id");
    let note = client.post("/rest/notes", json!({"title": "Seen"})).await.text("/data/createNote/id");
    let noted = client.post("/rest/noteTargets", json!({"noteId": note, "targetQuayId": quay})).await;
    assert_eq!(noted.status, 201, "{}", noted.body);

    let names = json!({"nameSingular": "dock", "namePlural": "docks"});
    let renamed = client.patch(&format!("/rest/metadata/objects/{object}"), names).await;
    assert_eq!((renamed.status, renamed.text("/labelSingular")), (200, "Quay".into()), "{}", renamed.body);
    assert_outcome(&client.get("/rest/quays").await, "400", "the old path");
    let read = client.get(&format!("/rest/docks/{quay}?depth=1")).await;
    assert_eq!(read.text("/data/dock/berths/0/name"), "One", "{}", read.body);
    let read = client.get(&format!("/rest/berths/{berth}?depth=1")).await;
    assert_eq!(read.text("/data/berth/home/name"), "North", "{}", read.body);
    assert_eq!(read.text("/data/berth/ownerDock/name"), "North", "{}", read.body);
    assert!(read.part("/data/berth").get("ownerQuayId").is_none(), "{}", read.body);
    let noted = client.get("/rest/noteTargets").await;
    assert_eq!(noted.text("/data/noteTargets/0/targetDockId"), quay, "{}", noted.body);
    // Counts, unique indexes, search and foreign keys go on under the new name.
    let second = client.post("/rest/docks", json!({"name": "South", "code": "S"})).await;
    assert_eq!(second.status, 201, "{}", second.body);
    assert_outcome(&client.post("/rest/docks", json!({"code": "S"})).await, "400", "still unique");
    assert_eq!(client.get("/rest/docks").await.part("/totalCount"), 2);
    let search = "{ search(searchInput: \"South\", limit: 5) { edges { node { objectNameSingular } } } }";
    let found = client.graphql(search, json!({})).await;
    assert_eq!(found.text("/data/search/edges/0/node/objectNameSingular"), "dock", "{}", found.body);
    let gone =
        client.graphql("mutation M($id: UUID!) { destroyDock(id: $id) { id } }", json!({ "id": quay })).await;
    assert_eq!(gone.outcome(), "200", "{}", gone.body);
    let read = client.get(&format!("/rest/berths/{berth}")).await;
    assert_eq!(read.part("/data/berth/homeId"), &Json::Null, "{}", read.body);

    // The names that were given up are free, in the database too; names in use are not.
    create_object(&client, "quay").await;
    let taken = json!({"nameSingular": "dock"});
    let other = create_object(&client, "crane").await;
    let before = Everything::read(&client).await;
    let refused = client.patch(&format!("/rest/metadata/objects/{other}"), taken).await;
    assert_outcome(&refused, "400 METADATA_VALIDATION_ERROR", "a name that is taken");
    assert_eq!(Everything::read(&client).await, before);
    assert_eq!(client.delete(&format!("/rest/metadata/objects/{object}")).await.status, 200);
    assert_eq!(client.get("/rest/berths").await.status, 200);
}

#[tokio::test]
async fn records_follow_the_options_of_their_fields() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let ids = [1, 2, 3].map(|number| format!("7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e{number}1"));
    let option = |id: usize, value: &str| json!({"id": ids[id], "value": value, "label": value, "position": id, "color": "sky"});
    let options = || json!([option(0, "OPEN"), option(1, "LATE"), option(2, "DONE")]);
    let state = json!({"type": "SELECT", "name": "state", "options": options(), "defaultValue": "'OPEN'"});
    let state = field(&client, &object, state).await;
    let tags =
        field(&client, &object, json!({"type": "MULTI_SELECT", "name": "tags", "options": options()})).await;
    let records = json!([
        {"name": "a", "state": "OPEN", "tags": ["DONE", "OPEN", "LATE"]},
        {"name": "b", "state": "LATE", "tags": ["LATE"]},
        {"name": "c", "state": "DONE", "tags": []},
        {"name": "d", "state": null, "tags": null},
    ]);
    assert_eq!(client.post("/rest/batch/visits", records).await.status, 201);

    let renamed = json!([option(0, "LATE"), option(2, "OPEN")]);
    let refused =
        update_field(&client, &state, json!({"options": [option(0, "NEW"), option(2, "DONE")]})).await;
    assert_outcome(&refused, "200 METADATA_VALIDATION_FAILED", "the default is no option any more");
    let update = json!({"options": renamed, "defaultValue": "'OPEN'"});
    for (field, update) in [(&state, update), (&tags, json!({ "options": renamed }))] {
        let changed = update_field(&client, field, update).await;
        assert_eq!(changed.outcome(), "200", "{}", changed.body);
    }
    let read = client.get("/rest/visits?order_by=name").await;
    let stored: Vec<_> = read
        .list("/data/visits")
        .iter()
        .map(|visit| (visit["state"].clone(), visit["tags"].clone()))
        .collect();
    let expected = [
        (json!("LATE"), json!(["OPEN", "LATE"])),
        (json!("OPEN"), json!([])),
        (json!("OPEN"), json!([])),
        (json!(null), json!(null)),
    ];
    for (stored, expected) in stored.iter().zip(&expected) {
        assert_eq!(stored.0, expected.0, "{}", read.body);
        let is_empty = |tags: &Json| tags.as_array().is_none_or(Vec::is_empty);
        assert!(stored.1 == expected.1 || is_empty(&stored.1) && is_empty(&expected.1), "{}", read.body);
    }
    assert_outcome(
        &client.post("/rest/visits", json!({"state": "DONE"})).await,
        "400",
        "an option that is gone",
    );
    let schema =
        client.graphql("{ __type(name: \"VisitStateEnum\") { enumValues { name } } }", json!({})).await;
    assert_eq!(schema.part("/data/__type/enumValues"), &json!([{"name": "LATE"}, {"name": "OPEN"}]));
}

#[tokio::test]
async fn a_field_becomes_unique_and_plain_again_and_duplicates_refuse_it() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let place = field(&client, &object, json!({"type": "TEXT", "name": "place"})).await;
    let create = || client.post("/rest/visits", json!({"place": "Bergen"}));
    let (first, second) = (create().await, create().await);
    assert_eq!((first.status, second.status), (201, 201));
    let before = Everything::read(&client).await;
    let refused = update_field(&client, &place, json!({"isUnique": true, "label": "Town"})).await;
    assert_outcome(&refused, "200 INTERNAL_SERVER_ERROR *", "two records are the same");
    assert!(refused.message().starts_with("2 records of `visit`"), "{}", refused.body);
    assert_eq!(Everything::read(&client).await, before);
    let id = second.text("/data/createVisit/id");
    assert_eq!(client.delete(&format!("/rest/visits/{id}")).await.status, 200);
    for (is_unique, outcome) in [(true, "400"), (true, "400"), (false, "201")] {
        // A record in the trash counts as well, so it goes for good.
        let _ = client
            .graphql("mutation M($id: UUID!) { destroyVisit(id: $id) { id } }", json!({ "id": id }))
            .await;
        let changed = update_field(&client, &place, json!({ "isUnique": is_unique })).await;
        assert_eq!(changed.part("/data/updateOneField/isUnique"), is_unique, "{}", changed.body);
        assert_outcome(&create().await, outcome, &format!("unique: {is_unique}"));
    }
}

#[tokio::test]
async fn what_came_with_the_workspace_is_shown_otherwise_and_keeps_what_it_was_called() {
    let server = TestServer::start();
    let client = server.client();
    let company = standard(&client, "company").await;
    let label = "query Q($id: UUID!) { object(id: $id) { labelSingular color description } }";
    let id = id_of(&company);
    for (sent, shown, overrides) in [
        (
            json!({"labelSingular": "Firm", "color": "red"}),
            "Firm",
            json!({"labelSingular": "Firm", "color": "red"}),
        ),
        (json!({"labelSingular": "Company", "color": null}), "Company", json!(null)),
    ] {
        let changed = client.patch(&format!("/rest/metadata/objects/{id}"), sent).await;
        assert_eq!(changed.text("/labelSingular"), "Company", "{}", changed.body);
        assert_eq!(changed.body.get("overrides").unwrap_or(&Json::Null), &overrides);
        let read = client.metadata(label, json!({ "id": id })).await;
        assert_eq!(read.text("/data/object/labelSingular"), shown, "{}", read.body);
    }
    let domain = field_of(&company, "domainName");
    let changed = update_field(&client, id_of(domain), json!({"label": "Web", "isActive": false})).await;
    assert_eq!(changed.text("/data/updateOneField/label"), "Web", "{}", changed.body);
    assert_eq!(changed.part("/data/updateOneField/isActive"), false);
    // It left the UI, not the Core APIs.
    assert_eq!(client.get("/rest/companies?fields=domainName").await.status, 200);
}

#[tokio::test]
async fn another_field_names_the_records_and_what_named_them_stays_searchable() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let place = field(&client, &object, json!({"type": "TEXT", "name": "place"})).await;
    let record = json!({"name": "Winter", "place": "Bergen"});
    let id = client.post("/rest/visits", record).await.text("/data/createVisit/id");
    let update = json!({ "labelIdentifierFieldMetadataId": place });
    let changed = client.patch(&format!("/rest/metadata/objects/{object}"), update).await;
    assert_eq!(changed.text("/labelIdentifierFieldMetadataId"), place, "{}", changed.body);
    for text in ["Winter", "Bergen"] {
        let search = "query Q($text: String!) { search(searchInput: $text, limit: 5) { edges { node { recordId label } } } }";
        let found = client.graphql(search, json!({ "text": text })).await;
        let expected = json!([{"node": {"recordId": id, "label": "Bergen"}}]);
        assert_eq!(found.part("/data/search/edges"), &expected, "{text}: {}", found.body);
    }
    // Now it cannot be left out; the one before can.
    let refused = client.delete(&format!("/rest/metadata/fields/{place}")).await;
    assert_outcome(&refused, "400 METADATA_VALIDATION_ERROR", "the label identifier");
}

#[tokio::test]
async fn both_sides_of_a_relation_are_active_together() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "visit").await;
    let relation = json!({
        "type": "MANY_TO_ONE", "targetObjectMetadataId": id_of(&standard(&client, "company").await),
        "targetFieldLabel": "Guests", "targetFieldIcon": "IconUser",
    });
    let host = json!({"type": "RELATION", "name": "host", "relationCreationPayload": relation});
    let host = field(&client, &object, host).await;
    for is_active in [false, true] {
        let changed = update_field(&client, &host, json!({ "isActive": is_active })).await;
        assert_eq!(changed.part("/data/updateOneField/isActive"), is_active, "{}", changed.body);
        let company = standard(&client, "company").await;
        assert_eq!(field_of(&company, "guests")["isActive"], is_active);
    }
}

#[tokio::test]
async fn the_records_of_every_object_are_counted() {
    let server = TestServer::start();
    let client = server.client();
    create_object(&client, "visit").await;
    let records = json!([{"name": "a"}, {"name": "b"}, {"name": "c"}]);
    let created = client.post("/rest/batch/visits", records).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let id = created.text("/data/createVisits/0/id");
    assert_eq!(client.delete(&format!("/rest/visits/{id}?soft_delete=true")).await.status, 200);
    let counts = client.metadata("{ objectRecordCounts { objectNamePlural totalCount } }", json!({})).await;
    let counts = counts.list("/data/objectRecordCounts");
    let objects = client.get("/rest/metadata/objects?limit=200").await;
    assert_eq!(counts.len(), objects.list("/data").len());
    assert!(counts.contains(&json!({"objectNamePlural": "visits", "totalCount": 2})), "{counts:?}");
}

#[tokio::test]
async fn updates_that_are_refused() {
    let server = TestServer::start();
    let client = server.client();
    create_object(&client, "visit").await;
    let (company, visit) = (standard(&client, "company").await, standard(&client, "visit").await);
    let visit_field = |name: &str| id_of(field_of(&visit, name)).to_owned();
    let number = field(&client, id_of(&visit), json!({"type": "NUMBER", "name": "guests"})).await;
    let files = json!({"type": "FILES", "name": "papers", "settings": {"maxNumberOfValues": 3}});
    let files = field(&client, id_of(&visit), files).await;
    let options = json!([{"value": "A", "label": "A", "position": 0, "color": "sky"}]);
    let opportunity = id_of(&standard(&client, "opportunity").await).to_owned();
    let stage =
        field(&client, &opportunity, json!({"type": "SELECT", "name": "phase", "options": options})).await;
    let unknown = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";
    let before = Everything::read(&client).await;
    let (report, input) = ("400 METADATA_VALIDATION_ERROR", "400");
    for (case, id, update, outcome) in [
        (
            "a standard object's name",
            id_of(&company),
            json!({"nameSingular": "firm", "icon": "IconX"}),
            "400",
        ),
        (
            "a standard object's label field",
            id_of(&company),
            json!({"labelIdentifierFieldMetadataId": unknown}),
            "400",
        ),
        ("an unknown label field", id_of(&visit), json!({"labelIdentifierFieldMetadataId": unknown}), "404"),
        (
            "a number as label field",
            id_of(&visit),
            json!({ "labelIdentifierFieldMetadataId": number }),
            report,
        ),
        ("no label field", id_of(&visit), json!({"labelIdentifierFieldMetadataId": null}), report),
        ("a malformed label field", id_of(&visit), json!({"labelIdentifierFieldMetadataId": "one"}), input),
        (
            "an image of another type",
            id_of(&visit),
            json!({ "imageIdentifierFieldMetadataId": number }),
            report,
        ),
        ("a blank label", id_of(&visit), json!({"labelSingular": "  "}), report),
        ("an empty label", id_of(&visit), json!({"labelSingular": ""}), report),
        ("no label", id_of(&visit), json!({"labelSingular": null}), input),
        ("an unknown place", id_of(&visit), json!({"openRecordIn": "MOON"}), input),
        ("a text for a flag", id_of(&visit), json!({"isActive": "no"}), input),
    ] {
        let refused = client.patch(&format!("/rest/metadata/objects/{id}"), update).await;
        assert_outcome(&refused, outcome, case);
    }
    let (name, created) = (visit_field("name"), visit_field("createdAt"));
    let tasks = visit_field("taskTargets");
    for (case, id, update, outcome) in [
        ("a blank label", &number, json!({"label": "  "}), report),
        ("a choice called as another", &stage, json!({"name": "stage"}), report),
        ("a name with a blank", &number, json!({"name": "two words"}), report),
        ("a name that is taken", &number, json!({"name": "createdAt"}), report),
        ("a name with a quote", &number, json!({"name": "a'b"}), input),
        ("a label of its own", &number, json!({"isLabelSyncedWithName": true, "label": "Visitors"}), report),
        ("a default of another type", &number, json!({"defaultValue": "'many'"}), report),
        ("unique with a default", &number, json!({"defaultValue": 5, "isUnique": true}), report),
        ("unique files", &files, json!({"isUnique": true}), report),
        ("files by default", &files, json!({"defaultValue": []}), report),
        ("files without limit", &files, json!({"settings": {}}), report),
        ("the label field deactivated", &name, json!({"isActive": false}), report),
        ("a system field's label", &created, json!({"label": "Born"}), "403"),
        ("a field that the server keeps", &tasks, json!({"label": "Jobs"}), "403"),
        ("a text for a flag", &number, json!({"isUnique": "no"}), input),
        ("more targets of a relation", &number, json!({"morphRelationsUpdatePayload": [{}]}), input),
        ("an unknown field", &unknown.to_owned(), json!({"label": "X"}), input),
        ("a malformed id", &"one".to_owned(), json!({"label": "X"}), input),
    ] {
        let refused = client.patch(&format!("/rest/metadata/fields/{id}"), update).await;
        assert_outcome(&refused, outcome, case);
    }
    assert_eq!(Everything::read(&client).await, before);
}
