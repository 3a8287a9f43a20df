//! One object of one's own, from its creation to its end, through all four APIs.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestServer};

/// How many invoices there are; every fifth has no hours, so that orders have nulls to place.
const INVOICES: usize = 60;

/// The options of their status, in option order.
const STATUSES: [&str; 3] = ["DRAFT", "SENT", "PAID"];

#[tokio::test]
async fn an_object_of_ones_own_lives_in_all_four_apis() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_invoice_object(&client).await;
    let companies = create_companies(&client).await;
    create_invoices(&client, &companies).await;

    read_over_graphql(&client).await;
    read_over_rest(&client).await;
    update(&client).await;
    soft_delete_restore_destroy(&client).await;
    delete_the_object(&client, &object).await;
}

#[tokio::test]
async fn pages_show_every_record_once_in_both_directions() {
    let server = TestServer::start();
    let client = server.client();
    create_invoice_object(&client).await;
    let companies = create_companies(&client).await;
    create_invoices(&client, &companies).await;

    let orders = [
        ("", json!([])),
        ("status[AscNullsFirst]", json!([{"status": "AscNullsFirst"}])),
        ("hours[AscNullsLast]", json!([{"hours": "AscNullsLast"}])),
        ("hours[DescNullsFirst],name", json!([{"hours": "DescNullsFirst"}, {"name": "AscNullsFirst"}])),
        ("total.amountMicros[DescNullsLast]", json!([{"total": {"amountMicros": "DescNullsLast"}}])),
        ("customer.name[AscNullsLast]", json!([{"customer": {"name": "AscNullsLast"}}])),
    ];
    for (rest_order, graphql_order) in orders {
        let whole = ids_over_rest(&client, rest_order).await;
        assert_eq!(whole.len(), INVOICES, "{rest_order}");
        assert_eq!(rest_pages_forward(&client, rest_order).await, whole, "REST forward: {rest_order}");
        assert_eq!(rest_pages_backward(&client, rest_order).await, whole, "REST backward: {rest_order}");
        let forward = graphql_pages(&client, &graphql_order, ["first", "after"]).await;
        assert_eq!(forward, whole, "GraphQL forward: {rest_order}");
        let backward = graphql_pages(&client, &graphql_order, ["last", "before"]).await;
        assert_eq!(backward, whole, "GraphQL backward: {rest_order}");
    }
}

/// The object through REST, its fields through GraphQL, the relation through REST again; the id.
async fn create_invoice_object(client: &Client) -> String {
    let object = json!({
        "nameSingular": "invoice", "namePlural": "invoices",
        "labelSingular": "Invoice", "labelPlural": "Invoices",
    });
    let created = client.post("/rest/metadata/objects", object).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let id = created.text("/id");
    let fields = [
        json!({"type": "TEXT", "name": "reference", "label": "Reference"}),
        json!({"type": "NUMBER", "name": "hours", "label": "Hours"}),
        json!({"type": "SELECT", "name": "status", "label": "Status", "defaultValue": "'DRAFT'", "options": [
            {"value": "SENT", "label": "Sent", "position": 1, "color": "blue"},
            {"value": "DRAFT", "label": "Draft", "position": 0, "color": "gray"},
            {"value": "PAID", "label": "Paid", "position": 2, "color": "green"},
        ]}),
        json!({"type": "CURRENCY", "name": "total", "label": "Total"}),
    ];
    for mut field in fields {
        field["objectMetadataId"] = json!(id);
        let document =
            "mutation M($field: CreateFieldInput!) { createOneField(input: {field: $field}) { id name } }";
        let created = client.metadata(document, json!({ "field": field })).await;
        assert_eq!(created.outcome(), "200", "{field}: {}", created.body);
        assert_eq!(created.part("/data/createOneField/name"), &field["name"]);
    }
    let relation = json!({
        "objectMetadataId": id, "type": "RELATION", "name": "customer", "label": "Customer",
        "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": object_id(client, "company").await,
            "targetFieldLabel": "Invoices", "targetFieldIcon": "IconReceipt",
        },
    });
    let created = client.post("/rest/metadata/fields", relation).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    id
}

