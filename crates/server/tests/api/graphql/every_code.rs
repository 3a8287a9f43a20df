//! Every class of failure that the contract lists, with its code (`graphql-core.md` 2.3), its limits
//! (1.6), and that what fails changes nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::outcome::{Everything, assert_outcome};
use crate::support::TestServer;

const UNKNOWN_ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

#[tokio::test]
async fn arguments_and_cursors() {
    let server = TestServer::start();
    let client = server.client();
    let id = json!(UNKNOWN_ID);
    let cursor = |keys: Json| STANDARD.encode(keys.to_string());
    let by_id = cursor(json!({ "id": id }));
    let named = |name: Json| cursor(json!({"name": name, "id": id}));
    let city = |address: Json| cursor(json!({"address": address, "id": id}));
    let by_name = json!([{"name": "AscNullsLast"}]);
    let by_city = json!([{"address": {"addressCity": "AscNullsLast"}}]);
    for (arguments, code) in [
        (json!({"colour": "red"}), "INVALID_QUERY_INPUT"),
        (json!({"first": -1}), "INVALID_ARGS_FIRST"),
        (json!({"last": -1}), "INVALID_ARGS_LAST"),
        (json!({"offset": -1}), "INVALID_QUERY_INPUT"),
        (json!({"first": 1, "last": 1}), "ARGS_CONFLICT"),
        (json!({"after": by_id, "before": by_id}), "ARGS_CONFLICT"),
        (json!({"before": by_id, "first": 1}), "ARGS_CONFLICT"),
        (json!({"after": by_id, "last": 1}), "ARGS_CONFLICT"),
        (json!({"after": "#!"}), "INVALID_CURSOR"),
        (json!({"after": STANDARD.encode("no JSON")}), "INVALID_CURSOR"),
        (json!({"after": cursor(json!([]))}), "INVALID_CURSOR"),
        (json!({"after": cursor(json!({"id": 5}))}), "INVALID_CURSOR"),
        (json!({"after": cursor(json!({"id": "one"}))}), "INVALID_CURSOR"),
        (json!({"after": cursor(json!({"id": {"x": 1}}))}), "INVALID_CURSOR"),
        (json!({"before": named(json!("A"))}), "INVALID_CURSOR"),
        (json!({"orderBy": by_name, "after": named(json!(5))}), "INVALID_CURSOR"),
        (json!({"orderBy": by_name, "after": named(json!({"x": 1}))}), "INVALID_CURSOR"),
        (json!({"orderBy": by_city, "after": city(json!("Oslo"))}), "INVALID_CURSOR"),
        (json!({"orderBy": by_city, "after": city(json!({"addressPlanet": "Mars"}))}), "INVALID_CURSOR"),
        (json!({"orderBy": [{"colour": "AscNullsLast"}]}), "FIELD_NOT_FOUND"),
        (json!({"orderBy": [{"address": {"planet": "AscNullsLast"}}]}), "FIELD_NOT_FOUND"),
        (json!({"orderBy": [{"accountOwner": {"colour": "AscNullsLast"}}]}), "FIELD_NOT_FOUND"),
        (json!({"orderBy": [{"name": "Down"}]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": [{"name": 1}]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": ["name"]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": [{"address": "AscNullsLast"}]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": [{"accountOwner": "AscNullsLast"}]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": [{"people": "AscNullsLast"}]}), "INVALID_QUERY_INPUT"),
        (json!({"orderBy": [{"people": {"id": "AscNullsLast"}}]}), "INVALID_QUERY_INPUT"),
    ] {
        let names: Vec<String> = arguments.as_object().expect("an object").keys().cloned().collect();
        let given: Vec<String> = names.iter().map(|name| format!("{name}: ${name}")).collect();
        let document = format!("{{ companies({}) {{ totalCount }} }}", given.join(", "));
        let refused = client.graphql(&document, arguments.clone()).await;
        assert_outcome(&refused, &format!("200 BAD_USER_INPUT {code}"), &arguments.to_string());
        assert_eq!(refused.body["data"], json!({"companies": null}), "{arguments}");
    }
}

#[tokio::test]
async fn records_that_do_not_exist() {
    let server = TestServer::start();
    let client = server.client();
    for (document, outcome) in [
        ("query { company(filter: {id: {eq: $id}}) { id } }", "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("query { company { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("query { company(filter: {}) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { updateCompany(id: $id, data: {}) { id } }", "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("mutation { deleteCompany(id: $id) { id } }", "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("mutation { restoreCompany(id: $id) { id } }", "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("mutation { destroyCompany(id: $id) { id } }", "200 NOT_FOUND RECORD_NOT_FOUND"),
        ("mutation { deleteCompany { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { updateCompany(data: {}) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { updateCompany(id: $id) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { updateCompany(id: 5, data: {}) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { destroyCompany(id: \"one\") { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { createCompany { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { createCompany(data: \"A\") { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { createCompanies(data: [\"A\"]) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { updateCompanies(data: {}) { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { deleteCompanies { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        ("mutation { destroyCompanies { id } }", "200 BAD_USER_INPUT INVALID_QUERY_INPUT"),
        (
            "mutation { restoreCompanies(filter: {colour: {eq: 1}}) { id } }",
            "200 BAD_USER_INPUT INVALID_ARGS_FILTER",
        ),
    ] {
        let refused = client.graphql(document, json!({"id": UNKNOWN_ID})).await;
        assert_outcome(&refused, outcome, document);
        let data = refused.body["data"].as_object().expect("a root field that fails is null");
        assert!(data.values().all(Json::is_null), "{document}: {}", refused.body);
    }
    // Many are none, which is no failure.
    for name in [
        "updateCompanies(filter: {id: {eq: $id}}, data: {})",
        "deleteCompanies(filter: {id: {eq: $id}})",
        "restoreCompanies(filter: {id: {eq: $id}})",
        "destroyCompanies(filter: {id: {eq: $id}})",
        "createCompanies(data: [])",
    ] {
        let document = format!("mutation {{ none: {name} {{ id }} }}");
        let answer = client.graphql(&document, json!({"id": UNKNOWN_ID})).await;
        assert_eq!(answer.body, json!({"data": {"none": []}}), "{name}");
    }
}

#[tokio::test]
async fn relations_that_cannot_be_written() {
    let server = TestServer::start();
    let client = server.client();
    let acme = json!({"name": "Acme", "domainName": {"primaryLinkUrl": "https://acme.example"}});
    let acme = client.post("/rest/companies", acme).await.text("/data/createCompany/id");
    let domain = |url: &str| json!({"connect": {"where": {"domainName": {"primaryLinkUrl": url}}}});
    let by_id = |id: &str| json!({"connect": {"where": {"id": id}}});
    for (data, connected) in [
        (json!({"companyId": acme}), true),
        (json!({"companyId": null}), false),
        (json!({"company": by_id(&acme)}), true),
        (json!({"company": domain("HTTPS://Acme.example/")}), true),
        (json!({"company": {"disconnect": true}}), false),
        (json!({"company": {"disconnect": false}}), false),
    ] {
        let document = "mutation { createPerson(data: $data) { companyId } }";
        let created = client.graphql(document, json!({"data": data})).await;
        let company = if connected { json!(acme) } else { json!(null) };
        assert_eq!(created.body, json!({"data": {"createPerson": {"companyId": company}}}), "{data}");
    }
    let person = client.post("/rest/people", json!({"companyId": acme})).await;
    let person = person.text("/data/createPerson/id");
    for (data, left) in [
        (json!({"company": {"disconnect": false}}), json!(acme)),
        (json!({"company": {"disconnect": true}}), json!(null)),
        (json!({"company": domain("https://acme.example")}), json!(acme)),
    ] {
        let document = "mutation { updatePerson(id: $id, data: $data) { companyId } }";
        let updated = client.graphql(document, json!({"id": person, "data": data})).await;
        assert_eq!(updated.body["data"]["updatePerson"]["companyId"], left, "{data}: {}", updated.body);
    }
    let before = Everything::read(&client).await;
    for (data, outcome) in [
        (json!({"companyId": "one"}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
        (json!({"companyId": UNKNOWN_ID}), "200 BAD_USER_INPUT"),
        (json!({"company": by_id(UNKNOWN_ID)}), "200 BAD_USER_INPUT"),
        (json!({"company": domain("https://nowhere.example")}), "200 BAD_USER_INPUT"),
        (json!({"company": {"connect": {"where": {"name": "Acme"}}}}), "200 BAD_USER_INPUT"),
        (json!({"company": {"connect": {"where": {"colour": "red"}}}}), "200 BAD_USER_INPUT"),
        (
            json!({"company": {"connect": {"where": {"domainName": {"primaryLinkLabel": "A"}}}}}),
            "200 BAD_USER_INPUT",
        ),
        (json!({"company": {"connect": {"where": {}}}}), "200 BAD_USER_INPUT"),
        (json!({"company": {"connect": {}}}), "200 BAD_USER_INPUT"),
        (json!({"company": {"connect": null}}), "200 BAD_USER_INPUT"),
        (json!({"companyId": acme, "company": by_id(&acme)}), "200 BAD_USER_INPUT"),
        (json!({"companyId": null, "company": {"disconnect": true}}), "200 BAD_USER_INPUT"),
        (json!({"company": {"connect": {"where": {"id": acme}}, "disconnect": true}}), "200 BAD_USER_INPUT"),
        (json!({"company": {"disconnect": "yes"}}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
        (json!({"company": {}}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
        (json!({"company": {"name": "Acme"}}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
        (json!({"company": acme}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
        (json!({"noteTargets": []}), "200 BAD_USER_INPUT INVALID_ARGS_DATA"),
    ] {
        let create = "mutation { createPerson(data: $data) { id } }";
        assert_outcome(&client.graphql(create, json!({"data": data})).await, outcome, &data.to_string());
        let update = "mutation { updatePerson(id: $id, data: $data) { id } }";
        let variables = json!({"id": person, "data": data});
        assert_outcome(&client.graphql(update, variables).await, outcome, &data.to_string());
    }
    let mixed = json!([{"company": by_id(&acme)}, {"company": domain("https://acme.example")}]);
    let document = "mutation { createPeople(data: $data) { id } }";
    let refused = client.graphql(document, json!({"data": mixed})).await;
    assert_outcome(&refused, "200 BAD_USER_INPUT", "two keys in one request");
    assert_eq!(Everything::read(&client).await, before);
}

#[tokio::test]
async fn limits() {
    let server = TestServer::start();
    let client = server.client();
    let repeated =
        |count: usize, field: &str| -> String { (0..count).map(|n| format!("a{n}: {field} ")).collect() };
    let totals = |count: usize| format!("{{ {} }}", repeated(count, "companies(first: 0) { totalCount }"));
    let creates =
        |count: usize| format!("mutation {{ {} }}", repeated(count, "createCompany(data: {}) { id }"));
    let owners = |count: usize| {
        format!("{{ companies {{ edges {{ node {{ {} }} }} }} }}", repeated(count, "accountOwner { id }"))
    };
    for (case, document, outcome) in [
        ("20 root fields", totals(20), "200"),
        ("21 root fields", totals(21), "200 BAD_USER_INPUT"),
        ("21 mutations", creates(21), "200 BAD_USER_INPUT"),
        ("1999 relations", owners(1999), "200"),
        ("2000 relations", owners(2000), "200 BAD_USER_INPUT TOO_COMPLEX_QUERY"),
        (
            "a list in a list",
            "{ companies { edges { node { people { edges { node { noteTargets { edges { node { id } } } } } } } } } }".into(),
            "200 BAD_USER_INPUT TOO_COMPLEX_QUERY",
        ),
        (
            "a list in a record in a list",
            "{ companies { edges { node { people { edges { node { company { people { totalCount } } } } } } } } }".into(),
            "200 BAD_USER_INPUT TOO_COMPLEX_QUERY",
        ),
        (
            "records in a list in a record",
            "{ people { edges { node { company { people { edges { node { company { accountOwner { id } } } } } } } } } }".into(),
            "200",
        ),
        (
            "relations five deep",
            "{ noteTargets { edges { node { note { noteTargets { edges { node { targetPerson { company {
                accountOwner { id } } } } } } } } } } }".into(),
            "200",
        ),
        (
            "relations six deep",
            "{ noteTargets { edges { node { note { noteTargets { edges { node { targetOpportunity { pointOfContact
                { company { accountOwner { id } } } } } } } } } } } }".into(),
            "200 BAD_USER_INPUT *",
        ),
    ] {
        assert_outcome(&client.graphql(&document, json!({})).await, outcome, case);
    }
    let nothing = client.graphql("{ companies { totalCount } }", json!({})).await;
    assert_eq!(nothing.part("/data/companies/totalCount"), &json!(0), "no mutation of 21 has run");

    for start in [0, 60, 120, 180] {
        let count = if start == 180 { 21 } else { 60 };
        let batch: Json =
            (start..start + count).map(|number| json!({"name": format!("C{number}")})).collect();
        let created = client.post("/rest/batch/companies", batch).await;
        assert_eq!(created.outcome(), "201", "{}", created.body);
    }
    let update = "mutation { updateCompanies(filter: $filter, data: {name: \"same\"}) { id } }";
    let all = client.graphql(update, json!({"filter": {}})).await;
    assert_outcome(&all, "200 BAD_USER_INPUT TOO_MANY_RECORDS_TO_UPDATE", "201 records");
    let some =
        client.graphql("{ companies(filter: {name: {eq: \"same\"}}) { totalCount } }", json!({})).await;
    assert_eq!(some.part("/data/companies/totalCount"), &json!(0), "nothing was changed");
    let all_but_one = client.graphql(update, json!({"filter": {"name": {"neq": "C0"}}})).await;
    assert_eq!(all_but_one.list("/data/updateCompanies").len(), 200, "{}", all_but_one.body);
    let default = client.graphql("{ companies { edges { cursor } } }", json!({})).await;
    assert_eq!(default.list("/data/companies/edges").len(), 200);
    let destroyed = client.graphql("mutation { destroyCompanies(filter: {}) { id } }", json!({})).await;
    assert_eq!(destroyed.list("/data/destroyCompanies").len(), 201, "deletes have no limit");
}

