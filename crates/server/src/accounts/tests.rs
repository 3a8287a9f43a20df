//! Accounts as a whole, on real data folders.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fourfold_model::Value;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use tempfile::TempDir;
use uuid::Uuid;

use super::api_keys::ApiKeyRow;
use super::tokens::{AuthProvider, Claims};
use super::*;
use crate::app::{App, Settings};
use crate::control::now;
use crate::data_folder::DataFolder;
use crate::databases::Databases;
use crate::error::{ApiResult, ErrorCode};

const EMAIL: &str = "Ada@Harborline.example";
const PASSWORD: &str = "correct-horse-9";
const ORIGIN: &str = "http://localhost:3000";

/// A data folder with one workspace and its administrator.
struct Fixture {
    temporary: TempDir,
    app: App,
    workspace: WorkspaceRow,
}

impl Fixture {
    async fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let app = open(&temporary).await;
        let workspace = new_workspace(&app, "Harborline", EMAIL).await;
        Self { temporary, app, workspace }
    }

    /// What another process would see.
    async fn second_process(&self) -> App {
        open(&self.temporary).await
    }

    async fn key(&self, app: &App) -> (ApiKeyRow, String) {
        let roles = app.control.roles(self.workspace.id).await.unwrap();
        let admin = roles.iter().find(|role| role.label == "Admin").unwrap();
        let key = app.create_api_key(self.workspace.id, "ci", admin.id, farthest_expiry()).await.unwrap();
        let token = app.api_key_token(&key, farthest_expiry()).await.unwrap().token;
        (key, token)
    }

    async fn sign_in(&self) -> TokenPair {
        let login = self.app.get_login_token_from_credentials(EMAIL, PASSWORD, ORIGIN).await.unwrap();
        self.app.get_auth_tokens_from_login_token(&login.token, ORIGIN).await.unwrap()
    }
}

async fn open(temporary: &TempDir) -> App {
    let settings = Settings { server_url: ORIGIN.into(), max_batch_size: 60 };
    App::open(Databases::Folder(DataFolder::create(&temporary.path().join("data")).unwrap()), settings)
        .await
        .unwrap()
}

async fn new_workspace(app: &App, name: &str, email: &str) -> WorkspaceRow {
    let creator = Some(new_user(email, PASSWORD));
    let new = NewWorkspace { display_name: name.into(), with_demo_records: true, creator };
    app.create_workspace(new).await.unwrap()
}

fn new_user(email: &str, password: &str) -> NewUser {
    let (email, password) = (Email::parse(email).unwrap(), Password::parse(password).unwrap());
    NewUser { email, password, first_name: None, last_name: None }
}

fn bearer(token: &str) -> HeaderMap {
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, value)])
}

async fn code(app: &App, token: &str) -> Option<ErrorCode> {
    outcome(app.authenticate(&bearer(token)).await)
}

fn outcome<T>(result: ApiResult<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code)
}

fn part(token: &str, place: usize) -> Json {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(place).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn set(app: &App, text: &'static str, binds: impl IntoIterator<Item = Value>) {
    app.control.apply(vec![app.control.statement(text, binds)]).await.unwrap();
}

#[tokio::test]
async fn an_api_key_has_the_claims_of_the_contract() {
    let fixture = Fixture::new().await;
    let (key, token) = fixture.key(&fixture.app).await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!((&header["alg"], &header["typ"]), (&"ES256".into(), &"JWT".into()));
    assert!(Uuid::try_parse(header["kid"].as_str().unwrap()).is_ok());
    let workspace = fixture.workspace.id.to_string();
    assert_eq!(claims["sub"], workspace);
    assert_eq!(claims["workspaceId"], workspace);
    assert_eq!(claims["type"], "API_KEY");
    assert_eq!(claims["jti"], key.id.to_string());
    let years = (claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()) / 31_536_000;
    assert!((99..=100).contains(&years), "{years}");

    let caller = fixture.app.authenticate(&bearer(&token)).await.unwrap();
    assert_eq!((caller.workspace.id, caller.role.label.as_str()), (fixture.workspace.id, "Admin"));
    assert!(matches!(caller.identity, Identity::ApiKey { id, ref name } if id == key.id && name == "ci"));
}

#[tokio::test]
async fn tokens_are_read_from_one_header() {
    let fixture = Fixture::new().await;
    let (_, token) = fixture.key(&fixture.app).await;
    for (header, expected) in [
        (format!("Bearer {token}"), None),
        (format!("bEARER   {token} "), None),
        ("Bearer ".into(), Some(ErrorCode::MissingToken)),
        ("Bearer".into(), Some(ErrorCode::MissingToken)),
        ("Basic YTpi".into(), Some(ErrorCode::MissingToken)),
        ("Bearer nonsense".into(), Some(ErrorCode::InvalidToken)),
        (format!("Bearer {token}x"), Some(ErrorCode::InvalidToken)),
    ] {
        let value = HeaderValue::try_from(&header).unwrap();
        let headers = HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, value)]);
        assert_eq!(outcome(fixture.app.authenticate(&headers).await), expected, "{header}");
    }
    assert_eq!(outcome(fixture.app.authenticate(&HeaderMap::new()).await), Some(ErrorCode::MissingToken));
    assert!(matches!(fixture.app.session(&HeaderMap::new()).await, Ok(Session::Anonymous)));
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let fixture = Fixture::new().await;
    let (_, token) = fixture.key(&fixture.app).await;
    let encode = |json: &Json| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let mut unsigned = part(&token, 0);
    unsigned["alg"] = "none".into();
    let mut symmetric = part(&token, 0);
    symmetric["alg"] = "HS256".into();
    let mut unknown = part(&token, 0);
    unknown["kid"] = Uuid::new_v4().to_string().into();
    let mut other_claims = part(&token, 1);
    other_claims["jti"] = Uuid::new_v4().to_string().into();
    let elsewhere = Fixture::new().await;
    let (_, foreign) = elsewhere.key(&elsewhere.app).await;
    for (case, forged) in [
        ("no algorithm", format!("{}.{claims}.", encode(&unsigned))),
        ("another algorithm", format!("{}.{claims}.{signature}", encode(&symmetric))),
        ("an unknown key", format!("{}.{claims}.{signature}", encode(&unknown))),
        ("other claims", format!("{header}.{}.{signature}", encode(&other_claims))),
        ("another server", foreign),
    ] {
        assert_eq!(code(&fixture.app, &forged).await, Some(ErrorCode::InvalidToken), "{case}");
    }
}

