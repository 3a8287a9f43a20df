//! The commands beside the server: keys, members, workspaces.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestServer, fourfold};

const PASSWORD: &str = "a-long-enough-password";

#[tokio::test]
async fn a_new_key_is_honoured_at_once() {
    let server = TestServer::start();
    let created = server.fourfold(&["api-key", "create", "--name", "nightly import"]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let token = created.stdout.strip_suffix('\n').expect("the output ends with a line break");
    assert!(
        !token.contains(char::is_whitespace) && token.split('.').count() == 3,
        "not a token alone: {token:?}"
    );

    let made = server.client_with(token).post("/rest/companies", json!({"name": "Imported"})).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    assert_eq!(made.part("/data/createCompany/createdBy/name"), "nightly import");
    assert_eq!(made.part("/data/createCompany/createdBy/source"), "API");
}

#[tokio::test]
async fn a_new_member_can_sign_in() {
    let server = TestServer::start();
    let arguments = ["user", "create", "--email", "ida@example.org", "--password-stdin"];
    let created = server.fourfold_with_input(&arguments, &format!("{PASSWORD}\n"));
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    assert!(!created.stdout.contains(PASSWORD) && !created.stderr.contains(PASSWORD));

    let token = sign_in(&server.anonymous(), server.url(), "ida@example.org", PASSWORD).await;
    let made = server.client_with(&token).post("/rest/companies", json!({"name": "By hand"})).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    assert_eq!(made.part("/data/createCompany/createdBy/source"), "MANUAL");

    let again = server.fourfold_with_input(&arguments, &format!("{PASSWORD}\n"));
    assert_ne!(again.code, Some(0), "one address, one member");
    assert!(again.stderr.contains("ida@example.org"), "{}", again.stderr);
}

#[tokio::test]
async fn the_first_member_can_sign_in_and_a_wrong_password_cannot() {
    let server = TestServer::start();
    let credentials = &server.credentials;
    let token = sign_in(&server.anonymous(), server.url(), &credentials.email, &credentials.password).await;
    assert_eq!(server.client_with(&token).get("/rest/companies").await.outcome(), "200");
    for (email, password, code) in [
        (credentials.email.as_str(), "wrong-password", "FORBIDDEN"),
        ("nobody@example.org", PASSWORD, "UNAUTHENTICATED"),
    ] {
        let refused = login_token(&server.anonymous(), server.url(), email, password).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], code, "{email}: {refused}");
    }
}

#[tokio::test]
async fn a_new_workspace_is_listed() {
    let server = TestServer::start();
    let created = server.fourfold(&["workspace", "create", "--name", "Night Shift"]);
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let id = created.stdout.strip_suffix('\n').expect("the output ends with a line break");
    assert!(uuid::Uuid::try_parse(id).is_ok(), "not an id alone: {id:?}");

    let listed = server.fourfold(&["workspace", "list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let line = listed.stdout.lines().find(|line| line.contains(id));
    assert!(line.is_some_and(|line| line.contains("Night Shift")), "{}", listed.stdout);

    let by_name = server.fourfold(&["api-key", "create", "--name", "k", "--workspace", "Night Shift"]);
    assert_eq!(by_name.code, Some(0), "{}", by_name.stderr);
    let companies = server.client_with(by_name.stdout.trim()).get("/rest/companies").await;
    assert_ne!(companies.part("/totalCount"), &json!(0), "without --empty there are demo records");

    let ambiguous = server.fourfold(&["api-key", "create", "--name", "k"]);
    assert!(ambiguous.stderr.contains("--workspace"), "which of two: {ambiguous:?}");
}

#[test]
fn commands_that_cannot_be_done_say_what_to_do() {
    let server = TestServer::start();
    for (arguments, input, says) in [
        (&["api-key", "create"][..], "", "--name"),
        (&["api-key", "create", "--name", "k", "--role", "Captain"], "", "Captain"),
        (&["api-key", "create", "--name", "k", "--role", "Member"], "", "cannot be given to API keys"),
        (&["api-key", "create", "--name", "k", "--workspace", "Nowhere"], "", "Nowhere"),
        (&["api-key", "create", "--name", "k", "--expires-at", "2020-01-01"], "", "future"),
        (&["api-key", "create", "--name", "k", "--expires-at", "soon"], "", "soon"),
        (&["user", "create", "--email", "ida@example.org", "--password-stdin"], "short\n", "8"),
        (&["user", "create", "--email", "no address", "--password-stdin"], PASSWORD, "no address"),
        (&["user", "create", "--email", "ida@example.org"], "", "--password-stdin"),
        (&["workspace", "create"], "", "--name"),
    ] {
        let refused = server.fourfold_with_input(arguments, input);
        assert!(refused.code.is_some_and(|code| code != 0), "{arguments:?}: {refused:?}");
        assert!(refused.stderr.contains(says), "{arguments:?}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{arguments:?}");
    }
    let refused = fourfold(&["sail"]);
    assert!(refused.code.is_some_and(|code| code != 0) && refused.stderr.contains("sail"), "{refused:?}");
}

#[test]
fn help_names_every_command_and_option() {
    let help = fourfold(&["--help"]);
    assert_eq!(help.code, Some(0), "{}", help.stderr);
    for command in ["serve", "api-key", "user", "workspace"] {
        assert!(help.stdout.contains(command), "{command} in {}", help.stdout);
    }
    let help = fourfold(&["serve", "--help"]);
    for name in [
        "--data",
        "--listen",
        "--server-url",
        "--database-url",
        "--empty",
        "--log-format",
        "FOURFOLD_DATA",
        "FOURFOLD_LISTEN",
        "SERVER_URL",
        "DATABASE_URL",
    ] {
        assert!(help.stdout.contains(name), "{name} in {}", help.stdout);
    }
}

/// Signs in over the two mutations; the access token.
async fn sign_in(client: &Client, origin: &str, email: &str, password: &str) -> String {
    let answer = login_token(client, origin, email, password).await;
    let login = answer["data"]["getLoginTokenFromCredentials"]["loginToken"]["token"].as_str();
    let login = login.unwrap_or_else(|| panic!("no login token in {answer}"));
    let document = "mutation M($token: String!, $origin: String!) {
        getAuthTokensFromLoginToken(loginToken: $token, origin: $origin) {
            tokens { accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token } }
        }
    }";
    let answer = client.metadata(document, json!({"token": login, "origin": origin})).await;
    answer.text("/data/getAuthTokensFromLoginToken/tokens/accessOrWorkspaceAgnosticToken/token")
}

async fn login_token(client: &Client, origin: &str, email: &str, password: &str) -> Json {
    let document = "mutation M($email: String!, $password: String!, $origin: String!) {
        getLoginTokenFromCredentials(email: $email, password: $password, origin: $origin) {
            loginToken { token expiresAt }
        }
    }";
    client.metadata(document, json!({"email": email, "password": password, "origin": origin})).await.body
}
