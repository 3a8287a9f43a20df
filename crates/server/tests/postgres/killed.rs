//! One of two servers is killed while clients write through both.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Mutex;

use crate::pair::Pair;
use crate::support::load::{create_until_it_fails, missing};
use crate::support::{Client, Running};

/// Clients of each server.
const CLIENTS: usize = 4;

/// Enough answers from each server that the kill falls into the middle of a stream.
const ANSWERS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_survivor_has_everything_and_goes_on() {
    let Pair { servers: [mut doomed, running], credentials, data } = Pair::start();
    let survivor = Client::new(&running.url, Some(&credentials.key));
    for round in 0..2 {
        let client = Client::new(&doomed.url, Some(&credentials.key));
        let [by_doomed, by_survivor] = [(); 2].map(|()| Arc::new(Mutex::new(Vec::new())));
        let writers = |client: &Client, answered: &Arc<Mutex<Vec<uuid::Uuid>>>| {
            let spawn = |_| tokio::spawn(create_until_it_fails(client.clone(), Arc::clone(answered)));
            (0..CLIENTS).map(spawn).collect::<Vec<_>>()
        };
        let (doomed_writers, writers) = (writers(&client, &by_doomed), writers(&survivor, &by_survivor));
        while by_doomed.lock().await.len() < ANSWERS {
            assert!(doomed_writers.iter().any(|writer| !writer.is_finished()), "all failed before the kill");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        doomed.kill();
        for writer in doomed_writers {
            writer.await.expect("a writer ends when its server does");
        }
        // A transaction that the dead server left open would stand in the way of others.
        let before = by_survivor.lock().await.len();
        while by_survivor.lock().await.len() < before + ANSWERS {
            assert!(writers.iter().all(|writer| !writer.is_finished()), "the survivor answers no more");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for writer in writers {
            writer.abort();
        }
        let created = survivor
            .post(
                "/rest/metadata/objects",
                json!({
                    "nameSingular": format!("vessel{round}"), "namePlural": format!("fleet{round}"),
                    "labelSingular": format!("Vessel {round}"), "labelPlural": format!("Fleet {round}"),
                }),
            )
            .await;
        assert_eq!(created.outcome(), "201", "the model can be changed: {}", created.body);

        doomed = Running::start(&data, &[]);
        let again = Client::new(&doomed.url, Some(&credentials.key));
        for answered in [by_doomed, by_survivor] {
            let answered = answered.lock().await;
            for client in [&survivor, &again] {
                let lost = missing(client, &answered).await;
                assert!(lost.is_empty(), "round {round}: {} of {} are lost", lost.len(), answered.len());
            }
        }
    }
}
