use std::sync::Arc;

use apollo_compiler::ast::Document;
use serde_json::{Map, Value as Json, json};

use super::super::schema::sample;
use super::{CoreSchema, DocumentError};

/// The document that clients send to learn the whole schema, as the reference implementation of
/// GraphQL writes it.
const STANDARD: &str = include_str!("standard.graphql");

fn schema() -> CoreSchema {
    CoreSchema::new(Arc::new(sample::model()))
}

fn introspect(
    schema: &CoreSchema,
    text: &str,
    operation_name: Option<&str>,
    variables: Json,
) -> Result<Json, Vec<DocumentError>> {
    let document = Document::parse(text, "document.graphql").unwrap_or_else(|failed| failed.partial);
    let variables: Map<String, Json> = serde_json::from_value(variables).expect("an object");
    let answer = schema.introspect(text, &document, operation_name, &variables)?;
    Ok(serde_json::from_str(&format!("{{{}}}", answer.members())).expect("JSON"))
}

#[test]
fn the_standard_document_answers_the_whole_schema() {
    let answer = introspect(&schema(), STANDARD, Some("IntrospectionQuery"), json!({})).expect("an answer");
    let types = answer["__schema"]["types"].as_array().expect("types");
    let person = types.iter().find(|own| own["name"] == "Person").expect("a type of records");
    let name =
        person["fields"].as_array().and_then(|fields| fields.iter().find(|field| field["name"] == "name"));
    assert_eq!(name.map(|name| &name["type"]["name"]), Some(&json!("FullName")));
    assert_eq!(answer["__schema"]["mutationType"]["name"], "Mutation");
    assert_eq!(answer["__schema"]["subscriptionType"], Json::Null);
}

#[test]
fn introspection_is_cut_out_of_what_stands_around_it() {
    let own_name = json!({ "own": { "name": "Person" } });
    let cases: [(&str, &str, Option<&str>, Json, Json); 8] = [
        ("nowhere", "{ people { nope } }", None, json!({}), json!({})),
        ("alone", "{ own: __type(name: \"Person\") { name } }", None, json!({}), own_name.clone()),
        (
            "beside records that would not validate",
            "query ($f: Whatever) { people(filter: $f, nope: 1) { nope } own: __type(name: \"Person\") { name } }",
            None,
            json!({}),
            own_name.clone(),
        ),
        (
            "in a fragment that has records too",
            "{ ...root } fragment root on Query { nope own: __type(name: \"Person\") { ...type } } \
             fragment type on __Type { name } fragment unused on Person { nope }",
            None,
            json!({}),
            own_name.clone(),
        ),
        (
            "by variable",
            "query ($n: String!, $f: Whatever) { own: __type(name: $n) { name } people(filter: $f) { x } }",
            None,
            json!({ "n": "Person" }),
            own_name.clone(),
        ),
        (
            "by the default of a variable",
            "query ($n: String = \"Person\") { own: __type(name: $n) { name } }",
            None,
            json!({}),
            own_name.clone(),
        ),
        (
            "in one of several operations",
            "query A { people { x } } query B { own: __type(name: \"Person\") { name } }",
            Some("B"),
            json!({}),
            own_name,
        ),
        (
            "left out by a directive",
            "query ($no: Boolean!) { __schema @include(if: $no) { queryType { name } } }",
            None,
            json!({ "no": false }),
            json!({}),
        ),
    ];
    let schema = schema();
    for (case, text, operation_name, variables, expected) in cases {
        assert_eq!(introspect(&schema, text, operation_name, variables), Ok(expected), "{case}");
    }
}

#[test]
fn a_variable_is_never_answered_from_the_cache() {
    let schema = schema();
    let text = "query ($n: String!) { __type(name: $n) { name } }";
    for name in ["Person", "Company", "Person"] {
        let answer = introspect(&schema, text, None, json!({ "n": name }));
        assert_eq!(answer, Ok(json!({ "__type": { "name": name } })));
    }
}

