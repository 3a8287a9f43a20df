//! `kill -9` while clients write: what was answered is there afterwards.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::{Client, TestServer};

/// Clients that write at the same time, so that commits hold several requests.
const CLIENTS: usize = 8;

/// Enough answers that the kill falls into the middle of a stream.
const ANSWERS: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let mut server = TestServer::start();
    let answered = Arc::new(Mutex::new(Vec::new()));
    for round in 0..3 {
        let before = answered.lock().await.len();
        let writers: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(create_until_it_fails(server.client(), Arc::clone(&answered))))
            .collect();
        while answered.lock().await.len() < before + ANSWERS {
            assert!(writers.iter().any(|writer| !writer.is_finished()), "all writers failed before the kill");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..300))).await;
        server = server.kill_and_restart();
        for writer in writers {
            writer.await.expect("a writer ends when the server does");
        }
        let answered = answered.lock().await;
        let lost = missing(&server.client(), &answered).await;
        assert!(
            lost.is_empty(),
            "round {round}: {} of {} answered records are lost",
            lost.len(),
            answered.len()
        );
    }
}

async fn create_until_it_fails(client: Client, answered: Arc<Mutex<Vec<Uuid>>>) {
    loop {
        let id = Uuid::new_v4();
        let Some(response) = client.try_post("/rest/companies", json!({"id": id, "name": "Kept"})).await
        else {
            return;
        };
        assert_eq!(response.outcome(), "201", "{}", response.body);
        answered.lock().await.push(id);
    }
}

/// Those of `ids` that the server does not have.
async fn missing(client: &Client, ids: &[Uuid]) -> Vec<Uuid> {
    let mut missing = Vec::new();
    for some in ids.chunks(60) {
        let list = some.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
        let filter = format!("id[in]:[{list}]");
        let read = client.get_with("/rest/companies", &[("filter", &filter), ("limit", "60")]).await;
        let found: Vec<_> =
            read.list("/data/companies").iter().filter_map(|company| company["id"].as_str()).collect();
        missing.extend(some.iter().filter(|id| !found.contains(&id.to_string().as_str())));
    }
    missing
}
