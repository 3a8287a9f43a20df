//! Tags of records in headers: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, 8.8.3 and 13.1).

use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fourfold_query::RecordTag;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// What a condition compares with.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// `*`: any record that exists.
    Any,
    Tags(Vec<Tag>),
}

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    is_weak: bool,
    /// None when no record of ours has such a tag.
    value: Option<RecordTag>,
}

/// The tags of which a record must have one for a change to happen; none where any will do. Weak tags
/// promise too little to change a record by, so they are no tag of it.
///
/// # Errors
/// `InvalidHeader`.
pub(super) fn expected(headers: &HeaderMap) -> ApiResult<Option<Vec<RecordTag>>> {
    match read(headers, &IF_MATCH)? {
        None | Some(Condition::Any) => Ok(None),
        Some(Condition::Tags(tags)) => {
            Ok(Some(tags.into_iter().filter(|tag| !tag.is_weak).filter_map(|tag| tag.value).collect()))
        }
    }
}

/// # Errors
/// `InvalidHeader` where a request about anything but one record expects a tag: ignoring that would make
/// a change that was meant to be refused.
pub(super) fn refuse_expected(headers: &HeaderMap) -> ApiResult<()> {
    if headers.contains_key(IF_MATCH) {
        return Err(invalid(&IF_MATCH, "goes with the change of one record that exists"));
    }
    Ok(())
}

/// Whether the client has the record with this tag already.
///
/// # Errors
/// `InvalidHeader`.
pub(super) fn is_known(headers: &HeaderMap, own: RecordTag) -> ApiResult<bool> {
    Ok(match read(headers, &IF_NONE_MATCH)? {
        None => false,
        Some(Condition::Any) => true,
        Some(Condition::Tags(tags)) => tags.iter().any(|tag| tag.value == Some(own)),
    })
}

/// Tells the tag of the record in an answer.
pub(super) fn with_tag(mut response: Response, tag: Option<RecordTag>) -> Response {
    if let Some(value) = tag.and_then(|tag| HeaderValue::try_from(format!("\"{tag}\"")).ok()) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

/// The answer to a client that has the record already.
pub(super) fn not_modified(tag: RecordTag) -> Response {
    with_tag(StatusCode::NOT_MODIFIED.into_response(), Some(tag))
}

/// The condition of a header, whose values in several lines are one list.
fn read(headers: &HeaderMap, name: &HeaderName) -> ApiResult<Option<Condition>> {
    let mut condition = None;
    for line in headers.get_all(name) {
        let malformed = || invalid(name, "is * or a list of tags in double quotes, as ETag answers them");
        let line = parse(line.as_bytes()).ok_or_else(malformed)?;
        condition = Some(match (condition, line) {
            (None, line) => line,
            (Some(Condition::Tags(mut tags)), Condition::Tags(more)) => {
                tags.extend(more);
                Condition::Tags(tags)
            }
            _ => return Err(malformed()),
        });
    }
    Ok(condition)
}

fn parse(line: &[u8]) -> Option<Condition> {
    let mut rest = line.trim_ascii();
    if rest == b"*" {
        return Some(Condition::Any);
    }
    let mut tags = Vec::new();
    while !rest.is_empty() {
        // A list may have empty places.
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let (tag, after) = parse_tag(rest)?;
        tags.push(tag);
        rest = after.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    (!tags.is_empty()).then_some(Condition::Tags(tags))
}

fn parse_tag(text: &[u8]) -> Option<(Tag, &[u8])> {
    let strong = text.strip_prefix(b"W/");
    let quoted = strong.unwrap_or(text).strip_prefix(b"\"")?;
    let length = quoted.iter().position(|byte| *byte == b'"')?;
    let (value, after) = (&quoted[..length], &quoted[length + 1..]);
    if value.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
        return None;
    }
    let value = std::str::from_utf8(value).ok().and_then(RecordTag::parse);
    Some((Tag { is_weak: strong.is_some(), value }, after))
}

fn invalid(name: &HeaderName, rule: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidHeader, format!("the header {name} {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "000102030405060708090a0b0c0d0e0f";

    #[test]
    fn conditions_are_read() {
        let own = Tag { is_weak: false, value: RecordTag::parse(OWN) };
        let weak = Tag { is_weak: true, value: RecordTag::parse(OWN) };
        let foreign = || Tag { is_weak: false, value: None };
        for (line, expected) in [
            (" * ".to_owned(), Some(Condition::Any)),
            (format!("\"{OWN}\""), Some(Condition::Tags(vec![own]))),
            (format!(", \"x\" ,, W/\"{OWN}\","), Some(Condition::Tags(vec![foreign(), weak]))),
            ("\"\"".into(), Some(Condition::Tags(vec![foreign()]))),
            (OWN.into(), None),
            (String::new(), None),
            (",".into(), None),
            ("\"a\" \"b\"".into(), None),
            ("\"a".into(), None),
            ("\"a b\"".into(), None),
            ("w/\"a\"".into(), None),
            ("*, \"a\"".into(), None),
        ] {
            assert_eq!(parse(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        assert_eq!(expected(&headers).unwrap(), None);
        for line in [format!("\"{OWN}\""), format!("W/\"{OWN}\""), "\"other\"".into()] {
            headers.append(IF_MATCH, line.parse().unwrap());
        }
        assert_eq!(expected(&headers).unwrap(), Some(vec![RecordTag::parse(OWN).unwrap()]));
        headers.append(IF_MATCH, HeaderValue::from_static("*"));
        assert!(expected(&headers).is_err());
    }
}
