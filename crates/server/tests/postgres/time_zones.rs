//! Both databases put instants into the same periods, around every kind of change of the clocks.

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{Client, Running, TestServer};

/// Zones with offsets of half and quarter hours, half an hour of summer time, a day that was left out, and
/// summer time that pauses for a month.
const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Asia/Kathmandu",
];

const GRANULARITIES: [&str; 8] = [
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "DAY_OF_THE_WEEK",
    "MONTH_OF_THE_YEAR",
    "QUARTER_OF_THE_YEAR",
];

/// Instants on both sides of some changes of the clocks, of the midnights of the days around them, and of the
/// edges of what records hold.
fn instants() -> Vec<Timestamp> {
    let database = TimeZoneDatabase::bundled();
    let mut instants: Vec<Timestamp> = [
        "0001-01-01T00:00:00Z",
        "0001-01-01T23:59:59.999Z",
        "1582-10-15T12:00:00Z",
        "9999-12-30T21:59:59.999Z",
    ]
    .iter()
    .map(|text| text.parse().expect("an instant"))
    .collect();
    for name in ZONES {
        let zone = database.get(name).expect("a zone");
        let changes: Vec<_> = zone
            .following("1890-01-01T00:00:00Z".parse().expect("an instant"))
            .take_while(|change| change.timestamp() < "2040-01-01T00:00:00Z".parse().expect("an instant"))
            .map(|change| change.timestamp())
            .collect();
        for change in changes.iter().step_by(changes.len() / 6 + 1).chain(changes.last()) {
            let midnight = change.to_zoned(zone.clone()).start_of_day().expect("a day").timestamp();
            for moment in [*change, midnight] {
                instants.extend([moment - 1.millisecond(), moment, moment + 1.millisecond()]);
            }
        }
    }
    instants.sort_unstable();
    instants.dedup();
    instants
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_have_the_same_days() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    let sqlite = Running::start_at(&["--data".as_ref(), data.as_os_str()], &["--empty"]);
    let sqlite_client = Client::new(&sqlite.url, Some(&sqlite.wait_for_credentials().key));
    let postgres = TestServer::start();
    let clients = [sqlite_client, postgres.client()];

    let instants = instants();
    let opportunities: Vec<Json> =
        instants.iter().map(|instant| json!({"name": "n", "closeDate": instant.to_string()})).collect();
    for batch in opportunities.chunks(60) {
        for client in &clients {
            let created = client.post("/rest/batch/opportunities", json!(batch)).await;
            assert_eq!(created.outcome(), "201", "{}", created.body);
        }
    }
    let document = "query Q($by: [OpportunityGroupByInput!]!, $limit: Int) { opportunitiesGroupBy(groupBy: $by, limit: $limit)
        { groupByDimensionValues totalCount minCloseDate maxCloseDate } }";
    for zone in ZONES {
        for granularity in GRANULARITIES {
            for first_day in ["MONDAY", "SUNDAY", "SATURDAY"] {
                let by = json!({"closeDate": {"granularity": granularity, "timeZone": zone, "weekStartDay": first_day}});
                let variables = json!({"by": by, "limit": 1000});
                let [left, right] =
                    [&clients[0], &clients[1]].map(|client| client.graphql(document, variables.clone()));
                let (left, right) = tokio::join!(left, right);
                assert_eq!(left.outcome(), "200", "{by}: {}", left.body);
                assert_eq!(left.body, right.body, "{by}");
                if granularity == "DAY" {
                    assert_days(left.list("/data/opportunitiesGroupBy"), zone, &instants);
                }
            }
        }
    }
}

/// The days are those that clocks of the zone showed.
fn assert_days(groups: &[Json], zone: &str, instants: &[Timestamp]) {
    let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
    let mut expected: Vec<(String, u64)> = Vec::new();
    // What lies beyond the years that dates can have is compared by hand.
    let mut days: Vec<_> = instants.iter().map(|instant| instant.to_zoned(zone.clone()).date()).collect();
    days.sort_unstable();
    for day in days {
        match expected.last_mut() {
            Some((last, count)) if *last == day.to_string() => *count += 1,
            _ => expected.push((day.to_string(), 1)),
        }
    }
    let found: Vec<(String, u64)> = groups
        .iter()
        .map(|group| {
            let day = group["groupByDimensionValues"][0].as_str().expect("a day").to_owned();
            (day, group["totalCount"].as_u64().expect("a number"))
        })
        .collect();
    let within = |days: Vec<(String, u64)>| -> Vec<(String, u64)> {
        days.into_iter()
            .filter(|(day, _)| "0001-01-01" < day.as_str() && day.as_str() < "9999-12-30")
            .collect()
    };
    assert_eq!(within(found), within(expected), "{zone:?}");
}
