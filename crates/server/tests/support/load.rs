//! Clients that write until their server is gone, and remember what was answered.

use std::sync::Arc;

use serde_json::json;
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
