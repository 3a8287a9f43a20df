//! Both databases answer alike: the same random operations, the same bytes.
//!
//! `FOURFOLD_TEST_OPERATIONS` says how many operations are run, `FOURFOLD_TEST_SEED` which; a difference
//! is reported with both.

mod groups;
mod model;
mod requests;
mod values;

use std::collections::BTreeMap;
use std::env;

use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use crate::support::{Client, Running, TestServer};
use requests::{Request, Requests};

/// Enough to meet every kind of request with every kind of field.
const OPERATIONS: usize = 1500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_give_the_same_answers() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    let sqlite = Running::start_at(&["--data".as_ref(), data.as_os_str()], &["--empty"]);
    let sqlite_client = Client::new(&sqlite.url, Some(&sqlite.wait_for_credentials().key));
    let postgres = TestServer::start();
    let clients = [sqlite_client, postgres.client()];
    for client in &clients {
        model::create(client).await;
    }

    let seed = number_from("FOURFOLD_TEST_SEED").unwrap_or_else(|| rand::random_range(0..1_000_000));
    let operations = number_from("FOURFOLD_TEST_OPERATIONS").map_or(OPERATIONS, |number| number as usize);
    let began = Timestamp::now().to_string();
    let mut requests = Requests::new(StdRng::seed_from_u64(seed));
    let mut seen = Seen::default();
    for place in 0..operations {
        let request = requests.next();
        let [left, right] = [&clients[0], &clients[1]].map(|client| request.send(client));
        let (left, right) = tokio::join!(left, right);
        let answers = [left, right].map(|(status, body)| (status, without_recent_instants(&body, &began)));
        if answers[0] != answers[1] {
            let at = answers[0].1.bytes().zip(answers[1].1.bytes()).take_while(|(left, right)| left == right);
            let from = at.count().saturating_sub(200);
            panic!(
                "operation {place} of seed {seed} differs\n{request:?}\nSQLite: {} …{}\nPostgreSQL: {} …{}",
                answers[0].0,
                excerpt(&answers[0].1, from),
                answers[1].0,
                excerpt(&answers[1].1, from),
            );
        }
        seen.note(&request, answers[0].0, &answers[0].1);
        requests.learn(&request, answers[0].0, &answers[0].1);
    }
    seen.require_variety(operations);
    println!("{operations} operations of seed {seed} gave the same answers: {seen:?}");
}

fn number_from(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number")))
}

/// What the operations have met: a test of requests that are all refused would show nothing.
#[derive(Debug, Default)]
struct Seen {
    /// For each kind of request, how many succeeded and how many were refused.
    kinds: BTreeMap<&'static str, (usize, usize)>,
    records: usize,
}

impl Seen {
    fn note(&mut self, request: &Request, status: u16, body: &str) {
        assert!(status < 500, "{request:?}: {status} {body}");
        let is_refused = 400 <= status || body.contains("\"errors\":");
        assert!(!body.contains("INTERNAL_SERVER_ERROR"), "{request:?}: {body}");
        let counts = self.kinds.entry(request.kind).or_default();
        if is_refused {
            counts.1 += 1;
        } else {
            counts.0 += 1;
        }
        self.records += body.matches("\"code\":").count();
    }

    fn require_variety(&self, operations: usize) {
        for (kind, (succeeded, _)) in &self.kinds {
            assert!(*succeeded > 0, "no {kind} succeeded: {self:?}");
        }
        assert!(operations / 2 < self.records, "hardly any record was read: {self:?}");
    }
}

/// Instants that the server took from its own clock differ from one server to the other.
fn without_recent_instants(body: &str, began: &str) -> String {
    const INSTANT_BYTES: usize = "2026-03-01T09:30:00.000Z".len();
    let mut kept = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(quote) = rest.find('"') {
        let (before, from_quote) = rest.split_at(quote + 1);
        kept.push_str(before);
        let instant = from_quote
            .get(..INSTANT_BYTES)
            .filter(|text| text.ends_with('Z') && text.as_bytes()[10] == b'T' && text[..19] >= began[..19]);
        rest = match instant {
            Some(_) => {
                kept.push_str("now");
                &from_quote[INSTANT_BYTES..]
            }
            None => from_quote,
        };
    }
    kept + rest
}

fn excerpt(text: &str, from_byte: usize) -> String {
    text.char_indices()
        .skip_while(|(place, _)| *place < from_byte)
        .map(|(_, character)| character)
        .take(700)
        .collect()
}

#[test]
fn only_instants_of_the_run_are_left_out() {
    let began = "2026-03-01T09:30:00.5Z";
    for (body, expected) in [
        (r#"{"a":"2026-03-01T09:30:01.000Z"}"#, r#"{"a":"now"}"#),
        (r#"{"a":"2026-02-01T09:30:01.000Z","b":"x"}"#, r#"{"a":"2026-02-01T09:30:01.000Z","b":"x"}"#),
        (r#"{"a":"Ελλάδα, 🦊 and so on, Ω"}"#, r#"{"a":"Ελλάδα, 🦊 and so on, Ω"}"#),
    ] {
        assert_eq!(without_recent_instants(body, began), expected);
    }
}
