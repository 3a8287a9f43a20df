//! Tags of records: which answers have them, what changes them, and what they make conditional.

use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::model::{create_field, object_id};
use crate::support::{Client, TestServer};

/// Clients that change one record at the same time.
const WRITERS: usize = 24;

async fn create(client: &Client, path: &str, body: Json, key: &str) -> (String, String) {
    let created = client.post(path, body).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let id = created.text(&format!("/data/{key}/id"));
    (format!("{path}/{id}"), tag_of(created.header("etag")))
}

/// The tag, which must look like one.
fn tag_of(header: &str) -> String {
    let digits = header.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    assert!(
        digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{header:?} is no tag"
    );
    header.to_owned()
}

async fn tag(client: &Client, path: &str) -> String {
    tag_of(client.get(path).await.header("etag"))
}

#[tokio::test]
async fn answers_with_one_record_have_its_tag() {
    let server = TestServer::start();
    let client = server.client();
    let (path, created) = create(&client, "/rest/companies", json!({"name": "Acme"}), "createCompany").await;
    for query in ["", "?depth=0", "?depth=1"] {
        assert_eq!(tag(&client, &format!("{path}{query}")).await, created, "{query}");
    }
    let mut known = vec![created];
    for (method, path, body) in [
        ("PATCH", path.clone(), Some(json!({"name": "Acme Inc"}))),
        ("PUT", format!("{path}?depth=1"), Some(json!({"position": 5}))),
        ("DELETE", format!("{path}?soft_delete=true"), None),
        ("PATCH", format!("{path}/restore"), None),
    ] {
        let answer = client.send_with(method, &path, &[], body).await;
        assert_eq!(answer.outcome(), "200", "{method} {path}: {}", answer.body);
        let tag = tag_of(answer.header("etag"));
        assert!(!known.contains(&tag), "{method} {path} changes the tag");
        known.push(tag);
    }
    assert_eq!(
        &tag(&client, &path).await,
        known.last().unwrap(),
        "a change answers the tag that a read does"
    );
    let head = client.send_with("HEAD", &path, &[], None).await;
    assert_eq!(head.header("etag"), known.last().unwrap());

    for (method, path, body) in [
        ("GET", "/rest/companies".to_owned(), None),
        ("POST", "/rest/batch/companies".to_owned(), Some(json!([{"name": "B"}]))),
        ("PATCH", "/rest/companies?filter=name[eq]:B".to_owned(), Some(json!({"name": "C"}))),
        ("DELETE", path, None),
    ] {
        let answer = client.send_with(method, &path, &[], body).await;
        assert!(
            answer.status < 300 && answer.header("etag").is_empty(),
            "{method} {path}: {:?}",
            answer.headers
        );
    }
}

#[tokio::test]
async fn whatever_changes_a_record_changes_its_tag() {
    let server = TestServer::start();
    let client = server.client();
    let (company, _) = create(&client, "/rest/companies", json!({"name": "Acme"}), "createCompany").await;
    let company_id = company.rsplit('/').next().unwrap().to_owned();
    let (person, mut before) =
        create(&client, "/rest/people", json!({"companyId": company_id}), "createPerson").await;
    let person_id = person.rsplit('/').next().unwrap().to_owned();
    let stamp = "2026-01-01T00:00:00.000Z";
    for body in [
        json!({"jobTitle": "Pilot", "updatedAt": stamp}),
        json!({"name": {"lastName": "Berg"}, "updatedAt": stamp}),
        json!({"emails": {"additionalEmails": ["a@example.com"]}, "updatedAt": stamp}),
        json!({"position": 7.5, "updatedAt": stamp}),
        json!({"position": 7.25, "updatedAt": stamp}),
        json!({"updatedAt": "2026-01-01T00:00:00.001Z"}),
    ] {
        let changed = client.patch(&person, body.clone()).await;
        assert_ne!(changed.header("etag"), before, "{body}");
        before = tag_of(changed.header("etag"));
    }
    // What leaves the record alone leaves its tag alone.
    create_field(&client, &object_id(&client, "person").await, "NUMBER", "shoeSize").await;
    client.patch(&company, json!({"name": "Acme Inc"})).await;
    assert_eq!(tag(&client, &format!("{person}?depth=1")).await, before);

    let document = "mutation M($id: UUID!) { updatePerson(id: $id, data: {jobTitle: \"Sailor\"}) { id } }";
    client.graphql(document, json!({"id": person_id})).await;
    let after = tag(&client, &person).await;
    assert_ne!(after, before, "through the other door");
    assert_eq!(client.delete(&company).await.outcome(), "200");
    let read = client.get(&person).await;
    assert_eq!(read.part("/data/person/companyId"), &Json::Null);
    assert_ne!(read.header("etag"), after, "a foreign key that a cascade has emptied");
}

