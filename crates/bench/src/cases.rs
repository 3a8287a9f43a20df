//! What is measured: the requests, and that both servers answer them alike.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use crate::{Outcome, dataset, load};

/// Twenty companies with three fields, and the names of their people.
const NESTED: &str = "{ companies(first: 20) { edges { node { id name annualRevenue { amountMicros } \
     people { edges { node { id name { firstName lastName } } } } } } } }";

/// One kind of request.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) requests: load::Requests,
    /// Members that differ from answer to answer: what the server chooses by itself.
    differs: &'static [&'static str],
}

/// All cases. The one that changes the data comes last, so that the others read what was filled in.
pub(crate) fn all(token: &str, companies: &[String]) -> Vec<Case> {
    let one = companies.iter().map(|id| load::get(&format!("/rest/companies/{id}"), token)).collect();
    let list = load::get("/rest/companies?limit=60", token);
    let nested = load::post("/graphql", token, &json!({ "query": NESTED }));
    let create = load::post("/rest/companies", token, &dataset::new_company(7));
    let read = |name, requests| Case { name, requests, differs: &[] };
    vec![
        read("list 60", [list].into()),
        read("get one", one),
        read("nested GraphQL", [nested].into()),
        Case { name: "create", requests: [create].into(), differs: &["id", "createdAt", "updatedAt"] },
    ]
}

impl Case {
    /// # Errors
    /// When the two servers do not answer the first request with the same JSON, in the same order.
    pub(crate) async fn compare(&self, servers: [SocketAddr; 2]) -> Outcome<()> {
        let mut answers = [Json::Null, Json::Null];
        for (answer, server) in answers.iter_mut().zip(servers) {
            *answer = load::fetch(server, &self.requests[0]).await?;
            remove(answer, self.differs);
        }
        let [fourfold, reference] = &answers;
        match difference("", fourfold, reference) {
            Some(difference) => Err(format!("{}: the answers differ at {difference}", self.name).into()),
            None => Ok(()),
        }
    }
}

/// The first place where two documents differ, and how.
fn difference(path: &str, left: &Json, right: &Json) -> Option<String> {
    let differs = || format!("{path}: {left} from fourfold, {right} from the reference");
    match (left, right) {
        (Json::Object(left), Json::Object(right)) if left.keys().eq(right.keys()) => {
            let mut members = left.iter().zip(right.values());
            members.find_map(|((name, left), right)| difference(&format!("{path}/{name}"), left, right))
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            let mut items = left.iter().zip(right).enumerate();
            items.find_map(|(place, (left, right))| difference(&format!("{path}/{place}"), left, right))
        }
        // Other members, or the same in another order.
        (Json::Object(_), Json::Object(_)) => Some(differs()),
        _ => (left != right).then(differs),
    }
}

/// Removes these members of a record that stands under `data` and one more key.
fn remove(answer: &mut Json, members: &[&str]) {
    let records = answer["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut());
    for record in records.filter_map(Json::as_object_mut) {
        record.retain(|name, _| !members.contains(&name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_left_out() {
        let mut answer = json!({"data": {"createCompany": {"id": 1, "name": "a"}}});
        remove(&mut answer, &["id"]);
        assert_eq!(answer, json!({"data": {"createCompany": {"name": "a"}}}));
    }

    #[test]
    fn differences_are_named_by_their_place() {
        let one = json!({"a": [{"b": 1, "c": null}]});
        for (other, place) in [
            (json!({"a": [{"b": 1, "c": null}]}), None),
            (json!({"a": [{"b": 2, "c": null}]}), Some("/a/0/b: 1 ")),
            (json!({"a": [{"c": null, "b": 1}]}), Some("/a/0: ")),
            (json!({"a": []}), Some("/a: ")),
        ] {
            let found = difference("", &one, &other);
            assert_eq!(found.is_some(), place.is_some(), "{other}");
            assert!(found.unwrap_or_default().starts_with(place.unwrap_or_default()), "{other}");
        }
    }
}