async fn object_id(client: &Client, name: &str) -> String {
    let document = "{ objects(paging: {first: 200}) { edges { node { id nameSingular } } } }";
    let listed = client.metadata(document, json!({})).await;
    let mut edges = listed.list("/data/objects/edges").iter();
    let edge = edges.find(|edge| edge["node"]["nameSingular"] == name);
    let edge = edge.unwrap_or_else(|| panic!("no object {name} in {}", listed.body));
    edge["node"]["id"].as_str().expect("an id is text").to_owned()
}

async fn create_companies(client: &Client) -> Vec<String> {
    let mut ids = Vec::new();
    for name in ["Harbour Light", "alder & Sons", "Östra Kajen"] {
        let created = client.post("/rest/companies", json!({ "name": name })).await;
        assert_eq!(created.outcome(), "201", "{name}: {}", created.body);
        ids.push(created.text("/data/createCompany/id"));
    }
    ids
}

async fn create_invoices(client: &Client, companies: &[String]) {
    let invoices = (0..INVOICES).map(|number| {
        json!({
            "name": format!("Invoice {number:02}"),
            "reference": format!("R-{}", number % 7),
            "hours": if number % 5 == 4 { Json::Null } else { json!((number % 11) as f64 + 0.5) },
            "status": STATUSES[number % STATUSES.len()],
            "total": {"amountMicros": (number % 13) * 1_000_000, "currencyCode": "EUR"},
            // Every fourth has no customer.
            "customerId": (number % 4 != 3).then(|| companies[number % companies.len()].clone()),
        })
    });
    let created = client.post("/rest/batch/invoices", invoices.collect()).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let names = created.list("/data/createInvoices").iter().map(|invoice| invoice["name"].clone());
    let expected: Vec<Json> = (0..INVOICES).map(|number| json!(format!("Invoice {number:02}"))).collect();
    assert_eq!(names.collect::<Vec<_>>(), expected, "a batch answers in the order it was sent");
}

async fn read_over_graphql(client: &Client) {
    let document = r#"{
        invoices(filter: {status: {eq: "PAID"}}, orderBy: [{name: AscNullsFirst}], first: 60) {
            totalCount
            edges { node { name status hours total { amountMicros currencyCode } customer { name } } }
        }
    }"#;
    let read = client.graphql(document, json!({})).await;
    assert_eq!(read.outcome(), "200", "{}", read.body);
    assert_eq!(read.part("/data/invoices/totalCount"), &json!(20));
    assert_eq!(
        read.part("/data/invoices/edges/0/node"),
        &json!({
            "name": "Invoice 02", "status": "PAID", "hours": 2.5,
            "total": {"amountMicros": 2_000_000, "currencyCode": "EUR"},
            "customer": {"name": "Östra Kajen"},
        })
    );

    let document = r#"{
        companies(filter: {name: {eq: "alder & Sons"}}) {
            edges { node { invoices(orderBy: [{name: AscNullsFirst}]) { edges { node { name } } } } }
        }
    }"#;
    let read = client.graphql(document, json!({})).await;
    let invoices = read.list("/data/companies/edges/0/node/invoices/edges");
    // Of the twenty whose turn it was, a quarter has no customer.
    assert_eq!(invoices.len(), 15, "{}", read.body);
    assert_eq!(invoices[0]["node"]["name"], "Invoice 01");
}

