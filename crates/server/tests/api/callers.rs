//! Who is let in: tokens that are missing, broken, expired, or of somewhere else.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::outcome::assert_outcome;
use crate::support::{Client, TestServer};

/// Asks at each door, for reading and for writing.
async fn assert_refused(client: &Client, rest: &str, graphql: &str, metadata: &str, case: &str) {
    for path in ["/rest/companies", "/rest/companies/7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11", "/rest/dinosaurs"]
    {
        assert_outcome(&client.get(path).await, rest, &format!("{case}: GET {path}"));
    }
    assert_outcome(&client.post("/rest/companies", json!({"name": "A"})).await, rest, case);
    assert_outcome(&client.post_text("/rest/companies", "no JSON").await, rest, case);
    assert_outcome(&client.get("/rest/metadata/objects").await, rest, case);
    assert_outcome(&client.post("/rest/metadata/objects", json!({})).await, rest, case);
    assert_outcome(&client.graphql("{ companies { totalCount } }", json!({})).await, graphql, case);
    let create = "mutation { createCompany(data: {name: \"A\"}) { id } }";
    assert_outcome(&client.graphql(create, json!({})).await, graphql, case);
    assert_outcome(
        &client.metadata("{ objects { edges { node { id } } } }", json!({})).await,
        metadata,
        case,
    );
}

#[tokio::test]
async fn callers_without_a_good_token_are_refused_at_every_door() {
    let server = TestServer::start();
    let elsewhere = TestServer::start_new(&["--empty"]);
    let key = &server.credentials.key;
    let tampered = tamper(key);
    let unsigned = key.rsplit_once('.').map(|(signed, _)| format!("{signed}.")).expect("a token has parts");
    let without_algorithm =
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", key.split('.').nth(1).unwrap());

    assert_refused(&server.anonymous(), "403 FORBIDDEN_EXCEPTION", "200 *", "200 FORBIDDEN *", "no token")
        .await;
    for (case, token) in [
        ("garbage", "garbage"),
        ("three garbage parts", "a.b.c"),
        ("a signature that is not ours", &tampered),
        ("no signature", &unsigned),
        ("an algorithm of none", &without_algorithm),
        ("a key of another server", &elsewhere.credentials.key),
    ] {
        let client = server.client_with(token);
        assert_refused(
            &client,
            "401 UNAUTHENTICATED",
            "200 UNAUTHENTICATED *",
            "200 UNAUTHENTICATED *",
            case,
        )
        .await;
    }
    let companies = server.client().get("/rest/companies").await;
    assert_eq!(companies.part("/totalCount"), &json!(0), "nothing was written");
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let server = TestServer::start();
    let expires_at = (Timestamp::now() + Duration::from_secs(3)).to_string();
    let created = server.fourfold(&["api-key", "create", "--name", "brief", "--expires-at", &expires_at]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let client = server.client_with(created.stdout.trim());
    assert_eq!(client.get("/rest/companies").await.outcome(), "200", "before it expires");

    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_refused(
        &client,
        "401 UNAUTHENTICATED",
        "200 UNAUTHENTICATED *",
        "200 UNAUTHENTICATED *",
        "expired",
    )
    .await;
}

#[tokio::test]
async fn a_key_opens_its_own_workspace_and_no_other() {
    let server = TestServer::start();
    let made = server.fourfold(&["workspace", "create", "--name", "Other", "--empty"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let key = server.fourfold(&["api-key", "create", "--name", "other", "--workspace", made.stdout.trim()]);
    assert_eq!(key.code, Some(0), "{}", key.stderr);
    let (ours, theirs) = (server.client(), server.client_with(key.stdout.trim()));

    let created = ours.post("/rest/companies", json!({"name": "Ours"})).await;
    let path = format!("/rest/companies/{}", created.text("/data/createCompany/id"));
    assert_eq!(theirs.get("/rest/companies").await.part("/totalCount"), &json!(0));
    for (case, response) in [
        ("reads", theirs.get(&path).await),
        ("changes", theirs.patch(&path, json!({"name": "Theirs"})).await),
        ("deletes", theirs.delete(&path).await),
    ] {
        assert_outcome(&response, "404 NotFoundException", case);
    }
    assert_eq!(ours.get(&path).await.part("/data/company/name"), "Ours");
}

#[tokio::test]
async fn a_token_in_the_url_is_not_read() {
    let server = TestServer::start();
    let path = format!("/rest/companies?token={}", server.credentials.key);
    assert_outcome(&server.anonymous().get(&path).await, "403 FORBIDDEN_EXCEPTION", "in the URL");
}

/// The token with another character in the middle of its signature.
fn tamper(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a token has parts");
    let mut bytes = signature.as_bytes().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
    format!("{signed}.{}", String::from_utf8_lossy(&bytes))
}
