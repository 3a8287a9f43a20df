//! Documents against a real workspace.

use apollo_compiler::schema::ExtendedType;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::accounts::{
    IssuedPair, IssuedToken, SignInWorkspace, UserExistence, UserProfile, WorkspaceProfile,
};
use super::*;
use crate::data_model::tests::TestWorkspace;
use crate::error::ApiResult;

/// One person, `ada@harbour.example`, whose password is `correct`.
struct OneAccount;

fn token() -> IssuedToken {
    IssuedToken { token: "t".into(), expires_at: jiff::Timestamp::UNIX_EPOCH }
}

fn pair() -> IssuedPair {
    IssuedPair { access_or_workspace_agnostic: token(), refresh: token() }
}

fn check(email: &str, password: &str) -> ApiResult<()> {
    match (email, password) {
        ("ada@harbour.example", "correct") => Ok(()),
        ("ada@harbour.example", _) => Err(ApiError::new(ErrorCode::Forbidden, "the password is wrong")),
        _ => Err(ApiError::new(ErrorCode::UserNotFound, "no such account")),
    }
}

impl Accounts for OneAccount {
    fn check_user_exists<'a>(&'a self, email: &'a str) -> BoxFuture<'a, ApiResult<UserExistence>> {
        let exists = email == "ada@harbour.example";
        let count = usize::from(exists);
        async move { Ok(UserExistence { exists, available_workspaces_count: count, is_email_verified: exists }) }
            .boxed()
    }

    fn login_token_from_credentials<'a>(
        &'a self,
        email: &'a str,
        password: &'a str,
        _origin: &'a str,
    ) -> BoxFuture<'a, ApiResult<IssuedToken>> {
        async move { check(email, password).map(|()| token()) }.boxed()
    }

    fn tokens_from_login_token<'a>(
        &'a self,
        _login_token: &'a str,
        _origin: &'a str,
    ) -> BoxFuture<'a, ApiResult<IssuedPair>> {
        async move { Ok(pair()) }.boxed()
    }

    fn renew_token<'a>(&'a self, _refresh_token: &'a str) -> BoxFuture<'a, ApiResult<IssuedPair>> {
        async move { Ok(pair()) }.boxed()
    }

    fn sign_in<'a>(
        &'a self,
        email: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, ApiResult<(IssuedPair, Vec<SignInWorkspace>)>> {
        async move {
            let workspace =
                SignInWorkspace { id: Uuid::nil(), display_name: "Harbour".into(), login_token: "l".into() };
            check(email, password).map(|()| (pair(), vec![workspace]))
        }
        .boxed()
    }

    fn sign_out<'a>(&'a self, _refresh_token: Option<&'a str>) -> BoxFuture<'a, ApiResult<()>> {
        async move { Ok(()) }.boxed()
    }

    fn workspace(&self, _id: Uuid) -> BoxFuture<'_, ApiResult<WorkspaceProfile>> {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let profile = WorkspaceProfile {
            display_name: "Harbour".into(),
            subdomain: "harbour".into(),
            activation_status: "ACTIVE",
            created_at: epoch,
            updated_at: epoch,
            members_count: 1,
        };
        async move { Ok(profile) }.boxed()
    }

    fn user(&self, _id: Uuid) -> BoxFuture<'_, ApiResult<UserProfile>> {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let profile = UserProfile {
            email: "ada@harbour.example".into(),
            first_name: "Ada".into(),
            last_name: "L".into(),
            has_password: true,
            created_at: epoch,
            updated_at: epoch,
        };
        async move { Ok(profile) }.boxed()
    }
}

