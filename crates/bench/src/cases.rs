//! What is measured: the requests, and that both servers answer them alike.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use crate::dataset::{self, Dataset};
use crate::{Outcome, load};

/// Twenty companies with three fields, and the names of their people.
const NESTED: &str = "{ companies(first: 20) { edges { node { id name annualRevenue { amountMicros } \
     people { edges { node { id name { firstName lastName } } } } } } } }";

/// Companies by their city: `[{"address":{"addressCity":true}}]`, with number and sum, in order.
const GROUPS: &str = "/rest/companies/groupBy?group_by=%5B%7B%22address%22:%7B%22addressCity%22:true%7D%7D%5D\
     &aggregate=%5B%22totalCount%22,%22sumAnnualRevenueAmountMicros%22%5D\
     &order_by=%5B%7B%22address%22:%7B%22addressCity%22:%22AscNullsFirst%22%7D%7D%5D";

/// One kind of request.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) requests: load::Requests,
    /// Members that differ from answer to answer: what the server chooses by itself.
    differs: &'static [&'static str],
}

/// Records of a batch.
const BATCH: usize = 60;

/// All cases. Those that change the data come last, so that the others read what was filled in.
pub(crate) fn all(token: &str, dataset: &Dataset) -> Vec<Case> {
    let companies = &dataset.companies;
    let one = companies.iter().map(|id| load::get(&format!("/rest/companies/{id}"), token)).collect();
    let read = |name, path: &str| Case { name, requests: [load::get(path, token)].into(), differs: &[] };
    let of_company = format!("/rest/people?limit=60&filter=companyId%5Beq%5D:{}", dataset.large_company());
    let nested = load::post("/graphql", token, &json!({ "query": NESTED }));
    let create = load::post("/rest/companies", token, &dataset::new_company(7));
    let batch = (0..BATCH).map(dataset::new_company).collect();
    let batch = load::post("/rest/batch/companies", token, &batch);
    let upsert = (0..BATCH).map(dataset::upserted_company).collect();
    let upsert = load::post("/rest/batch/companies?upsert=true", token, &upsert);
    let change = json!({
        "name": format!("Changed {}", load::SERIAL),
        "annualRevenue": {"amountMicros": 5_000_000, "currencyCode": "EUR"},
    });
    let update = companies.iter().map(|id| load::patch(&format!("/rest/companies/{id}"), token, &change));
    vec![
        read("list 60", "/rest/companies?limit=60"),
        Case { name: "get one", requests: one, differs: &[] },
        read("list with relations", "/rest/companies?limit=60&depth=1"),
        Case { name: "nested GraphQL", requests: [nested].into(), differs: &[] },
        read("filter, indexed", &of_company),
        read("filter, text anywhere", "/rest/people?limit=60&filter=jobTitle%5Bilike%5D:%25curator%25"),
        read("group by", GROUPS),
        Case { name: "update", requests: update.collect(), differs: &["updatedAt"] },
        Case { name: "create", requests: [create].into(), differs: &["id", "createdAt", "updatedAt"] },
        Case { name: "batch 60", requests: [batch].into(), differs: &["id", "createdAt", "updatedAt"] },
        Case {
            name: "upsert 60",
            requests: [upsert].into(),
            // Places are counted over new records alone, or over all.
            differs: &["id", "createdAt", "updatedAt", "position"],
        },
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

/// Removes these members of the record, or the records, that stand under `data` and one more key.
fn remove(answer: &mut Json, members: &[&str]) {
    let answers =
        answer.get_mut("data").and_then(Json::as_object_mut).into_iter().flat_map(|data| data.values_mut());
    let records = answers.flat_map(|answer| match answer {
        Json::Array(records) => records.iter_mut().collect(),
        record => vec![record],
    });
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
        let mut answer = json!({"data": {"createCompanies": [{"id": 1}, {"id": 2, "name": "a"}]}});
        remove(&mut answer, &["id"]);
        assert_eq!(answer, json!({"data": {"createCompanies": [{}, {"name": "a"}]}}));
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
