//! Changes of a data model on a real database file.

use axum::http::Method;
use fourfold_model::{FieldDraft, ObjectDraft, create_field, create_object, delete_field, delete_object};
use fourfold_query::sql::Statement;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::*;
use crate::accounts::{Caller, Identity, Role};
use crate::rest::QueryParams;
use crate::store::{FileMode, Premise};
use crate::workspace::Workspace;

/// A workspace in a folder of its own, and somebody who may change its data model.
pub(crate) struct TestWorkspace {
    folder: tempfile::TempDir,
    pub(crate) caller: Caller,
}

impl TestWorkspace {
    pub(crate) async fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.sqlite");
        let store = Store::open_file(&path, FileMode::CreateIfMissing, MIGRATIONS).unwrap();
        let model = create(&store).await.unwrap();
        let workspace = Arc::new(Workspace::new(Uuid::new_v4(), store, model));
        let role = Role {
            id: Uuid::new_v4(),
            label: "Admin".into(),
            can_update_all_settings: true,
            can_read_all_object_records: true,
            can_update_all_object_records: true,
            can_soft_delete_all_object_records: true,
            can_destroy_all_object_records: true,
            can_be_assigned_to_users: true,
            can_be_assigned_to_api_keys: true,
        };
        let identity = Identity::ApiKey { id: Uuid::new_v4(), name: "key".into() };
        Self { folder, caller: Caller { workspace, role: Arc::new(role), identity } }
    }

    pub(crate) fn admin(&self) -> DataModelAdmin {
        self.caller.data_model_admin().unwrap()
    }

    /// Every row of every table, for comparing; read beside the workspace's own store.
    pub(crate) fn dump(&self) -> Vec<String> {
        let file = rusqlite::Connection::open(self.folder.path().join("workspace.sqlite")).unwrap();
        let mut tables =
            file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let mut dumped = Vec::new();
        for table in tables.map(Result::unwrap) {
            let mut rows = file.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
            let columns = rows.column_count();
            let rows = rows.query_map([], |row| {
                let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
                Ok(format!("{table} {:?}", values.collect::<Result<Vec<_>, _>>()?))
            });
            dumped.extend(rows.unwrap().map(Result::unwrap));
        }
        dumped
    }

    fn model(&self) -> Arc<DataModel> {
        self.caller.workspace.data_model()
    }

    /// Another handle on the same database.
    fn reopened(&self) -> Store {
        let path = self.folder.path().join("workspace.sqlite");
        Store::open_file(&path, FileMode::Existing, MIGRATIONS).unwrap()
    }

    async fn execute(&self, text: &'static str) -> Result<u64, StoreError> {
        let store = &self.caller.workspace.store;
        store.apply(Premise::None, vec![Statement::fixed(text)]).await.map(|changed| changed[0])
    }

    async fn rows(&self, text: &'static str) -> Vec<crate::store::Row> {
        self.caller.workspace.store.rows(Statement::fixed(text)).await.unwrap()
    }
}

fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

async fn add_object(workspace: &TestWorkspace, singular: &str, plural: &str) -> ApiResult<Uuid> {
    let input = json!({
        "nameSingular": singular, "namePlural": plural, "labelSingular": singular, "labelPlural": plural,
    });
    let draft = ObjectDraft::parse(&members(input)).unwrap();
    let applied = apply(&workspace.admin(), |model, now| create_object(model, &draft, now)).await?;
    Ok(applied.change.subject)
}

async fn add_field(workspace: &TestWorkspace, input: Json) -> ApiResult<Uuid> {
    let draft = FieldDraft::parse(&members(input)).unwrap();
    let applied = apply(&workspace.admin(), |model, now| create_field(model, &draft, now)).await?;
    Ok(applied.change.subject)
}

/// All that the file says about its tables, in a stable order.
async fn schema(workspace: &TestWorkspace) -> Vec<String> {
    let rows = workspace.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").await;
    rows.iter().map(|row| row.text(0).to_owned()).collect()
}

fn plain(model: &DataModel) -> Vec<fourfold_model::Object> {
    model.objects().iter().map(|object| (**object).clone()).collect()
}

#[tokio::test]
async fn a_new_workspace_is_found_again() {
    let workspace = TestWorkspace::create().await;
    add_object(&workspace, "vessel", "vessels").await.unwrap();
    let store = workspace.reopened();
    let found = load(&store).await.unwrap();
    assert_eq!(found.version(), 2);
    assert_eq!(plain(&found), plain(&workspace.model()));
    assert_eq!(current_version(&store).await.unwrap(), 2);
}