#[tokio::test]
async fn members_come_and_go_with_their_accounts() {
    let server = TestServer::start();
    let client = server.client();
    let members = "{ workspaceMembers { edges { node { id } } } }";
    let members = client.graphql(members, json!({})).await;
    let id = members.text("/data/workspaceMembers/edges/0/node/id");
    for (document, outcome) in [
        ("createWorkspaceMember(data: {}) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("createWorkspaceMembers(data: [{}]) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("updateWorkspaceMembers(filter: {}, data: {}) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("destroyWorkspaceMember(id: $id) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("destroyWorkspaceMembers(filter: {}) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("restoreWorkspaceMember(id: $id) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("restoreWorkspaceMembers(filter: {}) { id }", "200 FORBIDDEN PERMISSION_DENIED"),
        ("deleteWorkspaceMember(id: $id) { id }", "200 BAD_USER_INPUT BAD_REQUEST"),
        ("deleteWorkspaceMembers(filter: {}) { id }", "200 BAD_USER_INPUT BAD_REQUEST"),
        ("updateWorkspaceMember(id: $id, data: {locale: \"fr-FR\"}) { locale }", "200"),
    ] {
        let document = format!("mutation {{ field: {document} }}");
        let answer = client.graphql(&document, json!({"id": id})).await;
        assert_outcome(&answer, outcome, &document);
        let expected = if outcome == "200" { json!({"locale": "fr-FR"}) } else { json!(null) };
        assert_eq!(answer.body["data"], json!({"field": expected}), "{document}");
    }
}
