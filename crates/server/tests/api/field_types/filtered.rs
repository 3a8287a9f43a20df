//! Filters on each type: which records they find, and what they refuse.

use serde_json::{Value as Json, json};

use super::sample::{Door, Samples, refusal};
use crate::outcome::assert_outcome;

/// Records with values of every type (`one`), with other values (`two`, `three`), and with none.
async fn samples() -> Samples {
    let samples = Samples::start().await;
    let company = json!({"name": "Acme", "address": {"addressCity": "Oslo"}});
    let company = samples.client.post("/rest/companies", company).await.text("/data/createCompany/id");
    let records = json!([
        {
            "name": "one", "uuid": ID, "text": "acme", "number": 1, "flag": true, "day": "2026-03-01",
            "moment": "2026-03-01T09:30:00.123Z", "stage": "NEW", "rating": "RATING_1", "tags": ["COLD"],
            "words": ["Alpha", "Beta"], "extra": {"a": "xYz"},
            "fullName": {"firstName": "Ana", "lastName": "Sol"},
            "mails": {"primaryEmail": "ana@mail.example", "additionalEmails": ["second@mail.example"]},
            "tels": {"primaryPhoneNumber": "+33612345678", "additionalPhones": [{"number": "+14155552671"}]},
            "site": {"primaryLinkUrl": "https://acme.example", "secondaryLinks": [{"url": "two.example"}]},
            "place": {"addressCity": "Oslo", "addressLat": 1.5},
            "price": {"amountMicros": 1_500_000, "currencyCode": "EUR"},
            "actor": {"source": "IMPORT", "name": "Sync", "context": {"provider": "google"}},
            "story": {"markdown": "Hello"}, "ownerId": company,
        },
        {
            "name": "two", "text": "ACME", "number": 2, "flag": false, "day": "2026-03-02",
            "moment": "2026-03-02", "stage": "WON", "rating": "RATING_5", "tags": ["BULKY", "COLD"],
            "words": ["gamma"], "extra": [1, 2], "price": {"amountMicros": 5},
        },
        {"name": "three", "text": "Zebra", "number": -1.5, "stage": "LOST", "rating": "RATING_2", "tags": ["BULKY"]},
        {"name": "none"},
    ]);
    let created = samples.client.post("/rest/batch/samples", records).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    samples
}

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

const DOCUMENT: &str = "query Q($filter: SampleFilterInput) {
    samples(filter: $filter, orderBy: {id: AscNullsFirst}) { edges { node { name } } } }";

/// `{"price": {"amountMicros": {"gt": 5}}}` for `price.amountMicros`, `gt` and 5.
fn as_json(path: &str, operator: &str, value: &Json) -> Json {
    path.split('.').rev().fold(json!({operator: value}), |below, name| json!({name: below}))
}

/// The same as REST has it: `price.amountMicros[gt]:5`.
fn as_text(path: &str, operator: &str, value: &Json) -> String {
    let quoted = |value: &Json| match value {
        Json::String(text) if operator == "is" => text.clone(),
        value => value.to_string(),
    };
    let value = match value {
        Json::Array(items) => format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(",")),
        value => quoted(value),
    };
    format!("{path}[{operator}]:{value}")
}

async fn assert_finds(samples: &Samples, path: &str, operator: &str, value: Json, expected: &str) {
    let filter = as_json(path, operator, &value);
    let found = samples.client.graphql(DOCUMENT, json!({"filter": filter})).await;
    assert_eq!(found.outcome(), "200", "{filter}: {}", found.body);
    let names = found.list("/data/samples/edges").iter().map(|edge| edge["node"]["name"].as_str());
    assert_eq!(names.flatten().collect::<Vec<_>>().join(" "), expected, "{filter}");
    // REST has no null, and two operators fewer.
    if value.is_null() || matches!(operator, "isEmptyArray" | "containsIlike") {
        return;
    }
    let filter = as_text(path, operator, &value);
    let found = samples.client.get_with("/rest/samples", &[("filter", &filter), ("order_by", "id")]).await;
    assert_eq!(found.outcome(), "200", "{filter}: {}", found.body);
    let names = found.list("/data/samples").iter().map(|record| record["name"].as_str());
    assert_eq!(names.flatten().collect::<Vec<_>>().join(" "), expected, "{filter}");
}

