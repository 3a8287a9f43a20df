//! What waits for others in the database waits no longer than it may, and leaves nothing behind.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::model::{create_field, create_object, try_create_field};
use crate::support::postgres::Session;
use crate::support::{Client, Response, Running, TestData};

/// What a request may take, with a limit of a second or two for what it waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(4);

/// A server with an object `vessel` that has one record, whose table tests lock.
struct Setting {
    client: Client,
    object: String,
    running: Running,
    data: TestData,
    /// The table, as SQL names it.
    table: String,
}

impl Setting {
    async fn new(arguments: &[&str]) -> Self {
        let (data, credentials) = TestData::prepared();
        let running = Running::start(&data, arguments);
        let client = Client::new(&running.url, Some(&credentials.key));
        let object = create_object(&client, "vessel").await;
        let made = client.post("/rest/vessels", json!({"name": "Ida"})).await;
        assert_eq!(made.outcome(), "201", "{}", made.body);
        let table = data
            .database()
            .sql("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tablename = 'vessel'");
        Self { client, object, running, data, table }
    }

    /// A transaction that holds a lock on the table.
    fn lock(&self, mode: &str) -> Session {
        let mut session = self.data.database().session();
        session.run(&format!("BEGIN; LOCK TABLE {} IN {mode} MODE", self.table));
        session
    }

    async fn vessels(&self) -> Json {
        self.client.get("/rest/vessels").await.part("/totalCount").clone()
    }
}

/// The answer, which must come in time.
async fn in_time(case: &str, answer: impl Future<Output = Response>) -> Response {
    let begun = Instant::now();
    let answer = answer.await;
    assert!(begun.elapsed() < PATIENCE, "{case} took {:?}", begun.elapsed());
    answer
}

#[tokio::test]
async fn a_statement_that_waits_for_too_long_is_given_up() {
    let setting = Setting::new(&["--database-timeout", "1"]).await;
    let (client, vessel) = (&setting.client, json!({"name": "Nowhere"}));
    let write = "mutation { createVessel(data: {name: \"Nowhere\"}) { id } }";
    let lock = setting.lock("ACCESS EXCLUSIVE");
    for (case, answer, outcome) in [
        (
            "write",
            in_time("write", client.post("/rest/vessels", vessel.clone())).await,
            "504 GatewayTimeoutException",
        ),
        ("read", in_time("read", client.get("/rest/vessels")).await, "504 GatewayTimeoutException"),
        (
            "mutation",
            in_time("mutation", client.graphql(write, json!({}))).await,
            "200 INTERNAL_SERVER_ERROR",
        ),
    ] {
        assert_eq!(answer.outcome(), outcome, "{case}: {}", answer.body);
        assert!(answer.message().contains("took too long"), "{case}: {}", answer.body);
    }
    let others = in_time("another table", client.get("/rest/companies")).await;
    assert_eq!(others.outcome(), "200", "{}", others.body);
    drop(lock);
    assert_eq!(setting.vessels().await, json!(1), "nothing was written");
    assert_eq!(client.post("/rest/vessels", vessel).await.outcome(), "201");
    assert_eq!(setting.vessels().await, json!(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_model_does_not_wait_for_long_writes() {
    let setting = Setting::new(&[]).await;
    let client = &setting.client;
    // As a long UPDATE has it.
    let lock = setting.lock("ROW EXCLUSIVE");
    let others = {
        let client = client.clone();
        tokio::spawn(async move {
            let deadline = Instant::now() + PATIENCE;
            let mut written = 0;
            while Instant::now() < deadline {
                let answer = client.post("/rest/companies", json!({"name": "Meanwhile"})).await;
                assert_eq!(answer.outcome(), "201", "{}", answer.body);
                written += 1;
                let read = client.get("/rest/vessels").await;
                assert_eq!(read.outcome(), "200", "{}", read.body);
                if 20 < written {
                    break;
                }
            }
        })
    };
    let change = try_create_field(client, &setting.object, "TEXT", "sail");
    let refused = in_time("change", change).await;
    assert_eq!(refused.outcome(), "503 ServiceUnavailableException", "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"));
    in_time("others", async {
        others.await.expect("others are not refused");
        client.get("/rest/companies").await
    })
    .await;
    let columns = "SELECT count(*) FROM information_schema.columns WHERE column_name LIKE 'sail%'";
    assert_eq!(setting.data.database().sql(columns), "0");
    let with_it = client.get_with("/rest/vessels", &[("filter", "sail[eq]:x")]).await;
    assert_eq!(with_it.status, 400, "nothing of the change is told: {}", with_it.body);

    drop(lock);
    create_field(client, &setting.object, "TEXT", "sail").await;
    let made = client.post("/rest/vessels", json!({"sail": "x"})).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_connection_is_told_to_come_back() {
    let setting = Setting::new(&["--database-connections", "2"]).await;
    let client = &setting.client;
    let lock = setting.lock("ACCESS EXCLUSIVE");
    let blocked: Vec<_> = (0..2)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.post("/rest/vessels", json!({"name": "Late"})).await })
        })
        .collect();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock'";
    while setting.data.database().sql(waiting) != "2" {
        assert!(blocked.iter().all(|writer| !writer.is_finished()), "they wait for the lock");
    }
    let begun = Instant::now();
    let refused = client.get("/rest/companies").await;
    assert_eq!(refused.outcome(), "503 ServiceUnavailableException", "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(begun.elapsed() < Duration::from_secs(9), "it took {:?}", begun.elapsed());
    assert_eq!(Client::new(&setting.running.url, None).get("/healthz").await.outcome(), "200");
    drop(lock);
    for writer in blocked {
        let answer = writer.await.expect("no writer panics");
        assert_eq!(answer.outcome(), "201", "what waited goes on: {}", answer.body);
    }
    assert_eq!(setting.vessels().await, json!(3));
}
