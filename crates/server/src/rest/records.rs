//! Records over REST: a path and a query string become an operation.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fourfold_model::inflection::{self, Verb};
use fourfold_model::{Object, RecordId};
use fourfold_query::filter::Filter;
use fourfold_query::operation::{
    Answer, Change, DEFAULT_CHILDREN, Listing, Page, Read, RecordData, Scope, Selection, Target, Values,
    WholeFields, Write,
};
use serde_json::{Value as Json, json};

use super::duplicates;
use super::entity_tags::{expected, is_known, not_modified, refuse_expected, with_tag};
use super::envelope;
use super::group_by::group_by;
use super::path::{Route, resolve};
use super::query_params::QueryParams;
use crate::accounts::{Caller, WriteKind};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::idempotency_header::{mark_replayed, read_key};
use crate::records::{self, Entry, Guard, ReadRequest, WriteAnswer};
use crate::workspace::ModelSnapshot;

/// The most related records for each parent in the answer of a create (`rest-core.md` 4.5).
const CHILDREN_OF_CREATED: u32 = 200;

/// A request to the record API, after its caller is known.
pub(crate) struct RecordRequest<'a> {
    pub(crate) method: &'a Method,
    /// The path below `/rest`.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
    /// The most records that one request may create.
    pub(crate) max_batch: usize,
}

/// Answers a request to `/rest/<objects>…`.
pub(crate) async fn handle(caller: &Caller, request: RecordRequest<'_>) -> ApiResult<Response> {
    let found = |snapshot: &ModelSnapshot| resolve(&snapshot.model, request.method, request.path);
    let (object, route) = caller.workspace.find(found).await?;
    let answer = run(caller, &object, route, &request).await;
    if answer.is_err() {
        // Another server may have deleted the object meanwhile; then it is the path that names none.
        found(&caller.workspace.snapshot())?;
    }
    answer
}

async fn run(
    caller: &Caller,
    object: &Object,
    route: Route,
    request: &RecordRequest<'_>,
) -> ApiResult<Response> {
    let params = QueryParams::parse(request.query);
    params.refuse_foreign_names()?;
    let change = match route {
        Route::FindMany => return find_many(caller, object, &params).await,
        Route::GroupBy => return group_by(caller, object, &params).await,
        Route::FindOne(id) => return find_one(caller, object, id, &params, request.headers).await,
        Route::CreateOne => {
            let records = vec![read_object(&request.body)?];
            return create(caller, object, records, false, &params, request).await;
        }
        Route::CreateMany => {
            let records = read_batch(&request.body)?;
            return create(caller, object, records, true, &params, request).await;
        }
        Route::UpdateOne(id) => Change::Update(Target::One(id), read_object(&request.body)?),
        Route::UpdateMany => Change::Update(matching(&params)?, read_object(&request.body)?),
        Route::DeleteOne(id) => delete(Target::One(id), &params),
        Route::DeleteMany => delete(filtered(&params)?, &params),
        Route::RestoreOne(id) => Change::Restore(Target::One(id)),
        Route::RestoreMany => Change::Restore(matching(&params)?),
        Route::Duplicates => return duplicates::find(caller, object, &params, request).await,
        Route::Merge => return duplicates::merge(caller, object, &params, request).await,
    };
    write(caller, object, change, &params, request).await
}