#[tokio::test]
async fn text() {
    let samples = samples().await;
    for (path, operator, value, expected) in [
        ("text", "eq", json!("acme"), "one"),
        ("text", "neq", json!("acme"), "two three"),
        ("text", "eq", json!(null), "none"),
        ("text", "neq", json!(null), "one two three"),
        ("text", "gt", json!("b"), "three"),
        ("text", "gte", json!("zebra"), "three"),
        ("text", "lt", json!("B"), "one two"),
        ("text", "in", json!(["acme", "Zebra"]), "one three"),
        ("text", "is", json!("NULL"), "none"),
        ("text", "is", json!("NOT_NULL"), "one two three"),
        ("text", "like", json!("%c%"), "one"),
        ("text", "like", json!("ACM_"), "two"),
        ("text", "ilike", json!("acm_"), "one two"),
        ("text", "startsWith", json!("ac"), "one"),
        ("text", "startsWith", json!("a%"), ""),
        ("text", "endsWith", json!("ME"), "two"),
        ("fullName.firstName", "eq", json!("Ana"), "one"),
        ("fullName.lastName", "is", json!("NULL"), "two three none"),
        ("mails.primaryEmail", "ilike", json!("ANA@%"), "one"),
        ("tels.primaryPhoneNumber", "eq", json!("612345678"), "one"),
        ("tels.primaryPhoneCountryCode", "in", json!(["FR"]), "one"),
        ("site.primaryLinkUrl", "endsWith", json!("acme.example"), "one"),
        ("place.addressCity", "neq", json!("Bergen"), "one"),
        ("price.currencyCode", "is", json!("NOT_NULL"), "one"),
        ("actor.name", "like", json!("Syn%"), "one"),
        ("story.markdown", "ilike", json!("%hello%"), "one"),
        ("story.blocknote", "is", json!("NULL"), "two three none"),
        ("owner.name", "eq", json!("Acme"), "one"),
        ("owner.address.addressCity", "startsWith", json!("Os"), "one"),
    ] {
        assert_finds(&samples, path, operator, value, expected).await;
    }
    // Over REST an empty value is no value.
    for (operator, expected) in
        [("eq", "none"), ("like", "none"), ("ilike", "none"), ("neq", "one two three")]
    {
        let filter = json!({"text": {operator: ""}});
        let found = samples.client.graphql(DOCUMENT, json!({"filter": filter})).await;
        let names = found.list("/data/samples/edges").iter().map(|edge| edge["node"]["name"].as_str());
        assert_eq!(names.flatten().collect::<Vec<_>>().join(" "), expected, "{filter}");
    }
}

#[tokio::test]
async fn numbers_booleans_and_ids() {
    let samples = samples().await;
    for (path, operator, value, expected) in [
        ("number", "eq", json!(1), "one"),
        ("number", "eq", json!("1"), "one"),
        ("number", "neq", json!(1), "two three"),
        ("number", "gt", json!(-1.5), "one two"),
        ("number", "gte", json!(-1.5), "one two three"),
        ("number", "lt", json!(2), "one three"),
        ("number", "lte", json!("2"), "one two three"),
        ("number", "in", json!([1, "2"]), "one two"),
        ("number", "is", json!("NULL"), "none"),
        ("number", "eq", json!(null), ""),
        ("number", "neq", json!(null), ""),
        ("place.addressLat", "gte", json!("1.5"), "one"),
        ("price.amountMicros", "lt", json!(5.5), "two"),
        ("price.amountMicros", "eq", json!("1500000"), "one"),
        ("price.amountMicros", "is", json!("NULL"), "three none"),
        ("flag", "eq", json!(true), "one"),
        ("flag", "eq", json!("false"), "two"),
        ("flag", "is", json!("NULL"), "three none"),
        ("uuid", "eq", json!(ID), "one"),
        ("uuid", "eq", json!(ID.to_uppercase()), "one"),
        ("uuid", "in", json!([ID]), "one"),
        ("uuid", "gt", json!("0d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"), "one"),
        ("uuid", "lt", json!("0d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"), ""),
        ("uuid", "is", json!("NULL"), "two three none"),
        ("ownerId", "is", json!("NOT_NULL"), "one"),
        ("ownerId", "neq", json!(ID), "one"),
        ("actor.workspaceMemberId", "is", json!("NULL"), "one two three none"),
    ] {
        assert_finds(&samples, path, operator, value, expected).await;
    }
}

