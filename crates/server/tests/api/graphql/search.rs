//! What a search finds, in which order, page by page.

use serde_json::{Value as Json, json};

use crate::support::{Client, TestServer};

const SEARCH: &str = "query S($text: String!, $limit: Int!, $only: [String!], $after: String, \
     $filter: ObjectRecordFilterInput) { search(searchInput: $text, limit: $limit, \
     includedObjectNameSingulars: $only, after: $after, filter: $filter) { \
     edges { cursor node { recordId objectNameSingular label imageUrl tsRankCD tsRank } } \
     pageInfo { hasNextPage endCursor } } }";

/// The labels of what a text finds among people and companies.
async fn found(client: &Client, text: &str) -> Vec<String> {
    labels(&search(client, json!({"text": text, "limit": 50, "only": ["person", "company"]})).await)
}

async fn search(client: &Client, variables: Json) -> Json {
    let response = client.graphql(SEARCH, variables).await;
    assert_eq!(response.outcome(), "200", "{}", response.body);
    response.part("/data/search").clone()
}

fn labels(page: &Json) -> Vec<String> {
    let edges = page["edges"].as_array().expect("a page has edges");
    edges.iter().map(|edge| edge["node"]["label"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn create(client: &Client, path: &str, record: Json) -> String {
    let created = client.post(path, record).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let name = match path {
        "/rest/people" => "createPerson",
        "/rest/companies" => "createCompany",
        "/rest/notes" => "createNote",
        _ => "createTask",
    };
    created.text(&format!("/data/{name}/id"))
}

#[tokio::test]
async fn words_are_found_whatever_their_case_accents_and_script() {
    let server = TestServer::start();
    let client = server.client();
    create(&client, "/rest/people", json!({"name": {"firstName": "Zoë", "lastName": "Łukasiewicz-O'Brien"}}))
        .await;
    for name in ["Ωκεανός Ναυτιλία", "Ёлка Йодль", "東京都庁 株式会社", "Straße Æquator"]
    {
        create(&client, "/rest/companies", json!({"name": name})).await;
    }
    let zoe = "Zoë Łukasiewicz-O'Brien";
    for (text, expected) in [
        ("zoe", vec![zoe]),
        ("ZOË", vec![zoe]),
        ("lukasi", vec![zoe]),
        ("o’brien", vec![zoe]),
        ("lukasiewicz-o'brien", vec![zoe]),
        ("brien zoe", vec![zoe]),
        ("ωκεανος", vec!["Ωκεανός Ναυτιλία"]),
        ("ΝΑΥΤΙΛΊΑ", vec!["Ωκεανός Ναυτιλία"]),
        ("елка иод", vec!["Ёлка Йодль"]),
        ("東京", vec!["東京都庁 株式会社"]),
        ("strasse aequ", vec!["Straße Æquator"]),
        ("zoe nothing", vec![zoe]),
        ("nothingatall", vec![]),
        ("?!", vec![]),
    ] {
        assert_eq!(found(&client, text).await, expected, "{text}");
    }
    // Inside words only where an object has nothing better.
    for (text, expected) in [
        ("都庁", vec!["東京都庁 株式会社"]),
        ("kasiew", vec![zoe]),
        ("кеан υτιλ", vec![]),
        ("εανο υτιλ", vec!["Ωκεανός Ναυτιλία"]),
    ] {
        let page = search(&client, json!({"text": text, "limit": 50, "only": ["person", "company"]})).await;
        assert_eq!(labels(&page), expected, "{text}");
        if let Some(edge) = page["edges"].get(0) {
            assert_eq!(
                [&edge["node"]["tsRankCD"], &edge["node"]["tsRank"]],
                [&json!(0), &json!(0)],
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn phones_addresses_and_links_are_found_in_every_spelling() {
    let server = TestServer::start();
    let client = server.client();
    let person = json!({
        "name": {"firstName": "Kiki"}, "jobTitle": "Harbour Pilot",
        "emails": {"primaryEmail": "kiki@deck.example", "additionalEmails": ["second@stern.example"]},
        "phones": {"primaryPhoneNumber": "612345678", "primaryPhoneCallingCode": "+33",
            "additionalPhones": [{"number": "2055512345", "callingCode": "+1"}]},
    });
    create(&client, "/rest/people", person).await;
    let company = json!({"name": "Keel", "domainName": {
        "primaryLinkUrl": "https://www.keel.example/about", "primaryLinkLabel": "Homepage",
        "secondaryLinks": [{"url": "https://mast.example", "label": "Rigging"}],
    }});
    create(&client, "/rest/companies", company).await;
    for (text, expected) in [
        ("612345678", "Kiki"),
        ("+33612345678", "Kiki"),
        ("33612345678", "Kiki"),
        ("0612345678", "Kiki"),
        ("06123", "Kiki"),
        ("+3361", "Kiki"),
        ("2055512345", "Kiki"),
        ("+12055512345", "Kiki"),
        ("02055", "Kiki"),
        ("kiki@deck.example", "Kiki"),
        ("KIKI@DECK", "Kiki"),
        ("@deck.example", "Kiki"),
        ("second@stern.example", "Kiki"),
        ("stern.example", "Kiki"),
        ("pilot", "Kiki"),
        ("keel.example", "Keel"),
        ("https://www.keel.example/about", "Keel"),
        ("homep", "Keel"),
        ("https://mast.example", "Keel"),
        ("rigging", "Keel"),
    ] {
        let found = found(&client, text).await;
        assert_eq!(found.first().map(String::as_str), Some(expected), "{text}: {found:?}");
    }
}

#[tokio::test]
async fn what_is_written_is_found_at_once_and_what_is_gone_is_not() {
    let server = TestServer::start();
    let client = server.client();
    let task =
        |text: &str, filter: Json| json!({"text": text, "limit": 9, "only": ["task"], "filter": filter});
    let count = async |text: &str| labels(&search(&client, task(text, Json::Null)).await).len();
    let id =
        create(&client, "/rest/tasks", json!({"title": "Caulk", "bodyV2": {"markdown": "the **seams**"}}))
            .await;
    let path = format!("/rest/tasks/{id}");
    assert_eq!((count("caulk").await, count("seams").await), (1, 1));

    let patched = client.patch(&path, json!({"title": "Paint"})).await;
    assert_eq!(patched.text("/data/updateTask/searchVector"), "'paint':1 'seams':3 'the':2");
    assert_eq!((count("caulk").await, count("paint").await, count("seams").await), (0, 1, 1));
    client.patch(&path, json!({"bodyV2": {"markdown": "hull"}, "dueAt": "2026-01-01T00:00:00.000Z"})).await;
    assert_eq!((count("seams").await, count("paint hull").await), (0, 1));

    let deleted =
        client.graphql("mutation M($id: UUID!) { deleteTask(id: $id) { id } }", json!({"id": id})).await;
    assert_eq!(deleted.outcome(), "200");
    assert_eq!(count("paint").await, 0);
    let trash = json!({"deletedAt": {"is": "NOT_NULL"}});
    assert_eq!(labels(&search(&client, task("paint", trash)).await), ["Paint"]);
    client.graphql("mutation M($id: UUID!) { restoreTask(id: $id) { id } }", json!({"id": id})).await;
    assert_eq!(count("paint").await, 1);
    client.delete(&path).await;
    assert_eq!((count("paint").await, count("hull").await), (0, 0));

    // A batch that fails leaves nothing, one that does not is found as a whole.
    let batch = |last: Json| json!([{"title": "Bilge one"}, {"title": "Bilge two"}, last]);
    let refused = client.post("/rest/batch/tasks", batch(json!({"title": "Bilge", "assigneeId": id}))).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert_eq!(count("bilge").await, 0);
    client.post("/rest/batch/tasks", batch(json!({"title": "Bilge three"}))).await;
    assert_eq!(count("bilge").await, 3);
}

#[tokio::test]
async fn records_that_go_with_others_and_objects_that_go_are_found_no_more() {
    let server = TestServer::start();
    let client = server.client();
    let object = json!({
        "nameSingular": "vessel", "namePlural": "vessels", "labelSingular": "Ship", "labelPlural": "Ships",
    });
    let object = client.post("/rest/metadata/objects", object).await.text("/id");
    let created = client.post("/rest/vessels", json!({"name": "Argo Navis"})).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    let vessel = created.text("/data/createVessel/id");
    let page = search(&client, json!({"text": "argo", "limit": 5})).await;
    assert_eq!(page["edges"][0]["node"]["objectNameSingular"], "vessel");
    assert_eq!(labels(&page), ["Argo Navis"]);

    // A link to a task goes with the task.
    let task = create(&client, "/rest/tasks", json!({"title": "Steer"})).await;
    let link = client.post("/rest/taskTargets", json!({"taskId": task, "targetVesselId": vessel})).await;
    assert_eq!(link.outcome(), "201", "{}", link.body);
    let link = link.text("/data/createTaskTarget/id");
    let links = json!({"text": link, "limit": 5, "only": ["taskTarget"]});
    assert_eq!(labels(&search(&client, links.clone()).await), [link]);
    client.delete(&format!("/rest/tasks/{task}")).await;
    assert_eq!(labels(&search(&client, links).await), Vec::<String>::new());

    let gone = client.delete(&format!("/rest/metadata/objects/{object}")).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert_eq!(labels(&search(&client, json!({"text": "argo", "limit": 5})).await), Vec::<String>::new());
}

#[tokio::test]
async fn pages_show_every_hit_once_the_best_first() {
    let server = TestServer::start();
    let client = server.client();
    let names = ["Brig", "Brig Brig", "Brig of Ice", "Brigantine and Ice", "Ice", "Ice Brig Ice"];
    for (place, name) in names.iter().cycle().take(24).enumerate() {
        match place % 3 {
            0 => create(&client, "/rest/companies", json!({"name": name})).await,
            1 => create(&client, "/rest/notes", json!({"title": name})).await,
            _ => create(&client, "/rest/people", json!({"name": {"firstName": name}})).await,
        };
    }
    // Found inside a word, behind all others.
    create(&client, "/rest/tasks", json!({"title": "Cambrigice"})).await;
    for text in ["brig ice", "", "brig"] {
        let only = json!(["task", "note", "company", "person"]);
        let all = search(&client, json!({"text": text, "limit": 100, "only": only})).await;
        let ids = |page: &Json| -> Vec<String> {
            page["edges"]
                .as_array()
                .unwrap()
                .iter()
                .map(|edge| edge["node"]["recordId"].to_string())
                .collect()
        };
        let rank = |edge: &Json, name: &str| edge["node"][name].as_f64().unwrap();
        let edges = all["edges"].as_array().unwrap();
        let ranks: Vec<_> = edges.iter().map(|edge| (rank(edge, "tsRankCD"), rank(edge, "tsRank"))).collect();
        assert!(ranks.is_sorted_by(|one, next| next <= one), "{text}: {ranks:?}");
        assert_eq!(all["pageInfo"]["hasNextPage"], false);
        for limit in [1, 4, 7] {
            let (mut paged, mut after) = (Vec::new(), Json::Null);
            loop {
                let variables = json!({"text": text, "limit": limit, "only": only, "after": after});
                let page = search(&client, variables).await;
                paged.extend(ids(&page));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(paged, ids(&all), "{text:?} by {limit}");
        }
    }
    let brig = search(&client, json!({"text": "brig ice", "limit": 100})).await;
    assert_eq!(labels(&brig).last().map(String::as_str), Some("Cambrigice"));
    let none = search(&client, json!({"text": "brig", "limit": 0})).await;
    assert_eq!(none, json!({"edges": [], "pageInfo": {"hasNextPage": true, "endCursor": null}}));
}

#[tokio::test]
async fn one_exact_hit_has_the_ranks_that_clients_know() {
    let server = TestServer::start();
    let client = server.client();
    let id = create(&client, "/rest/notes", json!({"title": "Lighthouse keeping"})).await;
    let page = search(&client, json!({"text": "lighthouse", "limit": 3, "only": ["note"]})).await;
    let node = &page["edges"][0]["node"];
    assert_eq!([&node["tsRankCD"], &node["tsRank"]], [&json!(0.1), &json!(0.060_792_71)]);
    assert_eq!(node["imageUrl"], "");
    let cursor = page["edges"][0]["cursor"].as_str().unwrap();
    let json = format!(
        r#"{{"lastRanks":{{"tsRankCD":0.1,"tsRank":0.06079271}},"lastRecordIdsPerObject":{{"note":"{id}"}}}}"#
    );
    use base64::Engine as _;
    assert_eq!(cursor, base64::engine::general_purpose::STANDARD.encode(json));
}

#[tokio::test]
async fn filters_hold_for_every_object() {
    let server = TestServer::start();
    let client = server.client();
    let old = create(
        &client,
        "/rest/companies",
        json!({"name": "Wharf A", "createdAt": "2001-01-01T00:00:00.000Z"}),
    )
    .await;
    let new = create(&client, "/rest/notes", json!({"title": "Wharf B"})).await;
    client.patch(&format!("/rest/companies/{old}"), json!({"updatedAt": "2002-01-01T00:00:00.000Z"})).await;
    for (filter, expected) in [
        (json!({"createdAt": {"lt": "2010-01-01T00:00:00.000Z"}}), vec!["Wharf A"]),
        (json!({"updatedAt": {"lt": "2010-01-01T00:00:00.000Z"}}), vec!["Wharf A"]),
        (json!({"not": {"updatedAt": {"lt": "2010-01-01T00:00:00.000Z"}}}), vec!["Wharf B"]),
        (json!({"id": {"in": [new]}}), vec!["Wharf B"]),
        (json!({"or": [{"id": {"eq": old}}, {"and": [{"id": {"eq": new}}]}]}), vec!["Wharf A", "Wharf B"]),
        (json!({"deletedAt": {"is": "NOT_NULL"}}), vec![]),
        (json!({}), vec!["Wharf A", "Wharf B"]),
    ] {
        for text in ["wharf", "harf", ""] {
            let variables = json!({"text": text, "limit": 50, "only": ["company", "note"], "filter": filter});
            let mut found = labels(&search(&client, variables).await);
            found.retain(|label| label.starts_with("Wharf"));
            assert_eq!(found, expected, "{text:?} {filter}");
        }
    }
}
