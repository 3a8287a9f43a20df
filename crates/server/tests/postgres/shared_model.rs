//! Several servers, one data model: what one server changes, the other knows when it is next asked.

use serde_json::{Value as Json, json};

use crate::pair::Pair;
use crate::support::model::{create_field, create_object, object_id};
use crate::support::pgbouncer::PgBouncer;
use crate::support::{Client, Response};

/// A request whose answer depends on whether an object, or a field of it, exists.
#[derive(Clone, Copy, Debug)]
enum Question {
    RestRead,
    RestFilter,
    RestWrite,
    GraphqlRead,
    GraphqlFilter,
    GraphqlWrite,
    GraphqlStrict,
    Introspection,
    RestMetadata,
    GraphqlMetadata,
}

const QUESTIONS: [Question; 10] = [
    Question::RestRead,
    Question::RestFilter,
    Question::RestWrite,
    Question::GraphqlRead,
    Question::GraphqlFilter,
    Question::GraphqlWrite,
    Question::GraphqlStrict,
    Question::Introspection,
    Question::RestMetadata,
    Question::GraphqlMetadata,
];

impl Question {
    /// Asks about a text field of an object.
    async fn ask(self, client: &Client, object: &str, field: &str) -> Response {
        let many = format!("{object}s");
        let type_name = capitalized(object);
        match self {
            Self::RestRead => client.get(&format!("/rest/{many}")).await,
            Self::RestFilter => {
                client.get_with(&format!("/rest/{many}"), &[("filter", &format!("{field}[eq]:x"))]).await
            }
            Self::RestWrite => client.post(&format!("/rest/{many}"), json!({(field): "x"})).await,
            Self::GraphqlRead => {
                client.graphql(&format!("{{ {many} {{ edges {{ node {{ {field} }} }} }} }}"), json!({})).await
            }
            Self::GraphqlFilter => {
                let document = format!(
                    "{{ {many}(filter: {{{field}: {{eq: \"x\"}}}}, orderBy: [{{{field}: AscNullsFirst}}]) \
                     {{ totalCount }} }}"
                );
                client.graphql(&document, json!({})).await
            }
            Self::GraphqlWrite => {
                let document =
                    format!("mutation {{ create{type_name}(data: {{{field}: \"x\"}}) {{ {field} }} }}");
                client.graphql(&document, json!({})).await
            }
            Self::GraphqlStrict => {
                client.graphql_strictly(&format!("{{ {many} {{ edges {{ node {{ {field} }} }} }} }}")).await
            }
            Self::Introspection => {
                let document = format!("{{ __type(name: \"{type_name}\") {{ fields {{ name }} }} }}");
                client.graphql(&document, json!({})).await
            }
            Self::RestMetadata => client.get("/rest/metadata/objects?limit=200").await,
            Self::GraphqlMetadata => {
                let document = "{ objects(paging: {first: 200}) { edges { node { nameSingular \
                                fields(paging: {first: 200}) { edges { node { name } } } } } } }";
                client.metadata(document, json!({})).await
            }
        }
    }
}

#[tokio::test]
async fn what_one_server_changes_the_other_knows() {
    know_each_other(&Pair::start()).await;
}

#[tokio::test]
async fn no_notification_is_needed_for_that() {
    let bouncer = PgBouncer::start(8);
    let pair = Pair::start_behind(&bouncer);
    know_each_other(&pair).await;
}

/// A round for each question: one server makes or deletes, and that question is the first that the other
/// one hears afterwards. The servers take turns.
async fn know_each_other(pair: &Pair) {
    let mut clients = pair.clients();
    create_object(&clients[0], "vessel").await;
    // Its members show which fields there are.
    let created = clients[0].post("/rest/vessels", json!({"name": "Ida"})).await;
    assert_eq!(created.outcome(), "201", "{}", created.body);
    // Letters, since digits divide the words of generated names.
    for (round, question) in ('a'..).zip(QUESTIONS) {
        clients.swap(0, 1);
        let both = clients.each_ref();
        let changing = both[0];
        let object = object_id(changing, "vessel").await;
        let name = format!("field{round}");
        let case = format!("a new field, {question:?}");
        let field = changes(question, both, ("vessel", &name), &case, async || {
            create_field(changing, &object, "TEXT", &name).await
        })
        .await;
        let case = format!("a field that goes, {question:?}");
        changes(question, both, ("vessel", &name), &case, async || {
            let deleted = changing.delete(&format!("/rest/metadata/fields/{field}")).await;
            assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
        })
        .await;
        let object = format!("boat{round}");
        let case = format!("a new object, {question:?}");
        let id = changes(question, both, (&object, "name"), &case, async || {
            create_object(changing, &object).await
        })
        .await;
        let case = format!("an object that goes, {question:?}");
        changes(question, both, (&object, "name"), &case, async || {
            let deleted = changing.delete(&format!("/rest/metadata/objects/{id}")).await;
            assert_eq!(deleted.outcome(), "200", "{}", deleted.body);
        })
        .await;
    }
    assert!(!pair.output().contains("a request failed"), "{}", pair.output());
}

/// Asks the second server, lets the first one change the model, and asks again: the answer must be another
/// one, and the same that the first server gives.
async fn changes<T>(
    question: Question,
    [changing, asked]: [&Client; 2],
    (object, field): (&str, &str),
    case: &str,
    change: impl AsyncFnOnce() -> T,
) -> T {
    let before = told(&question.ask(asked, object, field).await);
    let changed = change().await;
    let after = question.ask(asked, object, field).await;
    assert!(after.status < 500, "{case}: {} {}", after.status, after.body);
    assert_ne!(told(&after), before, "{case}: the other server answers as before");
    assert_eq!(told(&after), told(&question.ask(changing, object, field).await), "{case}");
    changed
}

/// What an answer tells, without what differs between two records that are alike.
fn told(response: &Response) -> (u16, Json) {
    fn strip(value: &mut Json) {
        match value {
            Json::Object(members) => {
                for (name, member) in members.iter_mut() {
                    let is_own = matches!(name.as_str(), "id" | "createdAt" | "updatedAt" | "position")
                        && member.as_str().is_none_or(|text| !text.is_empty());
                    if is_own { *member = Json::Null } else { strip(member) }
                }
            }
            Json::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut body = response.body.clone();
    strip(&mut body);
    (response.status, body)
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