#[tokio::test]
async fn dates_and_instants() {
    let samples = samples().await;
    let moment = json!("2026-03-01T09:30:00.123Z");
    for (path, operator, value, expected) in [
        ("day", "eq", json!("2026-03-01"), "one"),
        ("day", "eq", json!("03/01/2026"), "one"),
        ("day", "eq", json!("March 1, 2026"), "one"),
        ("day", "neq", json!("2026-03-01"), "two"),
        ("day", "gt", json!("2026-03-01"), "two"),
        ("day", "gte", json!("2026-03-01"), "one two"),
        ("day", "lt", json!("2026-03-02"), "one"),
        ("day", "lte", json!("2026-03-02"), "one two"),
        ("day", "in", json!(["2026-03-01", "2026.03.02"]), "one two"),
        ("day", "is", json!("NULL"), "three none"),
        ("moment", "eq", moment.clone(), "one"),
        ("moment", "eq", json!("2026-03-01T11:30:00.123+02:00"), "one"),
        ("moment", "eq", json!("2026-03-01T09:30:00.123999Z"), "one"),
        ("moment", "neq", moment.clone(), "two"),
        ("moment", "gt", moment.clone(), "two"),
        ("moment", "gte", moment.clone(), "one two"),
        ("moment", "lt", moment.clone(), ""),
        ("moment", "lte", moment.clone(), "one"),
        ("moment", "in", json!([moment]), "one"),
        ("moment", "eq", json!("2026-03-02"), "two"),
        ("moment", "gte", json!("2026-03-01 09:31"), "two"),
        ("moment", "is", json!("NOT_NULL"), "one two"),
        ("createdAt", "gt", json!("2020-01-01"), "one two three none"),
    ] {
        assert_finds(&samples, path, operator, value, expected).await;
    }
}

#[tokio::test]
async fn options_lists_and_json() {
    let samples = samples().await;
    for (path, operator, value, expected) in [
        ("stage", "eq", json!("NEW"), "one"),
        ("stage", "neq", json!("NEW"), "two three"),
        ("stage", "gt", json!("NEW"), "two three"),
        ("stage", "gte", json!("LOST"), "three"),
        ("stage", "lt", json!("LOST"), "one two"),
        ("stage", "lte", json!("WON"), "one two"),
        ("stage", "in", json!(["NEW", "LOST"]), "one three"),
        ("stage", "containsAny", json!(["NEW", "LOST"]), "one three"),
        ("stage", "is", json!("NULL"), "none"),
        ("stage", "isEmptyArray", json!(true), "none"),
        ("stage", "isEmptyArray", json!(false), "one two three"),
        ("stage", "eq", json!(null), ""),
        ("rating", "gt", json!("RATING_1"), "two three"),
        ("rating", "lte", json!("RATING_2"), "one three"),
        ("actor.source", "eq", json!("IMPORT"), "one"),
        ("actor.source", "lt", json!("MANUAL"), "one"),
        ("tags", "containsAny", json!(["COLD"]), "one two"),
        ("tags", "containsAny", json!(["COLD", "BULKY"]), "one two three"),
        ("tags", "is", json!("NULL"), "none"),
        ("tags", "is", json!("NOT_NULL"), "one two three"),
        ("tags", "isEmptyArray", json!(true), "none"),
        ("tags", "isEmptyArray", json!(false), "one two three"),
        ("words", "containsIlike", json!("ALPHA"), "one"),
        ("words", "containsIlike", json!("%a"), "one two"),
        ("words", "containsIlike", json!("lph"), ""),
        ("words", "is", json!("NULL"), "three none"),
        ("words", "isEmptyArray", json!(false), "one two"),
        ("extra", "like", json!("%xYz%"), "one"),
        ("extra", "like", json!("%xyz%"), ""),
        ("extra", "is", json!("NOT_NULL"), "one two"),
        ("docs", "is", json!("NULL"), "one two three none"),
        ("mails.additionalEmails", "like", json!("%second@%"), "one"),
        ("mails.additionalEmails", "is", json!("NULL"), "two three none"),
        ("tels.additionalPhones", "like", json!("%4155552671%"), "one"),
        ("site.secondaryLinks", "like", json!("%two.example%"), "one"),
        ("actor.context", "like", json!("%google%"), "one"),
    ] {
        assert_finds(&samples, path, operator, value, expected).await;
    }
    let none = samples.client.graphql(DOCUMENT, json!({"filter": {"tags": {"containsAny": []}}})).await;
    assert_eq!(none.list("/data/samples/edges"), [] as [Json; 0], "{}", none.body);
}

