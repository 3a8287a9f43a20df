//! Everything works through PgBouncer in transaction mode, where each transaction may meet another session.

use serde_json::{Value as Json, json};

use crate::pair::Pair;
use crate::support::conformance::{in_reach, replay};
use crate::support::model::{create_field, create_object, object_id};
use crate::support::pgbouncer::PgBouncer;
use crate::support::{Client, Running, TestData};

/// Sessions that the pooler has for each database: fewer than either the clients or the servers want.
const SESSIONS: usize = 3;

const CLIENTS: usize = 24;

/// What each of them does, one request after the other.
const REQUESTS: usize = 4;

#[tokio::test]
async fn the_recorded_exchanges_pass_from_the_first_start_on() {
    let (bouncer, data) = (PgBouncer::start(SESSIONS), TestData::new());
    let url = data.database().url_at(bouncer.address);
    let running = Running::start_at(&["--database-url", &url], &["--empty"]);
    let credentials = running.wait_for_credentials();
    let replayed = replay(&running.url, &credentials, &in_reach());
    assert!(replayed.passed, "{}", replayed.failures());
    assert_quiet(&bouncer, &running.all_output());
}

#[tokio::test]
async fn commands_work_and_see_each_other() {
    let (bouncer, data) = (PgBouncer::start(SESSIONS), TestData::new());
    let url = data.database().url_at(bouncer.address);
    let run = |arguments: &[&str]| {
        let finished = crate::support::fourfold_in(&[("DATABASE_URL", &url)], arguments, "");
        assert_eq!(finished.code, Some(0), "{arguments:?}: {}", finished.stderr);
        finished.stdout.trim().to_owned()
    };
    let id = run(&["workspace", "create", "--name", "Night Shift"]);
    assert!(run(&["workspace", "list"]).contains(&id));
    let key = run(&["api-key", "create", "--name", "k"]);
    let running = Running::start_at(&["--database-url", &url], &[]);
    let companies = Client::new(&running.url, Some(&key)).get("/rest/companies").await;
    assert_eq!(companies.outcome(), "200");
    assert_ne!(companies.part("/totalCount"), &json!(0), "it has demo records");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_share_few_sessions() {
    let bouncer = PgBouncer::start(SESSIONS);
    let pair = Pair::start_behind(&bouncer);
    let clients = pair.clients();
    let vessel = create_object(&clients[0], "vessel").await;
    let company = object_id(&clients[1], "company").await;
    let owner = json!({"objectMetadataId": vessel, "type": "RELATION", "name": "owner", "label": "Owner",
        "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company,
            "targetFieldLabel": "Fleet", "targetFieldIcon": "IconAnchor"}});
    let created = clients[1].post("/rest/metadata/fields", owner).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);

    let working: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = clients[number % 2].clone();
            tokio::spawn(async move { work(&client, number).await })
        })
        .collect();
    // The model changes under them.
    for (number, name) in ["sail", "mast", "deck"].into_iter().enumerate() {
        create_field(&clients[number % 2], &vessel, "TEXT", name).await;
    }
    for client in working {
        client.await.expect("no client panics");
    }
    let answer = clients[0].get("/rest/companies?limit=1").await;
    assert_eq!(answer.part("/totalCount"), &json!(CLIENTS * REQUESTS), "{}", answer.body);
    let answer = clients[1].get("/rest/vessels?limit=1").await;
    assert_eq!(answer.part("/totalCount"), &json!(CLIENTS * REQUESTS * 10));
    assert_quiet(&bouncer, &pair.output());
}

/// Makes a company and its fleet, reads both, and changes one of them.
async fn work(client: &Client, number: usize) {
    for request in 0..REQUESTS {
        let name = format!("Company {number} {request}");
        let company = client.post("/rest/companies", json!({ "name": name })).await;
        assert_eq!(company.outcome(), "201", "{}", company.body);
        let id = company.text("/data/createCompany/id");
        let fleet: Json = (0..10).map(|vessel| json!({"name": format!("{vessel}"), "ownerId": id})).collect();
        let created = client.post("/rest/batch/vessels", fleet).await;
        assert_eq!(created.outcome(), "201", "{}", created.body);
        let document = "query Q($id: UUID!) { company(filter: {id: {eq: $id}}) {
            name fleet(orderBy: [{name: AscNullsFirst}], first: 20) {
                totalCount edges { node { id name owner { name } } } } } }";
        let read = client.graphql(document, json!({ "id": id })).await;
        assert_eq!(read.part("/data/company/fleet/totalCount"), &json!(10), "{}", read.body);
        assert_eq!(read.part("/data/company/fleet/edges/3/node/owner/name"), &json!(name));
        let vessel = read.text("/data/company/fleet/edges/3/node/id");
        let document = "mutation M($id: UUID!) { updateVessel(id: $id, data: {name: \"x\"}) { name } }";
        let renamed = client.graphql(document, json!({ "id": vessel })).await;
        assert_eq!(renamed.part("/data/updateVessel/name"), "x", "{}", renamed.body);
    }
}

#[tokio::test]
async fn the_largest_batch_goes_through() {
    let bouncer = PgBouncer::start(SESSIONS);
    let pair = Pair::start_behind(&bouncer);
    let [first, second] = pair.clients();
    let batch: Json = (0..60).map(|number| json!({"name": format!("Company {number:02}")})).collect();
    let created = first.post("/rest/batch/companies", batch).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let read = second.get("/rest/companies?limit=60&order_by=name").await;
    assert_eq!(read.list("/data/companies").len(), 60);
    assert_eq!(read.part("/data/companies/59/name"), "Company 59");
    assert_quiet(&bouncer, &pair.output());
}

/// Nobody complained about a session that is another one each time.
fn assert_quiet(bouncer: &PgBouncer, output: &str) {
    for log in [output, &bouncer.log()] {
        for word in ["prepared statement", "a request failed", "no transaction in progress"] {
            assert!(!log.contains(word), "{log}");
        }
    }
}
