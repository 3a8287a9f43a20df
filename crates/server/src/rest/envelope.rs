//! What stands around records in REST answers.

use fourfold_query::ReadOutput;

/// `{"data":{"people":[…]},"totalCount":…,"pageInfo":{…}}`
pub(crate) fn list(plural: &str, output: &ReadOutput) -> Vec<u8> {
    let page = &output.page;
    let cursor = |text: Option<&String>| text.map_or_else(|| "null".to_owned(), |text| format!("\"{text}\""));
    let tail = format!(
        "}},\"totalCount\":{},\"pageInfo\":{{\"startCursor\":{},\"endCursor\":{},\"hasNextPage\":{},\"hasPreviousPage\":{}}}}}",
        output.total.unwrap_or_default(),
        cursor(page.cursors.as_ref().map(|ends| &ends.0)),
        cursor(page.cursors.as_ref().map(|ends| &ends.1)),
        page.has_next_page,
        page.has_previous_page,
    );
    wrap(plural, &output.json, tail.as_bytes())
}

/// `{"data":{"createPerson":…}}`
pub(crate) fn data(key: &str, json: &[u8]) -> Vec<u8> {
    wrap(key, json, b"}}")
}

/// `{"data":[…]}`
pub(crate) fn items(json: &[u8]) -> Vec<u8> {
    [b"{\"data\":", json, b"}"].concat()
}

/// Object names are ASCII letters and digits, so the key needs no escaping.
fn wrap(key: &str, json: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(json.len() + key.len() + tail.len() + 16);
    body.extend_from_slice(b"{\"data\":{\"");
    body.extend_from_slice(key.as_bytes());
    body.extend_from_slice(b"\":");
    body.extend_from_slice(json);
    body.extend_from_slice(tail);
    body
}