#[tokio::test]
async fn a_workspace_is_not_made_over_another() {
    let workspace = TestWorkspace::create().await;
    let store = workspace.reopened();
    assert!(create(&store).await.is_err());
    assert_eq!(load(&store).await.unwrap().objects().len(), 10);
}

#[tokio::test]
async fn deleting_takes_columns_and_tables_with_their_records() {
    let workspace = TestWorkspace::create().await;
    let before = (schema(&workspace).await, plain(&workspace.model()));
    let vessel = add_object(&workspace, "vessel", "vessels").await.unwrap();
    let company = workspace.model().by_singular("company").unwrap().id;
    let port = add_field(
        &workspace,
        json!({
            "objectMetadataId": company, "type": "RELATION", "name": "flagship", "label": "Flagship",
            "relationCreationPayload": {
                "type": "MANY_TO_ONE", "targetObjectMetadataId": vessel, "targetFieldLabel": "Owners",
            },
        }),
    )
    .await
    .unwrap();
    workspace.execute("INSERT INTO vessel (id, position) VALUES ('v', 1)").await.unwrap();
    workspace.execute("INSERT INTO company (id, flagshipId) VALUES ('c', 'v')").await.unwrap();
    let dangling = workspace.execute("INSERT INTO company (id, flagshipId) VALUES ('d', 'x')").await;
    assert!(matches!(dangling, Err(StoreError::ForeignKey)), "foreign keys are in force");

    apply(&workspace.admin(), |model, _| delete_object(model, vessel)).await.unwrap();
    assert_eq!((schema(&workspace).await, plain(&workspace.model())), before);
    assert!(workspace.model().field(port).is_none());
    let left = workspace.rows("SELECT id FROM company").await;
    assert_eq!(left.len(), 1, "the records of other objects stay");
}

#[tokio::test]
async fn every_type_of_field_comes_and_goes_with_records_in_the_table() {
    let workspace = TestWorkspace::create().await;
    workspace.execute("INSERT INTO company (id) VALUES ('c')").await.unwrap();
    let company = workspace.model().by_singular("company").unwrap().id;
    let before = schema(&workspace).await;
    for field_type in fourfold_model::FieldType::ALL.iter().map(|field_type| field_type.spec()) {
        let is_relation = matches!(field_type.api_name, "RELATION" | "MORPH_RELATION");
        if !field_type.creatable || is_relation {
            continue;
        }
        for is_nullable in [true, false] {
            let input = json!({
                "objectMetadataId": company, "type": field_type.api_name, "name": "extra", "label": "Extra",
                "isNullable": is_nullable, "settings": {"maxNumberOfValues": 3},
                "options": [{"value": "A", "label": "A", "position": 0}],
            });
            let id = add_field(&workspace, input).await;
            let id = id.unwrap_or_else(|error| panic!("{}: {error:?}", field_type.api_name));
            apply(&workspace.admin(), |model, _| delete_field(model, id)).await.unwrap();
            assert_eq!(schema(&workspace).await, before, "{}", field_type.api_name);
        }
    }
}

#[tokio::test]
async fn a_default_reaches_records_that_exist_and_a_failed_change_leaves_nothing() {
    let workspace = TestWorkspace::create().await;
    workspace.execute("INSERT INTO company (id, name) VALUES ('c', 'Acme'), ('d', 'Acme')").await.unwrap();
    let company = workspace.model().by_singular("company").unwrap().id;
    let unit = json!({
        "objectMetadataId": company, "type": "TEXT", "name": "unit", "label": "Unit", "defaultValue": "'it''s'",
    });
    add_field(&workspace, unit).await.unwrap();
    let rows = workspace.rows("SELECT unit FROM company").await;
    assert!(rows.iter().all(|row| !row.text(0).is_empty()));

    let before = (schema(&workspace).await, plain(&workspace.model()));
    // A table that the model does not know stands in the way of the second statement.
    workspace.execute("CREATE TABLE vessel (id TEXT)").await.unwrap();
    let outcome = add_object(&workspace, "vessel", "vessels").await;
    assert_eq!(outcome.unwrap_err().code, ErrorCode::Internal);
    workspace.execute("DROP TABLE vessel").await.unwrap();
    assert_eq!((schema(&workspace).await, plain(&workspace.model())), before);
    add_object(&workspace, "vessel", "vessels").await.unwrap();
}

