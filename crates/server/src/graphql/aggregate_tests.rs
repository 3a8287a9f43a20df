//! Figures beside the edges, over records in a real database.

use axum::http::StatusCode;
use axum::response::Response;
use fourfold_model::{FieldDraft, create_field};
use serde_json::{Value as Json, json};

use super::GraphqlRequest;
use super::core::{CoreRequest, handle};
use crate::data_model::apply;
use crate::data_model::tests::TestWorkspace;

/// Fields of types that no company has by itself.
const FIELDS: [(&str, &str); 4] =
    [("stars", "NUMBER"), ("isPaid", "BOOLEAN"), ("due", "DATE"), ("tags", "ARRAY")];

/// A workspace of its own, with further fields on companies.
struct Fixture(TestWorkspace);

impl Fixture {
    async fn new() -> Self {
        let workspace = TestWorkspace::create().await;
        let company = workspace.caller.workspace.data_model().by_singular("company").unwrap().id;
        for (name, field_type) in FIELDS {
            let draft = json!({
                "objectMetadataId": company, "type": field_type, "name": name, "label": name,
            });
            let draft = FieldDraft::parse(draft.as_object().unwrap()).unwrap();
            apply(&workspace.admin(), |model, now| create_field(model, &draft, now)).await.unwrap();
        }
        Self(workspace)
    }

    /// The `data` of a document that must succeed without errors.
    async fn data(&self, document: &str, variables: Json) -> Json {
        let body = self.answer(document, variables, true).await;
        assert_eq!(body["errors"], Json::Null, "{document}");
        body["data"].clone()
    }

    async fn answer(&self, document: &str, variables: Json, is_strict: bool) -> Json {
        let body = json!({"query": document, "variables": variables}).to_string();
        let document = GraphqlRequest::read(body.as_bytes()).unwrap();
        let request =
            CoreRequest { document, key: Ok(None), is_strict, max_batch: 60, refusal: StatusCode::OK };
        read(handle(&self.0.caller, request).await).await
    }

    async fn create(&self, object: &str, records: Json) {
        let document = format!(
            "mutation Create($data: [{object}CreateInput!]!) {{ create{}(data: $data) {{ id }} }}",
            if object == "Company" { "Companies" } else { "People" }
        );
        self.data(&document, json!({"data": records})).await;
    }

    /// Figures over the companies that match.
    async fn companies(&self, arguments: &str, figures: &str) -> Json {
        let document = format!("{{ companies{arguments} {{ {figures} }} }}");
        self.data(&document, json!({})).await["companies"].clone()
    }
}

async fn read(response: Response) -> Json {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn with_companies() -> Fixture {
    let fixture = Fixture::new().await;
    let companies = json!([
        {"id": COMPANIES[0], "name": "Acme", "stars": 1, "isPaid": true, "due": "2026-03-01",
         "annualRevenue": {"amountMicros": 3_000_000, "currencyCode": "EUR"},
         "address": {"addressStreet1": "a", "addressStreet2": "bc"}, "tags": ["x"],
         "domainName": {"primaryLinkLabel": "a label alone"}, "createdAt": "2026-01-01T00:00:00.001Z"},
        {"id": COMPANIES[1], "name": "acme", "stars": 2.5, "isPaid": false, "due": "2025-12-31",
         "annualRevenue": {"amountMicros": 7_000_000, "currencyCode": "EUR"},
         "address": {"addressStreet1": "ab", "addressStreet2": "c"}, "tags": [],
         "createdAt": "2026-02-01T00:00:00.000Z"},
        {"id": COMPANIES[2], "name": "", "isPaid": null,
         "annualRevenue": {"currencyCode": "EUR"}, "tags": ["x"], "createdAt": "2026-01-15T12:00:00.000Z"},
    ]);
    fixture.create("Company", companies).await;
    fixture
}

const COMPANIES: [&str; 3] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
];

#[tokio::test]
async fn figures_have_their_values_and_types() {
    let fixture = with_companies().await;
    for (name, expected) in [
        ("countUniqueValuesName", json!(2)),
        ("countEmptyName", json!(1)),
        ("countNotEmptyName", json!(2)),
        ("percentageEmptyName", json!(0.333_333_333_333_333_3)),
        ("percentageNotEmptyName", json!(0.666_666_666_666_666_6)),
        ("countUniqueValuesAnnualRevenue", json!(3)),
        ("countEmptyAnnualRevenue", json!(0)),
        ("sumAnnualRevenueAmountMicros", json!(10_000_000)),
        ("avgAnnualRevenueAmountMicros", json!(5_000_000)),
        ("minAnnualRevenueAmountMicros", json!(3_000_000)),
        ("maxAnnualRevenueAmountMicros", json!(7_000_000)),
        ("countUniqueValuesAddress", json!(2)),
        ("countEmptyAddress", json!(1)),
        ("countEmptyDomainName", json!(3)),
        ("countUniqueValuesDomainName", json!(0)),
        ("countEmptyTags", json!(1)),
        ("countUniqueValuesTags", json!(1)),
        ("countTrueIsPaid", json!(1)),
        ("countFalseIsPaid", json!(1)),
        ("countEmptyIsPaid", json!(1)),
        ("minStars", json!(1)),
        ("maxStars", json!(2.5)),
        ("sumStars", json!(3.5)),
        ("avgStars", json!(1.75)),
        ("minDue", json!("2025-12-31")),
        ("maxDue", json!("2026-03-01")),
        ("minCreatedAt", json!("2026-01-01T00:00:00.001Z")),
        ("maxCreatedAt", json!("2026-02-01T00:00:00.000Z")),
        ("maxDeletedAt", Json::Null),
        ("countEmptyCreatedBy", json!(0)),
        ("countUniqueValuesCreatedBy", json!(1)),
        ("countUniqueValuesId", json!(3)),
    ] {
        assert_eq!(fixture.companies("", name).await[name], expected, "{name}");
    }
}

