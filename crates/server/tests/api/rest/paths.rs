//! Paths of the record API: the spellings that lead somewhere, and those that do not.

use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::{Client, Response, TestServer};

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

async fn send(client: &Client, method: &str, path: &str, body: Json) -> Response {
    client.send_with(method, path, &[], Some(body)).await
}

#[tokio::test]
async fn spellings_that_lead_somewhere() {
    let server = TestServer::start();
    let client = server.client();
    let made = client.post("/rest/companies", json!({"id": ID, "name": "Acme"})).await;
    assert_eq!(made.outcome(), "201");
    let upper = ID.to_uppercase();
    let company = json!({"name": "Acme"});
    for (method, path, body, answer) in [
        ("GET", "/rest/companies/".to_owned(), Json::Null, "/data/companies/0"),
        ("GET", "/rest//companies//".into(), Json::Null, "/data/companies/0"),
        ("GET", "/rest/core/companies".into(), Json::Null, "/data/companies/0"),
        ("GET", "/rest/batch/companies".into(), Json::Null, "/data/companies/0"),
        ("GET", format!("/rest/companies//{ID}/"), Json::Null, "/data/company"),
        ("GET", format!("/rest/core/companies/{ID}"), Json::Null, "/data/company"),
        ("GET", format!("/rest/companies/{upper}"), Json::Null, "/data/company"),
        ("PUT", format!("/rest/companies/{ID}"), company.clone(), "/data/updateCompany"),
        ("PUT", "/rest/companies".into(), company.clone(), "/data/updateCompanies/0"),
        ("PATCH", "/rest/batch/companies".into(), company.clone(), "/data/updateCompanies/0"),
        ("PATCH", format!("/rest/companies/{ID}/restore"), Json::Null, "/data/restoreCompany"),
        ("PATCH", format!("/rest/restore/companies/{ID}"), Json::Null, "/data/restoreCompany"),
        ("PATCH", "/rest/companies/restore".into(), json!(["ignored"]), "/data/restoreCompanies/0"),
        ("PATCH", "/rest/restore/companies".into(), Json::Null, "/data/restoreCompanies/0"),
        ("PATCH", format!("/rest/core/restore/companies/{ID}"), Json::Null, "/data/restoreCompany"),
        (
            "DELETE",
            "/rest/batch/companies?filter=name[eq]:Acme&soft_delete=true".into(),
            Json::Null,
            "/data/deleteCompanies/0",
        ),
        ("DELETE", format!("/rest/core/companies/{ID}"), Json::Null, "/data/deleteCompany"),
    ] {
        let answered = send(&client, method, &path, body).await;
        assert_eq!(answered.outcome(), "200", "{method} {path}: {}", answered.body);
        assert_eq!(answered.text(&format!("{answer}/id")), ID, "{method} {path}");
    }
    for (path, answer) in [
        (format!("/rest/companies/{ID}"), "/data/createCompany"),
        (format!("/rest/core/companies/{ID}/"), "/data/createCompany"),
        ("/rest/core/batch/companies".into(), "/data/createCompanies/0"),
    ] {
        let body = if path.contains("batch") { json!([company]) } else { company.clone() };
        let made = client.post(&path, body).await;
        assert_eq!(made.outcome(), "201", "{path}: {}", made.body);
        assert_ne!(made.text(&format!("{answer}/id")), ID, "an id in the path is not looked at");
    }
}

#[tokio::test]
async fn spellings_that_lead_nowhere() {
    let server = TestServer::start();
    let client = server.client();
    client.post("/rest/companies", json!({"id": ID, "name": "Acme"})).await;
    let bare = ID.replace('-', "");
    let bad = |id: &str| format!("/rest/companies/{id}");
    for (path, named) in [
        ("/rest".to_owned(), ""),
        ("/rest/".into(), ""),
        ("/rest/core".into(), ""),
        ("/rest/company".into(), "companies"),
        ("/rest/COMPANIES".into(), "COMPANIES"),
        ("/rest/dinosaurs".into(), "dinosaurs"),
        (format!("/rest/dinosaurs/{ID}"), "dinosaurs"),
        (format!("/rest/companies/{ID}/people"), ""),
        (format!("/rest/companies/{ID}/restore/now"), ""),
        (format!("/rest/batch/companies/{ID}"), ""),
        (bad("one"), "one"),
        (bad(&bare), &bare),
        (bad(&format!("%7B{ID}%7D")), ID),
        (bad("00000000-0000-0000-0000-000000000000"), "00000000-0000-0000-0000-000000000000"),
        (bad("7d0c3a2e-5a41-0c7b-9f0a-3f6f0c1d2e11"), "7d0c3a2e-5a41-0c7b-9f0a-3f6f0c1d2e11"),
        (bad("7d0c3a2e-5a41-4c7b-7f0a-3f6f0c1d2e11"), "7d0c3a2e-5a41-4c7b-7f0a-3f6f0c1d2e11"),
        ("/rest/restore/companies/one".into(), "one"),
        ("/rest/companies/one/restore".into(), "one"),
        ("/rest/restore/dinosaurs".into(), "dinosaurs"),
    ] {
        for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
            let refused = send(&client, method, &path, json!({"name": "Changed"})).await;
            assert_outcome(&refused, "400 BadRequestException", &format!("{method} {path}"));
            if !path.contains("restore") || method == "PATCH" {
                assert!(refused.message().contains(named), "{method} {path}: {}", refused.message());
            }
        }
    }
    for path in ["/rest/companies/restore", "/rest/restore/companies"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let refused = send(&client, method, path, json!({})).await;
            assert_outcome(&refused, "400 BadRequestException", &format!("{method} {path}"));
        }
    }
    let all = client.get("/rest/companies").await;
    assert_eq!((all.part("/totalCount"), all.part("/data/companies/0/name")), (&json!(1), &json!("Acme")));
}
