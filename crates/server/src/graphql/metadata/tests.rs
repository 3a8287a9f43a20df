//! Documents against a real workspace.

use apollo_compiler::schema::ExtendedType;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value as Json, json};

use super::*;
use crate::accounts::{Caller, Email, NewUser, NewWorkspace, Password, farthest_expiry};
use crate::app::Settings;
use crate::data_folder::DataFolder;
use crate::databases::Databases;

const EMAIL: &str = "ada@harbour.example";
const PASSWORD: &str = "correct-horse-9";

/// A data folder with one workspace, its administrator, and an API key of the same role.
struct Fixture {
    _temporary: tempfile::TempDir,
    app: Arc<App>,
    caller: Caller,
}

impl Fixture {
    async fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let settings = Settings { server_url: "http://localhost:3000".into(), max_batch_size: 60 };
        let app = App::open(
            Databases::Folder(DataFolder::create(&temporary.path().join("data")).unwrap()),
            settings,
        )
        .await
        .unwrap();
        let creator = NewUser {
            email: Email::parse(EMAIL).unwrap(),
            password: Password::parse(PASSWORD).unwrap(),
            first_name: None,
            last_name: None,
        };
        let new =
            NewWorkspace { display_name: "Harbour".into(), with_demo_records: false, creator: Some(creator) };
        let workspace = app.create_workspace(new).await.unwrap();
        let roles = app.control.roles(workspace.id).await.unwrap();
        let admin = roles.iter().find(|role| role.label == "Admin").unwrap();
        let key = app.create_api_key(workspace.id, "key", admin.id, farthest_expiry()).await.unwrap();
        let token = app.api_key_token(&key, farthest_expiry()).await.unwrap().token;
        let caller = app.authenticate(&headers(&token)).await.unwrap();
        Self { _temporary: temporary, app: Arc::new(app), caller }
    }

    fn session(&self) -> Session {
        Session::Caller(self.caller.clone())
    }

    /// The session of somebody who signed in and has not chosen a workspace.
    async fn agnostic(&self) -> Session {
        let signed_in = self.app.sign_in(EMAIL, PASSWORD).await.unwrap();
        let token = signed_in.tokens.access_or_workspace_agnostic_token.token;
        self.app.session(&headers(&token)).await.unwrap()
    }

    async fn ask(&self, query: &str, variables: Json) -> Json {
        self.ask_as(self.session(), query, variables).await
    }

    async fn ask_as(&self, session: Session, query: &str, variables: Json) -> Json {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = GraphqlRequest::read(body.as_bytes()).unwrap();
        run(Arc::clone(&self.app), session, request).await.unwrap().body
    }
}

fn headers(token: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, value)])
}

/// The first code, or `ok`.
fn outcome(answer: &Json) -> String {
    answer.pointer("/errors/0/extensions/code").and_then(Json::as_str).unwrap_or("ok").to_owned()
}

const CREATE_OBJECT: &str = "mutation C($object: CreateObjectInput!) { createOneObject(input: {object: $object}) { id nameSingular } }";
const CREATE_FIELD: &str = "mutation C($field: CreateFieldInput!) { createOneField(input: {field: $field}) { id name \
    morphRelations { sourceFieldMetadata { name } targetObjectMetadata { nameSingular } } } }";

async fn with_vessel(fixture: &Fixture) -> Json {
    let object = json!({
        "nameSingular": "vessel", "namePlural": "vessels", "labelSingular": "Vessel", "labelPlural": "Vessels",
    });
    let created = fixture.ask(CREATE_OBJECT, json!({"object": object})).await;
    created["data"]["createOneObject"]["id"].clone()
}

