//! Query strings: how they are read, and which records they then find.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use crate::outcome::assert_outcome;
use crate::support::{Client, TestServer};

/// What the companies are called, each at its place as position.
const NAMES: [&str; 8] = ["Acme", "100% pure", "O'Brien, Ltd", "NULL", "", "Foo (bar)", "say \"hi\"", "a+b"];

async fn server_with_companies() -> (TestServer, Client) {
    let server = TestServer::start();
    let client = server.client();
    let companies = NAMES.iter().enumerate().map(|(place, name)| json!({"name": name, "position": place}));
    let made = client.post("/rest/batch/companies", companies.collect()).await;
    assert_eq!(made.outcome(), "201", "{}", made.body);
    (server, client)
}

/// The positions of the companies that a query finds, in their order.
async fn found(client: &Client, query: &str) -> Vec<i64> {
    let answer = client.get(&format!("/rest/companies?{query}")).await;
    assert_eq!(answer.outcome(), "200", "{query}: {}", answer.body);
    answer.list("/data/companies").iter().map(|company| company["position"].as_i64().unwrap_or(-1)).collect()
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let (_server, client) = server_with_companies().await;
    let all = [0, 1, 2, 3, 4, 5, 6, 7];
    for (query, expected) in [
        ("filter=name[eq]:Acme", &[0][..]),
        ("filter=name%5Beq%5D%3AAcme", &[0]),
        ("filter=name[eq]:\"Acme\"", &[0]),
        ("filter=name[eq]:'Acme'", &[0]),
        ("filter=name[eq]:\"Acme'", &[0]),
        ("filter=+name[eq]:+Acme+", &[0]),
        // A per cent sign that escapes nothing stays, and a plus sign is a blank.
        ("filter=name[eq]:100%+pure", &[1]),
        ("filter=name[like]:%pure%", &[1]),
        ("filter=name[ilike]:%25PURE", &[1]),
        ("filter=name[eq]:a%2Bb", &[7]),
        ("filter=name[eq]:\"O'Brien,+Ltd\"", &[2]),
        ("filter=name[eq]:\"O'Brien,+Ltd\",position[eq]:2", &[2]),
        ("filter=name[eq]:\"O'Brien,+Ltd\",position[eq]:3", &[]),
        ("filter=name[eq]:say+\"hi\"", &[6]),
        ("filter=name[eq]:Foo+(bar)", &[5]),
        ("filter=or(name[eq]:Foo+(bar),name[eq]:Acme)", &[0, 5]),
        ("filter=name[eq]:\"Foo+(bar)\"", &[5]),
        ("filter=name[startsWith]:\"Foo+(\"", &[5]),
        ("filter=name[in]:[Acme,\"O'Brien,+Ltd\"]", &[0, 2]),
        ("filter=name[in]:[+Acme+,+'NULL'+]", &[0, 3]),
        ("filter=name[eq]:NULL", &[3, 4]),
        ("filter=name[eq]:\"\"", &[4]),
        ("filter=name[is]:NULL", &[4]),
        ("filter=name[is]:NOT_NULL,position[lt]:2", &[0, 1]),
        ("filter=and(position[gte]:1),or(position[lt]:2,position[gt]:6)", &[1, 7]),
        ("filter=position[gte]:6,or(name[eq]:Acme,name[eq]:a%2Bb)", &[7]),
        ("filter=not(or(position[lt]:6,position[gt]:6))", &[6]),
        ("filter=not(and(position[gte]:1,not(position[eq]:3)))", &[0, 3]),
        ("filter=position[eq]:3abc", &[3]),
        ("filter=position[in]:[1,2.0]", &[1, 2]),
        ("filter=createdAt[gte]:2020-01-01T00:00:00.000Z,position[eq]:0", &[0]),
        ("filter=createdAt[gte]:\"2020-01-01T00:00:00%2B02:00\",position[eq]:0", &[0]),
        ("filter=createdBy.source[in]:[API,IMPORT],position[eq]:0", &[0]),
        ("filter=accountOwnerId[is]:NULL,position[eq]:0", &[0]),
        ("filter=deletedAt[is]:NOT_NULL", &[]),
        // What is given twice counts as not given.
        ("filter=name[eq]:Acme&filter=name[eq]:NULL", &all),
        // Brackets in the name of a parameter mean nothing.
        ("filter[name][eq]=Acme", &all),
        ("limit:3", &all),
        ("limit", &all),
        ("limit=99999999999999999999999", &all),
        ("limit=0", &[]),
        ("limit=%203", &[0, 1, 2]),
        ("depth=&limit=1", &[0]),
    ] {
        assert_eq!(found(&client, &format!("order_by=position&{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn orders_are_read() {
    let (_server, client) = server_with_companies().await;
    for (query, first) in [
        ("order_by=position", 0),
        ("order_by=position[AscNullsLast]", 0),
        ("order_by=position[DescNullsLast]", 7),
        ("order_by=position[DescNullsFirst],id", 7),
        ("order_by=name", 4),
        ("order_by=name[DescNullsLast]", 6),
        ("order_by=+createdBy.source+,+position[DescNullsLast]+", 7),
        ("order_by=accountOwner.name.lastName[AscNullsFirst],position[DescNullsLast]", 7),
        ("order_by=accountOwnerId,position[DescNullsLast]", 7),
        ("order_by=position&order_by=name", 0),
    ] {
        assert_eq!(found(&client, &format!("limit=1&{query}")).await, [first], "{query}");
    }
}

#[tokio::test]
async fn cursors_are_read_in_any_spelling() {
    let (_server, client) = server_with_companies().await;
    let id = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";
    let order = "order_by=position,name&limit=2";
    // A name that gives base64 both of the characters in which its alphabets differ, and padding.
    let cursors = (0..20)
        .map(|length| json!({"position": 2.5, "id": id, "name": "?>~".repeat(4) + &"~".repeat(length)}));
    let has_all = |text: &String| ["+", "/", "="].iter().all(|part| STANDARD.encode(text).contains(part));
    let cursor = cursors.map(|cursor| cursor.to_string()).find(has_all).expect("one of them has all");
    let standard = STANDARD.encode(&cursor);
    for text in [
        standard.replace('+', "%2B"),
        standard.clone(),
        standard.replace('+', "%20"),
        STANDARD_NO_PAD.encode(&cursor),
        URL_SAFE.encode(&cursor),
        URL_SAFE_NO_PAD.encode(&cursor),
    ] {
        assert_eq!(found(&client, &format!("{order}&starting_after={text}")).await, [3, 4], "{text}");
        assert_eq!(found(&client, &format!("{order}&ending_before={text}")).await, [1, 2], "{text}");
    }
    for (query, expected) in [
        ("starting_after=", [0, 1]),
        ("ending_before=", [6, 7]),
        ("ending_before=&starting_after=", [6, 7]),
        ("starting_after=x&starting_after=y", [0, 1]),
    ] {
        assert_eq!(found(&client, &format!("{order}&{query}")).await, expected, "{query}");
    }
    let last = client.get(&format!("/rest/companies?{order}&ending_before=")).await;
    assert_eq!(last.part("/pageInfo/hasNextPage"), true);
    assert_eq!(last.part("/pageInfo/hasPreviousPage"), true);
    let start = last.text("/pageInfo/startCursor").replace('+', "%2B");
    assert_eq!(found(&client, &format!("{order}&ending_before={start}")).await, [4, 5]);
}

#[tokio::test]
async fn query_strings_that_are_refused() {
    let (_server, client) = server_with_companies().await;
    let cursor = STANDARD.encode(r#"{"position":1,"id":"7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"}"#);
    let (both, one) =
        (format!("starting_after={cursor}&ending_before={cursor}"), format!("starting_after={cursor}"));
    let bad = "400 BadRequestException";
    for (query, outcome, named) in [
        ("filter", bad, "filter"),
        ("filter=", bad, "filter"),
        ("filter=name", bad, "name"),
        ("filter=name[eq]", bad, "name"),
        ("filter=name[eq]:", bad, "name"),
        ("filter=name[eq]:Acme,", bad, "filter"),
        ("filter=,name[eq]:Acme", bad, "filter"),
        ("filter=AND(name[eq]:Acme)", bad, "filter"),
        ("filter=and()", bad, "filter"),
        ("filter=not(name[eq]:a,name[eq]:b)", bad, "not"),
        ("filter=or(name[eq]:a", bad, "parentheses"),
        ("filter=name[eq]:a)", bad, "parentheses"),
        ("filter=name[eq]:Foo+(bar", bad, "parentheses"),
        ("filter=name[contains]:a", bad, "startsWith"),
        ("filter=name[containsIlike]:a", bad, "containsAny"),
        ("filter=name[EQ]:a", bad, "EQ"),
        ("filter=name[in]:a", bad, "name"),
        ("filter=name[in]:[a", bad, "name"),
        ("filter=name[is]:\"NULL\"", bad, "NOT_NULL"),
        ("filter=name[is]:null", bad, "NOT_NULL"),
        ("filter=colour[eq]:red", bad, "colour"),
        ("filter=name.first[eq]:a", bad, "name"),
        ("filter=address[eq]:Oslo", bad, "address"),
        ("filter=address.addressPlanet[eq]:Mars", bad, "addressPlanet"),
        ("filter=accountOwner[eq]:x", bad, "accountOwner"),
        ("filter=people.jobTitle[eq]:x", bad, "people"),
        ("filter=accountOwner.createdBy.x.y[eq]:z", bad, "createdBy"),
        ("filter=position[like]:1", bad, "position"),
        ("filter=position[eq]:many", bad, "position"),
        ("filter=position[eq]:Infinity", bad, "position"),
        ("filter=id[eq]:one", bad, "id"),
        ("filter=id[in]:[]", bad, "id"),
        ("filter=accountOwnerId[eq]:one", bad, "accountOwnerId"),
        ("filter=createdAt[gt]:2024-02-31", bad, "createdAt"),
        ("filter=createdBy.source[eq]:DREAM", bad, "DREAM"),
        ("order_by", bad, "order_by"),
        ("order_by=", bad, "order_by"),
        ("order_by=name,,id", bad, "order_by"),
        ("order_by=name[Down]", bad, "AscNullsFirst"),
        ("order_by=name[ascNullsFirst]", bad, "AscNullsFirst"),
        ("order_by=name[]", bad, "AscNullsFirst"),
        ("order_by=name[AscNullsFirst", bad, "AscNullsFirst"),
        ("order_by=name[AscNullsFirst]x", bad, "AscNullsFirst"),
        ("order_by=colour", "400 Error FIELD_NOT_FOUND", "colour"),
        ("order_by=accountOwner.colour", "400 Error FIELD_NOT_FOUND", "colour"),
        ("order_by=address.addressPlanet", "400 Error FIELD_NOT_FOUND", "addressPlanet"),
        ("order_by=address", "400 Error INVALID_QUERY_INPUT", "address"),
        ("order_by=accountOwner", "400 Error INVALID_QUERY_INPUT", "accountOwner"),
        ("order_by=people", "400 Error INVALID_QUERY_INPUT", "people"),
        ("order_by=people.jobTitle", "400 Error INVALID_QUERY_INPUT", "people"),
        ("order_by=name.x", "400 Error INVALID_QUERY_INPUT", "name"),
        ("limit=-1", bad, "limit"),
        ("limit=many", bad, "limit"),
        ("limit=1&limit=1", bad, "limit"),
        ("depth=2", bad, "depth"),
        ("depth=-1", bad, "depth"),
        ("depth=true", bad, "depth"),
        ("depth=0&depth=0", bad, "depth"),
        ("starting_after=!", bad, "cursor"),
        ("ending_before=e30x", bad, "cursor"),
        ("starting_after=W10=", bad, "cursor"),
        (&both, bad, "ending_before"),
        (&one, "400 Error INVALID_CURSOR", "position"),
    ] {
        let refused = client.get(&format!("/rest/companies?{query}")).await;
        assert_outcome(&refused, outcome, query);
        assert!(refused.message().contains(named), "{query}: {}", refused.message());
    }
}

#[tokio::test]
async fn every_operation_reads_its_depth() {
    let (_server, client) = server_with_companies().await;
    let company = client.post("/rest/companies?depth=1", json!({"name": "B"})).await;
    let one = format!("/rest/companies/{}", company.text("/data/createCompany/id"));
    for (method, path, body, answer) in [
        ("POST", "/rest/companies".to_owned(), json!({}), "/data/createCompany"),
        ("POST", "/rest/batch/companies".into(), json!([{}]), "/data/createCompanies/0"),
        ("GET", one.clone(), Json::Null, "/data/company"),
        ("GET", "/rest/companies".into(), Json::Null, "/data/companies/0"),
        ("PATCH", one.clone(), json!({}), "/data/updateCompany"),
        ("PATCH", "/rest/companies".into(), json!({}), "/data/updateCompanies/0"),
        ("PATCH", format!("{one}/restore"), Json::Null, "/data/restoreCompany"),
        ("PATCH", "/rest/companies/restore".into(), Json::Null, "/data/restoreCompanies/0"),
    ] {
        for (depth, shows) in [("", false), ("?depth=0", false), ("?depth=1", true)] {
            let answered = client.send_with(method, &format!("{path}{depth}"), &[], Some(body.clone())).await;
            assert!(answered.status < 300, "{method} {path}{depth}: {}", answered.body);
            let record = answered.part(answer);
            assert_eq!(record.get("people").is_some(), shows, "{method} {path}{depth}");
            assert_eq!(record.get("accountOwner").is_some(), shows, "{method} {path}{depth}");
        }
        let refused = client.send_with(method, &format!("{path}?depth=2"), &[], Some(body)).await;
        assert_outcome(&refused, "400 BadRequestException", &format!("{method} {path}"));
    }
    for query in ["depth=2", "soft_delete=true&depth=2"] {
        assert_outcome(&client.delete(&format!("{one}?{query}")).await, "400 BadRequestException", query);
    }
}

#[tokio::test]
async fn only_true_is_true() {
    let (_server, client) = server_with_companies().await;
    for (query, is_soft) in [
        ("soft_delete=true", true),
        ("soft_delete=True", false),
        ("soft_delete=1", false),
        ("soft_delete", false),
        ("soft_delete=true&soft_delete=true", false),
    ] {
        let made = client.post("/rest/companies", json!({})).await;
        let path = format!("/rest/companies/{}", made.text("/data/createCompany/id"));
        let deleted = client.delete(&format!("{path}?{query}")).await;
        let record = deleted.part("/data/deleteCompany");
        assert_eq!(record.get("deletedAt").is_some(), is_soft, "{query}: {record}");
        let restored = client.patch(&format!("{path}/restore"), json!({})).await;
        assert_eq!(restored.status == 200, is_soft, "{query}");
    }
}

#[tokio::test]
async fn removing_many_takes_a_filter_that_can_be_read() {
    let (_server, client) = server_with_companies().await;
    for (query, outcome, named) in [
        ("", "400 BadRequestException", "destroy"),
        ("soft_delete=true", "400 BadRequestException", "delete"),
        ("filter=name[eq]:a&filter=name[eq]:b", "400 BadRequestException", "destroy"),
        ("filter=", "400 BadRequestException", "filter"),
        ("filter=name[regex]:a", "400 BadRequestException", "regex"),
        ("filter=or(name[eq]:a", "400 Error INVALID_FILTER_QUERY_PARAM", "parentheses"),
        ("filter=or(name[eq]:a&soft_delete=true", "400 Error INVALID_FILTER_QUERY_PARAM", "parentheses"),
    ] {
        let refused = client.delete(&format!("/rest/companies?{query}")).await;
        assert_outcome(&refused, outcome, query);
        assert!(refused.message().contains(named), "{query}: {}", refused.message());
    }
    assert_eq!(found(&client, "order_by=position").await.len(), NAMES.len());
}
