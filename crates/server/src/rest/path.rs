//! Paths of the record API (`rest-core.md` 1.1).

use std::sync::Arc;

use axum::http::Method;
use fourfold_model::{DataModel, Object, RecordId};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// What a method and a path ask for.
#[derive(Debug)]
pub(crate) enum Route {
    FindMany,
    FindOne(RecordId),
    GroupBy,
    CreateOne,
    CreateMany,
    UpdateOne(RecordId),
    UpdateMany,
    DeleteOne(RecordId),
    DeleteMany,
    RestoreOne(RecordId),
    RestoreMany,
    Duplicates,
    Merge,
}

/// Resolves a path below `/rest` against a model.
///
/// # Errors
/// When it names no object or no operation, or holds a malformed id.
pub(crate) fn resolve(model: &DataModel, method: &Method, path: &str) -> ApiResult<(Arc<Object>, Route)> {
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    // Older documents put this segment before the object.
    if segments.first() == Some(&"core") {
        segments.remove(0);
    }
    let (plural, kind) = match segments.as_slice() {
        ["batch", plural] => (plural, Kind::Batch),
        ["restore", plural] => (plural, Kind::Restore(None)),
        ["restore", plural, id] => (plural, Kind::Restore(Some(*id))),
        [plural] => (plural, Kind::Collection),
        [plural, "restore"] => (plural, Kind::Restore(None)),
        [plural, id, "restore"] => (plural, Kind::Restore(Some(*id))),
        [plural, second] => (plural, Kind::Second(second)),
        [] => return Err(unknown("the path needs the plural name of an object, such as companies")),
        _ => return Err(unknown("the path has too many segments; it is /rest/<objects>/<id>")),
    };
    let object = model.by_plural(plural).ok_or_else(|| unknown_object(model, plural))?;
    Ok((Arc::clone(object), route(method, &kind)?))
}

/// What stands around the name of the object.
enum Kind<'a> {
    Collection,
    Batch,
    Restore(Option<&'a str>),
    Second(&'a str),
}

fn route(method: &Method, kind: &Kind<'_>) -> ApiResult<Route> {
    let is_update = method == Method::PATCH || method == Method::PUT;
    Ok(match kind {
        Kind::Batch if method == Method::POST => Route::CreateMany,
        Kind::Restore(id) if method == Method::PATCH => match id {
            Some(id) => Route::RestoreOne(record_id(id)?),
            None => Route::RestoreMany,
        },
        Kind::Restore(_) => return Err(unknown("restoring takes PATCH")),
        Kind::Second("groupBy") if method == Method::GET || method == Method::HEAD => Route::GroupBy,
        Kind::Second("groupBy") => return Err(unknown("grouping takes GET")),
        Kind::Second("duplicates") if method == Method::POST => Route::Duplicates,
        Kind::Second("duplicates") => return Err(unknown("looking for duplicates takes POST")),
        Kind::Second("merge") if method == Method::PATCH => Route::Merge,
        Kind::Second("merge") => return Err(unknown("merging takes PATCH")),
        Kind::Second(id) if method == Method::GET || method == Method::HEAD => Route::FindOne(record_id(id)?),
        Kind::Second(id) if is_update => Route::UpdateOne(record_id(id)?),
        Kind::Second(id) if method == Method::DELETE => Route::DeleteOne(record_id(id)?),
        Kind::Collection if method == Method::POST => Route::CreateOne,
        // The id is not looked at; it has to be one.
        Kind::Second(id) if method == Method::POST => record_id(id).map(|_| Route::CreateOne)?,
        Kind::Collection | Kind::Batch if method == Method::GET || method == Method::HEAD => Route::FindMany,
        Kind::Collection | Kind::Batch if is_update => Route::UpdateMany,
        Kind::Collection | Kind::Batch if method == Method::DELETE => Route::DeleteMany,
        _ => {
            let message = format!("records do not take {method}");
            return Err(ApiError::new(ErrorCode::MethodNotAllowed, message));
        }
    })
}

fn record_id(text: &str) -> ApiResult<RecordId> {
    RecordId::parse(text)
        .ok_or_else(|| unknown(format!("{text:?} is not the id of a record, which is a UUID")))
}

fn unknown_object(model: &DataModel, name: &str) -> ApiError {
    let hint = match model.by_singular(name) {
        Some(object) => format!("; did you mean {}?", object.name_plural),
        None => String::new(),
    };
    unknown(format!("there is no object {name:?}{hint}"))
}

fn unknown(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::UnknownPath, message)
}