#[tokio::test]
async fn a_change_happens_only_to_the_record_that_was_expected() {
    let server = TestServer::start();
    let client = server.client();
    let other = "\"0123456789abcdef0123456789abcdef\"";
    let send = async |method: &str, path: &str, if_match: &str| {
        let body = Some(json!({"name": "Acme Ltd"}));
        client.send_with(method, path, &[("if-match", if_match)], body).await
    };
    for (method, suffix) in
        [("PATCH", ""), ("PUT", ""), ("DELETE", "?soft_delete=true"), ("PATCH", "/restore"), ("DELETE", "")]
    {
        let (path, old) = create(&client, "/rest/companies", json!({"name": "A"}), "createCompany").await;
        let changed = client.patch(&path, json!({"name": "Acme"})).await;
        let current = tag_of(changed.header("etag"));
        let target = format!("{path}{suffix}");
        for (if_match, outcome) in [
            (old.as_str(), "412 Error PRECONDITION_FAILED"),
            (&format!("W/{current}"), "412 Error PRECONDITION_FAILED"),
            ("\"\"", "412 Error PRECONDITION_FAILED"),
            (&format!("{other}, {old}"), "412 Error PRECONDITION_FAILED"),
            (&format!("\"{}\"", &current[1..32]), "412 Error PRECONDITION_FAILED"),
            (current.trim_matches('"'), "400 BadRequestException"),
            ("", "400 BadRequestException"),
            ("*, *", "400 BadRequestException"),
        ] {
            let refused = send(method, &target, if_match).await;
            assert_outcome(&refused, outcome, &format!("{method} {suffix} {if_match}"));
        }
        assert_eq!(tag(&client, &path).await, current, "nothing has happened");
        let unknown = format!("/rest/companies/7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11{suffix}");
        for if_match in ["*", other] {
            let gone = send(method, &unknown, if_match).await;
            assert_outcome(&gone, "404 NotFoundException", "no record at all");
        }
        let list = format!("{other}, {current}");
        assert_eq!(send(method, &target, &list).await.outcome(), "200", "{method} {suffix}");
        let any = create(&client, "/rest/companies", json!({"name": "B"}), "createCompany").await.0;
        assert_eq!(send(method, &format!("{any}{suffix}"), "*").await.outcome(), "200", "{method} {suffix}");
    }
}

#[tokio::test]
async fn what_is_not_about_one_record_expects_no_tag() {
    let server = TestServer::start();
    let client = server.client();
    client.post("/rest/companies", json!({"name": "Acme"})).await;
    for (method, path, body) in [
        ("POST", "/rest/companies", json!({"name": "B"})),
        ("POST", "/rest/batch/companies", json!([{"name": "B"}])),
        ("PATCH", "/rest/companies?filter=name[eq]:Acme", json!({"name": "B"})),
        ("DELETE", "/rest/companies?filter=name[eq]:Acme", json!({})),
        ("PATCH", "/rest/companies/restore", json!({})),
    ] {
        for value in ["*", "\"x\""] {
            let refused = client.send_with(method, path, &[("if-match", value)], Some(body.clone())).await;
            assert_outcome(&refused, "400 BadRequestException", &format!("{method} {path}"));
        }
    }
    let all = client.send_with("GET", "/rest/companies", &[("if-match", "\"x\"")], None).await;
    assert_eq!(all.part("/data/companies/0/name"), "Acme", "reads do not mind");
    assert_eq!(all.part("/totalCount"), 1);
}

#[tokio::test]
async fn a_record_that_the_client_has_is_not_sent_again() {
    let server = TestServer::start();
    let client = server.client();
    let (path, tag) = create(&client, "/rest/companies", json!({"name": "Acme"}), "createCompany").await;
    let weak = format!("\"x\", W/{tag}");
    for (if_none_match, query, status) in [
        (tag.as_str(), "", 304),
        ("*", "", 304),
        (&weak, "?depth=0", 304),
        ("\"x\"", "", 200),
        // Related records may have changed.
        (&tag, "?depth=1", 200),
        ("x", "", 400),
    ] {
        let headers = [("if-none-match", if_none_match)];
        let answer = client.send_with("GET", &format!("{path}{query}"), &headers, None).await;
        assert_eq!(answer.status, status, "{if_none_match} {query}: {}", answer.body);
        if status != 400 {
            assert_eq!(answer.header("etag"), tag);
            assert_eq!(answer.body.is_null(), status == 304, "{}", answer.body);
        }
    }
    client.patch(&path, json!({"name": "Acme Inc"})).await;
    let changed = client.send_with("GET", &path, &[("if-none-match", &tag)], None).await;
    assert_eq!(changed.outcome(), "200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_with_one_tag_one_wins() {
    let server = TestServer::start();
    let client = server.client();
    let (path, mut tag) = create(&client, "/rest/companies", json!({"name": "Acme"}), "createCompany").await;
    for round in 0..6 {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (client, path, tag) = (client.clone(), path.clone(), tag.clone());
                tokio::spawn(async move {
                    let body = Some(json!({"position": writer}));
                    client.send_with("PATCH", &path, &[("if-match", &tag)], body).await
                })
            })
            .collect();
        let mut won = Vec::new();
        for writer in writers {
            let answer = writer.await.expect("no writer panics");
            match answer.status {
                200 => won.push(answer),
                _ => assert_outcome(&answer, "412 Error PRECONDITION_FAILED", "a loser"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        let read = client.get(&path).await;
        assert_eq!(read.part("/data/company/position"), won[0].part("/data/updateCompany/position"));
        tag = tag_of(won[0].header("etag"));
        assert_eq!(read.header("etag"), tag);
    }
}
