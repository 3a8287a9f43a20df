//! The argument `paging`, and cursors (`metadata.md` 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::arguments::members;
use crate::data_model::page::PageRequest;
use crate::error::{ApiError, ApiResult, ErrorCode};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: i64 = 1000;

/// base64 of `{"id":"<uuid>"}`
pub(super) fn cursor(id: Uuid) -> String {
    STANDARD.encode(json!({"id": id}).to_string())
}

fn parse_cursor(text: &str) -> Option<Uuid> {
    let decoded = STANDARD.decode(text).ok()?;
    let decoded: Json = serde_json::from_slice(&decoded).ok()?;
    Uuid::try_parse(decoded.get("id")?.as_str()?).ok()
}

/// The page that the arguments of a connection ask for.
pub(super) fn request(arguments: &Map<String, Json>) -> ApiResult<PageRequest> {
    let empty = Map::new();
    let paging = members(arguments, "paging").unwrap_or(&empty);
    let (first, last) = (count(paging, "first")?, count(paging, "last")?);
    let (after, before) = (position(paging, "after")?, position(paging, "before")?);
    for (together, names) in [
        (first.is_some() && last.is_some(), "first and last"),
        (first.is_some() && before.is_some(), "first and before"),
        (last.is_some() && after.is_some(), "last and after"),
        (after.is_some() && before.is_some(), "after and before"),
    ] {
        if together {
            return Err(refused(format!("{names} exclude each other")));
        }
    }
    let limit = first.or(last).unwrap_or(DEFAULT_LIMIT);
    Ok(PageRequest { limit, after, before, backward: last.is_some() || before.is_some() })
}

fn count(paging: &Map<String, Json>, name: &str) -> ApiResult<Option<usize>> {
    let Some(number) = paging.get(name).and_then(Json::as_i64) else { return Ok(None) };
    if !(0..=MAX_LIMIT).contains(&number) {
        return Err(refused(format!("{name} must be 0 to {MAX_LIMIT}")));
    }
    Ok(usize::try_from(number).ok())
}

fn position(paging: &Map<String, Json>, name: &str) -> ApiResult<Option<Uuid>> {
    let Some(value) = paging.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let id = value.as_str().and_then(parse_cursor);
    id.map(Some).ok_or_else(|| refused(format!("{name} is no cursor of this list")))
}

fn refused(message: String) -> ApiError {
    ApiError::new(ErrorCode::MetadataInput, message)
}
