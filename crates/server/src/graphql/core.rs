//! The Core GraphQL API: a document's root fields become operations on records.
//!
//! Documents are not validated against the schema, since clients of the contract send some that a
//! validator refuses (`graphql-core.md` 1.3); with `x-graphql-validation: strict` they are.

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use axum::http::StatusCode;
use axum::response::Response;
use fourfold_model::inflection::Verb;
use fourfold_query::grouping::GroupAnswer;
use fourfold_query::operation::{Answer, Change, Read, Scope, Selection, Target, Values, Write};
use serde_json::{Value as Json, json};

use super::arguments::{Arguments, root_listing};
use super::document::{self, Operation};
use super::group_by::grouping;
use super::roots::{RootField, RootOperation};
use super::search;
use super::selection::{Root, SelectionReader};
use crate::accounts::{Caller, WriteKind};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::idempotency_header::mark_replayed;
use crate::records::{self, Entry, Guard, IdempotencyKey, ReadAnswer, ReadRequest, WriteAnswer};
use crate::responses::{graphql_status, json_response, json_text_response};
use crate::workspace::ModelSnapshot;

/// Root fields of one document (`graphql-core.md` 1.6).
const MAX_ROOTS: usize = 20;

/// A request to `/graphql` after its caller is known.
pub(crate) struct CoreRequest {
    pub(crate) document: super::GraphqlRequest,
    /// The key under which the answers of a mutation are kept; queries do not look at it.
    pub(crate) key: ApiResult<Option<IdempotencyKey>>,
    /// Whether the document is to be validated by the specification.
    pub(crate) is_strict: bool,
    /// The most records that one root field may create.
    pub(crate) max_batch: usize,
    /// The status when nothing of the document is run.
    pub(crate) refusal: StatusCode,
}

/// The outcome of one root field.
struct RootAnswer {
    key: String,
    /// JSON text, `null` when the field failed.
    json: Vec<u8>,
    error: Option<ApiError>,
    warnings: Vec<String>,
    /// For a mutation that succeeded, whether that was before and this is the answer of then.
    is_replayed: Option<bool>,
    /// Whether there is no data when the field failed, since its type has no null.
    is_required: bool,
}

impl RootAnswer {
    fn new(key: String, outcome: ApiResult<(Vec<u8>, Vec<String>)>) -> Self {
        match outcome {
            Ok((json, warnings)) => {
                Self { key, json, error: None, warnings, is_replayed: None, is_required: false }
            }
            Err(error) => Self {
                key,
                json: b"null".to_vec(),
                error: Some(error),
                warnings: Vec::new(),
                is_replayed: None,
                is_required: false,
            },
        }
    }
}

/// Answers a document. Failures of the whole document have no `data`; one root field that fails is
/// null and leaves the others alone.
pub(crate) async fn handle(caller: &Caller, request: CoreRequest) -> Response {
    let refusal = request.refusal;
    match run(caller, request).await {
        Ok(answer) => mark_replayed(json_text_response(answer.status, answer.body), answer.is_replayed),
        Err(errors) => {
            let status = match graphql_status(&errors) {
                StatusCode::OK => refusal,
                unavailable => unavailable,
            };
            let items: Vec<Json> = errors.into_iter().map(ApiError::graphql_item).collect();
            json_response(status, &json!({"errors": items}))
        }
    }
}

struct CoreAnswer {
    status: StatusCode,
    body: Vec<u8>,
    /// Whether nothing happened now, since all of it happened before.
    is_replayed: bool,
}

async fn run(caller: &Caller, request: CoreRequest) -> Result<CoreAnswer, Vec<ApiError>> {
    let text = &request.document.query;
    let entry = request.key.map(|key| key.map(|key| entry_of(caller, &key, &request.document)));
    let document = document::parse(text).map_err(|error| vec![error])?;
    let workspace = &caller.workspace;
    if request.is_strict {
        workspace.catch_up().await.map_err(|error| vec![error])?;
        validate(&workspace.snapshot(), text).await?;
    }
    let name = request.document.operation_name.as_deref();
    let operation =
        Operation::choose(&document, name, request.document.variables).map_err(|error| vec![error])?;
    let mut reader = SelectionReader::new(&operation);
    let roots = reader.roots().map_err(|error| vec![error])?;
    let names: Vec<&str> = roots.iter().map(|root| root.name).collect();
    let known = |snapshot: &ModelSnapshot| check_roots(snapshot, &operation, &names);
    workspace.find(known).await.map_err(|error| vec![error])?;
    if names.iter().any(|name| is_introspection(name)) {
        workspace.catch_up().await.map_err(|error| vec![error])?;
    }
    let snapshot = workspace.snapshot();
    let introspected = introspect(&snapshot, &operation, &document, text, name, &roots).await?;
    let answers = match operation.definition.operation_type {
        OperationType::Mutation => {
            let entry = entry.map_err(|error| vec![error])?;
            let context = Mutation { caller, entry, max_batch: request.max_batch };
            mutate(&context, &snapshot, &mut reader, roots).await
        }
        _ => query(caller, &snapshot, &mut reader, roots).await,
    };
    let is_mutation = operation.definition.operation_type == OperationType::Mutation;
    let failed = answers.iter().filter(|answer| answer.error.is_some()).count();
    if 0 < failed && (!is_mutation || failed == answers.len()) {
        // Another server may have deleted the object meanwhile; then the document does not fit. What a
        // mutation has changed is told in any case.
        known(&workspace.snapshot()).map_err(|error| vec![error])?;
    }
    let status = graphql_status(answers.iter().filter_map(|answer| answer.error.as_ref()));
    // False comes before true: one that happened now decides.
    let is_replayed = answers.iter().filter_map(|answer| answer.is_replayed).min() == Some(true);
    Ok(CoreAnswer { status, body: response(answers, &introspected), is_replayed })
}

