//! Starting and ending: what is printed when, what refuses to start, what an orderly end finishes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::json;

use crate::support::{Client, Credentials, Running, TestData, TestServer};

#[tokio::test]
async fn the_first_start_prints_what_works_and_the_second_no_secret() {
    let server = TestServer::start_new(&[]);
    let credentials = server.credentials.clone();
    let companies = server.client().get("/rest/companies").await;
    assert_ne!(companies.part("/totalCount"), &json!(0), "a new workspace has demo records");

    let (running, data) = server.into_parts();
    running.terminate();
    assert!(running.wait().success());
    let running = Running::start(&data, &[]);
    assert_eq!(Credentials::read(&running.stdout()), None);
    for secret in [&credentials.password, &credentials.key] {
        assert!(!running.all_output().contains(secret.as_str()), "a secret in {}", running.all_output());
    }
    let again = Client::new(&running.url, Some(&credentials.key)).get("/rest/companies").await;
    assert_eq!(again.body, companies.body);
}

#[tokio::test]
async fn an_empty_workspace_has_its_objects_and_no_records() {
    let server = TestServer::start_new(&["--empty"]);
    let client = server.client();
    assert_eq!(client.get("/rest/companies").await.part("/totalCount"), &json!(0));
    let objects = client.get("/rest/metadata/objects?limit=200").await;
    let names: Vec<_> =
        objects.list("/data").iter().filter_map(|object| object["nameSingular"].as_str()).collect();
    for name in
        ["company", "person", "opportunity", "note", "noteTarget", "task", "taskTarget", "workspaceMember"]
    {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[tokio::test]
async fn health_needs_no_token_and_answers_carry_a_request_id() {
    let server = TestServer::start();
    let health = server.anonymous().get("/healthz").await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("ok")));
    let mut ids = Vec::new();
    for response in
        [health, server.client().get("/rest/companies").await, server.anonymous().get("/nowhere").await]
    {
        let id = response.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        ids.push(id.filter(|id| !id.is_empty()).expect("every answer has an id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "each request has its own");
}

#[tokio::test]
async fn logs_can_be_json_and_hold_the_request_id() {
    let data = TestData::new();
    let running = Running::start(&data, &["--empty", "--log-format", "json"]);
    let answer = Client::new(&running.url, None).get("/rest/companies").await;
    let id = answer.headers["x-request-id"].to_str().expect("an id is text").to_owned();
    running.terminate();
    let logged = running.wait_for_output();
    let lines = logged.lines().filter(|line| line.starts_with('{'));
    let entries: Vec<serde_json::Value> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(entries.iter().any(|entry| entry.to_string().contains(&id)), "{id} in {logged}");
}

#[test]
fn what_cannot_start_says_why_and_leaves_everything_alone() {
    let data = TestData::new();
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let busy = busy.local_addr().expect("a listener has an address").to_string();
    for (case, listen) in [("a port in use", busy.as_str()), ("an address that is none", "harbour")] {
        let refused = data.fourfold(&["serve", "--listen", listen]);
        assert!(refused.code.is_some_and(|code| code != 0), "{case}: {refused:?}");
        assert!(refused.stderr.contains(listen), "{case}: {}", refused.stderr);
        assert!(Credentials::read(&refused.stdout).is_none(), "{case}: {}", refused.stdout);
        assert!(data.is_untouched(), "{case}: a server that does not start makes no workspace");
    }
}

#[tokio::test]
async fn an_orderly_end_finishes_the_request_that_runs() {
    let server = TestServer::start();
    let key = server.credentials.key.clone();
    let address = server.url().strip_prefix("http://").expect("a URL of plain HTTP").to_owned();
    let body = json!({"name": "Just in time"}).to_string();
    let (first, second) = body.split_at(body.len() / 2);
    let mut connection = TcpStream::connect(address).expect("the server listens");
    connection.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit can be set");
    let head = format!(
        "POST /rest/companies HTTP/1.1\r\nhost: fourfold\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    );
    connection.write_all(head.as_bytes()).expect("half a request can be sent");
    tokio::time::sleep(Duration::from_millis(200)).await;

    let (running, data) = server.into_parts();
    running.terminate();
    tokio::time::sleep(Duration::from_millis(200)).await;
    connection.write_all(second.as_bytes()).expect("the other half can be sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the answer is whole");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(running.wait().code(), Some(0));

    let running = Running::start(&data, &[]);
    let companies = Client::new(&running.url, Some(&key)).get("/rest/companies").await;
    assert_eq!(companies.part("/data/companies/0/name"), "Just in time");
}
