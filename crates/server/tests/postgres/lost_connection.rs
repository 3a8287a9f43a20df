//! The database goes away while a server runs, and comes back.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::model::{create_field, create_object};
use crate::support::postgres::{Database, cluster};
use crate::support::proxy::Proxy;
use crate::support::{Client, Response, Running, TestData};

/// How long a client may be left without an answer.
const LIMIT: Duration = Duration::from_secs(15);

/// How long things that take care of themselves may take. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Enough to open several connections to the database.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn while_the_database_is_away_every_door_says_so() {
    let (data, credentials) = TestData::prepared();
    let proxy = Proxy::start(cluster().address);
    let running = Running::start_at(&["--database-url", &data.database().url_at(proxy.address)], &[]);
    let client = Client::new(&running.url, Some(&credentials.key));
    for round in 0..2 {
        let made = client.post("/rest/companies", json!({"name": "Harbour Light"})).await;
        assert_eq!(made.outcome(), "201", "round {round}: {}", made.body);
        let path = format!("/rest/companies/{}", made.text("/data/createCompany/id"));
        read_at_once(&client).await;

        proxy.cut();
        let document = "mutation { createCompany(data: {name: \"Nowhere\"}) { id } }";
        let fields = "{ fields(paging: {first: 1}) { edges { node { id } } } }";
        for (case, answer, outcome) in [
            ("read", in_time(client.get(&path)).await, "503 ServiceUnavailableException"),
            (
                "write",
                in_time(client.post("/rest/companies", json!({"name": "Nowhere"}))).await,
                "503 ServiceUnavailableException",
            ),
            ("model", in_time(client.get("/rest/metadata/objects")).await, "503 ServiceUnavailableException"),
            (
                "query",
                in_time(client.graphql("{ companies { totalCount } }", json!({}))).await,
                "503 TIMEOUT",
            ),
            ("mutation", in_time(client.graphql(document, json!({}))).await, "503 TIMEOUT"),
            ("metadata", in_time(client.metadata(fields, json!({}))).await, "503 TIMEOUT"),
        ] {
            assert_eq!(answer.outcome(), outcome, "{case}: {}", answer.body);
            assert!(answer.headers.contains_key("retry-after"), "{case}: {:?}", answer.headers);
            assert!(!answer.body.to_string().contains("127.0.0.1"), "{case}: {}", answer.body);
        }
        assert_eq!(in_time(client.get("/healthz")).await.outcome(), "200", "the server itself lives");

        proxy.resume();
        assert_eq!(client.get(&path).await.outcome(), "200", "what was answered is there, at once");
    }
    let all = client.get("/rest/companies").await;
    assert_eq!(all.part("/totalCount"), &json!(2), "what was refused is not there");
}

/// The answer, which must come within the limit.
async fn in_time(answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(LIMIT, answer).await.expect("an answer comes in time")
}

async fn read_at_once(client: &Client) {
    let readers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("/rest/companies").await.outcome() })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.expect("no reader panics"), "200");
    }
}

#[tokio::test]
async fn a_database_that_says_nothing_is_not_waited_for() {
    let (data, credentials) = TestData::prepared();
    let proxy = Proxy::start(cluster().address);
    let url = format!("{}?connect_timeout=1", data.database().url_at(proxy.address));
    let running = Running::start_at(&["--database-url", &url], &["--database-timeout", "1"]);
    let client = Client::new(&running.url, Some(&credentials.key));
    read_at_once(&client).await;
    proxy.silence();
    let (read, write, query) = tokio::join!(
        in_time(client.get("/rest/companies")),
        in_time(client.post("/rest/companies", json!({"name": "Nowhere"}))),
        in_time(client.graphql("{ companies { totalCount } }", json!({}))),
    );
    for (case, answer) in [("read", read), ("write", write), ("query", query)] {
        assert_eq!(answer.status, 503, "{case}: {}", answer.body);
        assert!(answer.headers.contains_key("retry-after"), "{case}: {:?}", answer.headers);
    }
    proxy.resume();
    let all = client.get("/rest/companies").await;
    assert_eq!((all.outcome().as_str(), all.part("/totalCount")), ("200", &json!(0)));
}

#[tokio::test]
async fn a_restart_of_the_database_is_not_noticed() {
    let (data, credentials) = TestData::prepared();
    let running = Running::start(&data, &[]);
    let client = Client::new(&running.url, Some(&credentials.key));
    for round in 0..6 {
        read_at_once(&client).await;
        assert!(1 < data.database().disconnect_all(), "several connections were open");
        let answer = match round % 2 {
            0 => client.get("/rest/companies").await,
            _ => client.post("/rest/companies", json!({"name": "Ida"})).await,
        };
        assert!(answer.status < 300, "round {round}: {} {}", answer.outcome(), answer.body);
    }
    assert_eq!(client.get("/rest/companies").await.part("/totalCount"), &json!(3));
}

#[tokio::test]
async fn changes_are_heard_again() {
    let (data, credentials) = TestData::prepared();
    let database = data.database();
    let listener = format!("{}?application_name=listener", database.url());
    let _listener = Running::start_at(&["--database-url", &listener], &[]);
    let other = Running::start(&data, &[]);
    let client = Client::new(&other.url, Some(&credentials.key));
    let object = create_object(&client, "vessel").await;
    for (round, name) in ["sail", "mast"].into_iter().enumerate() {
        wait_for_query(database, "listener", "LISTEN fourfold");
        create_field(&client, &object, "TEXT", name).await;
        // Nobody has asked this server anything since it was connected.
        wait_for_query(database, "listener", "%\"_object\"%");
        if round == 0 {
            // Waits for their end, so that the next to listen is another connection.
            let ended = database.sql(
                "SELECT bool_and(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'listener'",
            );
            assert_eq!(ended, "t");
        }
    }
}

/// Waits until a connection with this name has run a statement like this one as its last.
fn wait_for_query(database: &Database, application: &str, pattern: &str) {
    let asks = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND application_name = '{application}' \
         AND query LIKE '{pattern}'",
        database.name
    );
    let deadline = Instant::now() + PATIENCE;
    while database.sql(&asks) == "0" {
        assert!(Instant::now() < deadline, "{application} runs nothing like {pattern}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
