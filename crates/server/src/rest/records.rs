//! Records over REST: a path and a query string become an operation.

use axum::body::Bytes;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fourfold_model::inflection::{self, Verb};
use fourfold_model::{Object, RecordId};
use fourfold_query::filter::Filter;
use fourfold_query::operation::{
    Answer, Change, DEFAULT_CHILDREN, Listing, Page, Read, RecordData, Scope, Selection, Target, Values,
    Write,
};
use serde_json::{Value as Json, json};

use super::envelope;
use super::path::{Route, resolve};
use super::query_params::QueryParams;
use crate::accounts::{Caller, WriteKind};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::{self, ReadRequest};
use crate::workspace::ModelSnapshot;

/// The most related records for each parent in the answer of a create (`rest-core.md` 4.5).
const CHILDREN_OF_CREATED: u32 = 200;

/// A request to the record API, after its caller is known.
pub(crate) struct RecordRequest<'a> {
    pub(crate) method: &'a Method,
    /// The path below `/rest`.
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
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
    match route {
        Route::FindMany => find_many(caller, object, &params).await,
        Route::FindOne(id) => find_one(caller, object, id, &params).await,
        Route::CreateOne => {
            let record = read_object(&request.body)?;
            create(caller, object, vec![record], false, &params, request.max_batch).await
        }
        Route::CreateMany => {
            let records = read_batch(&request.body)?;
            create(caller, object, records, true, &params, request.max_batch).await
        }
        Route::UpdateOne(id) => {
            let change = Change::Update(Target::One(id), read_object(&request.body)?);
            write(caller, object, change, &params).await
        }
        Route::UpdateMany => {
            let change = Change::Update(matching(&params)?, read_object(&request.body)?);
            write(caller, object, change, &params).await
        }
        Route::DeleteOne(id) => delete(caller, object, Target::One(id), &params).await,
        Route::DeleteMany => delete(caller, object, filtered(&params)?, &params).await,
        Route::RestoreOne(id) => write(caller, object, Change::Restore(Target::One(id)), &params).await,
        Route::RestoreMany => write(caller, object, Change::Restore(matching(&params)?), &params).await,
    }
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
        answer: Answer::Records(everything(params, DEFAULT_CHILDREN)?),
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    Ok(json_answer(StatusCode::OK, envelope::list(&object.name_plural, &answer.output)))
}

async fn find_one(
    caller: &Caller,
    object: &Object,
    id: RecordId,
    params: &QueryParams,
) -> ApiResult<Response> {
    let mut values = Values::default();
    let id = Filter::from_json(json!({"id": {"eq": uuid::Uuid::from(id).to_string()}}), &mut values);
    let filter = id.map_err(ApiError::internal)?;
    let read = Read {
        object: object.name_singular.clone(),
        scope: Scope::One(Some(filter)),
        answer: Answer::Records(everything(params, DEFAULT_CHILDREN)?),
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    if answer.output.records == 0 {
        return Err(records::not_found(&object.name_singular));
    }
    Ok(json_answer(StatusCode::OK, envelope::data(&object.name_singular, &answer.output.json)))
}

async fn create(
    caller: &Caller,
    object: &Object,
    data: Vec<RecordData>,
    is_batch: bool,
    params: &QueryParams,
    max_batch: usize,
) -> ApiResult<Response> {
    if max_batch < data.len() {
        let message = format!("one request may create {max_batch} records, not {}", data.len());
        return Err(ApiError::new(ErrorCode::BatchTooLarge, message));
    }
    let request = Write {
        object: object.name_singular.clone(),
        change: Change::Create { records: data, upsert: params.flag("upsert") },
        selection: everything(params, CHILDREN_OF_CREATED)?,
        values: Values::default(),
    };
    let answer = records::write(&caller.writer(WriteKind::Update)?, request).await?;
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
    Ok(json_answer(StatusCode::CREATED, body))
}

async fn delete(
    caller: &Caller,
    object: &Object,
    target: Target,
    params: &QueryParams,
) -> ApiResult<Response> {
    if params.flag("soft_delete") {
        return write(caller, object, Change::Delete(target), params).await;
    }
    write(caller, object, Change::Destroy(target), params).await
}

/// Runs a change of existing records and answers under the key of its verb.
async fn write(
    caller: &Caller,
    object: &Object,
    change: Change,
    params: &QueryParams,
) -> ApiResult<Response> {
    let (verb, kind, target) = match &change {
        Change::Create { .. } => return Err(ApiError::internal("a create is no change of existing records")),
        Change::Update(target, _) => (Verb::Update, WriteKind::Update, target),
        Change::Delete(target) => (Verb::Delete, WriteKind::SoftDelete, target),
        Change::Restore(target) => (Verb::Restore, WriteKind::SoftDelete, target),
        Change::Destroy(target) => (Verb::Destroy, WriteKind::Destroy, target),
    };
    let key = match target {
        Target::One(_) => inflection::rest_one(verb, object),
        Target::Matching(..) => inflection::rest_many(verb, object),
    };
    let selection = if verb == Verb::Destroy { id_alone() } else { everything(params, DEFAULT_CHILDREN)? };
    let request =
        Write { object: object.name_singular.clone(), change, selection, values: Values::default() };
    let answer = records::write(&caller.writer(kind)?, request).await?;
    Ok(json_answer(StatusCode::OK, envelope::data(&key, &answer.output.json)))
}

/// A destroyed record answers its id alone.
fn id_alone() -> Selection {
    let id = fourfold_query::operation::SelectedField {
        key: "id".into(),
        name: "id".into(),
        listing: None,
        selection: Vec::new(),
    };
    Selection::Fields(vec![id])
}

fn everything(params: &QueryParams, children: u32) -> ApiResult<Selection> {
    Ok(Selection::Everything { related: params.shows_related()?, children })
}

fn matching(params: &QueryParams) -> ApiResult<Target> {
    let mut values = Values::default();
    let filter = params.filter(&mut values)?;
    Ok(Target::Matching(filter, values))
}

/// Records to remove must be named: a filter that was forgotten must not empty a table.
fn filtered(params: &QueryParams) -> ApiResult<Target> {
    match matching(params)? {
        Target::Matching(None, _) => {
            let verb = if params.flag("soft_delete") { "delete" } else { "destroy" };
            let message = format!("a filter is mandatory to {verb} many records");
            Err(ApiError::new(ErrorCode::FilterRequired, message))
        }
        target => Ok(target),
    }
}

fn read_object(body: &[u8]) -> ApiResult<RecordData> {
    match read_json(body)? {
        Json::Object(data) => Ok(data),
        other => Err(wrong_shape("an object with the fields of a record", &other)),
    }
}

fn read_batch(body: &[u8]) -> ApiResult<Vec<RecordData>> {
    let Json::Array(items) = read_json(body)? else {
        return Err(wrong_shape("an array of records", &Json::Null));
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

fn json_answer(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