/// Where the answers to a document are kept, and what makes it another document.
fn entry_of(caller: &Caller, key: &IdempotencyKey, document: &super::GraphqlRequest) -> Entry {
    let variables = Json::Object(document.variables.clone()).to_string();
    let name = document.operation_name.as_deref().unwrap_or_default();
    Entry::new(caller, key, &[b"graphql", document.query.as_bytes(), variables.as_bytes(), name.as_bytes()])
}

/// What the root field of this name answers without records: the type's name, or introspection.
fn is_meta(name: &str) -> bool {
    name == "__typename" || is_introspection(name)
}

fn is_introspection(name: &str) -> bool {
    matches!(name, "__schema" | "__type")
}

/// # Errors
/// When a root field does not exist, or there are too many; nothing has run then.
fn check_roots(snapshot: &ModelSnapshot, operation: &Operation<'_>, roots: &[&str]) -> ApiResult<()> {
    let kind = operation.definition.operation_type;
    if kind == OperationType::Subscription {
        let message = "this API has no subscriptions; webhooks tell of changes";
        return Err(ApiError::new(ErrorCode::GraphqlValidationFailed, message));
    }
    if MAX_ROOTS < roots.len() {
        let message = format!("a document may have {MAX_ROOTS} root fields, not {}", roots.len());
        return Err(ApiError::new(ErrorCode::DocumentLimit, message));
    }
    let is_mutation = kind == OperationType::Mutation;
    for root in roots.iter().filter(|root| !is_meta(root) && (is_mutation || **root != search::ROOT)) {
        let known = snapshot.roots().get(*root);
        if known.is_none_or(|known| known.operation.is_mutation() != is_mutation) {
            let kind = if is_mutation { "Mutation" } else { "Query" };
            let message = format!("Cannot query field {root:?} on type {kind:?}");
            return Err(ApiError::new(ErrorCode::GraphqlValidationFailed, message));
        }
    }
    Ok(())
}

async fn validate(snapshot: &Arc<ModelSnapshot>, text: &str) -> Result<(), Vec<ApiError>> {
    let (schema, text) = (snapshot.schema(), text.to_owned());
    let checked = tokio::task::spawn_blocking(move || schema.validate(&text)).await;
    checked
        .map_err(|error| vec![ApiError::internal(error)])?
        .map_err(|errors| errors.into_iter().map(|error| refused_document(error.message)).collect())
}

