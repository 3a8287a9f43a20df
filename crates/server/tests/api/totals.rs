//! The total of a list without a filter is kept, not counted: it must be right after every kind of write.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Client, TestServer};

/// Compares the kept total of each object with one that is counted.
async fn assert_exact(client: &Client, step: &str) {
    for objects in ["companies", "people", "notes", "noteTargets"] {
        let path = format!("/rest/{objects}");
        let kept = client.get_with(&path, &[("limit", "0")]).await;
        let counted = client.get_with(&path, &[("limit", "0"), ("filter", "id[is]:NOT_NULL")]).await;
        assert_eq!(counted.outcome(), "200", "{}", counted.body);
        assert_eq!(kept.part("/totalCount"), counted.part("/totalCount"), "{objects} {step}");
    }
}

#[tokio::test]
async fn totals_are_exact_after_every_kind_of_write() {
    let server = TestServer::start();
    let client = server.client();
    let company =
        client.post("/rest/companies", json!({"name": "Acme"})).await.text("/data/createCompany/id");
    let people = (0..5).map(|number| json!({"jobTitle": format!("{number}"), "companyId": company}));
    let people = client.post("/rest/batch/people", people.collect()).await;
    let person = people.list("/data/createPeople")[0]["id"].as_str().unwrap_or_default().to_owned();
    let note = client.post("/rest/notes", json!({"title": "Call"})).await.text("/data/createNote/id");
    let targets =
        json!([{"noteId": note, "targetCompanyId": company}, {"noteId": note, "targetPersonId": person}]);
    let targets = client.post("/rest/batch/noteTargets", targets).await;
    assert_eq!(targets.outcome(), "201", "{}", targets.body);
    assert_exact(&client, "after creates").await;
    for (step, method, path, body) in [
        (
            "after a soft delete",
            "DELETE",
            "/rest/people?filter=jobTitle[in]:[1,2]&soft_delete=true",
            json!(null),
        ),
        ("after another", "DELETE", "/rest/people?filter=jobTitle[in]:[1,2]&soft_delete=true", json!(null)),
        ("after a restore", "PATCH", "/rest/people/restore?filter=jobTitle[eq]:1", json!({})),
        (
            "after an update into the trash",
            "PATCH",
            "/rest/people?filter=jobTitle[eq]:3",
            json!({"deletedAt": "2026-01-01T00:00:00Z"}),
        ),
        ("after a destroy", "DELETE", "/rest/people?filter=jobTitle[in]:[2,4]", json!(null)),
        ("after a failed batch", "POST", "/rest/batch/people", json!([{"jobTitle": "5"}, {"nmae": "6"}])),
        ("after a duplicate", "POST", "/rest/batch/people", json!([{"jobTitle": "5"}, {"id": person}])),
        (
            "after a note and its links went into the trash",
            "DELETE",
            &format!("/rest/notes/{note}?soft_delete=true"),
            json!(null),
        ),
        ("after they came back", "PATCH", &format!("/rest/notes/{note}/restore"), json!({})),
        ("after a cascade", "DELETE", &format!("/rest/companies/{company}"), json!(null)),
    ] {
        let method = method.parse().unwrap_or_default();
        let (status, answer) =
            client.exchange(method, path, &[], Some(&body).filter(|body| !body.is_null())).await;
        assert!(status < 500, "{step}: {answer}");
        assert_exact(&client, step).await;
    }
    let left = client.get("/rest/noteTargets?limit=0").await;
    assert_eq!(left.part("/totalCount"), &json!(1), "the cascade took a link along: {}", left.body);
    let upsert = json!([{"id": person, "jobTitle": "0"}, {"jobTitle": "7"}]);
    client.post("/rest/batch/people?upsert=true", upsert).await;
    assert_exact(&client, "after an upsert").await;
    let filter = client.graphql("{ people(filter: {}) { totalCount } }", json!({})).await;
    assert_eq!(filter.part("/data/people/totalCount"), &json!(3), "{}", filter.body);
}

#[tokio::test]
async fn totals_are_exact_after_writes_at_once() {
    let server = TestServer::start();
    let client = server.client();
    let writes = (0..24).map(|round| {
        let client = client.clone();
        async move {
            let made = client.post("/rest/batch/people", json!([{"jobTitle": "a"}, {"jobTitle": "b"}])).await;
            let id = made.text("/data/createPeople/0/id");
            let soft = if round % 2 == 0 { "?soft_delete=true" } else { "" };
            client.delete(&format!("/rest/people/{id}{soft}")).await.outcome()
        }
    });
    assert!(join_all(writes).await.iter().all(|outcome| outcome == "200"));
    assert_exact(&client, "after writes at once").await;
    let total = client.get("/rest/people?limit=0").await;
    assert_eq!(total.part("/totalCount"), &json!(24), "{}", total.body);
}
