//! Several servers, one database: how they begin, and whom they let in.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::pair::Pair;
use crate::support::pgbouncer::PgBouncer;
use crate::support::{Client, Credentials, Running, TestData};

/// How long a first start may take. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn of_two_that_start_at_once_one_makes_the_workspace() {
    let bouncer = PgBouncer::start(8);
    for is_pooled in [false, true] {
        let data = TestData::new();
        let url = match is_pooled {
            true => data.database().url_at(bouncer.address),
            false => data.database().url(),
        };
        let starts = [(); 2].map(|()| {
            let place = ["--database-url".to_owned(), url.clone()];
            std::thread::spawn(move || Running::start_at(&place, &["--empty"]))
        });
        let servers = starts.map(|start| start.join().expect("both servers start"));
        let (maker, credentials) = maker(&servers);
        // Where it listens is the last thing that the other has to say.
        assert_eq!(Credentials::read(&servers[1 - maker].stdout()), None, "only the maker knows the secrets");
        assert_eq!(data.database().sql("SELECT count(*) FROM core.workspace"), "1");
        assert_eq!(
            data.database().sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%workspace%'"),
            "1",
            "nothing unfinished stays"
        );
        for server in &servers {
            let client = Client::new(&server.url, Some(&credentials.key));
            let made = client.post("/rest/companies", json!({"name": "Harbour Light"})).await;
            assert_eq!(made.outcome(), "201", "{}", made.body);
        }
    }
}

/// Which of the servers has made the workspace, and what it printed.
fn maker(servers: &[Running; 2]) -> (usize, Credentials) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = (0..).zip(servers).find_map(|(place, server)| {
            Credentials::read(&server.stdout()).map(|credentials| (place, credentials))
        });
        if let Some(found) = found {
            return found;
        }
        assert!(Instant::now() < deadline, "no server prints credentials");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_key_works_on_every_server_at_once() {
    let pair = Pair::start();
    for round in 0..4 {
        let created = pair.data.fourfold(&["api-key", "create", "--name", "import"]);
        assert_eq!(created.code, Some(0), "{}", created.stderr);
        for server in &pair.servers {
            let client = Client::new(&server.url, Some(created.stdout.trim()));
            assert_eq!(client.get("/rest/companies").await.outcome(), "200", "round {round}");
        }
    }
}

#[tokio::test]
async fn who_signs_out_on_one_server_is_out_on_the_other() {
    let pair = Pair::start();
    let [first, second] = pair.strangers();
    let Credentials { email, password, .. } = &pair.credentials;
    let document = "mutation M($email: String!, $password: String!, $origin: String!) {
        getLoginTokenFromCredentials(email: $email, password: $password, origin: $origin) {
            loginToken { token }
        }
    }";
    let origin = "http://localhost";
    let variables = json!({"email": email, "password": password, "origin": origin});
    let login = first.metadata(document, variables).await;
    let login = login.text("/data/getLoginTokenFromCredentials/loginToken/token");
    let document = "mutation M($token: String!, $origin: String!) {
        getAuthTokensFromLoginToken(loginToken: $token, origin: $origin) {
            tokens { accessOrWorkspaceAgnosticToken { token } refreshToken { token } }
        }
    }";
    // Each step on the other server than the one before.
    let tokens = second.metadata(document, json!({"token": login, "origin": origin})).await;
    let access = tokens.text("/data/getAuthTokensFromLoginToken/tokens/accessOrWorkspaceAgnosticToken/token");
    let refresh = tokens.text("/data/getAuthTokensFromLoginToken/tokens/refreshToken/token");
    let read = Client::new(&pair.servers[0].url, Some(&access)).get("/rest/companies").await;
    assert_eq!(read.outcome(), "200", "{}", read.body);

    let renew = "mutation M($token: String!) { renewToken(appToken: $token) {
        tokens { refreshToken { token } }
    } }";
    let renewed = first.metadata(renew, json!({"token": refresh})).await;
    let refresh = renewed.text("/data/renewToken/tokens/refreshToken/token");
    let out = "mutation M($token: String!) { signOut(refreshToken: $token) }";
    let out = first.metadata(out, json!({"token": refresh})).await;
    assert_eq!(out.part("/data/signOut"), &json!(true), "{}", out.body);
    for client in [second, first] {
        let refused = client.metadata(renew, json!({"token": refresh})).await;
        assert_eq!(refused.outcome(), "200 FORBIDDEN FORBIDDEN_EXCEPTION", "{}", refused.body);
    }
}