async fn ask(session: &Session, query: &str, variables: Json) -> Json {
    let body = json!({"query": query, "variables": variables}).to_string();
    let response = answer(session, &OneAccount, body.as_bytes()).await;
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// The first code, or `ok`.
fn outcome(answer: &Json) -> String {
    answer.pointer("/errors/0/extensions/code").and_then(Json::as_str).unwrap_or("ok").to_owned()
}

const CREATE_OBJECT: &str = "mutation C($object: CreateObjectInput!) { createOneObject(input: {object: $object}) { id nameSingular } }";
const CREATE_FIELD: &str = "mutation C($field: CreateFieldInput!) { createOneField(input: {field: $field}) { id name \
    morphRelations { sourceFieldMetadata { name } targetObjectMetadata { nameSingular } } } }";

async fn with_vessel(session: &Session) -> Json {
    let object = json!({
        "nameSingular": "vessel", "namePlural": "vessels", "labelSingular": "Vessel", "labelPlural": "Vessels",
    });
    let created = ask(session, CREATE_OBJECT, json!({"object": object})).await;
    created["data"]["createOneObject"]["id"].clone()
}

#[tokio::test]
async fn every_field_of_every_type_resolves() {
    let workspace = TestWorkspace::create().await;
    let session = Session::Caller(workspace.caller.clone());
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
    let answer = ask(&session, &document, json!({})).await;
    assert_eq!(answer.get("errors"), None);
    assert_eq!(answer["data"]["objects"]["edges"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn outcomes_by_document() {
    let workspace = TestWorkspace::create().await;
    let session = Session::Caller(workspace.caller.clone());
    let vessel = with_vessel(&session).await;
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
        let answer = ask(&session, document, variables).await;
        assert_eq!(outcome(&answer), expected, "{document}: {answer}");
    }
}

#[tokio::test]
async fn outcomes_by_session() {
    let workspace = TestWorkspace::create().await;
    let mut reader = workspace.caller.clone();
    let mut role = (*reader.role).clone();
    role.can_update_all_settings = false;
    reader.role = Arc::new(role);
    let sessions = [
        Session::Anonymous,
        Session::Agnostic { user_id: Uuid::nil() },
        Session::Caller(reader),
        Session::Caller(workspace.caller.clone()),
    ];
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
            "mutation { signIn(email: \"x@y.example\", password: \"p\") { tokens { refreshToken { token } } } }",
            ["UNAUTHENTICATED"; 4],
        ),
        (
            "mutation { signIn(email: \"ada@harbour.example\", password: \"correct\") { tokens { refreshToken { token expiresAt } } availableWorkspaces { availableWorkspacesForSignIn { id loginToken } availableWorkspacesForSignUp { id } } } }",
            ["ok"; 4],
        ),
        ("mutation { signOut }", ["ok"; 4]),
    ] {
        for (session, expected) in sessions.iter().zip(expected) {
            let answer = ask(session, document, json!({})).await;
            assert_eq!(outcome(&answer), expected, "{document}: {answer}");
        }
    }
}

#[tokio::test]
async fn lists_page_and_morph_relations_collapse() {
    let workspace = TestWorkspace::create().await;
    let session = Session::Caller(workspace.caller.clone());
    let vessel = with_vessel(&session).await;
    let page = "query P($id: UUID!, $after: ConnectionCursor, $first: Int) { object(id: $id) { fields(paging: \
        {first: $first, after: $after}) { edges { node { name } cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }";
    let first = ask(&session, page, json!({"id": vessel, "first": 5})).await;
    let info = &first["data"]["object"]["fields"]["pageInfo"];
    assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)), "{first}");
    let rest = ask(&session, page, json!({"id": vessel, "first": 50, "after": info["endCursor"]})).await;
    let fields = &rest["data"]["object"]["fields"];
    assert_eq!(fields["edges"].as_array().map(Vec::len), Some(8), "{rest}");
    assert_eq!(fields["pageInfo"]["hasPreviousPage"], true);

    let id_of = |name: &str| workspace.caller.workspace.data_model().by_singular(name).unwrap().id;
    let target = |name: &str| {
        json!({
            "type": "MANY_TO_ONE", "targetObjectMetadataId": id_of(name), "targetFieldLabel": "Kept", "targetFieldIcon": "I",
        })
    };
    let field = json!({
        "objectMetadataId": vessel, "type": "MORPH_RELATION", "name": "keeper", "label": "Keeper",
        "morphRelationsCreationPayload": [target("company"), target("person")],
    });
    let created = ask(&session, CREATE_FIELD, json!({"field": field})).await;
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
    let listed = ask(
        &session,
        "query F($id: UUID!) { object(id: $id) { fieldsList { name } } }",
        json!({"id": vessel}),
    )
    .await;
    let names: Vec<_> = listed["data"]["object"]["fieldsList"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|field| field["name"].as_str())
        .collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("keeper")).collect::<Vec<_>>(), [&"keeper"]);
}
