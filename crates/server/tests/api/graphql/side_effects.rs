//! What a change of one record does to others, and which records a change reaches (`graphql-core.md` 4.4,
//! 5.6 to 5.8).

use serde_json::{Value as Json, json};

use crate::support::{Client, TestServer};

async fn run(client: &Client, document: &str, variables: &Json) -> Json {
    let answer = client.graphql(document, variables.clone()).await;
    assert_eq!(answer.outcome(), "200", "{document}: {}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn notes_and_tasks_take_their_targets_along() {
    let server = TestServer::start();
    let client = server.client();
    for (note, notes, target, targets) in
        [("Note", "Notes", "noteTarget", "noteTargets"), ("Task", "Tasks", "taskTarget", "taskTargets")]
    {
        let created = run(
            &client,
            &format!(
                "mutation {{ one: create{note}(data: {{}}) {{ id }} two: create{note}(data: {{}}) {{ id }} }}"
            ),
            &json!({}),
        )
        .await;
        let ids = json!({"one": created["one"]["id"], "two": created["two"]["id"]});
        let join = format!("{}Id", note.to_lowercase());
        let create_target = format!("create{}{}", &target[..1].to_uppercase(), &target[1..]);
        let document = format!(
            "mutation {{ a: {create_target}(data: {{{join}: $one}}) {{ id }} b: {create_target}(data: {{{join}: $two}}) {{ id }} }}"
        );
        run(&client, &document, &ids).await;
        let live = format!("{{ {targets} {{ edges {{ node {{ {join} }} }} }} }}");
        for (change, left) in [
            (format!("delete{note}(id: $one)"), vec!["two"]),
            (format!("restore{note}(id: $one)"), vec!["one", "two"]),
            (format!("delete{notes}(filter: {{id: {{in: [$one, $two]}}}})"), vec![]),
            (format!("restore{notes}(filter: {{deletedAt: {{is: NOT_NULL}}}})"), vec!["one", "two"]),
            (format!("destroy{note}(id: $two)"), vec!["one"]),
            (format!("destroy{notes}(filter: {{}})"), vec![]),
        ] {
            run(&client, &format!("mutation {{ {change} {{ id }} }}"), &ids).await;
            let found = run(&client, &live, &json!({})).await;
            let edges = found[targets]["edges"].as_array().expect("a list");
            let mut found: Vec<&Json> = edges.iter().map(|edge| &edge["node"][&join]).collect();
            found.sort_by_key(|id| **id != ids["one"]);
            assert_eq!(found, left.iter().map(|name| &ids[*name]).collect::<Vec<_>>(), "{change}");
        }
    }
}

#[tokio::test]
async fn records_in_the_trash_are_hidden_from_reads_but_not_from_changes() {
    let server = TestServer::start();
    let client = server.client();
    let created =
        run(&client, "mutation { createCompanies(data: [{name: \"A\"}, {name: \"B\"}]) { id } }", &json!({}))
            .await;
    let ids = json!({"a": created["createCompanies"][0]["id"], "b": created["createCompanies"][1]["id"]});
    let person = run(&client, "mutation { createPerson(data: {companyId: $a}) { id } }", &ids).await;
    let person = json!({"id": person["createPerson"]["id"]});
    let deleted = run(&client, "mutation { deleteCompany(id: $a) { id deletedAt } }", &ids).await;
    assert!(deleted["deleteCompany"]["deletedAt"].is_string());
    for (filter, found) in [
        ("{}", vec!["B"]),
        ("{name: {eq: \"A\"}}", vec![]),
        ("{deletedAt: {is: NOT_NULL}}", vec!["A"]),
        ("{not: {deletedAt: {is: NULL}}}", vec!["A"]),
        ("{or: [{deletedAt: {is: NULL}}, {deletedAt: {is: NOT_NULL}}]}", vec!["A", "B"]),
        ("{and: [{name: {eq: \"A\"}}, {deletedAt: {gt: \"2020-01-01\"}}]}", vec!["A"]),
        // Inside a relation it decides about the related records alone.
        ("{accountOwner: {deletedAt: {is: NOT_NULL}}}", vec![]),
    ] {
        let document = format!(
            "{{ companies(filter: {filter}, orderBy: {{name: AscNullsLast}}) {{ totalCount edges {{ node {{ name }} }} }} }}"
        );
        let companies = run(&client, &document, &json!({})).await;
        let names: Vec<&Json> = companies["companies"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|edge| &edge["node"]["name"])
            .collect();
        assert_eq!(names, found, "{filter}");
        assert_eq!(companies["companies"]["totalCount"], found.len(), "{filter}");
    }
    // The related record reads as null, and so does its id beside it.
    let document = "{ person(filter: {id: {eq: $id}}) { companyId company { name } } }";
    let hidden = run(&client, document, &person).await;
    assert_eq!(hidden["person"], json!({"companyId": null, "company": null}));
    let by_company = "{ people(filter: {company: {name: {eq: \"A\"}}}) { totalCount } }";
    assert_eq!(run(&client, by_company, &json!({})).await["people"]["totalCount"], 0);

    let renamed =
        run(&client, "mutation { updateCompany(id: $a, data: {name: \"A2\"}) { name deletedAt } }", &ids)
            .await;
    assert_eq!(renamed["updateCompany"]["name"], "A2");
    assert!(renamed["updateCompany"]["deletedAt"].is_string());
    let all = run(
        &client,
        "mutation { updateCompanies(filter: {}, data: {address: {addressCity: \"Oslo\"}}) { id } }",
        &json!({}),
    )
    .await;
    assert_eq!(all["updateCompanies"].as_array().map(Vec::len), Some(2));
    let restored = run(
        &client,
        "mutation { restoreCompanies(filter: {deletedAt: {is: NOT_NULL}}) { name deletedAt } }",
        &ids,
    )
    .await;
    assert_eq!(restored["restoreCompanies"], json!([{"name": "A2", "deletedAt": null}]));
    let live = run(&client, "mutation { restoreCompany(id: $b) { name deletedAt } }", &ids).await;
    assert_eq!(live["restoreCompany"], json!({"name": "B", "deletedAt": null}));
    assert_eq!(
        run(&client, document, &person).await["person"],
        json!({"companyId": ids["a"], "company": {"name": "A2"}})
    );
    let destroyed = run(&client, "mutation { destroyCompany(id: $a) { id name } }", &ids).await;
    assert_eq!(destroyed["destroyCompany"], json!({"id": ids["a"], "name": "A2"}));
    assert_eq!(run(&client, document, &person).await["person"], json!({"companyId": null, "company": null}));
}

#[tokio::test]
async fn many_are_changed_through_a_related_record() {
    let server = TestServer::start();
    let client = server.client();
    let companies = "mutation { createCompanies(data: [{name: \"A\"}, {name: \"B\"}]) { id } }";
    let created = run(&client, companies, &json!({})).await;
    let ids = json!({"a": created["createCompanies"][0]["id"], "b": created["createCompanies"][1]["id"]});
    let people = "mutation { createPeople(data: [{companyId: $a}, {companyId: $b}, {}]) { id } }";
    let people = run(&client, people, &ids).await["createPeople"].clone();
    for (change, field) in [
        ("updatePeople(filter: {company: {name: {eq: \"A\"}}}, data: {jobTitle: \"Pilot\"})", "updatePeople"),
        ("deletePeople(filter: {company: {name: {eq: \"A\"}}})", "deletePeople"),
        ("restorePeople(filter: {company: {name: {like: \"A\"}}})", "restorePeople"),
        ("destroyPeople(filter: {company: {name: {eq: \"A\"}}})", "destroyPeople"),
    ] {
        let changed = run(&client, &format!("mutation {{ {change} {{ id }} }}"), &json!({})).await;
        assert_eq!(changed[field], json!([people[0]]), "{change}");
    }
    let left = run(&client, "{ people { totalCount } }", &json!({})).await;
    assert_eq!(left["people"]["totalCount"], 2);
}
