//! `Idempotency-Key`: a write that is sent again happens once and is answered as before.

use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::{Client, Response, TestServer};

/// Requests with one key at the same time.
const TWINS: usize = 50;

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

async fn send(client: &Client, method: &str, path: &str, key: &str, body: &Json) -> Response {
    client.send_with(method, path, &[("idempotency-key", key)], Some(body.clone())).await
}

async fn mutate(client: &Client, key: &str, document: &str, variables: Json) -> Response {
    send(client, "POST", "/graphql", key, &json!({"query": document, "variables": variables})).await
}

/// All that a client is told, but for what names the request.
fn told(answer: &Response) -> (u16, &Json, &str) {
    (answer.status, &answer.body, answer.header("etag"))
}

fn assert_replayed(first: &Response, again: &Response, case: &str) {
    assert_eq!(first.header("idempotency-replayed"), "", "{case}");
    assert_eq!(again.header("idempotency-replayed"), "true", "{case}: {}", again.body);
    assert_eq!(told(again), told(first), "{case}");
}

async fn companies(client: &Client) -> Json {
    let filter = "or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL)";
    client.get_with("/rest/companies", &[("filter", filter)]).await.body
}

#[tokio::test]
async fn every_write_over_rest_is_answered_again() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/companies", json!({"name": "Acme"})).await;
    let one = format!("/rest/companies/{}", created.text("/data/createCompany/id"));
    for (place, (method, path, body)) in [
        ("POST", "/rest/companies?depth=1".to_owned(), json!({"name": "Harbour"})),
        ("POST", "/rest/batch/companies".into(), json!([{"name": "A"}, {"name": "B"}])),
        ("POST", "/rest/companies?upsert=true".into(), json!({"id": ID, "name": "Harbour"})),
        ("PATCH", one.clone(), json!({"name": "Acme Inc"})),
        ("PUT", one.clone(), json!({"name": "Acme Ltd"})),
        ("PATCH", "/rest/companies?filter=name[in]:[A,B]".into(), json!({"name": "C"})),
        ("DELETE", format!("{one}?soft_delete=true"), json!({})),
        ("PATCH", format!("{one}/restore"), json!({})),
        ("DELETE", "/rest/companies?filter=name[eq]:C&soft_delete=true".into(), json!({})),
        ("PATCH", "/rest/restore/companies?filter=name[eq]:C".into(), json!({})),
        ("DELETE", "/rest/companies?filter=name[eq]:C".into(), json!({})),
        ("DELETE", one, json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let case = format!("{method} {path}");
        let key = format!("rest-{place}");
        let first = send(&client, method, &path, &key, &body).await;
        assert!(first.status < 300, "{case}: {} {}", first.outcome(), first.body);
        let after = companies(&client).await;
        for _ in 0..2 {
            assert_replayed(&first, &send(&client, method, &path, &key, &body).await, &case);
        }
        assert_eq!(companies(&client).await, after, "{case}");
    }
}

