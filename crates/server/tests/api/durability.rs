//! `kill -9` while clients write: what was answered is there afterwards.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::support::TestServer;
use crate::support::load::{
    assert_each_happens_once, create_until_it_fails, create_with_keys_until_it_fails, missing,
};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_answered_can_be_sent_again_with_its_key() {
    let mut server = TestServer::start();
    let sent = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..3 {
        let writers: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(create_with_keys_until_it_fails(server.client(), Arc::clone(&sent))))
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::random_range(100..400))).await;
        server = server.kill_and_restart();
        for writer in writers {
            writer.await.expect("a writer ends when the server does");
        }
        let sent = sent.lock().await;
        assert!(sent.iter().any(|(_, answered)| answered.is_some()), "some were answered before the kill");
        assert_each_happens_once(&server.client(), &sent).await;
    }
}
