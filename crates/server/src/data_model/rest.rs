//! `/rest/metadata/objects` and `/rest/metadata/fields`.
//!
//! Each function takes the proof that the caller may, and what the request says; it answers the whole
//! response. Bodies are bare: no wrapper around one entity (`metadata.md` 4.4, the new form).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use fourfold_model::{
    FieldDraft, FieldUpdate, ObjectDraft, ObjectUpdate, create_field, create_object, delete_field,
    delete_object, update_field, update_object,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::page::{PageRequest, page};
use super::{apply, describe, report};
use crate::accounts::DataModelAdmin;
use crate::app::App;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::request_body::read_body;
use crate::responses::json_response;
use crate::rest::QueryParams;

/// Entries of a page that names no limit.
const DEFAULT_LIMIT: usize = 60;

/// The largest page; a larger limit is cut.
const MAX_LIMIT: usize = 200;

/// Answers `/rest/metadata/…`, for those who may change the data model.
pub(crate) async fn answer(State(app): State<Arc<App>>, request: Request) -> ApiResult<Response> {
    let admin = app.authenticate(request.headers()).await?.data_model_admin()?;
    admin.caller().workspace.catch_up().await?;
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/rest/metadata").unwrap_or_default();
    let parameters = QueryParams::parse(parts.uri.query());
    let body = read_body(body).await?;
    Ok(handle(&admin, &parts.method, path, &parameters, &body).await)
}

/// Answers what comes below `/rest/metadata`: `objects`, `fields`, and one of either by its id.
pub(super) async fn handle(
    admin: &DataModelAdmin,
    method: &Method,
    path: &str,
    parameters: &QueryParams,
    body: &[u8],
) -> Response {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (is_objects, id) = match segments.as_slice() {
        ["objects"] => (true, None),
        ["objects", id] => (true, Some(*id)),
        ["fields"] => (false, None),
        ["fields", id] => (false, Some(*id)),
        _ => {
            let message = format!("there is no metadata resource {path:?} in this version");
            return ApiError::new(ErrorCode::RouteNotFound, message).into_response();
        }
    };
    match (method.as_str(), id) {
        ("GET" | "HEAD", None) if is_objects => list_objects(admin, parameters),
        ("GET" | "HEAD", None) => list_fields(admin, parameters),
        ("GET" | "HEAD", Some(id)) if is_objects => get_object(admin, id),
        ("GET" | "HEAD", Some(id)) => get_field(admin, id),
        ("POST", None) if is_objects => post_object(admin, body).await,
        ("POST", None) => post_field(admin, body).await,
        ("DELETE", Some(id)) if is_objects => delete_object_by_id(admin, id).await,
        ("DELETE", Some(id)) => delete_field_by_id(admin, id).await,
        ("PATCH" | "PUT", Some(id)) if is_objects => patch_object(admin, id, body).await,
        ("PATCH" | "PUT", Some(id)) => patch_field(admin, id, body).await,
        _ => {
            let message = format!("this resource does not take {method}");
            ApiError::new(ErrorCode::MethodNotAllowed, message).into_response()
        }
    }
}

/// `GET /rest/metadata/objects`
fn list_objects(admin: &DataModelAdmin, parameters: &QueryParams) -> Response {
    let workspace = &admin.caller().workspace;
    let model = workspace.data_model();
    let entries = model.objects().iter().map(|object| (object.id, object)).collect();
    let listed = list(parameters, entries, |object| describe::object_with_fields(workspace.id, object));
    respond(StatusCode::OK, listed)
}

/// `GET /rest/metadata/objects/{id}`
fn get_object(admin: &DataModelAdmin, id: &str) -> Response {
    let workspace = &admin.caller().workspace;
    let found = parse_id(id).and_then(|id| {
        let model = workspace.data_model();
        let object = model.object(id).ok_or_else(|| report::object_not_found(id))?;
        Ok(Json::Object(describe::object_with_fields(workspace.id, object)))
    });
    respond(StatusCode::OK, found)
}

