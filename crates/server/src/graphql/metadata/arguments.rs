//! Arguments of fields, after the engine has checked them against the schema.

use apollo_compiler::resolvers::ResolveInfo;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// All arguments of a field.
pub(super) fn all(info: &ResolveInfo<'_>) -> Map<String, Json> {
    match serde_json::to_value(info.arguments()) {
        Ok(Json::Object(arguments)) => arguments,
        _ => Map::new(),
    }
}

/// A text that the schema requires.
pub(super) fn text<'a>(arguments: &'a Map<String, Json>, name: &str) -> &'a str {
    optional_text(arguments, name).unwrap_or_default()
}

pub(super) fn optional_text<'a>(arguments: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Json::as_str)
}

/// The members of an input object.
pub(super) fn members<'a>(arguments: &'a Map<String, Json>, name: &str) -> Option<&'a Map<String, Json>> {
    arguments.get(name).and_then(Json::as_object)
}

/// A required id.
pub(super) fn id(arguments: &Map<String, Json>, name: &str) -> ApiResult<Uuid> {
    uuid(arguments.get(name).unwrap_or(&Json::Null))
}

/// A value of the scalar `UUID`.
pub(super) fn uuid(value: &Json) -> ApiResult<Uuid> {
    value.as_str().and_then(|text| Uuid::try_parse(text).ok()).ok_or_else(|| {
        ApiError::new(ErrorCode::GraphqlValidationFailed, format!("{value} is no UUID"))
            .with_extension("http", json!({"status": 400}))
            .with_extension("value", value.clone())
    })
}