#[tokio::test]
async fn revoked_and_expired_keys_are_refused_at_once() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let past = now() - SignedDuration::from_secs(1);
    let (key, token) = fixture.key(app).await;
    assert_eq!(code(app, &token).await, None);
    let ended = app.api_key_token(&key, past).await.unwrap().token;
    assert_eq!(code(app, &ended).await, Some(ErrorCode::InvalidToken), "the token ended");

    let revoke = "UPDATE api_key SET revoked_at = ? WHERE id = ?";
    set(app, revoke, [Value::DateTime(now()), Value::Uuid(key.id)]).await;
    assert_eq!(code(app, &token).await, Some(ErrorCode::CredentialRefused), "the key was revoked");

    let (key, token) = fixture.key(app).await;
    assert_eq!(code(app, &token).await, None);
    let expire = "UPDATE api_key SET expires_at = ? WHERE id = ?";
    set(app, expire, [Value::DateTime(past), Value::Uuid(key.id)]).await;
    assert_eq!(code(app, &token).await, Some(ErrorCode::CredentialRefused), "the key ended");

    let (key, token) = fixture.key(app).await;
    let member =
        "UPDATE api_key SET role_id = (SELECT default_role_id FROM workspace WHERE id = ?) WHERE id = ?";
    assert_eq!(app.authenticate(&bearer(&token)).await.unwrap().role.label, "Admin");
    set(app, member, [Value::Uuid(fixture.workspace.id), Value::Uuid(key.id)]).await;
    assert_eq!(app.authenticate(&bearer(&token)).await.unwrap().role.label, "Member");
}

#[tokio::test]
async fn a_remembered_token_still_ends() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let (key, _) = fixture.key(app).await;
    let soon = app.api_key_token(&key, Timestamp::now() + SignedDuration::from_secs(2)).await.unwrap();
    assert_eq!(code(app, &soon.token).await, None);
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(code(app, &soon.token).await, Some(ErrorCode::InvalidToken));
}

#[tokio::test]
async fn another_process_is_heard() {
    let fixture = Fixture::new().await;
    let (server, command) = (&fixture.app, fixture.second_process().await);
    // Keys and workspaces made beside the server work at once.
    let (key, token) = fixture.key(&command).await;
    assert_eq!(code(server, &token).await, None, "a new key");
    let second = new_workspace(&command, "Second", "bob@second.example").await;
    let roles = command.control.roles(second.id).await.unwrap();
    let other = command.create_api_key(second.id, "other", roles[0].id, farthest_expiry()).await.unwrap();
    let other_token = command.api_key_token(&other, farthest_expiry()).await.unwrap().token;
    let caller = server.authenticate(&bearer(&other_token)).await.unwrap();
    assert_eq!(caller.workspace.id, second.id, "a new workspace");

    let revoke = "UPDATE api_key SET revoked_at = ? WHERE id = ?";
    set(&command, revoke, [Value::DateTime(now()), Value::Uuid(key.id)]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    assert_eq!(code(server, &token).await, Some(ErrorCode::CredentialRefused), "a revoked key");
    let back = "UPDATE api_key SET revoked_at = NULL WHERE id = ?";
    set(&command, back, [Value::Uuid(key.id)]).await;
    assert_eq!(code(server, &token).await, None, "a refusal is not remembered");
}

#[tokio::test]
async fn one_workspace_is_opened_once() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let id = fixture.workspace.id;
    let (first, second) = tokio::join!(app.workspace(id), app.workspace(id));
    assert!(std::sync::Arc::ptr_eq(&first.unwrap(), &second.unwrap()));
    assert_eq!(outcome(app.workspace(Uuid::new_v4()).await), Some(ErrorCode::WorkspaceNotFound));
}