/// `POST /rest/metadata/objects`
async fn post_object(admin: &DataModelAdmin, body: &[u8]) -> Response {
    respond(StatusCode::CREATED, try_post_object(admin, body).await)
}

async fn try_post_object(admin: &DataModelAdmin, body: &[u8]) -> ApiResult<Json> {
    let draft = ObjectDraft::parse(&parse_body(body)?).map_err(report::property_errors)?;
    let applied = apply(admin, |model, now| create_object(model, &draft, now)).await?;
    let id = applied.change.subject;
    let object = applied.change.after.object(id).ok_or_else(|| report::object_not_found(id))?;
    Ok(Json::Object(describe::object_with_fields(admin.caller().workspace.id, object)))
}

/// `DELETE /rest/metadata/objects/{id}`
async fn delete_object_by_id(admin: &DataModelAdmin, id: &str) -> Response {
    respond(StatusCode::OK, try_delete_object(admin, id).await)
}

async fn try_delete_object(admin: &DataModelAdmin, id: &str) -> ApiResult<Json> {
    let id = parse_id(id)?;
    let applied = apply(admin, |model, _now| delete_object(model, id)).await?;
    let object = applied.before.object(id).ok_or_else(|| report::object_not_found(id))?;
    Ok(Json::Object(describe::object(admin.caller().workspace.id, object)))
}

/// `GET /rest/metadata/fields`
fn list_fields(admin: &DataModelAdmin, parameters: &QueryParams) -> Response {
    let workspace = &admin.caller().workspace;
    let model = workspace.data_model();
    let entries = model
        .objects()
        .iter()
        .flat_map(|object| object.fields.values().map(move |field| (field.id, (object, field))))
        .collect();
    let listed = list(parameters, entries, |(object, field)| describe::field(workspace.id, object, field));
    respond(StatusCode::OK, listed)
}

/// `GET /rest/metadata/fields/{id}`
fn get_field(admin: &DataModelAdmin, id: &str) -> Response {
    let workspace = &admin.caller().workspace;
    let found = parse_id(id).and_then(|id| {
        let model = workspace.data_model();
        let found = model.field(id).ok_or_else(|| report::field_not_found(id))?;
        Ok(Json::Object(describe::field(workspace.id, found.object, found.field)))
    });
    respond(StatusCode::OK, found)
}

/// `POST /rest/metadata/fields`
async fn post_field(admin: &DataModelAdmin, body: &[u8]) -> Response {
    respond(StatusCode::CREATED, try_post_field(admin, body).await)
}

async fn try_post_field(admin: &DataModelAdmin, body: &[u8]) -> ApiResult<Json> {
    let draft = FieldDraft::parse(&parse_body(body)?).map_err(report::property_errors)?;
    let applied = apply(admin, |model, now| create_field(model, &draft, now)).await?;
    let id = applied.change.subject;
    let made = applied.change.after.field(id).ok_or_else(|| report::field_not_found(id))?;
    Ok(Json::Object(describe::field(admin.caller().workspace.id, made.object, made.field)))
}

/// `DELETE /rest/metadata/fields/{id}`
async fn delete_field_by_id(admin: &DataModelAdmin, id: &str) -> Response {
    respond(StatusCode::OK, try_delete_field(admin, id).await)
}

async fn try_delete_field(admin: &DataModelAdmin, id: &str) -> ApiResult<Json> {
    let id = parse_id(id)?;
    let applied = apply(admin, |model, _now| delete_field(model, id)).await?;
    let gone = applied.before.field(id).ok_or_else(|| report::field_not_found(id))?;
    Ok(Json::Object(describe::field(admin.caller().workspace.id, gone.object, gone.field)))
}

/// `PATCH` and `PUT /rest/metadata/objects/{id}`, which are one
async fn patch_object(admin: &DataModelAdmin, id: &str, body: &[u8]) -> Response {
    respond(StatusCode::OK, try_patch_object(admin, id, body).await)
}

