//! What tables of bad input have in common: the outcome they expect, and that nothing changed.

use serde_json::Value as Json;

use crate::support::{Client, Response};

/// Compares an outcome with the one that a table names.
///
/// A status alone stands for itself with any codes or none. `200 *` stands for a 200 with some code
/// of failure, `200 FORBIDDEN *` for that code with or without a further one, anything else for
/// exactly itself. A refusal must also say why.
///
/// # Panics
/// When they differ, or a refusal has no message.
pub(crate) fn assert_outcome(response: &Response, expected: &str, case: &str) {
    let outcome = response.outcome();
    let fits = match expected.split_once(' ') {
        None => outcome.split(' ').next() == Some(expected),
        Some((status, "*")) => outcome.strip_prefix(status).is_some_and(|codes| !codes.is_empty()),
        Some(_) => match expected.strip_suffix(" *") {
            Some(start) => {
                outcome.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            }
            None => outcome == expected,
        },
    };
    assert!(fits, "{case}: {outcome}, not {expected}: {}", response.body);
    if expected.starts_with('4') || expected.contains(' ') {
        assert!(!response.message().trim().is_empty(), "{case}: no message: {}", response.body);
    }
}

/// The data model and the records that bad input could have touched.
#[derive(Debug, PartialEq)]
pub(crate) struct Everything(Vec<Json>);

impl Everything {
    pub(crate) async fn read(client: &Client) -> Self {
        let mut answers = Vec::new();
        for path in ["/rest/companies", "/rest/people", "/rest/metadata/objects", "/rest/metadata/fields"] {
            let response = client.get_with(path, &[("limit", "200")]).await;
            assert_eq!(response.status, 200, "{path}: {}", response.body);
            answers.push(response.body);
        }
        Self(answers)
    }
}