async fn find_many(caller: &Caller, object: &Object, params: &QueryParams) -> ApiResult<Response> {
    let mut values = Values::default();
    let listing = Listing {
        filter: params.filter(&mut values)?,
        order: params.order()?,
        page: Page {
            limit: values.keep(params.limit()?.into()),
            offset: None,
            cursor: params.cursor(&mut values)?,
        },
    };
    let read = Read {
        object: object.name_singular.clone(),
        scope: Scope::Page(listing),
        answer: Answer::Records(selection(params, DEFAULT_CHILDREN, false)?),
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    Ok(json_answer(StatusCode::OK, envelope::list(&object.name_plural, &answer.output)))
}

async fn find_one(
    caller: &Caller,
    object: &Object,
    id: RecordId,
    params: &QueryParams,
    headers: &HeaderMap,
) -> ApiResult<Response> {
    let mut values = Values::default();
    let id = Filter::from_json(json!({"id": {"eq": uuid::Uuid::from(id).to_string()}}), &mut values);
    let filter = id.map_err(ApiError::internal)?;
    let read = Read {
        object: object.name_singular.clone(),
        scope: Scope::One(Some(filter)),
        answer: Answer::Records(selection(params, DEFAULT_CHILDREN, true)?),
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    if answer.output.records == 0 {
        return Err(records::not_found(&object.name_singular));
    }
    let tag = answer.output.tag;
    // The tag says nothing about related records: where they are shown, the answer may be another one.
    if let Some(tag) = tag.filter(|_| !params.shows_related().unwrap_or_default())
        && is_known(headers, tag)?
    {
        return Ok(not_modified(tag));
    }
    let body = envelope::data(&object.name_singular, &answer.output.json);
    Ok(with_tag(json_answer(StatusCode::OK, body), tag))
}

async fn create(
    caller: &Caller,
    object: &Object,
    data: Vec<RecordData>,
    is_batch: bool,
    params: &QueryParams,
    request: &RecordRequest<'_>,
) -> ApiResult<Response> {
    if request.max_batch < data.len() {
        let message = format!("one request may create {} records, not {}", request.max_batch, data.len());
        return Err(ApiError::new(ErrorCode::BatchTooLarge, message));
    }
    let guard = guard(caller, request, false)?;
    let write = Write {
        object: object.name_singular.clone(),
        change: Change::Create { records: data, upsert: params.flag("upsert") },
        selection: selection(params, CHILDREN_OF_CREATED, !is_batch)?,
        values: Values::default(),
    };
    let answer = records::write(&caller.writer(WriteKind::Update)?, write, &guard).await?;
    let body = if is_batch {
        envelope::data(&inflection::rest_many(Verb::Create, object), &answer.output.json)
    } else {
        // One record is a batch of one; its answer is the list without its brackets.
        let json = &answer.output.json;
        envelope::data(
            &inflection::rest_one(Verb::Create, object),
            json.get(1..json.len() - 1).unwrap_or_default(),
        )
    };
    Ok(written(StatusCode::CREATED, body, &answer))
}

fn delete(target: Target, params: &QueryParams) -> Change {
    if params.flag("soft_delete") { Change::Delete(target) } else { Change::Destroy(target) }
}

/// What the headers ask of a write.
pub(super) fn guard(caller: &Caller, request: &RecordRequest<'_>, is_of_one: bool) -> ApiResult<Guard> {
    if !is_of_one {
        refuse_expected(request.headers)?;
    }
    let entry = read_key(request.headers)?.map(|key| {
        let RecordRequest { method, path, query, body, .. } = request;
        let query = query.unwrap_or_default();
        Entry::new(
            caller,
            &key,
            &[b"rest", method.as_str().as_bytes(), path.as_bytes(), query.as_bytes(), body],
        )
    });
    Ok(Guard { expected: expected(request.headers)?, entry })
}

/// Runs a change of existing records and answers under the key of its verb.
async fn write(
    caller: &Caller,
    object: &Object,
    change: Change,
    params: &QueryParams,
    request: &RecordRequest<'_>,
) -> ApiResult<Response> {
    let (verb, kind, target) = match &change {
        Change::Create { .. } => return Err(ApiError::internal("a create is no change of existing records")),
        Change::Update(target, _) => (Verb::Update, WriteKind::Update, target),
        Change::Delete(target) => (Verb::Delete, WriteKind::SoftDelete, target),
        Change::Restore(target) => (Verb::Restore, WriteKind::SoftDelete, target),
        Change::Destroy(target) => (Verb::Destroy, WriteKind::Destroy, target),
        Change::Merge(_) => return Err(ApiError::internal("a merge has an answer of its own")),
    };
    let is_of_one = matches!(target, Target::One(_));
    let key = match is_of_one {
        true => inflection::rest_one(verb, object),
        false => inflection::rest_many(verb, object),
    };
    let guard = guard(caller, request, is_of_one)?;
    let related = params.shows_related()?;
    let selection = match verb {
        Verb::Destroy => id_alone(),
        // What was put into the trash is shown whole.
        Verb::Delete => {
            let children = DEFAULT_CHILDREN;
            Selection::Whole(WholeFields { only: None, related, children, tagged: is_of_one })
        }
        _ => selection(params, DEFAULT_CHILDREN, is_of_one)?,
    };
    let write = Write { object: object.name_singular.clone(), change, selection, values: Values::default() };
    let answer = records::write(&caller.writer(kind)?, write, &guard).await?;
    Ok(written(StatusCode::OK, envelope::data(&key, &answer.output.json), &answer))
}

/// A destroyed record answers its id alone.
fn id_alone() -> Selection {
    let id = fourfold_query::operation::SelectedField {
        key: "id".into(),
        name: "id".into(),
        listing: None,
        selection: Vec::new(),
        is_emptied: false,
    };
    Selection::Fields(vec![id])
}

fn selection(params: &QueryParams, children: u32, tagged: bool) -> ApiResult<Selection> {
    let (only, related) = (params.fields()?, params.shows_related()?);
    Ok(Selection::Whole(WholeFields { only, related, children, tagged }))
}

fn matching(params: &QueryParams) -> ApiResult<Target> {
    let mut values = Values::default();
    let filter = params.filter(&mut values)?;
    Ok(Target::Matching(filter, values))
}

/// Records to remove must be named: a filter that was forgotten must not empty a table.
fn filtered(params: &QueryParams) -> ApiResult<Target> {
    let target = matching(params).map_err(|error| match error.code {
        ErrorCode::UnbalancedFilter => ApiError { code: ErrorCode::InvalidFilterQueryParam, ..error },
        _ => error,
    })?;
    match target {
        Target::Matching(None, _) => {
            let verb = if params.flag("soft_delete") { "delete" } else { "destroy" };
            let message = format!("a filter is mandatory to {verb} many records");
            Err(ApiError::new(ErrorCode::FilterRequired, message))
        }
        target => Ok(target),
    }
}

pub(super) fn read_object(body: &[u8]) -> ApiResult<RecordData> {
    match read_json(body)? {
        Json::Object(data) => Ok(data),
        other => Err(wrong_shape("an object with the fields of a record", &other)),
    }
}

fn read_batch(body: &[u8]) -> ApiResult<Vec<RecordData>> {
    let items = match read_json(body)? {
        Json::Array(items) => items,
        other => {
            let error = wrong_shape("an array of records", &other);
            return Err(ApiError { code: ErrorCode::BatchNotList, ..error });
        }
    };
    let records = items.into_iter().map(|item| match item {
        Json::Object(data) => Ok(data),
        other => Err(wrong_shape("an array of objects", &other)),
    });
    records.collect()
}

fn read_json(body: &[u8]) -> ApiResult<Json> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::new(ErrorCode::MalformedBody, format!("the body is not JSON: {error}")))
}

fn wrong_shape(expected: &str, found: &Json) -> ApiError {
    let found = match found {
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
        _ => "something else",
    };
    ApiError::new(ErrorCode::InvalidParameter, format!("the body must be {expected}, not {found}"))
}

pub(super) fn written(status: StatusCode, body: Vec<u8>, answer: &WriteAnswer) -> Response {
    mark_replayed(with_tag(json_answer(status, body), answer.output.tag), answer.is_replayed)
}

pub(super) fn json_answer(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