async fn try_patch_object(admin: &DataModelAdmin, id: &str, body: &[u8]) -> ApiResult<Json> {
    let id = parse_id(id)?;
    let update = ObjectUpdate::parse(&parse_body(body)?).map_err(report::property_errors)?;
    if admin.caller().workspace.data_model().object(id).is_none() {
        return Err(report::object_not_found(id));
    }
    let applied = apply(admin, |model, now| update_object(model, id, &update, now)).await?;
    let object = applied.change.after.object(id).ok_or_else(|| report::object_not_found(id))?;
    Ok(Json::Object(describe::object_with_fields(admin.caller().workspace.id, object)))
}

/// `PATCH` and `PUT /rest/metadata/fields/{id}`, which are one
async fn patch_field(admin: &DataModelAdmin, id: &str, body: &[u8]) -> Response {
    respond(StatusCode::OK, try_patch_field(admin, id, body).await)
}

async fn try_patch_field(admin: &DataModelAdmin, id: &str, body: &[u8]) -> ApiResult<Json> {
    let id = parse_id(id)?;
    let update = FieldUpdate::parse(&parse_body(body)?).map_err(report::property_errors)?;
    // An unknown field is bad input here, not a missing resource (`metadata.md` 5.3).
    if admin.caller().workspace.data_model().field(id).is_none() {
        return Err(input_error(format!("no field has the id {id}")));
    }
    let applied = apply(admin, |model, now| update_field(model, id, &update, now)).await?;
    let changed = applied.change.after.field(id).ok_or_else(|| report::field_not_found(id))?;
    Ok(Json::Object(describe::field(admin.caller().workspace.id, changed.object, changed.field)))
}

fn respond(status: StatusCode, outcome: ApiResult<Json>) -> Response {
    match outcome {
        Ok(body) => json_response(status, &body),
        Err(error) => error.into_response(),
    }
}

fn list<T>(
    parameters: &QueryParams,
    entries: Vec<(Uuid, T)>,
    describe: impl Fn(&T) -> Map<String, Json>,
) -> ApiResult<Json> {
    let total = entries.len();
    let page = page(entries, parse_page(parameters)?);
    let cursor = |entry: Option<&(Uuid, T)>| json!(entry.map(|(id, _)| id));
    Ok(json!({
        "data": page.entries.iter().map(|(_, entry)| describe(entry)).collect::<Vec<_>>(),
        "pageInfo": {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": cursor(page.entries.first()),
            "endCursor": cursor(page.entries.last()),
        },
        "totalCount": total,
    }))
}

fn parse_page(parameters: &QueryParams) -> ApiResult<PageRequest> {
    let cursor = |name: &str| match parameters.last(name) {
        None => Ok(None),
        Some(text) => {
            Uuid::try_parse(text).map(Some).map_err(|_| input_error(format!("{name} must be a UUID")))
        }
    };
    let limit = match parameters.last("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse::<u64>()
            .map(|limit| usize::try_from(limit).unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
            .map_err(|_| input_error("limit must be a whole number from 0".into()))?,
    };
    let (after, before) = (cursor("starting_after")?, cursor("ending_before")?);
    if after.is_some() && before.is_some() {
        return Err(input_error("starting_after and ending_before exclude each other".into()));
    }
    Ok(PageRequest { limit, after, before, backward: before.is_some() })
}

fn parse_id(text: &str) -> ApiResult<Uuid> {
    Uuid::try_parse(text).map_err(|_| input_error(format!("`{text}` is no UUID")))
}

fn input_error(message: String) -> ApiError {
    ApiError::new(ErrorCode::MetadataInput, message)
}

fn parse_body(body: &[u8]) -> ApiResult<Map<String, Json>> {
    match serde_json::from_slice(body) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(ApiError::new(ErrorCode::MalformedBody, "the body must be a JSON object")),
        Err(error) => Err(ApiError::new(ErrorCode::MalformedBody, format!("the body is no JSON: {error}"))),
    }
}