#[test]
fn answers_are_kept_and_the_oldest_goes() {
    let schema = schema();
    let texts: Vec<String> =
        (0..6).map(|place| format!("{{ a{place}: __schema {{ queryType {{ name }} }} }}")).collect();
    for text in texts.iter().chain(&texts) {
        introspect(&schema, text, None, json!({})).expect("an answer");
    }
    let kept: Vec<String> =
        schema.answers.lock().expect("no panic").iter().map(|(key, _)| key.text.clone()).collect();
    assert_eq!(kept, texts[2..]);
}

#[test]
fn members_stand_among_others() {
    let document = "{ __schema { queryType { name } } }";
    let parsed = Document::parse(document, "").unwrap_or_else(|failed| failed.partial);
    let answer = schema().introspect(document, &parsed, None, &Map::new()).expect("an answer");
    assert_eq!(answer.members(), r#""__schema":{"queryType":{"name":"Query"}}"#);
}

#[test]
fn what_cannot_be_answered_is_told() {
    let deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let lists: String = (0..40).map(|place| format!("t{place}: types {{ name }} ")).collect();
    let broad = format!("{{ __schema {{ {lists} }} }}");
    let bomb = fragment_bomb(30);
    let cases: [(&str, &str, Option<&str>, &str); 9] = [
        ("no such operation", "query A { __typename }", Some("B"), "no operation `B`"),
        ("two operations", "query A { a } query B { b }", None, "several operations"),
        ("no operation", "fragment a on Query { b }", None, "has no operation"),
        ("unknown member", "{ __schema { nope } }", None, "nope"),
        ("no argument", "{ __type { name } }", None, "name"),
        ("a missing variable", "query ($n: String!) { __type(name: $n) { name } }", None, "n"),
        ("in a mutation", "mutation { __schema { types { name } } }", None, "__schema"),
        ("too deep", deep, None, "depth"),
        ("too broad", &broad, None, "at most"),
    ];
    let schema = schema();
    for (case, text, operation_name, message) in cases {
        let errors = introspect(&schema, text, operation_name, json!({})).expect_err(case);
        assert!(errors[0].message.contains(message), "{case}: {errors:?}");
    }
    assert!(introspect(&schema, &bomb, None, json!({})).is_err(), "fragments that double");
    let cycle = "{ ...a } fragment a on Query { __schema { queryType { name } } ...a }";
    assert!(introspect(&schema, cycle, None, json!({})).is_ok(), "unrolled a bounded number of times");
    let inner_cycle = "{ __schema { ...a } } fragment a on __Schema { ...a }";
    assert!(introspect(&schema, inner_cycle, None, json!({})).is_err(), "refused by validation");
}

/// Fragments that each spread the next one twice.
fn fragment_bomb(depth: usize) -> String {
    let mut text = "{ __schema { queryType { ...f0 } } }".to_owned();
    for place in 0..depth {
        let next = place + 1;
        text += &format!(
            " fragment f{place} on __Type {{ a: ofType {{ ...f{next} }} b: ofType {{ ...f{next} }} }}"
        );
    }
    text + &format!(" fragment f{depth} on __Type {{ name }}")
}

#[test]
fn strict_validation_names_what_is_wrong_and_where() {
    let cases: [(&str, Option<(usize, usize)>); 7] = [
        (
            "query ($f: PersonFilterInput) { people(filter: $f, first: 3) { edges { node { name { firstName } } } } }",
            None,
        ),
        ("mutation { createOpportunity(data: { stage: NEW, amount: { amountMicros: 5 } }) { id } }", None),
        ("{ people { totalCount } __schema { queryType { name } } }", None),
        ("{\n  people { nope }\n}", Some((2, 12))),
        ("{ people(first: \"3\") { totalCount } }", Some((1, 17))),
        ("query ($f: Whatever) { people(filter: $f) { totalCount } }", Some((1, 8))),
        ("{ people { totalCount ", Some((1, 23))),
    ];
    let schema = schema();
    for (text, place) in cases {
        let errors = schema.validate(text).err().unwrap_or_default();
        let first = errors.first().and_then(|error| Some((error.line?, error.column?)));
        assert_eq!(first, place, "{text}: {errors:?}");
    }
    let deep = format!("{}{}", "{ a ".repeat(5_000), "}".repeat(5_000));
    assert!(schema.validate(&deep).is_err());
}
