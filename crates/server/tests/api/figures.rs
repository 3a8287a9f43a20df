//! Figures over numbers at the end of what numbers can be.

use serde_json::{Value as Json, json};

use crate::support::TestServer;
use crate::support::model::{create_field, create_object};

#[tokio::test]
async fn sums_and_averages_near_zero_are_numbers() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "parcel").await;
    create_field(&client, &object, "NUMBER", "weight").await;
    for (weights, sum, average) in [
        (vec![5e-324, 0.0], json!(5e-324), json!(0)),
        (vec![5e-324, 5e-324, 5e-324], json!(1.5e-323), json!(5e-324)),
        (vec![5e-324, -5e-324], json!(0), json!(0)),
        (vec![f64::MAX, f64::MAX], Json::Null, Json::Null),
        (vec![f64::MAX, -f64::MAX], json!(0), json!(0)),
    ] {
        let records: Vec<Json> = weights.iter().map(|weight| json!({"weight": weight})).collect();
        let made = client.post("/rest/batch/parcels", json!(records)).await;
        assert_eq!(made.outcome(), "201", "{}", made.body);
        let found = client.graphql("{ parcels { sumWeight avgWeight } }", json!({})).await;
        assert_eq!(found.outcome(), "200", "{weights:?}: {}", found.body);
        let figures = found.part("/data/parcels");
        let numbers = [&figures["sumWeight"], &figures["avgWeight"]].map(Json::as_f64);
        assert_eq!(numbers, [sum.as_f64(), average.as_f64()], "{weights:?}: {}", found.body);
        let gone = client.delete("/rest/parcels?filter=id[is]:NOT_NULL").await;
        assert_eq!(gone.outcome(), "200", "{}", gone.body);
    }
}