/// The members that `__schema` and `__type` of this operation answer.
async fn introspect(
    snapshot: &Arc<ModelSnapshot>,
    operation: &Operation<'_>,
    document: &Arc<apollo_compiler::ast::Document>,
    text: &str,
    name: Option<&str>,
    roots: &[Root<'_>],
) -> Result<String, Vec<ApiError>> {
    if !roots.iter().any(|root| is_introspection(root.name)) {
        return Ok(String::new());
    }
    let (schema, document) = (snapshot.schema(), Arc::clone(document));
    let (text, name) = (text.to_owned(), name.map(str::to_owned));
    let variables = operation.variables().clone();
    let answered = tokio::task::spawn_blocking(move || {
        let answer = schema.introspect(&text, &document, name.as_deref(), &variables)?;
        Ok(answer.members().to_owned())
    });
    answered.await.map_err(|error| vec![ApiError::internal(error)])?.map_err(
        |errors: Vec<super::introspection::DocumentError>| {
            errors.into_iter().map(|error| refused_document(error.message)).collect()
        },
    )
}

fn refused_document(message: String) -> ApiError {
    ApiError::new(ErrorCode::GraphqlValidationFailed, message)
}

/// Runs all root fields of a query on one snapshot of the records.
async fn query<'d>(
    caller: &Caller,
    snapshot: &ModelSnapshot,
    reader: &mut SelectionReader<'_, 'd>,
    roots: Vec<Root<'d>>,
) -> Vec<RootAnswer> {
    let mut planned: Vec<(Root<'d>, ApiResult<Option<usize>>)> = Vec::with_capacity(roots.len());
    let mut requests = Vec::new();
    for root in roots {
        let request = match snapshot.roots().get(root.name) {
            Some(field) => read_request(reader, field, &root).map(Some),
            None => Ok(None),
        };
        let place = request.map(|request| {
            request.map(|request| {
                requests.push(request);
                requests.len() - 1
            })
        });
        planned.push((root, place));
    }
    let ones: Vec<bool> =
        requests.iter().map(|request| matches!(request.read.scope, Scope::One(_))).collect();
    let objects: Vec<String> = requests.iter().map(|request| request.read.object.clone()).collect();
    let mut answers: Vec<Option<ApiResult<ReadAnswer>>> = match caller.reader() {
        Ok(proof) => records::read_all(&proof, requests).await.into_iter().map(Some).collect(),
        Err(denied) => {
            requests.iter().map(|_| Some(Err(ApiError::new(denied.code, denied.message.clone())))).collect()
        }
    };
    let mut answered = Vec::with_capacity(planned.len());
    for (root, place) in planned {
        let outcome = match place {
            Ok(None) if root.name == search::ROOT => search::run(caller, reader, &root).await,
            Ok(None) if root.name == "__typename" => Ok((b"\"Query\"".to_vec(), Vec::new())),
            Ok(None) => continue,
            Err(error) => Err(error),
            Ok(Some(place)) => {
                let answer = answers.get_mut(place).and_then(Option::take);
                let answer = answer.unwrap_or_else(|| Err(ApiError::internal("a read gave no answer")));
                answer.and_then(|answer| {
                    if ones[place] && answer.output.records == 0 {
                        return Err(records::not_found(&objects[place]));
                    }
                    Ok((answer.output.json, answer.planned.warnings.clone()))
                })
            }
        };
        // Nothing may stand in the place of a search, so that nothing is left of the data without it.
        let is_required = root.name == search::ROOT;
        answered.push(RootAnswer { is_required, ..RootAnswer::new(root.key, outcome) });
    }
    answered
}

fn read_request<'d>(
    reader: &mut SelectionReader<'_, 'd>,
    field: &RootField,
    root: &Root<'d>,
) -> ApiResult<ReadRequest> {
    let mut values = Values::default();
    let mut arguments = Arguments::new(root.name, root.arguments.clone());
    let scope = match field.operation {
        RootOperation::FindOne => Scope::One(Some(arguments.required_filter(&mut values)?)),
        RootOperation::GroupBy => Scope::Groups(Box::new(grouping(&mut arguments, &mut values)?)),
        RootOperation::FindDuplicates => Scope::Duplicates(arguments.probes(&mut values)?),
        _ => Scope::Page(root_listing(&mut arguments, &mut values)?),
    };
    arguments.finish()?;
    let selection = reader.below(root, &mut values)?;
    let answer = match scope {
        Scope::One(_) => Answer::Records(Selection::Fields(selection)),
        Scope::Groups(_) => Answer::Groups(GroupAnswer::Connection(selection)),
        _ => Answer::Connection(selection),
    };
    Ok(ReadRequest { read: Read { object: field.object.clone(), scope, answer }, values })
}

/// What all root fields of a mutation share.
struct Mutation<'c> {
    caller: &'c Caller,
    entry: Option<Entry>,
    max_batch: usize,
}

/// Runs the root fields of a mutation one after the other, each in a transaction of its own.
async fn mutate<'d>(
    context: &Mutation<'_>,
    snapshot: &ModelSnapshot,
    reader: &mut SelectionReader<'_, 'd>,
    roots: Vec<Root<'d>>,
) -> Vec<RootAnswer> {
    let mut answers = Vec::with_capacity(roots.len());
    for (place, root) in roots.into_iter().enumerate() {
        let Some(field) = snapshot.roots().get(root.name) else {
            if root.name == "__typename" {
                answers.push(RootAnswer::new(root.key, Ok((b"\"Mutation\"".to_vec(), Vec::new()))));
            }
            continue;
        };
        let entry = context.entry.as_ref().map(|entry| entry.at(place));
        let guard = Guard { entry, ..Guard::default() };
        let answer = mutate_field(context, &guard, reader, field, &root).await;
        let is_replayed = answer.as_ref().ok().map(|answer| answer.is_replayed);
        let outcome = answer.map(|answer| (answer.output.json, answer.planned.warnings.clone()));
        answers.push(RootAnswer { is_replayed, ..RootAnswer::new(root.key, outcome) });
    }
    answers
}

