//! Clients that write until their server is gone, and remember what was answered.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Client;

/// Makes companies one after the other until the server is gone; remembers what was answered.
pub(crate) async fn create_until_it_fails(client: Client, answered: Arc<Mutex<Vec<Uuid>>>) {
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

/// A create under a key: the key, which is the record's name too, and the answer if one came.
pub(crate) type Keyed = (String, Option<Json>);

/// Makes companies one after the other, each under a key, until an answer is missing or no success; remembers
/// what was sent.
pub(crate) async fn create_with_keys_until_it_fails(client: Client, sent: Arc<Mutex<Vec<Keyed>>>) {
    loop {
        let key = Uuid::new_v4().to_string();
        let answer = client.try_post_with_key("/rest/companies", &key, &json!({"name": key})).await;
        let body = answer.filter(|answer| answer.status == 201).map(|answer| answer.body);
        let is_over = body.is_none();
        sent.lock().await.push((key, body));
        if is_over {
            return;
        }
    }
}

/// Sends all of them again.
///
/// # Panics
/// When one is answered in another way than before, or has made more than one record.
pub(crate) async fn assert_each_happens_once(client: &Client, sent: &[Keyed]) {
    for (key, answered) in sent {
        let again = client.try_post_with_key("/rest/companies", key, &json!({"name": key})).await;
        let again = again.expect("the server answers");
        assert_eq!(again.outcome(), "201", "{}", again.body);
        if let Some(answered) = answered {
            assert_eq!(&again.body, answered, "the first answer");
            assert_eq!(again.header("idempotency-replayed"), "true");
        }
    }
    let all = client.get("/rest/companies?limit=1").await;
    assert_eq!(all.part("/totalCount"), sent.len(), "each has made one record");
}

/// Those of `ids` that the server does not have.
pub(crate) async fn missing(client: &Client, ids: &[Uuid]) -> Vec<Uuid> {
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