#[tokio::test]
async fn a_member_signs_in() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let pair = fixture.sign_in().await;
    let claims = part(&pair.access_or_workspace_agnostic_token.token, 1);
    assert_eq!(claims["type"], "ACCESS");
    assert_eq!(claims["authProvider"], "password");
    assert_eq!(claims["isImpersonating"], false);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 1800);
    for name in ["sub", "userId", "workspaceId", "userWorkspaceId", "workspaceMemberId"] {
        assert!(Uuid::try_parse(claims[name].as_str().unwrap()).is_ok(), "{name}");
    }
    let refresh = part(&pair.refresh_token.token, 1);
    assert_eq!((&refresh["type"], &refresh["targetedTokenType"]), (&"REFRESH".into(), &"ACCESS".into()));

    let headers = bearer(&pair.access_or_workspace_agnostic_token.token);
    let caller = app.authenticate(&headers).await.unwrap();
    let Identity::User { user_id, name, .. } = &caller.identity else { panic!("no user") };
    assert_eq!((name.as_str(), caller.role.label.as_str()), ("ada", "Admin"));
    assert_eq!(app.user(*user_id).await.unwrap().email, "ada@harborline.example");
    assert_eq!(
        outcome(app.authenticate(&bearer(&pair.refresh_token.token)).await),
        Some(ErrorCode::InvalidTokenType)
    );
    set(app, "DELETE FROM user_workspace WHERE user_id = ?", [Value::Uuid(*user_id)]).await;
    assert_eq!(outcome(app.authenticate(&headers).await), Some(ErrorCode::UserWorkspaceNotFound));
    set(app, "DELETE FROM user_account WHERE id = ?", [Value::Uuid(*user_id)]).await;
    assert_eq!(outcome(app.authenticate(&headers).await), Some(ErrorCode::UserNotFound));
}

#[tokio::test]
async fn credentials_are_checked() {
    let fixture = Fixture::new().await;
    for (email, password, expected) in [
        (EMAIL, PASSWORD, None),
        ("ada@harborline.example", PASSWORD, None),
        (EMAIL, "wrong-horse-9", Some(ErrorCode::Forbidden)),
        (EMAIL, "", Some(ErrorCode::Forbidden)),
        ("nobody@harborline.example", PASSWORD, Some(ErrorCode::UserNotFound)),
        ("no address", PASSWORD, Some(ErrorCode::UserNotFound)),
    ] {
        let login = fixture.app.get_login_token_from_credentials(email, password, ORIGIN).await;
        assert_eq!(outcome(login), expected, "{email} {password}");
        assert_eq!(outcome(fixture.app.sign_in(email, password).await), expected, "{email} {password}");
    }
}

#[tokio::test]
async fn signing_in_without_a_workspace_offers_them() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let signed_in = app.sign_in(EMAIL, PASSWORD).await.unwrap();
    let agnostic = &signed_in.tokens.access_or_workspace_agnostic_token.token;
    assert!(matches!(app.session(&bearer(agnostic)).await, Ok(Session::Agnostic(user)) if user.has_password));
    assert_eq!(code(app, agnostic).await, Some(ErrorCode::InvalidTokenType));
    let [offered] = &signed_in.available_workspaces[..] else { panic!("one workspace is offered") };
    assert_eq!(offered.workspace.id, fixture.workspace.id);
    let pair = app.get_auth_tokens_from_login_token(&offered.login_token.token, ORIGIN).await.unwrap();
    assert_eq!(code(app, &pair.access_or_workspace_agnostic_token.token).await, None);

    let existing = app.check_user_exists(EMAIL).await.unwrap();
    assert_eq!((existing.exists, existing.available_workspaces_count), (true, 1));
    assert!(!app.check_user_exists("nobody@harborline.example").await.unwrap().exists);
    let renewed = app.renew_token(&signed_in.tokens.refresh_token.token).await.unwrap();
    assert_eq!(part(&renewed.access_or_workspace_agnostic_token.token, 1)["type"], "WORKSPACE_AGNOSTIC");
}

