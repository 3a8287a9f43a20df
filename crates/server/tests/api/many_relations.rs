//! An object that refers to more others than one statement joins.

use serde_json::{Value as Json, json};

use crate::support::TestServer;
use crate::support::model::create_object;

#[tokio::test]
async fn every_related_record_of_an_activity_is_shown() {
    let server = TestServer::start();
    let client = server.client();
    // Each custom object is one that activities, notes and tasks may be about.
    for number in 0..64 {
        create_object(&client, &format!("vessel{}", name(number))).await;
    }
    let last = name(63);
    let vessel = client.post(&format!("/rest/vessel{last}s"), json!({"name": "Ida"})).await;
    let vessel = vessel.text(&format!("/data/createVessel{last}/id"));
    let company =
        client.post("/rest/companies", json!({"name": "Acme"})).await.text("/data/createCompany/id");
    let activity = |about: &str, id: &str| json!({"name": "seen", format!("target{about}Id"): id});
    let vessel_target = format!("Vessel{last}");
    let activities =
        json!([activity(&vessel_target, &vessel), activity("Company", &company), {"name": "none"}]);
    let made = client.post("/rest/batch/timelineActivities?depth=1", activities).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    let read = client.get("/rest/timelineActivities?depth=1&order_by=name").await;
    for answer in [made.list("/data/createTimelineActivities"), read.list("/data/timelineActivities")] {
        let shown: Vec<[&Json; 3]> = answer
            .iter()
            .map(|activity| {
                let vessel = &activity[format!("target{vessel_target}")];
                let vessel_id = &activity[format!("target{vessel_target}Id")];
                [&vessel["name"], vessel_id, &activity["targetCompany"]["name"]]
            })
            .collect();
        let null = &Json::Null;
        for expected in
            [[&json!("Ida"), &json!(vessel), null], [null, null, &json!("Acme")], [null, null, null]]
        {
            assert!(shown.contains(&expected), "{expected:?} is not among {shown:?}");
        }
    }
    // A record in the trash is not shown, nor is its id, beside the relation.
    let trashed = client.delete(&format!("/rest/vessel{last}s/{vessel}?soft_delete=true")).await;
    assert_eq!(trashed.outcome(), "200", "{}", trashed.body);
    let filter = format!("target{vessel_target}Id[eq]:{vessel}");
    for (depth, id) in [("0", json!(vessel)), ("1", Json::Null)] {
        let read =
            client.get_with("/rest/timelineActivities", &[("filter", &filter), ("depth", depth)]).await;
        let read = &read.list("/data/timelineActivities")[0];
        assert_eq!(read[format!("target{vessel_target}Id")], id, "{depth}");
        assert_eq!(read[format!("target{vessel_target}")], Json::Null);
    }
    // The same relation twice, under two aliases, behind more others than are joined.
    let others: String = (0..30).map(|number| format!("targetVessel{} {{ id }} ", name(number))).collect();
    let document = format!(
        "{{ timelineActivities(orderBy: [{{name: AscNullsLast}}]) {{ edges {{ node {{ {others} \
         a: targetCompany {{ name }} targetCompanyId b: targetCompany {{ id }} }} }} }} }}"
    );
    let read = client.graphql(&document, json!({})).await;
    let edges = read.list("/data/timelineActivities/edges");
    let expected = [json!("Acme"), json!(company), json!(company)];
    let found = edges.iter().map(|edge| &edge["node"]);
    let found: Vec<[Json; 3]> = found
        .map(|node| [node["a"]["name"].clone(), node["targetCompanyId"].clone(), node["b"]["id"].clone()])
        .collect();
    assert!(found.contains(&expected), "{found:?}");
}

/// Letters for a number.
fn name(number: u8) -> String {
    [number / 26, number % 26].map(|digit| char::from(b'A' + digit)).iter().collect()
}
