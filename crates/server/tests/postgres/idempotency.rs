//! Idempotency keys where several servers share a database, and where the connection to it breaks.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Mutex;

use crate::pair::Pair;
use crate::support::load::{assert_each_happens_once, create_with_keys_until_it_fails};
use crate::support::postgres::cluster;
use crate::support::proxy::Proxy;
use crate::support::{Client, Running, TestData};

/// Requests with one key at the same time, half of them to each server.
const TWINS: usize = 50;

/// Clients that write when the connection breaks.
const WRITERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_on_two_servers_make_one_record() {
    let pair = Pair::start();
    let clients = pair.clients();
    for round in 0..4 {
        let twins = (0..TWINS).map(|twin| {
            let (client, key) = (clients[twin % 2].clone(), format!("key-{round}"));
            tokio::spawn(async move {
                let answer =
                    client.try_post_with_key("/rest/companies", &key, &json!({"name": "Twin"})).await;
                answer.expect("the server answers")
            })
        });
        let mut answers = Vec::new();
        for twin in twins.collect::<Vec<_>>() {
            answers.push(twin.await.expect("no twin panics"));
        }
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
            assert_eq!(answer.header("etag"), answers[0].header("etag"));
        }
        let made = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
        assert_eq!(made.count(), 1);
    }
    assert_eq!(clients[0].get("/rest/companies").await.part("/totalCount"), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_a_killed_server_did_not_answer_is_sent_to_another() {
    let Pair { servers: [mut doomed, survivor], credentials, data } = Pair::start();
    let survivor = Client::new(&survivor.url, Some(&credentials.key));
    let sent = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..3 {
        let client = Client::new(&doomed.url, Some(&credentials.key));
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(create_with_keys_until_it_fails(client.clone(), Arc::clone(&sent))))
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(100..400))).await;
        doomed.kill();
        for writer in writers {
            writer.await.expect("a writer ends when its server does");
        }
        assert_each_happens_once(&survivor, &sent.lock().await).await;
        doomed = Running::start(&data, &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_nobody_heard_of_counts_once() {
    let (data, credentials) = TestData::prepared();
    let proxy = Proxy::start(cluster().address);
    let running = Running::start_at(&["--database-url", &data.database().url_at(proxy.address)], &[]);
    let client = Client::new(&running.url, Some(&credentials.key));
    let sent = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..6 {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(create_with_keys_until_it_fails(client.clone(), Arc::clone(&sent))))
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(50..250))).await;
        proxy.cut();
        for writer in writers {
            writer.await.expect("a writer ends when it is refused");
        }
        proxy.resume();
        assert_each_happens_once(&client, &sent.lock().await).await;
    }
}