#[tokio::test]
async fn conditions_are_joined_and_follow_one_relation() {
    let samples = samples().await;
    for (filter, expected) in [
        (json!({}), "one two three none"),
        (json!({"text": {"eq": "acme"}, "number": {"eq": 1}}), "one"),
        (json!({"and": [{"number": {"gte": 1}}, {"number": {"lt": 2}}]}), "one"),
        (json!({"or": [{"number": {"eq": 1}}, {"text": {"eq": "Zebra"}}]}), "one three"),
        (json!({"not": {"number": {"eq": 1}}}), "two three"),
        (json!({"not": {"or": [{"number": {"eq": 1}}, {"number": {"eq": 2}}]}}), "three"),
        (json!({"and": []}), "one two three none"),
        (json!({"fullName": {"firstName": {"eq": "Ana"}, "lastName": {"eq": "Luz"}}}), ""),
        (json!({"owner": {"or": [{"name": {"eq": "x"}}, {"not": {"name": {"eq": "y"}}}]}}), "one"),
        (json!({"owner": {"deletedAt": {"is": "NULL"}}}), "one"),
    ] {
        let found = samples.client.graphql(DOCUMENT, json!({"filter": filter})).await;
        assert_eq!(found.outcome(), "200", "{filter}: {}", found.body);
        let names = found.list("/data/samples/edges").iter().map(|edge| edge["node"]["name"].as_str());
        assert_eq!(names.flatten().collect::<Vec<_>>().join(" "), expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_that_are_refused() {
    let samples = samples().await;
    for (filter, code) in [
        (json!({"nowhere": {"eq": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {}}), "INVALID_ARGS_FILTER"),
        (json!({"text": "acme"}), "INVALID_ARGS_FILTER"),
        (json!({"text": null}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"eq": "a", "neq": "b"}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"regex": "a"}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"iregex": "a"}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"eq": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"like": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"ilike": null}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"startsWith": ["a"]}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"is": "EMPTY"}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"is": null}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"in": "acme"}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"in": null}}), "INVALID_ARGS_FILTER"),
        (json!({"text": {"in": []}}), "INVALID_QUERY_INPUT"),
        (json!({"number": {"eq": "many"}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"eq": true}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"eq": [1]}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"eq": {}}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"like": "1"}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"in": ["many"]}}), "INVALID_ARGS_FILTER"),
        (json!({"number": {"in": []}}), "INVALID_QUERY_INPUT"),
        (json!({"flag": {"eq": "yes"}}), "INVALID_ARGS_FILTER"),
        (json!({"flag": {"eq": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"flag": {"neq": true}}), "INVALID_ARGS_FILTER"),
        (json!({"day": {"eq": "2024"}}), "INVALID_ARGS_FILTER"),
        (json!({"day": {"eq": 20_250_113}}), "INVALID_ARGS_FILTER"),
        (json!({"moment": {"gt": "yesterday"}}), "INVALID_ARGS_FILTER"),
        (json!({"moment": {"gt": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"uuid": {"eq": "one"}}), "INVALID_ARGS_FILTER"),
        (json!({"ownerId": {"eq": "one"}}), "INVALID_ARGS_FILTER"),
        (json!({"stage": {"eq": 1}}), "INVALID_ARGS_FILTER"),
        (json!({"stage": {"like": "N%"}}), "INVALID_ARGS_FILTER"),
        (json!({"stage": {"containsAny": "NEW"}}), "INVALID_ARGS_FILTER"),
        (json!({"stage": {"isEmptyArray": "yes"}}), "INVALID_ARGS_FILTER"),
        (json!({"tags": {"eq": ["COLD"]}}), "INVALID_ARGS_FILTER"),
        (json!({"tags": {"neq": ["COLD"]}}), "INVALID_ARGS_FILTER"),
        (json!({"tags": {"in": ["COLD"]}}), "INVALID_ARGS_FILTER"),
        (json!({"tags": {"containsAny": null}}), "INVALID_ARGS_FILTER"),
        (json!({"words": {"containsIlike": 5}}), "INVALID_ARGS_FILTER"),
        (json!({"words": {"containsIlike": null}}), "INVALID_ARGS_FILTER"),
        (json!({"words": {"eq": ["a"]}}), "INVALID_ARGS_FILTER"),
        (json!({"extra": {"like": 5}}), "INVALID_ARGS_FILTER"),
        (json!({"extra": {"like": null}}), "INVALID_ARGS_FILTER"),
        (json!({"extra": {"eq": {"a": 1}}}), "INVALID_ARGS_FILTER"),
        (json!({"docs": {"containsIlike": "a"}}), "INVALID_ARGS_FILTER"),
        (json!({"fullName": {"eq": "Ana"}}), "INVALID_ARGS_FILTER"),
        (json!({"fullName": {"middleName": {"eq": "X"}}}), "INVALID_ARGS_FILTER"),
        (json!({"mails": {"additionalEmails": {"eq": "a"}}}), "INVALID_ARGS_FILTER"),
        (json!({"owner": {"eq": ID}}), "INVALID_ARGS_FILTER"),
        (json!({"owner": {"accountOwner": {"name": {"firstName": {"eq": "x"}}}}}), "INVALID_ARGS_FILTER"),
        (json!({"owner": {"people": {"id": {"is": "NULL"}}}}), "INVALID_ARGS_FILTER"),
        (json!({"noteTargets": {"id": {"is": "NULL"}}}), "INVALID_ARGS_FILTER"),
        (json!({"or": "text"}), "INVALID_ARGS_FILTER"),
        (json!({"not": [{"text": {"eq": "a"}}]}), "INVALID_ARGS_FILTER"),
        (json!([{}]), "INVALID_ARGS_FILTER"),
        (json!("text"), "INVALID_ARGS_FILTER"),
    ] {
        let refused = samples.client.graphql(DOCUMENT, json!({"filter": filter})).await;
        assert_outcome(&refused, &refusal(Door::Graphql, code), &filter.to_string());
    }
    // Upstream it is the database that finds these.
    for filter in [
        json!({"stage": {"eq": "DREAM"}}),
        json!({"stage": {"in": ["NEW", "DREAM"]}}),
        json!({"stage": {"gt": "DREAM"}}),
        json!({"rating": {"eq": "RATING_6"}}),
        json!({"tags": {"containsAny": ["DREAM"]}}),
        json!({"actor": {"source": {"eq": "DREAM"}}}),
    ] {
        let refused = samples.client.graphql(DOCUMENT, json!({"filter": filter})).await;
        assert_outcome(&refused, "200 BAD_USER_INPUT", &filter.to_string());
    }
    for filter in
        ["stage[eq]:DREAM", "tags[containsAny]:[DREAM]", "number[eq]:many", "flag[eq]:yes", "owner[eq]:x"]
    {
        let refused = samples.client.get_with("/rest/samples", &[("filter", filter)]).await;
        assert_outcome(&refused, "400 BadRequestException", filter);
    }
}