#[tokio::test]
async fn figures_are_over_what_the_filter_leaves_and_not_over_the_page() {
    let fixture = with_companies().await;
    let figures = "totalCount sumStars countEmptyName again: sumStars";
    for (arguments, expected) in [
        ("", json!({"totalCount": 3, "sumStars": 3.5, "countEmptyName": 1, "again": 3.5})),
        (
            "(first: 1, offset: 2)",
            json!({"totalCount": 3, "sumStars": 3.5, "countEmptyName": 1, "again": 3.5}),
        ),
        (
            "(filter: {stars: {gt: 1}})",
            json!({"totalCount": 1, "sumStars": 2.5, "countEmptyName": 0, "again": 2.5}),
        ),
        (
            "(filter: {stars: {is: NULL}})",
            json!({"totalCount": 1, "sumStars": null, "countEmptyName": 1, "again": null}),
        ),
        (
            "(filter: {stars: {gt: 9}})",
            json!({"totalCount": 0, "sumStars": null, "countEmptyName": null, "again": null}),
        ),
        (
            "(filter: {deletedAt: {is: NOT_NULL}})",
            json!({"totalCount": 0, "sumStars": null, "countEmptyName": null, "again": null}),
        ),
    ] {
        assert_eq!(fixture.companies(arguments, figures).await, expected, "{arguments}");
    }
    let page = "{ companies(first: 1) { pageInfo { endCursor } } }";
    let cursor = fixture.data(page, json!({})).await["companies"]["pageInfo"]["endCursor"].clone();
    let after = format!("(first: 1, after: {cursor})");
    assert_eq!(fixture.companies(&after, "sumStars").await["sumStars"], 3.5);

    let delete = format!("mutation {{ deleteCompany(id: {:?}) {{ id }} }}", COMPANIES[0]);
    fixture.data(&delete, json!({})).await;
    let live = json!({"totalCount": 2, "sumStars": 2.5, "countEmptyName": 1, "again": 2.5});
    assert_eq!(fixture.companies("", figures).await, live);
    let deleted = json!({"totalCount": 1, "sumStars": 1, "countEmptyName": 0, "again": 1});
    assert_eq!(fixture.companies("(filter: {deletedAt: {is: NOT_NULL}})", figures).await, deleted);
}

#[tokio::test]
async fn figures_over_related_records_are_those_of_each_parent() {
    let fixture = with_companies().await;
    let person = |company: usize, last_name: &str, email: &str, city: &str| {
        json!({"companyId": COMPANIES[company], "name": {"lastName": last_name},
               "emails": {"primaryEmail": email}, "jobTitle": city})
    };
    let people = json!([
        person(0, "A", "a@harborline.example", "Captain"),
        person(0, "B", "", "Captain"),
        person(0, "C", "", ""),
        person(1, "D", "", "Mate"),
    ]);
    fixture.create("Person", people).await;
    let document = "{ companies(orderBy: [{id: AscNullsLast}]) { edges { node {
        people(first: 1, filter: {jobTitle: {like: \"%a%\"}}) {
            totalCount countEmptyEmails percentageEmptyEmails countUniqueValuesJobTitle edges { node { id } }
        } } } } }";
    let data = fixture.data(document, json!({})).await;
    let mut lists: Vec<Json> = data["companies"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"]["people"].clone())
        .collect();
    let sizes: Vec<usize> = lists.iter().map(|list| list["edges"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [1, 1, 0]);
    for list in &mut lists {
        list.as_object_mut().unwrap().remove("edges");
    }
    let figures = |total: usize, empty: Json, share: Json, unique: Json| {
        json!({"totalCount": total, "countEmptyEmails": empty, "percentageEmptyEmails": share,
               "countUniqueValuesJobTitle": unique})
    };
    assert_eq!(
        lists,
        [
            figures(2, json!(1), json!(0.5), json!(1)),
            figures(1, json!(1), json!(1), json!(1)),
            figures(0, Json::Null, Json::Null, Json::Null),
        ]
    );
}

#[tokio::test]
async fn sums_beyond_64_bits_are_sums() {
    let fixture = Fixture::new().await;
    let revenue = json!({"annualRevenue": {"amountMicros": 9_000_000_000_000_000_000_i64}});
    fixture.create("Company", json!([revenue, revenue])).await;
    let name = "sumAnnualRevenueAmountMicros";
    assert_eq!(fixture.companies("", name).await[name], 18e18);
}

#[tokio::test]
async fn figures_that_do_not_exist_read_null_with_a_warning() {
    let fixture = with_companies().await;
    let answer = fixture.answer("{ companies { totalCount sumName } }", json!({}), false).await;
    assert_eq!(answer["data"]["companies"], json!({"totalCount": 3, "sumName": null}));
    assert!(answer["extensions"]["warnings"][0].as_str().unwrap().contains("sumName"), "{answer}");
}