async fn read_over_rest(client: &Client) {
    let parameters = [
        ("filter", "or(hours[gt]:8,and(hours[is]:NULL,status[eq]:DRAFT))"),
        ("order_by", "hours[AscNullsFirst],name[DescNullsLast]"),
        ("depth", "1"),
    ];
    let read = client.get_with("/rest/invoices", &parameters).await;
    assert_eq!(read.outcome(), "200", "{}", read.body);
    let found: Vec<(Option<f64>, String)> = read
        .list("/data/invoices")
        .iter()
        .map(|invoice| (invoice["hours"].as_f64(), invoice["name"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let mut expected: Vec<(Option<f64>, String)> = (0..INVOICES)
        .map(|number| ((number % 5 != 4).then_some((number % 11) as f64 + 0.5), number))
        .filter(|(hours, number)| {
            hours.is_some_and(|hours| 8.0 < hours) || (hours.is_none() && number % 3 == 0)
        })
        .map(|(hours, number)| (hours, format!("Invoice {number:02}")))
        .collect();
    expected.sort_by(|left, right| left.0.partial_cmp(&right.0).unwrap().then(right.1.cmp(&left.1)));
    assert_eq!(found, expected);
    assert_eq!(read.part("/totalCount"), &json!(expected.len()));
    for invoice in read.list("/data/invoices") {
        let customer = &invoice["customer"];
        assert_eq!(customer["id"], invoice["customerId"], "{invoice}");
        assert_eq!(customer.is_null(), invoice["customerId"].is_null(), "{invoice}");
        assert_eq!(customer.get("people"), None, "a related record shows none of its own relations");
    }

    let flat = client.get_with("/rest/invoices", &[("limit", "1")]).await;
    let first = flat.part("/data/invoices/0");
    assert!(first.get("customerId").is_some() && first.get("customer").is_none(), "{first}");
}

async fn update(client: &Client) {
    let id = id_of(client, "Invoice 10").await;
    let updated = client.patch(&format!("/rest/invoices/{id}"), json!({"status": "PAID", "hours": 1})).await;
    assert_eq!(updated.outcome(), "200", "{}", updated.body);
    assert_eq!(updated.part("/data/updateInvoice/status"), "PAID");
    assert_eq!(updated.part("/data/updateInvoice/reference"), "R-3", "what is not sent stays");

    let document = "mutation M($id: UUID!) { updateInvoice(id: $id, data: {customerId: null}) { name customer { id } } }";
    let updated = client.graphql(document, json!({ "id": id })).await;
    assert_eq!(updated.body["data"]["updateInvoice"], json!({"name": "Invoice 10", "customer": null}));
}

async fn soft_delete_restore_destroy(client: &Client) {
    let id = id_of(client, "Invoice 20").await;
    let path = format!("/rest/invoices/{id}");
    let count = async |filter: &str| {
        let listed = client.get_with("/rest/invoices", &[("filter", filter), ("limit", "0")]).await;
        listed.part("/totalCount").clone()
    };
    let live = "name[startsWith]:Invoice";
    let trash = "deletedAt[is]:NOT_NULL";

    let deleted = client.delete(&format!("{path}?soft_delete=true")).await;
    assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
    assert_eq!(deleted.text("/data/deleteInvoice/id"), id);
    assert_eq!((count(live).await, count(trash).await), (json!(59), json!(1)));
    assert_eq!(client.get(&path).await.outcome(), "404 NotFoundException");
    let document = "query Q($id: UUID!) { invoice(filter: {id: {eq: $id}}) { id } }";
    let read = client.graphql(document, json!({ "id": id })).await;
    assert_eq!(read.outcome(), "200 NOT_FOUND RECORD_NOT_FOUND");

    let restored = client.patch(&format!("{path}/restore"), json!({})).await;
    assert_eq!(restored.outcome(), "200", "{}", restored.body);
    assert_eq!((count(live).await, count(trash).await), (json!(60), json!(0)));

    let document = "mutation M($id: UUID!) { destroyInvoice(id: $id) { id name } }";
    let destroyed = client.graphql(document, json!({ "id": id })).await;
    assert_eq!(destroyed.body["data"]["destroyInvoice"], json!({"id": id, "name": "Invoice 20"}));
    assert_eq!((count(live).await, count(trash).await), (json!(59), json!(0)));
    assert_eq!(client.delete(&path).await.outcome(), "404 NotFoundException");
}

async fn delete_the_object(client: &Client, object: &str) {
    let document = "mutation M($id: UUID!) { deleteOneObject(input: {id: $id}) { id nameSingular } }";
    let deleted = client.metadata(document, json!({ "id": object })).await;
    assert_eq!(deleted.body["data"]["deleteOneObject"], json!({"id": object, "nameSingular": "invoice"}));

    assert_eq!(client.get("/rest/invoices").await.outcome(), "400 BadRequestException");
    let read = client.graphql("{ invoices { totalCount } }", json!({})).await;
    assert_eq!(read.outcome(), "200 GRAPHQL_VALIDATION_FAILED", "{}", read.body);
    let path = format!("/rest/metadata/objects/{object}");
    assert_eq!(client.get(&path).await.status, 404);
    let read =
        client.metadata("query Q($id: UUID!) { object(id: $id) { id } }", json!({ "id": object })).await;
    assert_eq!(read.body["errors"][0]["extensions"]["code"], "NOT_FOUND", "{}", read.body);

    // The companies stay, without the far side of the relation.
    let companies = client.get_with("/rest/companies", &[("depth", "1")]).await;
    assert_eq!(companies.list("/data/companies").len(), 3);
    assert_eq!(companies.part("/data/companies/0").get("invoices"), None);
}

async fn id_of(client: &Client, name: &str) -> String {
    let filter = format!("name[eq]:\"{name}\"");
    let found = client.get_with("/rest/invoices", &[("filter", &filter)]).await;
    found.text("/data/invoices/0/id")
}

async fn ids_over_rest(client: &Client, order: &str) -> Vec<String> {
    let read = rest_page(client, order, &[("limit", "200")]).await;
    assert_eq!(read.part("/pageInfo/hasNextPage"), &json!(false));
    ids(read.list("/data/invoices").iter())
}

async fn rest_pages_forward(client: &Client, order: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    while found.len() <= INVOICES {
        let page = rest_page(client, order, &[("limit", "7"), ("starting_after", &cursor)]).await;
        assert_eq!(page.part("/totalCount"), &json!(INVOICES));
        found.extend(ids(page.list("/data/invoices").iter()));
        if page.part("/pageInfo/hasNextPage") == &json!(false) {
            break;
        }
        cursor = page.text("/pageInfo/endCursor");
    }
    found
}

async fn rest_pages_backward(client: &Client, order: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    while found.len() <= INVOICES {
        // An empty cursor stands for the end of the list.
        let page = rest_page(client, order, &[("limit", "7"), ("ending_before", &cursor)]).await;
        found.splice(..0, ids(page.list("/data/invoices").iter()));
        if page.part("/pageInfo/hasPreviousPage") == &json!(false) {
            break;
        }
        cursor = page.text("/pageInfo/startCursor");
    }
    found
}

async fn rest_page(client: &Client, order: &str, parameters: &[(&str, &str)]) -> crate::support::Response {
    let order = Some(("order_by", order)).filter(|(_, order)| !order.is_empty());
    let parameters =
        parameters.iter().copied().filter(|(name, value)| *name != "starting_after" || !value.is_empty());
    let page = client.get_with("/rest/invoices", &parameters.chain(order).collect::<Vec<_>>()).await;
    assert_eq!(page.outcome(), "200", "{}", page.body);
    page
}

/// All pages in one direction; backward ones put in front of each other.
async fn graphql_pages(client: &Client, order: &Json, [size, cursor]: [&str; 2]) -> Vec<String> {
    let document =
        "query Q($order: [InvoiceOrderByInput], $first: Int, $last: Int, $after: String, $before: String) {
        invoices(orderBy: $order, first: $first, last: $last, after: $after, before: $before) {
            edges { node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }";
    let backward = cursor == "before";
    let (more, next) =
        if backward { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
    let mut found = Vec::new();
    let mut variables = json!({ "order": order, size: 7 });
    if backward {
        // `last` pages backward only from a cursor: from the end, with the end itself.
        let whole = client.graphql(document, json!({ "order": order })).await;
        variables[cursor] = whole.part("/data/invoices/pageInfo/endCursor").clone();
        found.extend(ids(whole.list("/data/invoices/edges").iter().map(|edge| &edge["node"])).pop());
    }
    while found.len() <= INVOICES {
        let page = client.graphql(document, variables.clone()).await;
        assert_eq!(page.outcome(), "200", "{}", page.body);
        let place = if backward { 0 } else { found.len() };
        found.splice(place..place, ids(page.list("/data/invoices/edges").iter().map(|edge| &edge["node"])));
        let page_info = page.part("/data/invoices/pageInfo");
        if page_info[more] == json!(false) {
            break;
        }
        variables[cursor] = page_info[next].clone();
    }
    found
}

fn ids<'a>(records: impl Iterator<Item = &'a Json>) -> Vec<String> {
    records.map(|record| record["id"].as_str().expect("a record has an id").to_owned()).collect()
}
