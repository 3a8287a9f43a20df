//! `Idempotency-Key`: a client's name for a write, and the mark on an answer that was given before.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::{IdempotencyKey, MAX_KEY_CHARACTERS};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one.
///
/// # Errors
/// `InvalidHeader` when it is no key, or there are several.
pub(crate) fn read_key(headers: &HeaderMap) -> ApiResult<Option<IdempotencyKey>> {
    let mut given = headers.get_all(KEY).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(text), None) => IdempotencyKey::parse(text.as_bytes()).map(Some).ok_or_else(malformed),
        (Some(_), Some(_)) => Err(malformed()),
    }
}

fn malformed() -> ApiError {
    let message = format!(
        "the header Idempotency-Key is given once, as 1 to {MAX_KEY_CHARACTERS} visible ASCII characters"
    );
    ApiError::new(ErrorCode::InvalidHeader, message)
}

/// Marks an answer that was given before, and whose write has not happened again.
pub(crate) fn mark_replayed(mut response: Response, is_replayed: bool) -> Response {
    if is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