async fn mutate_field<'d>(
    context: &Mutation<'_>,
    guard: &Guard,
    reader: &mut SelectionReader<'_, 'd>,
    field: &RootField,
    root: &Root<'d>,
) -> ApiResult<WriteAnswer> {
    let mut values = Values::default();
    let mut arguments = Arguments::new(root.name, root.arguments.clone());
    let change = read_change(&mut arguments, field.operation, context.max_batch)?;
    arguments.finish()?;
    let selection = reader.below(root, &mut values)?;
    let kind = match &change {
        Change::Create { .. } | Change::Update(..) => WriteKind::Update,
        Change::Delete(_) | Change::Restore(_) => WriteKind::SoftDelete,
        Change::Destroy(_) => WriteKind::Destroy,
        Change::Merge(_) => WriteKind::Merge,
    };
    let write =
        Write { object: field.object.clone(), change, selection: Selection::Fields(selection), values };
    let mut answer = records::write(&context.caller.writer(kind)?, write, guard).await?;
    if field.operation == RootOperation::MutateOne(Verb::Create) {
        // One record is a batch of one; its answer is the list without its brackets.
        let json = &mut answer.output.json;
        *json = json.get(1..json.len() - 1).unwrap_or_default().to_vec();
    }
    Ok(answer)
}

fn read_change(
    arguments: &mut Arguments<'_>,
    operation: RootOperation,
    max_batch: usize,
) -> ApiResult<Change> {
    let (verb, is_one) = match operation {
        RootOperation::MutateOne(verb) => (verb, true),
        RootOperation::MutateMany(verb) => (verb, false),
        RootOperation::Merge => return Ok(Change::Merge(arguments.merge()?)),
        RootOperation::FindOne
        | RootOperation::FindMany
        | RootOperation::GroupBy
        | RootOperation::FindDuplicates => {
            return Err(ApiError::internal("a query is no change"));
        }
    };
    if verb == Verb::Create {
        let upsert = arguments.flag("upsert")?;
        let records = if is_one { vec![arguments.record()?] } else { arguments.records()? };
        if max_batch < records.len() {
            let message = format!("one request may create {max_batch} records, not {}", records.len());
            return Err(ApiError::new(ErrorCode::BatchTooLarge, message));
        }
        return Ok(Change::Create { records, upsert });
    }
    let target = if is_one { Target::One(arguments.id()?) } else { matching(arguments)? };
    Ok(match verb {
        Verb::Delete => Change::Delete(target),
        Verb::Destroy => Change::Destroy(target),
        Verb::Restore => Change::Restore(target),
        Verb::Update | Verb::Create => Change::Update(target, arguments.record()?),
    })
}

/// A filter must be there; `{}` means all records (`graphql-core.md` 5.6).
fn matching(arguments: &mut Arguments<'_>) -> ApiResult<Target> {
    let mut values = Values::default();
    match arguments.filter(&mut values)? {
        Some(filter) => Ok(Target::Matching(Some(filter), values)),
        None => Err(ApiError::new(ErrorCode::FilterRequired, "a filter is mandatory; {} means all records")),
    }
}

const DATA: &[u8] = b"{\"data\":";

/// `{"data":{…},"errors":[…],"extensions":{"warnings":[…]}}`
fn response(answers: Vec<RootAnswer>, introspected: &str) -> Vec<u8> {
    let size = answers.iter().map(|answer| answer.json.len() + answer.key.len() + 4).sum::<usize>();
    let mut body = Vec::with_capacity(size + introspected.len() + 64);
    body.extend_from_slice(DATA);
    body.push(b'{');
    body.extend_from_slice(introspected.as_bytes());
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let mut is_first = introspected.is_empty();
    let is_null = answers.iter().any(|answer| answer.is_required && answer.error.is_some());
    for answer in answers {
        if !is_first {
            body.push(b',');
        }
        is_first = false;
        // Names of GraphQL need no escaping.
        body.push(b'"');
        body.extend_from_slice(answer.key.as_bytes());
        body.extend_from_slice(b"\":");
        body.extend_from_slice(&answer.json);
        errors.extend(answer.error.map(ApiError::graphql_item));
        warnings.extend(answer.warnings);
    }
    body.push(b'}');
    if is_null {
        body.truncate(DATA.len());
        body.extend_from_slice(b"null");
    }
    if !errors.is_empty() {
        body.extend_from_slice(b",\"errors\":");
        body.extend_from_slice(Json::Array(errors).to_string().as_bytes());
    }
    if !warnings.is_empty() {
        body.extend_from_slice(b",\"extensions\":");
        body.extend_from_slice(json!({"warnings": warnings}).to_string().as_bytes());
    }
    body.push(b'}');
    body
}