#[tokio::test]
async fn every_mutation_is_answered_again() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/companies", json!({"name": "Acme"})).await;
    let id = created.text("/data/createCompany/id");
    let named = |name: &str| json!({"filter": {"name": {"eq": name}}});
    for (place, (document, variables)) in [
        ("mutation { createCompany(data: {name: \"B\"}) { id } }", json!({})),
        ("mutation { createCompanies(data: [{name: \"C\"}, {name: \"C\"}]) { id position } }", json!({})),
        (
            "mutation M($id: UUID!) { createCompany(data: {id: $id, name: \"B\"}, upsert: true) { id } }",
            json!({"id": ID}),
        ),
        (
            "mutation M($id: UUID!) { updateCompany(id: $id, data: {name: \"New\"}) { name nothing } }",
            json!({"id": id}),
        ),
        (
            "mutation M($filter: CompanyFilterInput) { updateCompanies(filter: $filter, data: {name: \"D\"}) { id } }",
            named("C"),
        ),
        ("mutation M($id: UUID!) { deleteCompany(id: $id) { deletedAt } }", json!({"id": id})),
        ("mutation M($id: UUID!) { restoreCompany(id: $id) { deletedAt } }", json!({"id": id})),
        ("mutation M($filter: CompanyFilterInput) { deleteCompanies(filter: $filter) { id } }", named("D")),
        ("mutation M($filter: CompanyFilterInput) { restoreCompanies(filter: $filter) { id } }", named("D")),
        ("mutation M($filter: CompanyFilterInput) { destroyCompanies(filter: $filter) { id } }", named("D")),
        ("mutation M($id: UUID!) { destroyCompany(id: $id) { id } __typename }", json!({"id": id})),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("graphql-{place}");
        let first = mutate(&client, &key, document, variables.clone()).await;
        assert_eq!(first.outcome(), "200", "{document}: {}", first.body);
        let after = companies(&client).await;
        assert_replayed(&first, &mutate(&client, &key, document, variables).await, document);
        assert_eq!(companies(&client).await, after, "{document}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let server = TestServer::start();
    let client = server.client();
    let body = json!({"name": "Acme"});
    let path = "/rest/companies";
    let first = send(&client, "POST", path, "k", &body).await;
    let id = first.text("/data/createCompany/id");
    let (by_id, with_query) = (format!("{path}/{id}"), format!("{path}?depth=0"));
    for (method, path, body) in [
        ("POST", path, json!({"name": "Acme", "position": 1})),
        ("POST", with_query.as_str(), body.clone()),
        ("POST", "/rest/people", json!({})),
        ("POST", "/rest/batch/companies", json!([{"name": "Acme"}])),
        ("PATCH", &by_id, body.clone()),
        ("DELETE", &by_id, json!({})),
    ] {
        let refused = send(&client, method, path, "k", &body).await;
        assert_outcome(&refused, "422 Error IDEMPOTENCY_KEY_REUSED", &format!("{method} {path}"));
    }
    let document = "mutation M($name: String) { createCompany(data: {name: $name}) { id } }";
    let refused = mutate(&client, "k", document, json!({"name": "Acme"})).await;
    assert_outcome(&refused, "200 BAD_USER_INPUT IDEMPOTENCY_KEY_REUSED", "the other door");

    mutate(&client, "g", document, json!({"name": "B"})).await;
    let two = format!("{} ", document.replace("createCompany", "a: createCompany"));
    for (document, variables) in
        [(document, json!({"name": "C"})), (document, json!({})), (two.as_str(), json!({"name": "B"}))]
    {
        let refused = mutate(&client, "g", document, variables.clone()).await;
        assert_outcome(
            &refused,
            "200 BAD_USER_INPUT IDEMPOTENCY_KEY_REUSED",
            &format!("{document} {variables}"),
        );
    }
    assert_replayed(&first, &send(&client, "POST", path, "k", &body).await, "the first request itself");
    assert_eq!(companies(&client).await["totalCount"], 2);
}

#[tokio::test]
async fn nobody_reads_the_answers_of_another() {
    let server = TestServer::start();
    let created = server.fourfold(&["api-key", "create", "--name", "other"]);
    let clients = [server.client(), server.client_with(created.stdout.trim())];
    let body = json!({"name": "Acme"});
    let mut ids = Vec::new();
    for client in &clients {
        let first = send(client, "POST", "/rest/companies", "k", &body).await;
        assert_eq!(first.outcome(), "201", "{}", first.body);
        assert_replayed(
            &first,
            &send(client, "POST", "/rest/companies", "k", &body).await,
            "the same caller",
        );
        ids.push(first.text("/data/createCompany/id"));
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_make_one_record() {
    let server = TestServer::start();
    let client = server.client();
    let document = json!({"query": "mutation { createCompany(data: {name: \"Twin\"}) { id } }"});
    for (path, body) in [("/rest/companies", json!({"name": "Twin"})), ("/graphql", document)] {
        for round in 0..3 {
            let twins = (0..TWINS).map(|_| {
                let (client, body, key) = (client.clone(), body.clone(), format!("{path}-{round}"));
                tokio::spawn(async move { send(&client, "POST", path, &key, &body).await })
            });
            let mut answers = Vec::new();
            for twin in twins.collect::<Vec<_>>() {
                answers.push(twin.await.expect("no twin panics"));
            }
            assert!(answers[0].status < 300, "{}", answers[0].body);
            assert!(
                answers.iter().all(|answer| told(answer) == told(&answers[0])),
                "{path}: all are told the same"
            );
            let made = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
            assert_eq!(made.count(), 1, "{path}: one was made");
        }
    }
    assert_eq!(companies(&client).await["totalCount"], 6);
}

#[tokio::test]
async fn a_write_that_was_refused_may_be_tried_again() {
    let server = TestServer::start();
    let client = server.client();
    let person = json!({ "companyId": ID });
    let refused = send(&client, "POST", "/rest/people", "k", &person).await;
    assert_outcome(&refused, "400 BadRequestException", "no such company");
    // The same key with a better request: nothing was kept of the first.
    let made = send(&client, "POST", "/rest/people", "k", &json!({"jobTitle": "Pilot"})).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    // The same request once the reason is gone.
    assert_eq!(send(&client, "POST", "/rest/people", "l", &person).await.status, 400);
    client.post("/rest/companies", json!({"id": person["companyId"]})).await;
    let first = send(&client, "POST", "/rest/people", "l", &person).await;
    assert_eq!(first.outcome(), "201", "{}", first.body);
    assert_replayed(&first, &send(&client, "POST", "/rest/people", "l", &person).await, "then it is kept");
}

#[tokio::test]
async fn of_several_mutations_those_that_failed_run_again() {
    let server = TestServer::start();
    let client = server.client();
    let company = ID;
    let document = "mutation M($id: UUID!) {
        a: createCompany(data: {name: \"A\"}) { id }
        b: createPerson(data: {companyId: $id}) { id companyId }
    }";
    let first = mutate(&client, "k", document, json!({"id": company})).await;
    assert_eq!(first.part("/data/b"), &Json::Null, "{}", first.body);
    client.post("/rest/companies", json!({"id": company})).await;
    let second = mutate(&client, "k", document, json!({"id": company})).await;
    assert_eq!(second.part("/data/a"), first.part("/data/a"), "the first has happened already");
    assert_eq!(second.text("/data/b/companyId"), company, "{}", second.body);
    assert_eq!(second.header("idempotency-replayed"), "", "something happened now");
    let third = mutate(&client, "k", document, json!({"id": company})).await;
    assert_replayed(&second, &third, "all has happened");
    // Another document does nothing, not even in a place that is free.
    let end = document.rfind('}').expect("a document ends in one");
    let longer = format!("{} c: createCompany(data: {{name: \"C\"}}) {{ id }} }}", &document[..end]);
    let refused = mutate(&client, "k", &longer, json!({"id": company})).await;
    assert_eq!(refused.part("/data/c"), &Json::Null, "{}", refused.body);
    assert_eq!(companies(&client).await["totalCount"], 2);
}

#[tokio::test]
async fn a_condition_held_when_the_write_happened() {
    let server = TestServer::start();
    let client = server.client();
    let created = client.post("/rest/companies", json!({"name": "Acme"})).await;
    let path = format!("/rest/companies/{}", created.text("/data/createCompany/id"));
    let headers = [("idempotency-key", "k"), ("if-match", created.header("etag"))];
    let body = Some(json!({"name": "New"}));
    let first = client.send_with("PATCH", &path, &headers, body.clone()).await;
    assert_eq!(first.outcome(), "200", "{}", first.body);
    assert_replayed(&first, &client.send_with("PATCH", &path, &headers, body).await, "not 412");
    let headers = [("idempotency-key", "l"), ("if-match", created.header("etag"))];
    let refused = client.send_with("PATCH", &path, &headers, Some(json!({"name": "Newer"}))).await;
    assert_outcome(&refused, "412 Error PRECONDITION_FAILED", "another write");
}

#[tokio::test]
async fn keys_that_are_none() {
    let server = TestServer::start();
    let client = server.client();
    let body = json!({"name": "Acme"});
    let document = "mutation { createCompany(data: {name: \"Acme\"}) { id } }";
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    for key in ["", "a b", "\u{e4}", &too_long] {
        let refused = send(&client, "POST", "/rest/companies", key, &body).await;
        assert_outcome(&refused, "400 BadRequestException", key);
        let refused = mutate(&client, key, document, json!({})).await;
        assert_outcome(&refused, "200 BAD_USER_INPUT INVALID_QUERY_INPUT", key);
        assert!(refused.body.get("data").is_none(), "{}", refused.body);
        let read = client.send_with("GET", "/rest/companies", &[("idempotency-key", key)], None).await;
        assert_eq!(read.part("/totalCount"), 0, "reads ignore it");
        let read = mutate(&client, key, "{ companies { totalCount } }", json!({})).await;
        assert_eq!(read.outcome(), "200", "{}", read.body);
    }
    let two = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let refused = client.send_with("POST", "/rest/companies", &two, Some(body.clone())).await;
    assert_outcome(&refused, "400 BadRequestException", "two keys");
    assert_eq!(send(&client, "POST", "/rest/companies", &longest, &body).await.outcome(), "201");
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let server = TestServer::start();
    let client = server.client();
    let body = json!({"name": "Acme"});
    for place in 0..10 {
        let key = format!("old-{place}");
        assert_eq!(send(&client, "POST", "/rest/companies", &key, &body).await.outcome(), "201");
    }
    server.data().expire_kept_answers();
    let other = json!({"name": "Acme Inc"});
    let anew = send(&client, "POST", "/rest/companies", "old-9", &other).await;
    assert_eq!((anew.outcome().as_str(), anew.header("idempotency-replayed")), ("201", ""), "{}", anew.body);
    let kept = server.data().kept_answers();
    assert!((6..10).contains(&kept), "some expired ones go, and not all at once: {kept} are left");
    for place in 0..5 {
        send(&client, "POST", "/rest/companies", &format!("new-{place}"), &body).await;
    }
    assert_eq!(server.data().kept_answers(), 6);
    assert_replayed(&anew, &send(&client, "POST", "/rest/companies", "old-9", &other).await, "taken over");
    assert_eq!(companies(&client).await["totalCount"], 16);
}