#[tokio::test]
async fn every_field_of_every_type_resolves() {
    let fixture = Fixture::new().await;
    let shallow = |type_name: &str| -> String {
        let Some(ExtendedType::Object(object)) = schema().types.get(type_name) else { return String::new() };
        let is_leaf = |field: &&apollo_compiler::schema::FieldDefinition| {
            !matches!(schema().types.get(field.ty.inner_named_type()), Some(ExtendedType::Object(_)))
        };
        let leaves = object.fields.values().map(|field| &***field).filter(is_leaf);
        leaves.map(|field| field.name.as_str()).collect::<Vec<_>>().join(" ")
    };
    let [object, field, index] = ["Object", "Field", "Index"].map(shallow);
    let relation = format!(
        "{{ type sourceObjectMetadata {{ id }} targetObjectMetadata {{ id }} sourceFieldMetadata {{ id }} \
         targetFieldMetadata {{ {field} }} }}"
    );
    let entry = shallow("IndexField");
    let document = format!(
        "{{ objects(paging: {{first: 100}}) {{ edges {{ cursor node {{ {object} \
         fields(paging: {{first: 100}}) {{ edges {{ cursor node {{ {field} object {{ id }} }} }} }} \
         fieldsList {{ {field} relation {relation} morphRelations {relation} }} \
         indexMetadatas {{ edges {{ cursor node {{ {index} }} }} pageInfo {{ endCursor }} }} \
         indexMetadataList {{ {index} indexFieldMetadataList {{ {entry} }} }} }} }} }} \
         fields(paging: {{first: 1000}}) {{ edges {{ node {{ {field} }} }} }} \
         currentWorkspace {{ {} }} }}",
        shallow("Workspace")
    );
    let answer = fixture.ask(&document, json!({})).await;
    assert_eq!(answer.get("errors"), None);
    assert_eq!(answer["data"]["objects"]["edges"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn outcomes_by_document() {
    let fixture = Fixture::new().await;
    let vessel = with_vessel(&fixture).await;
    let deep = format!(
        "{{ objects {} }}",
        "{ edges { node { fields ".repeat(4) + "{ pageInfo { hasNextPage }" + &" } } }".repeat(4) + "}"
    );
    let wide = format!("{{ objects {{ edges {{ node {{ {} }} }} }} }}", "id ".repeat(2001));
    let bomb = "query { ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a }";
    for (document, variables, expected) in [
        ("{ objects { edges { node { id } } } }", json!({}), "ok"),
        ("{ objects", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ objects { edges { node { colourOf } } } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { createOneObject { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (CREATE_OBJECT, json!({"object": {"nameSingular": "x"}}), "BAD_USER_INPUT"),
        (
            CREATE_OBJECT,
            json!({"object": {"nameSingular": "", "namePlural": "a", "labelSingular": "a", "labelPlural": "b"}}),
            "BAD_USER_INPUT",
        ),
        (
            CREATE_OBJECT,
            json!({"object": {"nameSingular": "X", "namePlural": "a", "labelSingular": "a", "labelPlural": "b"}}),
            "METADATA_VALIDATION_FAILED",
        ),
        (
            CREATE_FIELD,
            json!({"field": {"objectMetadataId": vessel, "type": "COLOUR", "name": "a", "label": "A"}}),
            "BAD_USER_INPUT",
        ),
        (
            CREATE_FIELD,
            json!({"field": {"objectMetadataId": "one", "type": "TEXT", "name": "a", "label": "A"}}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            CREATE_FIELD,
            json!({"field": {"objectMetadataId": vessel, "type": "TEXT", "name": "name", "label": "A"}}),
            "METADATA_VALIDATION_FAILED",
        ),
        ("{ object(id: \"one\") { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ object(id: \"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\") { id } }", json!({}), "NOT_FOUND"),
        ("{ field(id: \"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\") { id } }", json!({}), "NOT_FOUND"),
        (
            "mutation { deleteOneField(input: {id: \"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\"}) { id } }",
            json!({}),
            "NOT_FOUND",
        ),
        ("{ objects(paging: {first: 1, last: 1}) { edges { node { id } } } }", json!({}), "BAD_USER_INPUT"),
        ("{ objects(paging: {first: 1001}) { edges { node { id } } } }", json!({}), "BAD_USER_INPUT"),
        (
            "{ objects(paging: {first: 1, after: \"x\"}) { edges { node { id } } } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (
            "{ objects { edges { node { fields(paging: {first: -1}) { pageInfo { hasNextPage } } } } } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (
            "{ a: objects { pageInfo { endCursor } } b: objects { pageInfo { endCursor } } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (deep.as_str(), json!({}), "BAD_USER_INPUT"),
        (wide.as_str(), json!({}), "BAD_USER_INPUT"),
        (bomb, json!({}), "BAD_USER_INPUT"),
        (
            "{ currentWorkspace { id displayName subdomain activationStatus logo metadataVersion } }",
            json!({}),
            "ok",
        ),
        ("{ currentUser { id } }", json!({}), "FORBIDDEN"),
        (
            "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } }",
            json!({}),
            "ok",
        ),
        ("{ __typename }", json!({}), "ok"),
    ] {
        let answer = fixture.ask(document, variables).await;
        assert_eq!(outcome(&answer), expected, "{document}: {answer}");
    }
}

#[tokio::test]
async fn outcomes_by_session() {
    let fixture = Fixture::new().await;
    let mut reader = fixture.caller.clone();
    let mut role = (*reader.role).clone();
    role.can_update_all_settings = false;
    reader.role = Arc::new(role);
    let sessions = [Session::Anonymous, fixture.agnostic().await, Session::Caller(reader), fixture.session()];
    let unknown =
        "mutation { deleteOneObject(input: {id: \"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11\"}) { id } }";
    for (document, expected) in [
        ("{ objects { edges { cursor node { id } } } }", ["FORBIDDEN", "FORBIDDEN", "ok", "ok"]),
        (unknown, ["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "NOT_FOUND"]),
        ("{ currentWorkspace { id } }", ["FORBIDDEN", "FORBIDDEN", "ok", "ok"]),
        (
            "{ currentUser { id currentWorkspace { id } workspaceMember { id } } }",
            ["FORBIDDEN", "ok", "FORBIDDEN", "FORBIDDEN"],
        ),
        ("{ checkUserExists(email: \"x@y.example\") { exists availableWorkspacesCount } }", ["ok"; 4]),
        (
            "mutation { signIn(email: \"x@y.example\", password: \"wrong-horse-9\") { tokens { refreshToken { token } } } }",
            ["UNAUTHENTICATED"; 4],
        ),
        (
            "mutation { signIn(email: \"ada@harbour.example\", password: \"correct-horse-9\") { tokens { refreshToken { token expiresAt } } availableWorkspaces { availableWorkspacesForSignIn { id loginToken } availableWorkspacesForSignUp { id } } } }",
            ["ok"; 4],
        ),
        ("mutation { signOut }", ["ok"; 4]),
    ] {
        for (session, expected) in sessions.iter().zip(expected) {
            let answer = fixture.ask_as(session.clone(), document, json!({})).await;
            assert_eq!(outcome(&answer), expected, "{document}: {answer}");
        }
    }
}

#[tokio::test]
async fn lists_page_and_morph_relations_collapse() {
    let fixture = Fixture::new().await;
    let vessel = with_vessel(&fixture).await;
    let page = "query P($id: UUID!, $after: ConnectionCursor, $first: Int) { object(id: $id) { fields(paging: \
        {first: $first, after: $after}) { edges { node { name } cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
    let first = fixture.ask(page, json!({"id": vessel, "first": 5})).await;
    let info = &first["data"]["object"]["fields"]["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)), "{first}");
    let rest = fixture.ask(page, json!({"id": vessel, "first": 50, "after": info["endCursor"]})).await;
    let fields = &rest["data"]["object"]["fields"];
    assert_eq!(fields["edges"].as_array().map(Vec::len), Some(8), "{rest}");
    assert_eq!(fields["pageInfo"]["hasPreviousPage"], true);

    let id_of = |name: &str| fixture.caller.workspace.data_model().by_singular(name).unwrap().id;
    let target = |name: &str| {
        json!({
            "type": "MANY_TO_ONE", "targetObjectMetadataId": id_of(name), "targetFieldLabel": "Kept", "targetFieldIcon": "I",
        })
    };
    let field = json!({
        "objectMetadataId": vessel, "type": "MORPH_RELATION", "name": "keeper", "label": "Keeper",
        "morphRelationsCreationPayload": [target("company"), target("person")],
    });
    let created = fixture.ask(CREATE_FIELD, json!({"field": field})).await;
    let row = &created["data"]["createOneField"];
    assert_eq!(row["name"], "keeperCompany", "{created}");
    let shown: Vec<_> = row["morphRelations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|relation| {
            (
                relation["sourceFieldMetadata"]["name"].as_str(),
                relation["targetObjectMetadata"]["nameSingular"].as_str(),
            )
        })
        .collect();
    assert_eq!(shown, [(Some("keeper"), Some("company")), (Some("keeper"), Some("person"))]);
    let listed = fixture
        .ask("query F($id: UUID!) { object(id: $id) { fieldsList { name } } }", json!({"id": vessel}))
        .await;
    let names: Vec<_> = listed["data"]["object"]["fieldsList"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|field| field["name"].as_str())
        .collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("keeper")).collect::<Vec<_>>(), [&"keeper"]);
}