#[tokio::test]
async fn refresh_tokens_rotate_with_a_minute_of_grace() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let pair = fixture.sign_in().await;
    let refresh = &pair.refresh_token.token;
    let renewed = app.renew_token(refresh).await.unwrap();
    assert_eq!(code(app, &renewed.access_or_workspace_agnostic_token.token).await, None);
    assert_eq!(outcome(app.renew_token(refresh).await), None, "within the minute");
    set(app, "UPDATE app_token SET used_at = used_at - ?", [Value::Integer(61_000)]).await;
    assert_eq!(outcome(app.renew_token(refresh).await), Some(ErrorCode::Forbidden), "after it");

    let access = &renewed.access_or_workspace_agnostic_token.token;
    assert_eq!(outcome(app.renew_token(access).await), Some(ErrorCode::InvalidTokenType));
    app.sign_out(Some(&renewed.refresh_token.token)).await.unwrap();
    assert_eq!(outcome(app.renew_token(&renewed.refresh_token.token).await), Some(ErrorCode::Forbidden));
    set(app, "DELETE FROM app_token WHERE ? = 1", [Value::Integer(1)]).await;
    assert_eq!(outcome(app.renew_token(refresh).await), Some(ErrorCode::InvalidAccountInput), "unknown");
    app.sign_out(None).await.unwrap();
    app.sign_out(Some("nonsense")).await.unwrap();
}

#[tokio::test]
async fn the_origin_may_name_a_workspace() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let second = new_workspace(app, "Second", EMAIL).await;
    for (origin, expected) in [
        (ORIGIN, fixture.workspace.id),
        ("https://crm.harborline.example", fixture.workspace.id),
        ("http://second.localhost:3000", second.id),
        ("no origin", fixture.workspace.id),
    ] {
        let login = app.get_login_token_from_credentials(EMAIL, PASSWORD, origin).await.unwrap();
        let pair = app.get_auth_tokens_from_login_token(&login.token, origin).await.unwrap();
        let claims = part(&pair.access_or_workspace_agnostic_token.token, 1);
        assert_eq!(claims["workspaceId"], expected.to_string(), "{origin}");
    }
    let login = app.get_login_token_from_credentials(EMAIL, PASSWORD, ORIGIN).await.unwrap();
    let elsewhere = app.get_auth_tokens_from_login_token(&login.token, "http://second.localhost").await;
    assert_eq!(outcome(elsewhere), Some(ErrorCode::Forbidden));
}

#[tokio::test]
async fn an_address_joins_a_workspace_once() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let second = new_workspace(app, "Second", "bob@second.example").await;
    let role = second.default_role_id;
    for (email, password, expected) in [
        ("carol@second.example", PASSWORD, None),
        ("Carol@Second.example", PASSWORD, Some(ErrorCode::UserAlreadyExists)),
        (EMAIL, "another-password", Some(ErrorCode::Forbidden)),
        (EMAIL, PASSWORD, None),
    ] {
        let joined = app.create_user(second.id, role, new_user(email, password)).await;
        assert_eq!(outcome(joined), expected, "{email} {password}");
    }
    assert_eq!(app.control.count_members(second.id).await.unwrap(), 3);
}

#[tokio::test]
async fn a_workspace_that_fails_leaves_nothing() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let folder = fixture.temporary.path().join("data/workspaces");
    let files = || std::fs::read_dir(&folder).unwrap().count();
    // The open workspace of the fixture has its companions only while it is open.
    let before = (files(), app.control.workspaces().await.unwrap().len());
    // A role table that refuses makes the last step fail, after the database was made.
    set(app, "ALTER TABLE role RENAME TO role_away", []).await;
    let new = NewWorkspace { display_name: "Third".into(), with_demo_records: true, creator: None };
    assert_eq!(outcome(app.create_workspace(new).await), Some(ErrorCode::Internal));
    assert_eq!((files(), app.control.workspaces().await.unwrap().len()), before);
    for name in ["", "  ", &"n".repeat(101)] {
        let new = NewWorkspace { display_name: name.into(), with_demo_records: false, creator: None };
        assert_eq!(outcome(app.create_workspace(new).await), Some(ErrorCode::InvalidAccountInput), "{name}");
    }
}

#[test]
fn unknown_types_of_tokens_are_told_apart_from_malformed_ones() {
    let workspace = Uuid::new_v4();
    for (claims, expected) in [
        (serde_json::json!({"type": "PLAYGROUND", "userId": workspace}), Some(Claims::Other)),
        (
            serde_json::json!({"type": "LOGIN", "workspaceId": workspace, "authProvider": "password"}),
            Some(Claims::Login { workspace_id: workspace, auth_provider: AuthProvider::Password }),
        ),
        (serde_json::json!({"type": "LOGIN"}), None),
        (serde_json::json!({}), None),
    ] {
        assert_eq!(serde_json::from_value(claims.clone()).ok(), expected, "{claims}");
    }
}