#[tokio::test]
async fn changes_at_the_same_time_all_come_through() {
    let workspace = TestWorkspace::create().await;
    let names = ["a", "b", "c", "d"].map(|letter| (format!("crate{letter}"), format!("crates{letter}")));
    let added = names.iter().map(|(singular, plural)| add_object(&workspace, singular, plural));
    for outcome in futures_util::future::join_all(added).await {
        outcome.unwrap();
    }
    assert_eq!(workspace.model().version(), 5);
    let stored = load(&workspace.reopened()).await.unwrap();
    assert_eq!(plain(&stored), plain(&workspace.model()));
}

/// A request to `/rest/metadata`: the status and the body.
async fn ask(admin: &DataModelAdmin, method: &Method, path_and_query: &str, body: &str) -> (u16, Json) {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let parameters = QueryParams::parse(Some(query));
    let response = rest::handle(admin, method, path, &parameters, body.as_bytes()).await;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn objects_and_fields_over_rest() {
    let workspace = TestWorkspace::create().await;
    let admin = workspace.admin();
    let vat =
        json!({"nameSingular": "vat", "namePlural": "vats", "labelSingular": "Vat", "labelPlural": "Vats"});
    let (status, made) = ask(&admin, &Method::POST, "/objects", &vat.to_string()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["fields"].as_array().map(Vec::len), Some(13));
    assert!(made.get("icon").is_none() && made.get("imageIdentifierFieldMetadataId") == Some(&Json::Null));
    let id = made["id"].as_str().unwrap();

    let unknown = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";
    let field = |members: Json| {
        let mut field = json!({"objectMetadataId": id, "type": "TEXT", "name": "lid", "label": "Lid"});
        field.as_object_mut().unwrap().extend(self::members(members));
        field.to_string()
    };
    for (body, expected) in [
        (field(json!({})), "201 null null"),
        (field(json!({})), "400 \"METADATA_VALIDATION_ERROR\" null"),
        (field(json!({"type": "COLOUR"})), "400 \"Bad Request\" null"),
        (field(json!({"objectMetadataId": unknown})), "400 \"METADATA_VALIDATION_ERROR\" null"),
        (field(json!({"name": null})), "400 \"Bad Request\" null"),
        ("[]".into(), "400 \"Bad Request\" null"),
        ("{".into(), "400 \"Bad Request\" null"),
    ] {
        let (status, answer) = ask(&admin, &Method::POST, "/fields", &body).await;
        assert_eq!(format!("{status} {} {}", answer["error"], answer["code"]), expected, "{body} {answer}");
    }

    let (_, first) = ask(&admin, &Method::GET, "/objects?limit=2", "").await;
    assert_eq!(first["totalCount"], 11);
    let end = first["pageInfo"]["endCursor"].as_str().unwrap();
    for (query, status, count) in [
        (format!("limit=2&starting_after={end}"), 200, Some(2)),
        (format!("ending_before={end}"), 200, Some(1)),
        ("limit=999".into(), 200, Some(11)),
        ("limit=0".into(), 200, Some(0)),
        ("limit=many".into(), 400, None),
        ("limit=-1".into(), 400, None),
        ("starting_after=x".into(), 400, None),
        (format!("starting_after={end}&ending_before={end}"), 400, None),
    ] {
        let (found, page) = ask(&admin, &Method::GET, &format!("/objects?{query}"), "").await;
        assert_eq!((found, page["data"].as_array().map(Vec::len)), (status, count), "{query}");
    }

    for (method, path, status, code) in [
        (Method::GET, format!("/objects/{unknown}"), 404, json!("OBJECT_METADATA_NOT_FOUND")),
        (Method::GET, "/objects/one".into(), 400, json!(null)),
        (Method::GET, format!("/fields/{unknown}"), 404, json!("FIELD_METADATA_NOT_FOUND")),
        (Method::DELETE, format!("/objects/{unknown}"), 404, json!("ENTITY_NOT_FOUND")),
        (Method::DELETE, format!("/fields/{unknown}"), 404, json!("FIELD_METADATA_NOT_FOUND")),
        (Method::PATCH, format!("/objects/{id}"), 400, json!(null)),
        (Method::POST, format!("/objects/{id}"), 405, json!(null)),
        (Method::GET, "/views".into(), 404, json!(null)),
        (Method::GET, format!("/objects/{id}"), 200, json!(null)),
        (Method::DELETE, format!("/objects/{id}"), 200, json!(null)),
        (Method::GET, format!("/objects/{id}"), 404, json!("OBJECT_METADATA_NOT_FOUND")),
    ] {
        let (found, answer) = ask(&admin, &method, &path, "").await;
        assert_eq!((found, &answer["code"]), (status, &code), "{method} {path}: {answer}");
    }
}
