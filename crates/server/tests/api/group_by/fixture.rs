//! Parcels with fields of every type that can be grouped by, and the companies that own them.

use serde_json::{Value as Json, json};

use crate::support::model::{create_object, object_id};
use crate::support::{Client, TestServer};

pub(super) const COMPANIES: [&str; 3] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
];

pub(super) struct Fixture {
    _server: TestServer,
    pub(super) client: Client,
}

impl Fixture {
    /// Two companies that are there and one in the trash; five parcels, and one in the trash.
    pub(super) async fn create() -> Self {
        let server = TestServer::start();
        let client = server.client();
        create_parcels(&client).await;
        Self { _server: server, client }
    }

    /// The groups that REST answers.
    pub(super) async fn rest(&self, parameters: &[(&str, &str)]) -> Json {
        let answer = self.client.get_with("/rest/parcels/groupBy", parameters).await;
        assert_eq!(answer.outcome(), "200", "{parameters:?}: {}", answer.body);
        answer.body
    }

    /// The groups that GraphQL answers, with this selection.
    pub(super) async fn graphql(&self, variables: Json, selection: &str) -> Json {
        let document = document(selection);
        let answer = self.client.graphql(&document, variables.clone()).await;
        assert_eq!(answer.outcome(), "200", "{variables}: {}", answer.body);
        answer.body["data"]["parcelsGroupBy"].clone()
    }

    /// The values of one dimension, each with the number of its records, in order, as both doors tell them.
    pub(super) async fn counts(&self, dimension: &Json, order: &Json) -> Vec<(Json, u64)> {
        let dimensions = json!([dimension]).to_string();
        let order_by = order.to_string();
        let parameters = [
            ("group_by", dimensions.as_str()),
            ("order_by", order_by.as_str()),
            ("aggregate", r#"["totalCount"]"#),
        ];
        let over_rest = self.rest(&parameters).await;
        let over_rest: Vec<(Json, u64)> = groups(&over_rest)
            .map(|group| {
                let count = group["totalCount"].as_str().and_then(|count| count.parse().ok());
                (group["groupByDimensionValues"][0].clone(), count.expect("a count is text"))
            })
            .collect();
        let over_graphql =
            self.graphql(json!({"by": dimension, "order": order}), "groupByDimensionValues totalCount").await;
        let over_graphql: Vec<(Json, u64)> = groups(&over_graphql)
            .map(|group| {
                (group["groupByDimensionValues"][0].clone(), group["totalCount"].as_u64().expect("a number"))
            })
            .collect();
        assert_eq!(over_rest, over_graphql, "{dimension} {order}");
        over_rest
    }
}

pub(super) fn document(selection: &str) -> String {
    format!(
        "query Q($by: [ParcelGroupByInput!]!, $filter: ParcelFilterInput, $order: [ParcelOrderByWithGroupByInput!], \
         $records: [ParcelOrderByInput], $limit: Int, $offset: Int, $view: UUID) \
         {{ parcelsGroupBy(groupBy: $by, filter: $filter, orderBy: $order, orderByForRecords: $records, \
         limit: $limit, offsetForRecords: $offset, viewId: $view) {{ {selection} }} }}"
    )
}

pub(super) fn groups(answer: &Json) -> impl Iterator<Item = &Json> {
    answer.as_array().unwrap_or_else(|| panic!("no groups in {answer}")).iter()
}

async fn create_parcels(client: &Client) {
    let object = create_object(client, "parcel").await;
    let company = object_id(client, "company").await;
    for mut field in fields(&company) {
        field["objectMetadataId"] = json!(object);
        field["label"] = field["name"].clone();
        let created = client.post("/rest/metadata/fields", field.clone()).await;
        assert_eq!(created.outcome(), "201", "{field}: {}", created.body);
    }
    let companies = json!([
        {"id": COMPANIES[0], "name": "zebra", "address": {"addressCity": "Bern"}, "createdAt": "2026-02-28T23:59:00Z",
         "annualRevenue": {"amountMicros": 2_000_000}},
        {"id": COMPANIES[1], "name": "Acme", "createdAt": "2026-03-02T10:00:00Z"},
        {"id": COMPANIES[2], "name": "Gone", "createdAt": "2026-03-02T10:00:00Z"},
    ]);
    let parcels = json!([
        {"name": "beta", "stage": "WON", "rating": "RATING_2", "tags": ["COLD", "BULKY"], "words": ["x", "x", "Y"],
         "isFragile": true, "weight": 2.5, "size": {"amountMicros": 3_000_000, "currencyCode": "EUR"},
         "shippedOn": "2026-03-01", "arrivesAt": "2026-03-29T00:30:00Z", "ownerId": COMPANIES[0],
         "place": {"addressCity": "Oslo", "addressLat": 59.9}, "driver": {"firstName": "Ada"}},
        {"name": "Beta", "stage": "NEW", "rating": "RATING_5", "tags": ["COLD"], "words": ["y"], "isFragile": false,
         "weight": 2.5, "size": {"amountMicros": 5_000_000, "currencyCode": "EUR"}, "shippedOn": "2026-03-31",
         "arrivesAt": "2026-03-28T23:30:00Z", "ownerId": COMPANIES[1],
         "place": {"addressCity": "Oslo", "addressLat": 59.9}, "driver": {"firstName": "Ada"}},
        {"name": "alpha", "stage": "NEW", "tags": ["COLD", "BULKY"], "weight": -1, "shippedOn": "2025-12-31",
         "arrivesAt": "2026-10-25T00:30:00Z", "ownerId": COMPANIES[0],
         "size": {"amountMicros": 9_007_199_254_740_993_i64}},
        {"name": "", "ownerId": COMPANIES[2], "arrivesAt": "2026-10-25T01:30:00Z", "isFragile": true},
        {"name": "gamma"},
        {"name": "deleted", "stage": "LOST", "deletedAt": "2026-03-01T00:00:00Z"},
    ]);
    for (path, records) in [("/rest/batch/companies", companies), ("/rest/batch/parcels", parcels)] {
        let created = client.post(path, records).await;
        assert_eq!(created.outcome(), "201", "{path}: {}", created.body);
    }
    let trash = format!("/rest/companies/{}?soft_delete=true", COMPANIES[2]);
    assert_eq!(client.delete(&trash).await.status, 200);
}

fn fields(company: &str) -> Vec<Json> {
    let option = |(place, value): (usize, &&str)| json!({"value": value, "label": value, "position": place, "color": "blue"});
    let options = |values: &[&str]| values.iter().enumerate().map(option).collect::<Json>();
    vec![
        // Neither the order of the alphabet nor its reverse.
        json!({"type": "SELECT", "name": "stage", "options": options(&["NEW", "WON", "LOST"])}),
        json!({"type": "RATING", "name": "rating"}),
        json!({"type": "MULTI_SELECT", "name": "tags", "options": options(&["COLD", "BULKY"])}),
        json!({"type": "ARRAY", "name": "words"}),
        json!({"type": "BOOLEAN", "name": "isFragile"}),
        json!({"type": "NUMBER", "name": "weight"}),
        json!({"type": "CURRENCY", "name": "size"}),
        json!({"type": "DATE", "name": "shippedOn"}),
        json!({"type": "DATE_TIME", "name": "arrivesAt"}),
        json!({"type": "ADDRESS", "name": "place"}),
        json!({"type": "FULL_NAME", "name": "driver"}),
        json!({"type": "RAW_JSON", "name": "payload"}),
        json!({"type": "RELATION", "name": "owner", "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company,
            "targetFieldLabel": "Parcels", "targetFieldIcon": "IconBox",
        }}),
    ]
}
