//! The data model is changed from several servers at the same time, while others write.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::pair::Pair;
use crate::support::model::{create_object, try_create_field};
use crate::support::postgres::Database;
use crate::support::{Client, Response};

/// Tasks that change the model, half of them on each server.
const CHANGERS: usize = 4;

/// Fields that each of them makes.
const FIELDS: usize = 5;

/// How often a field comes and goes while others write.
const CHANGES: usize = 6;

const WRITERS: usize = 4;

/// What they write at least before the next field comes and goes.
const WRITES_BETWEEN: usize = 5;

/// How long that may take. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the writers and the changer tell each other.
#[derive(Default)]
struct Progress {
    answered: AtomicUsize,
    is_over: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_from_both_servers_all_land() {
    let pair = Pair::start();
    let clients = pair.clients();
    let object = create_object(&clients[0], "vessel").await;
    let changers: Vec<_> = (0..CHANGERS)
        .map(|changer| {
            let (client, object) = (clients[changer % 2].clone(), object.clone());
            tokio::spawn(async move { create_fields(&client, &object, changer).await })
        })
        .collect();
    let mut created = BTreeSet::new();
    for changer in changers {
        created.extend(changer.await.expect("no changer panics"));
    }
    assert_eq!(created.len(), CHANGERS * FIELDS);
    for client in &clients {
        assert!(created.is_subset(&fields(client, &object).await), "every answered field is told");
    }
    assert_model_fits_tables(&clients[0], pair.data.database(), &object).await;
    assert!(!pair.output().contains("a request failed"), "{}", pair.output());
}

/// Makes fields one after the other, each until it is there; their names.
async fn create_fields(client: &Client, object: &str, changer: usize) -> Vec<String> {
    let mut names = Vec::new();
    for number in 0..FIELDS {
        let name = format!("field{changer}of{number}");
        while !is_changed(&try_create_field(client, object, "TEXT", &name).await, "201") {}
        names.push(name);
    }
    names
}

/// Whether a change of the model happened. Otherwise it must say that trying again helps.
fn is_changed(response: &Response, done: &str) -> bool {
    match response.outcome().as_str() {
        "409 ConflictException" => false,
        "503 ServiceUnavailableException" => {
            assert!(response.headers.contains_key("retry-after"));
            false
        }
        outcome => {
            assert_eq!(outcome, done, "{}", response.body);
            true
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_go_on_while_fields_come_and_go() {
    let pair = Pair::start();
    let [changing, writing] = pair.clients();
    let object = create_object(&changing, "vessel").await;
    let progress = Arc::new(Progress::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, progress) = (writing.clone(), Arc::clone(&progress));
            tokio::spawn(async move { write_until_over(&client, writer, &progress).await })
        })
        .collect();
    for change in 0..CHANGES {
        let name = format!("field{change}");
        let id = loop {
            let created = try_create_field(&changing, &object, "TEXT", &name).await;
            if is_changed(&created, "201") {
                break created.text("/id");
            }
        };
        while !is_changed(&changing.delete(&format!("/rest/metadata/fields/{id}")).await, "200") {}
        let deadline = Instant::now() + PATIENCE;
        while progress.answered.load(Ordering::Relaxed) < (change + 1) * WRITES_BETWEEN {
            assert!(Instant::now() < deadline, "nobody can write any more");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    progress.is_over.store(true, Ordering::Relaxed);
    let mut answered = BTreeSet::new();
    for writer in writers {
        answered.extend(writer.await.expect("no writer panics"));
    }
    let stored = pair.data.database().sql(
        "SELECT schema_name FROM information_schema.schemata \
         WHERE schema_name LIKE 'workspace%'",
    );
    let stored = pair.data.database().sql(&format!("SELECT id FROM {stored}.vessel"));
    let stored: BTreeSet<Uuid> = stored.lines().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(answered.difference(&stored).count(), 0, "answered records are missing");
    assert_eq!(stored.difference(&answered).count(), 0, "records were stored that were refused");
    assert_model_fits_tables(&writing, pair.data.database(), &object).await;
    assert!(!pair.output().contains("a request failed"), "{}", pair.output());
}

/// Writes over either door until the changes are over; the ids of what was answered.
async fn write_until_over(client: &Client, writer: usize, progress: &Progress) -> Vec<Uuid> {
    let mut answered = Vec::new();
    while !progress.is_over.load(Ordering::Relaxed) {
        let id = Uuid::new_v4();
        let data = json!({"id": id, "name": "Ida"});
        let response = match writer % 2 {
            0 => client.post("/rest/vessels", data).await,
            _ => {
                let document = "mutation M($data: VesselCreateInput!) { createVessel(data: $data) { id } }";
                client.graphql(document, json!({ "data": data })).await
            }
        };
        match response.outcome().as_str() {
            "200" | "201" => {
                answered.push(id);
                progress.answered.fetch_add(1, Ordering::Relaxed);
            }
            // Honest, and so nothing was stored.
            "409 ConflictException" | "200 CONFLICT" => {}
            outcome => panic!("{outcome}: {}", response.body),
        }
    }
    answered
}

/// The names of an object's fields.
async fn fields(client: &Client, object: &str) -> BTreeSet<String> {
    let object = client.get(&format!("/rest/metadata/objects/{object}")).await;
    let names = object.list("/fields").iter().filter_map(|field| field["name"].as_str());
    names.map(str::to_owned).collect()
}

/// Each text field of the object `vessel` has its two columns, and no other column is there that looks like
/// one.
async fn assert_model_fits_tables(client: &Client, database: &Database, object: &str) {
    let columns = database.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'vessel' \
         AND column_name LIKE 'field%' AND column_name NOT LIKE '%\\_key'",
    );
    let columns: BTreeSet<String> = columns.lines().map(str::to_owned).collect();
    let fields = fields(client, object).await.into_iter().filter(|name| name.starts_with("field"));
    assert_eq!(fields.collect::<BTreeSet<_>>(), columns);
}
