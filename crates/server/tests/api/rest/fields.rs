//! `fields`: an answer that is narrowed to some fields.

use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::{Client, TestServer};

/// The names of a record's members, in order.
fn names(record: &Json) -> String {
    let mut names: Vec<_> = record.as_object().expect("a record").keys().map(String::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

async fn server_with_a_person() -> (TestServer, Client, String, String) {
    let server = TestServer::start();
    let client = server.client();
    let company =
        client.post("/rest/companies", json!({"name": "Acme"})).await.text("/data/createCompany/id");
    let person = client.post("/rest/people", json!({"companyId": company, "jobTitle": "Pilot"})).await;
    let person = person.text("/data/createPerson/id");
    (server, client, company, person)
}

#[tokio::test]
async fn only_what_is_named_is_shown() {
    let (_server, client, company, person) = server_with_a_person().await;
    let people = "company companyId id";
    for (path, query, shown) in [
        ("people", "fields=jobTitle", "id jobTitle"),
        ("people", "fields=id", "id"),
        ("people", "fields=name,emails,jobTitle", "emails id jobTitle name"),
        ("people", "fields=name&fields=jobTitle,name", "id jobTitle name"),
        ("people", "fields=,name,,+jobTitle+,", "id jobTitle name"),
        ("people", "fields=company", "companyId id"),
        ("people", "fields=companyId", "companyId id"),
        ("people", "fields=company&depth=1", people),
        ("people", "fields=companyId,company&depth=1", people),
        ("people", "fields=jobTitle&depth=1", "id jobTitle"),
        ("people", "fields=companyId&depth=1", "companyId id"),
        ("companies", "fields=people&depth=1", "id people"),
        (
            "companies",
            "fields=people,accountOwner,name&depth=1",
            "accountOwner accountOwnerId id name people",
        ),
    ] {
        let (id, singular) = if path == "people" { (&person, "person") } else { (&company, "company") };
        let one = client.get(&format!("/rest/{path}/{id}?{query}")).await;
        assert_eq!(one.outcome(), "200", "{query}: {}", one.body);
        assert_eq!(names(one.part(&format!("/data/{singular}"))), shown, "{query}");
        let many = client.get(&format!("/rest/{path}?{query}")).await;
        assert_eq!(names(many.part(&format!("/data/{path}/0"))), shown, "{query}");
        assert_eq!(many.part(&format!("/data/{path}/0")), one.part(&format!("/data/{singular}")), "{query}");
    }
    let one = client.get(&format!("/rest/companies/{company}?fields=people&depth=1")).await;
    let inside = names(one.part("/data/company/people/0"));
    assert!(
        inside.contains("jobTitle") && !inside.contains("company "),
        "related records are whole: {inside}"
    );
}

#[tokio::test]
async fn writes_show_what_is_named() {
    let (_server, client, _, person) = server_with_a_person().await;
    let query = "fields=jobTitle,company&depth=1";
    let one = format!("/rest/people/{person}");
    for (method, path, body, answer) in [
        ("POST", "/rest/people".to_owned(), json!({}), "/data/createPerson"),
        ("POST", "/rest/batch/people".into(), json!([{}]), "/data/createPeople/0"),
        ("PATCH", one.clone(), json!({"jobTitle": "Sailor"}), "/data/updatePerson"),
        ("PUT", one.clone(), json!({"jobTitle": "Sailor"}), "/data/updatePerson"),
        ("PATCH", "/rest/people".into(), json!({"jobTitle": "Sailor"}), "/data/updatePeople/0"),
        ("PATCH", format!("{one}/restore"), json!({}), "/data/restorePerson"),
        ("PATCH", "/rest/people/restore".into(), json!({}), "/data/restorePeople/0"),
    ] {
        let written = client.send_with(method, &format!("{path}?{query}"), &[], Some(body)).await;
        assert!(written.status < 300, "{method} {path}: {}", written.body);
        assert_eq!(names(written.part(answer)), "company companyId id jobTitle", "{method} {path}");
    }
    let deleted = client.delete(&format!("{one}?soft_delete=true&fields=nothing")).await;
    assert!(!deleted.part("/data/deletePerson/deletedAt").is_null(), "a deletion has no such parameter");
    let destroyed = client.delete(&format!("{one}?fields=jobTitle")).await;
    assert_eq!(names(destroyed.part("/data/deletePerson")), "id");
}

#[tokio::test]
async fn fields_that_are_refused() {
    let (_server, client, _, person) = server_with_a_person().await;
    let one = format!("/rest/people/{person}");
    for (fields, named) in [
        ("", "fields"),
        (" , ,", "fields"),
        ("colour", "colour"),
        ("name,Jobtitle", "Jobtitle"),
        ("name.firstName", "name.firstName"),
        ("company.name", "company.name"),
        ("noteTargets", "noteTargets"),
        ("*", "*"),
        ("__typename", "__typename"),
    ] {
        for (method, path, body) in [
            ("GET", one.as_str(), None),
            ("GET", "/rest/people", None),
            ("POST", "/rest/people", Some(json!({}))),
            ("POST", "/rest/batch/people", Some(json!([{}]))),
            ("PATCH", &one, Some(json!({"jobTitle": "None"}))),
            ("PATCH", "/rest/people", Some(json!({"jobTitle": "None"}))),
            ("PATCH", "/rest/people/restore", None),
        ] {
            let path = format!("{path}?fields={}", fields.replace(' ', "%20"));
            let refused = client.send_with(method, &path, &[], body).await;
            assert_outcome(&refused, "400 BadRequestException", &path);
            assert!(refused.message().contains(named), "{path}: {}", refused.message());
        }
    }
    let all = client.get("/rest/people").await;
    assert_eq!((all.part("/totalCount"), all.part("/data/people/0/jobTitle")), (&json!(1), &json!("Pilot")));
}
